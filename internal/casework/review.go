package casework

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/workday"
)

// Review (审查) takes the case up.
func (d *Desk) Review(ctx context.Context, actor access.Actor, id string, in Plain) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Review, (*step).review)
}

func (s *step) review() error {
	s.set["reviewer"] = s.tx.Actor.Person
	return nil
}

// Suspension is a special procedure (特别程序), whose time is not counted.
type Suspension struct {
	Version   int
	Procedure string     // one of Procedures
	UntilOn   clock.Date // until when it will probably last: the applicant must be told (行政许可法 45)
	Text      string     // why; the applicant reads it
}

// longestProcedure in days: a later date is a slip of the pen.
const longestProcedure = 731

// Suspend stops the clock.
func (d *Desk) Suspend(ctx context.Context, actor access.Actor, id string, in Suspension) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Suspend, func(s *step) error {
		today := clock.DateOf(s.now)
		if !today.Before(in.UntilOn) || today.AddDays(longestProcedure).Before(in.UntilOn) {
			return fault.Wrong("body.until_on", "预计到哪一天，要在今天以后、两年以内")
		}
		return s.suspend(in)
	})
}

func (s *step) suspend(in Suspension) error {
	if err := s.choose("body.procedure", in.Procedure, Procedures); err != nil {
		return err
	}
	s.change(stopped(s.row, s.now))
	s.detail.UntilOn = in.UntilOn
	s.after(func() error {
		return s.tx.Create(&periodRow{
			ID: s.tx.NewID(), CaseID: s.row.ID, Version: s.row.Version + 1, Kind: suspension, Code: in.Procedure, StartedAt: s.now, UntilOn: in.UntilOn,
		}).Error
	})
	return s.say("body.text", in.Text, shortestText)
}

// Resumption goes on after a special procedure.
type Resumption struct {
	Version int
	Text    string // what came of it; optional, the applicant reads it
}

// Resume lets the clock run again. Both due dates move by the working days that the procedure covered wholly.
func (d *Desk) Resume(ctx context.Context, actor access.Actor, id string, in Resumption) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Resume, func(s *step) error { return s.resume(in) })
}

func (s *step) resume(in Resumption) error {
	periods, err := periodsOf(s.tx.DB, s.row.ID)
	if err != nil {
		return err
	}
	for i := range periods {
		if periods[i].Kind == suspension && periods[i].EndedAt == nil {
			periods[i].EndedAt = &s.now
		}
	}
	s.recounted(periods)
	s.after(func() error { return s.endSuspension() })
	return s.say("body.text", in.Text, 0)
}

// endSuspension closes the one that lasts.
func (s *step) endSuspension() error {
	return s.tx.Table("case_periods").Where("case_id = ? AND kind = ? AND ended_at IS NULL", s.row.ID, suspension).UpdateColumn("ended_at", s.now).Error
}

// recounted sets both due dates anew.
func (s *step) recounted(periods []periodRow) {
	both := s.desk.counted(s.row, *s.row.AcceptedAt, periods)
	s.change(s.desk.handlingClock(*s.row.AcceptedAt, both, s.row.Light, s.now))
	s.detail.DueOn = both.Binding().On
}

// periodsOf lists what moved the due dates, in order.
func periodsOf(db *gorm.DB, id string) (rows []periodRow, err error) {
	err = db.Where("case_id = ?", id).Order("version").Find(&rows).Error
	return rows, err
}

// Extension moves the due dates (延长).
type Extension struct {
	Version  int
	Days     int    // in the unit in which the item may be extended; working days if it does not say
	Approver string // the head of the agency, who must have approved (行政许可法 42)
	Text     string // why; the applicant reads it
}

// Extend is possible once, before the case is due.
func (d *Desk) Extend(ctx context.Context, actor access.Actor, id string, in Extension) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Extend, func(s *step) error {
		if err := s.extendable(s.row.dues().Binding()); err != nil {
			return err
		}
		most, err := s.mostExtension()
		if err != nil {
			return err
		}
		if in.Days < 1 || in.Days > most.Value {
			return fault.Wrong("body.days", fmt.Sprintf("最多延长%s", most.Text()))
		}
		return s.extend(in, most.Unit)
	})
}

// extendable: once, and before the day that counts.
func (s *step) extendable(due workday.Due) error {
	switch {
	case s.row.Extensions > 0:
		return ErrExtended
	case due.None():
		return ErrNothingToMove
	case due.Overdue(s.now):
		return ErrExtendLate
	}
	return nil
}

func (s *step) extend(in Extension, unit workday.Unit) error {
	periods, err := periodsOf(s.tx.DB, s.row.ID)
	if err != nil {
		return err
	}
	approver, err := docket.Typed("body.approver", in.Approver, 2, 40)
	if err != nil {
		return err
	}
	p := periodRow{ID: s.tx.NewID(), CaseID: s.row.ID, Version: s.row.Version + 1, Kind: extension, StartedAt: s.now, Days: in.Days, Unit: unit}
	p.Approver = s.seal(sealedApprover(p.ID), approver)
	s.paper = map[string]string{"approver": approver}
	s.recounted(append(periods, p))
	s.set["extensions"] = s.row.Extensions + 1
	s.detail.Days, s.detail.Unit = in.Days, unit
	s.after(func() error { return s.tx.Create(&p).Error })
	return s.say("body.text", in.Text, shortestText)
}

// mostExtension is what the item allows, else what the county does.
func (s *step) mostExtension() (workday.Limit, error) {
	item, err := s.desk.items.Version(s.ctx, s.row.Item, s.row.ItemVersion)
	if err == nil && item.Joint && item.Extension == nil {
		return catalog.JointExtension, nil
	}
	if err != nil || item.Extension == nil {
		return workday.Limit{Value: s.desk.rules.Extension.Most, Unit: workday.Workdays}, err
	}
	return item.Extension.Plain(), nil
}
