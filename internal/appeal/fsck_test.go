package appeal

import (
	"testing"

	"tongban/internal/access"
	"tongban/internal/store"
)

// TestFsckFindsHalves does to the tables what no verb does, and demands that each is named.
func TestFsckFindsHalves(t *testing.T) {
	for name, sql := range map[string]string{
		"an appeal is gone":                "DELETE FROM appeals",
		"a state that there is not":        "UPDATE appeals SET status = 'zz'",
		"a state without its act":          "UPDATE appeals SET status = 'concluded'",
		"a version without its act":        "UPDATE appeals SET version = version + 3",
		"an act without its change":        "UPDATE appeals SET version = version - 1",
		"a history is gone":                "DELETE FROM appeal_events",
		"the trail of an appeal":           "DELETE FROM trail WHERE kind = 'appeal'",
		"an applicant is gone":             "DELETE FROM persons WHERE id IN (SELECT applicant FROM appeals)",
		"a rating is gone":                 "UPDATE appeals SET rated_at = created_at",
		"nobody was told":                  "DELETE FROM outbox",
		"an office of no appeal":           "UPDATE appeal_offices SET appeal = 'nothing'",
		"an office of another county":      "UPDATE offices SET county = '219902'",
		"an office is gone":                "DELETE FROM offices",
		"a complaint unknown to the trail": "UPDATE appeals SET about_person = 'somebody'",
		"a complaint of another":           "INSERT INTO appeal_about (appeal, person, office) SELECT id, 'somebody', '' FROM appeals",
		"a complaint of no appeal":         "INSERT INTO appeal_about (appeal, person, office) VALUES ('nothing', 'somebody', '')",
		"nobody contacted him":             "UPDATE appeals SET contacted_at = NULL",
		"the owner's office is unknown":    "UPDATE appeals SET office = ''",
	} {
		t.Run(name, func(t *testing.T) {
			h := open_(t)
			h.to(Handling, h.submit().ID)
			h.sound()
			must(t, h.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { return tx.Exec(sql).Error }))
			faults, err := h.store.Fsck(t.Context(), Checks())
			must(t, err)
			if len(faults) == 0 {
				t.Errorf("fsck found nothing after %s", sql)
			}
		})
	}
}
