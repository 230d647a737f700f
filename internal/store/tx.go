package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
)

// Tx is a transaction under way. It has one actor and one moment; what it changes, trails, tells and answers
// is committed together or not at all.
type Tx struct {
	*gorm.DB
	Actor access.Actor
	Now   time.Time // UTC, whole seconds: the moment of everything written here

	store  *Store
	claim  *Claim
	trail  []Entry
	begun  []string // areas whose trail begins here
	told   []Message
	answer any
	said   bool
	word   Said // when the actor says that he did it
	ids    idMaker
	poison error // the first statement that failed, whether or not the verb noticed
}

type txKey struct{}

const (
	attempts = 5
	poisoned = "store:tx"
)

// ErrLost means that somebody else changed the row first. The desk reads the row again, after the roll-back, and tells.
var ErrLost = fault.New(fault.Conflict, "store.lost", "这件事刚刚被别人办过了，请刷新后再看")

// Write is the only transaction of the program. It runs fn as actor and commits, or rolls everything back.
//
// fn may run more than once: after a conflict with another transaction the whole is tried again, at most five times.
// So fn has no side effects outside tx, calls no network, and does not call Write. Its statements run under the store's
// own time-out: the caller's deadline counts until its turn comes, and never cuts a transaction in half.
// With a Claim in ctx the same commit holds the idempotency key and the answer; a repeated request is not run
// again but answered with a *Replay.
func (s *Store) Write(ctx context.Context, actor access.Actor, fn func(*Tx) error) error {
	if ctx.Value(txKey{}) != nil {
		panic("store: Write inside Write")
	}
	claim := ClaimFrom(ctx)
	for attempt := 1; ; attempt++ {
		err := s.once(ctx, actor, claim, fn)
		if errors.Is(err, errClaimed) {
			if err = s.replay(ctx, claim); err == nil {
				err = errHeld // the first sender rolled back: our turn
			}
		}
		if !s.conflict(err) {
			return err
		}
		if attempt == attempts || sleep(ctx, jitter(attempt)) != nil {
			if errors.Is(err, errHeld) {
				return ErrInProgress.Because(err)
			}
			return fault.Busy.Because(err)
		}
	}
}

// ErrAgain asks for another try from inside a transaction: what it went by changed meanwhile, as when two of them made the same counter
// or chain at once.
var ErrAgain = errors.New("store: try the whole again")

// Again turns a duplicate key, met where two transactions made the same row at once, into another try of the whole: for a verb that
// does right when it sees what the other one made.
func (tx *Tx) Again(err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrAgain
	}
	return err
}

func (s *Store) conflict(err error) bool {
	return errors.Is(err, ErrAgain) || errors.Is(err, errHeld) || err != nil && s.engine.retry(err)
}

// once runs fn in one database transaction.
func (s *Store) once(ctx context.Context, actor access.Actor, claim *Claim, fn func(*Tx) error) (err error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return fault.Busy.Because(ctx.Err())
	}
	own, cancel := context.WithTimeout(context.WithValue(context.WithoutCancel(ctx), txKey{}, true), s.statements())
	defer cancel()

	db := s.writer.WithContext(own).Begin()
	if db.Error != nil {
		return fault.Busy.Because(db.Error)
	}
	committed := false
	defer func() { // a panic in fn rolls back too, and goes on
		if !committed {
			if undo := db.Rollback().Error; undo != nil && err != nil {
				err = errors.Join(err, undo)
			}
		}
	}()

	now := s.clock.Now()
	tx := &Tx{Actor: actor, Now: now.Truncate(time.Second), store: s, claim: claim, ids: idMaker{now, &s.made}}
	tx.word, _ = ctx.Value(saidKey{}).(Said)
	tx.DB = db.Session(&gorm.Session{NewDB: true, Context: own}).Set(poisoned, tx).Session(&gorm.Session{})
	if err := tx.run(ctx, fn); err != nil {
		return err
	}
	if err := db.Commit().Error; err != nil {
		if s.engine.retry(err) {
			return err
		}
		// Whether it was stored is unknown now. The client sends again with its key, and that settles it.
		return fault.Busy.Because(fmt.Errorf("commit: %w", err))
	}
	committed = true
	return nil
}

// run is everything between BEGIN and COMMIT. Counters, outbox, chains and answer come last, in this order in every
// transaction, so that rows which many transactions share are held for the shortest time and without deadlock.
func (tx *Tx) run(ctx context.Context, fn func(*Tx) error) error {
	if err := tx.fenced(ctx); err != nil {
		return err
	}
	if err := tx.stake(); err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return err
	}
	if tx.poison != nil {
		return fmt.Errorf("store: a statement failed and the verb went on: %w", tx.poison)
	}
	if err := tx.post(); err != nil {
		return err
	}
	if err := tx.chain(); err != nil {
		return err
	}
	return tx.settle()
}

// poisonOnError makes gorm remember a failed statement in its transaction, so that an ignored error cannot be committed.
func poisonOnError(db *gorm.DB) {
	if db.Error == nil || errors.Is(db.Error, gorm.ErrRecordNotFound) {
		return
	}
	if v, ok := db.Get(poisoned); ok {
		if tx := v.(*Tx); tx.poison == nil {
			tx.poison = db.Error
		}
	}
}

func watchErrors(db *gorm.DB) error {
	c := db.Callback()
	return errors.Join(
		c.Create().After("*").Register("tongban:poison", poisonOnError),
		c.Query().After("*").Register("tongban:poison", poisonOnError),
		c.Update().After("*").Register("tongban:poison", poisonOnError),
		c.Delete().After("*").Register("tongban:poison", poisonOnError),
		c.Row().After("*").Register("tongban:poison", poisonOnError),
		c.Raw().After("*").Register("tongban:poison", poisonOnError),
	)
}

func jitter(attempt int) time.Duration {
	top := min(10<<attempt, 200)
	return time.Duration(10+rand.IntN(top)) * time.Millisecond
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
