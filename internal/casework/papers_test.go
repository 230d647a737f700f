package casework

import (
	"slices"
	"testing"
	"time"

	"tongban/internal/fault"
	"tongban/internal/flow"
)

// receipt is the paper of a pension claim that may come later.
const receipt = "card_receipt"

func (h *house) paper(seen Seen, material string) Material {
	h.t.Helper()
	at := slices.IndexFunc(seen.Materials, func(m Material) bool { return m.ID == material })
	if at < 0 {
		h.t.Fatalf("no %s", material)
	}
	return seen.Materials[at]
}

func photosOf(m Material) (ids []string) {
	for _, f := range m.Files {
		ids = append(ids, f.ID)
	}
	return ids
}

// TestPhotosOfADraftAreThoseNamedLast: the wrong person's card goes, pages come one by one, and what is taken back is seen by nobody.
func TestPhotosOfADraftAreThoseNamedLast(t *testing.T) {
	h := open(t)
	id := h.file(claim)
	edit := func(papers ...Paper) Seen {
		t.Helper()
		seen, err := h.Edit(t.Context(), h.clerk(), id, Editing{Papers: papers})
		must(t, err)
		return seen
	}
	named := func(seen Seen, ids ...string) {
		t.Helper()
		if got := photosOf(h.paper(seen, "id_card")); !slices.Equal(got, ids) {
			t.Errorf("%d photos, want %d", len(got), len(ids))
		}
	}
	wrong, front, back := h.photo(h.clerk(), 10), h.photo(h.clerk(), 20), h.photo(h.clerk(), 30)
	named(edit(Paper{Material: "id_card", Files: []string{wrong}}), wrong)
	named(edit(Paper{Material: "id_card", Files: []string{front}}), front)
	if _, _, err := h.files.Open(t.Context(), h.clerk(), wrong); fault.Of(err).Kind != fault.Missing {
		t.Errorf("the wrong person's card: %v", err)
	}
	named(edit(Paper{Material: "id_card", Files: []string{front, back}}), front, back)
	named(edit(Paper{Material: "id_card", Files: []string{front, back}}), front, back) // said twice
	named(edit(Paper{Material: "id_card", Files: []string{back, front}}), back, front)
	named(edit(Paper{Material: "id_card", Copies: 2}), back, front)
	wrongField(t, errOf(h.Edit(t.Context(), h.clerk(), id, Editing{Papers: []Paper{{Material: "id_card", Files: []string{back, wrong}}}})), "body.papers.0.files")
	named(edit(Paper{Material: "id_card", State: Missing}))
	if _, _, err := h.files.Open(t.Context(), h.clerk(), front); fault.Of(err).Kind != fault.Missing {
		t.Errorf("the photo that was taken back: %v", err)
	}
	late := h.photo(h.clerk(), 40)
	edit(Paper{Material: receipt, Files: []string{late}})
	if m := h.paper(edit(Paper{Material: receipt, State: Deferred}), receipt); m.State != Deferred || len(m.Files) != 0 {
		t.Errorf("%+v", m)
	}
	h.sound()
}

// TestALentPageIsNotKeptUnderAnotherName: copies from the locker go when the paper itself comes, though the call names them: nobody would ask for consent.
func TestALentPageIsNotKeptUnderAnotherName(t *testing.T) {
	h := withLocker(t)
	p, id := h.stored(h.clerk(), h.resident.Person), h.file(enrolment)
	seen, err := h.use(h.clerk(), id, p.ID)
	must(t, err)
	lent := photosOf(h.paper(seen, "id_card"))
	wrongField(t, errOf(h.Edit(t.Context(), h.clerk(), id, Editing{Papers: []Paper{{Material: "id_card", Files: lent}}})), "body.papers.0.files")
}

// TestAnAnswerHasSixPhotosOfItsOwn: those that were handed in before stay beside it and do not count, and what the answer had from the locker goes when the
// paper itself comes.
func TestAnAnswerHasSixPhotosOfItsOwn(t *testing.T) {
	h := withLocker(t)
	id := h.file(claim)
	pages := func(n int) (ids []string) {
		for range n {
			ids = append(ids, h.photo(h.clerk(), 99))
		}
		return ids
	}
	papers, old := h.allPapers(id), pages(6)
	papers[0].Files = old
	must(t, errOf(h.Submit(t.Context(), h.clerk(), id, Submission{Papers: papers})))
	h.walked(id, Receive)
	p := h.stored(h.clerk(), h.resident.Person)
	for range 2 { // the second time in the place of the first
		seen, err := h.use(h.clerk(), id, p.ID)
		must(t, err)
		if m := h.paper(seen, "id_card"); len(m.Files) != 8 || !slices.Equal(photosOf(m)[:6], old) {
			t.Errorf("%d photos", len(m.Files))
		}
	}
	answer := func(n int) error {
		return errOf(h.Correct(t.Context(), h.clerk(), id, Correction{Papers: []Paper{{Material: "id_card", Files: pages(n)}}}))
	}
	wrongField(t, answer(7), "body.papers.0.files")
	must(t, answer(6))
	seen, err := h.Get(t.Context(), h.clerk(), id)
	must(t, err)
	if m := h.paper(seen, "id_card"); len(m.Files) != 12 || !slices.Equal(photosOf(m)[:6], old) || m.LockerPaper != "" {
		t.Errorf("%d photos of %q", len(m.Files), m.LockerPaper)
	}
	h.pass(time.Hour)
	must(t, errOf(h.asked(id, defect("id_card", "illegible"))))
	must(t, answer(6))
	kept, err := h.KeepPaper(t.Context(), h.clerk(), id, Keeping{Material: "id_card", Consent: agreed, ConsentUntil: h.today().AddDays(30)})
	must(t, err)
	if len(kept.Pages) != 6 {
		t.Errorf("%d pages are kept", len(kept.Pages))
	}
	h.sound()
}

// walked does the act, so that the case waits for its correction after it.
func (h *house) walked(id string, acts ...flow.Act) string {
	h.t.Helper()
	for _, do := range append(acts, AskCorrection) {
		must(h.t, h.do(do, h.usual(do), id))
	}
	return id
}

// TestWhatTheCountyLooksUpIsLookedUpAgain: a paper that is taken back stands as if it had not come, unless the register has it not.
func TestWhatTheCountyLooksUpIsLookedUpAgain(t *testing.T) {
	h, _, id := looksUp(t)
	back := func() MaterialState {
		t.Helper()
		must(t, errOf(h.Edit(t.Context(), h.clerk(), id, Editing{Papers: []Paper{{Material: hukou}}})))
		must(t, errOf(h.Edit(t.Context(), h.clerk(), id, Editing{Papers: []Paper{{Material: hukou, State: Missing}}})))
		m, _ := h.hukouOf(id)
		return m.State
	}
	if s := back(); s != LookedUp {
		t.Errorf("it is %s", s)
	}
	must(t, h.lookUp(id)) // the register has it not
	if s := back(); s != Missing {
		t.Errorf("it is %s, and nobody has it", s)
	}
}

// TestADefectIsNotAnsweredByTakingBack: what must be handed in stays handed in, and an answer that says nothing but later is one only for what may come later.
func TestADefectIsNotAnsweredByTakingBack(t *testing.T) {
	h := withLocker(t)
	id := h.to(Received, h.file(claim))
	seen, err := h.asked(id, defect("id_card", "illegible"))
	must(t, err)
	words := []Remedy{{seen.Notices[0].Defects[0].ID, "身份证正在补办，先不交了。"}}
	correct := func(p ...Paper) error {
		return errOf(h.Correct(t.Context(), h.clerk(), id, Correction{Papers: p, Remedies: words}))
	}
	wrongField(t, correct(Paper{Material: "id_card", State: Missing}), "body.papers.0.state")
	wrongField(t, correct(Paper{Material: "id_card", State: Deferred}), "body.papers.0.state")
	wrongField(t, correct(Paper{Material: "hukou_book", State: Missing}), "body.papers.0.state")
	wrongField(t, correct(Paper{Material: receipt, State: Missing}), "body.papers.0.state")
	must(t, correct(Paper{Material: receipt, State: Deferred}))
	h.pass(time.Hour)

	// Of two defects the one is answered from the locker and taken back in the same breath.
	other := h.to(Correcting, h.file(claim))
	p := h.stored(h.clerk(), h.resident.Person)
	must(t, errOf(h.use(h.clerk(), other, p.ID)))
	_, err = h.Correct(t.Context(), h.clerk(), other, Correction{Papers: []Paper{{Material: "id_card", State: Missing}}})
	want(t, err, ErrUncorrected)
	h.sound()
}
