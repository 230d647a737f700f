package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/courier"
)

type messageView struct {
	ID     string     `json:"id" format:"uuid"`
	Kind   string     `json:"kind" doc:"关于什么，如 appeal"`
	Object string     `json:"object" format:"uuid" doc:"关于哪一件"`
	Text   string     `json:"text"`
	At     time.Time  `json:"at"`
	ReadAt *time.Time `json:"read_at,omitempty" doc:"没读过没有这一项"`
}

func viewMessage(m courier.Message) messageView {
	return messageView{m.ID, m.Kind, m.Object, m.Text, m.CreatedAt, m.ReadAt}
}

type messagesIn struct{ Paging }

func (s *Server) listMessages(ctx context.Context, in *messagesIn) (*reply[list[messageView]], error) {
	find := func(after string, limit int) ([]courier.Message, error) {
		return s.Inbox.Messages(ctx, access.From(ctx), after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(m courier.Message) string { return m.ID }, viewMessage)
}

type messageIn struct {
	ID ID `path:"id"`
}

func (s *Server) markRead(ctx context.Context, in *messageIn) (*reply[messageView], error) {
	return answer(ctx, viewMessage, func(ctx context.Context) (courier.Message, error) {
		return s.Inbox.MarkRead(ctx, access.From(ctx), string(in.ID))
	})
}
