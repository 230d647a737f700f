package casework

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	platform "tongban/internal/county"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// registers are the county's, as the test has them answer.
type registers struct {
	asked  []platform.Inquiry
	answer platform.Finding
	err    error
	before func() // they answer, while the county is asked
}

func (r *registers) LookUp(_ context.Context, q platform.Inquiry) (platform.Finding, error) {
	r.asked = append(r.asked, q)
	if r.before != nil {
		r.before()
	}
	return r.answer, r.err
}

// hukou is what the county looks up for an enrolment.
const hukou = "hukou_book"

const aNumber = "11010519491231002X" // the specimen of GB 11643

// looksUp is a house with registers, and an enrolment that the clerk drafts for somebody with an ID number.
func looksUp(t *testing.T) (h *house, r *registers, id string) {
	t.Helper()
	h, r = withLocker(t), &registers{}
	h.LooksUpIn(r)
	elder, err := h.people.RegisterResident(t.Context(), h.clerk(), account.Registration{
		Name: "周𠮷山", IDNumber: aNumber, Village: xinglin, Consent: account.Consent{TextVersion: "2026-01", How: account.Signed},
	})
	must(t, err)
	h.resident = access.Actor{Person: elder.ID, Role: resident, Area: xinglin}
	return h, r, h.file(enrolment)
}

var agreed = account.Consent{TextVersion: "2026-01", How: account.Spoken}

func (h *house) lookUp(id string) error {
	return errOf(h.LookUp(h.t.Context(), h.clerk(), id, Inquiring{Material: hukou, Consent: agreed}))
}

// hukouOf is the paper as the clerk sees it.
func (h *house) hukouOf(id string) (Material, Lookup) {
	h.t.Helper()
	seen, err := h.Get(h.t.Context(), h.clerk(), id)
	must(h.t, err)
	for _, m := range seen.Materials {
		if m.ID != hukou {
			continue
		}
		if m.Lookup == nil {
			return m, Lookup{}
		}
		return m, *m.Lookup
	}
	h.t.Fatal("no such paper")
	return Material{}, Lookup{}
}

// whys are what the trail keeps beside an act on the case, the oldest first.
func (h *house) whys(act, object string) (list []string) {
	h.t.Helper()
	var rows []store.TrailRow
	must(h.t, h.store.Read(h.t.Context()).Where("act = ? AND object = ?", act, object).Order("id").Find(&rows).Error)
	for _, row := range rows {
		body, err := row.Text()
		must(h.t, err)
		list = append(list, body.Why)
	}
	return list
}

// readings are how often a value of the applicant was taken out for the registers.
func (h *house) readings() (n int) {
	h.t.Helper()
	for _, why := range h.whys("person.read", h.resident.Person) {
		if why == whyLookedUp+"户口簿" {
			n++
		}
	}
	return n
}

func (h *house) consentsTo(kind string) (n int64) {
	h.t.Helper()
	must(h.t, h.store.Read(h.t.Context()).Table("consents").Where("kind = ? AND person = ?", kind, h.resident.Person).Count(&n).Error)
	return n
}

// TestTheCountyLooksItUp: found, down and absent, each with its consent and its trail; what is absent has to be brought, and can be.
func TestTheCountyLooksItUp(t *testing.T) {
	h, r, id := looksUp(t)
	if m, l := h.hukouOf(id); m.State != LookedUp || m.Lookup != nil {
		t.Fatalf("nobody asked: %+v %+v", m, l)
	}
	r.answer = platform.Finding{Found: true, Ref: "HK-17"}
	must(t, h.lookUp(id))
	if m, l := h.hukouOf(id); m.State != LookedUp || l.Outcome != LookupFound || l.Ref != "HK-17" || !l.At.Equal(h.store.Clock().Now().Truncate(time.Second)) {
		t.Errorf("found: %+v %+v", m, l)
	}
	q := r.asked[0]
	if q.Name != platform.Revealed("周𠮷山") || q.IDNumber != platform.Revealed(aNumber) || q.Material != hukou || q.Item != enrolment || q.Consent == "" || q.ID == "" {
		t.Errorf("asked %+v", q)
	}
	r.answer, r.err = platform.Finding{}, platform.ErrNoFinding
	must(t, h.lookUp(id))
	if m, l := h.hukouOf(id); m.State != LookedUp || l.Outcome != LookupFound || l.Ref != "HK-17" {
		t.Errorf("down after found: %+v %+v", m, l)
	}
	r.err = nil
	must(t, h.lookUp(id))
	if m, l := h.hukouOf(id); m.State != Missing || l.Outcome != LookupAbsent || l.Ref != "" {
		t.Errorf("absent: %+v %+v", m, l)
	}
	rest := Submission{Papers: []Paper{{Material: "id_card"}}}
	_, err := h.Submit(t.Context(), h.clerk(), id, rest)
	want(t, err, ErrMaterials)
	wrongField(t, err, "body.papers."+hukou)
	r.err = platform.ErrNoFinding
	must(t, h.lookUp(id))
	if m, l := h.hukouOf(id); m.State != Missing || l.Outcome != LookupDown {
		t.Errorf("down after absent: %+v %+v", m, l)
	}
	if got := h.whys("case.looked_up", id); len(got) != 4 || got[0] != LookupFound || got[1] != LookupDown || got[2] != LookupAbsent || got[3] != LookupDown {
		t.Errorf("the trail has %v", got)
	}
	if got := h.whys("case.look_up", id); len(got) != 4 || got[0] != q.Consent || h.consentsTo(account.ToLookUp) != 4 {
		t.Errorf("the trail has the consents %v, and %d are kept", got, h.consentsTo(account.ToLookUp))
	}
	if n := h.readings(); n != 8 { // name and number, four times
		t.Errorf("he can read that they were told %d times", n)
	}
	must(t, errOf(h.Edit(t.Context(), h.clerk(), id, Editing{Papers: []Paper{{Material: hukou}}})))
	wrongField(t, h.lookUp(id), "body.material")
	must(t, errOf(h.Submit(t.Context(), h.clerk(), id, rest)))
	want(t, h.lookUp(id), ErrNotNow)
	if len(r.asked) != 4 {
		t.Errorf("asked %d times", len(r.asked))
	}
	h.sound()
}

// TestFoundAfterAll: what was absent, and taken back by hand, is no longer asked for once the register has it.
func TestFoundAfterAll(t *testing.T) {
	h, r, id := looksUp(t)
	must(t, h.lookUp(id))
	r.answer = platform.Finding{Found: true, Ref: "HK-18"}
	must(t, h.lookUp(id))
	if m, l := h.hukouOf(id); m.State != LookedUp || l.Outcome != LookupFound || l.Ref != "HK-18" {
		t.Errorf("%+v %+v", m, l)
	}
	must(t, errOf(h.Edit(t.Context(), h.clerk(), id, Editing{Papers: []Paper{{Material: hukou, State: Missing}}})))
	must(t, h.lookUp(id))
	must(t, errOf(h.Submit(t.Context(), h.clerk(), id, Submission{Papers: []Paper{{Material: "id_card"}}})))
	h.sound()
}

// TestALookUpDuringACorrection: a register that has it not makes the paper one that the answer must bring, though no defect names it.
func TestALookUpDuringACorrection(t *testing.T) {
	h, r, id := looksUp(t)
	h.to(Correcting, id)
	must(t, h.lookUp(id))
	answer := Correction{Papers: []Paper{{Material: h.first(id)}}}
	if answer.Papers[0].Material == hukou {
		t.Fatal("the correction asks for the very paper")
	}
	r.err = platform.ErrNoFinding
	must(t, h.lookUp(id)) // which takes nothing back
	_, err := h.Correct(t.Context(), h.clerk(), id, answer)
	want(t, err, ErrMaterials)
	wrongField(t, err, "body.papers."+hukou)
	answer.Papers = append(answer.Papers, Paper{Material: hukou})
	must(t, errOf(h.Correct(t.Context(), h.clerk(), id, answer)))
	h.sound()
}

// TestWhatTheRegistersFindIsAnAnswer: a paper that the hall asked for and the county has found since need not be brought. What was found before,
// is not found, or is taken back with the answer must.
func TestWhatTheRegistersFindIsAnAnswer(t *testing.T) {
	h, r, id := looksUp(t)
	unanswered := func(in Correction) {
		t.Helper()
		_, err := h.Correct(t.Context(), h.clerk(), id, in)
		want(t, err, ErrUncorrected)
		wrongField(t, err, "body.papers."+hukou)
	}
	looksUp := func(found platform.Finding, err error) {
		t.Helper()
		r.answer, r.err = found, err
		must(t, h.lookUp(id))
	}
	looksUp(platform.Finding{Found: true, Ref: "HK-17"}, nil)
	h.to(Received, id)
	h.pass(time.Hour)
	must(t, errOf(h.asked(id, defect(hukou, "missing"))))
	unanswered(Correction{})
	h.pass(time.Hour)
	looksUp(platform.Finding{}, platform.ErrNoFinding)
	unanswered(Correction{})
	looksUp(platform.Finding{}, nil)
	unanswered(Correction{})
	looksUp(platform.Finding{Found: true, Ref: "HK-18"}, nil)
	unanswered(Correction{Papers: []Paper{{Material: hukou, State: Missing}}})
	h.pass(time.Hour)
	looksUp(platform.Finding{}, platform.ErrNoFinding) // once more, for nothing
	seen, err := h.Correct(t.Context(), h.clerk(), id, Correction{})
	must(t, err)
	if told := seen.Notices[0]; seen.Status != Received || told.AnsweredAt == nil || told.Defects[0].Answer != "" {
		t.Errorf("%s, %+v", seen.Status, told)
	}
	if m, l := h.hukouOf(id); m.State != LookedUp || l.Ref != "HK-18" {
		t.Errorf("%+v %+v", m, l)
	}
	h.pass(time.Hour)
	must(t, errOf(h.asked(id, defect(hukou, "mismatch")))) // it came with the last answer: nobody's leave is needed
	unanswered(Correction{})
	h.sound()
}

// TestTheCountyIsToldOfAFinding in words, for it has no paper.
func TestTheCountyIsToldOfAFinding(t *testing.T) {
	h, r, id := looksUp(t)
	h.to(Received, id)
	row := h.row(id)
	e := platform.Event{Ref: row.number(), Act: platform.AskCorrection, At: h.store.Clock().Now(),
		Defects: []platform.Defect{{ID: "d1", Material: "户口簿", Reason: "missing", Text: "请补交"}, {ID: "d2", Material: "居民身份证", Reason: "illegible", Text: "请拍清楚"}}}
	if o := h.hears(e); o.Status != platform.Applied {
		t.Fatalf("%+v", o)
	}
	r.answer = platform.Finding{Found: true, Ref: "HK-18"}
	must(t, h.lookUp(id))
	seen, err := h.Correct(t.Context(), h.clerk(), id, Correction{Papers: []Paper{{Material: "id_card"}}})
	must(t, err)
	if told := seen.Notices[0].Defects; !strings.Contains(told[0].Answer, "HK-18") || told[1].Answer != "" {
		t.Errorf("%+v", told)
	}
	h.sound()
}

// TestNobodyIsLookedUpUnasked: without consent, by a stranger, for a paper that the county does not have, or with nobody to ask: nothing leaves
// the house, and nothing is kept of it.
func TestNobodyIsLookedUpUnasked(t *testing.T) {
	h, r, id := looksUp(t)
	own := func(in Inquiring) error { return errOf(h.LookUp(t.Context(), h.resident, id, in)) }
	by := func(actor access.Actor, in Inquiring) error { return errOf(h.LookUp(t.Context(), actor, id, in)) }
	good := Inquiring{Material: hukou, Consent: agreed}
	unnumbered, err := h.Open(t.Context(), h.other, Opening{Item: enrolment, Answers: answers[enrolment]})
	must(t, err)
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"no consent":                            {by(h.clerk(), Inquiring{Material: hukou}), fault.BadField},
		"no consent, himself":                   {own(Inquiring{Material: hukou}), fault.BadField},
		"a consent on a screen that nobody saw": {by(h.clerk(), Inquiring{Material: hukou, Consent: account.Consent{TextVersion: "2026-01", How: account.OnScreen}}), fault.BadField},
		"a consent to nothing":                  {by(h.clerk(), Inquiring{Material: hukou, Consent: account.Consent{TextVersion: "1999-01", How: account.Spoken}}), fault.BadField},
		"a guardian of a grown man":             {by(h.clerk(), Inquiring{Material: hukou, Consent: account.Consent{TextVersion: "2026-01", How: account.Spoken, GivenBy: h.other.Person}}), fault.BadField},
		"another village":                       {by(h.foreign(), good), fault.NotFound},
		"a neighbour":                           {by(h.other, good), fault.NotFound},
		"the hall":                              {by(h.window(), good), fault.NotFound},
		"an unknown paper":                      {by(h.clerk(), Inquiring{Material: "nothing", Consent: agreed}), fault.BadField},
		"a paper of one's own":                  {by(h.clerk(), Inquiring{Material: "id_card", Consent: agreed}), fault.BadField},
		"another version":                       {by(h.clerk(), Inquiring{Material: hukou, Consent: agreed, Version: 99}), ErrNotNow},
		"no ID number":                          {errOf(h.LookUp(t.Context(), h.other, unnumbered.ID, good)), ErrNoIDNumber},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	h.LooksUpIn(nil)
	want(t, by(h.clerk(), good), ErrNoRegisters)
	want(t, by(h.foreign(), good), fault.NotFound)
	if len(r.asked) != 0 || len(h.whys("case.look_up", id)) != 0 || h.consentsTo(account.ToLookUp) != 0 || h.readings() != 0 {
		t.Errorf("asked %v", r.asked)
	}
	h.LooksUpIn(r)
	must(t, own(good))
	if len(r.asked) != 1 {
		t.Error("he himself is not served")
	}
}

// TestTheHallDoesNotAsk: who sees a case of the county's hall and is not of the applicant's side has no inquiry.
func TestTheHallDoesNotAsk(t *testing.T) {
	h, r, id := looksUp(t)
	h.to(Correcting, id)
	want(t, errOf(h.LookUp(t.Context(), h.window(), id, Inquiring{Material: hukou, Consent: agreed})), fault.NotYours)
	if len(r.asked) != 0 {
		t.Error("asked")
	}
}

// TestWhatHappensWhileTheCountyIsAsked counts: a case that moved on, or a paper that came, is not changed by an answer from before.
func TestWhatHappensWhileTheCountyIsAsked(t *testing.T) {
	h, r, id := looksUp(t)
	r.before = func() {
		must(t, errOf(h.Edit(t.Context(), h.clerk(), id, Editing{Papers: []Paper{{Material: hukou}}})))
	}
	wrongField(t, h.lookUp(id), "body.material") // absent, and there by now
	if m, _ := h.hukouOf(id); m.State != Given || m.Lookup != nil {
		t.Errorf("%+v", m)
	}
	id = h.file(enrolment)
	r.before = func() {
		must(t, errOf(h.Edit(t.Context(), h.clerk(), id, Editing{Papers: []Paper{{Material: "id_card"}}})))
	}
	must(t, h.lookUp(id)) // another paper is no hindrance
	r.before = func() { must(t, errOf(h.Discard(t.Context(), h.clerk(), id, Discarding{}))) }
	want(t, h.lookUp(id), ErrNotNow)
	if got := h.whys("case.look_up", id); len(got) != 2 || len(h.whys("case.looked_up", id)) != 1 {
		t.Errorf("the trail of what left the house: %v", got)
	}
	h.sound()
}

// TestALookUpSentTwiceAsksOnce: the repetition gets the first answer.
func TestALookUpSentTwiceAsksOnce(t *testing.T) {
	h, r, id := looksUp(t)
	claim := &store.Claim{Caller: h.clerk().Person, Key: "the-same-key", Operation: "lookUpPaper", Hash: "h", Keep: time.Hour,
		View: func(any) (store.Answer, error) { return store.Answer{Body: []byte(`{}`)}, nil }}
	for i := range 2 {
		_, err := h.LookUp(store.WithClaim(t.Context(), claim), h.clerk(), id, Inquiring{Material: hukou, Consent: agreed})
		if replay := (*store.Replay)(nil); errors.As(err, &replay) != (i == 1) || i == 0 && err != nil {
			t.Errorf("the %d. time: %v", i+1, err)
		}
	}
	if len(r.asked) != 1 || h.consentsTo(account.ToLookUp) != 1 {
		t.Errorf("asked %d times", len(r.asked))
	}
}

// TestNobodyIsLookedUpAllDay: however many cases and clerks.
func TestNobodyIsLookedUpAllDay(t *testing.T) {
	h, r, id := looksUp(t)
	r.err = platform.ErrNoFinding
	for range lookUps.Most {
		must(t, h.lookUp(id))
	}
	want(t, h.lookUp(h.file(enrolment)), ErrAskedOften)
	if len(r.asked) != lookUps.Most || h.consentsTo(account.ToLookUp) != int64(lookUps.Most) {
		t.Errorf("asked %d times", len(r.asked))
	}
	h.pass(24 * time.Hour)
	must(t, h.lookUp(id))
}
