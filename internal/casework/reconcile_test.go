package casework

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
	platform "tongban/internal/county"
	"tongban/internal/county/contract"
	"tongban/internal/county/standin"
	"tongban/internal/flow"
)

// night lets a day pass and reconciles at two in the morning.
func (h *hall) night() {
	h.t.Helper()
	tomorrow := h.store.Clock().Now().Add(22 * time.Hour)
	h.store.Clock().Set(dayOf(tomorrow).Add(26 * time.Hour))
	must(h.t, h.Reconcile(h.t.Context()))
}

func dayOf(t time.Time) time.Time { return t.Truncate(24 * time.Hour).Add(-8 * time.Hour) }

// differing are the open differences by our number, as the supervisor sees them.
func (h *hall) differing() map[string]string {
	h.t.Helper()
	list, err := h.Differences(h.t.Context(), h.supervisor(), "", 100)
	must(h.t, err)
	found := map[string]string{}
	for _, f := range list {
		found[f.Ref] += string(f.Kind)
	}
	return found
}

func (h *hall) compared() (r reconciliation) {
	h.t.Helper()
	must(h.t, h.store.Read(h.t.Context()).Order("id DESC").Take(&r).Error)
	return r
}

// TestNightlyReconciliation finds what the county lost, what it has and we have not, and pulls what it could not tell. What is put right is gone the next night.
func TestNightlyReconciliation(t *testing.T) {
	t.Parallel()
	h := connect(t)
	var ids []string
	for range 60 { // more than a page
		ids = append(ids, h.to(Submitted, h.file(claim)))
	}
	h.rounds() // received here; the county does not count it
	for h.carry() > 0 {
		h.pass(time.Minute)
	}
	silent := func(id string, acts ...flow.Act) {
		for _, do := range acts {
			must(t, h.Server.Play(standin.Script{Callbacks: []standin.Trouble{{Do: standin.Withheld}}}))
			must(t, h.Server.Act(h.numberOf(id), platform.Act(do)))
		}
	}
	for _, id := range ids {
		must(t, h.Server.Act(h.numberOf(id), platform.Receive))
	}
	h.tellNews()
	lost, granted, asked, refused, stray, gone := ids[3], ids[7], ids[11], ids[13], ids[17], ids[19]
	h.Server.Forget(h.numberOf(lost))
	silent(granted, Accept, Review, Grant)
	silent(asked, AskCorrection)
	silent(refused, Refuse)
	must(t, h.do(Accept, h.window(), stray)) // our hall decided beside the county
	must(t, h.do(Withdraw, h.clerk(), gone)) // on its way: no difference
	_, err := h.Desk.platform.Submit(t.Context(), "strange", contract.Submission("BJ-strange", h.store.Clock().Now()))
	must(t, err)

	must(t, h.Reconcile(t.Context())) // it is day
	if n := len(h.differing()); n != 0 {
		t.Errorf("%d differences at noon", n)
	}
	h.night()
	want := map[string]string{
		h.numberOf(lost): "missing_there", h.numberOf(asked): "behind_here", h.numberOf(stray): "state_differs", "BJ-strange": "missing_here",
	}
	if diff := cmp.Diff(want, h.differing()); diff != "" {
		t.Error(diff)
	}
	if g, r := h.row(granted), h.row(refused); g.Status != Granted || r.Status != Refused || g.DecidedAt == nil {
		t.Errorf("pulled: %s and %s", g.Status, r.Status)
	}
	if r := h.compared(); r.Pulled != 2 || r.Listed < 59 {
		t.Errorf("%+v", r)
	}
	must(t, h.Reconcile(t.Context()))
	ofTown := h.supervisor()
	ofTown.Area = access.Area("219901101")
	list, err := h.Differences(t.Context(), ofTown, "", 100)
	must(t, err)
	if slices.ContainsFunc(list, func(f Difference) bool { return f.Case == "" }) || len(list) != 3 {
		t.Errorf("the town's supervisor sees %+v", list)
	}
	ofTown.Area = access.Area("219901102")
	if list, err = h.Differences(t.Context(), ofTown, "", 100); err != nil || len(list) != 0 {
		t.Errorf("another town's supervisor sees %+v, %v", list, err)
	}
	if _, err := h.Differences(t.Context(), h.clerk(), "", 100); err == nil {
		t.Error("a clerk sees the differences")
	}

	h.carry()
	delete(want, h.numberOf(stray))
	h.countyDoes(stray, Accept) // the county comes to it too
	h.night()
	if diff := cmp.Diff(want, h.differing()); diff != "" {
		t.Error(diff)
	}
	if row := h.row(granted); row.Version != 0 && h.letters("case.grant", granted) != 1 {
		t.Errorf("granted %d times", h.letters("case.grant", granted))
	}
	var over []differenceRow
	must(t, h.store.Read(t.Context()).Where("over_at IS NOT NULL").Find(&over).Error)
	if len(over) != 4 { // two that were pulled, and of the stray one its state, and that the county counts on
		t.Errorf("%d differences are over", len(over))
	}
	h.sound()
}

// TestOldNewsAfterAPull is late: what was pulled is not moved back, and its dates stay.
func TestOldNewsAfterAPull(t *testing.T) {
	t.Parallel()
	h := connect(t)
	id := h.to(Submitted, h.file(claim))
	h.carry()
	must(t, h.Server.Play(standin.Script{Callbacks: []standin.Trouble{{Times: 9, Do: standin.Delayed}}}))
	for _, do := range []flow.Act{Receive, Accept, Review, Suspend} {
		must(t, h.Server.Act(h.numberOf(id), platform.Act(do)))
	}
	h.night()
	before := h.row(id)
	if before.Status != Suspended {
		t.Fatalf("it is %s", before.Status)
	}
	h.tellNews()
	if row := h.row(id); row.Status != Suspended || row.Version != before.Version || row.dues() != before.dues() {
		t.Errorf("old news made it %s, due %+v instead of %+v", row.Status, row.dues(), before.dues())
	}
	h.countyDoes(id, Resume, Grant)
	if row := h.row(id); row.Status != Granted {
		t.Errorf("it is %s; the inbox %v", row.Status, h.statuses())
	}
	h.sound()
}

// TestANightMissed is made up for, and a county that does not answer keeps nothing.
func TestANightMissed(t *testing.T) {
	t.Parallel()
	h := connect(t)
	id := h.to(Submitted, h.file(claim))
	h.carry()
	h.night()
	first := h.compared()
	must(t, h.Play(standin.Script{Requests: []standin.Trouble{{Do: standin.Fail, Status: 503}}}))
	h.pass(24 * time.Hour)
	if err := h.Reconcile(t.Context()); err == nil {
		t.Error("the county did not answer, and nobody heard of it")
	}
	h.Server.Forget(h.numberOf(id))
	h.pass(40 * time.Hour) // it is evening
	must(t, h.Reconcile(t.Context()))
	if r := h.compared(); r.ID == first.ID || !r.Since.Equal(first.BegunAt.Add(-overlap)) || h.differing()[h.numberOf(id)] != "missing_there" {
		t.Errorf("%+v after %+v: %v", r, first, h.differing())
	}
	h.sound()
	var n int64
	must(t, h.store.Read(t.Context()).Table("trail").Where("act = ?", "case.reconcile").Count(&n).Error)
	if n != 2 {
		t.Errorf("%d comparisons in the trail", n)
	}
}
