package casework

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

// Rounds does what is due by itself: it receives what was submitted, accepts what nobody answered in five working days, ends
// what was not corrected in time, files away what was delivered, announces each change of a light once, and counts dates again
// when the calendar changed. Any number of replicas may do it at once, and any may die in the middle: each piece is an act of
// its own that somebody else's makes impossible. It answers how many cases it moved. One case that fails keeps no other
// waiting.
func (d *Desk) Rounds(ctx context.Context) (changed int, err error) {
	now := whole(d.store.Clock().Now())
	sweeps := []sweep{
		// Two ranges, for an index knows no "differs". What comes of a new calendar may be due at once.
		{"counted_with < ?", []any{d.mark}, "counted_with, id", d.recount},
		{"counted_with > ?", []any{d.mark}, "counted_with, id", d.recount},
		{"next_at <= ?", []any{now}, "next_at, id", d.goOn},
		{"light IN ('green', 'amber') AND late_at <= ?", []any{now}, "late_at, id", d.turn(workday.Red)},
		{"light = 'green' AND warn_at <= ? AND late_at > ?", []any{now, now}, "warn_at, id", d.turn(workday.Amber)},
	}
	var faults []error
	for _, s := range sweeps {
		n, err := d.sweep(ctx, s)
		changed += n
		faults = append(faults, err)
	}
	return changed, errors.Join(faults...)
}

// errStays means that nothing was to be done.
var errStays = errors.New("casework: stays as it is")

// sweep is one kind of row to look for, in the order of its index, and what to do with each.
type sweep struct {
	condition string
	args      []any
	order     string
	do        func(context.Context, *Case) error
}

func (d *Desk) sweep(ctx context.Context, s sweep) (changed int, err error) {
	var faults []error
	stay := 0 // rows that still match when they were looked at: they are passed over
	for range perRound {
		var rows []Case
		err := d.store.Read(ctx).Where(s.condition, s.args...).Order(s.order).Offset(stay).Limit(perBatch).Find(&rows).Error
		if err != nil {
			return changed, errors.Join(append(faults, err)...)
		}
		for i := range rows {
			err := s.do(ctx, &rows[i])
			switch {
			case err == nil:
				changed++
				continue
			case ctx.Err() != nil:
				return changed, errors.Join(append(faults, ctx.Err())...)
			case !passed(err):
				faults = append(faults, err)
			}
			stay++
		}
		if len(rows) < perBatch {
			break
		}
	}
	return changed, errors.Join(faults...)
}

// passed: somebody else did it meanwhile, or it is not to be done yet.
func passed(err error) bool {
	if errors.Is(err, errStays) {
		return true
	}
	k := fault.Of(err).Kind
	return k == fault.Conflict || k == fault.Missing
}

func round(c *Case) access.Actor { return access.Round(c.Village) }

// turn announces a light; it is no act of the flow, and the case stays as it is.
func (d *Desk) turn(light workday.Light) func(context.Context, *Case) error {
	return func(ctx context.Context, c *Case) error {
		return d.store.Write(ctx, round(c), func(tx *store.Tx) error {
			done := tx.Table("cases").Where("id = ? AND version = ? AND light = ?", c.ID, c.Version, string(c.Light)).UpdateColumn("light", string(light))
			if done.Error != nil {
				return done.Error
			}
			if done.RowsAffected != 1 {
				return errStays
			}
			tx.Trail(store.Entry{Act: lightTopic, Kind: kind, Object: c.ID, Area: c.Village, From: string(c.Light), To: string(light)})
			tx.Emit(store.Message{Topic: lightTopic, Kind: kind, Object: c.ID, Area: c.Village, Data: map[string]string{"light": string(light)}})
			return nil
		})
	}
}

// goOn is the next step of a case whose moment has come.
func (d *Desk) goOn(ctx context.Context, c *Case) (err error) {
	seen := Plain{c.Version}
	switch c.Status {
	case Submitted:
		_, err = d.Receive(ctx, round(c), c.ID, seen)
	case Received:
		_, err = d.Accept(ctx, round(c), c.ID, Acceptance{Version: c.Version})
	case Correcting:
		_, err = d.Lapse(ctx, round(c), c.ID, seen)
	case Delivered:
		_, err = d.Conclude(ctx, round(c), c.ID, seen)
	default:
		err = errStays
	}
	return err
}
