package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// tamper runs SQL behind the program's back.
func tamper(t *testing.T, s *store.Store, sql string, args ...any) {
	t.Helper()
	err := s.Write(t.Context(), access.Stranger(), func(tx *store.Tx) error { return tx.Exec(sql, args...).Error })
	if err != nil {
		t.Fatal(err)
	}
}

func TestVerifyNamesWhatWasTouched(t *testing.T) {
	const day1, day2, day3 = "2026-11-23", "2026-11-24", "2026-11-25"
	cases := []struct {
		name, sql string
		args      []any
		day       string
		seq       int
	}{
		{"changed text", "UPDATE trail SET body = REPLACE(body, 'toy.make', 'toy.break') WHERE day = ? AND seq = 2", []any{day1}, day1, 2},
		{"changed column", "UPDATE trail SET person = 'p9' WHERE day = ? AND seq = 3", []any{day1}, day1, 3},
		{"removed", "DELETE FROM trail WHERE day = ? AND seq = 2", []any{day2}, day2, 2},
		{"cut tail", "DELETE FROM trail WHERE day = ? AND seq = 4", []any{day3}, day3, 4},
		{"added", "INSERT INTO trail SELECT 'x', area, day, 5, at, person, act, kind, object, body, hash FROM trail WHERE day = ? AND seq = 4", []any{day1}, day1, 5},
		{"moved", "UPDATE trail SET seq = CASE seq WHEN 1 THEN 101 WHEN 2 THEN 102 END WHERE day = ? AND seq IN (1, 2)", []any{day2}, day2, 1},
		{"whole day", "DELETE FROM trail_heads WHERE day = ?", []any{day2}, day2, 0},
		{"last day", "DELETE FROM trail_heads WHERE day = ?", []any{day3}, day3, 0},
		{"shortened head", "UPDATE trail_heads SET length = 3 WHERE day = ?", []any{day3}, day3, 0},
		{"days counted down", "UPDATE trail_areas SET days = 2", nil, day3, 0},
		{"area forgotten", "DELETE FROM trail_areas", nil, "", 0},
		{"a row put between others", "INSERT INTO trail SELECT 'x', area, day, 3, at, person, act, kind, object, body, hash FROM trail WHERE day = ? AND seq = 1", []any{day2}, day2, 3},
		{"two rows exchanged", "UPDATE trail SET seq = CASE seq WHEN 202 THEN 3 WHEN 203 THEN 2 END WHERE day = ? AND seq > 200", []any{day2}, day2, 2},
		{"changed hash", "UPDATE trail SET hash = 'x' WHERE day = ? AND seq = 4", []any{day3}, day3, 4},
		{"changed reason", "UPDATE trail SET body = REPLACE(body, '\"seq\":4', '\"seq\":4,\"why\":\"x\"') WHERE day = ? AND seq = 4", []any{day1}, day1, 4},
		{"moved to another day", "UPDATE trail SET day = '2026-11-24', seq = 5 WHERE day = ? AND seq = 4", []any{day1}, day2, 5},
		{"all rows of a day", "DELETE FROM trail WHERE day = ?", []any{day2}, day2, 1},
		{"added before the first", "INSERT INTO trail SELECT 'x', area, day, 0, at, person, act, kind, object, body, hash FROM trail WHERE day = ? AND seq = 1", []any{day2}, day2, 0},
		{"added with a number below", "INSERT INTO trail SELECT 'x', area, day, -5, at, person, act, kind, object, body, hash FROM trail WHERE day = ? AND seq = 1", []any{day2}, day2, -5},
		{"added to a day that was none", "INSERT INTO trail SELECT 'x', area, '2020-02-02', 7, at, person, act, kind, object, body, hash FROM trail WHERE day = ? AND seq = 1", []any{day2}, "2020-02-02", 7},
		{"added to another area", "INSERT INTO trail SELECT 'x', '219901999', day, 7, at, person, act, kind, object, body, hash FROM trail WHERE day = ? AND seq = 1", []any{day2}, day2, 7},
		{"a day added before", "INSERT INTO trail_heads SELECT area, '2020-02-02', '', '', 0, '', mac FROM trail_heads WHERE day = ?", []any{day2}, "2020-02-02", 0},
		{"a day added after", "INSERT INTO trail_heads SELECT area, '2999-12-31', prev_day, start, 0, hash, mac FROM trail_heads WHERE day = ?", []any{day3}, "2999-12-31", 0},
		{"a day added to another area", "INSERT INTO trail_heads SELECT '219901999', day, '', '', 0, '', mac FROM trail_heads WHERE day = ?", []any{day2}, day2, 0},
		{"area struck off the list", "UPDATE trail_roll SET areas = ''", nil, "", 0},
		{"list of areas thrown away", "DELETE FROM trail_roll", nil, day3, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := storetest.Open(t)
			for day := range 3 {
				for n := range 4 {
					put(t, s, fmt.Sprint(day, n))
				}
				s.Clock().Advance(24 * time.Hour)
			}
			if rows, err := s.Verify(t.Context()); err != nil || rows != 12 {
				t.Fatalf("untouched: %d rows, %v", rows, err)
			}
			for _, before := range prepared[c.name] {
				tamper(t, s, before, c.args...)
			}
			tamper(t, s, c.sql, c.args...)
			_, err := s.Verify(t.Context())
			broken, ok := errors.AsType[*store.Broken](err)
			if !ok || broken.Day != c.day || broken.Seq != c.seq {
				t.Errorf("found %v, want day %s row %d", err, c.day, c.seq)
			}
		})
	}
}

// prepared is what is done before, where one statement is not enough.
var prepared = map[string][]string{
	"a row put between others": {"UPDATE trail SET seq = 104 WHERE day = ? AND seq = 4", "UPDATE trail SET seq = 4 WHERE day = ? AND seq = 3", "UPDATE trail SET seq = 5 WHERE day = ? AND seq = 104"},
	"two rows exchanged":       {"UPDATE trail SET seq = seq + 200 WHERE day = ? AND seq IN (2, 3)"},
}

// What is left after an area's rows, days, heads and its own line are gone closes in itself: the list of areas tells.
func TestVerifyNamesAnAreaThatIsWhollyGone(t *testing.T) {
	s := storetest.Open(t)
	const gone = "219901101202"
	for _, area := range []access.Area{village, gone} {
		err := s.Write(t.Context(), clerk, func(tx *store.Tx) error {
			tx.Trail(store.Entry{Act: "toy.make", Kind: "toy", Object: "a", Area: area})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if rows, err := s.Verify(t.Context()); err != nil || rows != 2 {
		t.Fatalf("untouched: %d rows, %v", rows, err)
	}
	for _, table := range []string{"trail", "trail_heads", "trail_areas"} {
		tamper(t, s, "DELETE FROM "+table+" WHERE area = ?", gone)
	}
	_, err := s.Verify(t.Context())
	broken, ok := errors.AsType[*store.Broken](err)
	if !ok || broken.Area != gone {
		t.Errorf("found %v", err)
	}
	put(t, s, "the other village goes on")
}

// A database of before there was a list of areas gets one when it is migrated.
func TestAnOlderDatabaseGetsItsListOfAreas(t *testing.T) {
	s, o := storetest.Fresh(t)
	put(t, s, "before")
	tamper(t, s, "DELETE FROM trail_roll")
	tamper(t, s, "DELETE FROM goose_db_version WHERE version_id >= 12")
	again := storetest.Again(t, o)
	if err := again.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rows, err := again.Verify(t.Context()); err != nil || rows != 1 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

// A whole database set back is in order in itself; heads that somebody kept are not.
func TestOlderHeadsNameWhatWasSetBack(t *testing.T) {
	s := storetest.Open(t)
	put(t, s, "first")
	for _, table := range []string{"trail", "trail_heads", "trail_areas"} {
		tamper(t, s, "CREATE TABLE old_"+table+" AS SELECT * FROM "+table)
	}
	put(t, s, "second")
	s.Clock().Advance(24 * time.Hour)
	put(t, s, "third")
	kept, err := s.Heads(t.Context())
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	put(t, s, "later")
	if err := s.Holds(t.Context(), kept); err != nil {
		t.Fatalf("what has only grown: %v", err)
	}
	for _, table := range []string{"trail", "trail_heads", "trail_areas"} {
		tamper(t, s, "DELETE FROM "+table)
		tamper(t, s, "INSERT INTO "+table+" SELECT * FROM old_"+table)
	}
	if rows, err := s.Verify(t.Context()); err != nil || rows != 1 {
		t.Fatalf("set back, it is whole in itself: %d rows, %v", rows, err)
	}
	broken, ok := errors.AsType[*store.Broken](s.Holds(t.Context(), kept))
	if !ok || broken.Area != string(village) || broken.Day != "2026-11-24" || broken.Seq != 1 {
		t.Errorf("found %v", broken)
	}
	put(t, s, "written over it")
	s.Clock().Advance(-24 * time.Hour)
	kept[0].Hash = "another"
	if _, ok := errors.AsType[*store.Broken](s.Holds(t.Context(), kept)); !ok {
		t.Error("another row in its place is taken for the older one")
	}
}

func TestChainsOfVillagesAreApart(t *testing.T) {
	s := storetest.Open(t)
	err := s.Write(t.Context(), clerk, func(tx *store.Tx) error {
		for _, area := range []access.Area{"219901201201", "219901101201", "", "219901101201"} {
			tx.Trail(store.Entry{Act: "toy.make", Kind: "toy", Object: "a", Area: area})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	heads, err := s.Heads(t.Context())
	if err != nil || len(heads) != 3 || heads[1].Area != "219901101201" || heads[1].Length != 2 {
		t.Errorf("heads %v, %v", heads, err)
	}
	if rows, err := s.Verify(t.Context()); err != nil || rows != 4 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

// An earlier day's tail is cut together with its head, which was copied before: only the day after it can tell.
func TestVerifyNamesAnEarlierDaysCutTail(t *testing.T) {
	s := storetest.Open(t)
	put(t, s, "kept")
	tamper(t, s, "CREATE TABLE old_head (length INTEGER, hash VARCHAR(64), mac VARCHAR(64))")
	tamper(t, s, "INSERT INTO old_head SELECT length, hash, mac FROM trail_heads")
	put(t, s, "evidence")
	s.Clock().Advance(24 * time.Hour)
	put(t, s, "next day")
	tamper(t, s, "DELETE FROM trail WHERE object = 'evidence'")
	tamper(t, s, "UPDATE trail_heads SET length = (SELECT length FROM old_head), hash = (SELECT hash FROM old_head), mac = (SELECT mac FROM old_head) WHERE day = '2026-11-23'")
	_, err := s.Verify(t.Context())
	broken, ok := errors.AsType[*store.Broken](err)
	if !ok || broken.Day != "2026-11-23" || broken.Seq != 2 {
		t.Errorf("found %v", err)
	}
}

// Another replica's clock runs behind, past midnight: its rows join the newest day.
func TestAClockThatRunsBehindOpensNoOlderDay(t *testing.T) {
	s := storetest.Open(t)
	put(t, s, "a")
	s.Clock().Advance(24 * time.Hour)
	put(t, s, "b")
	s.Clock().Advance(-24 * time.Hour)
	put(t, s, "c")
	heads, err := s.Heads(t.Context())
	if err != nil || len(heads) != 1 || heads[0].Length != 2 || heads[0].Day.Day != 24 {
		t.Errorf("heads %v, %v", heads, err)
	}
	if rows, err := s.Verify(t.Context()); rows != 3 || err != nil {
		t.Errorf("%d rows, %v", rows, err)
	}
}

func TestVerifyWhileOthersWrite(t *testing.T) {
	s := storetest.Open(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 60 {
			err := s.Write(t.Context(), clerk, func(tx *store.Tx) error {
				tx.Trail(store.Entry{Act: "toy.make", Kind: "toy", Object: fmt.Sprint(i), Area: village})
				return nil
			})
			if err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		if faults, err := s.Fsck(t.Context(), nil); err != nil || len(faults) > 0 {
			t.Fatalf("%v, %v", faults, err)
		}
	}
}
