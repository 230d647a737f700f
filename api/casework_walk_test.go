package api

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/flow"
	"tongban/internal/store/storetest"
)

// openCases is a house in which the applicant lives somewhere.
func openCases(t *testing.T) *house {
	t.Helper()
	h := openFull(t)
	h.tellMore(t, "zhang", "13800000001", xinglin+"02")
	return h
}

// caseAt is a new case in that state.
func (h *house) caseAt(t *testing.T, state flow.State, item string) *matter {
	t.Helper()
	m := filed()
	m.item = item
	h.draft(t, m)
	if state == casework.Lapsed {
		h.walkCase(t, m, caseWay[casework.Correcting]...)
		h.clock.Advance(40 * 24 * time.Hour)
		h.caseRounds(t)
		return m
	}
	return h.walkCase(t, m, caseWay[state]...)
}

func (h *house) caseRounds(t *testing.T) {
	t.Helper()
	if _, err := h.Cases.Rounds(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// itemFor is an item for which the row can be walked.
func itemFor(row flow.Row) string {
	switch {
	case row.From == casework.Received && (row.Do == casework.Grant || row.Do == casework.Deny):
		return pension
	case row.Do == casework.Lapse:
		return legalAid
	}
	return claim
}

// caseSeenBy: a draft is nobody's business but the applicant's side's.
func caseSeenBy(role access.Role, state flow.State) bool {
	if state == casework.Draft || state == casework.Discarded {
		return sees(aDraft, role, his, "")
	}
	return sees(aCase, role, his, "")
}

// TestEveryCaseRow walks every row of the case table that people have, through the API, as each role that may.
func TestEveryCaseRow(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	var calls storetest.Sample
	for _, row := range casework.Flow.Rows {
		for _, role := range row.By {
			if role == access.System || role == access.County || !calls.Takes() {
				continue
			}
			m := h.caseAt(t, row.From, itemFor(row))
			who := playerOf(role, m)
			if row.Do == casework.Submit && who == m.by {
				h.readyToFile(t, m) // which raises the version of the draft
			}
			before := h.caseStands(t, m)
			w := h.moveCase(t, who, row.Do, m)
			if w.Code != http.StatusOK {
				t.Errorf("%s in %s by %s: %d %s", row.Do, row.From, role, w.Code, w.Body)
				continue
			}
			if after := h.caseStands(t, m); after.Status != row.To || after.Version != before.Version+1 {
				t.Errorf("%s in %s by %s leads to %s, version %d, not to %s, version %d", row.Do, row.From, role, after.Status, after.Version, row.To, before.Version+1)
			}
		}
	}
}

// TestEveryWrongCaseRow tries every act in every state as every role that has no such row.
func TestEveryWrongCaseRow(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	var calls storetest.Sample
	for _, state := range casework.Flow.States {
		item := claim
		if state.Name == casework.Lapsed {
			item = legalAid
		}
		m := h.caseAt(t, state.Name, item)
		before := h.caseStands(t, m)
		if before.Status != state.Name {
			t.Fatalf("%s, not %s", before.Status, state.Name)
		}
		for _, do := range casework.Verbs() {
			if do == casework.Lapse { // only the program and the county's platform do that: there is no route
				continue
			}
			for _, role := range access.Roles() {
				if !hasCaseRow(do, func(r flow.Row) bool { return r.From == state.Name && slices.Contains(r.By, role) }) && calls.Takes() {
					h.caseMustNot(t, do, role, m, before)
				}
			}
		}
		if after := h.caseStands(t, m); after.Version != before.Version || !after.UpdatedAt.Equal(before.UpdatedAt) {
			t.Errorf("refused acts changed the case in %s", state.Name)
		}
	}
}

// caseMustNot: who does not see the case finds nothing; who never does this may not; and who comes at the wrong time is told
// how it stands.
func (h *house) caseMustNot(t *testing.T, do flow.Act, role access.Role, m *matter, now CaseView) {
	t.Helper()
	want := staleCase
	switch {
	case !caseSeenBy(role, now.Status):
		want = notFound
	case !hasCaseRow(do, func(r flow.Row) bool { return slices.Contains(r.By, role) }):
		want = notByYou
	}
	w := h.actOn(t, playerOf(role, m), do, m)
	p := problemOf(t, w)
	if w.Code != want.status || p.Code != want.code {
		t.Errorf("%s in %s by %s: want %d %s, got %d %s", do, now.Status, role, want.status, want.code, w.Code, w.Body)
	}
	if want == staleCase && (p.Current == nil || p.Current.Status != string(now.Status) || p.Current.Version != now.Version || p.Current.Offers == nil) {
		t.Errorf("%s in %s by %s: a conflict without the present state: %s", do, now.Status, role, w.Body)
	}
}

func hasCaseRow(do flow.Act, is func(flow.Row) bool) bool {
	return slices.ContainsFunc(casework.Flow.Rows, func(r flow.Row) bool { return r.Do == do && is(r) })
}

// caseStands is the case as the applicant sees it.
func (h *house) caseStands(t *testing.T, m *matter) CaseView {
	t.Helper()
	return read[CaseView](t, h.must(t, "zhang", http.StatusOK, "GET", "/cases/"+m.id, ""))
}

// TestEveryCaseRowOfTheProgram lets forty days pass, in which every limit is over, and the rounds do what is theirs.
func TestEveryCaseRowOfTheProgram(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	walked := 0
	for _, row := range casework.Flow.Rows {
		if !slices.Contains(row.By, access.System) {
			continue
		}
		m := h.caseAt(t, row.From, itemFor(row))
		h.clock.Advance(40 * 24 * time.Hour)
		h.caseRounds(t)
		now := h.caseStands(t, m)
		if !slices.ContainsFunc(now.History, func(e caseHappeningView) bool {
			return e.Role == access.System && e.Act == row.Do && e.From == row.From && e.To == row.To
		}) {
			t.Errorf("%s in %s was not done by the program; it is %s now", row.Do, row.From, now.Status)
		}
		walked++
	}
	if walked != 4 {
		t.Errorf("%d rows of the program", walked)
	}
}
