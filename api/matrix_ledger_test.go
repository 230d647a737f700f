package api

import (
	"net/http/httptest"
	"slices"
	"testing"

	"tongban/internal/access"
)

// aLedger is the ledger of errands of a village.
const aLedger thing = "ledger of a village"

func init() {
	relations[aLedger] = []relation{his, elsewhere, faraway, unknown}
	seenBy[aLedger] = map[access.Role][]relation{clerk: {his}, supervisor: {his, elsewhere}}
	const month = `"month":"2026-11","area":"{object}"`
	keeps := roles(clerk, supervisor)
	rules["exportErrands"] = []rule{
		{who: staff, of: aLedger, first: keeps, deny: notForYou, want: ok, body: `{` + month + `}`, proof: hasItsErrands},
		{who: staff, of: aLedger, first: keeps, by: roles(clerk), deny: notForYou, want: ok, body: `{` + month + `,"names":"full","cause":"file","note":"月底造册"}`, proof: hasItsErrands},
	}
	rules["countErrands"] = []rule{{who: staff, of: anErrand, by: keeps, deny: notForYou, want: ok, query: "?from=2026-11&through=2026-11&by=village", proof: countsItsErrands}}
}

// keepLedgers says which village stands in which relation.
func (m *matrix) keepLedgers() {
	for rel, village := range map[relation]string{his: xinglin, elsewhere: hewan, faraway: songling, unknown: xinglin[:10] + "99"} {
		m.place(aLedger, rel, "", village)
	}
}

// hasItsErrands: the ledger of a village has the errands of that village, and no others.
func hasItsErrands(t *testing.T, m *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	var numbers []string
	for _, e := range entriesOf(t, w, "代办台账") {
		numbers = append(numbers, e["代办编号"])
	}
	village := m.object(aLedger, c.rel, c.caller)
	for _, rel := range []relation{his, neighbours, elsewhere, faraway} {
		var e struct{ Number, Village string }
		if err := m.Store.Read(t.Context()).Table("errands").Select("number, village").Where("id = ?", m.object(anErrand, rel, c.caller)).Take(&e).Error; err != nil {
			t.Fatal(err)
		}
		if slices.Contains(numbers, e.Number) != (e.Village == village) {
			t.Errorf("the ledger of %s, for %s, has the errand %q: %t", village, c.caller.name, rel, e.Village != village)
		}
	}
}

// countsItsErrands: as many as he is shown.
func countsItsErrands(t *testing.T, m *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	sum := 0.0
	for _, item := range itemsOf(t, w) {
		sum += item["registered"].(float64)
	}
	if seen := itemsOf(t, m.send(t, c.caller.name, "GET", base+"/errands?limit=100", "")); int(sum) != len(seen) {
		t.Errorf("%s counts %v errands and is shown %d", c.caller.name, sum, len(seen))
	}
}
