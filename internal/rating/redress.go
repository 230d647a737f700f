package rating

import (
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/secret"
	"tongban/internal/workday"
)

// The states of a redress (差评整改): what is done about a poor rating, by somebody who had no hand in what was rated.
const (
	Opened     flow.State = "opened"
	Correcting flow.State = "correcting"
	ToAnswer   flow.State = "to_answer"
	Answered   flow.State = "answered"
	Closed     flow.State = "closed"
)

// The acts on it.
const (
	Confirm   flow.Act = "confirm"
	Unfounded flow.Act = "find_unfounded"
	Correct   flow.Act = "correct"
	Answer    flow.Act = "answer"
	Reopen    flow.Act = "reopen"
	Close     flow.Act = "close"
)

var (
	workers  = []access.Role{access.Window, access.Reviewer, access.Decider, access.Officer, access.Supervisor}
	checkers = []access.Role{access.FollowUp, access.Supervisor}
)

// Flow is the life of a redress (国办发〔2019〕51号: 回访核实、整改、反馈): the rater is called back, what is true is corrected, he is
// answered, and somebody else checks that. Whom the check does not satisfy lets the rater be called back again: the finding was
// of another day. A finding marks a wrong rating; nothing ever removes or changes one.
var Flow = &flow.Table{
	Name: "redress", Title: "差评整改", Start: Opened, Final: []flow.State{Closed},
	Rows: []flow.Row{
		{From: Opened, Do: Confirm, To: Correcting, By: workers},
		{From: Opened, Do: Unfounded, To: ToAnswer, By: workers},
		{From: Correcting, Do: Correct, To: ToAnswer, By: workers},
		{From: ToAnswer, Do: Answer, To: Answered, By: workers},
		{From: Answered, Do: Reopen, To: Opened, By: checkers},
		{From: Answered, Do: Close, To: Closed, By: checkers},
	},
	States: []flow.Label[flow.State]{
		{Name: Opened, Text: "待回访核实"}, {Name: Correcting, Text: "整改中"}, {Name: ToAnswer, Text: "待答复"}, {Name: Answered, Text: "待复核"}, {Name: Closed, Text: "已结案"},
	},
	Acts: []flow.Label[flow.Act]{
		{Name: Confirm, Text: "核实属实"}, {Name: Unfounded, Text: "核实不属实"}, {Name: Correct, Text: "整改完成"}, {Name: Answer, Text: "答复评价人"},
		{Name: Reopen, Text: "退回重新核实整改"}, {Name: Close, Text: "复核结案"},
	},
}

// Verbs are the acts that Desk can do; a test holds them against Flow.
func Verbs() []flow.Act { return []flow.Act{Confirm, Unfounded, Correct, Answer, Reopen, Close} }

// Word is a code that clients choose from, with its Chinese text.
type Word struct{ Code, Text string }

// Contacts are how the rater was called back (回访方式).
var Contacts = []Word{{"phone", "电话"}, {"visit", "上门"}, {"wechat", "微信"}, {"meeting", "当面"}, {"unreachable", "联系不上，按留下的话核实"}}

// Findings are what the call-back found (核实结果).
var Findings = []Word{{found, "属实"}, {"mistaken", "误评"}, {"malicious", "恶意差评"}, {"no_basis", "没有事实依据"}}

const found = "true"

var (
	// ErrRedressNotNow tells the loser of a race, or whoever saw an old state, how the redress stands now.
	ErrRedressNotNow = fault.New(fault.Conflict, "redress.not_now", "这件差评整改的状态已经变了，请看最新情况再办")

	ErrOwnHandling = fault.New(fault.Forbidden, "redress.own_handling", "评价的是您经办的事，差评整改要由别人办")
	// ErrOwnPart keeps the check from whoever called back, corrected or answered.
	ErrOwnPart = fault.New(fault.Forbidden, "redress.own_part", "这件差评整改您经手过（核实、整改或答复），复核要由别人办")
)

// Redress is a row of redresses. It has the id of its rating, so whatever the trail hides of the one it hides of the other.
type Redress struct {
	ID      string `gorm:"primaryKey"`
	Kind    string // of what was rated: appeal or case
	Object  string
	Number  string // its public one
	County  access.Area
	Town    access.Area
	Village access.Area
	Office  string // whose work was rated
	Level   Level
	Status  flow.State
	Version int
	Finding string // one of Findings; empty until the call-back, and again once it is reopened

	DueOn       clock.Date // of the clock under way
	Provisional bool
	StartedAt   *time.Time
	WarnAt      *time.Time // when the light turns amber
	LateAt      *time.Time // when it turns red
	Light       workday.Light
	CountedWith *string // the calendar; nil when no clock runs

	CreatedAt   time.Time
	ContactedAt *time.Time
	CorrectedAt *time.Time
	AnsweredAt  *time.Time
	ReopenedAt  *time.Time // the first time: from then on one clock runs for all that is done again
	ClosedAt    *time.Time
	UpdatedAt   time.Time
}

func (Redress) TableName() string { return "redresses" }

// Spine is what the docket needs of it.
func (r Redress) Spine() docket.Spine {
	return docket.Spine{ID: r.ID, Village: r.Village, Status: r.Status, Version: r.Version, Light: r.Light}
}

// RedressEvent is a row of redress_events, the history: append-only.
type RedressEvent struct {
	ID         string `gorm:"primaryKey"`
	Redress    string
	Version    int
	At         time.Time
	Act        flow.Act
	FromStatus flow.State
	ToStatus   flow.State
	Actor      string
	Role       access.Role
	Text       []byte // sealed
	Code       string
}

func (RedressEvent) TableName() string { return "redress_events" }

func sealedWords(id string) secret.Where {
	return secret.Where{Table: "redress_events", Column: "text", Row: id}
}

// lightAt is how the clock under way stands.
func (r *Redress) lightAt(now time.Time) workday.Light {
	return docket.LightAt(r.WarnAt, r.LateAt, r.Light, now)
}
