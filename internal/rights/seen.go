package rights

import (
	"gorm.io/gorm"

	"tongban/internal/access"
)

// seenBy keeps a query on corrections to those that exist for the actor: a resident his own, a clerk those of his village.
// Others none.
func seenBy(actor access.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		switch actor.Role {
		case access.Resident:
			return db.Where("person = ?", actor.Person)
		case access.Clerk:
			return db.Where("village = ?", actor.Area)
		}
		return db.Where("1 = 0")
	}
}
