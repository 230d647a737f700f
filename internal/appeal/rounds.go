package appeal

import (
	"context"
	"errors"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/workday"
)

const (
	perBatch = 100
	perRound = 20 // batches; the rest waits for the next round
)

// Rounds does what is due by itself: it announces each change of a light once and escalates a red one, opens and ends
// follow-ups, resumes shelved appeals at their review date, and counts provisional due dates again. Any number of replicas
// may do it at once, and any may die in the middle: each piece is an act of its own that somebody else's makes impossible.
// It answers how many appeals it moved. One appeal that fails keeps no other waiting.
func (d *Desk) Rounds(ctx context.Context) (moved int, err error) {
	now := whole(d.store.Clock().Now())
	sweeps := []sweep{
		{"light IN ('green', 'amber') AND late_at <= ?", []any{now}, "late_at, id", d.turnRed},
		{"light = 'green' AND warn_at <= ? AND late_at > ?", []any{now, now}, "warn_at, id", d.turnAmber},
		{"next_at <= ?", []any{now}, "next_at, id", d.goOn},
		{"due_provisional = ? AND late_at IS NOT NULL", []any{true}, "id", d.recount},
	}
	var faults []error
	for _, s := range sweeps {
		n, err := d.sweep(ctx, s)
		moved += n
		faults = append(faults, err)
	}
	return moved, errors.Join(faults...)
}

// errStays means that nothing was to be done.
var errStays = errors.New("appeal: stays as it is")

// sweep is one kind of row to look for, in the order of its index, and what to do with each.
type sweep struct {
	condition string
	args      []any
	order     string
	do        func(context.Context, *Appeal) error
}

func (d *Desk) sweep(ctx context.Context, s sweep) (moved int, err error) {
	var faults []error
	stay := 0 // rows that still match when they were looked at: they are passed over
	for range perRound {
		var rows []Appeal
		err := d.store.Read(ctx).Where(s.condition, s.args...).Order(s.order).Offset(stay).Limit(perBatch).Find(&rows).Error
		if err != nil {
			return moved, errors.Join(append(faults, err)...)
		}
		for i := range rows {
			err := s.do(ctx, &rows[i])
			switch {
			case err == nil:
				moved++
				continue
			case ctx.Err() != nil:
				return moved, errors.Join(append(faults, ctx.Err())...)
			case !passed(err):
				faults = append(faults, err)
			}
			stay++
		}
		if len(rows) < perBatch {
			break
		}
	}
	return moved, errors.Join(faults...)
}

// passed: somebody else did it meanwhile, or it is not to be done yet.
func passed(err error) bool {
	if errors.Is(err, errStays) {
		return true
	}
	k := fault.Of(err).Kind
	return k == fault.Conflict || k == fault.Missing
}

func round(a *Appeal) access.Actor { return access.Round(a.Village) }

func (d *Desk) turnRed(ctx context.Context, a *Appeal) error {
	_, err := d.Escalate(ctx, round(a), a.ID, Escalation{a.Version})
	return err
}

// turnAmber announces; it is no act of the flow, and the appeal stays as it is.
func (d *Desk) turnAmber(ctx context.Context, a *Appeal) error {
	return d.store.Write(ctx, round(a), func(tx *store.Tx) error {
		done := tx.Table("appeals").Where("id = ? AND version = ? AND light = ?", a.ID, a.Version, string(workday.Green)).
			UpdateColumn("light", string(workday.Amber))
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return errStays
		}
		tx.Trail(store.Entry{Act: lightTopic, Kind: kind, Object: a.ID, Area: a.Village, From: string(workday.Green), To: string(workday.Amber)})
		tx.Emit(lit(a, workday.Amber))
		return nil
	})
}

// goOn is the next step of an appeal whose moment has come.
func (d *Desk) goOn(ctx context.Context, a *Appeal) (err error) {
	switch {
	case a.Status == Replied && a.Identity == Anonymous, a.Status == FollowingUp:
		_, err = d.Conclude(ctx, round(a), a.ID, Conclusion{Version: a.Version})
	case a.Status == Replied:
		_, err = d.StartFollowUp(ctx, round(a), a.ID, FollowUpStart{a.Version})
	case a.Status == Shelved:
		_, err = d.Resume(ctx, round(a), a.ID, Resumption{Version: a.Version})
	default:
		err = errStays
	}
	return err
}
