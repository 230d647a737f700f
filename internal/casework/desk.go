package casework

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog"
	platform "tongban/internal/county"
	"tongban/internal/deputy"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/locker"
	"tongban/internal/notice"
	"tongban/internal/secret"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// Desk (办件受理) is where cases are opened, moved and looked up.
type Desk struct {
	store    *store.Store
	calendar *workday.Calendar
	mark     string // of the calendar
	rules    Rules
	files    *file.Desk
	people   *account.Desk
	items    *catalog.Desk
	notices  *notice.Desk
	locker   *locker.Desk      // 材料复用库; nil without
	platform platform.Platform // the county's own; nil without
	news     *platform.Desk    // its inbox; nil without
	beside   []Beside
	docket   *docket.Docket[Case, Seen]

	registers platform.Registers // 数据共享; nil without: the hall looks papers up
}

// New opens the desk, and tells files who may see a photo of a case. Once in a program: files takes each kind once.
func New(s *store.Store, calendar *workday.Calendar, rules Rules, files *file.Desk, people *account.Desk, items *catalog.Desk, notices *notice.Desk) *Desk {
	d := &Desk{store: s, calendar: calendar, mark: MarkOf(calendar), rules: rules, files: files, people: people, items: items, notices: notices}
	d.docket = &docket.Docket[Case, Seen]{Store: s, Flow: Flow, Table: "cases", Grid: true, Late: ErrNotNow, Load: d.load, Show: d.anew, Offers: d.offers}
	files.SeenWith(materialKind, d.canSeeMaterial)
	files.TakesPDF(materialKind)
	files.SeenWith(eventKind, d.canSeeEvent)
	people.CarriedBy(d.docket.Carry)
	people.LeftBy(d.leave)
	people.OfficesUsedBy("办件", openAt)
	people.OfficesUsedBy("征求意见", askedAt)
	items.WaitingBy(d.waits)
	return d
}

// step is one act under way: the row as read, and what the verb decides to change and to tell.
type step struct {
	desk *Desk
	ctx  context.Context
	tx   *store.Tx
	row  *Case
	now  time.Time

	stead  *deputy.Deputy // by which the actor stands in for a colleague; nil when he acts for himself
	acting string         // relation by which a resident hands in another's case; empty for his own

	set      map[string]any
	text     string // what the actor typed, for the history
	code     string // coded reason, for history and trail
	detail   Detail
	files    []string          // photos that come with the act
	paper    map[string]string // what the act's document says beside the above
	decision string            // id of the decision that the act makes
	then     []func() error    // after the row was moved, and so locked, in the same transaction
}

// change adds columns to be set.
func (s *step) change(columns map[string]any) { maps.Copy(s.set, columns) }

// after adds something to do in the same transaction once the row is moved.
func (s *step) after(do func() error) { s.then = append(s.then, do) }

// act carries every verb: ask the flow, ask the verb whether it makes sense now, move the row, keep the history. version is what the
// client saw; 0 when it did not say.
func (d *Desk) act(ctx context.Context, actor access.Actor, id string, version int, do flow.Act, whether func(*step) error) (Seen, error) {
	return d.docket.Write(ctx, actor, id, func(tx *store.Tx, row *Case) error {
		s, err := d.on(ctx, tx, row, version, do)
		if err != nil {
			return err
		}
		if err := whether(s); err != nil {
			return err
		}
		return s.move(do)
	})
}

// begin finds the row and asks the flow, for acts that are part of something else.
func (d *Desk) begin(ctx context.Context, tx *store.Tx, id string, version int, do flow.Act) (*step, error) {
	row, err := d.load(tx.DB, tx.Actor, id)
	if err != nil {
		return nil, err
	}
	return d.on(ctx, tx, row, version, do)
}

// on asks the flow. What ends the case stops its clock and has no next step.
func (d *Desk) on(ctx context.Context, tx *store.Tx, row *Case, version int, do flow.Act) (*step, error) {
	to, err := d.docket.Next(row, version, do, tx.Actor.Role)
	if err != nil {
		return nil, err
	}
	if row.barred {
		return nil, ErrClaimed
	}
	s := &step{desk: d, ctx: ctx, tx: tx, row: row, now: tx.Now, set: map[string]any{}}
	if s.stead, err = d.standsFor(tx.DB, tx.Actor, row); err != nil {
		return nil, err
	}
	if s.stead != nil {
		s.detail.For = s.stead.Person
	}
	if to != row.Status { // the step ends, and with it the claim
		s.change(map[string]any{"holder": "", "holder_post": "", "held_at": nil})
	}
	if Flow.IsFinal(to) {
		s.change(stopped(row, s.now))
		s.change(map[string]any{"next_at": nil, "remind_at": nil, "counted_with": nil})
	}
	return s, nil
}

// move is the write itself.
func (s *step) move(do flow.Act) error {
	to, err := s.desk.docket.Move(s.tx, s.row, do, s.set, s.code)
	if err != nil {
		return err
	}
	trailDeputy(s.tx, s.row, s.stead)
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
	if err := s.endOpinions(to); err != nil {
		return err
	}
	if err := s.tellBeside(to); err != nil {
		return err
	}
	return s.document(do)
}

// keep appends a line to the history.
func (d *Desk) keep(tx *store.Tx, id string, e *Event, text string, detail Detail) error {
	data, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	if e.DoneAt, err = tx.DoneAt("case_events", "case_id", id); err != nil {
		return err
	}
	e.ID, e.CaseID, e.At, e.Data = tx.NewID(), id, tx.Now, string(data)
	e.Actor, e.Role, e.Office = tx.Actor.Person, tx.Actor.Role, tx.Actor.Office
	e.Visible = tellings[e.Act].Said != ""
	if text != "" {
		e.Text = d.store.Keys().Seal(sealedEvent(e.ID), []byte(text))
	}
	return tx.Create(e).Error
}

// load is the row with that id among those that the actor sees.
func (d *Desk) load(db *gorm.DB, actor access.Actor, id string) (*Case, error) {
	row, err := d.docket.Find(d.seenBy(actor)(db), id)
	if err != nil {
		return nil, err
	}
	if err := account.Attends(db, actor, row.Applicant); err != nil {
		return nil, err
	}
	return row, d.weigh(db, actor, row)
}

// seenOrAsked is load for readers: it finds what the actor's office is asked about too. No act goes through here.
func (d *Desk) seenOrAsked(db *gorm.DB, actor access.Actor, id string) (*Case, error) {
	row, err := d.load(db, actor, id)
	if !errors.Is(err, fault.NotFound) || !slices.Contains(opiners, actor.Role) {
		return row, err
	}
	if row, err = d.docket.Find(askedAbout(actor)(db), id); err != nil {
		return nil, err
	}
	row.asked = true
	return row, nil
}

// anew is the view of a row that was read by its id alone: who has it in hand was not looked at yet.
func (d *Desk) anew(ctx context.Context, db *gorm.DB, row *Case, actor access.Actor) (Seen, error) {
	if err := d.weigh(db, actor, row); err != nil {
		return Seen{}, err
	}
	return d.whole(ctx, db, row, actor)
}

// Standing adds to a conflict how the case stands now, see docket.Standing.
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
	if !docket.Known(words, code) && (code != byCounty || s.tx.Actor.Role != county) {
		return fault.Wrong(field, "请从列出的选项里选一个")
	}
	s.code = code
	return nil
}

// seal seals a typed text for its place; nil for an empty one.
func (s *step) seal(where secret.Where, text string) []byte {
	if text == "" {
		return nil
	}
	return s.desk.store.Keys().Seal(where, []byte(text))
}

const (
	shortestText = 5 // characters of a reason
	longestText  = 2000
)

// CanSee says whether the actor sees the case. An office that is asked for its opinion only reads.
func (d *Desk) CanSee(ctx context.Context, actor access.Actor, id string) (bool, error) {
	_, err := d.load(d.store.Read(ctx), actor, id)
	return docket.Sees(err)
}

// canRead is CanSee for those too whom the case's office asked for their opinion.
func (d *Desk) canRead(ctx context.Context, actor access.Actor, id string) (bool, error) {
	_, err := d.seenOrAsked(d.store.Read(ctx), actor, id)
	return docket.Sees(err)
}

// canSeeMaterial: whoever sees the case sees its papers.
func (d *Desk) canSeeMaterial(ctx context.Context, actor access.Actor, id string) (bool, error) {
	var rows []materialRow
	if err := d.store.Read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return false, err
	}
	return d.canRead(ctx, actor, rows[0].CaseID)
}

// canSeeEvent: whoever sees the case, and on the applicant's side the event too.
func (d *Desk) canSeeEvent(ctx context.Context, actor access.Actor, id string) (bool, error) {
	var events []Event
	err := d.store.Read(ctx).Where("id = ?", id).Limit(1).Find(&events).Error
	if err != nil || len(events) == 0 || !shown(&events[0], actor) {
		return false, err
	}
	return d.canRead(ctx, actor, events[0].CaseID)
}
