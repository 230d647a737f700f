package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
)

// Hold tries to take the named lease for a round of the program, by the database's clock, and answers its fencing number;
// 0 means that another replica holds it. The holder may extend it by holding again.
func (s *Store) Hold(ctx context.Context, name, owner string, length time.Duration) (fence int64, err error) {
	err = s.Write(ctx, access.Round(""), func(tx *Tx) error {
		fence = 0
		made := tx.Exec("INSERT INTO leases (name, owner, fence) SELECT ?, '', 0 WHERE NOT EXISTS (SELECT 1 FROM leases WHERE name = ?)", name, name)
		if made.Error != nil {
			return tx.Again(made.Error)
		}
		done := tx.Exec("UPDATE leases SET fence = fence + 1, owner = ?, lease_until = "+s.engine.soon+
			" WHERE name = ? AND (owner = ? OR lease_until IS NULL OR lease_until < "+s.engine.now+")", owner, int(length.Seconds()), name, owner)
		if done.Error != nil || done.RowsAffected != 1 {
			return done.Error
		}
		return tx.Raw("SELECT fence FROM leases WHERE name = ?", name).Scan(&fence).Error
	})
	return fence, err
}

// ErrFenced stops a former holder that woke up late from writing.
var ErrFenced = errors.New("store: the lease went to somebody else")

// Fenced fails unless the lease still has this fencing number.
func (tx *Tx) Fenced(name string, fence int64) error {
	var now int64
	err := forUpdate(tx.DB).Table("leases").Select("fence").Where("name = ?", name).Take(&now).Error
	if err == nil && now != fence || errors.Is(err, gorm.ErrRecordNotFound) {
		return ErrFenced
	}
	return err
}

type fenceKey struct{}

type fence struct {
	name   string
	number int64
}

// WithFence makes every Write under ctx fail with ErrFenced once the lease went to somebody else, or with a *ClockDoubt
// once the machine's clock was set. A round runs under one.
func WithFence(ctx context.Context, name string, number int64) context.Context {
	return context.WithValue(ctx, fenceKey{}, fence{name, number})
}

func (tx *Tx) fenced(ctx context.Context) error {
	if f, inRound := ctx.Value(fenceKey{}).(fence); inRound {
		if err := tx.store.watch.inStep(); err != nil {
			return err
		}
		return tx.Fenced(f.name, f.number)
	}
	return nil
}
