package casework

import (
	"context"
	"slices"

	"tongban/internal/access"
	"tongban/internal/docket"
	"tongban/internal/store"
)

// Rounds does what is due by itself: it receives what was submitted, accepts what nobody answered in five working days, ends
// what was not corrected in time and reminds of it before, files away what was delivered, announces each change of a light once, and counts dates again
// when the calendar changed. Any number of replicas may do it at once, and any may die in the middle: each piece is an act of
// its own that somebody else's makes impossible. It answers how many cases it moved. One case that fails keeps no other
// waiting.
func (d *Desk) Rounds(ctx context.Context) (changed int, err error) {
	now := whole(d.store.Clock().Now())
	// What comes of a new calendar may be due at once.
	return d.docket.Rounds(ctx, slices.Concat(docket.Recounts(d.mark, d.recount), []store.Sweep[Case]{
		{Condition: "next_at <= ?", Args: []any{now}, Order: "next_at, id", Do: d.goOn},
		{Condition: "remind_at <= ?", Args: []any{now}, Order: "remind_at, id", Do: d.remind},
	}, d.docket.Lights())...)
}

func round(c *Case) access.Actor { return access.Round(c.Village) }

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
