package casework

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/secret"
	"tongban/internal/workday"
)

const (
	kind         = "case"          // of the object, in trail and outbox
	materialKind = "case_material" // of photos of a paper
	eventKind    = "case_event"    // of photos that came with an act
)

// Seen is a case as one actor may know it, with the acts that he may do now.
type Seen struct {
	ID, Number  string // no number while it is a draft
	Status      flow.State
	StatusText  string
	Version     int
	Item        string
	ItemVersion int
	ItemName    string
	CaseType    catalog.CaseType
	Notice      string
	Waiting     string  // how long others waited for the item of late; empty once it is decided
	Outdated    bool    // the item has a newer version, or is no longer handled; not in lists
	Change      *Change // of a draft whose item changed since: what is otherwise now; not in lists
	Village     access.Area
	Grid        access.Area
	Mine        bool       // the reader is the applicant
	Applicant   *Applicant // without his phone in lists
	ByAgent     bool       // filed by a clerk for the applicant
	FiledBy     *Filer     // that clerk
	OnBehalfOf  string     // the applicant's id, when the reader is his helper
	Helper      *Applicant // who handed it in for him (亲友代办); not in lists
	Office      string
	CountyNo    string  // by which the county's own platform knows it
	Handing     Handing // how it was handed over there; not in lists
	Window      string  // staff only, like the other persons
	Reviewer    string
	Decider     string
	Holder      *Holder      // who has it in hand; staff only
	Papers      Completeness // at a glance
	Permitted   bool         // a supervisor lets the office ask once more; staff only
	Corrections int
	Extensions  int
	CorrectOn   clock.Date
	NoticeOn    clock.Date
	Dues        dues
	DueOn       clock.Date // the earlier of both
	Provisional bool       // of the date that counts now
	DeliverOn   clock.Date
	Light       workday.Light
	Deemed      bool
	CreatedAt   time.Time
	AppliedAt   *time.Time
	ReceivedAt  *time.Time
	AcceptedAt  *time.Time
	DecidedAt   *time.Time
	DeliveredAt *time.Time
	ConcludedAt *time.Time
	UpdatedAt   time.Time
	Answers     map[string][]string // the rest is not in lists
	Materials   []Material
	Notices     []CorrectionNotice // oldest first
	Periods     []Period
	Opinions    []Opinion // of other offices, oldest first
	Decision    *Decision
	Delivery    *HandedOut
	History     []Happening // oldest first
	Offers      []flow.Offer

	lateAt *time.Time // where the clock under way ends
}

// Applicant (申请人) is known by a masked name and phone.
type Applicant struct {
	ID    string
	Name  secret.Name
	Phone secret.Phone
}

// Filer is the village's clerk who files the case for the applicant (由谁代办), by his masked name.
type Filer struct {
	ID   string
	Name secret.Name
}

// Material is one paper of the case.
type Material struct {
	ID        string // in the item
	Name      string
	Necessity string
	State     MaterialState
	TakenAs   string
	Copies    int
	ChangedAt *time.Time
	Files     []file.File

	LockerPaper string  // of which paper of the locker the photos are copies; to the applicant and his clerk
	Lookup      *Lookup // nil when nobody had the county look it up
}

// CorrectionNotice (补正告知书) lists all that is to be put right.
type CorrectionNotice struct {
	Number     int
	AskedAt    time.Time
	AnsweredAt *time.Time
	Repeated   bool
	Defects    []ToldDefect
}

// ToldDefect is one line of it.
type ToldDefect struct {
	ID           string
	Material     string
	MaterialName string
	Reason       string
	ReasonText   string
	Text         string
	Earlier      bool
	Answer       string // where it was answered in words
}

// Period is a special procedure or an extension.
type Period struct {
	Kind      string
	Code      string
	CodeText  string
	StartedAt time.Time
	EndedAt   *time.Time
	UntilOn   clock.Date
	Days      int
	Unit      workday.Unit
	Approver  string
}

// Decision (决定) as its readers know it.
type Decision struct {
	Outcome    flow.State
	Reason     string
	ReasonText string
	Text       string
	Remedies   string
	DecidedAt  time.Time
}

// HandedOut is how the decision came to the applicant.
type HandedOut struct {
	Method      string
	MethodText  string
	Relation    string
	Receiver    string
	Proof       string
	DeliveredAt time.Time
}

// view shows what a list needs.
func (d *Desk) view(c *Case, actor access.Actor) Seen {
	both := c.dues()
	due := both.Binding()
	s := Seen{
		ID: c.ID, Number: c.number(), Status: c.Status, StatusText: Flow.Text(c.Status), Version: c.Version,
		Item: c.Item, ItemVersion: c.ItemVersion, ItemName: c.ItemName, CaseType: c.CaseType, Notice: c.Notice,
		Village: c.Village, Grid: c.Grid, Mine: actor.Role == resident && c.Applicant == actor.Person, ByAgent: c.Agent != "", Office: c.Office,
		CountyNo: c.CountyNumber, Corrections: c.Corrections, Extensions: c.Extensions, CorrectOn: c.CorrectOn, NoticeOn: c.NoticeOn, Dues: both, DueOn: due.On,
		Provisional: c.awaited().Provisional,
		DeliverOn:   c.DeliverOn, Light: c.LightAt(d.store.Clock().Now()), Deemed: c.Deemed,
		CreatedAt: c.CreatedAt, AppliedAt: c.AppliedAt, ReceivedAt: c.ReceivedAt, AcceptedAt: c.AcceptedAt, DecidedAt: c.DecidedAt,
		DeliveredAt: c.DeliveredAt, ConcludedAt: c.ConcludedAt, UpdatedAt: c.UpdatedAt,
		Answers: map[string][]string{}, Materials: []Material{}, Notices: []CorrectionNotice{}, Periods: []Period{}, Opinions: []Opinion{}, History: []Happening{},
		Offers: d.offers(c, actor), lateAt: c.LateAt,
	}
	if guide, err := d.items.Guide(c.Item); err == nil && c.DecidedAt == nil && !Flow.IsFinal(c.Status) {
		s.Waiting = guide.Waiting.Text()
	}
	if actor.Role == resident && c.Applicant != actor.Person {
		s.OnBehalfOf = c.Applicant
	}
	if actor.Role.Staff() {
		s.Window, s.Reviewer, s.Decider, s.Permitted = c.Window, c.Reviewer, c.Decider, c.Permit != ""
	}
	return s
}

// whole is the view with all that belongs to the case.
func (d *Desk) whole(ctx context.Context, db *gorm.DB, c *Case, actor access.Actor) (Seen, error) {
	s := d.view(c, actor)
	item, err := d.items.Version(ctx, c.Item, c.ItemVersion)
	if err != nil {
		return s, err
	}
	guide, err := d.items.Guide(c.Item)
	s.Outdated = err != nil || guide.Version != c.ItemVersion
	if s.Answers, err = d.openAnswers(c); err != nil {
		return s, err
	}
	if s.Applicant, err = d.known(ctx, c.Applicant); err != nil {
		return s, err
	}
	if c.Agent != "" {
		if s.FiledBy, err = d.filer(ctx, c.Agent); err != nil {
			return s, err
		}
	}
	if c.Helper != "" {
		if s.Helper, err = d.known(ctx, c.Helper); err != nil {
			return s, err
		}
	}
	if c.Status == Draft && actor.Role != county {
		if s.Change, err = d.change(c, item, s.Answers); err != nil {
			return s, err
		}
	}
	for _, part := range []func() error{
		func() error { return d.glance(ctx, db, c, &s, actor) },
		func() error { return d.papers(db, c, item, &s, actor) },
		func() error { return d.corrections(db, c, item, &s) },
		func() error { return d.moving(db, c, &s) },
		func() error { return d.opinions(ctx, db, c, &s, actor) },
		func() error { return d.outcome(db, c, &s, actor) },
		func() (err error) { s.Handing, err = d.handing(db, c.ID); return err },
		func() error { return d.history(db, c, &s, actor) },
	} {
		if err := part(); err != nil {
			return s, err
		}
	}
	return s, nil
}

// known is how everybody who sees the case knows a person of it; nil when his account was closed since.
func (d *Desk) known(ctx context.Context, id string) (*Applicant, error) {
	name, err := d.people.PersonName(ctx, id)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	phone, err := d.people.PersonPhone(ctx, id)
	if err != nil {
		return nil, err
	}
	return &Applicant{id, name, phone}, nil
}

// filer is nil for a clerk whose account there is no more.
func (d *Desk) filer(ctx context.Context, id string) (*Filer, error) {
	name, err := d.people.PersonName(ctx, id)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	return &Filer{id, name}, err
}

func (d *Desk) papers(db *gorm.DB, c *Case, item *catalog.Item, s *Seen, actor access.Actor) error {
	rows, err := d.materials(db, c.ID)
	if err != nil {
		return err
	}
	ids := make([]string, 0, len(rows))
	for _, m := range rows {
		ids = append(ids, m.ID)
	}
	photos, err := d.files.Attached(db, materialKind, ids...)
	if err != nil {
		return err
	}
	for _, m := range rows {
		paper := Material{
			m.Material, materialName(item, m.Material), m.Necessity, m.State, m.TakenAs, m.Copies, m.ChangedAt, file.Unowned(photos[m.ID]), "", m.looked(),
		}
		if s.Mine || actor.Role == clerk {
			paper.LockerPaper = m.LockerPaper
		}
		s.Materials = append(s.Materials, paper)
	}
	return nil
}

func (d *Desk) corrections(db *gorm.DB, c *Case, item *catalog.Item, s *Seen) error {
	var rows []correctionRow
	if c.Corrections == 0 {
		return nil
	}
	if err := db.Where("case_id = ?", c.ID).Order("number").Find(&rows).Error; err != nil {
		return err
	}
	var defects []defectRow
	if err := db.Where("correction IN (SELECT id FROM case_corrections WHERE case_id = ?)", c.ID).Order("place").Find(&defects).Error; err != nil {
		return err
	}
	for _, k := range rows {
		told := CorrectionNotice{Number: k.Number, AskedAt: k.AskedAt, AnsweredAt: k.AnsweredAt, Repeated: k.Repeated, Defects: []ToldDefect{}}
		for _, f := range defects {
			if f.Correction != k.ID {
				continue
			}
			line := ToldDefect{
				ID: f.ID, Material: f.Material, MaterialName: materialName(item, f.Material), Reason: f.Reason, ReasonText: WordText(DefectReasons, f.Reason), Earlier: f.Earlier,
			}
			var err error
			if line.Text, err = d.opened(sealedDefect("text", f.ID), f.Text); err != nil {
				return err
			}
			if line.Answer, err = d.opened(sealedDefect("answer", f.ID), f.Answer); err != nil {
				return err
			}
			told.Defects = append(told.Defects, line)
		}
		s.Notices = append(s.Notices, told)
	}
	return nil
}

func (d *Desk) moving(db *gorm.DB, c *Case, s *Seen) error {
	rows, err := periodsOf(db, c.ID)
	for _, p := range rows {
		approver, err := d.opened(sealedApprover(p.ID), p.Approver)
		if err != nil {
			return err
		}
		s.Periods = append(s.Periods, Period{p.Kind, p.Code, WordText(Procedures, p.Code), p.StartedAt, p.EndedAt, p.UntilOn, p.Days, p.Unit, approver})
	}
	return err
}

// outcome is the decision and its delivery, where there are.
func (d *Desk) outcome(db *gorm.DB, c *Case, s *Seen, actor access.Actor) error {
	var decisions []decisionRow
	if err := db.Where("case_id = ?", c.ID).Limit(1).Find(&decisions).Error; err != nil {
		return err
	}
	for _, r := range decisions {
		s.Decision = &Decision{Outcome: r.Outcome, Reason: r.Reason, ReasonText: WordText(DenyReasons, r.Reason), DecidedAt: r.DecidedAt}
		var err error
		if s.Decision.Text, err = d.opened(sealedDecision("text", r.ID), r.Text); err != nil {
			return err
		}
		if s.Decision.Remedies, err = d.opened(sealedDecision("remedies", r.ID), r.Remedies); err != nil {
			return err
		}
	}
	var deliveries []deliveryRow
	if err := db.Where("case_id = ?", c.ID).Limit(1).Find(&deliveries).Error; err != nil {
		return err
	}
	for _, r := range deliveries {
		s.Delivery = &HandedOut{Method: r.Method, MethodText: WordText(DeliveryMethods, r.Method), Relation: r.Relation, DeliveredAt: r.DeliveredAt}
		var err error
		if s.Delivery.Receiver, err = d.opened(sealedDelivery("receiver", r.ID), r.Receiver); err != nil {
			return err
		}
		s.Delivery.Receiver = receiverTo(actor.Role, s.Delivery.Receiver)
		if s.Delivery.Proof, err = d.opened(sealedDelivery("proof", r.ID), r.Proof); err != nil {
			return err
		}
	}
	return nil
}

// receiverTo is who received the result as the reader may know him: for a supervisor by his mask, as on the errand. What is no name stays.
func receiverTo(reader access.Role, receiver string) string {
	if reader != supervisor || receiver == himself || receiver == countyProof {
		return receiver
	}
	return secret.MaskName(receiver)
}

// opened is a sealed text; "" for none.
func (d *Desk) opened(where secret.Where, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := d.store.Keys().Open(where, sealed)
	return string(plain), err
}
