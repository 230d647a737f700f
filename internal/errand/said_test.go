package errand

import (
	"context"
	"slices"
	"testing"
	"time"

	"tongban/internal/clock"
	"tongban/internal/fault"
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

// TestWhatWasSignedYesterdayRunsFromYesterday: what is told later has the day on which it was done, not that of the telling.
func TestWhatWasSignedYesterdayRunsFromYesterday(t *testing.T) {
	t.Parallel()
	h := open(t)
	now := h.store.Clock().Now().Truncate(time.Second)
	at := func(before time.Duration) context.Context {
		return store.WithSaid(t.Context(), store.Said{At: now.Add(-before), Skew: 10 * time.Minute})
	}
	in := h.entrustment(h.draft())
	in.Until = h.today().AddDays(-2) // over before it was told
	seen, err := h.Entrust(at(72*time.Hour), h.clerk(), in)
	must(t, err)
	if want := clock.DateOf(now.Add(-72 * time.Hour)); seen.ValidFrom != want {
		t.Errorf("it runs from %s, not from %s", seen.ValidFrom, want)
	}
	in = h.entrustment(h.draft())
	in.Until = h.today().AddDays(-4)
	_, err = h.Entrust(at(72*time.Hour), h.clerk(), in)
	want(t, err, fault.BadField)

	how := Identity{How: "home_visit", Document: "id_card"}
	for before, done := range map[time.Duration]time.Duration{71 * time.Hour: 71 * time.Hour, 72*time.Hour + 5*time.Minute: 72 * time.Hour} { // by a clock that is slow
		seen, err = h.Identify(at(before), h.clerk(), seen.ID, how)
		must(t, err)
		if seen.IdentityAt == nil || !seen.IdentityAt.Equal(now.Add(-done)) {
			t.Errorf("checked %s ago, and it says %v", before, seen.IdentityAt)
		}
	}
	_, err = h.Identify(at(80*time.Hour), h.clerk(), seen.ID, how)
	want(t, err, fault.BadField)
	seen, err = h.Identify(t.Context(), h.clerk(), seen.ID, how)
	must(t, err)
	if !seen.IdentityAt.Equal(now) {
		t.Errorf("checked now, and it says %v", seen.IdentityAt)
	}
}
