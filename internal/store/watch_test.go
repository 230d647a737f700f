package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// machine is a machine's clock of which a test sets both hands: shown is set by people and time servers, ran by nobody.
type machine struct {
	t     *testing.T
	store *store.Store
	now   clock.Reading
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	s := storetest.Open(t)
	m := &machine{t, s, clock.Reading{Shows: databaseTime(t, s)}}
	s.ByClock(func() clock.Reading { return m.now })
	return m
}

// databaseTime is now where the database has a clock of its own.
func databaseTime(t *testing.T, s *store.Store) time.Time {
	t.Helper()
	if s.Engine() != "mysql" {
		return storetest.Monday.UTC()
	}
	var now time.Time
	if err := s.Read(t.Context()).Raw("SELECT UTC_TIMESTAMP()").Row().Scan(&now); err != nil {
		t.Fatal(err)
	}
	return now
}

// runs lets time pass, of which both hands tell.
func (m *machine) runs(d time.Duration) { m.now.Shows, m.now.Ran = m.now.Shows.Add(d), m.now.Ran+d }

// set is what a person, or a time server, does to the clock.
func (m *machine) set(by time.Duration) { m.now.Shows = m.now.Shows.Add(by); m.runs(10 * time.Second) }

// worked keeps that a round was run at the moment.
func (m *machine) worked(at time.Time) {
	m.t.Helper()
	err := m.store.Write(m.t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Exec("INSERT INTO rounds (name, ran_at) VALUES (?, ?)", tx.NewID(), at.UTC()).Error
	})
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) fits(want bool, when string) {
	m.t.Helper()
	err := m.store.ClockFits(m.t.Context())
	if _, doubt := errors.AsType[*store.ClockDoubt](err); err != nil && !doubt || doubt == want {
		m.t.Errorf("%s: %v", when, err)
	}
}

func TestAClockThatWasSetIsNotBelievedAtOnce(t *testing.T) {
	if storetest.OnMySQL() {
		return // there the database's clock says what is right
	}
	for name, step := range map[string]time.Duration{"years": 5 * 365 * 24 * time.Hour, "a day": 24 * time.Hour, "back": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.fits(true, "a new database")
			m.worked(m.now.Shows)
			m.runs(time.Hour)
			m.fits(true, "an hour later")
			m.set(4 * time.Minute)
			m.fits(true, "set by a little")
			m.set(step)
			m.fits(false, "set")
			m.runs(50 * time.Minute)
			m.fits(false, "most of an hour later")
			m.set(-step)
			m.fits(true, "set back")
			m.set(step)
			m.fits(false, "set again")
			m.runs(time.Hour)
			m.fits(step < 60*24*time.Hour, "nobody set it back for an hour")
		})
	}
}

func TestAStartAfterALongTime(t *testing.T) {
	if storetest.OnMySQL() {
		return
	}
	const day = 24 * time.Hour
	m := newMachine(t)
	m.worked(m.now.Shows.Add(-31 * day))
	m.fits(true, "switched off for a month")

	m = newMachine(t)
	m.worked(m.now.Shows.Add(-61 * day))
	m.fits(false, "switched off for two months, or the clock is wrong")
	m.runs(2 * time.Hour)
	m.fits(false, "nobody has looked")
	m.store.Clock().Set(m.now.Shows)
	if err := m.store.BelieveClock(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.fits(false, "a doubt is answered for some seconds")
	m.runs(10 * time.Second)
	m.fits(true, "somebody has looked")
	if err := m.store.BelieveClock(t.Context()); err != nil {
		t.Errorf("said twice: %v", err)
	}

	// A machine without a battery starts in the past, and learns the time later.
	m = newMachine(t)
	m.worked(m.now.Shows)
	m.set(-20 * 365 * day)
	m.fits(false, "started in the past")
	m.set(20 * 365 * day)
	m.fits(true, "it learnt the time")
}

func TestAClockBesideTheDatabases(t *testing.T) {
	if !storetest.OnMySQL() {
		return // SQLite has this one
	}
	m := newMachine(t)
	m.fits(true, "equal")
	for _, by := range []time.Duration{24 * time.Hour, -time.Hour} {
		m.now.Shows = m.now.Shows.Add(by)
		m.fits(false, by.String())
		if err := m.store.BelieveClock(t.Context()); err == nil {
			t.Errorf("%s: a person's word outweighs the database's clock", by)
		}
		m.now.Shows = m.now.Shows.Add(-by)
		m.now.Ran += 10 * time.Second
		m.fits(true, "set right")
	}
	fresh := newMachine(t)
	fresh.now.Shows = fresh.now.Shows.Add(10 * 365 * 24 * time.Hour)
	fresh.fits(false, "wrong from the start")
}

func TestATestsClockIsTakenAsItIs(t *testing.T) {
	s := storetest.Open(t)
	for range 3 {
		if err := s.ClockFits(t.Context()); err != nil {
			t.Error(err)
		}
		s.Clock().Advance(1000 * 24 * time.Hour)
	}
}

// A round that was begun before the step writes nothing after it.
func TestARoundStopsWhenTheClockIsSet(t *testing.T) {
	m := newMachine(t)
	m.fits(true, "at first")
	fence, err := m.store.Hold(t.Context(), "round.one", "a", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	write := func(ctx context.Context) error {
		return m.store.Write(ctx, access.Round(""), func(*store.Tx) error { return nil })
	}
	inside := store.WithFence(t.Context(), "round.one", fence)
	if err := write(inside); err != nil {
		t.Error(err)
	}
	m.set(24 * time.Hour)
	if _, doubt := errors.AsType[*store.ClockDoubt](write(inside)); !doubt {
		t.Error("the round went on")
	}
	if err := write(t.Context()); err != nil {
		t.Errorf("a visitor is kept away: %v", err)
	}
}

// What was done once is not done twice because a clock was set.
func TestAKeyOutlivesAClockThatWasSet(t *testing.T) {
	m := newMachine(t)
	m.fits(true, "at first")
	if _, err := keyed(m.store, t.Context(), claim("p1", "key-00000001", "h"), "a"); err != nil {
		t.Fatal(err)
	}
	m.store.Clock().Advance(25 * time.Hour)
	m.set(25 * time.Hour)
	err := m.store.Replayed(store.WithClaim(t.Context(), claim("p1", "key-00000001", "h")))
	if _, replayed := errors.AsType[*store.Replay](err); !replayed {
		t.Errorf("forgotten: %v", err)
	}
}
