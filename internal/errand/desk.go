package errand

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/fault"
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
	store  *store.Store
	files  *file.Desk
	people *account.Desk
	cases  *casework.Desk
	filed  int // calendar days from the handing over to the archive
}

// New opens the desk, and puts it beside the cases. Once in a program: files takes each kind once. The county's rules say when
// what was handed over is archived, as with cases.
func New(s *store.Store, rules casework.Rules, files *file.Desk, people *account.Desk, cases *casework.Desk) *Desk {
	d := &Desk{store: s, files: files, people: people, cases: cases, filed: rules.ConcludeDays()}
	files.SeenWith(eventKind, d.canSeeEvent)
	people.CarriedBy(d.Carry)
	people.LeftBy(d.leave)
	cases.Accompany(casework.Beside{Submits: d.maySubmit, Moved: d.caseMoved})
	return d
}

// step is one act under way: the row as read, and what the verb decides to change and to tell.
type step struct {
	desk  *Desk
	ctx   context.Context
	tx    *store.Tx
	row   *Errand
	set   map[string]any
	text  string // what the actor typed, for the history
	code  string
	files []string
}

func (s *step) change(columns map[string]any) { maps.Copy(s.set, columns) }

// act carries every verb of the flow. version is what the client saw; 0 when it did not say.
func (d *Desk) act(ctx context.Context, actor access.Actor, id string, version int, do flow.Act, whether func(*step) error) (Seen, error) {
	return d.write(ctx, actor, id, func(s *step) error {
		if _, err := Flow.Next(s.row.Status, do, actor.Role); err != nil {
			return err
		}
		if version != 0 && version != s.row.Version {
			return store.ErrLost
		}
		if err := whether(s); err != nil {
			return err
		}
		return s.move(do)
	})
}

// record carries what a clerk notes without moving the errand, in the states named; none: in each.
func (d *Desk) record(ctx context.Context, actor access.Actor, id string, version int, act flow.Act, in []flow.State, whether func(*step) error) (Seen, error) {
	return d.write(ctx, actor, id, func(s *step) error {
		if err := actor.Must(access.Clerk); err != nil {
			return err
		}
		if len(in) > 0 && !slices.Contains(in, s.row.Status) {
			return flow.NotNow
		}
		if version != 0 && version != s.row.Version {
			return store.ErrLost
		}
		if err := whether(s); err != nil {
			return err
		}
		return s.note(act)
	})
}

func (d *Desk) write(ctx context.Context, actor access.Actor, id string, do func(*step) error) (Seen, error) {
	var seen Seen
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		row, err := d.load(tx.DB, actor, id)
		if err != nil {
			return err
		}
		if err := do(&step{desk: d, ctx: ctx, tx: tx, row: row, set: map[string]any{}}); err != nil {
			return err
		}
		if seen, err = d.reread(ctx, tx, id); err != nil {
			return err
		}
		tx.Answer(seen)
		return nil
	})
	if err != nil {
		return Seen{}, d.standing(ctx, actor, id, err)
	}
	return seen, nil
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
	if _, err := s.tx.Move(Flow, store.Move{
		Table: "errands", ID: s.row.ID, Area: s.row.Village, From: s.row.Status, Version: s.row.Version, Do: do, Set: s.set, Why: s.code,
	}); err != nil {
		return err
	}
	return s.keep(do, to)
}

// note raises the version as a move does, and the state stays.
func (s *step) note(act flow.Act) error {
	s.change(map[string]any{"version": s.row.Version + 1, "updated_at": s.tx.Now})
	done := s.tx.Table("errands").Where("id = ? AND status = ? AND version = ?", s.row.ID, string(s.row.Status), s.row.Version).UpdateColumns(s.set)
	if done.Error == nil && done.RowsAffected != 1 {
		return store.ErrLost
	}
	if done.Error != nil {
		return done.Error
	}
	s.tx.Trail(store.Entry{Act: kind + "." + string(act), Kind: kind, Object: s.row.ID, Area: s.row.Village, Why: s.code})
	return s.keep(act, s.row.Status)
}

// keep appends a line to the history.
func (s *step) keep(act flow.Act, to flow.State) error {
	e := Event{
		ID: s.tx.NewID(), ErrandID: s.row.ID, Version: s.row.Version + 1, At: s.tx.Now, Act: act, FromStatus: s.row.Status, ToStatus: to,
		Actor: s.tx.Actor.Person, Role: s.tx.Actor.Role, Code: s.code,
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
	s.text, err = casework.Typed("body.text", text, least, longestText)
	return err
}

func one(field, code string, words []Word) error {
	if !slices.ContainsFunc(words, func(w Word) bool { return w.Code == code }) {
		return fault.Wrong(field, "请从列出的选项里选一个")
	}
	return nil
}

const (
	shortestText = 5 // characters of a reason
	longestText  = 2000
	longestName  = 40
)

// load is the row with that id among those that the actor sees.
func (d *Desk) load(db *gorm.DB, actor access.Actor, id string) (*Errand, error) {
	var found []Errand
	if err := seenBy(actor)(db).Where("errands.id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.NotFound
	}
	return &found[0], account.Attends(db, actor, found[0].Principal)
}

func (d *Desk) reread(ctx context.Context, tx *store.Tx, id string) (Seen, error) {
	var row Errand
	if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
		return Seen{}, err
	}
	return d.whole(ctx, tx.DB, &row, tx.Actor)
}

// standing adds to a conflict how the errand stands now, read after the roll-back and through the actor's own eyes.
func (d *Desk) standing(ctx context.Context, actor access.Actor, id string, err error) error {
	lost := errors.Is(err, store.ErrLost) || errors.Is(err, flow.NotNow)
	known := fault.Of(err)
	if known.Kind != fault.Conflict || errors.Is(err, store.ErrInProgress) {
		return err
	}
	row, missing := d.load(d.store.Read(ctx), actor, id)
	if missing != nil {
		return missing
	}
	if lost {
		known = ErrNotNow.Because(err)
	}
	told := *known
	told.Current = &fault.Current{Status: string(row.Status), Version: row.Version, Offers: offers(row, actor)}
	return &told
}

// offers are the acts that the actor may do now: the flow's, less those that the row itself already forbids him.
func offers(e *Errand, actor access.Actor) []flow.Offer {
	list := []flow.Offer{}
	for _, o := range Flow.Offers(e.Status, actor.Role) {
		agents := actor.Role == access.Clerk && e.Agent == actor.Person
		if o.Do == File && !agents || o.Do == Revoke && agents {
			continue
		}
		list = append(list, o)
	}
	return list
}

// canSeeEvent: whoever sees the errand sees the photos of its acts.
func (d *Desk) canSeeEvent(ctx context.Context, actor access.Actor, id string) (bool, error) {
	var events []Event
	err := d.store.Read(ctx).Where("id = ?", id).Limit(1).Find(&events).Error
	if err != nil || len(events) == 0 {
		return false, err
	}
	_, err = d.load(d.store.Read(ctx), actor, events[0].ErrandID)
	if errors.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// whole seconds, as everything is kept.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
