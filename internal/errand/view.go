package errand

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/secret"
)

// Seen is an errand as one actor may know it, with the acts that he may do now.
type Seen struct {
	ID, Number string
	Status     flow.State
	StatusText string
	Version    int
	Case       string
	CaseNumber string // empty until it is filed; not in lists
	Item       string
	ItemName   string
	Village    access.Area
	FiledBy    *casework.Filer // the agent, by his masked name
	FiledFor   *casework.Filer // the principal likewise; nil when his account was closed since
	Deputy     *casework.Filer // who stands in for the agent; nil for nobody
	Powers     []string
	ValidFrom  clock.Date
	ValidUntil clock.Date
	CreatedAt  time.Time
	FiledAt    *time.Time
	ResultAt   *time.Time
	HandedAt   *time.Time
	UpdatedAt  time.Time
	Offers     []flow.Offer

	OriginalsHeld bool // originals that came in have not all gone back

	// The rest is not in lists.
	Scope            string
	Relation         string
	Entruster        string
	Method           string
	SignatureSHA256  string
	Witnesses        []string
	IdentityHow      string
	IdentityDocument string
	IdentityAt       *time.Time
	ReceiverRelation string
	Receiver         string
	Receipt          string
	Refusal          string   // why it was not signed for, and left there
	RefusalWitnesses []string // before whom
	Fee              string
	FollowUp         string // how the last follow-up ended
	FollowedUpAt     *time.Time
	Papers           []Paper     // oldest first
	History          []Happening // oldest first
}

// Paper is a row of papers in or out.
type Paper struct {
	ID        string
	Returns   string // of those that went back: by which row they came in
	Name      string
	Form      string
	Count     int
	Signer    string
	Signature string
	At        time.Time
	DoneAt    *time.Time // see Happening
}

// Happening is one line of the history.
type Happening struct {
	At     time.Time
	DoneAt *time.Time // when the actor says that he did it, where he told it later
	Act    flow.Act
	Text   string // the act in words
	From   flow.State
	To     flow.State
	Role   access.Role
	Actor  string // staff readers only
	For    string // for whom the actor stood in; likewise
	Stead  bool   // he stood in for the agent
	Words  string
	Code   string
	Files  []file.File
}

func view(e *Errand, actor access.Actor) Seen {
	return Seen{
		ID: e.ID, Number: e.Number, Status: e.Status, StatusText: Flow.Text(e.Status), Version: e.Version, Case: e.CaseID, Item: e.Item, ItemName: e.ItemName,
		Village: e.Village, Powers: strings.Split(e.Powers, ","), ValidFrom: e.ValidFrom, ValidUntil: e.ValidUntil,
		CreatedAt: e.CreatedAt, FiledAt: e.FiledAt, ResultAt: e.ResultAt, HandedAt: e.HandedAt, UpdatedAt: e.UpdatedAt,
		Offers: offers(e, actor), OriginalsHeld: e.OriginalsHeld, Witnesses: []string{}, RefusalWitnesses: []string{}, Papers: []Paper{}, History: []Happening{},
	}
}

// whole is the view with all that belongs to the errand.
func (d *Desk) whole(ctx context.Context, db *gorm.DB, e *Errand, actor access.Actor) (s Seen, err error) {
	s = view(e, actor)
	s.Relation, s.Method, s.SignatureSHA256 = e.Relation, e.Method, e.SignatureSHA256
	s.IdentityHow, s.IdentityDocument, s.IdentityAt, s.ReceiverRelation = e.IdentityHow, e.IdentityDocument, e.IdentityAt, e.ReceiverRelation
	s.Fee = e.Fee
	if s.FiledBy, err = d.known(ctx, e.Agent); err != nil {
		return s, err
	}
	if s.FiledFor, err = d.known(ctx, e.Principal); err != nil {
		return s, err
	}
	if e.Deputy != "" {
		if s.Deputy, err = d.known(ctx, e.Deputy); err != nil {
			return s, err
		}
	}
	var one, two, first, second string
	typed := d.namesTo(actor)
	for _, t := range []struct {
		column string
		from   []byte
		to     *string
		open   func(secret.Where, []byte) (string, error)
	}{
		{"scope", e.Scope, &s.Scope, d.opened}, {"receipt", e.Receipt, &s.Receipt, d.opened}, {"receiver", e.Receiver, &s.Receiver, typed},
		{"entruster", e.Entruster, &s.Entruster, typed}, {"witness_one", e.WitnessOne, &one, typed}, {"witness_two", e.WitnessTwo, &two, typed},
		{"refusal", e.Refusal, &s.Refusal, d.opened}, {"refusal_witness_one", e.RefusalWitnessOne, &first, typed}, {"refusal_witness_two", e.RefusalWitnessTwo, &second, typed},
	} {
		if *t.to, err = t.open(sealed(t.column, e.ID), t.from); err != nil {
			return s, err
		}
	}
	if one != "" {
		s.Witnesses = []string{one, two}
	}
	if first != "" {
		s.RefusalWitnesses = []string{first, second}
	}
	c, err := casework.Known(db, e.CaseID)
	if err == nil {
		s.CaseNumber = c.PublicNumber()
	} else if !errors.Is(err, fault.NotFound) { // a draft goes after its time
		return s, err
	}
	if err := d.papers(db, e.ID, &s, typed); err != nil {
		return s, err
	}
	return s, d.history(db, e.ID, &s, actor)
}

func (d *Desk) known(ctx context.Context, id string) (*casework.Filer, error) {
	name, err := d.people.PersonName(ctx, id)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	return &casework.Filer{ID: id, Name: name}, err
}

func (d *Desk) papers(db *gorm.DB, id string, s *Seen, typed func(secret.Where, []byte) (string, error)) error {
	var rows []paperRow
	if err := db.Where("errand_id = ?", id).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		p := Paper{ID: r.ID, Returns: r.Returns, Form: r.Form, Count: r.Count, Signature: r.Signature, At: r.At, DoneAt: r.DoneAt}
		var err error
		if p.Name, err = d.opened(sealedPaper("name", r.ID), r.Name); err != nil {
			return err
		}
		if p.Signer, err = typed(sealedPaper("signer", r.ID), r.Signer); err != nil {
			return err
		}
		s.Papers = append(s.Papers, p)
	}
	return nil
}

func (d *Desk) history(db *gorm.DB, id string, s *Seen, actor access.Actor) (err error) {
	var events []Event
	if err := db.Where("errand_id = ?", id).Order("version, id").Find(&events).Error; err != nil {
		return err
	}
	ids := make([]string, 0, len(events))
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	var photos map[string][]file.File
	if seesPhotos(actor) {
		if photos, err = d.files.Attached(db, eventKind, ids...); err != nil {
			return err
		}
	}
	for _, e := range events {
		h := Happening{At: e.At, DoneAt: e.DoneAt, Act: e.Act, Text: actText(e.Act), From: e.FromStatus, To: e.ToStatus, Role: e.Role, Stead: e.StoodFor != "", Code: e.Code, Files: []file.File{}}
		if h.Words, err = d.opened(sealedEvent(e.ID), e.Text); err != nil {
			return err
		}
		if actor.Role.Staff() && e.Role.Staff() {
			h.Actor, h.For = e.Actor, e.StoodFor
		}
		for _, f := range photos[e.ID] {
			f.Owner = ""
			h.Files = append(h.Files, f)
		}
		if e.Act == followUpAct {
			s.FollowUp, s.FollowedUpAt = e.Code, &h.At
		}
		s.History = append(s.History, h)
	}
	return nil
}

// opened is a sealed text; "" for none.
func (d *Desk) opened(where secret.Where, text []byte) (string, error) {
	if len(text) == 0 {
		return "", nil
	}
	plain, err := d.store.Keys().Open(where, text)
	return string(plain), err
}

// namesTo opens a typed name: in full for the parties and their village, by its mask for a supervisor, who watches over errands and need not
// know who signed.
func (d *Desk) namesTo(actor access.Actor) func(secret.Where, []byte) (string, error) {
	if actor.Role != access.Supervisor {
		return d.opened
	}
	return func(where secret.Where, text []byte) (string, error) {
		name, err := secret.OpenName(d.store.Keys(), where, text)
		return name.String(), err
	}
}

// seesPhotos: photos show identity cards and signatures, and nothing on them can be masked.
func seesPhotos(actor access.Actor) bool { return actor.Role != access.Supervisor }
