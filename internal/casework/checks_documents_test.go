package casework

import (
	"slices"
	"strings"
	"testing"

	"tongban/internal/store"
)

// found are the names of what fsck finds, of this desk's tables and of what the documents say.
func (h *house) found() (names []string) {
	h.t.Helper()
	faults, err := h.store.Fsck(h.t.Context(), Checks())
	must(h.t, err)
	papers, err := CheckDocuments(h.t.Context(), h.store, h.rules)
	must(h.t, err)
	for _, f := range append(faults, papers...) {
		names = append(names, f.Check)
	}
	slices.Sort(names)
	return names
}

// TestFsckComparesDocuments finds each fault that is planted in the documents and their numbers, and nothing else.
func TestFsckComparesDocuments(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, id := range []string{h.file(claim), h.file(claim), h.file(claim)} {
		h.to(Delivered, id)
	}
	var instant []documentRow
	h.to(Received, h.file(enrolment))
	must(t, h.do(Grant, h.decider(), h.to(Received, h.file(enrolment)))) // accepted with it
	must(t, h.store.Read(t.Context()).Where("kind IN ?", []DocumentKind{AcceptancePaper, DeliveryPaper}).Order("kind, sequence").Find(&instant).Error)
	if names := h.found(); len(names) != 0 {
		t.Fatalf("a sound house: %v", names)
	}
	const (
		lacks, rootless, twice = "acts without their document", "documents without the act that makes them", "acts with the same document twice"
		gap, last              = "series of documents with a gap or a number twice", "series of documents that count otherwise than their last"
		hash, again            = "documents that say something else than their hash", "documents that cannot be made again"
	)
	first, end := instant[0], instant[len(instant)-1]
	sealed, err := h.store.Keys().Open(sealedDocument(first.ID), first.Data)
	must(t, err)
	forged := h.store.Keys().Seal(sealedDocument(first.ID), []byte(strings.Replace(string(sealed), "申领", "申请", 1)))
	for name, c := range map[string]struct {
		plant []string
		args  [][]any
		want  []string
	}{
		"the last paper is gone":        {[]string{"DELETE FROM case_documents WHERE id = ?"}, [][]any{{end.ID}}, []string{lacks, last}},
		"a paper in the middle is gone": {[]string{"DELETE FROM case_documents WHERE id = ?"}, [][]any{{instant[1].ID}}, []string{lacks, gap}},
		"the last paper and its number are gone": {[]string{"DELETE FROM case_documents WHERE id = ?", "UPDATE document_series SET last = last - 1 WHERE office = ? AND series = ?"},
			[][]any{{end.ID}, {end.Office, end.Series}}, []string{lacks}},
		"an act is gone":         {[]string{"UPDATE case_events SET act = 'note' WHERE case_id = ? AND version = ?"}, [][]any{{end.CaseID, end.Version}}, []string{rootless}},
		"a paper of another act": {[]string{"UPDATE case_documents SET kind = 'refusal' WHERE id = ?"}, [][]any{{end.ID}}, []string{lacks, hash, rootless}},
		"a paper of no case":     {[]string{"UPDATE case_documents SET case_id = 'none' WHERE id = ?"}, [][]any{{end.ID}}, []string{lacks, rootless}},
		"two papers of one act": {[]string{"UPDATE case_documents SET case_id = ?, version = ? WHERE id = ?"}, [][]any{{end.CaseID, end.Version, instant[len(instant)-2].ID}},
			[]string{lacks, twice}},
		"another number":               {[]string{"UPDATE case_documents SET sequence = sequence + 1 WHERE id = ?"}, [][]any{{end.ID}}, []string{gap, last, hash}},
		"a counter ahead":              {[]string{"UPDATE document_series SET last = last + 1 WHERE office = ? AND series = ?"}, [][]any{{end.Office, end.Series}}, []string{last}},
		"another content":              {[]string{"UPDATE case_documents SET data = ? WHERE id = ?"}, [][]any{{forged, first.ID}}, []string{hash}},
		"another hash":                 {[]string{"UPDATE case_documents SET hash = ? WHERE id = ?"}, [][]any{{strings.Repeat("0", 64), first.ID}}, []string{hash}},
		"a content that does not open": {[]string{"UPDATE case_documents SET data = ? WHERE id = ?"}, [][]any{{[]byte("nonsense"), first.ID}}, []string{again}},
		"a text that is no more":       {[]string{"UPDATE case_documents SET text_version = 7 WHERE id = ?"}, [][]any{{first.ID}}, []string{again}},
	} {
		var events []Event
		var documents []documentRow
		var series []map[string]any
		db := h.store.Read(t.Context())
		must(t, db.Find(&events).Error)
		must(t, db.Find(&documents).Error)
		must(t, db.Table("document_series").Find(&series).Error)
		must(t, h.store.Write(t.Context(), h.system(), func(tx *store.Tx) error {
			for i, statement := range c.plant {
				if done := tx.Exec(statement, c.args[i]...); done.Error != nil || done.RowsAffected != 1 {
					t.Errorf("%s: %d rows, %v", name, done.RowsAffected, done.Error)
				}
			}
			return nil
		}))
		slices.Sort(c.want)
		if got := h.found(); !slices.Equal(got, c.want) {
			t.Errorf("%s: found %v, want %v", name, got, c.want)
		}
		must(t, h.store.Write(t.Context(), h.system(), func(tx *store.Tx) error { // as before
			for _, table := range []string{"case_events", "case_documents", "document_series"} {
				if err := tx.Exec("DELETE FROM " + table).Error; err != nil {
					return err
				}
			}
			if err := tx.CreateInBatches(&events, 100).Error; err != nil {
				return err
			}
			if err := tx.CreateInBatches(&documents, 100).Error; err != nil {
				return err
			}
			return tx.Table("document_series").Create(&series).Error
		}))
	}
	if names := h.found(); len(names) != 0 {
		t.Errorf("in the end: %v", names)
	}
}
