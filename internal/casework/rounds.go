package casework

import (
	"context"
	"errors"

	"tongban/internal/access"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// Rounds does what is due by itself: it receives what was submitted, accepts what nobody answered in five working days, ends
// what was not corrected in time, files away what was delivered, announces each change of a light once, and counts dates again
// when the calendar changed. Any number of replicas may do it at once, and any may die in the middle: each piece is an act of
// its own that somebody else's makes impossible. It answers how many cases it moved. One case that fails keeps no other
// waiting.
func (d *Desk) Rounds(ctx context.Context) (changed int, err error) {
	now := whole(d.store.Clock().Now())
	sweeps := []store.Sweep[Case]{
		// Two ranges, for an index knows no "differs". What comes of a new calendar may be due at once.
		{Condition: "counted_with < ?", Args: []any{d.mark}, Order: "counted_with, id", Do: d.recount},
		{Condition: "counted_with > ?", Args: []any{d.mark}, Order: "counted_with, id", Do: d.recount},
		{Condition: "next_at <= ?", Args: []any{now}, Order: "next_at, id", Do: d.goOn},
		{Condition: "light = 'amber' AND late_at <= ?", Args: []any{now}, Order: "late_at, id", Do: d.turn(workday.Red)},
		{Condition: "light = 'green' AND late_at <= ?", Args: []any{now}, Order: "late_at, id", Do: d.turn(workday.Red)},
		{Condition: "light = 'green' AND warn_at <= ? AND late_at > ?", Args: []any{now, now}, Order: "warn_at, id", Do: d.turn(workday.Amber)},
	}
	var faults []error
	for _, s := range sweeps {
		n, err := s.Run(ctx, d.store)
		changed += n
		faults = append(faults, err)
	}
	return changed, errors.Join(faults...)
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
				return store.ErrStays
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
		err = store.ErrStays
	}
	return err
}
