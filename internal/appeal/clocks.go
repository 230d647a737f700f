package appeal

import (
	"time"

	"tongban/internal/clock"
	"tongban/internal/workday"
)

// running are the columns of a result clock that runs from start until due. The light is reckoned from warn_at and
// late_at whenever somebody looks. The light column is what was last announced: where things got better it follows at
// once; where they got worse a round finds the row and tells.
func (d *Desk) running(start time.Time, due workday.Due, announced workday.Light, now time.Time) map[string]any {
	light := d.calendar.Light(start, due, now)
	if worse(light, announced) {
		light = announced
	}
	return map[string]any{
		"started_at": whole(start), "due_on": due.On, "due_at": orNone(due.At), "due_provisional": due.Provisional,
		"warn_at": orNone(d.calendar.Warning(start, due)), "late_at": orNone(due.Deadline()), "light": string(light),
	}
}

// stopped are the columns of a clock that stands: the light stays as it is at the moment now.
func stopped(a *Appeal, now time.Time) map[string]any {
	return map[string]any{"warn_at": nil, "late_at": nil, "light": string(a.LightAt(now))}
}

func worse(a, b workday.Light) bool { return grade(a) > grade(b) }

func grade(l workday.Light) int {
	switch l {
	case workday.Red:
		return 2
	case workday.Amber:
		return 1
	}
	return 0
}

// until is the moment at which a limit from start ends.
func (d *Desk) until(start time.Time, limit workday.Limit) time.Time {
	return whole(d.calendar.Due(start, limit).Deadline())
}

// whole is the form in which moments are stored: UTC, whole seconds. Any other would not compare as text in SQLite.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func orNone(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return whole(t)
}

// daysOver: more than so many calendar days have passed since.
func daysOver(since *time.Time, days int, now time.Time) bool {
	return since == nil || !now.Before(clock.DateOf(*since).AddDays(days).End())
}
