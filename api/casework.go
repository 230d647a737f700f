package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	"tongban/internal/flow"
	"tongban/internal/workday"
)

// CaseView is a case as its reader may know it. Names and phones are masked; what the reader may not know is empty.
type CaseView struct {
	ID          string                 `json:"id" format:"uuid"`
	Number      string                 `json:"number" doc:"办件编号；草稿没有"`
	Status      flow.State             `json:"status"`
	StatusText  string                 `json:"status_text"`
	Version     int                    `json:"version"`
	ItemID      string                 `json:"item_id" format:"uuid"`
	ItemVersion int                    `json:"item_version" doc:"开办件时的版本，一直不变"`
	ItemName    string                 `json:"item_name"`
	CaseType    catalog.CaseType       `json:"case_type" enum:"instant,committed"`
	Notice      string                 `json:"notice" doc:"凭哪张告知单开的；没有为空"`
	Waiting     string                 `json:"waiting" doc:"最近办同一事项的人等了多久；已经决定的，或者还没有数，为空"`
	Outdated    bool                   `json:"outdated" doc:"事项后来改过；列表里不查"`
	Change      *changeView            `json:"change,omitempty" doc:"草稿的事项后来改过的话，改了什么；没有改就没有"`
	Village     access.Area            `json:"village"`
	Grid        access.Area            `json:"grid"`
	Mine        bool                   `json:"mine"`
	Applicant   *petitionerView        `json:"applicant,omitempty" doc:"列表里没有电话"`
	ByAgent     bool                   `json:"by_agent" doc:"由村办事员代办"`
	FiledBy     *filerView             `json:"filed_by,omitempty" doc:"由哪位村办事员代申请人办理"`
	OnBehalfOf  string                 `json:"on_behalf_of_resident_id" doc:"您替谁办；本人的为空。办每一步都要带上"`
	Helper      *petitionerView        `json:"helper,omitempty" doc:"由哪位亲友代为提交"`
	Office      string                 `json:"office" doc:"办理单位"`
	CountyNo    string                 `json:"county_number" doc:"县级平台的办件编号；还没有就为空"`
	Handing     casework.Handing       `json:"handing_over" doc:"向县级平台报送：waiting 正在送，needs_person 要人工处理，sent 已送到，by_hand 已手工报送，no_need 办件结束了、不再报送；不用报送为空，列表里不查"`
	Window      string                 `json:"window" doc:"收件人，工作人员可见"`
	Reviewer    string                 `json:"reviewer" doc:"审查人，工作人员可见"`
	Decider     string                 `json:"decider" doc:"决定人，工作人员可见"`
	Holder      *holderView            `json:"holder,omitempty" doc:"谁认领了；没有人认领就没有，工作人员可见"`
	Papers      completenessView       `json:"completeness" doc:"材料齐不齐"`
	Permitted   bool                   `json:"correction_permitted" doc:"督办员已同意再次补正，工作人员可见"`
	Corrections int                    `json:"corrections_asked"`
	CorrectOn   clock.Date             `json:"correct_on,omitzero" doc:"补正的最后一天；事项没有规定就没有"`
	NoticeOn    clock.Date             `json:"notice_on,omitzero" doc:"受理或告知补正的最后一天"`
	Legal       dueView                `json:"legal" doc:"法定时限"`
	Promised    dueView                `json:"promised" doc:"承诺时限"`
	DueOn       clock.Date             `json:"due_on,omitzero" doc:"两个时限里早的那个；受理以后才有"`
	Provisional bool                   `json:"due_provisional" doc:"现在算的那个日期（告知、补正、办结或送达的最后一天）是暂定的：那一年的放假安排未公布，日期可能变"`
	DeliverOn   clock.Date             `json:"deliver_on,omitzero" doc:"送达的最后一天；决定以后才有"`
	Light       workday.Light          `json:"light" enum:"green,amber,red"`
	Deemed      bool                   `json:"deemed_accepted" doc:"五个工作日没有告知，视为受理"`
	CreatedAt   time.Time              `json:"created_at"`
	AppliedAt   *time.Time             `json:"applied_at,omitempty" doc:"申请"`
	ReceivedAt  *time.Time             `json:"received_at,omitempty" doc:"收件"`
	AcceptedAt  *time.Time             `json:"accepted_at,omitempty" doc:"受理"`
	DecidedAt   *time.Time             `json:"decided_at,omitempty" doc:"办结"`
	DeliveredAt *time.Time             `json:"delivered_at,omitempty" doc:"送达"`
	ConcludedAt *time.Time             `json:"concluded_at,omitempty"`
	UpdatedAt   time.Time              `json:"updated_at"`
	Answers     map[string][]string    `json:"answers" doc:"情形的回答；列表里为空"`
	Materials   []materialGivenView    `json:"papers" doc:"要的材料和交来的情况；列表里为空"`
	Notices     []correctionNoticeView `json:"corrections" doc:"补正告知书"`
	Periods     []periodView           `json:"periods" doc:"特别程序和延长"`
	Opinions    []opinionView          `json:"opinions" doc:"征求了哪些单位的意见；问的话和答的话只有主办单位和被征求的单位看得到"`
	Decision    *decisionView          `json:"decision,omitempty"`
	Delivery    *deliveryView          `json:"delivery,omitempty"`
	Rating      *ratedView             `json:"rating,omitempty" doc:"本人的评价；没有评价就没有，列表里没有"`
	History     []caseHappeningView    `json:"history"`
	Offers      []flow.Offer           `json:"offers" doc:"您现在能办的"`
}

func (v CaseView) location() string { return "/cases/" + v.ID }

type dueView struct {
	DueOn       clock.Date `json:"due_on,omitzero" doc:"没有时限或还没有受理就没有"`
	DueAt       *time.Time `json:"due_at,omitempty" doc:"按小时计的才有"`
	Provisional bool       `json:"provisional"`
}

type materialGivenView struct {
	Material  string                 `json:"material"`
	Name      string                 `json:"name"`
	Necessity string                 `json:"necessity" enum:"required,optional,deferrable"`
	State     casework.MaterialState `json:"state" enum:"missing,given,deferred,looked_up" doc:"没交、已交、容缺后补、县里查"`
	TakenAs   string                 `json:"taken_as" doc:"原件、复印件或电子件；没交为空"`
	Copies    int                    `json:"copies"`
	ChangedAt *time.Time             `json:"changed_at,omitempty" doc:"最近一次交来的时间"`
	Files     []fileView             `json:"files"`
	Lookup    *lookupView            `json:"lookup,omitempty" doc:"请县里查过的才有：最近一次的结果"`
	Locker    string                 `json:"locker_paper" doc:"用的是材料复用库里的哪一份；不是为空，只有申请人和办事员看得到"`
}

type correctionNoticeView struct {
	Number     int          `json:"number" doc:"第几次"`
	AskedAt    time.Time    `json:"asked_at"`
	AnsweredAt *time.Time   `json:"answered_at,omitempty"`
	Repeated   bool         `json:"repeated" doc:"含有上次就能看出的问题"`
	Defects    []defectView `json:"defects"`
}

type defectView struct {
	ID           string `json:"id" format:"uuid"`
	Material     string `json:"material"`
	MaterialName string `json:"material_name"`
	Reason       string `json:"reason"`
	ReasonText   string `json:"reason_text"`
	Text         string `json:"text" doc:"怎么补"`
	Earlier      bool   `json:"visible_before"`
	Answer       string `json:"answer" doc:"只用话说明的才有"`
}

type periodView struct {
	Kind          string       `json:"kind" enum:"suspension,extension"`
	Procedure     string       `json:"procedure"`
	ProcedureText string       `json:"procedure_text"`
	StartedAt     time.Time    `json:"started_at"`
	EndedAt       *time.Time   `json:"ended_at,omitempty"`
	UntilOn       clock.Date   `json:"until_on,omitzero" doc:"预计到哪一天"`
	Days          int          `json:"days,omitzero"`
	Unit          workday.Unit `json:"unit,omitempty"`
	Approver      string       `json:"approver,omitempty" doc:"延长的批准人"`
}

type decisionView struct {
	Outcome    flow.State `json:"outcome" enum:"granted,denied"`
	Reason     string     `json:"reason"`
	ReasonText string     `json:"reason_text"`
	Text       string     `json:"text"`
	Remedies   string     `json:"remedies" doc:"不服怎么办"`
	DecidedAt  time.Time  `json:"decided_at"`
}

type deliveryView struct {
	Method      string    `json:"method"`
	MethodText  string    `json:"method_text"`
	Relation    string    `json:"relation"`
	Receiver    string    `json:"receiver"`
	Proof       string    `json:"proof"`
	DeliveredAt time.Time `json:"delivered_at"`
}

type caseHappeningView struct {
	At     time.Time      `json:"at"`
	DoneAt *time.Time     `json:"done_at,omitempty" doc:"后来补报的：办的人说是什么时候办的。期限照 at 算"`
	Act    flow.Act       `json:"act"`
	Text   string         `json:"text"`
	From   flow.State     `json:"from"`
	To     flow.State     `json:"to"`
	Role   access.Role    `json:"role"`
	Actor  string         `json:"actor" doc:"工作人员可见"`
	Helped bool           `json:"by_helper" doc:"是代办的亲友做的"`
	Office string         `json:"office"`
	Words  string         `json:"words" doc:"当时写的话"`
	Code   string         `json:"code" doc:"原因代码"`
	Detail caseDetailView `json:"detail"`
	Files  []fileView     `json:"files"`
}

type caseDetailView struct {
	Correction int          `json:"correction,omitzero"`
	Days       int          `json:"days,omitzero"`
	Unit       workday.Unit `json:"unit,omitempty"`
	DueOn      clock.Date   `json:"due_on,omitzero"`
	UntilOn    clock.Date   `json:"until_on,omitzero"`
	Deemed     bool         `json:"deemed,omitzero"`
	For        string       `json:"for,omitempty" doc:"替哪位同事办的（AB岗），工作人员可见"`
	Materials  []string     `json:"materials,omitempty" doc:"补交了的，或者准予时不再等的，是哪几份材料"`
	ToCounty   bool         `json:"to_county,omitzero" doc:"补交的材料不会自动报给县级平台，要另外直接交给县里"`
}

func viewCase(c casework.Seen) CaseView {
	v := CaseView{
		ID: c.ID, Number: c.Number, Status: c.Status, StatusText: c.StatusText, Version: c.Version, ItemID: c.Item, ItemVersion: c.ItemVersion,
		ItemName: c.ItemName, CaseType: c.CaseType, Notice: c.Notice, Waiting: c.Waiting, Outdated: c.Outdated, Change: viewChange(c.Change), Village: c.Village, Grid: c.Grid, Mine: c.Mine,
		ByAgent: c.ByAgent, OnBehalfOf: c.OnBehalfOf, Office: c.Office, CountyNo: c.CountyNo, Handing: c.Handing, Window: c.Window, Reviewer: c.Reviewer, Decider: c.Decider, Holder: viewHolder(c.Holder), Papers: viewCompleteness(c.Papers), Permitted: c.Permitted,
		Corrections: c.Corrections, CorrectOn: c.CorrectOn, NoticeOn: c.NoticeOn, Legal: viewDue(c.Dues.Legal), Promised: viewDue(c.Dues.Promised),
		DueOn: c.DueOn, Provisional: c.Provisional, DeliverOn: c.DeliverOn, Light: c.Light, Deemed: c.Deemed,
		CreatedAt: c.CreatedAt, AppliedAt: c.AppliedAt, ReceivedAt: c.ReceivedAt, AcceptedAt: c.AcceptedAt, DecidedAt: c.DecidedAt,
		DeliveredAt: c.DeliveredAt, ConcludedAt: c.ConcludedAt, UpdatedAt: c.UpdatedAt, Answers: c.Answers,
		Materials: views(c.Materials, viewMaterialGiven), Notices: views(c.Notices, viewCorrectionNotice),
		Periods: views(c.Periods, viewPeriod), Opinions: views(c.Opinions, viewOpinion),
		History: views(c.History, viewCaseHappening), Offers: c.Offers, Applicant: viewApplicant(c.Applicant), Helper: viewApplicant(c.Helper), FiledBy: viewFiler(c.FiledBy),
	}
	if d := c.Decision; d != nil {
		v.Decision = (*decisionView)(d)
	}
	if d := c.Delivery; d != nil {
		v.Delivery = (*deliveryView)(d)
	}
	return v
}

func viewApplicant(a *casework.Applicant) *petitionerView {
	if a == nil {
		return nil
	}
	return &petitionerView{a.ID, a.Name.String(), a.Phone.String()}
}

// filerView is the clerk who files something for somebody.
type filerView struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name"`
}

func viewFiler(f *casework.Filer) *filerView {
	if f == nil {
		return nil
	}
	return &filerView{f.ID, f.Name.String()}
}

func viewDue(d workday.Due) dueView {
	v := dueView{DueOn: d.On, Provisional: d.Provisional}
	if !d.At.IsZero() {
		v.DueAt = &d.At
	}
	return v
}

func viewMaterialGiven(m casework.Material) materialGivenView {
	return materialGivenView{m.ID, m.Name, m.Necessity, m.State, m.TakenAs, m.Copies, m.ChangedAt, viewFiles(m.Files), viewLookup(m.Lookup), m.LockerPaper}
}

func viewCorrectionNotice(n casework.CorrectionNotice) correctionNoticeView {
	return correctionNoticeView{
		n.Number, n.AskedAt, n.AnsweredAt, n.Repeated, views(n.Defects, func(d casework.ToldDefect) defectView { return defectView(d) }),
	}
}

func viewPeriod(p casework.Period) periodView {
	return periodView{p.Kind, p.Code, p.CodeText, p.StartedAt, p.EndedAt, p.UntilOn, p.Days, p.Unit, p.Approver}
}

func viewCaseHappening(h casework.Happening) caseHappeningView {
	return caseHappeningView{
		At: h.At, DoneAt: h.DoneAt, Act: h.Act, Text: h.Text, From: h.From, To: h.To, Role: h.Role, Actor: h.Actor, Helped: h.ByHelper, Office: h.Office,
		Words: h.Words, Code: h.Code, Detail: caseDetailView(h.Detail), Files: viewFiles(h.Files),
	}
}

// paperBody is one paper that came, is to come later, or is taken back.
type paperBody struct {
	Material string                 `json:"material" maxLength:"64" doc:"事项里的材料编号"`
	State    casework.MaterialState `json:"state,omitempty" enum:"given,deferred,missing" doc:"不写就是交来了；deferred 容缺后补；missing 撤回：县里能查的又改回由县里查，草稿里的照片也一起撤掉。提交以后，必交的材料不能撤回"`
	TakenAs  string                 `json:"taken_as,omitempty" enum:"original,copy,electronic" doc:"不写就是原件"`
	Copies   int                    `json:"copies,omitempty" minimum:"0" doc:"不写就是一份"`
	Files    []ID                   `json:"files,omitempty" maxItems:"6" doc:"先上传照片得到的编号：这份材料现在的全部照片，按写的顺序；一页一页传的，前面的页也要再写一遍，没写的就撤掉。不写这一项，照片不变。补正和补交时，以前交的照片保留，不用写，也不占张数"`
}

func papersOf(list []paperBody) []casework.Paper {
	return views(list, func(b paperBody) casework.Paper {
		p := casework.Paper{Material: b.Material, State: b.State, TakenAs: b.TakenAs, Copies: b.Copies}
		if b.Files != nil {
			p.Files = texts(b.Files)
		}
		return p
	})
}

type openCaseIn struct {
	Body struct {
		ItemID    ID          `json:"item_id,omitempty" doc:"办哪个事项；凭告知单的不用写"`
		Notice    string      `json:"notice_code,omitempty" maxLength:"40" doc:"告知单上的码：按单子上的版本和回答开"`
		Answers   answersIn   `json:"answers,omitempty" doc:"情形的回答；凭告知单的，与单子不同才写"`
		Applicant ID          `json:"applicant,omitempty" doc:"村办事员代谁申请"`
		OnBehalf  ID          `json:"on_behalf_of_resident_id,omitempty" doc:"您替哪位亲友申请；要先有代办关系"`
		Papers    []paperBody `json:"papers,omitempty" maxItems:"60"`
	}
}

func caseOpened(in *openCaseIn) casework.Opening {
	b := in.Body
	opening := casework.Opening{
		Item: string(b.ItemID), Notice: b.Notice, Applicant: string(b.Applicant), OnBehalf: string(b.OnBehalf), Papers: papersOf(b.Papers),
	}
	if b.Answers != nil {
		opening.Answers = b.Answers.chosen()
	}
	return opening
}

func (s *Server) openCase(ctx context.Context, in *openCaseIn) (*made[CaseView], error) {
	return created(ctx, viewCase, func(ctx context.Context) (casework.Seen, error) {
		return s.Cases.Open(ctx, access.From(ctx), caseOpened(in))
	})
}

type caseIn struct {
	ID ID `path:"id"`
}

func (s *Server) readCase(ctx context.Context, in *caseIn) (*reply[CaseView], error) {
	actor := access.From(ctx)
	c, err := s.Cases.Get(ctx, actor, string(in.ID))
	if err != nil {
		return nil, err
	}
	v := viewCase(c)
	if c.DecidedAt == nil { // nobody can have rated it, and an office that is asked for its opinion has no business with ratings
		return show(v), nil
	}
	given, err := s.Ratings.OfCase(ctx, actor, c.ID)
	if err != nil {
		return nil, err
	}
	v.Rating = viewRated(given)
	return show(v), nil
}

// submittedView also tells the query code, this once.
type submittedView struct {
	CaseView
	QueryCode string `json:"query_code" doc:"只告诉这一次，请记下来"`
}

func viewSubmitted(r casework.Receipt) submittedView {
	return submittedView{viewCase(r.Case), r.QueryCode}
}

type submitCaseBody struct {
	Version  int         `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	Papers   []paperBody `json:"papers,omitempty" maxItems:"60" doc:"先前没有登记的材料"`
	OnBehalf ID          `json:"on_behalf_of_resident_id,omitempty" doc:"您替哪位亲友办；本人办不填"`
}

func caseSubmitted(b *submitCaseBody) casework.Submission {
	b = orZero(b)
	return casework.Submission{Version: b.Version, Papers: papersOf(b.Papers), OnBehalf: string(b.OnBehalf)}
}

func (s *Server) submitCase(ctx context.Context, in *actIn[*submitCaseBody]) (*reply[submittedView], error) {
	return answer(ctx, viewSubmitted, func(ctx context.Context) (casework.Receipt, error) {
		return s.Cases.Submit(ctx, access.From(ctx), string(in.ID), caseSubmitted(in.Body))
	})
}
