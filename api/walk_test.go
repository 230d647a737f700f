package api

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/flow"
	"tongban/internal/store/storetest"
)

// openWalk is a house with an appeal into which others can be merged.
func openWalk(t *testing.T) (h *house, master string) {
	t.Helper()
	h = openFull(t)
	h.tellMore(t, "zhang", "13800000001", xinglin+"02")
	return h, h.hand(t, ordinary()).id
}

// at is a new appeal in that state.
func (h *house) at(t *testing.T, state flow.State, master string) *subject {
	t.Helper()
	return h.walk(t, h.hand(t, ordinary()), master, way[state]...)
}

// withNoOffice: an officer may note in every open state, but of what lies with his office.
var withNoOffice = []flow.State{appeal.Submitted, appeal.Accepted}

// TestEveryRow walks every row of the appeal table that people have, through the API, as each role that may.
func TestEveryRow(t *testing.T) {
	t.Parallel()
	h, master := openWalk(t)
	var calls storetest.Sample
	for _, row := range appeal.Flow.Rows {
		for _, role := range row.By {
			if role == access.System || !calls.Takes() {
				continue
			}
			s := h.at(t, row.From, master)
			before := h.stands(t, s)
			w := h.perform(t, player(role, s), row.Do, s, master)
			if row.Do == appeal.Note && role == access.Officer && slices.Contains(withNoOffice, row.From) {
				if w.Code != http.StatusNotFound {
					t.Errorf("%s in %s by %s, who does not see it: %d %s", row.Do, row.From, role, w.Code, w.Body)
				}
				continue
			}
			if w.Code != http.StatusOK {
				t.Errorf("%s in %s by %s: %d %s", row.Do, row.From, role, w.Code, w.Body)
				continue
			}
			if after := read[appealView](t, w); after.Status != row.To || after.Version != before.Version+1 {
				t.Errorf("%s in %s by %s leads to %s, version %d, not to %s, version %d", row.Do, row.From, role, after.Status, after.Version, row.To, before.Version+1)
			}
		}
	}
}

// TestEveryWrongRow tries every act in every state as every role that has no such row.
func TestEveryWrongRow(t *testing.T) {
	t.Parallel()
	h, master := openWalk(t)
	var calls storetest.Sample
	for _, state := range appeal.Flow.States {
		s := h.at(t, state.Name, master)
		before := h.stands(t, s)
		for _, do := range appeal.Verbs() {
			if do == appeal.Escalate { // only the program does that: there is no route
				continue
			}
			for _, role := range access.Roles() {
				if !hasRow(do, func(r flow.Row) bool { return r.From == state.Name && slices.Contains(r.By, role) }) && calls.Takes() {
					h.mustNot(t, do, role, s, before, master)
				}
			}
		}
		if after := h.stands(t, s); after.Version != before.Version || !after.UpdatedAt.Equal(before.UpdatedAt) {
			t.Errorf("refused acts changed the appeal in %s", state.Name)
		}
	}
}

// mustNot: who does not see the appeal finds nothing; who never does this may not; and who comes
// at the wrong time is told how it stands.
func (h *house) mustNot(t *testing.T, do flow.Act, role access.Role, s *subject, now appealView, master string) {
	t.Helper()
	want := stale
	switch {
	case !sees(anAppeal, role, his, now.Status):
		want = notFound
	case !hasRow(do, func(r flow.Row) bool { return slices.Contains(r.By, role) }):
		want = notByYou
	}
	w := h.perform(t, player(role, s), do, s, master)
	p := problemOf(t, w)
	if w.Code != want.status || p.Code != want.code {
		t.Errorf("%s in %s by %s: want %d %s, got %d %s", do, now.Status, role, want.status, want.code, w.Code, w.Body)
	}
	if want == stale && (p.Current == nil || p.Current.Status != string(now.Status) || p.Current.Version != now.Version || p.Current.Offers == nil) {
		t.Errorf("%s in %s by %s: a conflict without the present state: %s", do, now.Status, role, w.Body)
	}
}

func hasRow(do flow.Act, is func(flow.Row) bool) bool {
	return slices.ContainsFunc(appeal.Flow.Rows, func(r flow.Row) bool { return r.Do == do && is(r) })
}

// stands is the appeal as the county's supervisor sees it.
func (h *house) stands(t *testing.T, s *subject) appealView {
	t.Helper()
	return read[appealView](t, h.must(t, "supervisor", http.StatusOK, "GET", "/appeals/"+s.id, ""))
}

// clockStands: there is nothing to escalate.
var clockStands = []flow.State{appeal.Shelved, appeal.Replied, appeal.FollowingUp}

// TestEveryRowOfTheProgram lets eight days pass, in which every limit of an ordinary consultation is over, and the rounds
// do what is theirs.
func TestEveryRowOfTheProgram(t *testing.T) {
	t.Parallel()
	h, master := openWalk(t)
	type started struct {
		row flow.Row
		*subject
	}
	var all []started
	for _, row := range appeal.Flow.Rows {
		if !slices.Contains(row.By, access.System) {
			continue
		}
		s := ordinary()
		if row.From == appeal.Replied && row.Do == appeal.Conclude { // nobody can be asked
			s = anonymous()
		}
		all = append(all, started{row, h.walk(t, h.hand(t, s), master, way[row.From]...)})
	}
	h.clock.Advance(8 * 24 * time.Hour)
	if _, err := h.Appeals.Rounds(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		now := h.stands(t, s.subject)
		done := slices.ContainsFunc(now.History, func(e happeningView) bool {
			return e.Role == access.System && e.Act == s.row.Do && e.From == s.row.From && e.To == s.row.To
		})
		want := s.row.Do != appeal.Escalate || !slices.Contains(clockStands, s.row.From)
		if done != want || want && now.Status != s.row.To {
			t.Errorf("%s in %s by the program: done %t, want %t; it is %s now", s.row.Do, s.row.From, done, want, now.Status)
		}
	}
}
