package county

import (
	"time"

	"gorm.io/gorm"

	"tongban/internal/store"
)

// Perishables are what this desk gives up after its time. News that waits for a person or for its case waits on.
var Perishables = []store.Perishable{{
	Code: "county_event.settled", Table: "county_events", Keys: []string{"id"}, Since: "over", At: "settled_at",
	Due: func(db *gorm.DB, before time.Time) *gorm.DB {
		return db.Where("id < ? AND settled_at < ?", store.FirstID(before), before)
	},
}}
