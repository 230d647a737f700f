package appeal

import (
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
)

// about are the appeals that complain of the actor, or of an office where he holds a post.
const about = "SELECT id FROM appeals WHERE about_person = ? OR about_office = ? OR about_office IN" +
	" (SELECT office FROM posts WHERE person = ? AND valid_from <= ? AND (valid_until IS NULL OR valid_until >= ?))"

// HideTrail (回避) keeps from whoever reads the trail the rows about appeals that complain of him, their photos and ratings:
// the trail names who handed them in.
func (d *Desk) HideTrail(db *gorm.DB, actor access.Actor) *gorm.DB {
	today := clock.DateOf(d.store.Clock().Now())
	his := []any{actor.Person, actor.Office, actor.Person, today, today}
	for _, related := range []string{
		about,
		"SELECT id FROM files WHERE object IN (" + about + ")",
		"SELECT f.id FROM files f JOIN appeal_events e ON e.id = f.object WHERE e.appeal IN (" + about + ")",
		"SELECT id FROM ratings WHERE object IN (" + about + ")",
	} {
		db = db.Where("object NOT IN ("+related+")", his...)
	}
	return db
}
