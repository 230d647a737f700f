package offline

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/store"
)

// carried is how many rows go over in one transaction.
const carried = 100

// Carry takes the acts of a village that ended over to the one where it goes on: its clerk's phone may still send them again.
func (d *Desk) Carry(ctx context.Context, old, to access.Area) (n int, err error) {
	if old.Level() != access.VillageLevel {
		return 0, nil
	}
	err = d.store.Write(store.WithClaim(ctx, nil), access.Round(to.Village()), func(tx *store.Tx) error {
		var ids []string
		if err := tx.Model(&Row{}).Where("village = ?", old).Order("id").Limit(carried).Pluck("id", &ids).Error; err != nil {
			return err
		}
		if n = len(ids); n == 0 {
			return nil
		}
		tx.Trail(store.Entry{Act: "offline.carry", Kind: "area", Object: string(old), Area: to.Village(), From: string(old), To: string(to), Fields: []string{"area"}})
		return tx.Model(&Row{}).Where("id IN ?", ids).UpdateColumn("village", to.Village()).Error
	})
	return n, err
}
