package casework

import (
	"context"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/store"
)

// carried is how many cases go over in one transaction.
const carried = 100

// Carry takes the open cases of an area that ended over to the one where it goes on, with a row of the trail each. What is
// over stays filed where it was: the county sees it as before.
func (d *Desk) Carry(ctx context.Context, old, to access.Area) (n int, err error) {
	err = d.store.Write(store.WithClaim(ctx, nil), access.Round(to.Village()), func(tx *store.Tx) error {
		var ids []string
		open := tx.Model(&Case{}).Where(string(old.Level())+" = ? AND status IN ?", old, Flow.Open())
		if err := open.Order("id").Limit(carried).Pluck("id", &ids).Error; err != nil {
			return err
		}
		n = len(ids)
		for _, id := range ids {
			over := tx.Table("cases").Where("id = ? AND "+string(old.Level())+" = ?", id, old).UpdateColumns(map[string]any{
				"county": to.County(), "town": to.Town(), "village": to.Village(), "grid": to.Grid(), "updated_at": tx.Now,
			})
			if over.Error != nil {
				return over.Error
			}
			tx.Trail(store.Entry{Act: "case.carry", Kind: kind, Object: id, Area: to.Village(), From: string(old), To: string(to), Fields: []string{"area"}})
		}
		return nil
	})
	return n, err
}

// openAt counts the open cases of an office, and names a few of those that have a number: such an office is not closed.
func openAt(db *gorm.DB, office string) (n int64, numbers []string, err error) {
	open := func() *gorm.DB { return db.Model(&Case{}).Where("status IN ? AND office = ?", Flow.Open(), office) }
	if err := open().Count(&n).Error; err != nil || n == 0 {
		return 0, nil, err
	}
	return n, numbers, open().Where("number IS NOT NULL").Order("id").Limit(5).Pluck("number", &numbers).Error
}
