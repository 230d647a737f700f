package appeal

import (
	"time"

	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/workday"
)

// running are the columns of a result clock that runs from start until due; see docket.Running.
func (d *Desk) running(start time.Time, due workday.Due, announced workday.Light, now time.Time) map[string]any {
	set := docket.Running(d.calendar, start, due, announced, now)
	set["due_on"], set["due_at"], set["due_provisional"] = due.On, docket.OrNone(due.At), due.Provisional
	return set
}

// stopped are the columns of a clock that stands.
func stopped(a *Appeal, now time.Time) map[string]any { return docket.Stopped(a.LightAt(now)) }

// until is the moment at which a limit from start ends.
func (d *Desk) until(start time.Time, limit workday.Limit) time.Time {
	return whole(d.calendar.Due(start, limit).Deadline())
}

func whole(t time.Time) time.Time { return docket.Whole(t) }

// daysOver: more than so many calendar days have passed since.
func daysOver(since *time.Time, days int, now time.Time) bool {
	return since == nil || !now.Before(clock.DateOf(*since).AddDays(days).End())
}
