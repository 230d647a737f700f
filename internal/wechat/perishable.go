package wechat

import (
	"time"

	"gorm.io/gorm"

	"tongban/internal/store"
)

// Perishables are what is kept of message push. A doubled event is refused for much longer than WeChat repeats it.
var Perishables = []store.Perishable{{
	Code: "push.kept", Table: "wechat_pushes", Keys: []string{"id"}, Since: "made", At: "created_at",
	Due: func(db *gorm.DB, before time.Time) *gorm.DB {
		return db.Where("id < ? AND created_at < ?", store.FirstID(before), before)
	},
}}
