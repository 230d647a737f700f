package deputy

import (
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
)

// seenBy keeps a query on deputies to the rows that exist for the actor: those of the post in which he acts, whichever side he
// is on, and for a supervisor those of the offices of his area. Nobody else has to do with it.
func seenBy(actor access.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		switch {
		case actor.Role == access.Supervisor:
			condition, code := actor.Scope()
			return db.Where("deputies.office IN (SELECT id FROM offices WHERE "+condition+")", code)
		case slices.Contains(Roles, actor.Role):
			return db.Where("(deputies.post = ? OR deputies.deputy_post = ?)", actor.Post, actor.Post)
		}
		return db.Where("1 = 0")
	}
}
