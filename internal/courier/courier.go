// Package courier tells the world, after the commit, what was changed (投递): it takes letters from the outbox and gives
// each to the channels that want it, such as the resident's inbox (消息). It also runs the program's rounds (定时任务).
//
// Whatever a channel keeps in our own database is kept in one transaction with the mark that it was delivered: exactly
// once. What goes outside is sent first and marked afterwards: at least once, always with the letter's id as the
// Idempotency-Key. Letters are claimed by a lease in the database's time, so a courier may be killed at any point;
// how long to wait after a failure goes by the program's clock.
package courier

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"path"
	"slices"
	"sync/atomic"
	"time"

	"tongban/internal/store"
)

const (
	workers  = 4  // letters carried at the same time
	batch    = 50 // letters looked at in one pass
	patience = 10 * time.Second
)

// Courier carries letters and runs rounds in this replica. Register everything before Run.
type Courier struct {
	store    *store.Store
	log      *slog.Logger
	owner    string
	channels []channel
	tells    map[string]Tell
	silent   func(*store.Tx, string) (bool, error) // to whom; nil for nobody
	rounds   []round
	claims   atomic.Int64
	slow     slowChannels
	resting  atomic.Bool // the rounds do, by a clock that may be wrong

	poll       time.Duration // how often the outbox and the clock are looked at
	lease      time.Duration // of a letter
	roundLease time.Duration
	spared     time.Duration // how long a channel that hung is not asked
}

// channel is one way of delivering. work is done outside any transaction and answers what is to be kept inside the one
// that marks the delivery; nil for nothing.
type channel struct {
	name    string
	wants   func(store.Letter) bool
	work    func(context.Context, store.Letter) (keep, error)
	outside bool
	plan    Plan          // after a failure; nil is the courier's own
	within  time.Duration // for one attempt; 0 is the courier's own
}

// Plan says what becomes of a letter that a channel could not deliver: it is tried again after wait, or needs a person now. attempts counts
// the letter's, this one included; for age the channel has been failing with it, by the program's clock.
type Plan func(err error, attempts int, age time.Duration) (wait time.Duration, again bool)

type keep func(*store.Tx) error

// New makes a courier with two channels: the residents' inbox and the log. The owner names the replica in the leases,
// such as its host; a random part makes it this very process.
func New(s *store.Store, log *slog.Logger, owner string) *Courier {
	var random [4]byte
	rand.Read(random[:]) // never fails since Go 1.24
	c := &Courier{
		store: s, log: log, owner: owner[:min(len(owner), 32)] + "-" + hex.EncodeToString(random[:]),
		tells: map[string]Tell{},
		poll:  time.Second, lease: 30 * time.Second, roundLease: time.Minute, spared: 30 * time.Second,
	}
	c.add(channel{name: "inbox", wants: c.told, work: c.inbox})
	c.Send("log", "*", c.note)
	return c
}

// Handle registers a channel whose whole effect lies in our own database. fn runs in the transaction that marks the
// delivery, maybe more than once; topics is a pattern such as appeal.* or *.
func (c *Courier) Handle(name, topics string, fn func(context.Context, *store.Tx, store.Letter) error) {
	c.add(channel{name: name, wants: topic(topics), work: func(_ context.Context, l store.Letter) (keep, error) {
		return func(tx *store.Tx) error { return fn(tx.Statement.Context, tx, l) }, nil
	}})
}

// Send registers a channel whose effect lies outside, such as an SMS. fn must give up when its context ends; the letter's
// ID goes along as the Idempotency-Key, because after a crash the letter is sent again.
func (c *Courier) Send(name, topics string, fn func(context.Context, store.Letter) error) {
	c.add(channel{name: name, wants: topic(topics), outside: true, work: func(ctx context.Context, l store.Letter) (keep, error) {
		return nil, fn(ctx, l)
	}})
}

// SendBy is Send for a channel that knows better when to try again, and that needs longer for an attempt.
func (c *Courier) SendBy(name, topics string, plan Plan, within time.Duration, fn func(context.Context, store.Letter) error) {
	c.add(channel{name: name, wants: topic(topics), outside: true, plan: plan, within: within, work: func(ctx context.Context, l store.Letter) (keep, error) {
		return nil, fn(ctx, l)
	}})
}

func (c *Courier) add(ch channel) {
	for _, other := range c.channels {
		if other.name == ch.name {
			panic("courier: two channels are called " + ch.name)
		}
	}
	c.channels = append(c.channels, ch)
	// What lies in our own database goes first: no gateway out of order shall delay it.
	slices.SortStableFunc(c.channels, func(a, b channel) int {
		switch {
		case a.outside == b.outside:
			return 0
		case b.outside:
			return -1
		}
		return 1
	})
}

// topic makes a condition of a pattern; a malformed one is a mistake in the program.
func topic(pattern string) func(store.Letter) bool {
	if _, err := path.Match(pattern, ""); err != nil {
		panic("courier: malformed pattern " + pattern)
	}
	return func(l store.Letter) bool {
		fits, _ := path.Match(pattern, l.Topic)
		return fits
	}
}

// note is the log channel: one line a letter, ids only.
func (c *Courier) note(ctx context.Context, l store.Letter) error {
	c.log.InfoContext(ctx, "letter", "id", l.ID, "topic", l.Topic, "kind", l.Kind, "object", l.Object, "area", l.Area)
	return nil
}

// claim names one claim of one letter. Were it the replica's name, a worker that outlived its lease could pass for the
// one that came after it.
func (c *Courier) claim() string { return fmt.Sprintf("%s-%d", c.owner, c.claims.Add(1)) }
