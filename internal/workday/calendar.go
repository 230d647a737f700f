// Package workday counts in working days (工作日): limits (时限), due dates, suspensions and lights (红黄牌).
//
// Which days are worked is data: the State Council's yearly notice names the days off and the make-up working days (调休).
// A year without its notice counts Monday to Friday, less what the law alone makes a holiday, and every date counted
// through it is provisional: it is counted again when the notice is loaded.
//
// All days are days in Shanghai, whatever the zone of the host or of the moments given.
package workday

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"tongban/internal/clock"
)

// Kind of a day that differs from its weekday.
type Kind string

const (
	Off    Kind = "off"     // a day of rest, whatever its weekday
	MakeUp Kind = "workday" // a Saturday or Sunday that is worked (调休上班)
)

// Day is one row of the holiday table.
type Day struct {
	Date   clock.Date
	Kind   Kind
	Name   string // such as 春节
	Notice string // number of the State Council's notice; empty for a holiday known from the statute alone
}

// Status says how much is known about a year.
type Status string

const (
	Unknown       Status = ""               // nothing: Monday to Friday
	StatutoryOnly Status = "statutory_only" // the statutory holidays, without the bridging days that a notice adds
	Official      Status = "official"       // the State Council's notice
)

// Year and what is known about it.
type Year struct {
	Year   int
	Status Status
}

// Calendar knows which days are worked. It never changes once made; a loaded notice makes a new one.
// The zero Calendar knows no year.
type Calendar struct {
	days  map[clock.Date]Day
	years map[int]Status
}

// NewCalendar makes a calendar and names every mistake in the rows: an unknown kind, a day given twice, a day of a year
// without a status, a make-up day that is no weekend or that no notice orders.
func NewCalendar(days []Day, years []Year) (*Calendar, error) {
	c := &Calendar{days: map[clock.Date]Day{}, years: map[int]Status{}}
	var faults []error
	for _, y := range years {
		if y.Status != Official && y.Status != StatutoryOnly {
			faults = append(faults, fmt.Errorf("%d年：不认识的年度状态", y.Year))
		}
		if _, twice := c.years[y.Year]; twice {
			faults = append(faults, fmt.Errorf("%d年：年度状态写了两次", y.Year))
		}
		c.years[y.Year] = y.Status
	}
	for _, d := range days {
		if wrong := c.fits(d); wrong != "" {
			faults = append(faults, fmt.Errorf("%s：%s", d.Date, wrong))
		}
		c.days[d.Date] = d
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return c, nil
}

// fits says what is wrong with a row, and nothing when it may join the calendar.
func (c *Calendar) fits(d Day) string {
	_, twice := c.days[d.Date]
	_, known := c.years[d.Date.Year]
	switch {
	case twice:
		return "同一天写了两次"
	case !known:
		return "这一年没有年度状态"
	case d.Kind != Off && d.Kind != MakeUp:
		return "类别只能是 off 或 workday"
	case d.Kind == MakeUp && d.Notice == "":
		return "调休上班须写明通知文号"
	case d.Kind == MakeUp && !weekend(d.Date):
		return "调休上班只能在周六、周日"
	}
	return ""
}

func weekend(d clock.Date) bool {
	w := d.Weekday()
	return w == time.Saturday || w == time.Sunday
}

// Status of a year.
func (c *Calendar) Status(year int) Status { return c.years[year] }

// Years lists the years with a status, in order.
func (c *Calendar) Years() []Year {
	years := []Year{}
	for _, year := range slices.Sorted(maps.Keys(c.years)) {
		years = append(years, Year{year, c.years[year]})
	}
	return years
}

// Days lists the rows in order.
func (c *Calendar) Days() []Day {
	return slices.SortedFunc(maps.Values(c.days), func(a, b Day) int {
		return cmp.Compare(0, a.Date.DaysUntil(b.Date))
	})
}

// Working reports whether d is worked.
func (c *Calendar) Working(d clock.Date) bool {
	if day, listed := c.days[d]; listed {
		return day.Kind == MakeUp
	}
	return !weekend(d)
}

// open reports whether a notice may still change what d is.
func (c *Calendar) open(d clock.Date) bool { return c.years[d.Year] != Official }

// Add is the day n working days after start, which is not counted itself (民法典 201); n below zero goes back.
// The answer is provisional when a day on the way lies in a year without its notice.
func (c *Calendar) Add(start clock.Date, n int) (day clock.Date, provisional bool) {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for day = start; n > 0; {
		day = day.AddDays(step)
		provisional = provisional || c.open(day)
		if c.Working(day) {
			n--
		}
	}
	return day, provisional
}

// Count is the number of working days after one day, up to and including another; below zero when that one is earlier,
// so that a due date behind us counts the days it is overdue.
func (c *Calendar) Count(after, through clock.Date) (n int, provisional bool) {
	if through.Before(after) {
		n, provisional = c.Count(through, after)
		return -n, provisional
	}
	for day := after; day.Before(through); {
		day = day.AddDays(1)
		provisional = provisional || c.open(day)
		if c.Working(day) {
			n++
		}
	}
	return n, provisional
}

// Next is d itself when it is worked, otherwise the next day that is.
func (c *Calendar) Next(d clock.Date) (day clock.Date, provisional bool) {
	if c.Working(d) {
		return d, c.open(d)
	}
	day, provisional = c.Add(d, 1)
	return day, provisional || c.open(d)
}
