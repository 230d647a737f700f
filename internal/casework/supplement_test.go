package casework

import (
	"slices"
	"testing"

	"tongban/internal/access"
	platform "tongban/internal/county"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// owing is a case without that paper, as far as that state.
func (h *house) owing(state flow.State) string {
	h.t.Helper()
	id := h.file(claim)
	must(h.t, errOf(h.Submit(h.t.Context(), h.clerk(), id, Submission{Papers: []Paper{{Material: "id_card"}, {Material: "hukou_book"}, {Material: "application_form"}}})))
	for _, do := range ways[state][1:] {
		must(h.t, h.do(do, h.usual(do), id))
	}
	return id
}

func (h *house) supplement(actor access.Actor, id string, papers ...Paper) (Seen, error) {
	return h.SupplementPapers(h.t.Context(), actor, id, Supplement{Papers: papers})
}

// TestWhatMayComeLaterComes: in every state between receipt and decision, from the applicant's side or over the hall's counter, also while a
// colleague has the case in hand.
func TestWhatMayComeLaterComes(t *testing.T) {
	h := open(t)
	for i, c := range []struct {
		state flow.State
		actor access.Actor
	}{{Received, h.clerk()}, {Accepted, h.resident}, {Reviewing, h.window()}, {Suspended, h.reviewer()}} {
		id := h.owing(c.state)
		before := h.row(id)
		photo := h.photo(c.actor, uint8(10+i))
		seen, err := h.supplement(c.actor, id, Paper{Material: receipt, TakenAs: AsCopy, Files: []string{photo}})
		must(t, err)
		m, last := h.paper(seen, receipt), seen.History[len(seen.History)-1]
		if m.State != Given || m.TakenAs != AsCopy || !slices.Equal(photosOf(m), []string{photo}) || seen.Status != c.state || seen.Version != before.Version+1 || !seen.Papers.Complete() {
			t.Errorf("%s: %+v", c.state, m)
		}
		if last.Act != SupplementPaper || !slices.Equal(last.Detail.Materials, []string{receipt}) || last.Detail.ToCounty {
			t.Errorf("%s: the history says %+v", c.state, last)
		}
		mine, err := h.Get(t.Context(), h.resident, id)
		must(t, err)
		if told := mine.History[len(mine.History)-1]; told.Text != "已补交容缺后补的材料" || h.letters("case.supplement_papers", id) != 1 || len(h.whys("case.supplement_papers", id)) != 1 {
			t.Errorf("the applicant reads %+v", told)
		}
		_, err = h.supplement(c.actor, id, Paper{Material: receipt})
		wrongField(t, err, "body.papers.0.material")
	}
	held := h.owing(Received)
	h.mustClaim(h.as("window-hall", window), held)
	must(t, errOf(h.supplement(h.reviewer(), held, Paper{Material: receipt})))
	h.sound()
}

// TestOnlyWhatWasDeferredComesLater: no other paper, not otherwise than given, in no other state, and from nobody else.
func TestOnlyWhatWasDeferredComesLater(t *testing.T) {
	h := open(t)
	id := h.owing(Received)
	for field, papers := range map[string][]Paper{
		"body.papers":            nil,
		"body.papers.0.material": {{Material: "id_card"}},
		"body.papers.0.state":    {{Material: receipt, State: Missing}},
		"body.papers.1.material": {{Material: receipt}, {Material: receipt}},
		"body.papers.0.files":    {{Material: receipt, Files: []string{"x"}}},
	} {
		wrongField(t, errOf(h.supplement(h.clerk(), id, papers...)), field)
	}
	for _, actor := range []access.Actor{h.decider(), h.supervisor(), h.county()} {
		want(t, errOf(h.supplement(actor, id, Paper{Material: receipt})), fault.NotYours)
	}
	want(t, errOf(h.supplement(h.foreign(), id, Paper{Material: receipt})), fault.NotFound)
	want(t, errOf(h.SupplementPapers(t.Context(), h.clerk(), id, Supplement{Version: 1, Papers: []Paper{{Material: receipt}}})), ErrNotNow)
	want(t, errOf(h.supplement(h.clerk(), h.file(claim), Paper{Material: receipt})), ErrNotNow)
	must(t, errOf(h.Withdraw(t.Context(), h.clerk(), id, Saying{Text: "先不办了，明年再办。"})))
	want(t, errOf(h.supplement(h.clerk(), id, Paper{Material: receipt})), ErrNotNow)
	h.sound()
}

// TestNothingIsGrantedThatIsOwed: unless the decider says why, which his colleagues read and the applicant does not. What the county's platform
// grants is granted.
func TestNothingIsGrantedThatIsOwed(t *testing.T) {
	h := open(t)
	id := h.owing(Reviewing)
	err := h.do(Grant, h.decider(), id)
	want(t, err, ErrStillDeferred)
	wrongField(t, err, "body.papers."+receipt)
	grant := func(id, waived string) (Seen, error) {
		return h.Grant(t.Context(), h.decider(), id, Granting{Waived: waived})
	}
	wrongField(t, errOf(grant(id, "略")), "body.deferred_waived")
	seen, err := grant(id, "社保卡已经制好，系统里查得到。")
	must(t, err)
	if line := seen.History[len(seen.History)-2]; line.Act != waiveAct || line.Words != "社保卡已经制好，系统里查得到。" || !slices.Equal(line.Detail.Materials, []string{receipt}) {
		t.Errorf("%+v", line)
	}
	mine, err := h.Get(t.Context(), h.resident, id)
	must(t, err)
	if slices.ContainsFunc(mine.History, func(l Happening) bool { return l.Act == waiveAct }) {
		t.Error("the applicant is told how offices deal with each other")
	}

	came := h.owing(Reviewing)
	must(t, errOf(h.supplement(h.clerk(), came, Paper{Material: receipt})))
	wrongField(t, errOf(grant(came, "社保卡已经制好，系统里查得到。")), "body.deferred_waived")
	must(t, errOf(grant(came, "")))
	must(t, h.do(Deny, h.decider(), h.owing(Reviewing)))
	must(t, h.do(Grant, h.county(), h.owing(Reviewing)))

	instant := h.owing(Received)
	h.set(instant, map[string]any{"case_type": "instant"})
	lines, err := h.GrantInstant(t.Context(), h.decider(), InstantGranting{Cases: chosen(instant)})
	must(t, err)
	if lines[0].Outcome != BulkConflict || lines[0].Code != ErrStillDeferred.Code || lines[0].Status != Received {
		t.Errorf("%+v", lines[0])
	}
	h.set(instant, map[string]any{"case_type": "committed"})
	h.sound()
}

// TestTheCountyIsToldByHand: the contract has no message for a paper that comes later, and the history says so.
func TestTheCountyIsToldByHand(t *testing.T) {
	h := open(t)
	h.platform = struct{ platform.Platform }{}
	seen, err := h.supplement(h.clerk(), h.owing(Received), Paper{Material: receipt})
	must(t, err)
	if last := seen.History[len(seen.History)-1]; last.Act != SupplementPaper || !last.Detail.ToCounty {
		t.Errorf("%+v", last)
	}
}

// TestALockerPaperComesLater: where the paper that it stands for was deferred, and nowhere else.
func TestALockerPaperComesLater(t *testing.T) {
	h := withLocker(t)
	id := h.owing(Accepted)
	p := h.stored(h.clerk(), h.resident.Person)
	want(t, errOf(h.use(h.clerk(), id, p.ID)), ErrNotNow)
	h.state(id, "id_card", Deferred)
	seen, err := h.use(h.clerk(), id, p.ID)
	must(t, err)
	if m, last := h.paper(seen, "id_card"), seen.History[len(seen.History)-1]; m.State != Given || len(m.Files) != 2 || m.LockerPaper != p.ID || last.Act != SupplementPaper {
		t.Errorf("%+v, %+v", m, last)
	}
	h.sound()
}

// state puts a paper into a state that no demo item lets it have.
func (h *house) state(id, material string, s MaterialState) {
	h.t.Helper()
	must(h.t, h.store.Write(h.t.Context(), h.system(), func(tx *store.Tx) error {
		return tx.Table("case_materials").Where("case_id = ? AND material = ?", id, material).UpdateColumn("state", string(s)).Error
	}))
}
