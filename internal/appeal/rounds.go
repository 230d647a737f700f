package appeal

import (
	"context"
	"errors"

	"tongban/internal/access"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// Rounds does what is due by itself: it announces each change of a light once and escalates a red one, opens and ends
// follow-ups, resumes shelved appeals at their review date, and counts provisional due dates again. Any number of replicas
// may do it at once, and any may die in the middle: each piece is an act of its own that somebody else's makes impossible.
// It answers how many appeals it moved. One appeal that fails keeps no other waiting.
func (d *Desk) Rounds(ctx context.Context) (moved int, err error) {
	now := whole(d.store.Clock().Now())
	sweeps := []store.Sweep[Appeal]{
		{Condition: "light IN ('green', 'amber') AND late_at <= ?", Args: []any{now}, Order: "late_at, id", Do: d.turnRed},
		{Condition: "light = 'green' AND warn_at <= ? AND late_at > ?", Args: []any{now, now}, Order: "warn_at, id", Do: d.turnAmber},
		{Condition: "next_at <= ?", Args: []any{now}, Order: "next_at, id", Do: d.goOn},
		{Condition: "due_provisional = ? AND late_at IS NOT NULL", Args: []any{true}, Order: "id", Do: d.recount},
	}
	var faults []error
	for _, s := range sweeps {
		n, err := s.Run(ctx, d.store)
		moved += n
		faults = append(faults, err)
	}
	return moved, errors.Join(faults...)
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
			return store.ErrStays
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
		err = store.ErrStays
	}
	return err
}
