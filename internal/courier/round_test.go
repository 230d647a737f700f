package courier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tongban/internal/clock"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// settle gives running couriers many looks at the clock.
func settle() { time.Sleep(300 * time.Millisecond) }

func TestARoundRunsInOneReplicaOnly(t *testing.T) {
	t.Parallel() // it mostly waits
	s, o := storetest.Fresh(t)
	var one, each atomic.Int64
	for _, c := range []*Courier{calm(s, "a"), calm(storetest.Again(t, o), "b")} {
		c.Every("one", time.Minute, func(context.Context) error { one.Add(1); return nil })
		c.Each("each", time.Minute, func(context.Context) error { each.Add(1); return nil })
		start(t, c)
	}
	eventually(t, "the first run", func() bool { return one.Load() == 1 })
	settle()
	if one.Load() != 1 || each.Load() != 0 {
		t.Errorf("at the start: one %d, each %d", one.Load(), each.Load())
	}
	for i := int64(1); i <= 3; i++ {
		s.Clock().Advance(time.Minute)
		eventually(t, "the next run", func() bool { return one.Load() == 1+i && each.Load() == 2*i })
		settle()
		if one.Load() != 1+i || each.Load() != 2*i {
			t.Errorf("after %d minutes: one %d, each %d", i, one.Load(), each.Load())
		}
		s.Clock().Advance(30 * time.Second) // not yet
		settle()
		s.Clock().Advance(-30 * time.Second)
	}
}

func TestARoundKeepsItsTimeOverARestart(t *testing.T) {
	t.Parallel() // it mostly waits
	s := storetest.Open(t)
	var runs atomic.Int64
	begin := func(owner string) (stop func()) {
		c := calm(s, owner)
		c.roundLease = time.Second
		c.Every("daily", 24*time.Hour, func(context.Context) error { runs.Add(1); return nil })
		return start(t, c)
	}
	stop := begin("a")
	eventually(t, "the first run", func() bool { return count(t, s, "rounds") == 1 })
	stop()
	s.Clock().Advance(23 * time.Hour)
	stop = begin("b")
	settle()
	if runs.Load() != 1 {
		t.Errorf("run %d times within a day", runs.Load())
	}
	s.Clock().Advance(time.Hour)
	eventually(t, "the next day's run, once the lease of the stopped one is over", func() bool { return runs.Load() == 2 })
	s.Clock().Advance(-240 * time.Hour) // the test clock is set back: the round does not wait ten days
	eventually(t, "the run after the clock was set back", func() bool { return runs.Load() == 3 })
	stop()
}

func TestADeadHolderIsFollowed(t *testing.T) {
	t.Parallel() // it mostly waits
	s := storetest.Open(t)
	dies := func(after time.Duration) {
		if number, err := s.Hold(t.Context(), "round.one", "dead", after); number == 0 || err != nil {
			t.Fatal(number, err)
		}
	}
	dies(time.Hour)
	c := quick(s, "alive")
	var runs atomic.Int64
	c.Every("one", time.Hour, func(context.Context) error { runs.Add(1); return nil })
	if _, err := c.oneOf(t.Context(), c.rounds[0]); err != nil || runs.Load() != 0 {
		t.Errorf("run under somebody's lease: %d, %v", runs.Load(), err)
	}
	dies(time.Second)
	start(t, c)
	eventually(t, "the dead holder's lease to end", func() bool { return runs.Load() == 1 })
}

// A holder falls asleep in the middle of its round and wakes up after another one took over: it writes nothing more.
func TestAFormerHolderIsFenced(t *testing.T) {
	t.Parallel() // it mostly waits
	s, o := storetest.Fresh(t)
	effect := counter(t, s)
	asleep, awake := make(chan struct{}), make(chan struct{})
	inRound := func(ctx context.Context, s *store.Store, id string) error {
		return s.Write(context.WithoutCancel(ctx), program, func(tx *store.Tx) error {
			return effect(ctx, tx, store.Letter{ID: id})
		})
	}
	former := quick(s, "former")
	former.Every("one", time.Hour, func(ctx context.Context) error {
		if err := inRound(ctx, s, "before"); err != nil {
			t.Error(err)
		}
		close(asleep)
		<-awake
		return inRound(ctx, s, "after")
	})
	told := make(chan error)
	go func() { _, err := former.oneOf(t.Context(), former.rounds[0]); told <- err }()
	<-asleep

	second := storetest.Again(t, o)
	next := quick(second, "next")
	next.Every("one", time.Hour, func(ctx context.Context) error { return inRound(ctx, second, "next") })
	eventually(t, "the sleeper's lease to end", func() bool {
		if _, err := next.oneOf(t.Context(), next.rounds[0]); err != nil {
			t.Fatal(err)
		}
		return count(t, s, "rounds") == 1
	})
	close(awake)
	if err := <-told; !errors.Is(err, store.ErrFenced) {
		t.Errorf("the former holder: %v", err)
	}
	var kept []string
	if err := s.Read(t.Context()).Table("effects").Order("id").Pluck("letter", &kept).Error; err != nil {
		t.Fatal(err)
	}
	if len(kept) != 2 || kept[0] == "after" || kept[1] == "after" {
		t.Errorf("kept %v", kept)
	}
}

func TestARoundThatFailsIsRunAgainWithinAMinute(t *testing.T) {
	s := storetest.Open(t)
	c := calm(s, "a")
	var runs, panics, others atomic.Int64
	c.Every("fails", 24*time.Hour, func(context.Context) error { runs.Add(1); return errDown })
	c.Every("panics", 24*time.Hour, func(context.Context) error { panics.Add(1); panic("no") })
	c.Each("other", time.Second, func(context.Context) error { others.Add(1); return nil })
	var long atomic.Int64
	c.Every("goes on", 24*time.Hour, func(context.Context) error { long.Add(1); return fmt.Errorf("part: %w", store.ErrMore) })
	var log lines
	c.log = slog.New(slog.NewTextHandler(&log, nil))
	start(t, c)
	eventually(t, "the first runs", func() bool { return count(t, s, "rounds") == 3 })
	eventually(t, "the log's word on both failures", func() bool { return strings.Count(log.String(), "a round failed") >= 2 })
	settle()
	if strings.Count(log.String(), "a round failed") != 2 || strings.Contains(log.String(), "goes on") {
		t.Errorf("a round that has more to do is no failure:\n%s", log.String())
	}
	if runs.Load() != 1 || panics.Load() != 1 || long.Load() != 1 {
		t.Errorf("run %d and %d times at once", runs.Load(), panics.Load())
	}
	s.Clock().Advance(time.Minute)
	eventually(t, "the second runs", func() bool { return runs.Load() == 2 && panics.Load() == 2 && long.Load() == 2 && others.Load() > 0 })
}

// While the machine's clock may be wrong no round runs, and the log says so once; what each replica does for itself goes on.
func TestRoundsRestWhileTheClockIsDoubted(t *testing.T) {
	s, o := storetest.Fresh(t)
	if storetest.OnMySQL() {
		return // the database's clock would have to be wrong
	}
	s.Clock().Set(time.Now().Add(-70 * 24 * time.Hour)) // the last sign of life
	earlier := calm(s, "a")
	earlier.roundLease = time.Second
	earlier.Every("one", time.Minute, func(context.Context) error { return nil })
	if _, err := earlier.oneOf(t.Context(), earlier.rounds[0]); err != nil {
		t.Fatal(err)
	}
	o.Clock = clock.System()
	later := storetest.Again(t, o)
	var log lines
	c := New(later, slog.New(slog.NewTextHandler(&log, nil)), "b")
	c.poll = 20 * time.Millisecond
	var one, each atomic.Int64
	c.Every("one", time.Minute, func(context.Context) error { one.Add(1); return nil })
	c.Each("each", time.Millisecond, func(context.Context) error { each.Add(1); return nil })
	start(t, c)
	eventually(t, "the log's word", func() bool { return strings.Contains(log.String(), "the rounds rest") })
	eventually(t, "what each replica does", func() bool { return each.Load() > 3 })
	settle()
	if one.Load() != 0 || strings.Count(log.String(), "the rounds rest") != 1 || !strings.Contains(log.String(), "70 days ago") {
		t.Errorf("run %d times; the log:\n%s", one.Load(), log.String())
	}
	if err := later.BelieveClock(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the round, once a person has looked", func() bool { return one.Load() == 1 })
	if !strings.Contains(log.String(), "the rounds go on") {
		t.Errorf("the log:\n%s", log.String())
	}
}
