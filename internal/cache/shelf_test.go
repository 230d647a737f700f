package cache

import (
	"fmt"
	"testing"
	"time"

	"tongban/internal/clock"
)

func TestShelfDropsTheLongestUnused(t *testing.T) {
	s := newShelf[string, int](2)
	s.keep("a", 1)
	s.keep("b", 2)
	s.find("a")
	s.keep("c", 3)
	s.keep("c", 4)
	if _, found := s.find("b"); found {
		t.Error("b was used least and must be gone")
	}
	a, _ := s.find("a")
	c, _ := s.find("c")
	if a != 1 || c != 4 || len(s.books) != 2 || s.order.Len() != 2 {
		t.Errorf("a=%d c=%d, %d books, %d in order", a, c, len(s.books), s.order.Len())
	}
}

// A flood of strangers in one class costs bounded memory and pushes nobody out of another.
func TestMemoryIsBounded(t *testing.T) {
	m := newMemory(clock.At(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)))
	once := Rate{Burst: 1, Per: time.Minute}
	m.Allow(t.Context(), "login", "thief", once)
	for i := range perClass + 1000 {
		m.Allow(t.Context(), "page", fmt.Sprint(i), once)
	}
	if got := len(m.classes["page"].books); got != perClass {
		t.Errorf("%d visitors remembered, want %d", got, perClass)
	}
	if ok, _ := m.Allow(t.Context(), "login", "thief", once); ok {
		t.Error("a flood of readers made us forget who tried a password")
	}
}

func TestZeroRateIsAMistake(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a zero rate must panic")
		}
	}()
	newMemory(clock.System()).Allow(t.Context(), "page", "a", Rate{})
}
