package workday

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/clock"
)

// countVectors are V1 to V8, V10 and V11 of the domain: working days from a day that is not counted itself.
var countVectors = []struct {
	name, start string
	days        int
	want        string
	provisional bool
}{
	{"V1", "2026-02-12", 5, "2026-02-26", false},
	{"V2", "2026-02-14", 1, "2026-02-24", false},
	{"V3", "2026-04-30", 5, "2026-05-11", false},
	{"V4", "2026-06-18", 1, "2026-06-22", false},
	{"V5", "2026-09-18", 5, "2026-09-24", false},
	{"V6", "2026-09-24", 20, "2026-10-29", false},
	{"V7", "2025-09-26", 5, "2025-10-10", false},
	{"V8", "2026-03-02", 20, "2026-03-30", false},
	{"V10 notice", "2026-09-18", 5, "2026-09-24", false},
	{"V10 decision", "2026-09-18", 20, "2026-10-22", false},
	{"V11", "2026-12-21", 20, "2027-01-19", true},
	{"last day of a known year", "2026-12-21", 8, "2026-12-31", false},
	{"over the new year", "2025-12-31", 1, "2026-01-04", false},
	{"an unknown year", "2030-03-01", 1, "2030-03-04", true},
}

func TestVectorsOfWorkingDays(t *testing.T) {
	c := county(t)
	for _, v := range countVectors {
		day, provisional := c.Add(date(t, v.start), v.days)
		if day != date(t, v.want) || provisional != v.provisional {
			t.Errorf("%s: %s + %d = %s, provisional %t; want %s", v.name, v.start, v.days, day, provisional, v.want)
		}
		// Any moment of the first day starts the same limit.
		for _, hour := range []string{" 00:00", " 09:30", " 23:59"} {
			got := c.Due(moment(t, v.start+hour), Limit{v.days, Workdays})
			if diff := cmp.Diff(Due{On: date(t, v.want), Provisional: v.provisional}, got); diff != "" {
				t.Errorf("%s from%s: %s", v.name, hour, diff)
			}
		}
	}
}

func TestV8ExtendedAndV9Suspended(t *testing.T) {
	c := county(t)
	due := c.Due(moment(t, "2026-03-02 09:00"), Limit{20, Workdays})
	if diff := cmp.Diff(Due{On: date(t, "2026-04-14")}, c.Extend(due, 10)); diff != "" {
		t.Error("V8 extended:", diff)
	}
	pause := Span{moment(t, "2026-03-09 10:00"), moment(t, "2026-03-13 15:00")}
	if diff := cmp.Diff(Due{On: date(t, "2026-04-02")}, c.Suspend(due, pause)); diff != "" {
		t.Error("V9:", diff)
	}
	one, other := c.Extend(c.Suspend(due, pause), 10), c.Suspend(c.Extend(due, 10), pause)
	if one != other || one.On != date(t, "2026-04-17") {
		t.Errorf("the order of extension and suspension matters: %v, %v", one, other)
	}
	hours := c.Due(moment(t, "2026-03-02 09:00"), Limit{24, Hours})
	if c.Extend(due, 0) != due || c.Extend(due, -3) != due || c.Extend(hours, 0) != hours {
		t.Error("extended by nothing, it moved")
	}
	if got := c.Extend(c.Due(moment(t, "2026-12-21 09:00"), Limit{8, Workdays}), 1); got.On != date(t, "2027-01-04") || !got.Provisional {
		t.Errorf("extended into a year without notice: %v", got)
	}
}

func TestV12TheEarlierBinds(t *testing.T) {
	c := county(t)
	accepted := moment(t, "2026-02-13 09:00")
	legal := c.Due(accepted, Limit{7, CalendarDays})
	promised := c.Due(accepted, Limit{3, Workdays})
	if legal.On != date(t, "2026-02-24") || promised.On != date(t, "2026-02-25") {
		t.Fatalf("legal %v, promised %v", legal, promised)
	}
	none := Due{}
	hours := c.Due(accepted, Limit{2, Hours})
	for _, pair := range []struct {
		name       string
		a, b, want Due
	}{
		{"legal binds", legal, promised, legal},
		{"in either order", promised, legal, legal},
		{"none never binds", none, promised, promised},
		{"nor from behind", promised, none, promised},
		{"none at all", none, none, none},
		{"hours against days", legal, hours, hours},
	} {
		if got := Earlier(pair.a, pair.b); got != pair.want {
			t.Errorf("%s: got %v", pair.name, got)
		}
	}
}

func TestDueOfEachUnit(t *testing.T) {
	c := county(t)
	for _, v := range []struct {
		name, start string
		limit       Limit
		want        Due
		deadline    string
	}{
		{"calendar days end on a working day", "2026-11-23 16:00", Limit{7, CalendarDays}, Due{On: date(t, "2026-11-30")}, "2026-12-01 00:00"},
		{"calendar days end on a Sunday", "2026-11-23 16:00", Limit{6, CalendarDays}, Due{On: date(t, "2026-11-30")}, "2026-12-01 00:00"},
		{"calendar days end on a Sunday that is worked", "2025-01-20 16:00", Limit{6, CalendarDays}, Due{On: date(t, "2025-01-26")}, "2025-01-27 00:00"},
		{"60 days through the holidays", "2026-08-05 09:00", Limit{60, CalendarDays}, Due{On: date(t, "2026-10-08")}, "2026-10-09 00:00"},
		{"calendar days into a year without notice", "2026-12-28 09:00", Limit{7, CalendarDays}, Due{On: date(t, "2027-01-04"), Provisional: true}, "2027-01-05 00:00"},
		{"at once, on a working day", "2026-11-23 09:00", Limit{0, Workdays}, Due{On: date(t, "2026-11-23")}, "2026-11-24 00:00"},
		{"at once, on a day off", "2026-10-02 09:00", Limit{0, Workdays}, Due{On: date(t, "2026-10-08")}, "2026-10-09 00:00"},
		{"at once, in a year without notice", "2027-03-01 09:00", Limit{0, Workdays}, Due{On: date(t, "2027-03-01"), Provisional: true}, "2027-03-02 00:00"},
		{"hours run at night and over holidays", "2026-09-30 20:00", Limit{24, Hours}, Due{On: date(t, "2026-10-01"), At: moment(t, "2026-10-01 20:00")}, "2026-10-01 20:00"},
		{"hours are certain in any year", "2027-12-31 23:00", Limit{2, Hours}, Due{On: date(t, "2028-01-01"), At: moment(t, "2028-01-01 01:00")}, "2028-01-01 01:00"},
	} {
		got := c.Due(moment(t, v.start), v.limit)
		if diff := cmp.Diff(v.want, got); diff != "" {
			t.Errorf("%s: %s", v.name, diff)
		}
		deadline := moment(t, v.deadline)
		if !got.Deadline().Equal(deadline) {
			t.Errorf("%s: deadline %v, want %v", v.name, got.Deadline(), deadline)
		}
		if got.Overdue(deadline.Add(-time.Second)) || !got.Overdue(deadline) {
			t.Errorf("%s: not overdue exactly from %v on", v.name, deadline)
		}
	}
	if at := c.Due(moment(t, "2026-09-30 20:00"), Limit{24, Hours}).At; at.Location() != time.UTC {
		t.Errorf("a due moment is kept in %v, want UTC", at.Location())
	}
}

func TestNoLimitNoDue(t *testing.T) {
	c := county(t)
	for _, limit := range []Limit{{}, {1, Batch}} {
		due := c.Due(moment(t, "2026-11-23 09:00"), limit)
		if !due.None() || due.Overdue(moment(t, "2099-01-01 00:00")) || !due.Deadline().IsZero() {
			t.Errorf("%v has a due date: %v", limit, due)
		}
		if c.Extend(due, 3) != due || c.Suspend(due, Span{moment(t, "2026-11-23 00:00"), moment(t, "2026-12-01 00:00")}) != due {
			t.Errorf("%v: nothing was moved to somewhere", limit)
		}
	}
}

func TestHoursExtendAndSuspend(t *testing.T) {
	c := county(t)
	due := c.Due(moment(t, "2026-11-23 09:00"), Limit{24, Hours})
	if diff := cmp.Diff(Due{On: date(t, "2026-11-26")}, c.Extend(due, 2)); diff != "" {
		t.Error("extended:", diff)
	}
	moved := c.Suspend(due,
		Span{moment(t, "2026-11-23 10:00"), moment(t, "2026-11-23 18:00")},
		Span{moment(t, "2026-11-23 12:00"), moment(t, "2026-11-24 01:00")})
	want := Due{On: clock.Date{Year: 2026, Month: 11, Day: 25}, At: moment(t, "2026-11-25 00:00")}
	if diff := cmp.Diff(want, moved); diff != "" {
		t.Error("suspended:", diff)
	}
}

func TestLimitsAreCheckedAndTold(t *testing.T) {
	for _, v := range []struct {
		limit Limit
		good  bool
		text  string
	}{
		{Limit{}, true, ""},
		{Limit{20, Workdays}, true, "20个工作日"},
		{Limit{0, Workdays}, true, "当场办结"},
		{Limit{60, CalendarDays}, true, "60天"},
		{Limit{2, Hours}, true, "2小时"},
		{Limit{1, Batch}, true, "按批次办理"},
		{Limit{-1, Workdays}, false, "-1个工作日"},
		{Limit{longest + 1, Hours}, false, "10000小时"},
		{Limit{5, ""}, false, ""},
	} {
		if err := v.limit.Check(); (err == nil) != v.good {
			t.Errorf("%v: %v", v.limit, err)
		}
		if got := v.limit.Text(); got != v.text {
			t.Errorf("%v is told as %q", v.limit, got)
		}
	}
	if (Limit{5, "week"}).Check() == nil {
		t.Error("a limit in weeks was taken")
	}
}
