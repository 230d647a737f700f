package workday

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tongban/internal/clock"
)

// The slow model: every worked day from 2024 to 2029 in one sorted list of texts, made from the published spans as the
// notices state them, not from the csv. Adding is moving along the list, counting is counting its entries.

var (
	restSpans = [][2]string{
		{"2025-01-01", "2025-01-01"}, {"2025-01-28", "2025-02-04"}, {"2025-04-04", "2025-04-06"}, {"2025-05-01", "2025-05-05"},
		{"2025-05-31", "2025-06-02"}, {"2025-10-01", "2025-10-08"},
		{"2026-01-01", "2026-01-03"}, {"2026-02-15", "2026-02-23"}, {"2026-04-04", "2026-04-06"}, {"2026-05-01", "2026-05-05"},
		{"2026-06-19", "2026-06-21"}, {"2026-09-25", "2026-09-27"}, {"2026-10-01", "2026-10-07"},
		{"2027-01-01", "2027-01-01"}, {"2027-02-05", "2027-02-08"}, {"2027-04-05", "2027-04-05"}, {"2027-05-01", "2027-05-02"},
		{"2027-06-09", "2027-06-09"}, {"2027-09-15", "2027-09-15"}, {"2027-10-01", "2027-10-03"},
	}
	madeUp = []string{
		"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
		"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
	}
)

// model is that list; texts like 2026-11-23 sort as their days do.
type model []string

func slowModel() model {
	var worked model
	for day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2030; day = day.Add(24 * time.Hour) {
		text := day.Format(time.DateOnly)
		rest := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		for _, span := range restSpans {
			rest = rest || span[0] <= text && text <= span[1]
		}
		if slices.Contains(madeUp, text) || !rest {
			worked = append(worked, text)
		}
	}
	return worked
}

// count of worked days d with after < d <= through.
func (m model) count(after, through string) (n int) {
	for _, d := range m {
		if after < d && d <= through {
			n++
		}
	}
	return n
}

// add is the nth worked day after start.
func (m model) add(start string, n int) string {
	later := slices.IndexFunc(m, func(d string) bool { return d > start })
	return m[later+n-1]
}

// guessed reports whether a date reached past the years with a notice.
func guessed(reached string) bool { return reached > "2026-12-31" }

func anyDay(t *rapid.T, name string) clock.Date {
	return clock.Date{Year: 2025, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 3*365-1).Draw(t, name))
}

func TestAddAndCountAgreeWithTheSlowModel(t *testing.T) {
	c, m := county(t), slowModel()
	rapid.Check(t, func(t *rapid.T) {
		start, n := anyDay(t, "start"), rapid.IntRange(1, 60).Draw(t, "n")
		day, provisional := c.Add(start, n)
		if want := m.add(start.String(), n); day.String() != want || provisional != guessed(want) {
			t.Fatalf("%s + %d = %s, provisional %t; the model says %s", start, n, day, provisional, want)
		}
		if !c.Working(day) {
			t.Fatalf("%s + %d ends on a day off, %s", start, n, day)
		}
		if counted, _ := c.Count(start, day); counted != n {
			t.Fatalf("counting back from %s to %s: %d, want %d", day, start, counted, n)
		}
		other := anyDay(t, "other")
		got, _ := c.Count(start, other)
		if want := m.count(start.String(), other.String()) - m.count(other.String(), start.String()); got != want {
			t.Fatalf("from %s to %s: %d working days, the model says %d", start, other, got, want)
		}
		part := rapid.IntRange(0, n).Draw(t, "part")
		way, _ := c.Add(start, part)
		if end, _ := c.Add(way, n-part); end != day {
			t.Fatalf("%s + %d + %d = %s, not %s", start, part, n-part, end, day)
		}
	})
}

func TestCalendarDaysAgreeWithTheSlowModel(t *testing.T) {
	c, m := county(t), slowModel()
	rapid.Check(t, func(t *rapid.T) {
		start, n := anyDay(t, "start"), rapid.IntRange(0, 120).Draw(t, "n")
		minute := time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "minute")) * time.Minute
		due := c.Due(start.Start().Add(minute), Limit{n, CalendarDays})
		want := m.add(start.AddDays(n-1).String(), 1)
		if due.On.String() != want || due.Provisional != guessed(want) {
			t.Fatalf("%s + %d calendar days: %v, the model says %s", start, n, due, want)
		}
	})
}

func TestSuspensionAgreesWithTheSlowModel(t *testing.T) {
	c, m := county(t), slowModel()
	const slot = 4 * time.Hour // spans begin and end on slots, so that whole days are common
	rapid.Check(t, func(t *rapid.T) {
		start := anyDay(t, "start")
		due := c.Due(start.Start().Add(9*time.Hour), Limit{rapid.IntRange(1, 30).Draw(t, "limit"), Workdays})
		var spans []Span
		for range rapid.IntRange(0, 4).Draw(t, "spans") {
			from := start.AddDays(1).Start().Add(time.Duration(rapid.IntRange(0, 120).Draw(t, "from")) * slot)
			spans = append(spans, Span{from, from.Add(time.Duration(rapid.IntRange(-3, 60).Draw(t, "slots")) * slot)})
		}
		covered, open := 0, false
		for day := start.AddDays(1); day.DaysUntil(start) > -40; day = day.AddDays(1) {
			if !everySlotIn(spans, day, slot) {
				continue
			}
			open = open || guessed(day.String())
			if slices.Contains(m, day.String()) {
				covered++
			}
		}
		want := due.On.String()
		if covered > 0 {
			want = m.add(want, covered)
		}
		if got := c.Suspend(due, spans...); got.On.String() != want || got.Provisional != (open || guessed(want)) {
			t.Fatalf("%v suspended by %v: %v, the model covers %d days and says %s", due, spans, got, covered, want)
		}
	})
}

func everySlotIn(spans []Span, day clock.Date, slot time.Duration) bool {
	for at := day.Start(); at.Before(day.End()); at = at.Add(slot) {
		if !slices.ContainsFunc(spans, func(s Span) bool { return !at.Before(s.Start) && !at.Add(slot).After(s.End) }) {
			return false
		}
	}
	return true
}

func TestLightAgreesWithTheSlowModel(t *testing.T) {
	c, m := county(t), slowModel()
	order := []Light{Green, Amber, Red}
	rapid.Check(t, func(t *rapid.T) {
		first, n := anyDay(t, "start"), rapid.IntRange(1, 40).Draw(t, "limit")
		start := first.Start().Add(10 * time.Hour)
		due := c.Due(start, Limit{n, Workdays})
		worst := 0
		for today := first; today.DaysUntil(due.On) > -3; today = today.AddDays(1) {
			left := m.count(today.String(), due.On.String())
			want := Green
			if left <= 1 || left*100 <= n*20 {
				want = Amber
			}
			if today.String() > due.On.String() {
				want = Red
			}
			got := c.Light(start, due, today.Start().Add(15*time.Hour))
			if got != want {
				t.Fatalf("%d working days from %s, on %s: %s, the model says %s", n, first, today, got, want)
			}
			if slices.Index(order, got) < worst {
				t.Fatalf("%d working days from %s: on %s the light turned back to %s", n, first, today, got)
			}
			worst = slices.Index(order, got)
		}
	})
}
