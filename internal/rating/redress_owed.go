package rating

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/store"
)

// openOwed opens the redress of a poor rating from before there were any, where it is known who rated. Its clock starts now:
// nobody could have kept the one of then. It is done once: the mark goes in the same transaction.
func (d *Desk) openOwed(ctx context.Context, r *Rating) error {
	return d.store.Write(store.WithClaim(ctx, nil), access.Round(r.Village), func(tx *store.Tx) error {
		done := tx.Table("ratings").Where("id = ? AND redress_owed = ?", r.ID, true).UpdateColumn("redress_owed", nil)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return store.ErrStays
		}
		number, office, err := rated(tx, r)
		if err != nil {
			return err
		}
		return d.open(tx, r, number, office)
	})
}

// here is the rating where its redress is opened now: a matter that was over stayed in the area that ended; its redress is not over.
func (d *Desk) here(r Rating) Rating {
	if now := d.people.Follow(r.Village); now != r.Village {
		r.County, r.Town, r.Village = now.County(), now.Town(), now.Village()
	}
	return r
}

// rated is the public number of what was rated, and the office whose work it was.
func rated(tx *store.Tx, r *Rating) (number, office string, err error) {
	if r.Kind == OfAnAppeal {
		var a appeal.Appeal
		if err := tx.Where("id = ?", r.Object).Take(&a).Error; err != nil {
			return "", "", err
		}
		office, err = officeOf(tx, a)
		return a.Number, office, err
	}
	var c casework.Case
	err = tx.Where("id = ?", r.Object).Take(&c).Error
	return c.PublicNumber(), c.Office, err
}
