package appeal

import (
	"context"
	"time"

	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// shift is what moved a due date: an extension, or a time in which the appeal was shelved.
type shift struct {
	days int
	span workday.Span
}

// recount counts a provisional due date again once the calendar knows the years on the way: the limit from its start,
// then what was extended and shelved since, in order.
func (d *Desk) recount(ctx context.Context, a *Appeal) error {
	if d.calendar.Status(a.DueOn.Year) != workday.Official {
		return store.ErrStays // the notice is still to come
	}
	due, err := d.counted(ctx, a)
	if err != nil {
		return err
	}
	if due.Provisional && due.On == a.DueOn {
		return store.ErrStays
	}
	return d.store.Write(ctx, round(a), func(tx *store.Tx) error {
		set := d.running(a.StartedAt, due, a.Light, tx.Now)
		if err := d.docket.Raise(tx, a, set); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "appeal.recount", Kind: kind, Object: a.ID, Area: a.Village, From: a.DueOn.String(), To: due.On.String(), Fields: []string{"due_on"}})
		act := recountAct
		if due.On != a.DueOn { // the petitioner was told another day
			act = moveDayAct
			tx.Emit(store.Message{Topic: "appeal." + string(act), Kind: kind, Object: a.ID, Area: a.Village})
		}
		return d.keep(tx, a.ID, &Event{Version: a.Version + 1, Act: act, FromStatus: a.Status, ToStatus: a.Status}, "", Detail{DueOn: due.On})
	})
}

func (d *Desk) counted(ctx context.Context, a *Appeal) (workday.Due, error) {
	due := d.calendar.Due(a.StartedAt, d.limits.clock(a.Class, a.Urgency).Result)
	shifts, err := d.shifts(ctx, a)
	for _, s := range shifts {
		if s.days > 0 {
			due = d.calendar.Extend(due, s.days)
		} else if !due.Overdue(s.span.Start) {
			due = d.calendar.Suspend(due, s.span)
		}
	}
	return due, err
}

func (d *Desk) shifts(ctx context.Context, a *Appeal) ([]shift, error) {
	var events []Event
	acts := []flow.Act{Extend, Shelve, Resume}
	err := d.store.Read(ctx).Where("appeal = ? AND act IN ? AND at >= ?", a.ID, acts, a.StartedAt).Order("version, id").Find(&events).Error
	if err != nil {
		return nil, err
	}
	var shifts []shift
	var since time.Time
	for i := range events {
		switch e := &events[i]; e.Act {
		case Extend:
			detail, err := e.detail()
			if err != nil {
				return nil, err
			}
			shifts = append(shifts, shift{days: detail.Days})
		case Shelve:
			since = e.At
		case Resume:
			shifts = append(shifts, shift{span: workday.Span{Start: since, End: e.At}})
		}
	}
	return shifts, nil
}
