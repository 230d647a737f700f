package appeal

import (
	"encoding/json"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/flow"
	"tongban/internal/secret"
	"tongban/internal/workday"
)

// Appeal is a row of appeals. What a petitioner typed may hold personal data, so it is sealed.
type Appeal struct {
	ID       string `gorm:"primaryKey"`
	Number   string
	QueryMAC string `gorm:"column:query_mac"`
	Status   flow.State
	Version  int

	Class    Class
	Category string // in the petitioner's words, short; may be empty
	Urgency  Urgency
	Text     []byte // sealed
	Place    []byte // sealed; nil for none
	County   access.Area
	Town     access.Area
	Village  access.Area
	Grid     access.Area // empty when nobody said which

	Identity    Identity
	Applicant   string // person id; empty for an anonymous petitioner
	Agent       string // the clerk who filed it for the applicant; empty otherwise
	AboutOffice string // complained of: never sees it, never gets it
	AboutPerson string

	Office        string // the lead; the co-handlers stand in appeal_offices
	Owner         string // the officer who acknowledged it
	DecidedOffice string // named by the county's supervisor after too many send-backs: it goes there and nowhere else
	Master        string // merged into this one
	Previous      string // opened again from this concluded one

	SendBacks    int // agreed ones
	Redos        int
	Urges        int
	Supervisions int
	SuperviseOn  clock.Date // what the last supervision demands
	Attempts     int        // failed follow-up attempts since the last reply
	Extensions   int

	ContactBy      time.Time  // the first contact's limit
	DueOn          clock.Date // the result's limit: the last day
	DueAt          *time.Time // its exact moment, when the limit is in running hours
	DueProvisional bool
	StartedAt      time.Time     // from when the result's clock counts: submission, or the last redo
	WarnAt         *time.Time    // when the light turns amber; nil while the clock stands
	LateAt         *time.Time    // when it turns red; nil while the clock stands
	Light          workday.Light // as last announced; while the clock stands, as it stood when it was stopped
	NextAt         *time.Time    // when a round has something to do: open or end the follow-up, resume at the review date

	CreatedAt      time.Time
	AcceptedAt     *time.Time
	DispatchedAt   *time.Time
	AcknowledgedAt *time.Time
	ContactedAt    *time.Time
	ShelvedAt      *time.Time
	ReviewOn       clock.Date
	RepliedAt      *time.Time
	FollowedUpAt   *time.Time // the follow-up began
	RatedAt        *time.Time
	ConcludedAt    *time.Time
	UpdatedAt      time.Time
	Solved         *bool // as the petitioner says; nil when nobody asked or he did not say
}

func (Appeal) TableName() string { return "appeals" }

// Spine is what the docket needs of it.
func (a Appeal) Spine() docket.Spine {
	return docket.Spine{ID: a.ID, Village: a.Village, Status: a.Status, Version: a.Version, Light: a.Light}
}

// Event is a row of appeal_events, the history: append-only.
type Event struct {
	ID         string `gorm:"primaryKey"`
	Appeal     string
	Version    int // of the appeal after the act: the order of the history, also of what happened in one moment
	At         time.Time
	Act        flow.Act
	FromStatus flow.State
	ToStatus   flow.State
	Actor      string // person id; empty for the program and for strangers
	Role       access.Role
	Office     string
	Text       []byte // sealed; nil for none
	Code       string // coded reason; empty for none
	Visible    bool   // to the petitioner
	Data       string // Detail as JSON
}

func (Event) TableName() string { return "appeal_events" }

// Detail is what an event keeps beside its text: ids, codes, dates; never personal values.
type Detail struct {
	Office    string     `json:"office,omitempty"`
	CoOffices []string   `json:"co_offices,omitempty"`
	How       string     `json:"how,omitempty"` // way of the first contact
	Result    string     `json:"result,omitempty"`
	At        *time.Time `json:"at,omitempty"`
	Days      int        `json:"days,omitempty"`
	DueOn     clock.Date `json:"due_on,omitzero"`
	ReviewOn  clock.Date `json:"review_on,omitzero"`
	Number    int        `json:"number,omitempty"` // of the supervision
	Master    string     `json:"master,omitempty"`
	Urgency   Urgency    `json:"urgency,omitempty"`
	Solved    *bool      `json:"solved,omitempty"`
}

// partRow gives an appeal to an office, as the lead (首接负责) or as a co-handler (协办).
type partRow struct {
	Appeal string `gorm:"primaryKey"`
	Office string `gorm:"primaryKey"`
	Leads  bool
}

func (partRow) TableName() string { return "appeal_offices" }

func sealedText(id string) secret.Where {
	return secret.Where{Table: "appeals", Column: "text", Row: id}
}
func sealedPlace(id string) secret.Where {
	return secret.Where{Table: "appeals", Column: "place", Row: id}
}
func sealedEvent(id string) secret.Where {
	return secret.Where{Table: "appeal_events", Column: "text", Row: id}
}

func (e *Event) detail() (Detail, error) {
	var d Detail
	if e.Data == "" {
		return d, nil
	}
	err := json.Unmarshal([]byte(e.Data), &d)
	return d, err
}

// due is the result's limit as stored.
func (a *Appeal) due() workday.Due {
	due := workday.Due{On: a.DueOn, Provisional: a.DueProvisional}
	if a.DueAt != nil {
		due.At = a.DueAt.UTC()
	}
	return due
}

// LightAt is how the result's clock stands at the moment now.
func (a *Appeal) LightAt(now time.Time) workday.Light {
	return docket.LightAt(a.WarnAt, a.LateAt, a.Light, now)
}
