package store

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
)

// Said is when the actor says that he did what he tells only now. Clocks and law count with the moment of receipt, which is Tx.Now.
type Said struct {
	At   time.Time     // not after now
	Skew time.Duration // by how much his clock may be wrong
	Line string        // of the phone's queue, whose acts were done in one go; empty for a call by itself
}

type saidKey struct{}

// WithSaid puts it into the context for Write.
func WithSaid(ctx context.Context, s Said) context.Context {
	return context.WithValue(ctx, saidKey{}, s)
}

// spoken is what was said of this transaction, where it differs from now. The program says nothing of what it does in another's act.
func (tx *Tx) spoken() (s Said, is bool) {
	s = tx.word
	s.At = s.At.UTC().Truncate(time.Second)
	return s, !s.At.IsZero() && s.At.Before(tx.Now) && tx.Actor.Role != access.System
}

// Line is the line of the phone's queue that the act came in; empty for a call by itself.
func (tx *Tx) Line() string { return tx.word.Line }

// When is the moment of an act: as its own call says, else as was said of it, else now. In UTC and whole seconds.
func (tx *Tx) When(call *time.Time) time.Time {
	if call != nil {
		return call.UTC().Truncate(time.Second)
	}
	if s, is := tx.spoken(); is {
		return s.At
	}
	return tx.Now
}

// WhenAfter is When for what cannot have been before a moment that is known here. A clock that is wrong by no more than the skew does not put
// it there; what the call itself says is taken as it is said.
func (tx *Tx) WhenAfter(known time.Time, call *time.Time) time.Time {
	at := tx.When(call)
	if s, is := tx.spoken(); call == nil && is && at.Before(known) && !at.Before(known.Add(-s.Skew)) {
		return known.UTC()
	}
	return at
}

// DoneAt is what a history keeps beside the moment of receipt: when the actor says that he did it; nil when he says nothing else. Nothing is
// done before the beginning of its own thing, which is the first row of it in the table of that history.
func (tx *Tx) DoneAt(table, thing, id string) (*time.Time, error) {
	s, is := tx.spoken()
	if !is {
		return nil, nil
	}
	var first []struct {
		At     time.Time
		DoneAt *time.Time
	}
	if err := tx.Table(table).Select("at", "done_at").Where(thing+" = ?", id).Order("version, id").Limit(1).Find(&first).Error; err != nil || len(first) == 0 {
		return &s.At, err
	}
	begun := first[0].At
	if first[0].DoneAt != nil {
		begun = *first[0].DoneAt
	}
	if s.At.Before(begun.Add(-s.Skew)) {
		return nil, fault.Wrong("done_at", "写的时间早于这件事的开始，请检查手机的时间")
	}
	return &s.At, nil
}
