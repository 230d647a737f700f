package api

import (
	"net/http"
	"testing"
)

// TestFewWorkbooksAtOnce: who finds no seat is asked to come again, and it costs him nothing; a refusal gives its seat back.
func TestFewWorkbooksAtOnce(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	const by, full = "clerk-xinglin", `{` + thisMonth + `,"names":"full","cause":"file","note":"月底造册"}`
	for range mostPrinting {
		h.printers <- struct{}{}
	}
	w := h.must(t, by, http.StatusServiceUnavailable, "POST", "/errands/ledger", full)
	if p := problemOf(t, w); p.Code != "workbook.busy" || w.Header().Get("Retry-After") != "5" {
		t.Errorf("%+v, again after %q", p, w.Header().Get("Retry-After"))
	}
	h.wantRows(t, 0, "tries", "kind = 'ledger_whole'")
	h.wantRows(t, 0, "trail", "act = 'errand.export'")
	<-h.printers
	h.must(t, by, http.StatusOK, "POST", "/errands/ledger", full)
	for range mostPrinting {
		h.must(t, "supervisor", http.StatusForbidden, "POST", "/errands/ledger", full)
	}
	if taken := len(h.printers); taken != mostPrinting-1 {
		t.Errorf("%d seats are taken", taken)
	}
}
