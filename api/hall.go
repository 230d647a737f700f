package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/deputy"
	"tongban/internal/flow"
	"tongban/internal/queue"
)

// queueView is a work list of the reader's role, and how many wait in it.
type queueView struct {
	Queue string `json:"queue" doc:"列表接口的 queue 参数"`
	Title string `json:"title"`
	Count int64  `json:"count"`
}

type queuesOut struct {
	Items []queueView `json:"items"`
}

func viewQueues(list []queue.Count) queuesOut {
	return queuesOut{views(list, func(c queue.Count) queueView { return queueView{c.Queue, c.Title, c.N} })}
}

func (s *Server) listCaseQueues(ctx context.Context, _ *struct{}) (*reply[queuesOut], error) {
	list, err := s.Cases.Queues(ctx, access.From(ctx))
	if err != nil {
		return nil, err
	}
	return show(viewQueues(list)), nil
}

func (s *Server) listAppealQueues(ctx context.Context, _ *struct{}) (*reply[queuesOut], error) {
	list, err := s.Appeals.Queues(ctx, access.From(ctx))
	if err != nil {
		return nil, err
	}
	return show(viewQueues(list)), nil
}

// holderView is the colleague who has a case in hand.
type holderView struct {
	ID    string    `json:"id" format:"uuid"`
	Name  string    `json:"name"`
	Since time.Time `json:"since"`
	Mine  bool      `json:"mine" doc:"就是您自己"`
}

// completenessView is how complete the papers of a case are.
type completenessView struct {
	Complete  bool       `json:"complete" doc:"没有缺的，也没有容缺后补的"`
	Required  int        `json:"required" doc:"要几份（可交可不交的不算）：下面四项的和"`
	Present   int        `json:"present" doc:"已交"`
	Missing   int        `json:"missing" doc:"没交"`
	Deferred  int        `json:"deferred" doc:"容缺后补"`
	LookedUp  int        `json:"looked_up" doc:"县里查"`
	RecheckOn clock.Date `json:"recheck_on,omitzero" doc:"最早要在哪天再看；没有要等的就没有"`
	Recheck   string     `json:"recheck,omitempty" enum:"correction,procedure,deferred,expiry" doc:"为什么：补正到期、特别程序预计结束、容缺后补的材料到办理期限、复用的材料到期"`
}

func viewHolder(h *casework.Holder) *holderView {
	if h == nil {
		return nil
	}
	return &holderView{h.ID, h.Name, h.Since, h.Mine}
}

func viewCompleteness(c casework.Completeness) completenessView {
	return completenessView{c.Complete(), c.Required, c.Present, c.Missing, c.Deferred, c.LookedUp, c.RecheckOn, c.Recheck}
}

type releaseBody struct {
	Version int    `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	Reason  string `json:"reason,omitempty" maxLength:"40" doc:"原因代码；督办员必填"`
}

func released(b *releaseBody) casework.Releasing { return casework.Releasing(*orZero(b)) }

type nextBody struct {
	Queue string `json:"queue,omitempty" enum:"to_receive,to_accept,to_file,to_review,to_decide,instant" doc:"从哪个工作列表取；不写就是待受理、待审查或待决定"`
	Item  ID     `json:"item,omitempty" doc:"只取这个事项的"`
}

type nextIn struct{ Body *nextBody }

func (s *Server) nextCase(ctx context.Context, in *nextIn) (*reply[CaseView], error) {
	b := orZero(in.Body)
	asked := casework.Nexting{Queue: b.Queue, Item: string(b.Item)}
	return answer(ctx, viewCase, func(ctx context.Context) (casework.Seen, error) {
		return s.Cases.Next(ctx, access.From(ctx), asked)
	})
}

type chosenCaseBody struct {
	ID      ID  `json:"id"`
	Version int `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
}

type grantInstantBody struct {
	Cases []chosenCaseBody `json:"cases" minItems:"1" maxItems:"50" doc:"即办件，已收件的"`
	Text  string           `json:"text,omitempty" maxLength:"16000" doc:"告诉申请人的话，每件都一样"`
}

type grantInstantIn struct{ Body grantInstantBody }

// decidedLineView is what became of one case of a call on many.
type decidedLineView struct {
	ID      string     `json:"id" format:"uuid"`
	Outcome string     `json:"outcome" enum:"done,conflict,refused" doc:"办成；状态已变；不能办"`
	Code    string     `json:"code" doc:"没办成的错误代码"`
	Message string     `json:"message" doc:"没办成的原因"`
	Status  flow.State `json:"status" doc:"现在的状态；看不到的为空"`
	Version int        `json:"version"`
}

type decidedOut struct {
	Items []decidedLineView `json:"items" doc:"一件一条，次序和请求里一样"`
}

func (s *Server) grantInstant(ctx context.Context, in *grantInstantIn) (*reply[decidedOut], error) {
	asked := casework.InstantGranting{Text: in.Body.Text}
	for _, c := range in.Body.Cases {
		asked.Cases = append(asked.Cases, casework.Chosen{ID: string(c.ID), Version: c.Version})
	}
	view := func(lines []casework.BulkLine) decidedOut {
		return decidedOut{views(lines, func(l casework.BulkLine) decidedLineView { return decidedLineView(l) })}
	}
	return answer(ctx, view, func(ctx context.Context) ([]casework.BulkLine, error) {
		return s.Cases.GrantInstant(ctx, access.From(ctx), asked)
	})
}

// deputyView is who stands in for whom, to both of them and their supervisor.
type deputyView struct {
	ID         string      `json:"id" format:"uuid"`
	Person     string      `json:"person" format:"uuid" doc:"被替的人"`
	PersonName string      `json:"person_name"`
	Deputy     string      `json:"deputy" format:"uuid" doc:"替班的人"`
	DeputyName string      `json:"deputy_name"`
	Office     string      `json:"office" format:"uuid"`
	Role       access.Role `json:"role"`
	FirstOn    clock.Date  `json:"first_on"`
	LastOn     clock.Date  `json:"last_on"`
	NamedAt    time.Time   `json:"named_at"`
	EndedAt    *time.Time  `json:"ended_at,omitempty" doc:"提前结束的才有"`
	Now        bool        `json:"now" doc:"今天在替"`
}

func (v deputyView) location() string { return "/deputies/" + v.ID }

func viewDeputy(d deputy.Seen) deputyView {
	return deputyView{
		d.ID, d.Person, d.PersonName, d.Deputy.Deputy, d.DeputyName, d.Office, d.Role, d.FirstOn, d.LastOn, d.NamedAt, d.EndedAt, d.Now,
	}
}

type deputyBody struct {
	Deputy  ID         `json:"deputy" doc:"哪位同事，见 /deputies/colleagues"`
	FirstOn clock.Date `json:"first_on" doc:"第一天"`
	LastOn  clock.Date `json:"last_on" doc:"最后一天"`
}

type deputyIn struct{ Body deputyBody }

func (s *Server) nameDeputy(ctx context.Context, in *deputyIn) (*made[deputyView], error) {
	b := in.Body
	return created(ctx, viewDeputy, func(ctx context.Context) (deputy.Seen, error) {
		return s.Deputies.Name(ctx, access.From(ctx), deputy.Naming{Deputy: string(b.Deputy), FirstOn: b.FirstOn, LastOn: b.LastOn})
	})
}

func (s *Server) listDeputies(ctx context.Context, in *struct{ Paging }) (*reply[list[deputyView]], error) {
	find := func(after string, limit int) ([]deputy.Seen, error) {
		return s.Deputies.List(ctx, access.From(ctx), after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(d deputy.Seen) string { return d.ID }, viewDeputy)
}

type colleagueView struct {
	Person string `json:"person" format:"uuid"`
	Name   string `json:"name"`
	Title  string `json:"title" doc:"岗位名称"`
}

type colleaguesOut struct {
	Items []colleagueView `json:"items"`
}

func (s *Server) listColleagues(ctx context.Context, _ *struct{}) (*reply[colleaguesOut], error) {
	all, err := s.Deputies.Colleagues(ctx, access.From(ctx))
	if err != nil {
		return nil, err
	}
	return show(colleaguesOut{views(all, func(c deputy.Colleague) colleagueView { return colleagueView(c) })}), nil
}

type endDeputyIn struct {
	ID ID `path:"id"`
}

func (s *Server) endDeputy(ctx context.Context, in *endDeputyIn) (*reply[deputyView], error) {
	return answer(ctx, viewDeputy, func(ctx context.Context) (deputy.Seen, error) {
		return s.Deputies.End(ctx, access.From(ctx), string(in.ID))
	})
}
