package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/flow"
	"tongban/internal/rating"
	"tongban/internal/workday"
)

// RedressView is what is done about a poor rating. It does not say who rated.
type RedressView struct {
	ID          string        `json:"id" format:"uuid" doc:"和评价的编号相同"`
	Kind        string        `json:"kind" enum:"appeal,case" doc:"评价的是诉求还是办件"`
	Object      string        `json:"object" format:"uuid" doc:"哪件诉求或办件"`
	Number      string        `json:"number" doc:"诉求或办件的编号"`
	Village     access.Area   `json:"village"`
	Office      string        `json:"office" doc:"被评价的单位；没有为空"`
	Level       int           `json:"level" doc:"4 不满意、5 非常不满意；第一次评价不差、追评差的，是追评的"`
	Status      flow.State    `json:"status"`
	StatusText  string        `json:"status_text"`
	Version     int           `json:"version"`
	Finding     string        `json:"finding" doc:"核实结果；还没有核实、退回重新核实的为空"`
	DueOn       clock.Date    `json:"due_on,omitzero" doc:"这一步的最后一天"`
	Provisional bool          `json:"due_provisional" doc:"来年放假安排未公布，日期可能变"`
	Light       workday.Light `json:"light" enum:"green,amber,red"`
	CreatedAt   time.Time     `json:"created_at"`
	ContactedAt *time.Time    `json:"contacted_at,omitempty" doc:"回访"`
	CorrectedAt *time.Time    `json:"corrected_at,omitempty" doc:"整改完成"`
	AnsweredAt  *time.Time    `json:"answered_at,omitempty" doc:"答复"`
	ReopenedAt  *time.Time    `json:"reopened_at,omitempty" doc:"第一次退回；从这时起重新办的一起计时，再退回不重新计"`
	ClosedAt    *time.Time    `json:"closed_at,omitempty" doc:"结案"`
	Offers      []flow.Offer  `json:"offers" doc:"您现在能办的；评价的事是您经办的，看单件时为空；整改您经手过的，看单件时没有复核"`

	Addition *additionView `json:"addition,omitempty" doc:"追评；没有追评没有这一项，列表里没有话"`

	Text    string                 `json:"text" doc:"评价人第一次评价时说的话；列表里为空"`
	History []redressHappeningView `json:"history" doc:"列表里为空"`
}

type redressHappeningView struct {
	At    time.Time   `json:"at"`
	Act   flow.Act    `json:"act"`
	Text  string      `json:"text"`
	From  flow.State  `json:"from"`
	To    flow.State  `json:"to"`
	Role  access.Role `json:"role"`
	Actor string      `json:"actor"`
	Words string      `json:"words" doc:"当时写的话"`
	Code  string      `json:"code" doc:"怎么回访的"`
}

func viewRedress(r rating.RedressSeen) RedressView {
	return RedressView{
		ID: r.ID, Kind: r.Kind, Object: r.Object, Number: r.Number, Village: r.Village, Office: r.Office, Level: int(r.Level), Status: r.Status, StatusText: r.StatusText,
		Version: r.Version, Finding: r.Finding, DueOn: r.DueOn, Provisional: r.Provisional, Light: r.Light, CreatedAt: r.CreatedAt, ContactedAt: r.ContactedAt,
		CorrectedAt: r.CorrectedAt, AnsweredAt: r.AnsweredAt, ReopenedAt: r.ReopenedAt, ClosedAt: r.ClosedAt, Offers: r.Offers, Addition: viewAdditionBeside(r.Addition), Text: r.Text,
		History: views(r.History, func(h rating.RedressHappening) redressHappeningView { return redressHappeningView(h) }),
	}
}

type redressesIn struct {
	Paging
	Status []flow.State  `query:"status" maxItems:"5" doc:"几个状态用逗号隔开"`
	Open   bool          `query:"open" doc:"只要没有结案的"`
	Light  workday.Light `query:"light" enum:"green,amber,red"`
}

func (s *Server) listRedresses(ctx context.Context, in *redressesIn) (*reply[list[RedressView]], error) {
	find := func(after string, limit int) ([]rating.RedressSeen, error) {
		return s.Ratings.Redresses(ctx, access.From(ctx), rating.RedressFilter{Status: in.Status, Open: in.Open, Light: in.Light, After: after, Limit: limit})
	}
	return paged(ctx, s, in.Paging, find, func(r rating.RedressSeen) string { return r.ID }, viewRedress)
}

type redressIn struct {
	ID ID `path:"id"`
}

func (s *Server) readRedress(ctx context.Context, in *redressIn) (*reply[RedressView], error) {
	r, err := s.Ratings.GetRedress(ctx, access.From(ctx), string(in.ID))
	if err != nil {
		return nil, err
	}
	return show(viewRedress(r)), nil
}

// redressWordsView are the codes that the call-back asks for.
type redressWordsView struct {
	Contacts []wordView `json:"contacts" doc:"核实 how"`
	Findings []wordView `json:"findings" doc:"核实不属实 finding（true 属实，走核实属实）"`
}

func (s *Server) listRedressWords(context.Context, *struct{}) (*reply[redressWordsView], error) {
	words := func(list []rating.Word) []wordView {
		return views(list, func(w rating.Word) wordView { return wordView(w) })
	}
	return show(redressWordsView{words(rating.Contacts), words(rating.Findings)}), nil
}

// onRedress makes the handler of an act on a redress from the desk's method.
func onRedress[B, T any](do func(context.Context, access.Actor, string, T) (rating.RedressSeen, error), read func(B) T) func(context.Context, *actIn[B]) (*reply[RedressView], error) {
	return func(ctx context.Context, in *actIn[B]) (*reply[RedressView], error) {
		return answer(ctx, viewRedress, func(ctx context.Context) (rating.RedressSeen, error) {
			return do(ctx, access.From(ctx), string(in.ID), read(in.Body))
		})
	}
}

type callBackBody struct {
	Version int    `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	How     string `json:"how" maxLength:"40" doc:"怎么回访的"`
	Text    string `json:"text" maxLength:"16000" doc:"核实到什么"`
}

func calledBack(b callBackBody) rating.CallBack {
	return rating.CallBack{Version: b.Version, How: b.How, Text: b.Text}
}

type otherwiseBody struct {
	Version int    `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	How     string `json:"how" maxLength:"40" doc:"怎么回访的"`
	Finding string `json:"finding" maxLength:"40" doc:"误评、恶意差评、没有事实依据"`
	Text    string `json:"text" maxLength:"16000" doc:"核实到什么"`
}

func foundOtherwise(b otherwiseBody) rating.CallBack { return rating.CallBack(b) }

type redressSaidBody struct {
	Version int    `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	Text    string `json:"text" maxLength:"16000" doc:"整改了什么；答复时是给评价人看的话"`
}

func saidOfRedress(b redressSaidBody) rating.Said { return rating.Said(b) }

func closedRedress(b *sayBody) rating.Said { return rating.Said(*orZero(b)) }
