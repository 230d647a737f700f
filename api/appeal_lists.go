package api

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/flow"
	"tongban/internal/workday"
)

type appealsIn struct {
	Paging
	Status []flow.State  `query:"status" maxItems:"20" doc:"几个状态用逗号隔开"`
	Class  appeal.Class  `query:"class" enum:"consult,help,complaint,report,suggestion"`
	Light  workday.Light `query:"light" enum:"green,amber,red" doc:"绿、黄、红"`
	Mine   bool          `query:"mine" doc:"承办人：我承办的；村办事员：我代交的"`
	Queue  string        `query:"queue" enum:"to_accept,to_dispatch,send_backs,unowned,shelved,to_follow_up,following_up,to_acknowledge,in_hand,due_today,red" doc:"工作列表：待受理、待派单、退单、没有人在办、挂账、待回访、回访中、待签收、在办、今天到期、已经超期；各角色有哪些见 /appeals/queues"`
}

func (s *Server) listAppeals(ctx context.Context, in *appealsIn) (*reply[list[appealView]], error) {
	find := func(after string, limit int) ([]appeal.Seen, error) {
		return s.Appeals.List(ctx, access.From(ctx), appeal.Filter{
			Status: in.Status, Class: in.Class, Light: in.Light, Mine: in.Mine, Queue: in.Queue, After: after, Limit: limit,
		})
	}
	return paged(ctx, s, in.Paging, find, func(a appeal.Seen) string { return a.ID }, viewAppeal)
}

// countView is how many appeals, or cases, of one state the reader sees.
type countView struct {
	Status flow.State `json:"status"`
	Text   string     `json:"text"`
	Count  int        `json:"count"`
}

type countsOut struct {
	Items []countView `json:"items"`
}

func (s *Server) countAppeals(ctx context.Context, _ *struct{}) (*reply[countsOut], error) {
	counts, err := s.Appeals.Counts(ctx, access.From(ctx))
	if err != nil {
		return nil, err
	}
	out := countsOut{Items: make([]countView, 0, len(counts))}
	for _, state := range appeal.Flow.Open() {
		out.Items = append(out.Items, countView{state, appeal.Flow.Text(state), counts[state]})
	}
	return show(out), nil
}

// wordsView are the coded reasons that acts on appeals ask for, with their Chinese text.
type wordsView struct {
	Channels        []wordView `json:"channels" doc:"告知渠道 divert.channel"`
	DeclineReasons  []wordView `json:"decline_reasons" doc:"不予受理 decline.reason"`
	SendBackReasons []wordView `json:"send_back_reasons" doc:"退单 ask-send-back.reason"`
	ContactWays     []wordView `json:"contact_ways" doc:"首次联系 contact.how"`
	AttemptResults  []wordView `json:"attempt_results" doc:"回访 attempt.result"`
}

type wordView struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

func (s *Server) listWords(context.Context, *struct{}) (*reply[wordsView], error) {
	word := func(w appeal.Word) wordView { return wordView(w) }
	return show(wordsView{
		views(appeal.Channels, word), views(appeal.DeclineReasons, word), views(appeal.SendBackReasons, word),
		views(appeal.ContactWays, word), views(appeal.AttemptResults, word),
	}), nil
}

type revealIn struct {
	ID   ID `path:"id"`
	Body struct {
		Reason string `json:"reason" maxLength:"1600" doc:"为什么要看，会留痕"`
	}
}

// reachView is a petitioner's name and phone in full: the one answer that holds them, and each look leaves a trail.
type reachView struct {
	Name  string `json:"name"`
	Phone string `json:"phone" doc:"没有电话为空"`
}

func (s *Server) revealContact(ctx context.Context, in *revealIn) (*reply[reachView], error) {
	reach, err := s.Appeals.RevealContact(ctx, access.From(ctx), string(in.ID), in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return show(reachView(reach)), nil
}
