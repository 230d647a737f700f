package errand

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/deputy"
	"tongban/internal/docket"
	"tongban/internal/family"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/secret"
	"tongban/internal/store"
)

const (
	kind      = "errand"       // of the object, in trail and outbox
	eventKind = "errand_event" // of photos that came with an act
	letters   = "DB"           // of the public number
)

// Desk (代办台) is where errands are entrusted, moved and looked up.
type Desk struct {
	store    *store.Store
	files    *file.Desk
	people   *account.Desk
	cases    *casework.Desk
	families *family.Desk
	filed    int // calendar days from the handing over to the archive
	docket   *docket.Docket[Errand, Seen]
}

// New opens the desk, and puts it beside the cases. Once in a program: files takes each kind once. The county's rules say when
// what was handed over is archived, as with cases.
func New(s *store.Store, rules casework.Rules, files *file.Desk, people *account.Desk, families *family.Desk, cases *casework.Desk) *Desk {
	d := &Desk{store: s, files: files, people: people, families: families, cases: cases, filed: rules.ConcludeDays()}
	d.docket = &docket.Docket[Errand, Seen]{Store: s, Flow: Flow, Table: "errands", Grid: true, Keeps: "originals_held", Late: ErrNotNow, Load: d.load, Show: d.whole, Offers: offers}
	files.SeenWith(eventKind, d.canSeeEvent)
	people.CarriedBy(d.docket.Carry)
	people.LeftBy(d.leave)
	cases.Accompany(casework.Beside{Files: true, Submits: d.maySubmit, Acts: d.mayAct, Moved: d.caseMoved})
	return d
}

// step is one act under way: the row as read, and what the verb decides to change and to tell.
type step struct {
	desk  *Desk
	ctx   context.Context
	tx    *store.Tx
	row   *Errand
	set   map[string]any
	at    *time.Time     // when it was done, where the call says so
	stead *deputy.Deputy // by which the actor stands in for the agent; nil when he acts for himself
	text  string         // what the actor typed, for the history
	code  string
	files []string
}

func (s *step) change(columns map[string]any) { maps.Copy(s.set, columns) }

// act carries every verb of the flow. version is what the client saw; 0 when it did not say.
func (d *Desk) act(ctx context.Context, actor access.Actor, id string, version int, do flow.Act, whether func(*step) error) (Seen, error) {
	return d.write(ctx, actor, id, func(s *step) error {
		if _, err := d.docket.Next(s.row, version, do, actor.Role); err != nil {
			return err
		}
		if err := whether(s); err != nil {
			return err
		}
		return s.move(do)
	})
}

// record carries what a clerk notes without moving the errand, in the states named; none: in each.
func (d *Desk) record(ctx context.Context, actor access.Actor, id string, version int, act flow.Act, in []flow.State, whether func(*step) error) (Seen, error) {
	return d.recordBy(ctx, actor, id, version, act, by(access.Clerk), in, whether)
}

func (d *Desk) recordBy(ctx context.Context, actor access.Actor, id string, version int, act flow.Act, by []access.Role, in []flow.State, whether func(*step) error) (Seen, error) {
	return d.write(ctx, actor, id, func(s *step) error {
		if err := actor.Must(by...); err != nil {
			return err
		}
		if len(in) > 0 && !slices.Contains(in, s.row.Status) {
			return flow.NotNow
		}
		if err := d.docket.Fresh(s.row, version); err != nil {
			return err
		}
		if err := whether(s); err != nil {
			return err
		}
		return s.note(act)
	})
}

func (d *Desk) write(ctx context.Context, actor access.Actor, id string, do func(*step) error) (Seen, error) {
	return d.docket.Write(ctx, actor, id, func(tx *store.Tx, row *Errand) error {
		return do(&step{desk: d, ctx: ctx, tx: tx, row: row, set: map[string]any{}})
	})
}

// move is the write itself. What ends the errand frees its case for another one.
func (s *step) move(do flow.Act) error {
	to, err := Flow.Next(s.row.Status, do, s.tx.Actor.Role)
	if err != nil {
		return err
	}
	if Flow.IsFinal(to) {
		s.change(map[string]any{"open_case": nil, "next_at": nil})
	}
	if _, err := s.desk.docket.Move(s.tx, s.row, do, s.set, s.code); err != nil {
		return err
	}
	return s.keep(do, to)
}

// note raises the version as a move does, and the state stays.
func (s *step) note(act flow.Act) error {
	if err := s.desk.docket.Raise(s.tx, s.row, s.set); err != nil {
		return err
	}
	s.tx.Trail(store.Entry{Act: kind + "." + string(act), Kind: kind, Object: s.row.ID, Area: s.row.Village, Why: s.code})
	return s.keep(act, s.row.Status)
}

// keep appends a line to the history.
func (s *step) keep(act flow.Act, to flow.State) (err error) {
	if s.at == nil {
		if s.at, err = s.tx.DoneAt("errand_events", "errand_id", s.row.ID); err != nil {
			return err
		}
	}
	if s.stead == nil && act != Revoke && act != followUpAct { // the one is the principal's, whoever writes it down, the other nobody's who was entrusted
		if s.stead, err = standsFor(s.tx.DB, s.tx.Actor, s.row, clock.DateOf(s.tx.Now)); err != nil {
			return err
		}
	}
	trailStead(s.tx, s.row, s.stead)
	e := Event{
		DoneAt: s.at, ID: s.tx.NewID(), ErrandID: s.row.ID, Version: s.row.Version + 1, At: s.tx.Now, Act: act, FromStatus: s.row.Status, ToStatus: to,
		Actor: s.tx.Actor.Person, Role: s.tx.Actor.Role, StoodFor: whom(s.stead), Code: s.code,
	}
	e.Text = s.seal(sealedEvent(e.ID), s.text)
	if err := s.tx.Create(&e).Error; err != nil {
		return err
	}
	return s.desk.files.Attach(s.tx, eventKind, e.ID, s.files)
}

// seal seals a text for its place; nil for an empty one.
func (s *step) seal(where secret.Where, text string) []byte {
	if text == "" {
		return nil
	}
	return s.desk.store.Keys().Seal(where, []byte(text))
}

// say keeps the typed text for the history.
func (s *step) say(text string, least int) (err error) {
	s.text, err = docket.Typed("body.text", text, least, longestText)
	return err
}

const (
	shortestText = 5 // characters of a reason
	longestText  = 2000
	longestName  = 40
)

// load is the row with that id among those that the actor sees.
func (d *Desk) load(db *gorm.DB, actor access.Actor, id string) (*Errand, error) {
	row, err := d.docket.Find(seenBy(actor)(db), id)
	if err != nil {
		return nil, err
	}
	return row, account.Attends(db, actor, row.Principal)
}

// offers are the acts that the actor may do now: the flow's, less those that the row itself already forbids him.
func offers(e *Errand, actor access.Actor) []flow.Offer {
	list := []flow.Offer{}
	for _, o := range Flow.Offers(e.Status, actor.Role) {
		agent := actor.Role == access.Clerk && e.Agent == actor.Person
		acts := agent || actor.Role == access.Clerk && e.Deputy != "" && e.Deputy == actor.Person // on the days of his standing in
		if o.Do == File && !acts || o.Do == Revoke && agent || o.Do == TakeResult && (!acts || !e.may(MayReceive)) {
			continue
		}
		if (o.Do == Archive || o.Do == Stop) && e.OriginalsHeld {
			continue
		}
		list = append(list, o)
	}
	return list
}

// canSeeEvent: whoever sees the errand sees the photos of its acts, but for a supervisor.
func (d *Desk) canSeeEvent(ctx context.Context, actor access.Actor, id string) (bool, error) {
	if !seesPhotos(actor) {
		return false, nil
	}
	var events []Event
	err := d.store.Read(ctx).Where("id = ?", id).Limit(1).Find(&events).Error
	if err != nil || len(events) == 0 {
		return false, err
	}
	_, err = d.load(d.store.Read(ctx), actor, events[0].ErrandID)
	return docket.Sees(err)
}

func moment(t time.Time) time.Time { return docket.Whole(t) }
