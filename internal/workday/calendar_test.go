package workday

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/clock"
)

// county reads the table that the program ships.
func county(t testing.TB) *Calendar {
	t.Helper()
	file, err := os.Open("../../config/county/holidays.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	c, err := ReadCalendar(file)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func date(t testing.TB, text string) clock.Date {
	t.Helper()
	d, err := clock.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// moment reads "2026-03-09 10:00" in Shanghai.
func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, clock.Shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestMonthsHaveTheirPublishedWorkingDays(t *testing.T) {
	c := county(t)
	for year, months := range map[int][12]int{
		2025: {19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23},
		2026: {21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23},
	} {
		whole := 0
		for i, want := range months {
			first := clock.Date{Year: year, Month: time.Month(i + 1), Day: 1}
			next := clock.Date{Year: year, Month: time.Month(i+1)%12 + 1, Day: 1}
			if i == 11 {
				next.Year++
			}
			got, provisional := c.Count(first.AddDays(-1), next.AddDays(-1))
			if got != want || provisional {
				t.Errorf("%d-%02d: %d working days, provisional %t; want %d", year, i+1, got, provisional, want)
			}
			whole += got
		}
		if whole != 248 {
			t.Errorf("%d: %d working days, want 248", year, whole)
		}
	}
}

func TestYearsOfTheCountyTable(t *testing.T) {
	c := county(t)
	want := []Year{{2025, Official}, {2026, Official}, {2027, StatutoryOnly}}
	if diff := cmp.Diff(want, c.Years()); diff != "" {
		t.Error(diff)
	}
	if got := c.Status(2028); got != Unknown {
		t.Errorf("2028 is %q, want unknown", got)
	}
	for text, want := range map[string]bool{
		"2026-02-14": true,  // a Saturday made up
		"2026-02-16": false, // a Monday off
		"2026-05-09": true,
		"2026-11-23": true,
		"2026-11-22": false,
		"2027-02-05": false, // the statute's own eve of the Spring Festival, a Friday
		"2027-02-09": true,  // nothing is bridged without a notice
		"2028-10-02": true,  // unknown: a Monday is a Monday
		"2028-10-01": false,
	} {
		if got := c.Working(date(t, text)); got != want {
			t.Errorf("%s worked: %t, want %t", text, got, want)
		}
	}
}

func TestTheZeroCalendarCountsMondayToFriday(t *testing.T) {
	var c Calendar
	day, provisional := c.Add(date(t, "2026-09-30"), 3)
	if day != date(t, "2026-10-05") || !provisional {
		t.Errorf("got %s, provisional %t", day, provisional)
	}
	if len(c.Days()) != 0 || len(c.Years()) != 0 {
		t.Error("the zero calendar lists days")
	}
}

func TestNextAndCount(t *testing.T) {
	c := county(t)
	for _, next := range []struct {
		from, want  string
		provisional bool
	}{
		{"2026-02-13", "2026-02-13", false},
		{"2026-02-15", "2026-02-24", false},
		{"2026-12-31", "2026-12-31", false},
		{"2027-01-01", "2027-01-04", true},
		{"2027-01-05", "2027-01-05", true},
	} {
		got, provisional := c.Next(date(t, next.from))
		if got != date(t, next.want) || provisional != next.provisional {
			t.Errorf("next from %s: %s, provisional %t", next.from, got, provisional)
		}
	}
	for _, span := range []struct {
		after, through string
		want           int
		provisional    bool
	}{
		{"2026-02-13", "2026-02-13", 0, false},
		{"2026-02-13", "2026-02-24", 2, false},
		{"2026-02-24", "2026-02-13", -2, false},
		{"2026-12-30", "2026-12-31", 1, false},
		{"2026-12-30", "2027-01-01", 1, true},
		{"2027-01-01", "2026-12-30", -1, true},
	} {
		got, provisional := c.Count(date(t, span.after), date(t, span.through))
		if got != span.want || provisional != span.provisional {
			t.Errorf("count %s to %s: %d, provisional %t", span.after, span.through, got, provisional)
		}
	}
	if back, _ := c.Add(date(t, "2026-02-25"), -3); back != date(t, "2026-02-13") {
		t.Errorf("three working days before 2026-02-25: %s", back)
	}
}

// A Saturday of a year without a notice may yet become a make-up day, whatever the year after it says.
func TestAnOpenYearBeforeAKnownOne(t *testing.T) {
	c, err := NewCalendar([]Day{{date(t, "2023-01-02"), Off, "元旦", "某通知"}}, []Year{{2023, Official}})
	if err != nil {
		t.Fatal(err)
	}
	if next, provisional := c.Next(date(t, "2022-12-31")); next != date(t, "2023-01-03") || !provisional {
		t.Errorf("next working day %s, provisional %t", next, provisional)
	}
	due := c.Extend(Due{On: date(t, "2022-12-31"), Provisional: true}, 2)
	if due != (Due{On: date(t, "2023-01-04"), Provisional: true}) {
		t.Errorf("extended: %v", due)
	}
}

func TestNewCalendarNamesEveryMistake(t *testing.T) {
	day := func(text string, kind Kind, notice string) Day {
		return Day{Date: date(t, text), Kind: kind, Name: "某日", Notice: notice}
	}
	_, err := NewCalendar([]Day{
		day("2026-10-01", Off, "某号"),
		day("2026-10-01", Off, "某号"),
		day("2026-10-10", "half", "某号"),
		day("2026-10-17", MakeUp, ""),
		day("2026-10-19", MakeUp, "某号"),
		day("2029-01-01", Off, "某号"),
	}, []Year{{2026, Official}, {2026, Official}, {2027, "guessed"}})
	if err == nil {
		t.Fatal("mistakes were taken")
	}
	want := strings.Join([]string{
		"2026年：年度状态写了两次",
		"2027年：不认识的年度状态",
		"2026-10-01：同一天写了两次",
		"2026-10-10：类别只能是 off 或 workday",
		"2026-10-17：调休上班须写明通知文号",
		"2026-10-19：调休上班只能在周六、周日",
		"2029-01-01：这一年没有年度状态",
	}, "\n")
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}
