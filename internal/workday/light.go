package workday

import (
	"time"

	"tongban/internal/clock"
)

// Light shows at a glance how a due date stands (红黄牌).
type Light string

const (
	Green Light = "green"
	Amber Light = "amber"
	Red   Light = "red"
)

// Label says it in words, because a colour alone is no information.
func (l Light) Label() string {
	switch l {
	case Green:
		return "期限内"
	case Amber:
		return "快到期"
	case Red:
		return "已超期"
	}
	return ""
}

// share of a limit that is left when the light turns amber: a fifth.
const share = 5

// Light at the moment now of something that started at start; of a finished thing, give the moment it was finished.
// Without a due date it is green.
func (c *Calendar) Light(start time.Time, due Due, now time.Time) Light {
	switch {
	case due.None():
		return Green
	case due.Overdue(now):
		return Red
	case !now.Before(c.Warning(start, due)):
		return Amber
	}
	return Green
}

// Warning is the moment the light turns amber: one working day or a fifth of the limit left, whichever comes first.
// What is left of a limit in days are the working days after today, as in the law's own count: with one left, the due
// date is the next working day. Of a limit in hours it is a fifth. Zero without a due date.
func (c *Calendar) Warning(start time.Time, due Due) time.Time {
	switch {
	case due.None():
		return time.Time{}
	case !due.At.IsZero():
		return due.At.Add(-due.At.Sub(start) / share)
	}
	whole, _ := c.Count(clock.DateOf(start), due.On)
	day, _ := c.Add(due.On, -max(1, whole/share))
	return day.Start()
}
