package store_test

import (
	"errors"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

func onlyLetter(t *testing.T, s *store.Store) store.Letter {
	t.Helper()
	due, err := s.Due(t.Context(), 10)
	if err != nil || len(due) != 1 {
		t.Fatalf("%d letters due, %v", len(due), err)
	}
	return due[0]
}

func TestALeaseIsHeldByOneAndRunsOut(t *testing.T) {
	s := storetest.Open(t)
	put(t, s, "held")
	held := onlyLetter(t, s)
	if taken, err := s.Lease(t.Context(), held.ID, "one", time.Hour); !taken || err != nil {
		t.Fatal(taken, err)
	}
	if taken, err := s.Lease(t.Context(), held.ID, "two", time.Second); taken || err != nil {
		t.Fatal("held twice", err)
	}
	put(t, s, "left")
	l := onlyLetter(t, s)
	if taken, err := s.Lease(t.Context(), l.ID, "one", time.Second); !taken || err != nil {
		t.Fatal(taken, err)
	}
	// The courier "one" dies here. Leases run by the database's own clock, so this waits for real.
	for range 400 {
		if due, _ := s.Due(t.Context(), 10); len(due) == 1 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if taken, err := s.Lease(t.Context(), l.ID, "two", time.Minute); !taken || err != nil {
		t.Fatal("not free again", err)
	}
	deliver := func(owner string) error {
		return s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { return tx.Delivered(l.ID, owner) })
	}
	if err := deliver("one"); !errors.Is(err, store.ErrLost) {
		t.Errorf("the dead one still delivers: %v", err)
	}
	if err := deliver("two"); err != nil {
		t.Error(err)
	}
	if due, err := s.Due(t.Context(), 10); len(due) != 0 || err != nil {
		t.Errorf("still due: %v %v", due, err)
	}
}

func TestAFailedLetterWaits(t *testing.T) {
	s := storetest.Open(t)
	put(t, s, "a")
	l := onlyLetter(t, s)
	fail := func(next time.Time) {
		t.Helper()
		if taken, err := s.Lease(t.Context(), l.ID, "one", time.Minute); !taken || err != nil {
			t.Fatal(taken, err)
		}
		err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { return tx.Failed(l.ID, "one", next, "no route") })
		if err != nil {
			t.Fatal(err)
		}
	}
	fail(s.Clock().Now().Add(time.Hour))
	if due, _ := s.Due(t.Context(), 10); len(due) != 0 {
		t.Error("due at once")
	}
	s.Clock().Advance(time.Hour)
	if l := onlyLetter(t, s); l.Attempts != 1 || l.LastError != "no route" {
		t.Errorf("%+v", l)
	}
	fail(time.Time{})
	s.Clock().Advance(1000 * time.Hour)
	if due, _ := s.Due(t.Context(), 10); len(due) != 0 {
		t.Error("a stuck letter is tried again")
	}
}

func TestOneHolderAndAFence(t *testing.T) {
	s := storetest.Open(t)
	long, err := s.Hold(t.Context(), "round", "one", time.Hour)
	if err != nil || long == 0 {
		t.Fatal(long, err)
	}
	if n, err := s.Hold(t.Context(), "round", "two", time.Second); n != 0 || err != nil {
		t.Fatal("held twice", n, err)
	}
	first, err := s.Hold(t.Context(), "round", "one", time.Second) // the holder may shorten it, and dies
	if err != nil || first <= long {
		t.Fatal(first, err)
	}
	var second int64
	for range 400 {
		if second, err = s.Hold(t.Context(), "round", "two", time.Minute); err != nil || second != 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if second <= first || err != nil {
		t.Fatal(second, err)
	}
	write := func(fence int64) error {
		return s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { return tx.Fenced("round", fence) })
	}
	if err := write(first); !errors.Is(err, store.ErrFenced) {
		t.Errorf("the former holder writes: %v", err)
	}
	if err := write(second); err != nil {
		t.Error(err)
	}
}
