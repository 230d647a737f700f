package workday

import (
	"testing"
	"time"
)

func TestReceivedAfterHoursIsReceivedAtTheNextOpening(t *testing.T) {
	c := county(t)
	hours := OfficeHours{Open: 8*time.Hour + 30*time.Minute, Close: 17 * time.Hour}
	for _, v := range []struct {
		name, came, want string
		provisional      bool
	}{
		{"in office hours", "2026-11-23 10:00", "2026-11-23 10:00", false},
		{"at opening", "2026-11-23 08:30", "2026-11-23 08:30", false},
		{"early", "2026-11-23 06:00", "2026-11-23 08:30", false},
		{"the last minute", "2026-11-23 16:59", "2026-11-23 16:59", false},
		{"at closing", "2026-11-23 17:00", "2026-11-24 08:30", false},
		{"Friday evening", "2026-11-27 20:00", "2026-11-30 08:30", false},
		{"Sunday noon", "2026-11-29 12:00", "2026-11-30 08:30", false},
		{"in the holidays", "2026-10-03 12:00", "2026-10-08 08:30", false},
		{"a worked Saturday", "2026-10-10 12:00", "2026-10-10 12:00", false},
		{"before the holidays", "2026-09-30 18:00", "2026-10-08 08:30", false},
		{"over the new year", "2026-12-31 18:00", "2027-01-04 08:30", true},
		{"in a year without notice", "2027-03-01 10:00", "2027-03-01 10:00", true},
	} {
		came := moment(t, v.came)
		got, provisional := c.Received(came, hours)
		if !got.Equal(moment(t, v.want)) || provisional != v.provisional {
			t.Errorf("%s: %v, provisional %t; want %s", v.name, got, provisional, v.want)
		}
		if got, _ := c.Received(came, OfficeHours{}); got != came {
			t.Errorf("%s: without office hours moved to %v", v.name, got)
		}
	}
}

// A limit of one working day that came on Friday evening ends on Monday, or on Tuesday where the county counts
// the evening as the next working day.
func TestAfterHoursReceiptGivesTheOfficeItsWholeDay(t *testing.T) {
	c := county(t)
	came := moment(t, "2026-11-27 20:00")
	if got := c.Due(came, Limit{1, Workdays}).On; got != date(t, "2026-11-30") {
		t.Errorf("counted from the moment: %s", got)
	}
	at, _ := c.Received(came, OfficeHours{Open: 9 * time.Hour, Close: 17 * time.Hour})
	if got := c.Due(at, Limit{1, Workdays}).On; got != date(t, "2026-12-01") {
		t.Errorf("counted from the opening: %s", got)
	}
}
