package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// conflicts are what the engine says of a transaction that met another one, and others what it says of one that is wrong.
func conflicts() (met, wrong []error) {
	if !storetest.OnMySQL() {
		return []error{errors.New("database is locked")}, []error{errors.New("no such table: nowhere")}
	}
	for _, number := range []uint16{1205, 1213, 1020, 8002, 8005, 8022, 9007} {
		met = append(met, &sqldriver.MySQLError{Number: number, Message: "again"})
	}
	for _, number := range []uint16{1062, 1064, 1406} {
		wrong = append(wrong, &sqldriver.MySQLError{Number: number, Message: "never"})
	}
	return met, wrong
}

// failing writes one row at each run, and fails with err after it in the first runs.
func failing(t *testing.T, s *store.Store, runs int, err error) (ran int, got error) {
	got = s.Write(t.Context(), clerk, func(tx *store.Tx) error {
		ran++
		tx.Trail(store.Entry{Act: "toy.make", Kind: "toy", Object: fmt.Sprint("run ", ran), Area: village})
		if err := tx.Exec("INSERT INTO toys VALUES (?, 'new', 1, ?)", fmt.Sprint("run ", ran), tx.Now).Error; err != nil {
			return err
		}
		if ran <= runs {
			return fmt.Errorf("toy: %w", err)
		}
		return nil
	})
	return ran, got
}

// TestAConflictIsTriedAgainWhole: what is committed is what the last run did, and nothing of those before it.
func TestAConflictIsTriedAgainWhole(t *testing.T) {
	s := storetest.Open(t)
	makeToys(t, s)
	rows := func() int64 { return count(t, s, "toys") + count(t, s, "trail") }
	met, wrong := conflicts()
	for _, err := range met {
		before := rows()
		if ran, got := failing(t, s, 1, err); ran != 2 || got != nil || rows() != before+2 {
			t.Errorf("%v: ran %d times, %d rows more: %v", err, ran, rows()-before, got)
		}
		if e := s.Write(t.Context(), clerk, func(tx *store.Tx) error { return tx.Exec("DELETE FROM toys WHERE id = 'run 2'").Error }); e != nil {
			t.Fatal(e)
		}
	}
	before := rows()
	for _, err := range wrong {
		if ran, got := failing(t, s, 1, err); ran != 1 || !errors.Is(got, err) || rows() != before {
			t.Errorf("%v: ran %d times, %d rows more: %v", err, ran, rows()-before, got)
		}
	}
	if ran, got := failing(t, s, 100, met[0]); ran != 5 || !errors.Is(got, fault.Busy) || rows() != before {
		t.Errorf("always: ran %d times, %d rows more: %v", ran, rows()-before, got)
	}
	for range 8 { // his turn could come by chance
		ran := 0
		ctx, leave := context.WithCancel(t.Context())
		got := s.Write(ctx, clerk, func(*store.Tx) error { ran++; leave(); return met[0] })
		if ran != 1 || !errors.Is(got, fault.Busy) {
			t.Fatalf("for a caller who left it ran %d times: %v", ran, got)
		}
	}
}

// TestTwoWhoWaitForEachOtherBothWrite: the database ends such a wait by refusing one of them, who then begins anew.
func TestTwoWhoWaitForEachOtherBothWrite(t *testing.T) {
	s := storetest.Open(t)
	makeToys(t, s)
	put := func(id string) error {
		return s.Write(t.Context(), clerk, func(tx *store.Tx) error { return tx.Exec("INSERT INTO toys VALUES (?, 'new', 0, ?)", id, tx.Now).Error })
	}
	if err := errors.Join(put("a"), put("b")); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup // until each has one row; the embedded database lets one in after the other
	if storetest.OnMySQL() {
		both.Add(2)
	}
	var mu sync.Mutex
	runs, errs := 0, []error(nil)
	add := func(tx *store.Tx, id string) error {
		return tx.Exec("UPDATE toys SET version = version + 1 WHERE id = ?", id).Error
	}
	write := func(first, second string) {
		met := sync.OnceFunc(func() {
			if storetest.OnMySQL() {
				both.Done()
			}
		})
		defer met() // also when it failed before: the other one waits
		err := s.Write(t.Context(), clerk, func(tx *store.Tx) error {
			mu.Lock()
			runs++
			mu.Unlock()
			if err := add(tx, first); err != nil {
				return err
			}
			met()
			both.Wait()
			return add(tx, second)
		})
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	}
	var done sync.WaitGroup
	done.Go(func() { write("a", "b") })
	done.Go(func() { write("b", "a") })
	done.Wait()
	var versions []int
	if err := s.Read(t.Context()).Raw("SELECT version FROM toys WHERE id IN ('a', 'b')").Scan(&versions).Error; err != nil {
		t.Fatal(err)
	}
	if errors.Join(errs...) != nil || len(versions) != 2 || versions[0] != 2 || versions[1] != 2 || storetest.OnMySQL() && runs < 3 {
		t.Errorf("%d runs, versions %v, %v", runs, versions, errs)
	}
}

// TestASecondSenderIsToldThatTheFirstIsAtWork, once his time is up: not that the house is busy, nor what a first sender is told whom
// others' work kept waiting. On the embedded database both wait for their turn alike.
func TestASecondSenderIsToldThatTheFirstIsAtWork(t *testing.T) {
	s, o := storetest.Fresh(t)
	first, told := s, fault.Busy
	if storetest.OnMySQL() {
		o.Patient = true // else his time is up soon after the second one's
		first, told = storetest.Again(t, o), store.ErrInProgress
	}
	for _, key := range []string{"never-sent", "sent-before"} {
		claimed := func() *store.Claim { return claim("p1", key, "h") }
		if key == "sent-before" { // and forgotten: the first one clears it away
			if _, err := keyed(s, t.Context(), claimed(), "old"); err != nil {
				t.Fatal(err)
			}
			s.Clock().Advance(25 * time.Hour)
		}
		late := claimed()
		if err := s.Replayed(store.WithClaim(t.Context(), late)); err != nil {
			t.Fatal(err)
		}
		inside, goOn := make(chan struct{}), make(chan struct{})
		enter := sync.OnceFunc(func() { close(inside) })
		var failed error
		var work sync.WaitGroup
		work.Go(func() {
			defer enter() // also when it fails before
			failed = first.Write(store.WithClaim(t.Context(), claimed()), clerk, func(tx *store.Tx) error {
				enter()
				<-goOn
				tx.Answer("the first one's")
				return nil
			})
		})
		<-inside
		ctx, leave := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err := keyed(s, ctx, late, "second")
		leave()
		if !errors.Is(err, told) {
			t.Errorf("%s: the second is told %v", key, err)
		}
		close(goOn)
		work.Wait()
		if failed != nil {
			t.Fatal(failed)
		}
		if answer, err := keyed(s, t.Context(), claimed(), "third"); answer != "the first one's" || err != nil {
			t.Errorf("%s: the third is told %q, %v", key, answer, err)
		}
	}
	met, _ := conflicts()
	err := s.Write(store.WithClaim(t.Context(), claim("p1", "key-00000002", "h")), clerk, func(*store.Tx) error { return met[0] })
	if !errors.Is(err, fault.Busy) || errors.Is(err, store.ErrInProgress) {
		t.Errorf("who comes first and meets others is told %v", err)
	}
}

// TestTheSweepLeavesWhatIsClaimedAnew: between its reading and its deleting an old key comes again, with a new request.
func TestTheSweepLeavesWhatIsClaimedAnew(t *testing.T) {
	if !storetest.OnMySQL() {
		return // one writes after the other
	}
	s := storetest.Open(t)
	send := func(hash string) string {
		answer, err := keyed(s, t.Context(), claim("p1", "key-00000001", hash), hash)
		if err != nil {
			t.Error(err)
		}
		return answer
	}
	send("old")
	s.Clock().Advance(25 * time.Hour)
	var fresh string
	var armed atomic.Bool
	err := s.Write(t.Context(), clerk, func(tx *store.Tx) error {
		return tx.Callback().Query().After("*").Register("test:again", func(db *gorm.DB) {
			if db.Statement.Table == "idempotency" && armed.Swap(false) {
				fresh = send("new")
			}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	armed.Store(true)
	if _, err := s.SweepClaims(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again := send("new"); fresh == "" || again != fresh {
		t.Errorf("the request was answered %q and then %q", fresh, again)
	}
}
