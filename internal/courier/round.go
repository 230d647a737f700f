package courier

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"gorm.io/gorm"

	"tongban/internal/store"
)

// round is something that the program does by itself every so often.
type round struct {
	name  string
	every time.Duration
	do    func(context.Context) error
	here  bool // in every replica, instead of in one of them
}

// Every registers a round that one of the replicas runs every interval by the program's clock, such as announcing lights.
// The holder of its lease runs it; a holder that died is followed within a minute. A round has three quarters of a minute
// and goes on next time. Its transactions are fenced (store.WithFence), and doing a step of it twice is harmless.
func (c *Courier) Every(name string, interval time.Duration, do func(context.Context) error) {
	c.addRound(round{name, interval, do, false})
}

// Each registers a round that every replica runs for itself, such as flushing counts from its own memory.
func (c *Courier) Each(name string, interval time.Duration, do func(context.Context) error) {
	c.addRound(round{name, interval, do, true})
}

func (c *Courier) addRound(r round) {
	for _, other := range c.rounds {
		if other.name == r.name {
			panic("courier: two rounds are called " + r.name)
		}
	}
	if len(r.name) > 50 || r.every <= 0 {
		panic("courier: malformed round " + r.name)
	}
	c.rounds = append(c.rounds, r)
}

// ran is when a round was last run, by whichever replica.
type ran struct {
	Name  string `gorm:"primaryKey"`
	RanAt time.Time
}

func (ran) TableName() string { return "rounds" }

// repeat looks at the clock each second: a test clock may jump.
func (c *Courier) repeat(ctx context.Context, r round) {
	ticks := time.NewTicker(c.poll)
	defer ticks.Stop()
	var last time.Time // as far as this replica knows
	if r.here {
		last = c.store.Clock().Now()
	}
	healthy := true
	for {
		if r.due(c.store.Clock().Now(), last) {
			var err error
			if r.here {
				last, err = c.store.Clock().Now(), c.guarded(ctx, r)
			} else {
				last, err = c.oneOf(ctx, r)
			}
			if ctx.Err() == nil && (err != nil || !healthy) {
				c.tellRound(ctx, r, err, healthy)
				healthy = err == nil
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// tellRound logs the first failure in a row, and that it is over.
func (c *Courier) tellRound(ctx context.Context, r round, err error, healthy bool) {
	switch {
	case err == nil:
		c.log.InfoContext(ctx, "a round works again", "round", r.name)
	case healthy:
		c.log.ErrorContext(ctx, "a round failed", "round", r.name, "error", err)
	}
}

// due also when the last time lies ahead: then the clock was set back.
func (r round) due(now, last time.Time) bool {
	return now.Before(last) || now.Sub(last) >= r.every
}

// oneOf runs the round if it is due and no other replica holds it, and answers when it was last run.
func (c *Courier) oneOf(ctx context.Context, r round) (last time.Time, err error) {
	last, err = c.lastRun(ctx, r.name)
	if err != nil || !r.due(c.store.Clock().Now(), last) {
		return last, err
	}
	if rest, err := c.rests(ctx); rest || err != nil {
		return last, err
	}
	lease := "round." + r.name
	number, err := c.store.Hold(ctx, lease, c.owner, c.roundLease)
	if err != nil || number == 0 {
		return last, err
	}
	// Another replica may have run it between the look and the lease.
	if last, err = c.lastRun(ctx, r.name); err != nil || !r.due(c.store.Clock().Now(), last) {
		return last, err
	}
	begun := c.store.Clock().Now().Truncate(time.Second)
	inside, cancel := context.WithTimeout(store.WithFence(ctx, lease, number), c.roundLease*3/4)
	defer cancel()
	failed := c.guarded(inside, r)
	if failed != nil {
		begun = begun.Add(min(r.every, retryRound) - r.every) // a daily round does not wait a day
	}
	if errors.Is(failed, store.ErrMore) {
		failed = nil
	}
	err = c.store.Write(context.WithoutCancel(inside), program, func(tx *store.Tx) error {
		return keepRun(tx, ran{r.name, begun})
	})
	return begun, errors.Join(failed, err)
}

// rests: while the machine's clock may be wrong nothing is done that cannot be undone. Other replicas, with other clocks, go on.
func (c *Courier) rests(ctx context.Context) (bool, error) {
	err := c.store.ClockFits(ctx)
	_, rest := errors.AsType[*store.ClockDoubt](err)
	if err != nil && !rest {
		return false, err
	}
	if c.resting.Swap(rest) != rest {
		if rest {
			c.log.ErrorContext(ctx, "the rounds rest: the machine's clock is to be set right", "error", err)
		} else {
			c.log.InfoContext(ctx, "the rounds go on: the machine's clock is believed")
		}
	}
	return rest, nil
}

// retryRound is how soon a failed round is run again at the latest.
const retryRound = time.Minute

func (c *Courier) lastRun(ctx context.Context, name string) (time.Time, error) {
	var row ran
	err := c.store.Read(ctx).Where("name = ?", name).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return time.Time{}, nil
	}
	return row.RanAt, err
}

func keepRun(tx *store.Tx, row ran) error {
	known := tx.Model(&ran{}).Where("name = ?", row.Name).UpdateColumn("ran_at", row.RanAt)
	if known.Error != nil || known.RowsAffected == 1 {
		return known.Error
	}
	return tx.Create(&row).Error
}

func (c *Courier) guarded(ctx context.Context, r round) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log.ErrorContext(ctx, "a round panicked", "round", r.name, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	return r.do(ctx)
}
