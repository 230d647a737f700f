package errand

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

var november = clock.Date{Year: 2026, Month: time.November, Day: 1}

// grow copies an errand of the house, so that there are as many, entrusted one second apart.
func (h *house) grow(id string, n int) {
	h.t.Helper()
	e := h.row(id)
	must(h.t, h.store.Write(h.t.Context(), access.Round(xinglin), func(tx *store.Tx) error {
		rows := make([]Errand, 0, n)
		for range n {
			e.ID, e.OpenCase = tx.NewID(), nil
			e.Number = e.ID[:32]
			rows = append(rows, e)
		}
		return tx.CreateInBatches(rows, 20).Error
	}))
}

func TestALedgerIsReadInPiecesAndNeverCut(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.grow(h.to(Revoked), perPiece+1)
	l, err := h.Ledger(t.Context(), h.clerk(), LedgerOrder{Month: november})
	must(t, err)
	numbers := map[string]bool{}
	for _, e := range l.Entries {
		numbers[e.Number] = true
	}
	if len(l.Entries) != perPiece+2 || len(numbers) != len(l.Entries) || !slices.IsSortedFunc(l.Entries, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) }) {
		t.Errorf("%d entries of %d errands, of %d", len(l.Entries), len(numbers), perPiece+2)
	}
	figures, err := h.Figures(t.Context(), h.clerk(), FiguresOrder{From: november, Through: november, By: ByMonth})
	must(t, err)
	if len(figures) != 1 || figures[0].Registered != perPiece+2 || figures[0].Stopped != perPiece+2 || figures[0].Workdays != nil {
		t.Errorf("they add up to %+v", figures)
	}
	full := LedgerOrder{Month: november, Names: &account.Look{Fields: []string{"name"}, Cause: account.ToFile, Note: "月底造册"}}
	_, err = h.Ledger(t.Context(), h.clerk(), full)
	want(t, err, ErrLedgerLarge)
	for range wholeLedgers.Most { // a refusal costs nothing
		full.Month = nextMonth(november)
		_, err = h.Ledger(t.Context(), h.clerk(), full)
		must(t, err)
	}
	_, err = h.Ledger(t.Context(), h.clerk(), full)
	want(t, err, ErrLedgerQuota)
}

// The edges of a month lie at midnight in Shanghai.
func TestAMonthBeginsInShanghai(t *testing.T) {
	t.Parallel()
	h := open(t)
	at := func(moment time.Time) { h.store.Clock().Set(moment) }
	at(time.Date(2026, 11, 30, 15, 59, 59, 0, time.UTC))
	last := h.entrust()
	at(time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC))
	first := h.entrust()
	for month, number := range map[clock.Date]string{november: last.Number, nextMonth(november): first.Number} {
		l, err := h.Ledger(t.Context(), h.clerk(), LedgerOrder{Month: month})
		must(t, err)
		if len(l.Entries) != 1 || l.Entries[0].Number != number {
			t.Errorf("%s has %d entries", month, len(l.Entries))
		}
	}
}

func TestWhoTakesALedger(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.entrust()
	for _, role := range append(access.Roles(), access.System, access.County) {
		actor := access.Actor{Person: "somebody", Post: "post", Role: role, Office: "office", Area: xinglin}
		_, err := h.Ledger(t.Context(), actor, LedgerOrder{Month: november})
		_, figures := h.Figures(t.Context(), actor, FiguresOrder{From: november, Through: november, By: ByVillage})
		if role == access.Clerk || role == access.Supervisor {
			must(t, err)
			must(t, figures)
			continue
		}
		want(t, err, fault.NotYours)
		want(t, figures, fault.NotYours)
	}
	_, err := h.Ledger(t.Context(), h.clerk(), LedgerOrder{Month: november, Area: "219901101"})
	want(t, err, fault.NotFound) // above his own
	_, err = h.Ledger(t.Context(), h.clerk(), LedgerOrder{Month: november, Area: "nonsense"})
	want(t, err, fault.NotFound)
}

// spreadOf takes a value that somebody really waited, by the nearest rank.
func TestSpread(t *testing.T) {
	for name, c := range map[string]struct {
		waits       []int
		median, p90 int
	}{
		"one":         {[]int{7}, 7, 7},
		"two":         {[]int{9, 1}, 1, 9},
		"three":       {[]int{5, 1, 3}, 3, 5},
		"ten":         {[]int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 5, 9},
		"eleven":      {[]int{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 6, 10},
		"all at once": {[]int{0, 0, 0, 0}, 0, 0},
	} {
		if s := spreadOf(c.waits); *s != (Spread{c.median, c.p90}) {
			t.Errorf("%s: %+v, want %d and %d", name, *s, c.median, c.p90)
		}
	}
	if spreadOf(nil) != nil {
		t.Error("of nothing there is a median")
	}
}
