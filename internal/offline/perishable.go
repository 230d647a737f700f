package offline

import (
	"time"

	"gorm.io/gorm"

	"tongban/internal/store"
)

// Perishables are what this desk gives up after its time: the answer, which holds numbers and query codes. The key stays, so that an
// act that is sent again after years is still known; beside it stand ids and a keyed digest.
var Perishables = []store.Perishable{{
	Code: "offline.answered", Table: "offline_acts", Keys: []string{"id"}, Since: "made", At: "done_at",
	Due: func(db *gorm.DB, before time.Time) *gorm.DB {
		return db.Where("id < ? AND answer IS NOT NULL AND done_at < ?", store.FirstID(before), before)
	},
	Set: map[string]any{"answer": nil},
}}
