package docket

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/store"
)

// carried is how many rows go over in one transaction.
const carried = 100

// Carry takes the open rows of an area that ended over to the one where it goes on, with a row of the trail each; it is an account.Carrier.
// What is over stays filed where it was: the county sees it as before. Where work is left at it (Keeps), it goes over with the open ones.
func (d *Docket[R, S]) Carry(ctx context.Context, old, to access.Area) (n int, err error) {
	if old.Level() == access.GridLevel && !d.Grid {
		return 0, nil
	}
	place := map[string]any{"county": to.County(), "town": to.Town(), "village": to.Village()}
	if d.Grid {
		place["grid"] = to.Grid()
	}
	err = d.Store.Write(store.WithClaim(ctx, nil), access.Round(to.Village()), func(tx *store.Tx) error {
		there := string(old.Level()) + " = ?"
		var ids []string
		left := "status IN ?"
		if d.Keeps != "" {
			left = "(status IN ? OR " + d.Keeps + ")"
		}
		open := tx.Table(d.Table).Where(there+" AND "+left, old, d.Flow.Open())
		if err := open.Order("id").Limit(carried).Pluck("id", &ids).Error; err != nil {
			return err
		}
		n = len(ids)
		place["updated_at"] = tx.Now
		for _, id := range ids {
			if err := tx.Table(d.Table).Where("id = ? AND "+there, id, old).UpdateColumns(place).Error; err != nil {
				return err
			}
			tx.Trail(store.Entry{
				Act: d.Flow.Name + ".carry", Kind: d.Flow.Name, Object: id, Area: to.Village(), From: string(old), To: string(to), Fields: []string{"area"},
			})
		}
		return nil
	})
	return n, err
}
