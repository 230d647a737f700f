package courier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/outbound"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

func TestALetterReachesEveryChannelOnce(t *testing.T) {
	s := storetest.Open(t)
	var log lines
	c := New(s, slog.New(slog.NewTextHandler(&log, nil)), "a")
	var sent, other recorder
	c.Tell("toy", tellResident)
	c.Handle("count", "toy.*", counter(t, s))
	c.Send("sms", "toy.make", sent.send)
	c.Send("other", "else.*", other.send)
	id := emit(t, s, "toy.make", "o1")

	if n := pass(t, c); n != 1 {
		t.Errorf("%d letters were taken", n)
	}
	if n := pass(t, c); n != 0 {
		t.Errorf("a delivered letter was taken again")
	}
	wantStatus(t, s, id, store.LetterDone)
	if l := letter(t, s, id); l.DoneAt == nil || l.LastError != "" {
		t.Errorf("done at %v, error %q", l.DoneAt, l.LastError)
	}
	if inbox, effects, marks := count(t, s, "inbox"), count(t, s, "effects"), count(t, s, "deliveries"); inbox != 1 || effects != 1 || marks != 4 {
		t.Errorf("inbox %d, effects %d, marks %d", inbox, effects, marks)
	}
	if got := sent.got(); len(got) != 1 || got[0] != id {
		t.Errorf("sent with the keys %v, want %s", got, id)
	}
	if len(other.got()) != 0 {
		t.Error("a channel got a letter that it does not want")
	}
	if n := strings.Count(log.String(), "id="+id); n != 1 {
		t.Errorf("%d lines in the log:\n%s", n, log.String())
	}
}

func TestALetterThatNobodyWantsIsDone(t *testing.T) {
	s := storetest.Open(t)
	c := calm(s, "a")
	c.channels = slices.DeleteFunc(c.channels, func(ch channel) bool { return ch.name == "log" })
	id := emit(t, s, "toy.make", "o1")
	pass(t, c)
	wantStatus(t, s, id, store.LetterDone)
}

func TestACourierKilledAfterTheClaimLosesNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	s := storetest.Open(t)
	id, held := emit(t, s, "toy.make", "o1"), emit(t, s, "toy.make", "o2")
	for id, long := range map[string]time.Duration{id: time.Second, held: time.Hour} {
		if taken, err := s.Lease(t.Context(), id, "dead", long); !taken || err != nil {
			t.Fatal(taken, err)
		}
	}
	c := quick(s, "alive")
	c.Tell("toy", tellResident)
	c.Handle("count", "*", counter(t, s))
	eventually(t, "the dead courier's lease to end", func() bool { return pass(t, c) == 1 })
	wantStatus(t, s, id, store.LetterDone)
	wantStatus(t, s, held, store.LetterWaiting)
	if inbox, effects := count(t, s, "inbox"), count(t, s, "effects"); inbox != 1 || effects != 1 {
		t.Errorf("inbox %d, effects %d", inbox, effects)
	}
}

// A courier dies between two channels: the first has its mark and is not asked again, the second still gets the letter.
func TestACourierKilledBetweenTwoChannels(t *testing.T) {
	t.Parallel() // it mostly waits
	s := storetest.Open(t)
	c := quick(s, "a")
	var sent recorder
	c.Handle("count", "*", counter(t, s))
	c.Send("sms", "*", sent.send)
	id := emit(t, s, "toy.make", "o1")
	dead := trip{letter: letter(t, s, id), claim: "dead", within: time.Second, slow: &slowChannels{}}
	if taken, err := s.Lease(t.Context(), id, dead.claim, time.Second); !taken || err != nil {
		t.Fatal(taken, err)
	}
	for _, ch := range c.channels {
		if ch.name == "count" {
			if err := c.deliver(t.Context(), ch, dead, false); err != nil {
				t.Fatal(err)
			}
		}
	}
	wantStatus(t, s, id, store.LetterWaiting)
	eventually(t, "the dead courier's lease to end", func() bool { return pass(t, c) == 1 })
	wantStatus(t, s, id, store.LetterDone)
	if effects := count(t, s, "effects"); effects != 1 || len(sent.got()) != 1 {
		t.Errorf("effects %d, sent %v", effects, sent.got())
	}
}

// A courier dies after sending and before marking: the letter goes out again under the same key.
func TestACourierKilledBeforeTheMarkSendsAgainWithTheSameKey(t *testing.T) {
	t.Parallel() // it mostly waits
	s := storetest.Open(t)
	c := quick(s, "a")
	var sent recorder
	c.Send("sms", "*", sent.send)
	id := emit(t, s, "toy.make", "o1")
	if taken, err := s.Lease(t.Context(), id, "dead", time.Second); !taken || err != nil {
		t.Fatal(taken, err)
	}
	if err := sent.send(t.Context(), letter(t, s, id)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the dead courier's lease to end", func() bool { return pass(t, c) == 1 })
	if got := sent.got(); !slices.Equal(got, []string{id, id}) {
		t.Errorf("sent with the keys %v", got)
	}
	wantStatus(t, s, id, store.LetterDone)
}

// A courier that outlived its lease finds that another one was there: its effect is undone.
func TestACourierThatComesLateKeepsNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	s := storetest.Open(t)
	c := quick(s, "a")
	c.Handle("count", "*", counter(t, s))
	id := emit(t, s, "toy.make", "o1")
	late := trip{letter: letter(t, s, id), claim: "late", within: time.Second, slow: &slowChannels{}}
	if taken, err := s.Lease(t.Context(), id, late.claim, time.Second); !taken || err != nil {
		t.Fatal(taken, err)
	}
	ready, err := c.outstanding(t.Context(), late.letter)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lease to end", func() bool { return pass(t, c) == 1 })
	for i, ch := range ready {
		if err := c.deliver(t.Context(), ch, late, i == len(ready)-1); !errors.Is(err, errTaken) {
			t.Errorf("%s: %v", ch.name, err)
		}
	}
	if err := c.giveBack(t.Context(), late, []failure{{channel{name: "count"}, "late", errDown}}); err != nil {
		t.Error(err)
	}
	wantStatus(t, s, id, store.LetterDone)
	if n := count(t, s, "effects"); n != 1 {
		t.Errorf("%d effects", n)
	}
}

func TestTwoCouriersAtOnce(t *testing.T) {
	s, o := storetest.Fresh(t)
	replicas := []*Courier{calm(s, "a"), calm(storetest.Again(t, o), "b")}
	for _, c := range replicas {
		c.lease = 10 * time.Minute // nobody died: sent twice is sent wrong
	}
	effect := counter(t, s)
	var sent recorder
	const letters = 40
	for range letters {
		emit(t, s, "toy.make", "")
	}
	for _, c := range replicas {
		c.Tell("toy", tellResident)
		c.Handle("count", "*", effect)
		c.Send("sms", "*", sent.send)
		start(t, c)
	}
	eventually(t, "all letters to arrive", func() bool {
		s.Clock().Advance(time.Second) // a letter that a busy database gave back is tried again
		var left int64
		if err := s.Read(t.Context()).Model(&store.Letter{}).Where("status = ?", store.LetterWaiting).Count(&left).Error; err != nil {
			t.Fatal(err)
		}
		return left == 0
	})
	ids := sent.got()
	slices.Sort(ids)
	if inbox, effects, different := count(t, s, "inbox"), count(t, s, "effects"), len(slices.Compact(slices.Clone(ids))); inbox != letters ||
		effects != letters || len(ids) != letters || different != letters {
		t.Errorf("%d letters: inbox %d, effects %d, sent %d, different %d", letters, inbox, effects, len(ids), different)
	}
}

func TestLettersOfOneObjectKeepTheirOrder(t *testing.T) {
	s := storetest.Open(t)
	c := calm(s, "a")
	down := true
	sent := recorder{fail: func(store.Letter) error {
		if down {
			return errors.New("down")
		}
		return nil
	}}
	c.Send("sms", "*", sent.send)
	var ids []string
	for range 5 {
		ids = append(ids, emit(t, s, "toy.make", "o1"))
	}
	pass(t, c)
	if got := sent.got(); !slices.Equal(got, ids[:1]) {
		t.Fatalf("the older letter waits and these were tried: %v", got)
	}
	down = false
	s.Clock().Advance(2 * time.Second)
	pass(t, c)
	if got := sent.got(); !slices.Equal(got[1:], ids) {
		t.Errorf("arrived as %v, want %v", got[1:], ids)
	}
}

func TestAHangingChannelIsSparedForTheRestOfThePass(t *testing.T) {
	s := storetest.Open(t)
	c := quick(s, "a")
	c.lease = 3 * time.Second // a second for each of two channels
	var asked recorder
	c.Handle("count", "*", counter(t, s))
	c.Send("hanging", "*", func(ctx context.Context, l store.Letter) error {
		_ = asked.send(ctx, l)
		<-ctx.Done()
		return ctx.Err()
	})
	const letters = 12
	for range letters {
		emit(t, s, "toy.make", "")
	}
	if _, err := c.pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(asked.got()); n < 1 || n > workers { // who comes late finds it spared
		t.Errorf("the hanging channel was asked %d times, want once a worker at the most", n)
	}
	if n := count(t, s, "effects"); n != letters {
		t.Errorf("%d of %d letters reached the channel that works", n, letters)
	}
}

// The client of a county's platform gives up earlier than the courier would: that is a time-out as well.
func TestAChannelWithATimeOutOfItsOwnIsSpared(t *testing.T) {
	s := storetest.Open(t)
	c := calm(s, "a")
	c.spared = time.Hour
	var asked recorder
	c.Handle("count", "toy.*", counter(t, s))
	c.SendBy("county", "toy.*", own, 20*time.Second, func(ctx context.Context, l store.Letter) error {
		_ = asked.send(ctx, l)
		time.Sleep(200 * time.Millisecond) // of its own fifteen seconds
		return fmt.Errorf("again: %w", outbound.ErrTimeOut)
	})
	const letters = 12
	for range letters {
		emit(t, s, "toy.make", "")
	}
	if _, err := c.pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(asked.got()); n > workers {
		t.Errorf("the hanging channel was asked %d times, want once a worker", n)
	}
	before := len(asked.got())
	emit(t, s, "toy.make", "") // the list is long: there is another pass at once
	if _, err := c.pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(asked.got()); n != before {
		t.Errorf("the next pass asked it %d times", n-before)
	}
	if n := count(t, s, "effects"); n != letters+1 {
		t.Errorf("%d of %d letters reached the channel that works", n, letters+1)
	}
}

func TestStoppingFinishesTheLetterInHand(t *testing.T) {
	s := storetest.Open(t)
	c := calm(s, "a")
	begun, finish := make(chan struct{}), make(chan struct{})
	c.SendBy("sms", "*", own, time.Hour, func(ctx context.Context, _ store.Letter) error {
		close(begun)
		select {
		case <-finish:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	id := emit(t, s, "toy.make", "o1")
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { c.Run(ctx) })
	<-begun
	stop()
	time.Sleep(50 * time.Millisecond)
	close(finish)
	running.Wait()
	wantStatus(t, s, id, store.LetterDone)
}

// docs/deploy.md promises that what a dead replica held goes on after half a minute.
func TestTheTimesOfACourier(t *testing.T) {
	if c := New(nil, slog.New(slog.DiscardHandler), "a"); c.lease != 30*time.Second || c.roundLease != time.Minute || c.spared != 30*time.Second || c.poll != time.Second {
		t.Errorf("lease %v, of a round %v, spared %v, poll %v", c.lease, c.roundLease, c.spared, c.poll)
	}
}

func TestMistakesInTheProgramAreNotStarted(t *testing.T) {
	for name, mistake := range map[string]func(*Courier){
		"two channels of one name": func(c *Courier) { c.Send("log", "*", nil) },
		"a malformed pattern":      func(c *Courier) { c.Send("sms", "[", nil) },
		"a kind told twice":        func(c *Courier) { c.Tell("toy", tellResident); c.Tell("toy", tellResident) },
		"two rounds of one name":   func(c *Courier) { c.Every("x", time.Hour, nil); c.Each("x", time.Hour, nil) },
		"a round without interval": func(c *Courier) { c.Every("x", 0, nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was registered", name)
				}
			}()
			mistake(calm(nil, "a"))
		}()
	}
}
