package locker

import (
	"context"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/store"
)

// seenBy keeps a query on locker_papers to those that exist for the actor: a resident his own, a village clerk those of people who
// live in his village now. Others none; and what was taken out is there for nobody.
func seenBy(actor access.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		db = db.Where("locker_papers.removed_at IS NULL")
		switch actor.Role {
		case access.Resident:
			return db.Where("locker_papers.person = ? AND locker_papers.person <> ''", actor.Person)
		case access.Clerk:
			return db.Where("EXISTS (SELECT 1 FROM persons p WHERE p.id = locker_papers.person AND p.village = ?)", actor.Area)
		}
		return db.Where("1 = 0")
	}
}

// looked is the reason in the trail, which the person himself can read (谁查过我).
const looked = "查看材料复用库"

// record keeps that a clerk looked at somebody's papers.
func (d *Desk) record(ctx context.Context, actor access.Actor, person string) error {
	if actor.Person == person {
		return nil
	}
	return d.store.Write(store.WithClaim(ctx, nil), actor, func(tx *store.Tx) error {
		return tx.Read("person", person, "locker", looked)
	})
}

// canSeePage: whoever sees the paper sees its pages, and that he looked is kept.
func (d *Desk) canSeePage(ctx context.Context, actor access.Actor, id string) (bool, error) {
	row, err := d.load(d.store.Read(ctx), actor, id)
	if err != nil {
		return false, err
	}
	return true, d.record(ctx, actor, row.Person)
}
