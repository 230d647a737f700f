package secret

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tongban/internal/clock"
)

// TestUnderAge: under fourteen the day before the birthday, and not any more on it; nobody is under age whose birth date is not
// known.
func TestUnderAge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		born := clock.Date{Year: 1990, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 13_000).Draw(t, "born"))
		years := rapid.SampledFrom([]int{14, 18}).Draw(t, "years")
		b := birthDate(born)
		birthday := born.AddYears(years)
		if !b.Under(years, birthday.AddDays(-1)) || b.Under(years, birthday) || !b.Under(years, born) {
			t.Fatalf("born on %s, at %d", born, years)
		}
		if b.Date() != born || !b.Equal(birthDate(born)) {
			t.Fatalf("%s is kept as %s", born, b.Date())
		}
	})
	if (BirthDate{}).Under(14, clock.Date{Year: 2026, Month: 1, Day: 1}) {
		t.Error("nobody knows when he was born, and he is a child")
	}
	leap := birthDate(clock.Date{Year: 2012, Month: 2, Day: 29})
	if !leap.Under(14, clock.Date{Year: 2026, Month: 2, Day: 27}) || leap.Under(14, clock.Date{Year: 2026, Month: 2, Day: 28}) {
		t.Error("who was born on 29 February is fourteen on the 28th")
	}
}

func TestBirthDateIsHidden(t *testing.T) {
	today := clock.Date{Year: 2026, Month: 11, Day: 23}
	for _, bad := range []clock.Date{today.AddDays(1), {Year: 1870, Month: 1, Day: 1}} {
		if _, err := NewBirthDate(bad, today); !errors.Is(err, ErrBorn) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if none, err := NewBirthDate(clock.Date{}, today); err != nil || !none.IsZero() || none.Seal(made(t), here) != nil {
		t.Errorf("no date is %v, %v", none, err)
	}
	b, err := NewBirthDate(clock.Date{Year: 2014, Month: 5, Day: 6}, today)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %#v %s %q", b, b, b, b, b); strings.ContainsAny(text, "2456") {
		t.Errorf("it shows %s", text)
	}
	keys := made(t)
	if got, err := OpenBirthDate(keys, here, b.Seal(keys, here)); err != nil || !got.Equal(b) {
		t.Errorf("opened as %v, %v", got, err)
	}
	number, err := ParseIDNumber("11010519491231002X", today)
	if err != nil || number.Born().Date() != (clock.Date{Year: 1949, Month: 12, Day: 31}) {
		t.Errorf("the number says %v, %v", number.Born().Date(), err)
	}
}
