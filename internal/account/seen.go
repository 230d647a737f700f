package account

import (
	"gorm.io/gorm"

	"tongban/internal/access"
)

// seenBy keeps a query on persons to those whom the actor may look up: a resident himself; a clerk and a grid worker the
// residents of their area; the county's system administrator everybody registered in the county, its
// security administrator the staff. Others nobody.
func seenBy(actor access.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		switch actor.Role {
		case access.Resident:
			return db.Where("id = ?", actor.Person)
		case access.Clerk, access.GridWorker:
			condition, code := actor.Scope()
			return db.Where("kind = ?", residentKind).Where(condition, code)
		case access.SystemAdmin:
			condition, code := actor.Scope()
			return db.Where(condition, code)
		case access.SecurityAdmin:
			condition, code := actor.Scope()
			staff := db.Where("kind = ?", staffKind)
			return staff.Where(condition, code)
		}
		return db.Where("1 = 0")
	}
}
