package appeal

import (
	"context"

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
	return d.docket.Rounds(ctx, []store.Sweep[Appeal]{
		{Condition: "light IN ('green', 'amber') AND late_at <= ?", Args: []any{now}, Order: "late_at, id", Do: d.turnRed},
		{Condition: "light = 'green' AND warn_at <= ? AND late_at > ?", Args: []any{now, now}, Order: "warn_at, id", Do: d.docket.Turn(workday.Amber)},
		{Condition: "next_at <= ?", Args: []any{now}, Order: "next_at, id", Do: d.goOn},
		{Condition: "due_provisional = ? AND late_at IS NOT NULL", Args: []any{true}, Order: "id", Do: d.recount},
	}...)
}

func round(a *Appeal) access.Actor { return access.Round(a.Village) }

func (d *Desk) turnRed(ctx context.Context, a *Appeal) error {
	_, err := d.Escalate(ctx, round(a), a.ID, Escalation{a.Version})
	return err
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
