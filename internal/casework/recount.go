package casework

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tongban/internal/clock"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// clockColumns are those of a running clock, which a suspended case does not have.
var clockColumns = []string{"started_at", "warn_at", "late_at", "light"}

// recount counts the dates of an open case again when the calendar says something else than the one they were counted by: a
// year's notice was loaded, or was changed. What differs then is in trail and history. When it is the day that the applicant was told, he
// is told the new one, and it stands in his own history too.
func (d *Desk) recount(ctx context.Context, c *Case) error {
	set, due, err := d.dates(ctx, c)
	if err != nil {
		return err
	}
	fields := differing(c, set)
	set["counted_with"] = d.mark
	return d.store.Write(ctx, round(c), func(tx *store.Tx) error {
		if len(fields) == 0 {
			maps.DeleteFunc(set, func(column string, _ any) bool { return column != "counted_with" && column != "remind_at" })
			return d.docket.Mark(tx, c, set)
		}
		if err := d.docket.Raise(tx, c, set); err != nil {
			return err
		}
		tx.Trail(store.Entry{
			Act: "case.recount", Kind: kind, Object: c.ID, Area: c.Village, Fields: fields,
			From: printed(stored(c)[fields[0]]), To: printed(set[fields[0]]),
		})
		act, was, detail := recountAct, c.awaited(), Detail{UntilOn: due.On}
		if slices.Contains(handling, c.Status) {
			detail = Detail{DueOn: due.On}
		}
		if !was.None() && was.On != due.On {
			act = moveDayAct
			tx.Emit(store.Message{Topic: kind + "." + string(act), Kind: kind, Object: c.ID, Area: c.Village})
		}
		return d.keep(tx, c.ID, &Event{Version: c.Version + 1, Act: act, FromStatus: c.Status, ToStatus: c.Status}, "", detail)
	})
}

// dates are the columns of all dates that the case has in its state, as the calendar counts them now, and the one that counts for the
// applicant.
func (d *Desk) dates(ctx context.Context, c *Case) (set map[string]any, due workday.Due, err error) {
	now := d.store.Clock().Now()
	switch c.Status {
	case Submitted:
		opening, _ := d.calendar.Received(*c.AppliedAt, d.rules.hours())
		return map[string]any{"next_at": whole(opening)}, due, nil
	case Received:
		return d.noticing(*c.NoticedFrom, c.Light, now), d.calendar.Due(*c.NoticedFrom, fiveDays), nil
	case Correcting:
		return d.correcting(ctx, c)
	case Granted, Denied:
		due = d.calendar.Due(*c.DecidedAt, d.rules.Delivery)
		return map[string]any{"deliver_on": due.On, "deliver_provisional": due.Provisional}, due, nil
	case Accepted, Reviewing, Suspended:
		periods, err := periodsOf(d.store.Read(ctx), c.ID)
		if err != nil {
			return nil, due, err
		}
		both := d.counted(c, *c.AcceptedAt, periods)
		set = d.handlingClock(*c.AcceptedAt, both, c.Light, now)
		if c.Status == Suspended {
			maps.DeleteFunc(set, func(column string, _ any) bool { return slices.Contains(clockColumns, column) })
		}
		return set, both.Binding(), nil
	}
	return map[string]any{}, due, nil
}

// correcting is the last day for the answer under way, where the item has a rule. Who was reminded of it is not reminded again.
func (d *Desk) correcting(ctx context.Context, c *Case) (set map[string]any, due workday.Due, err error) {
	item, err := d.items.Version(ctx, c.Item, c.ItemVersion)
	if err != nil || item.CorrectionLimit == nil {
		return map[string]any{}, due, err
	}
	var open correctionRow
	if err := d.store.Read(ctx).Where("case_id = ? AND number = ?", c.ID, c.Corrections).Take(&open).Error; err != nil {
		return nil, due, err
	}
	due = d.calendar.Due(open.AskedAt, item.CorrectionLimit.Plain())
	if set = correctBy(due); open.RemindedAt == nil {
		set["remind_at"] = d.remindAt(open.AskedAt, due.On)
	}
	return set, due, nil
}

// stored are the dates as the row has them.
func stored(c *Case) map[string]any {
	return map[string]any{
		"legal_on": onOrNone(c.LegalOn), "promised_on": onOrNone(c.PromisedOn), "notice_on": onOrNone(c.NoticeOn),
		"correct_on": onOrNone(c.CorrectOn), "deliver_on": onOrNone(c.DeliverOn), "next_at": orNone(orZero(c.NextAt)),
		"legal_provisional": c.LegalProvisional, "promised_provisional": c.PromisedProvisional, "notice_provisional": c.NoticeProvisional,
		"correct_provisional": c.CorrectProvisional, "deliver_provisional": c.DeliverProvisional,
	}
}

// differing names the dates that are others now, those that people look at first.
func differing(c *Case, set map[string]any) (fields []string) {
	was := stored(c)
	for _, column := range []string{
		"legal_on", "promised_on", "notice_on", "correct_on", "deliver_on", "next_at", "legal_provisional", "promised_provisional", "notice_provisional",
		"correct_provisional", "deliver_provisional",
	} {
		if now, has := set[column]; has && printed(now) != printed(was[column]) {
			fields = append(fields, column)
		}
	}
	return fields
}

func printed(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case clock.Date:
		return v.String()
	}
	return fmt.Sprint(value)
}
