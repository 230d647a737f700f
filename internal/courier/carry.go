package courier

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// delivery marks that a channel has delivered a letter. Its key is what makes an effect happen once.
type delivery struct {
	Letter  string `gorm:"primaryKey"`
	Channel string `gorm:"primaryKey"`
	DoneAt  time.Time
}

func (delivery) TableName() string { return "deliveries" }

// ownError is a failure in the courier's own words: its text may be stored and logged.
type ownError string

func (e ownError) Error() string { return "courier: " + string(e) }

const (
	errTaken ownError = "another courier has the letter" // this one drops it
	errSlow  ownError = "out of time a moment ago"       // the channel is spared, the letter comes back
	errPanic ownError = "panic"
)

// failure is a channel that did not deliver, and why, without personal values.
type failure struct {
	channel channel
	reason  string
	err     error
}

// trip is one attempt with one letter.
type trip struct {
	letter store.Letter
	claim  string        // lease owner
	within time.Duration // for the work of each channel
	slow   *slowChannels
}

// carry claims one letter and gives it to every channel that still has to deliver it. Whoever failed is tried again
// later, the others are done.
func (c *Courier) carry(ctx context.Context, l store.Letter, slow *slowChannels) (taken bool) {
	claim := c.claim()
	taken, err := c.store.Lease(ctx, l.ID, claim, c.leaseFor(l))
	if err != nil || !taken {
		if err != nil {
			c.log.WarnContext(ctx, "a letter could not be claimed", "id", l.ID, "error", err)
		}
		return false
	}
	err = c.walk(context.WithoutCancel(ctx), trip{letter: l, claim: claim, slow: slow}) // what is begun is finished
	if err != nil && !errors.Is(err, errTaken) && !errors.Is(err, store.ErrLost) {
		c.log.WarnContext(ctx, "a letter stays until its lease is over", "id", l.ID, "error", err)
	}
	return true
}

func (c *Courier) walk(ctx context.Context, t trip) error {
	left, err := c.outstanding(ctx, t.letter)
	if err != nil {
		return err
	}
	if len(left) == 0 {
		return c.store.Write(ctx, program, func(tx *store.Tx) error { return tx.Delivered(t.letter.ID, t.claim) })
	}
	t.within = min(patience, c.lease*2/3/time.Duration(len(left)))
	var failed []failure
	for i, ch := range left {
		last := i == len(left)-1 && len(failed) == 0
		err := c.deliver(ctx, ch, t, last)
		if errors.Is(err, errTaken) {
			return err
		}
		if err != nil {
			failed = append(failed, failure{ch, reason(err), err})
		}
	}
	if len(failed) > 0 {
		return c.giveBack(ctx, t, failed)
	}
	return nil
}

// leaseFor lasts for every channel that wants the letter.
func (c *Courier) leaseFor(l store.Letter) time.Duration {
	lease := c.lease
	for _, ch := range c.channels {
		if ch.wants(l) {
			lease += ch.within
		}
	}
	return lease
}

// program is the actor of the courier's own bookkeeping.
var program = access.Round("")

// outstanding are the channels that want the letter and have not delivered it.
func (c *Courier) outstanding(ctx context.Context, l store.Letter) ([]channel, error) {
	var done []string
	if err := c.store.Read(ctx).Model(&delivery{}).Where("letter = ?", l.ID).Pluck("channel", &done).Error; err != nil {
		return nil, err
	}
	var left []channel
	for _, ch := range c.channels {
		if ch.wants(l) && !slices.Contains(done, ch.name) {
			left = append(left, ch)
		}
	}
	return left, nil
}

// deliver does one channel's work, and keeps its effect together with its mark; the last channel closes the letter too.
// A panic counts as a failure.
func (c *Courier) deliver(ctx context.Context, ch channel, t trip, last bool) (err error) {
	l := t.letter
	defer func() {
		if p := recover(); p != nil {
			// The value may quote personal data; where it happened does not.
			c.log.ErrorContext(ctx, "a channel panicked", "id", l.ID, "channel", ch.name, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	began := c.ran()
	if t.slow.has(ch.name, began) {
		return errSlow
	}
	within := t.within
	if ch.within > 0 {
		within = ch.within
	}
	work, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	keep, err := ch.work(work, l)
	if err != nil {
		if now := c.ran(); hung(work, err, now-began) {
			t.slow.add(ch.name, now+c.spared)
		}
		return err
	}
	return c.store.Write(ctx, access.Round(access.Area(l.Area)), func(tx *store.Tx) error {
		if err := tx.Create(&delivery{l.ID, ch.name, tx.Now}).Error; err != nil {
			if errors.Is(err, gorm.ErrDuplicatedKey) {
				return errTaken
			}
			return err
		}
		if keep != nil {
			if err := keep(tx); err != nil {
				return err
			}
		}
		if !last {
			return nil
		}
		err := tx.Delivered(l.ID, t.claim)
		if errors.Is(err, store.ErrLost) {
			return errTaken
		}
		return err
	})
}

// reason says why a channel failed, for the outbox and the log. A foreign error's text may quote a telephone number or a
// whole address line, so only its type is told.
func reason(err error) string {
	if f := fault.Of(err); f.Fault != fault.Internal {
		return f.Code
	}
	if own, ok := errors.AsType[ownError](err); ok {
		return string(own)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "out of time"
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return fmt.Sprintf("%T", err)
}

// hung: the channel ran out of time, by our limit or by a shorter one of its own, or it failed slowly.
func hung(work context.Context, err error, took time.Duration) bool {
	return work.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || took >= patience
}

// slowChannels are those that hung, and until when they are spared: a pass waits for its slowest letter, and with a long list of
// letters for one hanging gateway each pass would. So it costs some seconds now and then, and not some seconds a letter.
type slowChannels struct {
	mu    sync.Mutex
	until map[string]time.Duration
}

func (s *slowChannels) has(name string, now time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now < s.until[name]
}

func (s *slowChannels) add(name string, until time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until == nil {
		s.until = map[string]time.Duration{}
	}
	s.until[name] = until
}

// ran is for lengths of time, which no test clock moves.
func (c *Courier) ran() time.Duration {
	now, _ := c.store.Clock().Machine()
	return now.Ran
}
