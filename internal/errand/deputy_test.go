package errand

import (
	"slices"
	"testing"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/deputy"
	"tongban/internal/fault"
	"tongban/internal/flow"
)

// colleague is one clerk more of the village.
func (h *house) colleague(username string) access.Actor {
	h.t.Helper()
	_, err := h.people.CreateStaff(h.t.Context(), h.as("system-admin", access.SystemAdmin), account.Newcomer{
		Username: username, Name: "杏同事", Post: account.Term{Role: access.Clerk, Title: "村办事员", Office: h.clerk().Office, Area: xinglin},
	})
	must(h.t, err)
	return h.as(username, access.Clerk)
}

// entrustedTo is an errand at a state whose entrustment names a deputy, with all powers.
func (h *house) entrustedTo(stand access.Actor, state flow.State) string {
	h.t.Helper()
	id := h.to(state)
	h.set(id, map[string]any{"deputy": stand.Person, "powers": every})
	return id
}

// TestADeputyActsForTheAgent: whom the entrustment names, and the agent has stand in, does what the agent may; either alone is nothing. Each
// history says for whom it was.
func TestADeputyActsForTheAgent(t *testing.T) {
	t.Parallel()
	h := open(t)
	desk := deputy.New(h.store, h.people)
	stand, other := h.colleague("clerk-stands"), h.colleague("clerk-other")
	checked, correcting, granted := h.entrustedTo(stand, Checked), h.correcting(), h.granted()
	for _, id := range []string{correcting, granted} {
		h.set(id, map[string]any{"deputy": stand.Person, "powers": every})
	}
	correct := func(by access.Actor) error {
		_, err := h.cases.Correct(t.Context(), by, h.row(correcting).CaseID, casework.Correction{Papers: []casework.Paper{{Material: "id_card"}}})
		return err
	}
	all := map[string]func(access.Actor) error{
		"file": func(by access.Actor) error { return h.do(File, by, checked) }, "correct": correct,
		"hand over": func(by access.Actor) error { return h.do(HandOver, by, granted) },
	}
	refused := map[string]*fault.Fault{"file": ErrNotAgent, "correct": ErrActAgent, "hand over": ErrReceiver}
	for name, do := range all {
		want(t, do(stand), refused[name]) // the agent is not away
	}
	for _, c := range []struct{ named, tries access.Actor }{{other, other}, {other, stand}} { // the principal named another one; the agent did
		named, err := desk.Name(t.Context(), h.clerk(), deputy.Naming{Deputy: c.named.Person, FirstOn: h.today(), LastOn: h.today()})
		must(t, err)
		for name, do := range all {
			want(t, do(c.tries), refused[name])
		}
		_, err = desk.End(t.Context(), h.clerk(), named.ID)
		must(t, err)
	}
	_, err := desk.Name(t.Context(), h.clerk(), deputy.Naming{Deputy: stand.Person, FirstOn: h.today(), LastOn: h.today()})
	must(t, err)
	for name, do := range all {
		if err := do(stand); err != nil {
			t.Errorf("%s by the deputy: %v", name, err)
		}
	}
	for id, c := range map[string]struct{ errand, matter flow.Act }{checked: {File, casework.Submit}, granted: {HandOver, casework.Deliver}, correcting: {"", casework.Correct}} {
		seen, err := h.Get(t.Context(), h.clerk(), id)
		must(t, err)
		if c.errand != "" && !slices.ContainsFunc(seen.History, func(l Happening) bool {
			return l.Act == c.errand && l.Actor == stand.Person && l.For == h.clerk().Person && l.Stead
		}) {
			t.Errorf("the errand's history does not say for whom: %+v", seen.History)
		}
		matter, err := h.cases.Get(t.Context(), h.clerk(), h.row(id).CaseID)
		must(t, err)
		if !slices.ContainsFunc(matter.History, func(l casework.Happening) bool {
			return l.Act == c.matter && l.Actor == stand.Person && l.Detail.For == h.clerk().Person
		}) {
			t.Errorf("nor does the case's: %+v", matter.History)
		}
	}
	hers, err := h.Get(t.Context(), h.resident, checked)
	must(t, err)
	if last := hers.History[len(hers.History)-1]; hers.Deputy == nil || hers.Deputy.ID != stand.Person || !last.Stead || last.For != "" || last.Actor != "" {
		t.Errorf("the principal reads %+v %+v", hers.Deputy, last)
	}
	month := h.today()
	month.Day = 1
	l, err := h.Ledger(t.Context(), h.clerk(), LedgerOrder{Month: month})
	must(t, err)
	for _, e := range l.Entries {
		if stood := e.ID != correcting; stood != (e.DeputyName != "") {
			t.Errorf("the ledger says of %s that %q stood in", e.Number, e.DeputyName)
		}
	}
	h.sound()
}

// TestWhoIsNamedAsDeputy: another clerk of the village, and nobody else.
func TestWhoIsNamedAsDeputy(t *testing.T) {
	t.Parallel()
	h := open(t)
	stand := h.colleague("clerk-stands")
	for name, person := range map[string]string{
		"himself": h.clerk().Person, "of another village": h.as("clerk-hewan", access.Clerk).Person, "no clerk": h.as("window-hall", access.Window).Person, "nobody": "nobody",
	} {
		in := h.entrustment(h.draft())
		in.Deputy = person
		_, err := h.Entrust(t.Context(), h.clerk(), in)
		if e := fault.Of(err); len(e.Fields) != 1 || e.Fields[0].Location != "body.deputy" {
			t.Errorf("%s: %v", name, err)
		}
	}
	in := h.entrustment(h.draft())
	in.Deputy = stand.Person
	seen, err := h.Entrust(t.Context(), h.clerk(), in)
	must(t, err)
	if seen.Deputy == nil || seen.Deputy.ID != stand.Person {
		t.Errorf("%+v", seen.Deputy)
	}
	list, err := h.List(t.Context(), h.resident, Filter{Limit: 10})
	must(t, err)
	if len(list) != 1 || list[0].Deputy == nil {
		t.Errorf("%+v", list)
	}
}
