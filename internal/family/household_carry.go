package family

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/store"
)

// carried is how many households go over in one transaction.
const carried = 100

// Carry takes the households of a village that ended over to the one where it goes on, ended ones too. A number that an open
// household there has already gets the old village's code in front.
func (d *Desk) Carry(ctx context.Context, old, to access.Area) (n int, err error) {
	if old.Level() != access.VillageLevel {
		return 0, nil
	}
	err = d.store.Write(store.WithClaim(ctx, nil), access.Round(to.Village()), func(tx *store.Tx) error {
		var rows []householdRow
		if err := tx.Where("village = ?", old).Order("id").Limit(carried).Find(&rows).Error; err != nil {
			return err
		}
		n = len(rows)
		for _, row := range rows {
			if err := carryOver(tx, row, to.Village()); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

func carryOver(tx *store.Tx, row householdRow, to access.Area) error {
	set := map[string]any{"county": to.County(), "town": to.Town(), "village": to, "version": row.Version + 1, "updated_at": tx.Now}
	if row.OpenNumber != nil {
		number, err := freeNumber(tx, row, to)
		if err != nil {
			return err
		}
		set["number"], set["open_number"] = number, *openNumber(to, number)
	}
	moved := tx.Model(&householdRow{}).Where("id = ? AND version = ?", row.ID, row.Version).UpdateColumns(set)
	if moved.Error == nil && moved.RowsAffected != 1 {
		return store.ErrLost
	}
	keep(tx, "carry", householdRow{ID: row.ID, Village: to}, store.Entry{From: string(row.Village), To: string(to), Fields: []string{"area"}})
	return moved.Error
}

// longestNumber is what the column holds.
const longestNumber = 64

// freeNumber is the household's own number, or that behind its old village's code.
func freeNumber(tx *store.Tx, row householdRow, to access.Area) (string, error) {
	for _, number := range []string{row.Number, string(row.Village) + "-" + row.Number} {
		if len(number) > longestNumber {
			break
		}
		var taken int64
		err := tx.Model(&householdRow{}).Where("open_number = ?", *openNumber(to, number)).Count(&taken).Error
		if err != nil || taken == 0 {
			return number, err
		}
	}
	return row.ID, nil // it was carried over and over: the id is nobody else's
}
