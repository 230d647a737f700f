package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/flow"
)

// opinionView is a question to another office, and its answer. What the reader may not know is empty.
type opinionView struct {
	ID           string     `json:"id" format:"uuid"`
	Case         string     `json:"case" format:"uuid" doc:"哪件办件；被征求的单位在提意见以前看得到"`
	Number       string     `json:"number" doc:"办件编号"`
	ItemName     string     `json:"item_name"`
	LeadOffice   string     `json:"lead_office" format:"uuid" doc:"主办单位"`
	Office       string     `json:"office" format:"uuid" doc:"被征求的单位"`
	OfficeName   string     `json:"office_name"`
	Status       flow.State `json:"status" enum:"asked,given,withdrawn,missing,over" doc:"等意见、已提意见、已撤回、到期没有提意见（不当作同意）、办件已结束"`
	StatusText   string     `json:"status_text"`
	DueOn        clock.Date `json:"due_on" doc:"提意见的最后一天"`
	AskedAt      time.Time  `json:"asked_at"`
	EndedAt      *time.Time `json:"ended_at,omitempty" doc:"提了意见、撤回或者结束的时间"`
	Question     string     `json:"question" doc:"问的话"`
	AskedBy      string     `json:"asked_by"`
	Reminders    int        `json:"reminders" doc:"催了几次"`
	RemindedAt   *time.Time `json:"reminded_at,omitempty"`
	Position     string     `json:"position" doc:"意见代码：agree 同意，disagree 不同意，not_ours 不属于本单位职责；没有提为空"`
	PositionText string     `json:"position_text"`
	Text         string     `json:"text" doc:"意见的理由"`
	GivenBy      string     `json:"given_by"`
	Offered      bool       `json:"can_give" doc:"您现在可以提意见"`
}

func viewOpinion(o casework.Opinion) opinionView { return opinionView(o) }

type askOpinionsBody struct {
	Version  int        `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	Offices  []ID       `json:"offices" minItems:"1" maxItems:"10" doc:"本县哪些单位"`
	Question string     `json:"question" maxLength:"16000" doc:"问什么；申请人看不到"`
	DueOn    clock.Date `json:"due_on" doc:"提意见的最后一天，在办理期限以内"`
}

func askedOffices(b askOpinionsBody) casework.Asking {
	return casework.Asking{Version: b.Version, Offices: texts(b.Offices), Question: b.Question, DueOn: b.DueOn}
}

type questionedBody struct {
	Version int `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	Opinion ID  `json:"opinion" doc:"哪个征求意见"`
}

func questioned(b questionedBody) casework.Questioned {
	return casework.Questioned{Version: b.Version, Opinion: string(b.Opinion)}
}

type opinionsIn struct {
	Paging
	Queue string `query:"queue" enum:"to_give,due_today,red,reminded" doc:"工作列表：等本单位提意见的、今天到期的、已经过期的、催办过的；不写就是全部"`
}

func (s *Server) listOpinions(ctx context.Context, in *opinionsIn) (*reply[list[opinionView]], error) {
	find := func(after string, limit int) ([]casework.Opinion, error) {
		return s.Cases.Opinions(ctx, access.From(ctx), casework.OpinionFilter{Queue: in.Queue, After: after, Limit: limit})
	}
	return paged(ctx, s, in.Paging, find, func(o casework.Opinion) string { return o.ID }, viewOpinion)
}

func (s *Server) listOpinionQueues(ctx context.Context, _ *struct{}) (*reply[queuesOut], error) {
	list, err := s.Cases.OpinionQueues(ctx, access.From(ctx))
	if err != nil {
		return nil, err
	}
	return show(viewQueues(list)), nil
}

type opinionIn struct {
	ID ID `path:"id"`
}

func (s *Server) readOpinion(ctx context.Context, in *opinionIn) (*reply[opinionView], error) {
	o, err := s.Cases.GetOpinion(ctx, access.From(ctx), string(in.ID))
	if err != nil {
		return nil, err
	}
	return show(viewOpinion(o)), nil
}

type giveOpinionBody struct {
	Position string `json:"position" enum:"agree,disagree,not_ours" doc:"同意、不同意、不属于本单位职责"`
	Text     string `json:"text,omitempty" maxLength:"16000" doc:"理由；同意的可以不写"`
}

func (s *Server) giveOpinion(ctx context.Context, in *actIn[giveOpinionBody]) (*reply[opinionView], error) {
	return answer(ctx, viewOpinion, func(ctx context.Context) (casework.Opinion, error) {
		return s.Cases.GiveOpinion(ctx, access.From(ctx), string(in.ID), casework.Giving{Position: in.Body.Position, Text: in.Body.Text})
	})
}
