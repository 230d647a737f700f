package api

import (
	"context"
	"time"

	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

type trackIn struct {
	Body struct {
		Number    string `json:"number" maxLength:"40" doc:"BJ（办件）或 SQ（诉求）开头的编号，空格和横线不要紧"`
		QueryCode string `json:"query_code" maxLength:"20" doc:"六位查询码"`
	}
}

// trackView is how a thing stands, for whoever holds the slip. It holds no personal data.
type trackView struct {
	Kind        string          `json:"kind" enum:"case,appeal"`
	Number      string          `json:"number"`
	Status      flow.State      `json:"status"`
	StatusText  string          `json:"status_text"`
	DueOn       clock.Date      `json:"due_on,omitzero" doc:"办件受理以后才有；按批次办的没有"`
	DueAt       *time.Time      `json:"due_at,omitempty" doc:"按小时计的才有"`
	CorrectOn   clock.Date      `json:"correct_on,omitzero" doc:"补正的最后一天；等您补正、事项又有规定才有"`
	Provisional bool            `json:"due_provisional" doc:"现在算的那个日期是暂定的：那一年的放假安排未公布，日期可能变"`
	Light       workday.Light   `json:"light" enum:"green,amber,red"`
	History     []milestoneView `json:"history"`
}

type milestoneView struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

func (s *Server) track(ctx context.Context, in *trackIn) (*reply[trackView], error) {
	letters, _ := store.NumberKind(in.Body.Number)
	if letters == "GZ" {
		return nil, fault.Wrong("body.number", "这是告知单的编号，请扫告知单上的二维码查看")
	}
	if err := s.Numbered(ctx, in.Body.Number); err != nil {
		return nil, err
	}
	kind, track := "appeal", s.Appeals.Track
	if letters == casework.Letters {
		kind, track = "case", s.Cases.Track
	}
	t, err := track(ctx, addressOf(ctx), in.Body.Number, in.Body.QueryCode)
	if err != nil {
		return nil, err
	}
	return show(trackView{
		Kind: kind, Number: t.Number, Status: t.Status, StatusText: t.StatusText, DueOn: t.DueOn, DueAt: t.DueAt, CorrectOn: t.CorrectOn, Provisional: t.Provisional, Light: t.Light,
		History: views(t.History, func(m docket.Milestone) milestoneView { return milestoneView(m) }),
	}), nil
}
