package appeal

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/secret"
	"tongban/internal/workday"
)

const (
	kind      = "appeal"       // of the object, in trail, outbox and files
	eventKind = "appeal_event" // of files that came with a supplement or a reply
)

// Seen is an appeal as one actor may know it, with the acts that he may do now.
type Seen struct {
	ID, Number       string
	Status           flow.State
	StatusText       string
	Version          int
	Class            Class
	Category         string
	Urgency          Urgency
	Text, Place      string
	Village          access.Area
	Grid             access.Area
	Identity         Identity
	Mine             bool        // the reader is the petitioner
	Petitioner       *Petitioner // nil where the reader may not know him, and in lists
	ByAgent          bool        // filed by a clerk for the petitioner
	OnBehalfOf       string      // the petitioner's id, when the reader is his helper
	Helper           *Petitioner // who handed it in for him (亲友代办); nil for nobody, and where the reader may not know
	Office           string      // the lead; empty while not dispatched
	CoOffices        []string
	Owner            string // staff only
	AboutOffice      string // staff and petitioner
	AboutPerson      string
	Master, Previous string
	DecidedOffice    string // staff only
	SendBacks        int    // staff only, like the other counters
	Redos, Urges     int
	Supervisions     int
	SuperviseOn      clock.Date // what the last supervision demands
	Attempts         int
	Extensions       int
	ContactBy        time.Time
	DueOn            clock.Date
	DueAt            *time.Time
	DueProvisional   bool
	Light            workday.Light
	ReviewOn         clock.Date
	Solved           *bool
	CreatedAt        time.Time
	AcceptedAt       *time.Time
	DispatchedAt     *time.Time
	AcknowledgedAt   *time.Time
	ContactedAt      *time.Time
	RepliedAt        *time.Time
	FollowedUpAt     *time.Time
	RatedAt          *time.Time
	ConcludedAt      *time.Time
	UpdatedAt        time.Time
	Files            []file.File // sent with the appeal; not in lists
	History          []Happening // oldest first; not in lists
	Offers           []flow.Offer
}

// Petitioner (诉求人) is known by a masked name and phone; in full only by RevealContact.
type Petitioner struct {
	ID    string
	Name  secret.Name
	Phone secret.Phone
}

// Happening is one line of the history as the reader may know it.
type Happening struct {
	At    time.Time
	Act   flow.Act
	Text  string // the act in words
	From  flow.State
	To    flow.State
	Role  access.Role
	Actor string // a staff member's id; staff readers only
	// ByHelper: not the petitioner himself, but who acts for him.
	ByHelper bool
	Office   string
	Words    string // what was typed, where it is meant for the reader
	Code     string
	Detail   Detail
	Files    []file.File
}

// view shows the row without history, files and petitioner: what a list needs.
func (d *Desk) view(a *Appeal, actor access.Actor) (Seen, error) {
	s := Seen{
		ID: a.ID, Number: a.Number, Status: a.Status, StatusText: Flow.Text(a.Status), Version: a.Version,
		Class: a.Class, Category: a.Category, Urgency: a.Urgency, Village: a.Village, Grid: a.Grid, Identity: a.Identity,
		Mine: actor.Role == resident && a.Applicant == actor.Person, ByAgent: a.Agent != "", Office: a.Office, AboutOffice: a.AboutOffice, AboutPerson: a.AboutPerson,
		Previous: a.Previous, ContactBy: a.ContactBy, DueOn: a.DueOn, DueAt: a.DueAt, DueProvisional: a.DueProvisional,
		Light: a.LightAt(d.store.Clock().Now()), ReviewOn: a.ReviewOn, Solved: a.Solved,
		CreatedAt: a.CreatedAt, AcceptedAt: a.AcceptedAt, DispatchedAt: a.DispatchedAt, AcknowledgedAt: a.AcknowledgedAt,
		ContactedAt: a.ContactedAt, RepliedAt: a.RepliedAt, FollowedUpAt: a.FollowedUpAt, RatedAt: a.RatedAt,
		ConcludedAt: a.ConcludedAt, UpdatedAt: a.UpdatedAt, CoOffices: []string{}, Files: []file.File{}, History: []Happening{},
	}
	if actor.Role == resident && a.Applicant != actor.Person {
		s.OnBehalfOf = a.Applicant
	}
	if actor.Role.Staff() {
		s.Owner, s.Master, s.DecidedOffice, s.SuperviseOn = a.Owner, a.Master, a.DecidedOffice, a.SuperviseOn
		s.SendBacks, s.Redos, s.Urges, s.Supervisions, s.Attempts, s.Extensions = a.SendBacks, a.Redos, a.Urges, a.Supervisions, a.Attempts, a.Extensions
	}
	var err error
	if s.Text, err = d.opened(sealedText(a.ID), a.Text); err != nil {
		return s, err
	}
	s.Place, err = d.opened(sealedPlace(a.ID), a.Place)
	s.Offers = d.offers(a, actor)
	return s, err
}

// whole is the view with history, files, co-handlers and, for whoever may know him, the petitioner.
func (d *Desk) whole(ctx context.Context, db *gorm.DB, a *Appeal, actor access.Actor) (Seen, error) {
	s, err := d.view(a, actor)
	if err != nil {
		return s, err
	}
	var events []Event
	if err := db.Where("appeal = ?", a.ID).Order("version, id").Find(&events).Error; err != nil {
		return s, err
	}
	if err := d.attachments(db, a, events, &s, actor); err != nil {
		return s, err
	}
	if err := d.shared(db, a, &s, actor); err != nil {
		return s, err
	}
	if actor.Role == followUp && handledBy(events, actor.Person) {
		s.Offers = []flow.Offer{}
	}
	parts := []partRow{}
	if err := db.Where("appeal = ? AND NOT leads", a.ID).Order("office").Find(&parts).Error; err != nil {
		return s, err
	}
	for _, p := range parts {
		s.CoOffices = append(s.CoOffices, p.Office)
	}
	if knows(a, actor) {
		if s.Petitioner, err = d.petitioner(ctx, a.Applicant); err != nil {
			return s, err
		}
	}
	return s, d.sides(ctx, db, a, &s, actor)
}

// attachments puts the files where they came in, and builds the history.
func (d *Desk) attachments(db *gorm.DB, a *Appeal, events []Event, s *Seen, actor access.Actor) error {
	own, err := d.files.Attached(db, kind, a.ID)
	if err != nil {
		return err
	}
	s.Files = file.Unowned(own[a.ID])
	ids := make([]string, 0, len(events))
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	later, err := d.files.Attached(db, eventKind, ids...)
	if err != nil {
		return err
	}
	for i := range events {
		if !shown(&events[i], actor) {
			continue
		}
		h, err := d.happening(&events[i], actor)
		if err != nil {
			return err
		}
		h.Files = file.Unowned(later[events[i].ID])
		h.ByHelper = h.Role == resident && events[i].Actor != a.Applicant
		s.History = append(s.History, h)
	}
	return nil
}

// shown: the petitioner's side sees what is visible to it, staff see all.
func shown(e *Event, actor access.Actor) bool { return e.Visible || actor.Role.Staff() }

func (d *Desk) happening(e *Event, actor access.Actor) (Happening, error) {
	h := Happening{At: e.At, Act: e.Act, Text: actText(e.Act), From: e.FromStatus, To: e.ToStatus, Role: e.Role, Office: e.Office, Code: e.Code}
	told := tellings[e.Act]
	staff := actor.Role.Staff()
	if told.Said != "" && !staff {
		h.Text = told.Said
	}
	var err error
	if staff || told.Spoken {
		if h.Words, err = d.opened(sealedEvent(e.ID), e.Text); err != nil {
			return h, err
		}
	}
	if h.Detail, err = e.detail(); err != nil {
		return h, err
	}
	if !staff { // the rest is how offices deal with each other
		h.Detail = Detail{How: h.Detail.How, Office: h.Detail.Office, Days: h.Detail.Days, DueOn: h.Detail.DueOn, ReviewOn: h.Detail.ReviewOn}
	}
	if staff && e.Role.Staff() {
		h.Actor = e.Actor
	}
	return h, nil
}

// knows says whether the actor may know who the petitioner is (domain: 匿名 and 要求保密).
func knows(a *Appeal, actor access.Actor) bool {
	switch {
	case a.Applicant == "" || a.Identity == Anonymous:
		return false
	case actor.Role == dispatcher:
		return true
	case a.Identity == DispatcherOnly:
		return actor.Role == clerk && actor.Person == a.Agent
	}
	return slices.Contains([]access.Role{supervisor, officer, followUp, clerk, gridWorker}, actor.Role)
}

func (d *Desk) petitioner(ctx context.Context, id string) (*Petitioner, error) {
	name, err := d.people.PersonName(ctx, id)
	if errors.Is(err, fault.NotFound) { // his account was closed since
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	phone, err := d.people.PersonPhone(ctx, id)
	if err != nil {
		return nil, err
	}
	return &Petitioner{id, name, phone}, nil
}

// opened is a sealed text; "" for none.
func (d *Desk) opened(where secret.Where, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := d.store.Keys().Open(where, sealed)
	return string(plain), err
}
