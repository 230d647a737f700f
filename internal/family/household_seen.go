package family

import (
	"gorm.io/gorm"

	"tongban/internal/access"
)

// householdsOf keeps a query on households to those that exist for the actor: a resident the one in which he is now; a clerk
// those of his village, ended ones too. Others none.
func householdsOf(actor access.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		switch actor.Role {
		case access.Resident:
			return db.Where("id IN (SELECT household FROM household_members WHERE open_person = ?)", actor.Person)
		case access.Clerk:
			return db.Where("village = ?", actor.Area)
		}
		return db.Where("1 = 0")
	}
}
