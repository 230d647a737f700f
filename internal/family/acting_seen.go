package family

import (
	"gorm.io/gorm"

	"tongban/internal/access"
)

// actingsOf keeps a query on actings to those that exist for the actor: a resident those in which he is helped or helps,
// and those that wait for whoever has his phone; a clerk those of his village's residents. Others none.
func actingsOf(actor access.Actor, phoneIndex *string) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		switch actor.Role {
		case access.Resident:
			return db.Where("(principal = ? OR helper = ? OR asked_index = ?)", actor.Person, actor.Person, phoneIndex)
		case access.Clerk:
			return db.Where("principal IN (SELECT id FROM persons WHERE village = ?)", actor.Area)
		}
		return db.Where("1 = 0")
	}
}
