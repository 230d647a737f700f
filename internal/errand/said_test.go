package errand

import (
	"slices"
	"testing"
	"time"

	"tongban/internal/store"
)

// TestALedgerTellsWhenItWasDone: an entrustment that was told a day after it was made has both days, and those that were told on theirs one.
func TestALedgerTellsWhenItWasDone(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.store.Clock().Set(time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC))
	for _, before := range []time.Duration{24 * time.Hour, time.Hour} {
		ctx := store.WithSaid(t.Context(), store.Said{At: h.store.Clock().Now().Add(-before)})
		_, err := h.Entrust(ctx, h.clerk(), h.entrustment(h.draft()))
		must(t, err)
	}
	h.entrust()
	l, err := h.Ledger(t.Context(), h.clerk(), LedgerOrder{Month: november})
	must(t, err)
	var days []string
	for _, row := range l.Pages()[0].Rows {
		days = append(days, row[2])
	}
	if want := []string{"2026-11-24（2026-11-23办，后补报）", "2026-11-24", "2026-11-24"}; !slices.Equal(days, want) {
		t.Errorf("registered on %v, want %v", days, want)
	}
}
