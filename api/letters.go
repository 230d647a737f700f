package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/store"
)

// letterView is a letter of the outbox that could not be delivered: what it is about, and why in a word. What it says is told to nobody.
type letterView struct {
	ID        string    `json:"id" format:"uuid"`
	Topic     string    `json:"topic" doc:"什么事，如 case_handover.tell 是向县级平台报送"`
	Kind      string    `json:"kind"`
	Object    string    `json:"object" doc:"哪一件"`
	Area      string    `json:"area" doc:"哪个村；不分村的为空"`
	Status    string    `json:"status" enum:"waiting,stuck,done" doc:"stuck 卡住了要人处理，waiting 正在投递"`
	Attempts  int       `json:"attempts" doc:"试过几次"`
	Why       string    `json:"why" doc:"最近一次为什么没有送到"`
	CreatedAt time.Time `json:"created_at"`
}

func viewLetter(l store.Letter) letterView {
	return letterView{l.ID, l.Topic, l.Kind, l.Object, l.Area, l.Status, l.Attempts, l.LastError, l.CreatedAt}
}

func (s *Server) listLetters(ctx context.Context, in *struct{ Paging }) (*reply[list[letterView]], error) {
	find := func(after string, limit int) ([]store.Letter, error) {
		return s.Letters.Stuck(ctx, access.From(ctx), after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(l store.Letter) string { return l.ID }, viewLetter)
}

type letterIn struct {
	ID ID `path:"id"`
}

func (s *Server) releaseLetter(ctx context.Context, in *letterIn) (*reply[letterView], error) {
	return answer(ctx, viewLetter, func(ctx context.Context) (store.Letter, error) {
		return s.Letters.Release(ctx, access.From(ctx), string(in.ID))
	})
}
