package workday

import (
	"errors"
	"fmt"
	"time"

	"tongban/internal/clock"
)

// Unit in which a limit counts.
type Unit string

const (
	Workdays     Unit = "workday"      // 工作日
	CalendarDays Unit = "calendar_day" // 自然日
	Hours        Unit = "hour"         // running hours, day and night
	Batch        Unit = "batch"        // 申报批次: handled with its batch, so that no single case has a clock
)

// longest is the largest value of a limit that can be meant: ten years of days, more than a year of hours.
const longest = 9999

// Limit is a legal or a promised limit (法定时限, 承诺时限). The zero Limit is none.
type Limit struct {
	Value int
	Unit  Unit
}

// Check finds a limit that nobody can have meant.
func (l Limit) Check() error {
	switch {
	case l == Limit{}:
		return nil
	case l.Unit != Workdays && l.Unit != CalendarDays && l.Unit != Hours && l.Unit != Batch:
		return errors.New("时限单位只能是 workday、calendar_day、hour、batch")
	case l.Value < 0 || l.Value > longest:
		return fmt.Errorf("时限须在 0 到 %d 之间", longest)
	}
	return nil
}

// Text writes the limit for people; nothing for none.
func (l Limit) Text() string {
	switch {
	case l.Unit == Batch:
		return "按批次办理"
	case l.Unit == "":
		return ""
	case l.Value == 0:
		return "当场办结"
	case l.Unit == Hours:
		return fmt.Sprintf("%d小时", l.Value)
	case l.Unit == CalendarDays:
		return fmt.Sprintf("%d天", l.Value)
	}
	return fmt.Sprintf("%d个工作日", l.Value)
}

// Due is when a limit ends. The zero Due is none: nothing can be late.
type Due struct {
	On          clock.Date // the last day; of a limit in hours the day of At
	At          time.Time  // the exact moment, UTC; zero unless the limit is in hours
	Provisional bool       // a year on the way has no notice yet
}

// ProvisionalText is what people are told beside a provisional day.
const ProvisionalText = "（国务院公布那一年的放假安排以前，这一天是暂定的）"

// None reports whether there is no due date.
func (d Due) None() bool { return d.On.IsZero() && d.At.IsZero() }

// Deadline is the first moment at which the thing is overdue: 24:00 in Shanghai of the last day, or At.
// Zero when there is no due date.
func (d Due) Deadline() time.Time {
	switch {
	case !d.At.IsZero():
		return d.At
	case d.On.IsZero():
		return time.Time{}
	}
	return d.On.End()
}

// Overdue reports whether it is late at the moment now.
func (d Due) Overdue(now time.Time) bool { return !d.None() && !now.Before(d.Deadline()) }

// Due is when a limit that starts at the moment start ends. The day of start is not counted (民法典 201); a last day that
// is off rolls to the next working day (民法典 203). Running hours know neither nights nor holidays.
func (c *Calendar) Due(start time.Time, limit Limit) Due {
	first := clock.DateOf(start)
	switch limit.Unit {
	case Workdays:
		on, provisional := c.Add(first, limit.Value)
		return c.rolled(on, provisional)
	case CalendarDays:
		return c.rolled(first.AddDays(limit.Value), false)
	case Hours:
		at := start.Add(time.Duration(limit.Value) * time.Hour).UTC()
		return Due{On: clock.DateOf(at), At: at}
	}
	return Due{}
}

func (c *Calendar) rolled(on clock.Date, provisional bool) Due {
	on, open := c.Next(on)
	return Due{On: on, Provisional: provisional || open}
}

// Extend moves a due date by working days, counted from the due date. An exact moment becomes the end of the day.
func (c *Calendar) Extend(due Due, days int) Due {
	if due.None() || days <= 0 {
		return due
	}
	on, provisional := c.Add(due.On, days)
	return Due{On: on, Provisional: due.Provisional || provisional}
}

// Earlier is the due date that binds, such as of the legal and the promised one. None never binds.
// Comparing the limits cannot tell: a short promise over a long holiday may end after the law's limit.
func Earlier(a, b Due) Due {
	if a.None() || !b.None() && b.Deadline().Before(a.Deadline()) {
		return b
	}
	return a
}
