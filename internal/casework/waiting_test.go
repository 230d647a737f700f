package casework

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tongban/internal/clock"
	"tongban/internal/store"
)

// decidedBefore copies a case of the item, once for each wait: applied and decided at these moments.
func (h *house) decidedBefore(item string, waits ...[2]time.Time) {
	h.t.Helper()
	c := h.row(h.file(item))
	must(h.t, h.store.Write(h.t.Context(), h.system(), func(tx *store.Tx) error {
		var rows []Case
		for _, w := range waits {
			c.ID, c.Number, c.Status, c.AppliedAt, c.DecidedAt = tx.NewID(), nil, Concluded, &w[0], &w[1]
			rows = append(rows, c)
		}
		return tx.CreateInBatches(rows, 10).Error
	}))
}

func (h *house) waitOf(item string) waitRow {
	h.t.Helper()
	var r waitRow
	must(h.t, h.store.Read(h.t.Context()).Where("item = ?", item).Take(&r).Error)
	return r
}

func (h *house) countWaits() int {
	h.t.Helper()
	n, err := h.CountWaits(h.t.Context())
	must(h.t, err)
	return n
}

// slowModel counts day by day, and takes the smallest wait that so many did not exceed.
func slowModel(h *house, waits [][2]time.Time, from, before time.Time) (n, median, p90 int) {
	var days []int
	for _, w := range waits {
		if w[1].Before(from) || !w[1].Before(before) {
			continue
		}
		d := 0
		for day := clock.DateOf(w[0]); day != clock.DateOf(w[1]); {
			day = day.AddDays(1)
			if h.calendar.Working(day) {
				d++
			}
		}
		days = append(days, d)
	}
	at := func(share float64) int {
		for _, d := range slices.Sorted(slices.Values(days)) {
			within := 0
			for _, other := range days {
				if other <= d {
					within++
				}
			}
			if float64(within) >= share*float64(len(days)) {
				return d
			}
		}
		return 0
	}
	return len(days), at(0.5), at(0.9)
}

func TestWaitsEqualASlowModel(t *testing.T) {
	t.Parallel()
	h := open(t)
	r := rand.New(rand.NewPCG(3, 4))
	now := h.store.Clock().Now()
	var waits [][2]time.Time
	for range piece + 200 { // more than one piece, and several in one second
		decided := now.Add(-time.Duration(r.IntN(120*24)) * time.Hour).Truncate(time.Second)
		waits = append(waits, [2]time.Time{decided.Add(-time.Duration(r.IntN(40*24)) * time.Hour), decided})
	}
	today := clock.DateOf(now)
	from := clock.Date{Year: 2026, Month: time.August, Day: today.Day}.Start()
	waits = append(waits, // the edges
		[2]time.Time{from.Add(-time.Hour), from}, [2]time.Time{from.Add(-time.Hour), from.Add(-time.Second)},
		[2]time.Time{from, today.Start().Add(-time.Second)}, [2]time.Time{from, today.Start()})
	for i := range waits {
		waits[i] = [2]time.Time{waits[i][0].UTC(), waits[i][1].UTC()}
	}
	h.decidedBefore(claim, waits...)
	h.countWaits()
	n, median, p90 := slowModel(h, waits, from, today.Start())
	if got := h.waitOf(claim); got.Decided != n || got.Median != median || got.P90 != p90 || got.UntilOn != today || n < piece*2/3 {
		t.Errorf("%+v; the slow model has %d, %d, %d", got, n, median, p90)
	}
}

// A day's round counts each item once; the catalogue is built anew only when people are told something else.
func TestWaitsAreCountedOnceADay(t *testing.T) {
	t.Parallel()
	h := open(t)
	items := len(h.items.Now().Guides())
	if n := h.countWaits(); n != items {
		t.Errorf("%d of %d items were counted", n, items)
	}
	must(t, h.items.Reload(t.Context()))
	before := h.items.Now().Revision
	if n := h.countWaits(); n != 0 {
		t.Errorf("%d were counted twice", n)
	}
	guide, err := h.items.Guide(claim)
	must(t, err)
	if guide.Waiting.Text() != "最近三个月办完的太少，说不准要等多久" {
		t.Errorf("of nothing it says %q", guide.Waiting.Text())
	}
	decided := h.store.Clock().Now().Truncate(time.Second)
	few := make([][2]time.Time, h.rules.Waiting.Least-1)
	for i := range few {
		few[i] = [2]time.Time{decided.Add(-24 * time.Hour), decided}
	}
	h.decidedBefore(claim, few...)
	h.pass(24 * time.Hour)
	if n := h.countWaits(); n != items {
		t.Errorf("the next day %d of %d were counted", n, items)
	}
	must(t, h.items.Reload(t.Context()))
	if h.items.Now().Revision != before || h.waitOf(claim).Decided != len(few) {
		t.Errorf("%d are too few to tell of, and yet the catalogue was built anew", len(few))
	}
	h.decidedBefore(claim, [2]time.Time{decided.Add(-time.Hour), decided})
	h.pass(24 * time.Hour)
	h.countWaits()
	must(t, h.items.Reload(t.Context()))
	guide, err = h.items.Guide(claim)
	must(t, err)
	if w := guide.Waiting; h.items.Now().Revision != before+1 || !w.Enough || w.Decided != h.rules.Waiting.Least {
		t.Errorf("revision %d after %d, told %+v", h.items.Now().Revision, before, w)
	}
	h.pass(100 * 24 * time.Hour) // they are out of the window
	h.countWaits()
	if w := h.waitOf(claim); w.Decided != 0 || w.Median != 0 {
		t.Errorf("after its time it is still told: %+v", w)
	}
}

// One item whose cases cannot be read keeps no other waiting, and is told of until it can.
func TestOneItemThatFailsKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	h := open(t)
	items := len(h.items.Now().Guides())
	broken, failing := errors.New("this page of the index is broken"), true
	reads := h.store.Read(t.Context()).Callback().Query()
	must(t, reads.Before("gorm:query").Register("broken", func(db *gorm.DB) {
		where, _ := db.Statement.Clauses["WHERE"].Expression.(clause.Where)
		for _, e := range where.Exprs {
			if expr, ok := e.(clause.Expr); ok && failing && db.Statement.Table == "cases" && slices.Contains(expr.Vars, any(claim)) {
				_ = db.AddError(broken)
			}
		}
	}))
	n, err := h.CountWaits(t.Context())
	if n != items-1 || !errors.Is(err, broken) || !strings.Contains(err.Error(), claim) {
		t.Errorf("%d of %d items were counted: %v", n, items, err)
	}
	if n, err := h.CountWaits(t.Context()); n != 0 || !errors.Is(err, broken) {
		t.Errorf("the others were counted twice: %d, %v", n, err)
	}
	failing = false
	if n := h.countWaits(); n != 1 {
		t.Errorf("%d were counted once it could be read", n)
	}
}

func TestMonthsBefore(t *testing.T) {
	for want, c := range map[clock.Date]struct {
		day clock.Date
		n   int
	}{
		{Year: 2026, Month: 8, Day: 23}:  {clock.Date{Year: 2026, Month: 11, Day: 23}, 3},
		{Year: 2024, Month: 2, Day: 29}:  {clock.Date{Year: 2024, Month: 5, Day: 31}, 3},
		{Year: 2025, Month: 12, Day: 31}: {clock.Date{Year: 2026, Month: 1, Day: 31}, 1},
		{Year: 2025, Month: 1, Day: 15}:  {clock.Date{Year: 2026, Month: 1, Day: 15}, 12},
		{Year: 2026, Month: 6, Day: 30}:  {clock.Date{Year: 2026, Month: 7, Day: 31}, 1},
		{Year: 2025, Month: 12, Day: 1}:  {clock.Date{Year: 2026, Month: 12, Day: 1}, 12},
		{Year: 2026, Month: 2, Day: 28}:  {clock.Date{Year: 2026, Month: 3, Day: 29}, 1},
		{Year: 2026, Month: 11, Day: 10}: {clock.Date{Year: 2027, Month: 2, Day: 10}, 3},
	} {
		if got := monthsBefore(c.day, c.n); got != want {
			t.Errorf("%d months before %s: %s, want %s", c.n, c.day, got, want)
		}
	}
}
