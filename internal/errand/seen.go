package errand

import (
	"gorm.io/gorm"

	"tongban/internal/access"
)

// seenBy keeps a query on errands to the rows that exist for the actor. A resident sees what he entrusted, a clerk what his
// village does, a supervisor what is done in his area; the rounds see all. To everybody else an errand is not there: the
// county knows of the case.
func seenBy(actor access.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		switch actor.Role {
		case access.System:
			return db
		case access.Resident:
			return db.Where("errands.principal = ? AND errands.principal <> ''", actor.Person)
		case access.Clerk, access.Supervisor:
			condition, code := actor.Scope()
			return db.Where("errands."+condition, code)
		}
		return db.Where("1 = 0")
	}
}
