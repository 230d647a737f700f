package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
)

// Check is one thing that must never be found in the database: a query that counts, and must count 0.
type Check struct {
	Name  string // what it would mean, such as "appeals without trail"
	Count string // SQL
}

// Fault is what Fsck found.
type Fault struct {
	Check string
	Rows  int64
}

// checks are the store's own.
var checks = []Check{
	{"letters without an object", "SELECT COUNT(1) FROM outbox WHERE object = '' OR topic = ''"},
	{"letters in an unknown state", "SELECT COUNT(1) FROM outbox WHERE status NOT IN ('waiting', 'done', 'stuck')"},
	{"letters that are done but were never delivered", "SELECT COUNT(1) FROM outbox WHERE status = 'done' AND done_at IS NULL"},
	{"keys without an answer", "SELECT COUNT(1) FROM idempotency WHERE answer IS NULL"},
}

// Fsck counts what must not be there: the store's own checks, those of the desks, and the trail's chain.
func (s *Store) Fsck(ctx context.Context, more []Check) ([]Fault, error) {
	var faults []Fault
	err := s.snapshot(ctx, func(db *gorm.DB) error {
		for _, c := range append(checks[:len(checks):len(checks)], more...) {
			var n int64
			if err := db.Raw(c.Count).Scan(&n).Error; err != nil {
				return fmt.Errorf("fsck %s: %w", c.Name, err)
			}
			if n > 0 {
				faults = append(faults, Fault{c.Name, n})
			}
		}
		_, err := s.verify(db)
		if broken, ok := errors.AsType[*Broken](err); ok {
			faults, err = append(faults, Fault{broken.Error(), 1}), nil
		}
		return err
	})
	return faults, err
}

// Counts tells how many rows each table holds.
func (s *Store) Counts(ctx context.Context) (map[string]int64, error) {
	names, err := s.Read(ctx).Migrator().GetTables()
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, name := range names {
		var n int64
		if err := s.Read(ctx).Table(name).Count(&n).Error; err != nil {
			return nil, err
		}
		counts[name] = n
	}
	return counts, nil
}
