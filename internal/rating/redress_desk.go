package rating

import (
	"context"
	"maps"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// redressKind is the object's kind, in trail and outbox.
const redressKind = "redress"

// open begins the redress of a poor rating, in the rating's own transaction, and where the rating's area goes on.
func (d *Desk) open(tx *store.Tx, of *Rating, number, office string) error {
	if !of.Level.Poor() {
		return nil
	}
	r := d.here(*of)
	row := map[string]any{
		"id": r.ID, "kind": r.Kind, "object": r.Object, "number": number, "county": r.County, "town": r.Town, "village": r.Village, "office": office,
		"level": r.Level, "status": string(Flow.Start), "version": 1, "finding": "", "created_at": tx.Now, "updated_at": tx.Now,
	}
	maps.Copy(row, d.clockOf(d.rules.limit(Flow.Start, false), tx.Now, tx.Now))
	if err := tx.Table("redresses").Create(row).Error; err != nil {
		return err
	}
	tx.Trail(store.Entry{Act: redressKind + ".open", Kind: redressKind, Object: r.ID, Area: r.Village, To: string(Flow.Start)})
	tx.Emit(store.Message{Topic: redressKind + ".open", Kind: redressKind, Object: r.ID, Area: r.Village})
	return nil
}

// officeOf is whose work a rating of the appeal is about: one that was merged never had an office, and was answered by the one
// of its master.
func officeOf(tx *store.Tx, a appeal.Appeal) (string, error) {
	if a.Status != appeal.Merged {
		return a.Office, nil
	}
	var master appeal.Appeal
	err := tx.Select("office").Where("id = ?", a.Master).Take(&master).Error
	return master.Office, err
}

// clockOf are the columns of a clock that runs from a moment on; without a limit none does.
func (d *Desk) clockOf(limit workday.Limit, from, now time.Time) map[string]any {
	if limit == (workday.Limit{}) {
		return map[string]any{"warn_at": nil, "late_at": nil, "counted_with": nil}
	}
	due := d.calendar.Due(from, limit)
	return map[string]any{
		"due_on": due.On, "provisional": due.Provisional, "started_at": whole(from), "warn_at": whole(d.calendar.Warning(from, due)), "late_at": whole(due.Deadline()),
		"light": string(d.calendar.Light(from, due, now)), "counted_with": d.mark,
	}
}

func whole(t time.Time) time.Time { return docket.Whole(t) }

// step is one act under way.
type step struct {
	tx   *store.Tx
	row  *Redress
	set  map[string]any
	code string
	text string
}

// Said is an act with words.
type Said struct {
	Version int // what the client saw; 0 when it did not say
	Text    string
}

// CallBack is how the rater was asked, and what was found.
type CallBack struct {
	Version int
	How     string // one of Contacts
	Finding string // one of Findings; Confirm takes none
	Text    string
}

func (d *Desk) act(ctx context.Context, actor access.Actor, id string, in Said, do flow.Act, least int, whether func(*step) error) (RedressSeen, error) {
	return d.docket.Write(ctx, actor, id, func(tx *store.Tx, row *Redress) error {
		to, err := d.docket.Next(row, in.Version, do, actor.Role)
		if err != nil {
			return err
		}
		if err := d.apart(tx.DB, row, actor.Person); err != nil {
			return err
		}
		s := &step{tx: tx, row: row, set: d.clockFor(row, do, to, tx.Now)}
		if s.text, err = docket.Typed("body.text", in.Text, least, longestText); err != nil {
			return err
		}
		if whether != nil {
			if err := whether(s); err != nil {
				return err
			}
		}
		return d.move(s, do, to)
	})
}

// apart: whoever had a hand in what was rated does nothing about the rating, in whichever post.
func (d *Desk) apart(db *gorm.DB, row *Redress, person string) error {
	handled := d.cases.HandledBy
	if row.Kind == OfAnAppeal {
		handled = d.appeals.HandledBy
	}
	his, err := handled(db, row.Object, person)
	if err == nil && his {
		err = ErrOwnHandling
	}
	return err
}

func (d *Desk) move(s *step, do flow.Act, to flow.State) error {
	if _, err := d.docket.Move(s.tx, s.row, do, s.set, s.code); err != nil {
		return err
	}
	e := RedressEvent{
		ID: s.tx.NewID(), Redress: s.row.ID, Version: s.row.Version + 1, At: s.tx.Now, Act: do, FromStatus: s.row.Status, ToStatus: to,
		Actor: s.tx.Actor.Person, Role: s.tx.Actor.Role, Code: s.code,
	}
	if s.text != "" {
		e.Text = d.store.Keys().Seal(sealedWords(e.ID), []byte(s.text))
	}
	return s.tx.Create(&e).Error
}

const (
	shortestText = 5 // characters of what is told or found
	longestText  = 2000
)

func (d *Desk) callBack(ctx context.Context, actor access.Actor, id string, in CallBack, do flow.Act, finding string) (RedressSeen, error) {
	return d.act(ctx, actor, id, Said{in.Version, in.Text}, do, shortestText, func(s *step) error {
		if !docket.Known(Contacts, in.How) {
			return fault.Wrong("body.how", "请选择怎么回访的")
		}
		if !docket.Known(Findings, finding) || (finding == found) != (do == Confirm) {
			return fault.Wrong("body.finding", "请选择核实的结果")
		}
		s.code = in.How
		s.set["contacted_at"], s.set["finding"] = s.tx.Now, finding
		return nil
	})
}

// Confirm (核实属实) is the call-back that finds the rating true; its correction begins.
func (d *Desk) Confirm(ctx context.Context, actor access.Actor, id string, in CallBack) (RedressSeen, error) {
	return d.callBack(ctx, actor, id, in, Confirm, found)
}

// FindUnfounded (核实不属实) is the one that finds otherwise. The rating stays and is marked; the rater is answered all the same.
func (d *Desk) FindUnfounded(ctx context.Context, actor access.Actor, id string, in CallBack) (RedressSeen, error) {
	return d.callBack(ctx, actor, id, in, Unfounded, in.Finding)
}

// Correct (整改完成) says what was done about it.
func (d *Desk) Correct(ctx context.Context, actor access.Actor, id string, in Said) (RedressSeen, error) {
	return d.act(ctx, actor, id, in, Correct, shortestText, func(s *step) error {
		s.set["corrected_at"] = s.tx.Now
		return nil
	})
}

// Answer (答复评价人) is what the rater reads on his case or appeal.
func (d *Desk) Answer(ctx context.Context, actor access.Actor, id string, in Said) (RedressSeen, error) {
	return d.act(ctx, actor, id, in, Answer, shortestText, func(s *step) error {
		s.set["answered_at"] = s.tx.Now
		return nil
	})
}

// Reopen (退回重新核实整改) is done by a checker whom the answer does not satisfy. What was found and done is found and done again;
// the history keeps it.
func (d *Desk) Reopen(ctx context.Context, actor access.Actor, id string, in Said) (RedressSeen, error) {
	return d.act(ctx, actor, id, in, Reopen, shortestText, func(s *step) error {
		maps.Copy(s.set, map[string]any{"finding": "", "contacted_at": nil, "corrected_at": nil, "answered_at": nil})
		if s.row.ReopenedAt == nil {
			s.set["reopened_at"] = s.tx.Now
		}
		return d.notHis(s)
	})
}

// Close (复核结案) ends it, by somebody who neither called back nor corrected nor answered, now or before it was reopened.
func (d *Desk) Close(ctx context.Context, actor access.Actor, id string, in Said) (RedressSeen, error) {
	return d.act(ctx, actor, id, in, Close, 0, func(s *step) error {
		s.set["closed_at"] = s.tx.Now
		return d.notHis(s)
	})
}

func (d *Desk) notHis(s *step) error {
	his, err := hadPart(s.tx.DB, s.row.ID, s.tx.Actor.Person)
	if err == nil && his {
		err = ErrOwnPart
	}
	return err
}

func (d *Desk) load(db *gorm.DB, actor access.Actor, id string) (*Redress, error) {
	return d.docket.Find(d.seenBy(actor)(db), id)
}

func offers(r *Redress, actor access.Actor) []flow.Offer { return Flow.Offers(r.Status, actor.Role) }
