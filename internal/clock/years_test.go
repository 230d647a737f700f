package clock

import (
	"testing"

	"pgregory.net/rapid"
)

// anyDay of three centuries.
var anyDay = rapid.Custom(func(t *rapid.T) Date {
	return Date{1900, 1, 1}.AddDays(rapid.IntRange(0, 110_000).Draw(t, "day"))
})

// TestBirthdays: the day n years later is the same day of the same month, but for 29 February, which the last of February
// follows; and of two people the older one never has his birthday later.
func TestBirthdays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		born, n := anyDay.Draw(t, "born"), rapid.IntRange(0, 120).Draw(t, "years")
		day := born.AddYears(n)
		exact := Date{born.Year + n, born.Month, born.Day}
		if parsed, err := ParseDate(exact.String()); err == nil && parsed != day {
			t.Fatalf("%s and %d years is %s", born, n, day)
		} else if err != nil && (day.Month != born.Month || day.AddDays(1).Day != 1) {
			t.Fatalf("%s and %d years is %s, which does not end the month", born, n, day)
		}
		if later := born.AddDays(rapid.IntRange(0, 3).Draw(t, "later")); later.AddYears(n).Before(day) {
			t.Fatalf("%s is born before %s, and %d years old after him", born, later, n)
		}
		if born.AddDays(-1).AddYears(n) == day && (born.Month != 2 && born.Month != 3) {
			t.Fatalf("the day before %s has the same birthday", born)
		}
	})
	for text, want := range map[string]string{"2012-02-29": "2026-02-28", "2008-02-29": "2022-02-28", "2010-02-28": "2024-02-28", "2010-03-01": "2024-03-01"} {
		born, err := ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := born.AddYears(14).String(); got != want {
			t.Errorf("somebody born on %s is fourteen on %s, want %s", text, got, want)
		}
	}
	if got := (Date{2008, 2, 29}).AddYears(20); got != (Date{2028, 2, 29}) {
		t.Errorf("a leap year's birthday is %s", got)
	}
}
