package casework

import (
	"encoding/json"
	"time"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/flow"
	"tongban/internal/secret"
	"tongban/internal/workday"
)

// Case is a row of cases. The item's facts stand as they were in the version under which the case was opened.
type Case struct {
	ID       string `gorm:"primaryKey"`
	Number   *string
	QueryMAC string `gorm:"column:query_mac"`
	Status   flow.State
	Version  int

	Item        string
	ItemVersion int
	ItemName    string
	CaseType    catalog.CaseType
	TwoPersons  bool   // reviewer and decider must differ (行政许可法 34)
	Notice      string // id of the one-time notice that it was opened from
	Answers     []byte // sealed JSON: "my child is disabled" is sensitive

	County  access.Area
	Town    access.Area
	Village access.Area
	Grid    access.Area // empty when nobody said which

	Applicant string // person id
	Agent     string // the clerk who files it for the applicant; empty otherwise
	Helper    string // the resident who handed it in for the applicant (亲友代办), by the relation Acting
	Acting    string
	Office    string // where it is handled
	Window    string `gorm:"column:window_person"` // who received it; empty for the program
	Reviewer  string
	Decider   string

	Holder     string // who has it in hand (认领), and in which post; empty for nobody
	HolderPost string
	HeldAt     *time.Time
	barred     bool // a colleague has it in hand; see weigh
	asked      bool // the reader sees it because his office is asked for its opinion; see seenOrAsked

	Corrections  int // asked for so far
	Extensions   int
	CountyNumber string // by which the county's own platform knows it; empty as long as it has none
	NumberTyped  bool   // somebody typed that number in; the county has not given it
	// CountedVersion is the version up to which the county's count includes what was done here, since the case was pulled; 0 where it never was.
	CountedVersion int

	Permit             string     // the supervisor who lets a second correction ask for what was visible before; used up by it
	CorrectOn          clock.Date // last day for the present correction, where the item has a rule
	CorrectProvisional bool
	RemindAt           *time.Time // when the applicant is to be reminded of it; nil when he was, or need not be

	LegalValue          int // the limits of the item's version; no unit for none
	LegalUnit           workday.Unit
	PromisedValue       int
	PromisedUnit        workday.Unit
	NoticeOn            clock.Date // last day of the five for accepting or asking (行政许可法 32)
	NoticeProvisional   bool
	LegalOn             clock.Date
	LegalAt             *time.Time // the exact moment, of a limit in hours
	LegalProvisional    bool
	PromisedOn          clock.Date
	PromisedAt          *time.Time
	PromisedProvisional bool
	DeliverOn           clock.Date // last day for the delivery (行政许可法 44)
	DeliverProvisional  bool

	StartedAt   *time.Time    // from when the clock under way counts: the notice's or the decision's
	WarnAt      *time.Time    // when the light turns amber; nil while the clock stands
	LateAt      *time.Time    // when it turns red; nil while the clock stands
	Light       workday.Light // as last announced; while the clock stands, as it stood when it was stopped
	NextAt      *time.Time    // when a round has something to do: receive, accept, lapse or conclude
	CountedWith *string       // the calendar by which the dates were counted; nil where none is to be counted again

	CreatedAt   time.Time
	AppliedAt   *time.Time // 申请
	ReceivedAt  *time.Time // 收件
	NoticedFrom *time.Time // from when the five days count: the receipt, or that of the last correction
	AcceptedAt  *time.Time // 受理
	DecidedAt   *time.Time // 办结
	DeliveredAt *time.Time // 送达
	ConcludedAt *time.Time
	Deemed      bool // accepted by silence
	UpdatedAt   time.Time
}

func (Case) TableName() string { return "cases" }

// Spine is what the docket needs of it.
func (c Case) Spine() docket.Spine {
	return docket.Spine{ID: c.ID, Village: c.Village, Status: c.Status, Version: c.Version, Light: c.Light}
}

// number is the public one; empty for a draft.
func (c *Case) number() string {
	if c.Number == nil {
		return ""
	}
	return *c.Number
}

// MaterialState says how a paper of a case stands.
type MaterialState string

const (
	Missing  MaterialState = "missing"   // not there yet
	Given    MaterialState = "given"     // handed in
	Deferred MaterialState = "deferred"  // 容缺后补: to come later
	LookedUp MaterialState = "looked_up" // 数据共享: the county looks it up
)

// The ways in which a material was taken.
const (
	AsOriginal   = "original"
	AsCopy       = "copy"
	AsElectronic = "electronic"
)

// materialRow is one paper that a case needs, in the order of the item.
type materialRow struct {
	ID        string `gorm:"primaryKey"`
	CaseID    string
	Material  string // id in the item
	Place     int
	Necessity string
	State     MaterialState
	TakenAs   string // original, copy or electronic; empty while it is not given
	Copies    int
	ChangedIn int        // the correction in answer to which it was last given, or found by the county; 0: with the application
	ChangedAt *time.Time // when it was last given

	PhotosBefore int // how many photos it had when the last answer that brought it was begun: they stay as they were handed in

	LockerPaper string // of which paper of the locker its photos are copies; empty for none

	Lookup    string // what came of having the county look it up, see LookupFound; empty when nobody asked
	LookupRef string // by which the register knows what it found
	LookupAt  *time.Time
}

func (materialRow) TableName() string { return "case_materials" }

// correctionRow is a correction notice (补正告知书), and the interval until its answer.
type correctionRow struct {
	ID         string `gorm:"primaryKey"`
	CaseID     string
	Number     int // 1 for the first
	Office     string
	AskedBy    string
	AskedAt    time.Time
	AnsweredAt *time.Time
	RemindedAt *time.Time // when the applicant was reminded of its last day
	Repeated   bool       // it asks for something that was visible the first time
	Permit     string     // the supervisor who let it
}

func (correctionRow) TableName() string { return "case_corrections" }

// defectRow is one thing that a correction asks for.
type defectRow struct {
	ID         string `gorm:"primaryKey"`
	Correction string
	Place      int
	Material   string
	Reason     string
	Text       []byte // sealed
	Earlier    bool   // visible before
	Answer     []byte // sealed; nil where the paper itself is the answer
	CountyID   string // of the defect at the county's platform, when that asks
}

func (defectRow) TableName() string { return "case_defects" }

// Kinds of periods that move due dates.
const (
	suspension = "suspension" // 特别程序: the clock stands (行政许可法 45)
	extension  = "extension"  // 延长 (行政许可法 42)
)

// periodRow is a suspension from its start to its end, or an extension by so many days.
type periodRow struct {
	ID        string `gorm:"primaryKey"`
	CaseID    string
	Version   int // of the case, when it began: the order
	Kind      string
	Code      string // of a suspension
	StartedAt time.Time
	EndedAt   *time.Time // nil while it lasts
	UntilOn   clock.Date // until when it will probably last, as the applicant was told
	Days      int        // of an extension
	Unit      workday.Unit
	Approver  []byte // sealed; of an extension
}

func (periodRow) TableName() string { return "case_periods" }

// decisionRow is the one decision on a case (准予、不予).
type decisionRow struct {
	ID        string `gorm:"primaryKey"`
	CaseID    string
	Outcome   flow.State
	Reason    string // coded; of a denial
	Text      []byte // sealed
	Remedies  []byte // sealed; of a denial
	Reviewer  string
	Decider   string
	DecidedAt time.Time
}

func (decisionRow) TableName() string { return "case_decisions" }

// deliveryRow is how the decision came to the applicant (送达回证).
type deliveryRow struct {
	ID          string `gorm:"primaryKey"`
	CaseID      string
	Method      string
	Relation    string
	Receiver    []byte // sealed
	Proof       []byte // sealed; nil for none
	DeliveredBy string
	DeliveredAt time.Time
}

func (deliveryRow) TableName() string { return "case_deliveries" }

// Event is a row of case_events, the history: append-only.
type Event struct {
	ID         string `gorm:"primaryKey"`
	CaseID     string
	Version    int // of the case after the act: the order of the history, also of what happened in one moment
	At         time.Time
	DoneAt     *time.Time // when the actor says that he did it; nil: at that moment
	Act        flow.Act
	FromStatus flow.State
	ToStatus   flow.State
	Actor      string // person id; empty for the program and the county's platform
	Role       access.Role
	Office     string
	Text       []byte // sealed; nil for none
	Code       string // coded reason; empty for none
	Visible    bool   // to the applicant
	Data       string // Detail as JSON
}

func (Event) TableName() string { return "case_events" }

// Detail is what an event keeps beside its text: codes, dates, counts; never personal values.
type Detail struct {
	Correction int          `json:"correction,omitempty"` // number of the correction
	Days       int          `json:"days,omitempty"`
	Unit       workday.Unit `json:"unit,omitempty"`
	DueOn      clock.Date   `json:"due_on,omitzero"`
	UntilOn    clock.Date   `json:"until_on,omitzero"`
	Deemed     bool         `json:"deemed,omitempty"`
	For        string       `json:"for,omitempty"`       // person for whom the actor stood in (AB岗)
	Materials  []string     `json:"materials,omitempty"` // papers that came later, or that were waived
	ToCounty   bool         `json:"to_county,omitempty"` // the county's platform is not told of it: somebody hands it to the county itself
}

func (e *Event) detail() (Detail, error) {
	var d Detail
	if e.Data == "" {
		return d, nil
	}
	err := json.Unmarshal([]byte(e.Data), &d)
	return d, err
}

func sealedAnswers(id string) secret.Where {
	return secret.Where{Table: "cases", Column: "answers", Row: id}
}

func sealedEvent(id string) secret.Where {
	return secret.Where{Table: "case_events", Column: "text", Row: id}
}

func sealedDefect(column, id string) secret.Where {
	return secret.Where{Table: "case_defects", Column: column, Row: id}
}

func sealedApprover(id string) secret.Where {
	return secret.Where{Table: "case_periods", Column: "approver", Row: id}
}

func sealedDecision(column, id string) secret.Where {
	return secret.Where{Table: "case_decisions", Column: column, Row: id}
}

func sealedDelivery(column, id string) secret.Where {
	return secret.Where{Table: "case_deliveries", Column: column, Row: id}
}
