package notice

import (
	"time"

	"gorm.io/gorm"

	"tongban/internal/store"
)

// Perishables are what this desk gives up after its time: a notice, with the answers and the name in it. What it asked for can be
// asked again at any time.
var Perishables = []store.Perishable{{
	Code: "notice.made", Table: "notices", Keys: []string{"id"}, Since: "made", At: "created_at",
	Due: func(db *gorm.DB, before time.Time) *gorm.DB {
		return db.Where("id < ? AND created_at < ?", store.FirstID(before), before)
	},
}}
