package appeal

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// Desk (诉求受理) is where appeals are handed in, moved and looked up.
type Desk struct {
	store    *store.Store
	calendar *workday.Calendar
	limits   Limits
	files    *file.Desk
	people   *account.Desk
	docket   *docket.Docket[Appeal, Seen]
}

// New opens the desk, and tells files who may see a photo of an appeal. Once in a program: files takes each kind once.
func New(s *store.Store, calendar *workday.Calendar, limits Limits, files *file.Desk, people *account.Desk) *Desk {
	d := &Desk{store: s, calendar: calendar, limits: limits, files: files, people: people}
	d.docket = &docket.Docket[Appeal, Seen]{Store: s, Flow: Flow, Table: "appeals", Grid: true, Late: ErrNotNow, Load: d.load, Show: d.whole, Offers: d.offers}
	files.SeenWith(kind, d.CanSee)
	files.SeenWith(eventKind, d.canSeeEvent)
	people.CarriedBy(d.docket.Carry)
	people.OfficesUsedBy("诉求", openAt)
	return d
}

// Limits are the county's numbers, for screens.
func (d *Desk) Limits() Limits { return d.limits }

// step is one act under way: the row as read, and what the verb decides to change and to tell.
type step struct {
	desk *Desk
	ctx  context.Context
	tx   *store.Tx
	row  *Appeal
	now  time.Time

	set    map[string]any
	text   string // what the actor typed, for the history
	code   string // coded reason, for history and trail
	detail Detail
	files  []string       // photos that come with the act
	then   []func() error // after the row was moved, in the same transaction
}

// change adds columns to be set.
func (s *step) change(columns map[string]any) { maps.Copy(s.set, columns) }

// after adds something to do in the same transaction once the row is moved, and so locked.
func (s *step) after(do func() error) { s.then = append(s.then, do) }

// act carries every verb: ask the flow, ask the verb whether it makes sense now, move the row, keep the history. version is what the
// client saw; 0 when it did not say.
func (d *Desk) act(ctx context.Context, actor access.Actor, id string, version int, do flow.Act, whether func(*step) error) (Seen, error) {
	return d.docket.Write(ctx, actor, id, func(tx *store.Tx, row *Appeal) error {
		to, err := d.docket.Next(row, version, do, actor.Role)
		if err != nil {
			return err
		}
		s := &step{desk: d, ctx: ctx, tx: tx, row: row, now: tx.Now, set: map[string]any{}}
		if Flow.IsFinal(to) {
			s.change(map[string]any{"next_at": nil})
		}
		if whether != nil {
			if err := whether(s); err != nil {
				return err
			}
		}
		return s.move(do)
	})
}

// move is the write itself.
func (s *step) move(do flow.Act) error {
	to, err := s.desk.docket.Move(s.tx, s.row, do, s.set, s.code)
	if err != nil {
		return err
	}
	event := Event{Version: s.row.Version + 1, Act: do, FromStatus: s.row.Status, ToStatus: to, Code: s.code}
	if err := s.desk.keep(s.tx, s.row.ID, &event, s.text, s.detail); err != nil {
		return err
	}
	if err := s.desk.files.Attach(s.tx, eventKind, event.ID, s.files); err != nil {
		return err
	}
	for _, do := range s.then {
		if err := do(); err != nil {
			return err
		}
	}
	return s.desk.tellFollowers(s.tx, s.row, do)
}

// keep appends a line to the history.
func (d *Desk) keep(tx *store.Tx, id string, e *Event, text string, detail Detail) error {
	data, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	e.ID, e.Appeal, e.At, e.Data = tx.NewID(), id, tx.Now, string(data)
	e.Actor, e.Role, e.Office = tx.Actor.Person, tx.Actor.Role, tx.Actor.Office
	e.Visible = tellings[e.Act].Said != ""
	if text != "" {
		e.Text = d.store.Keys().Seal(sealedEvent(e.ID), []byte(text))
	}
	return tx.Create(e).Error
}

// load is the row with that id among those that the actor sees, for a clerk as far as it is his client's.
func (d *Desk) load(db *gorm.DB, actor access.Actor, id string) (*Appeal, error) {
	row, err := d.docket.Find(d.seenBy(actor)(db), id)
	if err != nil {
		return nil, err
	}
	return row, attends(db, actor, row)
}

// attends refuses a clerk who serves another one than the petitioner. Where he may not know who that is, he is refused whomever he serves: else he
// would find out by serving one after the other.
func attends(db *gorm.DB, actor access.Actor, a *Appeal) error {
	if actor.Role != clerk || knows(a, actor) {
		return account.Attends(db, actor, a.Applicant)
	}
	err := account.ServesNobody(db, actor)
	if errors.Is(err, account.ErrServing) {
		err = account.ErrOtherClient
	}
	return err
}

// Standing adds to a conflict how the appeal stands now, see docket.Standing.
func (d *Desk) Standing(ctx context.Context, actor access.Actor, id string, err error) error {
	return d.docket.Standing(ctx, actor, id, err)
}

// say keeps the typed text for the history.
func (s *step) say(field, text string, least int) (err error) {
	s.text, err = docket.Typed(field, text, least, longestText)
	return err
}

// choose keeps a coded reason; it must be one of the words.
func (s *step) choose(field, code string, words []Word) error {
	s.code = code
	return docket.OneOf(field, code, words)
}

const (
	shortestText = 5 // characters of an appeal and of a reply
	longestText  = 2000
)

func (d *Desk) today() clock.Date { return clock.DateOf(d.store.Clock().Now()) }

// CanSee says whether the actor sees the appeal.
func (d *Desk) CanSee(ctx context.Context, actor access.Actor, id string) (bool, error) {
	_, err := d.load(d.store.Read(ctx), actor, id)
	return docket.Sees(err)
}

// canSeeEvent: whoever sees the appeal, and on the petitioner's side the event too.
func (d *Desk) canSeeEvent(ctx context.Context, actor access.Actor, id string) (bool, error) {
	var events []Event
	err := d.store.Read(ctx).Where("id = ?", id).Limit(1).Find(&events).Error
	if err != nil || len(events) == 0 || !shown(&events[0], actor) {
		return false, err
	}
	return d.CanSee(ctx, actor, events[0].Appeal)
}
