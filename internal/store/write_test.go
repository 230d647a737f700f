package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

const village access.Area = "219901101201"

var clerk = access.Actor{Person: "p1", Role: access.Clerk, Area: village}

// put writes one trail row and one message about the object and answers its id.
func put(t *testing.T, s *store.Store, object string) {
	t.Helper()
	err := s.Write(t.Context(), clerk, func(tx *store.Tx) error {
		tx.Trail(store.Entry{Act: "toy.make", Kind: "toy", Object: object, Area: village})
		tx.Emit(store.Message{Topic: "toy.make", Kind: "toy", Object: object, Area: village, Data: map[string]string{"id": object}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, s *store.Store, table string) (n int64) {
	t.Helper()
	if err := s.Read(t.Context()).Table(table).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWriteKeepsChangeTrailAndMessageTogether(t *testing.T) {
	s := storetest.Open(t)
	put(t, s, "a")
	wrong := errors.New("no")
	err := s.Write(t.Context(), clerk, func(tx *store.Tx) error {
		tx.Trail(store.Entry{Act: "toy.make", Kind: "toy", Object: "b", Area: village})
		tx.Emit(store.Message{Topic: "toy.make", Object: "b"})
		if _, err := tx.Number("SQ", village); err != nil {
			return err
		}
		return wrong
	})
	if !errors.Is(err, wrong) {
		t.Fatalf("got %v", err)
	}
	if trail, outbox, counters := count(t, s, "trail"), count(t, s, "outbox"), count(t, s, "counters"); trail != 1 || outbox != 1 || counters != 0 {
		t.Errorf("trail %d, outbox %d, counters %d: a failed write left something", trail, outbox, counters)
	}
}

func TestWriteRefusesAnIgnoredError(t *testing.T) {
	s := storetest.Open(t)
	err := s.Write(t.Context(), clerk, func(tx *store.Tx) error {
		tx.Exec("INSERT INTO counters (kind, area, day, last) VALUES ('X', '1', '2026-01-01', 1)")
		tx.Exec("INSERT INTO nowhere VALUES (1)") // the verb does not look
		return nil
	})
	if err == nil || count(t, s, "counters") != 0 {
		t.Errorf("a half was committed (err %v)", err)
	}
}

func TestWriteRefusesNesting(t *testing.T) {
	s := storetest.Open(t)
	defer func() {
		if recover() == nil {
			t.Error("nested without panic")
		}
		put(t, s, "after") // and the panic gave its place back
	}()
	_ = s.Write(t.Context(), clerk, func(tx *store.Tx) error {
		return s.Write(tx.Statement.Context, clerk, func(*store.Tx) error { return nil })
	})
}

func TestACallerWhoLeavesCutsNothing(t *testing.T) {
	s := storetest.Open(t)
	ctx, leave := context.WithCancel(t.Context())
	err := s.Write(ctx, clerk, func(tx *store.Tx) error {
		tx.Trail(store.Entry{Act: "toy.make", Kind: "toy", Object: "a", Area: village})
		leave()
		return nil
	})
	if err != nil || count(t, s, "trail") != 1 {
		t.Errorf("err %v", err)
	}
}

// claim is a keyed request whose answer is a plain string.
func claim(caller, key, hash string) *store.Claim {
	return &store.Claim{Caller: caller, Key: key, Operation: "toy", Hash: hash, Keep: 24 * time.Hour,
		View: func(v any) (store.Answer, error) { return store.Answer{Body: []byte(v.(string))}, nil }}
}

func keyed(s *store.Store, ctx context.Context, c *store.Claim, object string) (string, error) {
	var number string
	err := s.Write(store.WithClaim(ctx, c), clerk, func(tx *store.Tx) (err error) {
		tx.Trail(store.Entry{Act: "toy.make", Kind: "toy", Object: object, Area: village})
		if number, err = tx.Number("SQ", village); err != nil {
			return err
		}
		tx.Answer(number)
		return nil
	})
	if replay, ok := errors.AsType[*store.Replay](err); ok {
		return string(replay.Body), nil
	}
	return number, err
}

// manySend sends one key a hundred times at once.
func manySend(s *store.Store, ctx context.Context, hash string) (answers []string, faults []error) {
	answers, faults = make([]string, 100), make([]error, 100)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i], faults[i] = keyed(s, ctx, claim("p1", "key-00000001", hash), fmt.Sprint(i)) })
	}
	wg.Wait()
	return answers, faults
}

func TestTheSameKeyManyTimesIsOneRowAndOneAnswer(t *testing.T) {
	s := storetest.Open(t)
	answers, faults := manySend(s, t.Context(), "h")
	for i := range answers {
		if faults[i] != nil || answers[i] != answers[0] || answers[i] == "" {
			t.Fatalf("sender %d: %q, %v; first %q", i, answers[i], faults[i], answers[0])
		}
	}
	if n := count(t, s, "trail"); n != 1 {
		t.Errorf("done %d times", n)
	}
}

func TestAKeyIsItsCallersOwn(t *testing.T) {
	s := storetest.Open(t)
	first, err := keyed(s, t.Context(), claim("p1", "key-00000001", "h"), "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keyed(s, t.Context(), claim("p1", "key-00000001", "other"), "a"); !errors.Is(err, store.ErrOtherContent) {
		t.Errorf("other content: %v", err)
	}
	other, err := keyed(s, t.Context(), claim("p2", "key-00000001", "h"), "b")
	if err != nil || other == first {
		t.Errorf("another caller got %q (%v), the first %q", other, err, first)
	}
	var kept []byte
	if err := s.Read(t.Context()).Raw("SELECT answer FROM idempotency WHERE caller = 'p1'").Row().Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if len(kept) == 0 || bytes.Contains(kept, []byte(first)) {
		t.Errorf("the answer is stored in the clear: %q", kept)
	}
	s.Clock().Advance(25 * time.Hour)
	if n, err := s.SweepClaims(t.Context()); n != 2 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
}

func TestAVerbWithoutAnswerIsAMistake(t *testing.T) {
	s := storetest.Open(t)
	err := s.Write(store.WithClaim(t.Context(), claim("p", "key-00000001", "h")), clerk, func(*store.Tx) error { return nil })
	if err == nil || count(t, s, "idempotency") != 0 {
		t.Errorf("kept without an answer: %v", err)
	}
}

// toy is a flow on the outbox's own table shape: any table with id, status, version and updated_at will do.
var toy = &flow.Table{Name: "toy", Title: "玩具", Start: "new", Final: []flow.State{"old"},
	States: []flow.Label[flow.State]{{Name: "new", Text: "新"}, {Name: "old", Text: "旧"}}, Acts: []flow.Label[flow.Act]{{Name: "use", Text: "用"}},
	Rows: []flow.Row{{From: "new", Do: "use", To: "old", By: []access.Role{access.Clerk}}}}

func makeToys(t *testing.T, s *store.Store) {
	t.Helper()
	err := s.Write(t.Context(), clerk, func(tx *store.Tx) error {
		if err := tx.Exec("CREATE TABLE toys (id VARCHAR(36) PRIMARY KEY, status VARCHAR(16), version INTEGER, updated_at DATETIME)").Error; err != nil {
			return err
		}
		return tx.Exec("INSERT INTO toys VALUES ('t', 'new', 1, ?)", tx.Now).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOfManyMovesOneWins(t *testing.T) {
	s := storetest.Open(t)
	makeToys(t, s)
	var won, lost, other int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			err := s.Write(t.Context(), clerk, func(tx *store.Tx) error {
				_, err := tx.Move(toy, store.Move{Table: "toys", ID: "t", Area: village, From: "new", Version: 1, Do: "use"})
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case errors.Is(err, store.ErrLost):
				lost++
			default:
				other++
				t.Log(err)
			}
		})
	}
	wg.Wait()
	if won != 1 || lost != 49 || other != 0 || count(t, s, "trail") != 1 || count(t, s, "outbox") != 1 {
		t.Errorf("won %d, lost %d, other %d", won, lost, other)
	}
	err := s.Write(t.Context(), access.Actor{Role: access.Resident}, func(tx *store.Tx) error {
		_, err := tx.Move(toy, store.Move{Table: "toys", ID: "t", From: "new", Version: 1, Do: "use"})
		return err
	})
	if !errors.Is(err, flow.NotByYou) {
		t.Errorf("a resident: %v", err)
	}
}

func TestNumbersAreUniqueAndChecked(t *testing.T) {
	s := storetest.Open(t)
	seen := map[string]bool{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			var n string
			err := s.Write(t.Context(), clerk, func(tx *store.Tx) (err error) { n, err = tx.Number("SQ", village); return err })
			mu.Lock()
			defer mu.Unlock()
			if err != nil || seen[n] {
				t.Errorf("%q: %v", n, err)
			}
			seen[n] = true
		})
	}
	wg.Wait()
	for n := range seen {
		if kind, normal := store.NumberKind(" " + n[:8] + " " + n[8:]); kind != "SQ" || normal != n {
			t.Errorf("%s is not recognised", n)
		}
		for i := 2; i < len(n); i++ {
			wrong := []byte(n)
			wrong[i] = '0' + (wrong[i]-'0'+1)%10
			if kind, _ := store.NumberKind(string(wrong)); kind != "" {
				t.Errorf("%s passes for %s", wrong, n)
			}
		}
	}
}

// At one moment, and over several transactions.
func TestIDsSortAsTheyWereMade(t *testing.T) {
	s := storetest.Open(t)
	var last string
	for range 3 {
		err := s.Write(t.Context(), clerk, func(tx *store.Tx) error {
			for range 3000 {
				id := tx.NewID()
				if id <= last {
					t.Errorf("%s after %s", id, last)
				}
				last = id
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestMomentsAreStoredInUTC(t *testing.T) {
	s := storetest.Open(t)
	put(t, s, "a")
	var l store.Letter
	if err := s.Read(t.Context()).Take(&l).Error; err != nil {
		t.Fatal(err)
	}
	if !l.CreatedAt.Equal(storetest.Monday) || l.CreatedAt.Location() != time.UTC {
		t.Errorf("stored %v", l.CreatedAt)
	}
	var row store.TrailRow
	if err := s.Read(t.Context()).Take(&row).Error; err != nil {
		t.Fatal(err)
	}
	if row.Day != (clock.Date{Year: 2026, Month: 11, Day: 23}) {
		t.Errorf("day %v", row.Day)
	}
}

func TestTriesAreCountedAndComeBack(t *testing.T) {
	s := storetest.Open(t)
	a := store.Allowance{Kind: "toy", Most: 5, Window: time.Minute}
	var wg sync.WaitGroup
	var mu sync.Mutex
	granted := 0
	for range 30 {
		wg.Go(func() {
			wait, err := s.Try(t.Context(), a, "x")
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			} else if wait == 0 {
				granted++
			}
		})
	}
	wg.Wait()
	if granted != 5 {
		t.Errorf("granted %d", granted)
	}
	s.Clock().Advance(time.Minute)
	if wait, err := s.Try(t.Context(), a, "x"); wait != 0 || err != nil {
		t.Errorf("after the window: %v %v", wait, err)
	}
}

func TestQueryCodes(t *testing.T) {
	s := storetest.Open(t)
	var code, kept string
	err := s.Write(t.Context(), clerk, func(tx *store.Tx) (err error) { code, kept, err = tx.QueryCode("SQ1"); return err })
	if err != nil || len(code) != 6 {
		t.Fatal(code, err)
	}
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	check := func(address, code string, want *fault.Fault) {
		t.Helper()
		err := s.CheckCode(t.Context(), address, "SQ1", kept, code)
		if want == nil && err != nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", address, err, want)
		}
	}
	check("1.1.1.1", code, nil) // the owner's phone
	for i := range 5 {
		check(fmt.Sprint("2.2.2.", i), wrong, store.ErrNoMatch)
	}
	check("2.2.2.9", code, store.ErrNoMatch) // locked for strangers, and it does not tell
	check("1.1.1.1", code, nil)              // not for the owner
	for range 8 {
		check("1.1.1.1", code, nil)
	}
	check("1.1.1.1", code, store.ErrSlowDown)
	if err := s.CheckCode(t.Context(), "3.3.3.3", "SQ2", "", code); !errors.Is(err, store.ErrNoMatch) {
		t.Errorf("unknown number: %v", err)
	}
	s.Clock().Advance(24 * time.Hour)
	check("2.2.2.9", code, nil)
}

func TestALongAnswerIsKeptWhole(t *testing.T) {
	s := storetest.Open(t)
	long := strings.Repeat("长", 100_000)
	view := func(any) (store.Answer, error) { return store.Answer{Location: "/toys/1", Body: []byte(long)}, nil }
	once := func() error {
		c := claim("p", "key-00000001", "h")
		c.View = view
		return s.Write(store.WithClaim(t.Context(), c), clerk, func(tx *store.Tx) error { tx.Answer(nil); return nil })
	}
	if err := once(); err != nil {
		t.Fatal(err)
	}
	replay, ok := errors.AsType[*store.Replay](once())
	if !ok || string(replay.Body) != long || replay.Location != "/toys/1" {
		t.Error("the answer came back different")
	}
}

func TestAnExpiredKeyIsAsIfItHadNeverBeen(t *testing.T) {
	s := storetest.Open(t)
	first, err := keyed(s, t.Context(), claim("p1", "key-00000001", "h"), "a")
	if err != nil {
		t.Fatal(err)
	}
	s.Clock().Advance(24 * time.Hour)
	if err := s.Replayed(store.WithClaim(t.Context(), claim("p1", "key-00000001", "h"))); err != nil {
		t.Errorf("still answered: %v", err)
	}
	failed := errors.New("the verb fails")
	err = s.Write(store.WithClaim(t.Context(), claim("p1", "key-00000001", "other")), clerk, func(*store.Tx) error { return failed })
	if !errors.Is(err, failed) || count(t, s, "idempotency") != 1 {
		t.Errorf("what was not done took the old key away: %v", err)
	}
	answers, faults := manySend(s, t.Context(), "other")
	for i := range answers {
		if faults[i] != nil || answers[i] != answers[0] || answers[i] == first {
			t.Fatalf("sender %d: %q after %q, %v", i, answers[i], first, faults[i])
		}
	}
	if keys, trail := count(t, s, "idempotency"), count(t, s, "trail"); keys != 1 || trail != 2 {
		t.Errorf("%d keys, done %d times", keys, trail)
	}
}

func TestAKnownAddressGuessesNotForEver(t *testing.T) {
	s := storetest.Open(t)
	var code, kept string
	err := s.Write(t.Context(), clerk, func(tx *store.Tx) (err error) { code, kept, err = tx.QueryCode("SQ1"); return err })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CheckCode(t.Context(), "1.1.1.1", "SQ1", kept, code); err != nil {
		t.Fatal(err)
	}
	wrong := "999999"
	if code == wrong {
		wrong = "999998"
	}
	for range 20 { // somebody else behind the same address
		if err := s.CheckCode(t.Context(), "1.1.1.1", "SQ1", kept, wrong); !errors.Is(err, store.ErrNoMatch) {
			t.Fatal(err)
		}
		s.Clock().Advance(10 * time.Second)
	}
	if err := s.CheckCode(t.Context(), "1.1.1.1", "SQ1", kept, code); !errors.Is(err, store.ErrNoMatch) {
		t.Errorf("the twenty-first guess was compared: %v", err)
	}
}
