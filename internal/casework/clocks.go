package casework

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/workday"
)

// Two clocks run in the life of a case, one after the other: the five days in which the county accepts or tells all defects
// (行政许可法 32), from the receipt and anew from each correction; and the limits of the item, legal and promised, from the
// acceptance to the decision. Of these the earlier binds. Waiting for a correction precedes acceptance: nothing is paused then.

// dues are the two limits' ends.
type dues struct{ Legal, Promised workday.Due }

// Binding is the earlier one. Comparing the limits when they were published cannot tell which.
func (d dues) Binding() workday.Due { return workday.Earlier(d.Legal, d.Promised) }

// dues as stored.
func (c *Case) dues() dues {
	return dues{
		workday.Due{On: c.LegalOn, At: orZero(c.LegalAt), Provisional: c.LegalProvisional},
		workday.Due{On: c.PromisedOn, At: orZero(c.PromisedAt), Provisional: c.PromisedProvisional},
	}
}

func (c *Case) legal() workday.Limit { return workday.Limit{Value: c.LegalValue, Unit: c.LegalUnit} }
func (c *Case) promised() workday.Limit {
	return workday.Limit{Value: c.PromisedValue, Unit: c.PromisedUnit}
}

// counted are both limits' ends for a case that was accepted at from, with all that moved them since.
func (d *Desk) counted(c *Case, from time.Time, moved []periodRow) dues {
	return dues{Count(d.calendar, from, c.legal(), moves(moved)), Count(d.calendar, from, c.promised(), moves(moved))}
}

// Move is something that moves a due date: a suspension with a Span, or an extension by Days of a Unit at the moment Start.
type Move struct {
	workday.Span
	Days int
	Unit workday.Unit
}

// moves leaves out the suspension that lasts: until it ends the clock stands, and nobody knows by how much it will move.
func moves(periods []periodRow) []Move {
	var list []Move
	for _, p := range periods {
		switch {
		case p.Kind == extension:
			list = append(list, Move{Span: workday.Span{Start: p.StartedAt}, Days: p.Days, Unit: p.Unit})
		case p.EndedAt != nil:
			list = append(list, Move{Span: workday.Span{Start: p.StartedAt, End: *p.EndedAt}})
		}
	}
	return list
}

// Count is when a limit ends that starts at the moment from and was moved since, in the order of the moves. Extensions are
// added to the limit; suspensions move its end by the working days that they cover wholly, as merged intervals. What was
// late before a suspension began stays late: the suspension does not undo it.
func Count(c *workday.Calendar, from time.Time, limit workday.Limit, moved []Move) workday.Due {
	due := c.Due(from, limit)
	if due.None() {
		return due
	}
	var spans []workday.Span
	for _, m := range moved {
		switch {
		case m.Days > 0:
			due = lengthened(c, due, m.Days, m.Unit)
		case !c.Suspend(due, spans...).Overdue(m.Start):
			spans = append(spans, m.Span)
		}
	}
	return c.Suspend(due, spans...)
}

// lengthened is a due date extended in the unit of the limit: a limit in days of the calendar by such days.
func lengthened(c *workday.Calendar, due workday.Due, days int, unit workday.Unit) workday.Due {
	if unit != workday.CalendarDays {
		return c.Extend(due, days)
	}
	later := c.Due(due.On.Start(), workday.Limit{Value: days, Unit: workday.CalendarDays})
	later.Provisional = later.Provisional || due.Provisional
	return later
}

// noticing are the columns of the five days that count from the receipt, or from that of a correction. At their end the
// program accepts. announced is the light as told so far.
func (d *Desk) noticing(from time.Time, announced workday.Light, now time.Time) map[string]any {
	due := d.calendar.Due(from, fiveDays)
	set := d.running(from, due, announced, now)
	set["noticed_from"], set["notice_on"], set["notice_provisional"] = whole(from), due.On, due.Provisional
	set["next_at"] = whole(due.Deadline())
	return set
}

// handlingClock are the columns of both limits, of which the binding one runs. announced is the light as told so far.
func (d *Desk) handlingClock(from time.Time, both dues, announced workday.Light, now time.Time) map[string]any {
	set := d.running(from, both.Binding(), announced, now)
	set["legal_on"], set["legal_at"], set["legal_provisional"] = onOrNone(both.Legal.On), orNone(both.Legal.At), both.Legal.Provisional
	set["promised_on"], set["promised_at"], set["promised_provisional"] = onOrNone(both.Promised.On), orNone(both.Promised.At), both.Promised.Provisional
	return set
}

// running are the columns of a clock that runs from start until due; see docket.Running.
func (d *Desk) running(start time.Time, due workday.Due, announced workday.Light, now time.Time) map[string]any {
	set := docket.Running(d.calendar, start, due, announced, now)
	set["counted_with"] = d.mark
	return set
}

// stopped are the columns of a clock that stands.
func stopped(c *Case, now time.Time) map[string]any { return docket.Stopped(c.LightAt(now)) }

// LightAt is how the clock under way stands at the moment now.
func (c *Case) LightAt(now time.Time) workday.Light {
	return docket.LightAt(c.WarnAt, c.LateAt, c.Light, now)
}

func whole(t time.Time) time.Time { return docket.Whole(t) }

func orNone(t time.Time) any { return docket.OrNone(t) }

func onOrNone(d clock.Date) any {
	if d.IsZero() {
		return nil
	}
	return d
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// MarkOf names a calendar by what it says, so that a case knows by which one its dates were counted.
func MarkOf(c *workday.Calendar) string {
	h := sha256.New()
	for _, y := range c.Years() {
		fmt.Fprintln(h, y.Year, y.Status)
	}
	for _, d := range c.Days() {
		fmt.Fprintln(h, d.Date, d.Kind)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
