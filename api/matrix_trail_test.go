package api

import (
	"net/http/httptest"
	"testing"

	"tongban/internal/access"
	"tongban/internal/store"
)

// trailOf leaves a row in the trail of each of these areas.
func (m *matrix) trailOf(t *testing.T, areas ...access.Area) {
	t.Helper()
	err := m.Store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		for _, area := range areas {
			tx.Trail(store.Entry{Act: "toy.make", Kind: "toy", Object: "toy", Area: area})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// tellsNothingOfHim: the trail tells of the appeals, but not of the one that complains of its reader.
func tellsNothingOfHim(t *testing.T, m *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	told := map[any]bool{}
	for _, item := range itemsOf(t, w) {
		told[item["object"]] = true
	}
	if !told[m.object(anAppeal, his, c.caller)] || told[m.object(anAppeal, ofHim, c.caller)] {
		t.Errorf("%s is told of %v", c.caller.name, told)
	}
}

// tellsOfHisCounty: and of what belongs to no area.
func tellsOfHisCounty(t *testing.T, _ *matrix, _ rule, _ cell, w *httptest.ResponseRecorder) {
	t.Helper()
	told := map[any]bool{}
	for _, item := range itemsOf(t, w) {
		told[item["area"]] = true
	}
	if len(told) != 3 || !told["219901"] || !told[songling] || !told[store.Nowhere] {
		t.Errorf("told of %v", told)
	}
}
