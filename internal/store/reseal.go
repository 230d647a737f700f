package store

import (
	"context"
	"fmt"

	"gorm.io/gorm/clause"

	"tongban/internal/access"
	"tongban/internal/secret"
)

// Sealed names a column whose values are sealed for the place table, column and id. Each desk lists its own.
type Sealed struct {
	Table, Column string
	// Brief columns are not sealed anew: their rows go by themselves before long, and are addressed by other keys than an id.
	Brief bool
}

// SealedColumns are the store's own. The answers of idempotency keys last seven days at the most: a data key retires after them.
var SealedColumns = []Sealed{{Table: "idempotency", Column: "answer", Brief: true}}

func (c Sealed) String() string { return c.Table + "." + c.Column }

// Resealed counts what Reseal met in a column.
type Resealed struct {
	Seen    int // values
	Sealed  int // anew
	Changed int // by somebody else at that moment; they are sealed with the current key already
}

type sealedRow struct {
	ID    string
	Value []byte
}

// resealBatch bounds the rows that one transaction seals anew: others wait for it.
const resealBatch = 100

// Reseal seals with the current data key what is sealed with another, a batch at a time in the order of the ids, while
// others write. What is sealed with the current key is passed over, so that a run that was cut off is simply begun again.
func (s *Store) Reseal(ctx context.Context, c Sealed) (all Resealed, err error) {
	if c.Brief {
		return all, nil
	}
	column := clause.Column{Name: c.Column}
	for after := ""; ; {
		var rows []sealedRow
		err := s.Read(ctx).Table(c.Table).Select("id, ? AS value", column).Where("id > ? AND ? IS NOT NULL", after, column).
			Order("id").Limit(resealBatch).Find(&rows).Error
		if err != nil {
			return all, fmt.Errorf("%s: %w", c, err)
		}
		if len(rows) == 0 {
			return all, nil
		}
		batch, err := s.resealSome(ctx, c, rows)
		if err != nil {
			return all, fmt.Errorf("%s: %w", c, err)
		}
		all = Resealed{all.Seen + len(rows), all.Sealed + batch.Sealed, all.Changed + batch.Changed}
		after = rows[len(rows)-1].ID
	}
}

// resealSome is one transaction. It compares the old bytes, so that what somebody changed meanwhile stays as he wrote it.
func (s *Store) resealSome(ctx context.Context, c Sealed, rows []sealedRow) (batch Resealed, err error) {
	old := make([]sealedRow, 0, len(rows))
	for _, row := range rows {
		if len(row.Value) > 0 && !s.keys.Fresh(row.Value) {
			old = append(old, row)
		}
	}
	if len(old) == 0 {
		return batch, nil
	}
	err = s.Write(ctx, access.Round(""), func(tx *Tx) error {
		batch = Resealed{}
		for _, row := range old {
			place := secret.Where{Table: c.Table, Column: c.Column, Row: row.ID}
			plain, err := s.keys.Open(place, row.Value)
			if err != nil {
				return fmt.Errorf("row %s: %w", row.ID, err)
			}
			done := tx.Table(c.Table).Where("id = ? AND ? = ?", row.ID, clause.Column{Name: c.Column}, row.Value).
				UpdateColumn(c.Column, s.keys.Seal(place, plain))
			if done.Error != nil {
				return done.Error
			}
			batch.Sealed += int(done.RowsAffected)
			batch.Changed += 1 - int(done.RowsAffected)
		}
		if batch.Sealed > 0 {
			tx.Trail(Entry{Act: "secret.reseal", Kind: "column", Object: c.String(), From: old[0].ID, To: old[len(old)-1].ID, Fields: []string{c.Column}})
		}
		return nil
	})
	return batch, err
}

// SealedWith counts the values of the column that are sealed with the data key.
func (s *Store) SealedWith(ctx context.Context, c Sealed, key string) (n int64, err error) {
	head, held := s.keys.Head(key)
	if !held {
		return 0, fmt.Errorf("%s: key %s is not held", c, key)
	}
	err = s.Read(ctx).Table(c.Table).Where("SUBSTR(?, 1, ?) = ?", clause.Column{Name: c.Column}, len(head), head).Count(&n).Error
	return n, err
}
