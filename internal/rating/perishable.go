package rating

import (
	"time"

	"gorm.io/gorm"

	"tongban/internal/store"
)

// Perishables are what this desk gives up after its time: who rated. What he said stays, and counts.
var Perishables = []store.Perishable{{
	Code: "rating.given", Table: "ratings", Keys: []string{"id"}, Since: "made", At: "created_at",
	Due: func(db *gorm.DB, before time.Time) *gorm.DB {
		return db.Where("id < ? AND created_at < ? AND person <> ''", store.FirstID(before), before)
	},
	Set:   map[string]any{"person": ""},
	About: []store.Part{{Of: "appeal", Column: "object"}, {Of: "case", Column: "object"}},
}}
