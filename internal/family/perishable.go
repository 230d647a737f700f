package family

import (
	"time"

	"gorm.io/gorm"

	"tongban/internal/clock"
	"tongban/internal/store"
)

// Perishables are what this desk gives up after its time. Relations that were confirmed stay: by whom somebody was helped, or guarded,
// belongs to what was done in his name.
var Perishables = []store.Perishable{
	{
		// It holds the blind index of a phone whose owner never answered.
		Code: "acting.unanswered", Table: "actings", Keys: []string{"id"}, Since: "over", At: "created_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND status = ? AND valid_until < ?", store.FirstID(before), string(ActingAsked), clock.DateOf(before))
		},
	},
	{
		// Who lived with whom. The households themselves go with the last of it.
		Code: "household.left", Table: "household_members", Keys: []string{"id"}, Since: "over", At: "updated_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND open_person IS NULL AND until < ?", store.FirstID(before), clock.DateOf(before))
		},
	},
	{
		Code: "household.over", Table: "households", Keys: []string{"id"}, Since: "over", At: "ended_at", ToldBy: "household.left",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND ended_at < ?", store.FirstID(before), before).
				Where("NOT EXISTS (SELECT 1 FROM household_members m WHERE m.household = households.id)")
		},
	},
}
