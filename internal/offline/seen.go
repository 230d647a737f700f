package offline

import (
	"gorm.io/gorm"

	"tongban/internal/access"
)

// seenBy keeps a query on offline_acts to the rows that exist for the actor: a clerk's own, of the village for which he acts now. So a
// clerk who was moved gets no answer of the village that he left.
func (*Desk) seenBy(actor access.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		if actor.Role != access.Clerk {
			return db.Where("1 = 0")
		}
		return db.Where("offline_acts.person = ? AND offline_acts.village = ?", actor.Person, actor.Area)
	}
}
