package errand

import (
	"time"

	"gorm.io/gorm"

	"tongban/internal/casework"
	"tongban/internal/store"
)

// over: the errand e has ended its time, and so has the case that it was for. Papers and photos know the case through their errand alone, so
// that About cannot name it.
var over = " AND e.status IN ? AND e.updated_at < ? AND NOT " + casework.Disputes()["case"]("e.case_id")

// Perishables are what this desk gives up after its time, together with the case: who entrusted, what was signed, who received.
var Perishables = []store.Perishable{
	{
		Code: "errand.over", Table: "errands", Keys: []string{"id"}, Since: "concluded", At: "updated_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND status IN ? AND updated_at < ? AND principal <> ''", store.FirstID(before), Flow.Final, before)
		},
		Set: map[string]any{
			"principal": "", "guardian": "", "entruster": nil, "scope": gorm.Expr("''"), "witness_one": nil, "witness_two": nil, "receiver": nil, "receipt": nil,
			"refusal": nil, "refusal_witness_one": nil, "refusal_witness_two": nil,
		},
		About: []store.Part{{Of: "case", Column: "case_id"}},
	},
	{
		Code: "errand_paper.over", Table: "errand_papers", Keys: []string{"id"}, Since: "concluded", At: "at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ? AND LENGTH(signer) > 0", store.FirstID(before)).
				Where("EXISTS (SELECT 1 FROM errands e WHERE e.id = errand_papers.errand_id"+over+")", Flow.Final, before)
		},
		Set: map[string]any{"name": gorm.Expr("''"), "signer": gorm.Expr("''")},
	},
	{
		Code: "errand_photo.over", Table: "files", Keys: []string{"id"}, Since: "concluded", At: "created_at",
		Due: func(db *gorm.DB, before time.Time) *gorm.DB {
			return db.Where("id < ?", store.FirstID(before)).
				Where("EXISTS (SELECT 1 FROM errand_events v JOIN errands e ON e.id = v.errand_id WHERE v.id = files.object"+over+")", Flow.Final, before)
		},
	},
}
