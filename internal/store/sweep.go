package store

import (
	"context"
	"errors"

	"tongban/internal/fault"
)

const (
	perBatch = 100
	perRound = 20 // batches; the rest waits for the next round
)

// ErrStays means that nothing was to be done with a row that a sweep found.
var ErrStays = errors.New("store: stays as it is")

// ErrMore means that a round ran out of time with work left, and kept what it did: it is run again soon. Nothing failed.
var ErrMore = errors.New("store: there is more to do")

// Sweep is one kind of row that a round looks for, in the order of an index, and what it does with each. Any number of replicas
// may sweep at once, and any may die in the middle: Do is an act of its own that somebody else's makes impossible.
type Sweep[T any] struct {
	Condition string
	Args      []any
	Order     string
	Do        func(context.Context, *T) error
}

// Run goes through the rows, and answers how many were changed. One row that fails keeps no other waiting.
func (s Sweep[T]) Run(ctx context.Context, in *Store) (changed int, err error) {
	var faults []error
	stay := 0 // rows that still match when they were looked at: they are passed over
	for range perRound {
		var rows []T
		err := in.Read(ctx).Where(s.Condition, s.Args...).Order(s.Order).Offset(stay).Limit(perBatch).Find(&rows).Error
		if err != nil {
			return changed, errors.Join(append(faults, err)...)
		}
		for i := range rows {
			err := s.Do(ctx, &rows[i])
			switch {
			case err == nil:
				changed++
				continue
			case ctx.Err() != nil:
				return changed, errors.Join(append(faults, ctx.Err())...)
			case !Passed(err):
				faults = append(faults, err)
			}
			stay++
		}
		if len(rows) < perBatch {
			break
		}
	}
	return changed, errors.Join(faults...)
}

// Passed: somebody else did it meanwhile, or it is not to be done yet.
func Passed(err error) bool {
	if errors.Is(err, ErrStays) {
		return true
	}
	k := fault.Of(err).Kind
	return k == fault.Conflict || k == fault.Missing
}
