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
		// The bytes in the folder go with the next sweep of photos without a row. What complains of somebody keeps its photos: by their rows
		// the trail knows from whom to keep who sent them.
		Code: "photo.over", Table: "files", Keys: []string{"id"}, Since: "concluded", At: "created_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			over := " AND a.status IN ? AND a.updated_at < ? AND NOT EXISTS (SELECT 1 FROM appeal_about b WHERE b.appeal = a.id)"
			return db.Where("id < ?", store.FirstID(before)).
				Where("(EXISTS (SELECT 1 FROM appeals a WHERE a.id = files.object"+over+")"+
					" OR EXISTS (SELECT 1 FROM appeal_events e JOIN appeals a ON a.id = e.appeal WHERE e.id = files.object"+over+"))",
					Flow.Final, before, Flow.Final, before)
		},
		About: []store.Part{{Of: kind, Column: "object"}, {Of: eventKind, Column: "object"}},
	},
}

// Disputes tell, by kind, what must not be touched, as a condition on a column with an id: appeals that are open, were handed in again,
// or are handled together with an open one; what happened to them; and, of persons, whoever handed in or helps with any.
func Disputes() map[string]store.Dispute {
	open := ".status NOT IN ('" + strings.Join(finalStates(), "', '") + "')"
	// Who hands in again is the same petitioner: his are found by him. Those without a name are nobody's, and NULL finds nothing at once:
	// by '' each of them would be looked for among all of them.
	const around = " LEFT JOIN appeals m ON m.id = x.master LEFT JOIN appeals n ON n.applicant = NULLIF(x.applicant, '') AND n.previous = x.id"
	disputed := "(x" + open + " OR m" + open + " OR n" + open + "))"
	return map[string]store.Dispute{
		kind: func(id string) string {
			return "EXISTS (SELECT 1 FROM appeals x" + around + " WHERE x.id = " + id + " AND " + disputed
		},
		eventKind: func(id string) string {
			return "EXISTS (SELECT 1 FROM appeal_events e JOIN appeals x ON x.id = e.appeal" + around + " WHERE e.id = " + id + " AND " + disputed
		},
		"person": func(id string) string {
			return "(EXISTS (SELECT 1 FROM appeals x WHERE x.applicant = " + id + ") OR EXISTS (SELECT 1 FROM appeal_helpers h WHERE h.helper = " + id + "))"
		},
	}
}

func finalStates() (list []string) {
	for _, s := range Flow.Final {
		list = append(list, string(s))
	}
	return list
}
