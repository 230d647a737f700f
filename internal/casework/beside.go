package casework

import (
	"cmp"
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// Beside is a machine that runs beside the case, such as the errand. It is asked within the case's own transaction.
type Beside struct {
	Files   bool                              // clerks submit by it alone
	Submits func(tx *store.Tx, c *Case) error // an error says why the draft is not to be submitted by the call on cases
	// Acts says for whom the clerk stands in when he does it for the applicant at that time; an error why he does not do it.
	Acts  func(tx *store.Tx, c *Case, do flow.Act, at time.Time) (stead string, err error)
	Moved func(tx *store.Tx, c *Case, to flow.State) error
}

// What a clerk does for the applicant beside the acts of the flow.
const (
	UsePaper flow.Act = "use_paper"
	LookUp   flow.Act = "look_up"
	// SupplementPaper: papers came that were to come later.
	SupplementPaper flow.Act = "supplement_papers"
)

// Accompany registers a machine beside the case. Before the desk is used.
func (d *Desk) Accompany(b Beside) { d.beside = append(d.beside, b) }

// maySubmit asks the machines beside.
func (d *Desk) maySubmit(tx *store.Tx, c *Case) error {
	for _, b := range d.beside {
		if err := b.Submits(tx, c); err != nil {
			return err
		}
	}
	return nil
}

// mayAct asks the machines beside whether a clerk does this for the applicant; whoever acts in his own right is not asked.
func (d *Desk) mayAct(tx *store.Tx, c *Case, do flow.Act, at time.Time) (stead string, err error) {
	if tx.Actor.Role != clerk {
		return "", nil
	}
	for _, b := range d.beside {
		whom, err := b.Acts(tx, c, do, at)
		if err != nil {
			return "", err
		}
		stead = cmp.Or(stead, whom)
	}
	return stead, nil
}

// mayAct asks likewise, and keeps for whom the clerk stands in.
func (s *step) mayAct(do flow.Act, at time.Time) error {
	stead, err := s.desk.mayAct(s.tx, s.row, do, at)
	s.detail.For = cmp.Or(stead, s.detail.For)
	return err
}

// tellBeside: the case was moved.
func (s *step) tellBeside(to flow.State) error {
	for _, b := range s.desk.beside {
		if err := b.Moved(s.tx, s.row, to); err != nil {
			return err
		}
	}
	return nil
}

// SubmitBeside hands the draft in for the machine beside it, in its transaction: the actor files it for the applicant from
// now on, in whose stead it may be. Conflicts are the caller's to tell.
func (d *Desk) SubmitBeside(ctx context.Context, tx *store.Tx, id string, papers []Paper, stead string) (Receipt, error) {
	return d.submit(ctx, tx, id, Submission{Papers: papers}, func(s *step) error {
		s.detail.For = stead
		s.change(map[string]any{"agent": tx.Actor.Person})
		return nil
	})
}

// DeliverBeside notes the delivery of the decision for the machine beside the case, in its transaction. A case that is delivered already, or
// that has nothing to deliver, stays as it is.
func (d *Desk) DeliverBeside(ctx context.Context, tx *store.Tx, id string, in Delivery, stead string) error {
	s, err := d.begin(ctx, tx, id, 0, Deliver)
	if errors.Is(err, flow.NotNow) {
		return nil
	}
	if err != nil {
		return err
	}
	s.detail.For = stead
	if err := s.deliverAs(in); err != nil {
		return err
	}
	return s.move(Deliver)
}

// DraftOf is a draft that the actor sees, held: nobody submits or discards it in another transaction meanwhile. It raises the
// version, as an edit does.
func (d *Desk) DraftOf(tx *store.Tx, id string) (*Case, error) {
	c, err := d.load(tx.DB, tx.Actor, id)
	if err != nil {
		return nil, err
	}
	if c.Status != Draft {
		return nil, flow.NotNow
	}
	return c, d.docket.Raise(tx, c, map[string]any{})
}

// Known is a case by its id, for a caller that saw to it that the actor may know of it.
func Known(db *gorm.DB, id string) (*Case, error) {
	var rows []Case
	if err := db.Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.NotFound
	}
	return &rows[0], nil
}

// PublicNumber is empty for a draft.
func (c *Case) PublicNumber() string { return c.number() }

// ConcludeDays is how long after the delivery the county files away.
func (r Rules) ConcludeDays() int { return r.Conclude.Days }
