package api

import (
	"net/http"
	"slices"
	"testing"

	"tongban/internal/access"
	"tongban/internal/errand"
	"tongban/internal/flow"
	"tongban/internal/store/storetest"
)

// TestEveryErrandRow walks every row of the errand table that people have, through the API, as each role that may.
func TestEveryErrandRow(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	var calls storetest.Sample
	for _, row := range errand.Flow.Rows {
		for _, role := range row.By {
			if role == access.System || !calls.Takes() {
				continue
			}
			e := h.errandAt(t, row.From)
			if row.Do == errand.TakeResult { // as if the decision had come while it was paused
				h.walkErrand(t, e, errand.Pause, byCounty, errand.GoOn)
			}
			before := h.errandStands(t, e)
			if w := h.onErrandAct(t, errandPlayer(role, row.Do, e), row.Do, e); w.Code != http.StatusOK {
				t.Errorf("%s in %s by %s: %d %s", row.Do, row.From, role, w.Code, w.Body)
				continue
			}
			if after := h.errandStands(t, e); after.Status != row.To || after.Version != before.Version+1 {
				t.Errorf("%s in %s by %s leads to %s, version %d, not to %s, version %d", row.Do, row.From, role, after.Status, after.Version, row.To, before.Version+1)
			}
		}
	}
}

// TestEveryWrongErrandRow tries every act in every state as every role that has no such row.
func TestEveryWrongErrandRow(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	var calls storetest.Sample
	for _, state := range errand.Flow.States {
		e := h.errandAt(t, state.Name)
		before := h.errandStands(t, e)
		for _, do := range errand.Verbs() {
			for _, role := range access.Roles() {
				if hasErrandRow(do, func(r flow.Row) bool { return r.From == state.Name && slices.Contains(r.By, role) }) || !calls.Takes() {
					continue
				}
				want := staleErrand
				switch {
				case !sees(anErrand, role, his, ""):
					want = notFound
				case !hasErrandRow(do, func(r flow.Row) bool { return slices.Contains(r.By, role) }):
					want = notByYou
				}
				w := h.onErrandAct(t, errandPlayer(role, do, e), do, e)
				p := problemOf(t, w)
				if w.Code != want.status || p.Code != want.code {
					t.Errorf("%s in %s by %s: want %d %s, got %d %s", do, state.Name, role, want.status, want.code, w.Code, w.Body)
				}
				if want == staleErrand && (p.Current == nil || p.Current.Status != string(state.Name) || p.Current.Offers == nil) {
					t.Errorf("%s in %s by %s: a conflict without the present state: %s", do, state.Name, role, w.Body)
				}
			}
		}
		if after := h.errandStands(t, e); after.Version != before.Version {
			t.Errorf("refused acts changed the errand in %s", state.Name)
		}
	}
}
