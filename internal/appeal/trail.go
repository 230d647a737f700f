package appeal

import (
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/store"
)

// aboutRow says what an appeal complains of, a second time beside its own columns: narrow enough to be asked for each row of the trail.
// An appeal that complains of nobody has none.
type aboutRow struct {
	Appeal string `gorm:"primaryKey"`
	Person string
	Office string
}

func (aboutRow) TableName() string { return "appeal_about" }

// keepAbout belongs into the transaction that makes the appeal.
func keepAbout(tx *store.Tx, a *Appeal) error {
	if a.AboutPerson == "" && a.AboutOffice == "" {
		return nil
	}
	return tx.Create(&aboutRow{a.ID, a.AboutPerson, a.AboutOffice}).Error
}

// ofHim: the appeal complains of the actor, or of an office where he holds a post.
const ofHim = "(b.person = ? OR b.office = ? OR b.office IN" +
	" (SELECT office FROM posts WHERE person = ? AND valid_from <= ? AND (valid_until IS NULL OR valid_until >= ?)))"

// HideTrail (回避) keeps from whoever reads the trail the rows about appeals that complain of him, their photos and ratings:
// the trail names who handed them in. Each is looked up by its key for the rows of a page: they are counted because MariaDB makes
// of NOT EXISTS a list of all that there are.
func (d *Desk) HideTrail(db *gorm.DB, actor access.Actor) *gorm.DB {
	today := clock.DateOf(d.store.Clock().Now())
	his := []any{actor.Person, actor.Office, actor.Person, today, today}
	for _, related := range []string{
		"SELECT COUNT(1) FROM appeal_about b WHERE b.appeal = trail.object AND ",
		"SELECT COUNT(1) FROM files f JOIN appeal_about b ON b.appeal = f.object WHERE f.id = trail.object AND ",
		"SELECT COUNT(1) FROM files f JOIN appeal_events e ON e.id = f.object JOIN appeal_about b ON b.appeal = e.appeal WHERE f.id = trail.object AND ",
	} {
		db = db.Where("("+related+ofHim+") = 0", his...)
	}
	return d.HideAbout(db, "(SELECT r.object FROM ratings r WHERE r.id = trail.object)", actor)
}
