package casework

import (
	"strings"
	"time"

	"gorm.io/gorm"

	"tongban/internal/store"
)

// Perishables are what this desk gives up after its time. What was asked for, decided and when stays with its history; whose case it was,
// what he answered, who took the paper home and the photos go. A draft that nobody handed in goes whole.
var Perishables = []store.Perishable{
	{
		Code: "case.over", Table: "cases", Keys: []string{"id"}, Since: "concluded", At: "updated_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND status IN ? AND updated_at < ? AND query_mac <> ''", store.FirstID(before), Flow.Final, before)
		},
		Set:   map[string]any{"applicant": "", "helper": "", "acting": "", "query_mac": "", "answers": gorm.Expr("''")},
		About: []store.Part{{Of: kind, Column: "id"}},
	},
	{
		Code: "case_receiver.over", Table: "case_deliveries", Keys: []string{"id"}, Since: "concluded", At: "delivered_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND LENGTH(receiver) > 0", store.FirstID(before)).
				Where("EXISTS (SELECT 1 FROM cases c WHERE c.id = case_deliveries.case_id AND c.status IN ? AND c.updated_at < ?)", Flow.Final, before)
		},
		Set:   map[string]any{"receiver": gorm.Expr("''"), "proof": nil},
		About: []store.Part{{Of: kind, Column: "case_id"}},
	},
	{
		Code: "case_document.over", Table: "case_documents", Keys: []string{"id"}, Since: "concluded", At: "made_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND LENGTH(data) > 0", store.FirstID(before)).
				Where("EXISTS (SELECT 1 FROM cases c WHERE c.id = case_documents.case_id AND c.status IN ? AND c.updated_at < ?)", Flow.Final, before)
		},
		Set:   map[string]any{"data": gorm.Expr("''")},
		About: []store.Part{{Of: kind, Column: "case_id"}},
	},
	{
		Code: "case_opinion.over", Table: "case_opinions", Keys: []string{"id"}, Since: "concluded", At: "asked_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND LENGTH(question) > 0", store.FirstID(before)).
				Where("EXISTS (SELECT 1 FROM cases c WHERE c.id = case_opinions.case_id AND c.status IN ? AND c.updated_at < ?)", Flow.Final, before)
		},
		Set:   map[string]any{"question": gorm.Expr("''"), "text": nil},
		About: []store.Part{{Of: kind, Column: "case_id"}},
	},
	{
		Code: "case_photo.over", Table: "files", Keys: []string{"id"}, Since: "concluded", At: "created_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			over := " AND c.status IN ? AND c.updated_at < ?)"
			return db.Where("id < ?", store.FirstID(before)).
				Where("(EXISTS (SELECT 1 FROM case_materials m JOIN cases c ON c.id = m.case_id WHERE m.id = files.object"+over+
					" OR EXISTS (SELECT 1 FROM case_events e JOIN cases c ON c.id = e.case_id WHERE e.id = files.object"+over+")",
					Flow.Final, before, Flow.Final, before)
		},
	},
	{
		Code: "case.draft", Table: "cases", Keys: []string{"id"}, Since: "used", At: "updated_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND applied_at IS NULL AND status IN ? AND updated_at < ?", store.FirstID(before), []string{string(Draft), string(Discarded)}, before)
		},
		With: []store.Part{{Of: "case_materials", Column: "case_id"}, {Of: "case_events", Column: "case_id"}},
	},
	{
		// Photos of papers that are on no list any more: the draft went, or its answers changed.
		Code: "case_photo.loose", Table: "files", Keys: []string{"id"}, Since: "made", At: "created_at", ToldBy: "case.draft",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND kind = ?", store.FirstID(before), materialKind).
				Where("NOT EXISTS (SELECT 1 FROM case_materials m WHERE m.id = files.object)")
		},
	},
}

// Disputes tell, by kind, what must not be touched, as a condition on a column with an id: cases that are open, and whoever
// ever applied for something.
func Disputes() map[string]store.Dispute {
	var over []string
	for _, s := range Flow.Final {
		over = append(over, "'"+string(s)+"'")
	}
	open := "x.status NOT IN (" + strings.Join(over, ", ") + "))"
	return map[string]store.Dispute{
		kind: func(id string) string {
			return "EXISTS (SELECT 1 FROM cases x WHERE x.id = " + id + " AND " + open
		},
		"person": func(id string) string { return "EXISTS (SELECT 1 FROM cases x WHERE x.applicant = " + id + ")" },
	}
}
