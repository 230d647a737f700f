package clock

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseDateRefusesWhatIsNoDay(t *testing.T) {
	for _, text := range []string{
		"2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-1-2", "26-01-02", "2026/01/02", "20260102", "0000-00-00",
		"", " 2026-01-02", "2026-01-02 ", "2026-01-02T00:00:00Z", "２０２６-01-02", "-2026-01-02", "12026-01-02",
	} {
		if d, err := ParseDate(text); err == nil {
			t.Errorf("%q was taken for %s", text, d)
		}
	}
	if d, err := ParseDate("2024-02-29"); err != nil || d != (Date{2024, time.February, 29}) {
		t.Errorf("a leap day: %v, %v", d, err)
	}
}

// The days of which Shanghai's clocks skipped or doubled an hour, some of them the first hour of the day.
var oddDays = []Date{
	{1919, 4, 13}, {1940, 6, 1}, {1940, 10, 13}, {1941, 3, 15}, {1942, 1, 31}, {1945, 9, 1}, {1946, 5, 15}, {1947, 4, 15},
	{1948, 5, 1}, {1949, 5, 1}, {1986, 5, 4}, {1986, 9, 14}, {1991, 4, 14}, {1991, 9, 15},
}

func TestArithmeticOverDaysWithoutMidnight(t *testing.T) {
	for _, d := range oddDays {
		if got := d.AddDays(-1).AddDays(1); got != d {
			t.Errorf("the day after %s is %s", d.AddDays(-1), got)
		}
		if got := d.AddDays(-1).DaysUntil(d.AddDays(1)); got != 2 {
			t.Errorf("%d days around %s", got, d)
		}
		if !d.AddDays(-1).Before(d) || d.Before(d) || d.AddDays(1).Before(d) {
			t.Errorf("%s is out of order", d)
		}
		if got := DateOf(d.Start().Add(12 * time.Hour)); got != d {
			t.Errorf("the noon of %s falls on %s", d, got)
		}
	}
	for text, want := range map[string]string{"1940-05-31": "1940-06-01", "1986-05-03": "1986-05-04", "1986-05-04": "1986-05-05"} {
		d, err := ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.AddDays(1).String(); got != want {
			t.Errorf("the day after %s is %s", text, got)
		}
	}
	if got := (Date{1940, 6, 1}).Start().Format("15:04"); got != "01:00" {
		t.Errorf("1940-06-01 began at %s by the clocks of Shanghai, want 01:00", got)
	}
}

// Every day of two centuries begins where the day before ends, and its first moment is its own.
func TestDaysJoinWithoutGapOrOverlap(t *testing.T) {
	for d := (Date{1900, 1, 1}); d.Year < 2100; d = d.AddDays(1) {
		start := d.Start()
		if DateOf(start) != d || DateOf(start.Add(-1)) != d.AddDays(-1) {
			t.Errorf("%s starts at %v, which is not its first moment", d, start)
		}
		if !d.End().Equal(d.AddDays(1).Start()) || DateOf(d.End().Add(-1)) != d {
			t.Errorf("%s ends at %v", d, d.End())
		}
	}
}

func TestDatesCountLikeDayNumbers(t *testing.T) {
	epoch := Date{1970, time.January, 1}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.IntRange(-40000, 40000).Draw(t, "a"), rapid.IntRange(-40000, 40000).Draw(t, "b")
		d, e := epoch.AddDays(a), epoch.AddDays(b)
		if d.DaysUntil(e) != b-a || d.AddDays(b-a) != e || d.Before(e) != (a < b) {
			t.Fatalf("%s and %s are days %d and %d", d, e, a, b)
		}
		if want := time.Weekday(((a+4)%7 + 7) % 7); d.Weekday() != want { // 1970-01-01 was a Thursday
			t.Fatalf("%s is a %s, want %s", d, d.Weekday(), want)
		}
		if again, err := ParseDate(d.String()); err != nil || again != d {
			t.Fatalf("%s was read as %s: %v", d, again, err)
		}
	})
}

func TestDateOfIsTheDayInShanghai(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-22T15:59:59Z":      "2026-11-22",
		"2026-11-22T16:00:00Z":      "2026-11-23",
		"2026-11-23T00:30:00+09:00": "2026-11-22",
		"2026-12-31T08:00:00-08:00": "2027-01-01",
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := DateOf(at).String(); got != want {
			t.Errorf("%s falls on %s, want %s", text, got, want)
		}
	}
}

func TestDateInJSON(t *testing.T) {
	type view struct {
		DueOn Date
		Born  *Date
	}
	due := Date{2026, time.November, 23}
	text, err := json.Marshal(view{DueOn: due})
	if err != nil || string(text) != `{"DueOn":"2026-11-23","Born":null}` {
		t.Errorf("written %s, %v", text, err)
	}
	var read view
	if err := json.Unmarshal([]byte(`{"DueOn":"","Born":"1940-06-01"}`), &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(view{Born: &Date{1940, time.June, 1}}, read); diff != "" {
		t.Error(diff)
	}
	read.DueOn = due
	for _, bad := range []string{`"2026-02-30"`, `"x"`, `20261123`} {
		if err := json.Unmarshal([]byte(`{"DueOn":`+bad+`}`), &read); err == nil {
			t.Errorf("%s was taken for %s", bad, read.DueOn)
		}
	}
	if read.DueOn != due {
		t.Errorf("a refused date was left half read: %s", read.DueOn)
	}
}

func TestDateInTheDatabase(t *testing.T) {
	want := Date{1986, time.May, 4}
	if got, err := want.Value(); err != nil || got != "1986-05-04" {
		t.Errorf("stored as %v, %v", got, err)
	}
	if got, err := (Date{}).Value(); err != nil || got != nil {
		t.Errorf("no date is stored as %v, %v", got, err)
	}
	for name, from := range map[string]any{
		"SQLite's text":             "1986-05-04",
		"SQLite's text with a time": "1986-05-04 00:00:00+00:00",
		"text as RFC 3339":          "1986-05-04T00:00:00Z",
		"bytes":                     []byte("1986-05-04"),
		"MySQL's midnight in UTC":   time.Date(1986, 5, 4, 0, 0, 0, 0, time.UTC),
		"midnight far in the west":  time.Date(1986, 5, 4, 0, 0, 0, 0, time.FixedZone("", -11*3600)),
		"a midnight in Shanghai":    want.Start(),
	} {
		var got Date
		if err := got.Scan(from); err != nil || got != want {
			t.Errorf("%s was read as %s, %v", name, got, err)
		}
	}
	got := want
	if err := got.Scan(nil); err != nil || !got.IsZero() {
		t.Errorf("NULL was read as %s, %v", got, err)
	}
	for _, from := range []any{"1986-02-30", "0000-00-00", "1986-05-045", "yesterday", []byte("1986"), int64(19860504), 1.5, true} {
		got := want
		if err := got.Scan(from); err == nil || got != want {
			t.Errorf("%v was taken for %s", from, got)
		}
	}
	if (Date{}).GormDataType() != "date" {
		t.Error("the column would be no DATE")
	}
}

func TestNoDateIsWrittenAsNothing(t *testing.T) {
	if text := (Date{}).String(); text != "" {
		t.Errorf("written %q", text)
	}
	if !(Date{}).IsZero() || (Date{1, time.January, 1}).IsZero() {
		t.Error("only no date is zero")
	}
}
