package account

import (
	"time"

	"gorm.io/gorm"

	"tongban/internal/store"
)

// Perishables are what this desk gives up after its time. The registered themselves stay until they ask to be closed.
var Perishables = []store.Perishable{
	{
		Code: "session.over", Table: "sessions", Keys: []string{"id"}, Since: "over", At: "created_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND (idle_until < ? OR ended_at < ?)", store.FirstID(before), before, before)
		},
	},
	{
		Code: "device.unused", Table: "devices", Keys: []string{"person", "device"}, Since: "used", At: "last_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB { return db.Where("last_at < ?", before) },
	},
	{
		Code: "bind_code.over", Table: "bind_codes", Keys: []string{"person"}, Since: "over", At: "made_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("(expires_at < ? OR used_at < ?)", before, before)
		},
	},
	{
		// Who logged in by WeChat and never told who he is, and what is left of such a row when somebody was bound to his record.
		Code: "person.unnamed", Table: "persons", Keys: []string{"id"}, Since: "used", At: "created_at", ToldBy: "session.over",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("county = '' AND kind = ? AND name IS NULL AND phone IS NULL AND id_number IS NULL AND updated_at < ?", residentKind, before).
				Where("NOT EXISTS (SELECT 1 FROM sessions s WHERE s.person = persons.id AND s.seen_at >= ?)", before).
				Where("NOT EXISTS (SELECT 1 FROM consents c WHERE c.person = persons.id)").
				Where("NOT EXISTS (SELECT 1 FROM actings a WHERE a.principal = persons.id)").
				Where("NOT EXISTS (SELECT 1 FROM actings a WHERE a.helper = persons.id)")
		},
		With:  []store.Part{{Of: "sessions", Column: "person"}, {Of: "devices", Column: "person"}, {Of: "phone_proofs", Column: "person"}},
		About: []store.Part{{Of: "person", Column: "id"}},
	},
}
