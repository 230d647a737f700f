package errand

import (
	"strings"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/flow"
	"tongban/internal/secret"
)

// Errand is a row of errands.
type Errand struct {
	ID       string `gorm:"primaryKey"`
	Number   string
	Status   flow.State
	Version  int
	CaseID   string
	OpenCase *string // the case, while the errand is open: a case has one at a time
	Item     string
	ItemName string

	County  access.Area
	Town    access.Area
	Village access.Area
	Grid    access.Area

	Principal string // the applicant of the case (委托人)
	Agent     string // the clerk whom it is entrusted to (受托人)
	Deputy    string // another clerk of the village, who may act while he stands in for the agent (代办替岗); empty for none

	Relation   string // of who entrusts to the principal: one of Relations
	Entruster  []byte // sealed name of who entrusts for him; nil for himself
	Guardian   string // who entrusts for a child under fourteen; empty for everybody else
	Scope      []byte // sealed: the matter in words
	Powers     string // codes of Powers, with commas
	ValidFrom  clock.Date
	ValidUntil clock.Date
	Method     string // one of Methods

	SignatureSHA256 string `gorm:"column:signature_sha256"` // hex, of the first page of the signed paper as kept; empty without one
	WitnessOne      []byte // sealed names, where there is a fingerprint
	WitnessTwo      []byte

	IdentityHow      string // one of IdentityWays; empty until it was checked. No number of any document is kept
	IdentityDocument string // one of Documents
	IdentityBy       string // person id; kept as evidence, no view tells it
	IdentityAt       *time.Time
	IdentitySitting  string // names of the sitting in which it was checked: it counts in no other

	Receiver         []byte // sealed name of who received the result
	ReceiverRelation string
	Receipt          []byte // sealed proof of it

	Refusal           []byte // sealed: why it was not signed for, and left there; nil where it was
	RefusalWitnessOne []byte // sealed names
	RefusalWitnessTwo []byte
	Fee               string // one of Fees; empty where nobody said

	OriginalsHeld bool // originals that came in have not all gone back

	NextAt    *time.Time // when a round has something to do: fetch a result that came meanwhile, or archive
	CreatedAt time.Time
	FiledAt   *time.Time
	ResultAt  *time.Time
	HandedAt  *time.Time
	UpdatedAt time.Time
}

func (Errand) TableName() string { return "errands" }

// Spine is what the docket needs of it.
func (e Errand) Spine() docket.Spine {
	return docket.Spine{ID: e.ID, Village: e.Village, Status: e.Status, Version: e.Version}
}

// may says whether the entrustment has the power.
func (e *Errand) may(power string) bool {
	return strings.Contains(","+e.Powers+",", ","+power+",")
}

// returned says that originals are still here.
func (e *Errand) returned() error {
	if e.OriginalsHeld {
		return ErrPapersOut
	}
	return nil
}

// paperRow is papers that came in, or went back by Returns.
type paperRow struct {
	ID         string `gorm:"primaryKey"`
	ErrandID   string
	Returns    string // the row by which they came in; empty for those that come in
	Name       []byte // sealed
	Form       string // one of Forms
	Count      int
	Signer     []byte // sealed name of who signed for it
	Signature  string // one of Signatures
	At         time.Time
	DoneAt     *time.Time // when the clerk says that it was; nil: at that moment
	RecordedBy string
}

func (paperRow) TableName() string { return "errand_papers" }

// Event is a row of errand_events, the history: append-only.
type Event struct {
	ID         string `gorm:"primaryKey"`
	ErrandID   string
	Version    int // of the errand after the act
	At         time.Time
	DoneAt     *time.Time // when the actor says that he did it; nil: at that moment
	Act        flow.Act
	FromStatus flow.State
	ToStatus   flow.State
	Actor      string
	Role       access.Role
	StoodFor   string // person for whom the actor stood in (AB岗)
	Text       []byte // sealed; nil for none
	Code       string // coded reason; empty for none
}

func (Event) TableName() string { return "errand_events" }

func sealed(column, id string) secret.Where {
	return secret.Where{Table: "errands", Column: column, Row: id}
}

func sealedPaper(column, id string) secret.Where {
	return secret.Where{Table: "errand_papers", Column: column, Row: id}
}

func sealedEvent(id string) secret.Where {
	return secret.Where{Table: "errand_events", Column: "text", Row: id}
}
