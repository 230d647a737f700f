package appeal

import (
	"slices"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// TestEveryWayToAnAppeal: rows are found by different ways, depending on who asks and for what. Each finds what the actor sees one by one, and no other,
// the newest first, on pages of two as on one.
func TestEveryWayToAnAppeal(t *testing.T) {
	t.Parallel()
	h := open_(t)
	var ids []string
	states := []flow.State{Submitted, Dispatched, Acknowledged, Handling, Shelved, Replied, FollowingUp, Concluded, Declined, Handling, Dispatched}
	for i, state := range states {
		id := h.to(state, h.file())
		ids = append([]string{id}, ids...)
		if h.row(id).Office != "" && i%2 == 1 {
			h.helped(id, "water")
		}
		h.pass(12 * time.Hour)
	}
	of := func(states ...flow.State) func(Appeal) bool {
		return func(a Appeal) bool { return slices.Contains(states, a.Status) }
	}
	h.pass(h.row(ids[1]).LateAt.Sub(h.store.Clock().Now()) - time.Minute) // some are late, some will be today
	found, now := map[string]int{}, h.store.Clock().Now()
	for name, c := range map[string]struct {
		filter Filter
		meant  func(Appeal) bool
	}{
		"all":        {Filter{}, func(Appeal) bool { return true }},
		"consulting": {Filter{Class: Consult}, func(a Appeal) bool { return a.Class == Consult }},
		"complaints": {Filter{Class: Complaint}, func(Appeal) bool { return false }},
		"under way":  {Filter{Status: []flow.State{Dispatched, Handling}}, of(Dispatched, Handling)},
		"ended too":  {Filter{Status: []flow.State{Handling, Concluded}}, of(Handling, Concluded)},
		"late":       {Filter{Light: "red"}, func(a Appeal) bool { return a.LateAt != nil && !a.LateAt.After(now) }},
		"hers, his":  {Filter{Mine: true}, func(Appeal) bool { return true }},
		"today": {Filter{Queue: "due_today"}, func(a Appeal) bool {
			return of(toHandle...)(a) && a.LateAt.After(now) && !a.LateAt.After(clock.DateOf(now).End())
		}},
		"late at work": {Filter{Queue: "red"}, func(a Appeal) bool { return of(toHandle...)(a) && !a.LateAt.After(now) }},
	} {
		for _, actor := range []access.Actor{
			h.resident, h.clerk(), h.as("clerk-xinglin", gridWorker), h.dispatcher(), h.supervisor(), h.followUp(),
			h.officer(), h.as("officer-water", officer), h.as("officer-housing", officer), in(officer, xinglin.Town(), h.office("water")),
		} {
			if _, mine := queues.Find(actor.Role, c.filter.Queue); c.filter.Queue != "" && !mine {
				continue
			}
			var want []string
			for _, id := range ids {
				row := h.row(id)
				mine := !c.filter.Mine || actor.Role != officer && actor.Role != clerk || slices.Contains([]string{row.Owner, row.Agent}, actor.Person)
				if _, err := h.Get(t.Context(), actor, id); err == nil && mine && c.meant(row) {
					want = append(want, id)
				}
			}
			found[name+", as "+string(actor.Role)] += len(want)
			if c.filter.Queue != "" {
				counts, err := h.Queues(t.Context(), actor)
				must(t, err)
				for _, n := range counts {
					if n.Queue == c.filter.Queue && n.N != int64(len(want)) {
						t.Errorf("%s, as %s of %q: counted %d, want %d", name, actor.Role, actor.Office, n.N, len(want))
					}
				}
			}
			for _, limit := range []int{2, 100} {
				if got := h.pages(actor, c.filter, limit); !slices.Equal(got, want) {
					t.Errorf("%s, as %s of %q, %d a page: %v, want %v", name, actor.Role, actor.Office, limit, got, want)
				}
			}
		}
	}
	for _, name := range []string{"all", "consulting", "under way", "ended too", "late", "hers, his", "today", "late at work"} {
		if found[name+", as officer"] < 2 {
			t.Errorf("%s: nothing was looked for as an officer", name)
		}
	}
}

// TestAnOfficersCountsAreHisLists: what is counted for an officer, of the leading office or of one that helps, is what he is listed.
func TestAnOfficersCountsAreHisLists(t *testing.T) {
	t.Parallel()
	h := open_(t)
	for i, state := range []flow.State{Dispatched, Acknowledged, Handling, Handling, Shelved, Replied, Concluded} {
		id := h.to(state, h.file())
		if i%2 == 0 {
			h.helped(id, "water")
		}
	}
	h.pass(30 * 24 * time.Hour)
	late := 0
	for _, actor := range []access.Actor{h.officer(), h.as("officer-water", officer), in(officer, xinglin.Town(), h.office("water")), h.as("officer-housing", officer)} {
		states, err := h.Counts(t.Context(), actor)
		must(t, err)
		for state, n := range states {
			if got := h.pages(actor, Filter{Status: []flow.State{state}}, 100); len(got) != n {
				t.Errorf("%s of %s: counted %d, listed %d", state, actor.Office, n, len(got))
			}
		}
		counts, err := h.Queues(t.Context(), actor)
		must(t, err)
		for _, c := range counts {
			got := h.pages(actor, Filter{Queue: c.Queue}, 100)
			if int64(len(got)) != c.N {
				t.Errorf("%s of %s: counted %d, listed %d", c.Queue, actor.Office, c.N, len(got))
			}
			if c.Queue == "red" {
				late += len(got)
			}
		}
	}
	if late != 4+2+2 { // of 民政局, and twice of 水务局
		t.Errorf("%d are late", late)
	}
}

// helped gives an appeal that was dispatched a helping office.
func (h *house) helped(id, office string) {
	h.t.Helper()
	must(h.t, h.store.Write(h.t.Context(), h.system(), func(tx *store.Tx) error {
		return give(tx, id, h.row(id).Office, []string{h.office(office)})
	}))
}

// pages are the ids of a list, read to its end.
func (h *house) pages(actor access.Actor, f Filter, limit int) (ids []string) {
	h.t.Helper()
	for f.Limit = limit; ; f.After = ids[len(ids)-1] {
		page, err := h.List(h.t.Context(), actor, f)
		must(h.t, err)
		for _, s := range page {
			ids = append(ids, s.ID)
		}
		switch {
		case len(page) < limit:
			return ids
		case len(ids) > 1000:
			h.t.Fatalf("the list does not end: %+v", f)
		}
	}
}
