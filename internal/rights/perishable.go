package rights

import (
	"time"

	"gorm.io/gorm"

	"tongban/internal/store"
)

// Perishables are what this desk gives up after its time. An open correction waits for the clerk, however long.
var Perishables = []store.Perishable{{
	Code: "correction.over", Table: "corrections", Keys: []string{"id"}, Since: "over", At: "updated_at",
	Due: func(db *gorm.DB, before time.Time) *gorm.DB {
		return db.Where("id < ? AND status <> ? AND updated_at < ?", store.FirstID(before), string(Asked), before)
	},
}}
