package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/clock"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/workday"
)

// appealView is an appeal as its reader may know it. Names and phones are masked; what the reader may not know is empty.
type appealView struct {
	ID           string          `json:"id" format:"uuid"`
	Number       string          `json:"number"`
	Status       flow.State      `json:"status"`
	StatusText   string          `json:"status_text"`
	Version      int             `json:"version"`
	Class        appeal.Class    `json:"class" enum:"consult,help,complaint,report,suggestion"`
	Category     string          `json:"category"`
	Urgency      appeal.Urgency  `json:"urgency" enum:"normal,urgent,critical"`
	Text         string          `json:"text"`
	Place        string          `json:"place"`
	Village      access.Area     `json:"village"`
	Grid         access.Area     `json:"grid"`
	Identity     appeal.Identity `json:"identity" enum:"public,to_handler,dispatcher_only,none"`
	Mine         bool            `json:"mine"`
	Petitioner   *petitionerView `json:"petitioner,omitempty" doc:"无权知道时没有这一项"`
	ByAgent      bool            `json:"by_agent" doc:"由村办事员代为提交"`
	OnBehalfOf   string          `json:"on_behalf_of_resident_id" doc:"您替谁办；本人的为空。办每一步都要带上"`
	Helper       *petitionerView `json:"helper,omitempty" doc:"由哪位亲友代为提交；没有或无权知道时没有这一项"`
	Office       string          `json:"office" doc:"主办单位；没派单为空"`
	CoOffices    []string        `json:"co_offices" doc:"协办单位"`
	Owner        string          `json:"owner" doc:"承办人，工作人员可见"`
	AboutOffice  string          `json:"about_office" doc:"被反映的单位"`
	AboutPerson  string          `json:"about_person" doc:"被反映的人"`
	Master       string          `json:"master" doc:"并入了哪件诉求"`
	Previous     string          `json:"previous" doc:"接着哪件办结的诉求再提的"`
	Decided      string          `json:"decided_office" doc:"督办员指定的承办单位"`
	Counts       countsView      `json:"counts"`
	ContactBy    time.Time       `json:"contact_by" doc:"首次联系的时限"`
	DueOn        clock.Date      `json:"due_on"`
	DueAt        *time.Time      `json:"due_at,omitempty" doc:"按小时计的才有"`
	Provisional  bool            `json:"due_provisional" doc:"来年放假安排未公布，日期可能变"`
	Light        workday.Light   `json:"light" enum:"green,amber,red"`
	ReviewOn     clock.Date      `json:"review_on,omitzero" doc:"挂账后的复核日期"`
	Solved       *bool           `json:"solved,omitempty" doc:"群众说解决了没有；没说没有这一项"`
	CreatedAt    time.Time       `json:"created_at"`
	AcceptedAt   *time.Time      `json:"accepted_at,omitempty"`
	DispatchedAt *time.Time      `json:"dispatched_at,omitempty"`
	ContactedAt  *time.Time      `json:"contacted_at,omitempty"`
	RepliedAt    *time.Time      `json:"replied_at,omitempty"`
	RatedAt      *time.Time      `json:"rated_at,omitempty"`
	ConcludedAt  *time.Time      `json:"concluded_at,omitempty"`
	UpdatedAt    time.Time       `json:"updated_at"`
	Files        []fileView      `json:"files"`
	History      []happeningView `json:"history"`
	Offers       []flow.Offer    `json:"offers" doc:"您现在能办的"`
}

type petitionerView struct {
	ID    string `json:"id" format:"uuid"`
	Name  string `json:"name" doc:"只留姓"`
	Phone string `json:"phone" doc:"遮住中间几位"`
}

type countsView struct {
	SendBacks    int `json:"send_backs"`
	Redos        int `json:"redos"`
	Urges        int `json:"urges"`
	Supervisions int `json:"supervisions"`
	Attempts     int `json:"attempts"`
	Extensions   int `json:"extensions"`
}

type happeningView struct {
	At     time.Time   `json:"at"`
	Act    flow.Act    `json:"act"`
	Text   string      `json:"text"`
	From   flow.State  `json:"from"`
	To     flow.State  `json:"to"`
	Role   access.Role `json:"role"`
	Actor  string      `json:"actor" doc:"工作人员可见"`
	Helped bool        `json:"by_helper" doc:"是代办的亲友做的"`
	Office string      `json:"office"`
	Words  string      `json:"words" doc:"当时写的话"`
	Code   string      `json:"code" doc:"原因代码"`
	Detail detailView  `json:"detail"`
	Files  []fileView  `json:"files"`
}

type detailView struct {
	Office    string         `json:"office,omitempty"`
	CoOffices []string       `json:"co_offices,omitempty"`
	How       string         `json:"how,omitempty"`
	Result    string         `json:"result,omitempty"`
	At        *time.Time     `json:"at,omitempty"`
	Days      int            `json:"days,omitzero"`
	DueOn     clock.Date     `json:"due_on,omitzero"`
	ReviewOn  clock.Date     `json:"review_on,omitzero"`
	Number    int            `json:"number,omitzero"`
	Master    string         `json:"master,omitempty"`
	Urgency   appeal.Urgency `json:"urgency,omitempty"`
	Solved    *bool          `json:"solved,omitempty"`
}

func viewAppeal(a appeal.Seen) appealView {
	v := appealView{
		ID: a.ID, Number: a.Number, Status: a.Status, StatusText: a.StatusText, Version: a.Version, Class: a.Class, Category: a.Category,
		Urgency: a.Urgency, Text: a.Text, Place: a.Place, Village: a.Village, Grid: a.Grid, Identity: a.Identity, Mine: a.Mine, ByAgent: a.ByAgent, OnBehalfOf: a.OnBehalfOf,
		Office: a.Office, CoOffices: a.CoOffices, Owner: a.Owner, AboutOffice: a.AboutOffice, AboutPerson: a.AboutPerson,
		Master: a.Master, Previous: a.Previous, Decided: a.DecidedOffice,
		Counts:    countsView{a.SendBacks, a.Redos, a.Urges, a.Supervisions, a.Attempts, a.Extensions},
		ContactBy: a.ContactBy, DueOn: a.DueOn, DueAt: a.DueAt, Provisional: a.DueProvisional, Light: a.Light, ReviewOn: a.ReviewOn, Solved: a.Solved,
		CreatedAt: a.CreatedAt, AcceptedAt: a.AcceptedAt, DispatchedAt: a.DispatchedAt, ContactedAt: a.ContactedAt, RepliedAt: a.RepliedAt,
		RatedAt: a.RatedAt, ConcludedAt: a.ConcludedAt, UpdatedAt: a.UpdatedAt,
		Files: viewFiles(a.Files), History: make([]happeningView, 0, len(a.History)), Offers: a.Offers,
	}
	if p := a.Petitioner; p != nil {
		v.Petitioner = &petitionerView{p.ID, p.Name.String(), p.Phone.String()}
	}
	if p := a.Helper; p != nil {
		v.Helper = &petitionerView{p.ID, p.Name.String(), p.Phone.String()}
	}
	for _, h := range a.History {
		v.History = append(v.History, happeningView{
			At: h.At, Act: h.Act, Text: h.Text, From: h.From, To: h.To, Role: h.Role, Actor: h.Actor, Helped: h.ByHelper, Office: h.Office,
			Words: h.Words, Code: h.Code, Detail: detailView(h.Detail), Files: viewFiles(h.Files),
		})
	}
	return v
}

func viewFiles(files []file.File) []fileView {
	views := make([]fileView, 0, len(files))
	for i := range files {
		views = append(views, viewFile(&files[i]))
	}
	return views
}

// receiptView is what the petitioner gets at once: with the number and the query code anybody who holds the slip can
// follow the appeal without login.
type receiptView struct {
	ID        string       `json:"id" format:"uuid"`
	Number    string       `json:"number"`
	QueryCode string       `json:"query_code" doc:"只告诉这一次，请记下来"`
	Status    flow.State   `json:"status"`
	Version   int          `json:"version"`
	DueOn     clock.Date   `json:"due_on"`
	DueAt     *time.Time   `json:"due_at,omitempty"`
	Offers    []flow.Offer `json:"offers"`
	Advice    string       `json:"advice" doc:"听起来有危险时，先该怎么办；没有为空"`
}

func (v receiptView) location() string { return "/appeals/" + v.ID }

func viewReceipt(r appeal.Receipt) receiptView {
	a := r.Appeal
	return receiptView{a.ID, a.Number, r.QueryCode, a.Status, a.Version, a.DueOn, a.DueAt, a.Offers, r.Advice}
}

type submitIn struct {
	Body struct {
		Class       appeal.Class    `json:"class" enum:"consult,help,complaint,report,suggestion" doc:"咨询、求助、投诉、举报、建议"`
		Category    string          `json:"category,omitempty" maxLength:"120" doc:"哪方面的事，如：道路、饮水"`
		Text        string          `json:"text" maxLength:"16000" doc:"事情经过，5 到 2000 字"`
		Village     access.Area     `json:"village,omitempty" pattern:"^[0-9]{12}$" patternDescription:"12位村码" doc:"事情在哪个村；不写就是本人的村"`
		Grid        access.Area     `json:"grid,omitempty" pattern:"^[0-9]{14}$" patternDescription:"14位网格码"`
		Place       string          `json:"place,omitempty" maxLength:"1600" doc:"具体地点"`
		Urgency     appeal.Urgency  `json:"urgency,omitempty" enum:"normal,urgent,critical" doc:"不写就是一般"`
		Emergency   bool            `json:"emergency,omitempty" doc:"有人正有危险：不排队，请马上打 110、119、120、122"`
		Identity    appeal.Identity `json:"identity" enum:"public,to_handler,dispatcher_only,none" doc:"公开、只让承办单位知道、只让派单员知道、匿名（请不带登录信息）"`
		Applicant   ID              `json:"applicant,omitempty" doc:"村办事员代谁提交"`
		OnBehalf    ID              `json:"on_behalf_of_resident_id,omitempty" doc:"您替哪位亲友提交；要先有代办关系"`
		AboutOffice ID              `json:"about_office,omitempty" doc:"反映的是哪个单位"`
		AboutPerson ID              `json:"about_person,omitempty" doc:"反映的是哪位工作人员"`
		Previous    ID              `json:"previous,omitempty" doc:"接着哪件办结的诉求再提"`
		Attachments []ID            `json:"attachments,omitempty" maxItems:"6" doc:"先上传照片得到的编号"`
	}
}

func (s *Server) submitAppeal(ctx context.Context, in *submitIn) (*made[receiptView], error) {
	b := in.Body
	if err := s.Named(ctx, b.Village); err != nil {
		return nil, err
	}
	handed := appeal.Submission{
		Class: b.Class, Category: b.Category, Text: b.Text, Village: b.Village, Grid: b.Grid, Place: b.Place, Urgency: b.Urgency,
		Emergency: b.Emergency, Identity: b.Identity, Applicant: string(b.Applicant), OnBehalf: string(b.OnBehalf), AboutOffice: string(b.AboutOffice),
		AboutPerson: string(b.AboutPerson), Previous: string(b.Previous), Attachments: texts(b.Attachments),
	}
	return created(ctx, viewReceipt, func(ctx context.Context) (appeal.Receipt, error) {
		return s.Appeals.Submit(ctx, access.From(ctx), handed)
	})
}

func texts(ids []ID) []string {
	list := make([]string, 0, len(ids))
	for _, id := range ids {
		list = append(list, string(id))
	}
	return list
}

type appealIn struct {
	ID ID `path:"id"`
}

func (s *Server) readAppeal(ctx context.Context, in *appealIn) (*reply[appealView], error) {
	a, err := s.Appeals.Get(ctx, access.From(ctx), string(in.ID))
	if err != nil {
		return nil, err
	}
	return show(viewAppeal(a)), nil
}
