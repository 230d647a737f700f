package courier

import (
	"time"

	"gorm.io/gorm"

	"tongban/internal/store"
)

// Perishables are what the courier gives up after its time. What an appeal or a case was handed in with stays as long as it does: fsck asks
// whether anybody was ever told of it. A letter that is stuck needs a person first.
var Perishables = []store.Perishable{
	{
		Code: "letter.delivered", Table: "outbox", Keys: []string{"id"}, Since: "done", At: "created_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND done_at < ? AND topic NOT IN ?", store.FirstID(before), before, []string{"appeal.submit", "case.submit"})
		},
		With:  []store.Part{{Of: "deliveries", Column: "letter"}, {Of: "troubles", Column: "letter"}},
		About: []store.Part{{Of: "appeal", Column: "object"}, {Of: "case", Column: "object"}},
	},
	{
		Code: "message.told", Table: "inbox", Keys: []string{"id"}, Since: "made", At: "created_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND created_at < ?", store.FirstID(before), before)
		},
		About: []store.Part{{Of: "appeal", Column: "object"}, {Of: "case", Column: "object"}},
	},
}
