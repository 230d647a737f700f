package appeal

import (
	"strings"
	"time"

	"gorm.io/gorm"

	"tongban/internal/store"
)

// Perishables are what this desk gives up after its time. Text and history of an appeal stay; who handed it in, where he lives and the
// code on his slip go. Somebody who never told his name stays linked: there is nothing behind the link.
var Perishables = []store.Perishable{
	{
		Code: "appeal.over", Table: "appeals", Keys: []string{"id"}, Since: "concluded", At: "updated_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND status IN ? AND updated_at < ? AND query_mac <> ''", store.FirstID(before), Flow.Final, before)
		},
		Set: map[string]any{
			"place": nil, "query_mac": "",
			"applicant": gorm.Expr("CASE WHEN applicant IN (SELECT id FROM persons WHERE name IS NULL AND phone IS NULL) THEN applicant ELSE '' END"),
		},
		With:  []store.Part{{Of: "appeal_helpers", Column: "appeal"}},
		About: []store.Part{{Of: kind, Column: "id"}},
	},
	{
		// The bytes in the folder go with the next sweep of photos without a row.
		Code: "photo.over", Table: "files", Keys: []string{"id"}, Since: "concluded", At: "created_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			over := "SELECT id FROM appeals WHERE id < ? AND status IN ? AND updated_at < ?"
			args := []any{store.FirstID(before), Flow.Final, before}
			return db.Where("id < ?", store.FirstID(before)).
				Where("(object IN ("+over+") OR object IN (SELECT e.id FROM appeal_events e WHERE e.appeal IN ("+over+")))", append(args, args...)...)
		},
		About: []store.Part{{Of: kind, Column: "object"}, {Of: eventKind, Column: "object"}},
	},
}

// Disputes are, by kind, queries for the ids of what must not be touched: appeals that are open, were handed in again, or are handled
// together with an open one; what happened to them; and, of persons, whoever handed in or helps with any.
func Disputes() map[string][]string {
	open := "status NOT IN ('" + strings.Join(finalStates(), "', '") + "')"
	disputed := []string{
		"SELECT id FROM appeals WHERE " + open,
		"SELECT previous FROM appeals WHERE previous <> '' AND " + open,
		"SELECT f.id FROM appeals f JOIN appeals m ON m.id = f.master WHERE m." + open,
	}
	var events []string
	for _, ids := range disputed {
		events = append(events, "SELECT e.id FROM appeal_events e WHERE e.appeal IN ("+ids+")")
	}
	return map[string][]string{
		kind:      disputed,
		eventKind: events,
		"person":  {"SELECT applicant FROM appeals WHERE applicant <> ''", "SELECT helper FROM appeal_helpers"},
	}
}

func finalStates() (list []string) {
	for _, s := range Flow.Final {
		list = append(list, string(s))
	}
	return list
}
