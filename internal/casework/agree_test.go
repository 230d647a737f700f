package casework

import (
	"testing"
	"time"

	platform "tongban/internal/county"
	"tongban/internal/county/standin"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// TestWhatTheCountyIsNotTold is no difference: what was handed out here after its decision, and what the program received by itself. When the county comes
// to the same, that counts, by its news as by a comparison.
func TestWhatTheCountyIsNotTold(t *testing.T) {
	t.Parallel()
	h := connect(t)
	granted, denied, told, untold := h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim))
	received, atWindow := h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim))
	must(t, h.do(Receive, h.window(), atWindow)) // beside the county
	h.rounds()
	h.carry()
	for _, id := range []string{granted, told, untold} {
		h.countyDoes(id, Receive, Accept, Review, Grant)
		must(t, h.do(Deliver, h.window(), id))
	}
	h.countyDoes(denied, Receive, Accept, Review, Deny)
	must(t, h.do(Deliver, h.window(), denied))
	h.countyDoes(told, Deliver)
	if got := h.statuses()["deliver"]; got != "applied done_already;" {
		t.Errorf("the county's delivery after ours: %q", got)
	}
	must(t, h.Server.Play(standin.Script{Callbacks: []standin.Trouble{{Do: standin.Withheld}}}))
	must(t, h.Server.Act(h.numberOf(untold), platform.Deliver))
	agree := func(when string, but map[string]string) {
		t.Helper()
		h.night()
		found := h.differing()
		for _, id := range []string{granted, denied, told, untold, received, atWindow} {
			if got := found[h.numberOf(id)]; got != but[id] {
				t.Errorf("%s a case that is %s differs: %q", when, h.row(id).Status, got)
			}
		}
	}
	beside := map[string]string{atWindow: string(platform.StateDiffers)}
	agree("in the first night", beside)
	agree("in the second night", beside)
	h.countyDoes(received, Receive)
	h.countyDoes(atWindow, Receive)
	for _, id := range []string{granted, denied, told, untold} {
		must(t, h.do(Conclude, h.window(), id))
	}
	h.countyDoes(denied, Deliver) // after it was filed away
	if got := h.statuses()["deliver"]; got != "applied done_already;applied done_already;" {
		t.Errorf("the county's delivery after the filing: %q", got)
	}
	if got := h.statuses()["receive"]; got != "applied done_already;applied done_already;applied done_already;applied done_already;applied done_already;late flow.not_now;" {
		t.Errorf("the county's receipts: %q", got)
	}
	agree("after it was filed away", nil) // and the county came to what the window did
	h.sound()
}

// TestWhoDecidedOtherwise is a difference: it was handed out here as what the county did not decide.
func TestWhoDecidedOtherwise(t *testing.T) {
	t.Parallel()
	h := connect(t)
	id := h.to(Submitted, h.file(claim))
	h.carry()
	h.countyDoes(id, Receive, Accept, Review)
	for _, do := range []flow.Act{Deny, Deliver} {
		must(t, h.do(do, h.usual(do), id))
	}
	must(t, h.Server.Act(h.numberOf(id), platform.Grant))
	h.tellNews()
	h.night()
	if h.differing()[h.numberOf(id)] == "" {
		t.Error("delivered as a denial, granted there, and no difference")
	}
}

// TestTheCountyExtendsAfterThePromise: what it must keep is the law's day.
func TestTheCountyExtendsAfterThePromise(t *testing.T) {
	t.Parallel()
	h := connect(t)
	early, late := h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim))
	for _, id := range []string{early, late} {
		h.set(id, map[string]any{"legal_value": 20, "legal_unit": string(workday.Workdays), "promised_value": 5, "promised_unit": string(workday.Workdays)})
	}
	h.carry()
	h.countyDoes(early, Receive, Accept, Review)
	h.countyDoes(late, Receive, Accept, Review)
	before := h.row(early)
	if !before.PromisedOn.Before(before.LegalOn) {
		t.Fatalf("promised for %s, by law %s", before.PromisedOn, before.LegalOn)
	}
	h.store.Clock().Set(before.PromisedOn.End().Add(10 * time.Hour))
	want(t, h.do(Extend, h.decider(), early), ErrExtendLate) // our own hall keeps its promise
	h.countyDoes(early, Extend)
	if row := h.row(early); row.Extensions != 1 || !before.PromisedOn.Before(row.PromisedOn) || !before.LegalOn.Before(row.LegalOn) {
		t.Errorf("%d extensions, promised for %s, by law %s; the inbox %v", row.Extensions, row.PromisedOn, row.LegalOn, h.statuses())
	}
	h.store.Clock().Set(h.row(late).LegalOn.End().Add(10 * time.Hour))
	h.countyDoes(late, Extend)
	if row := h.row(late); row.Extensions != 0 || h.statuses()["extend"] != "applied ;late case.extend_late;" {
		t.Errorf("%d extensions after the law's day; the inbox %v", row.Extensions, h.statuses())
	}
	h.sound()
}

// TestATypedNumberIsPutRight: by whoever typed it, as long as the county has given none, and by the county's own, which then stays.
func TestATypedNumberIsPutRight(t *testing.T) {
	t.Parallel()
	h := connect(t)
	id := h.to(Submitted, h.file(claim))
	h.carry()
	h.set(id, map[string]any{"county_number": "", "number_key": nil}) // its answer had no number
	typed := func(number string) error {
		_, err := h.TypeCountyNumber(t.Context(), h.clerk(), id, CountyNumber{Number: number})
		return err
	}
	must(t, typed("XZ-SLIP-1"))
	must(t, typed("XZ-SLIP-2"))
	h.countyDoes(id, Receive)
	if row := h.row(id); row.CountyNumber != "XZ00000001" || row.NumberTyped {
		t.Errorf("after the county's news the number is %q", row.CountyNumber)
	}
	if whys := h.whys("case.county_number", id); len(whys) != 3 || whys[2] != whyGiven {
		t.Errorf("the trail says %q", whys)
	}
	want(t, typed("XZ-SLIP-3"), ErrNumberGiven)
	must(t, typed("XZ00000001"))
	want(t, typed("XZ-SLIP-3"), ErrNumberGiven)
	h.night()
	if found := h.differing(); len(found) != 0 {
		t.Errorf("%v", found)
	}
	h.says(platform.Event{ID: "E9", Ref: h.numberOf(id), Number: "XZ-other", Act: platform.Accept, Seq: 3})
	if row := h.row(id); row.Status != Accepted || row.CountyNumber != "XZ00000001" {
		t.Errorf("a second number of the county's made it %q, %s", row.CountyNumber, row.Status)
	}
	h.sound()
}

// TestANumberTypedOverAnothers gives way too, and the key goes with it.
func TestANumberTypedOverAnothers(t *testing.T) {
	t.Parallel()
	h := connect(t)
	one, other := h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim))
	h.carry()
	number := h.row(one).CountyNumber
	h.set(one, map[string]any{"county_number": "", "number_key": nil})
	_, err := h.TypeCountyNumber(t.Context(), h.clerk(), one, CountyNumber{Number: "XZ-mine"})
	must(t, err)
	h.countyDoes(one, Receive)
	h.set(other, map[string]any{"county_number": "", "number_key": nil})
	_, err = h.TypeCountyNumber(t.Context(), h.clerk(), other, CountyNumber{Number: number})
	want(t, err, ErrNumberTaken)
	_, err = h.TypeCountyNumber(t.Context(), h.clerk(), other, CountyNumber{Number: "XZ-mine"}) // it is free again
	must(t, err)
	must(t, h.store.Write(t.Context(), h.system(), func(tx *store.Tx) error { return keepCountyNumber(tx, other, number) })) // the county gives it twice
	var held int64
	must(t, h.store.Read(t.Context()).Model(&Case{}).Where("number_key IN ?", []string{number, "XZ-mine"}).Count(&held).Error)
	if row := h.row(other); row.CountyNumber != number || held != 1 {
		t.Errorf("%q, and %d cases hold a number", row.CountyNumber, held)
	}
	h.sound()
}
