package retention

import (
	"regexp"
	"strconv"
	"time"

	"tongban/internal/clock"
)

// Keep is how long something is kept: 180d, 6m, 3y, or forever. Months and years are those of the calendar.
type Keep struct {
	text                string
	years, months, days int
}

const forever = "forever"

var keepShape = regexp.MustCompile(`^([1-9][0-9]{0,3})([dmy])$`)

// ParseKeep reads it as the county's file writes it; ok is false for anything else.
func ParseKeep(text string) (k Keep, ok bool) {
	if text == forever {
		return Keep{text: text}, true
	}
	parts := keepShape.FindStringSubmatch(text)
	if parts == nil {
		return Keep{}, false
	}
	k.text = text
	n, _ := strconv.Atoi(parts[1]) // it is digits
	switch parts[2] {
	case "d":
		k.days = n
	case "m":
		k.months = n
	default:
		k.years = n
	}
	return k, true
}

func (k Keep) String() string { return k.text }

// Forever: its time is never over.
func (k Keep) Forever() bool { return k.text == forever }

// Before is the moment: what lies before it has been kept its whole time at now. A day that the month of then does not have is its last
// one, so that nobody's time is a day short.
func (k Keep) Before(now time.Time) time.Time {
	local := now.In(clock.Shanghai)
	year, month, day := local.Date()
	first := time.Date(year-k.years, month-time.Month(k.months), 1, local.Hour(), local.Minute(), local.Second(), 0, clock.Shanghai)
	if last := first.AddDate(0, 1, -1).Day(); day > last {
		day = last
	}
	return first.AddDate(0, 0, day-1-k.days).UTC()
}

// shorterThan: on some day it would be over earlier. Six months are 181 days or 184: which of two is the shorter, only the
// calendar knows.
func (k Keep) shorterThan(other Keep) bool {
	switch {
	case k.Forever():
		return false
	case other.Forever():
		return true
	}
	for day := range 4*365 + 1 {
		now := time.Date(2024, 1, 1+day, 12, 0, 0, 0, clock.Shanghai)
		if k.Before(now).After(other.Before(now)) {
			return true
		}
	}
	return false
}
