package courier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

var errDown = errors.New("down")

func TestAFailingChannelIsTriedAgainLaterAndRecovers(t *testing.T) {
	s := storetest.Open(t)
	c := calm(s, "a")
	sent := recorder{fail: func(store.Letter) error { return errDown }}
	c.Tell("toy", tellResident)
	c.Send("sms", "*", sent.send)
	id := emit(t, s, "toy.make", "o1")

	var waits []time.Duration
	for range 8 {
		if n := pass(t, c); n != 1 {
			t.Fatalf("%d letters were taken", n)
		}
		l := letter(t, s, id)
		waits = append(waits, l.NextAt.Sub(s.Clock().Now().Truncate(time.Second)))
		s.Clock().Set(l.NextAt.Add(-time.Millisecond))
		if pass(t, c) != 0 {
			t.Fatal("it was tried before its time")
		}
		s.Clock().Set(l.NextAt)
	}
	for i, wait := range waits {
		whole := time.Second << i
		if wait < max(time.Second, whole/2-time.Second) || wait > whole {
			t.Errorf("after failure %d it waits %v", i+1, wait)
		}
	}
	if l := letter(t, s, id); l.LastError != "sms: *errors.errorString" {
		t.Errorf("the reason is %q", l.LastError)
	}
	sent.mu.Lock()
	sent.fail = nil
	sent.mu.Unlock()
	pass(t, c)
	wantStatus(t, s, id, store.LetterDone)
	if n := count(t, s, "inbox"); n != 1 || len(sent.got()) != 9 {
		t.Errorf("inbox %d, sent %d times", n, len(sent.got()))
	}
}

func TestALetterIsStuckAfterThreeDaysAndCanBeReleased(t *testing.T) {
	s := storetest.Open(t)
	c := calm(s, "a")
	sent := recorder{fail: func(store.Letter) error { return errDown }}
	c.Handle("count", "*", counter(t, s))
	c.Send("sms", "*", sent.send)
	id := emit(t, s, "toy.make", "o1")
	s.Clock().Advance(7 * 24 * time.Hour) // the program was switched off: that is no failing
	began := s.Clock().Now()
	tries := 0
	for ; letter(t, s, id).Status == store.LetterWaiting && tries < 100; tries++ {
		s.Clock().Set(later(s.Clock().Now(), letter(t, s, id).NextAt))
		pass(t, c)
	}
	wantStatus(t, s, id, store.LetterStuck)
	if took := s.Clock().Since(began); took < giveUpAfter || took > giveUpAfter+longestWait || tries < 20 {
		t.Errorf("given up after %v and %d tries", took, tries)
	}
	s.Clock().Advance(30 * 24 * time.Hour)
	if pass(t, c) != 0 {
		t.Error("a stuck letter was taken")
	}
	next := emit(t, s, "toy.make", "o1")
	sent.fail = nil
	pass(t, c)
	wantStatus(t, s, next, store.LetterDone) // it holds up nothing, not even of its object

	admin := access.Actor{Person: "admin", Role: access.SystemAdmin, Area: "219901"}
	if _, err := NewLetters(s).Release(t.Context(), clerk, id); !errors.Is(err, fault.NotYours) {
		t.Errorf("a clerk released: %v", err)
	}
	if _, err := NewLetters(s).Release(t.Context(), access.Actor{Person: "x", Role: access.SystemAdmin, Area: "219902"}, id); !errors.Is(err, fault.NotFound) {
		t.Errorf("another county released: %v", err)
	}
	for _, unknown := range []string{"", "nothing"} {
		if _, err := NewLetters(s).Release(t.Context(), admin, unknown); !errors.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", unknown, err)
		}
	}
	if _, err := NewLetters(s).Release(t.Context(), admin, next); !errors.Is(err, ErrNotStuck) {
		t.Errorf("a delivered letter: %v", err)
	}
	if list, err := NewLetters(s).Stuck(t.Context(), admin, "", 10); err != nil || len(list) != 1 || list[0].ID != id || list[0].LastError == "" || list[0].Data != "" {
		t.Errorf("stuck: %+v, %v", list, err)
	}
	if list, err := NewLetters(s).Stuck(t.Context(), access.Actor{Person: "x", Role: access.SystemAdmin, Area: "219902"}, "", 10); err != nil || len(list) != 0 {
		t.Errorf("another county sees %+v, %v", list, err)
	}
	if _, err := NewLetters(s).Stuck(t.Context(), clerk, "", 10); !errors.Is(err, fault.NotYours) {
		t.Errorf("a clerk sees what is stuck: %v", err)
	}
	before := count(t, s, "trail")
	sent.fail = func(store.Letter) error { return errDown }
	if _, err := NewLetters(s).Release(t.Context(), admin, id); err != nil {
		t.Fatal(err)
	}
	pass(t, c)
	wantStatus(t, s, id, store.LetterWaiting) // it has its three days again
	sent.fail = nil
	s.Clock().Advance(time.Minute)
	pass(t, c)
	wantStatus(t, s, id, store.LetterDone)
	if effects, trail := count(t, s, "effects"), count(t, s, "trail"); effects != 2 || trail != before+1 {
		t.Errorf("effects %d for two letters, %d new rows in the trail", effects, trail-before)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// The commit that closed a letter was stored, although its courier got an error: giving it back must not open it again.
func TestAClosedLetterIsNotGivenBack(t *testing.T) {
	s := storetest.Open(t)
	c := calm(s, "a")
	id := emit(t, s, "toy.make", "o1")
	here := trip{letter: letter(t, s, id), claim: "here", slow: &slowChannels{}}
	if taken, err := s.Lease(t.Context(), id, here.claim, time.Minute); !taken || err != nil {
		t.Fatal(taken, err)
	}
	err := s.Write(t.Context(), program, func(tx *store.Tx) error {
		if err := tx.Delivered(id, here.claim); err != nil {
			return err
		}
		return tx.Create(&trouble{id, "sms", tx.Now.Add(-giveUpAfter)}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.giveBack(t.Context(), here, []failure{{channel{name: "sms"}, "request.busy", fault.Busy}}); err != nil {
		t.Error(err)
	}
	if l := letter(t, s, id); l.Status != store.LetterDone || l.LastError != "" {
		t.Errorf("the letter is %s: %s", l.Status, l.LastError)
	}
}

// Two channels fail, one of them only since yesterday: the letter is not given up for that one.
func TestEveryChannelHasItsThreeDays(t *testing.T) {
	s := storetest.Open(t)
	c := calm(s, "a")
	id := emit(t, s, "toy.make", "o1")
	since := func(channel string, hours int) {
		t.Helper()
		err := s.Write(t.Context(), program, func(tx *store.Tx) error {
			return tx.Create(&trouble{id, channel, tx.Now.Add(-time.Duration(hours) * time.Hour)}).Error
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	since("sms", 80)
	since("county", 71)
	fails := func(context.Context, store.Letter) error { return errDown }
	c.Send("sms", "*", fails)
	c.Send("county", "*", fails)
	pass(t, c)
	wantStatus(t, s, id, store.LetterWaiting)
	s.Clock().Advance(2 * time.Hour)
	pass(t, c)
	wantStatus(t, s, id, store.LetterStuck)
}

func TestAPoisonLetterIsInNobodysWay(t *testing.T) {
	s := storetest.Open(t)
	c := calm(s, "a")
	var poison string
	sent := recorder{fail: func(l store.Letter) error {
		if l.ID == poison {
			panic("13800001234")
		}
		return nil
	}}
	effect := counter(t, s)
	c.Handle("count", "*", func(ctx context.Context, tx *store.Tx, l store.Letter) error {
		if err := effect(ctx, tx, l); err != nil {
			return err
		}
		if l.ID == poison {
			panic("after the effect")
		}
		return nil
	})
	c.Send("sms", "*", sent.send)
	poison = emit(t, s, "toy.make", "o1")
	sibling := emit(t, s, "toy.make", "o1")
	other := emit(t, s, "toy.make", "o2")
	pass(t, c)
	wantStatus(t, s, other, store.LetterDone)
	wantStatus(t, s, sibling, store.LetterWaiting)
	if l := letter(t, s, poison); l.LastError != "count: panic; sms: panic" {
		t.Errorf("the reason is %q", l.LastError)
	}
	for range forbearance {
		s.Clock().Advance(time.Minute)
		pass(t, c)
	}
	wantStatus(t, s, sibling, store.LetterDone)
	wantStatus(t, s, poison, store.LetterWaiting)
	if n := count(t, s, "effects"); n != 2 {
		t.Errorf("%d effects of two good letters: a panic left something", n)
	}
}

func TestReasonsHoldNothingPersonal(t *testing.T) {
	s := storetest.Open(t)
	var log lines
	c := New(s, slog.New(slog.NewTextHandler(&log, nil)), "a")
	phone := "13800001234"
	c.Send("sms", "*", func(context.Context, store.Letter) error {
		return fmt.Errorf("send: %w", &url.Error{Op: "Post", URL: "https://sms.example/" + phone, Err: errors.New("refused " + phone)})
	})
	c.Send("panics", "*", func(context.Context, store.Letter) error { panic("to " + phone) })
	c.Send("busy", "*", func(context.Context, store.Letter) error { return fault.Busy.Because(errors.New(phone)) })
	c.Tell("toy", func(context.Context, store.Letter) (string, string, error) {
		return resident.Person, strings.Repeat(phone, 50), nil
	})
	id := emit(t, s, "toy.make", "o1")
	pass(t, c)
	l := letter(t, s, id)
	if want := "inbox: the message is too long; sms: *errors.errorString; panics: panic; busy: request.busy"; l.LastError != want {
		t.Errorf("the reason is %q", l.LastError)
	}
	if strings.Contains(log.String(), phone) || !strings.Contains(log.String(), "tried again later") {
		t.Errorf("the log:\n%s", log.String())
	}
}

func TestBackoffGrowsFromASecondToSixHours(t *testing.T) {
	for attempts, most := range map[int]time.Duration{0: time.Second, 1: time.Second, 2: 2 * time.Second, 7: 64 * time.Second,
		15: 16384 * time.Second, 16: 6 * time.Hour, 40: 6 * time.Hour, 1000: 6 * time.Hour} {
		var seen []time.Duration
		for range 200 {
			seen = append(seen, backoff(attempts))
		}
		if low, high := slices.Min(seen), slices.Max(seen); low < time.Second || low < most/2 || high > most {
			t.Errorf("after %d attempts %v to %v", attempts, low, high)
		}
		if most > time.Second && len(slices.Compact(seen)) < 10 {
			t.Errorf("after %d attempts all wait alike", attempts)
		}
	}
}
