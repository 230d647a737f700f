package locker

import (
	"time"

	"gorm.io/gorm"

	"tongban/internal/clock"
	"tongban/internal/store"
)

// Perishables are what this desk gives up after its time: papers that were taken out, are no longer good, or to which nobody agreed any longer.
var Perishables = []store.Perishable{
	{
		Code: "locker.over", Table: "locker_papers", Keys: []string{"id"}, Since: "over", At: "created_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND over_on < ?", store.FirstID(before), clock.DateOf(before))
		},
		With: []store.Part{{Of: "locker_pages", Column: "paper"}, {Of: "locker_uses", Column: "paper"}},
	},
	{
		Code: "locker_photo.loose", Table: "files", Keys: []string{"id"}, Since: "made", At: "created_at", ToldBy: "locker.over",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND kind = ?", store.FirstID(before), kind).
				Where("NOT EXISTS (SELECT 1 FROM locker_papers p WHERE p.id = files.object)")
		},
	},
}
