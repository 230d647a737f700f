package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// slip is a number and its code, as they stand on paper.
type slip struct{ number, code, kept, wrong string }

// slips makes n numbers with their codes.
func slips(t *testing.T, s *store.Store, n int) []slip {
	t.Helper()
	list := make([]slip, n)
	err := s.Write(t.Context(), clerk, func(tx *store.Tx) (err error) {
		for i := range list {
			l := &list[i]
			l.number = fmt.Sprintf("SQ101201261123%03d0", i)
			if l.code, l.kept, err = tx.QueryCode(l.number); err != nil {
				return err
			}
			l.wrong = "000000"
			if l.code == l.wrong {
				l.wrong = "000001"
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// try is one guess; it says which fault came of it, nil for none.
func try(t *testing.T, s *store.Store, address string, l slip, code string) *fault.Fault {
	t.Helper()
	err := s.CheckCode(t.Context(), address, l.number, l.kept, code)
	for _, f := range []*fault.Fault{store.ErrNoMatch, store.ErrSlowDown, store.ErrTooManyWrong} {
		if errors.Is(err, f) {
			return f
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return nil
}

func TestTenThousandGuessesFromOneAddress(t *testing.T) {
	s := storetest.Open(t)
	list := slips(t, s, 200)
	owner := list[150]
	if got := try(t, s, "192.0.2.1", owner, owner.code); got != nil {
		t.Fatal(got)
	}
	before := s.Compared()
	for i := range 10_000 {
		l := list[i%len(list)]
		code := l.wrong
		if i >= 100 { // from here on he even has the right codes
			code = l.code
		}
		if got := try(t, s, "203.0.113.1", l, code); got != store.ErrNoMatch && got != store.ErrSlowDown {
			t.Fatalf("guess %d: %v", i, got)
		}
	}
	if n := s.Compared() - before; n != 10 {
		t.Errorf("%d of 10,000 in one minute reached the comparison", n)
	}
	// in a whole day, ten a minute as long as he may
	for minute := range 24*60 - 2 {
		s.Clock().Advance(time.Minute)
		for n := range 10 {
			l := list[(minute*10+n)/5%len(list)]
			if got := try(t, s, "203.0.113.1", l, l.wrong); got == nil {
				t.Fatal("a wrong code opened")
			} else if got == store.ErrTooManyWrong {
				break
			}
		}
	}
	if n := s.Compared() - before; n > 60 {
		t.Errorf("%d in a day reached the comparison", n)
	}
	locked := 0
	for i, l := range list {
		if try(t, s, fmt.Sprint("198.51.100.", i), l, l.code) != nil {
			locked++
		}
	}
	if locked > 12 {
		t.Errorf("one address locked %d of %d numbers for their owners", locked, len(list))
	}
	if got := try(t, s, "192.0.2.1", owner, owner.code); got != nil {
		t.Errorf("the owner: %v", got)
	}
}

// Many addresses guess at all numbers. Five wrong ones a day reach each number, whoever guesses; who opened his number before
// goes on; who comes to his locked number for the first time is told what a guesser is told, until the next day.
func TestGuessesFromEverywhereAtAllNumbers(t *testing.T) {
	s := storetest.Open(t)
	list := slips(t, s, 40)
	for i, l := range list[:20] {
		if got := try(t, s, fmt.Sprint("192.0.2.", i), l, l.code); got != nil {
			t.Fatal(got)
		}
	}
	before := s.Compared()
	for round := range 25 {
		for i, l := range list {
			if got := try(t, s, fmt.Sprintf("10.1.%d.%d", i, round), l, l.wrong); got != store.ErrNoMatch {
				t.Fatalf("%v", got)
			}
		}
	}
	if n := s.Compared() - before; n != int64(5*len(list)) {
		t.Errorf("%d of %d guesses reached the comparison, want 5 a number", n, 25*len(list))
	}
	for i, l := range list[:20] {
		if got := try(t, s, fmt.Sprint("192.0.2.", i), l, l.code); got != nil {
			t.Errorf("the owner of %s, who opened it before: %v", l.number, got)
		}
	}
	fresh := list[30]
	if got := try(t, s, "192.0.2.130", fresh, fresh.code); got != store.ErrNoMatch {
		t.Errorf("a fresh owner while his number is guessed at: %v", got)
	}
	s.Clock().Advance(24 * time.Hour)
	if got := try(t, s, "192.0.2.130", fresh, fresh.code); got != nil {
		t.Errorf("a fresh owner the next day: %v", got)
	}
	for round := range 25 { // the guessing goes on, and no longer stops him
		try(t, s, fmt.Sprint("10.2.0.", round), fresh, fresh.wrong)
	}
	if got := try(t, s, "192.0.2.130", fresh, fresh.code); got != nil {
		t.Errorf("he opened it the day before: %v", got)
	}
}

// What is right uses nothing up: a station looks a hundred numbers up for its villagers.
func TestRightCodesUseNothingUp(t *testing.T) {
	s := storetest.Open(t)
	for i, l := range slips(t, s, 100) {
		if i%10 == 0 {
			s.Clock().Advance(time.Minute)
		}
		if got := try(t, s, "192.0.2.1", l, l.code); got != nil {
			t.Fatalf("number %d: %v", i, got)
		}
	}
}
