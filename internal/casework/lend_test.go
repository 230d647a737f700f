package casework

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"slices"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/family"
	"tongban/internal/fault"
	"tongban/internal/locker"
	"tongban/internal/store"
)

// withLocker is the house with a locker and the county's kinds.
func withLocker(t *testing.T) *house {
	t.Helper()
	h := open(t)
	h.LentBy(locker.New(h.store, h.files, h.people, family.New(h.store, h.people)))
	kinds, err := locker.ReadKinds(countyFS())
	must(t, err)
	for range 2 { // the second time nothing changes
		must(t, h.locker.Load(t.Context(), kinds))
	}
	return h
}

func (h *house) today() clock.Date { return clock.DateOf(h.store.Clock().Now()) }

// photo is one that the actor took; each is of another colour.
func (h *house) photo(actor access.Actor, shade uint8) string {
	h.t.Helper()
	m := image.NewGray(image.Rect(0, 0, 40, 30))
	for i := range m.Pix {
		m.Pix[i] = color.Gray{shade}.Y
	}
	var b bytes.Buffer
	must(h.t, jpeg.Encode(&b, m, nil))
	f, err := h.files.Keep(h.t.Context(), actor, &b)
	must(h.t, err)
	return f.ID
}

// stored is somebody's identity card of two pages, the later photo first, good for a hundred days and agreed to for two hundred.
func (h *house) stored(by access.Actor, person string) locker.Paper {
	h.t.Helper()
	back := h.photo(by, 200)
	p, err := h.locker.Put(h.t.Context(), by, locker.Putting{
		Person: person, Kind: "id_card", Files: []string{h.photo(by, 20), back}, ValidUntil: h.today().AddDays(100),
		Consent: account.Consent{TextVersion: "2026-01", How: account.Signed}, ConsentUntil: h.today().AddDays(200),
	})
	must(h.t, err)
	return p
}

// trailed counts the refusals of that paper with that code.
func (h *house) trailed(paper string, code *fault.Fault) int {
	h.t.Helper()
	var rows []store.TrailRow
	must(h.t, h.store.Read(h.t.Context()).Where("object = ? AND act = ?", paper, "locker.refuse").Find(&rows).Error)
	n := 0
	for _, row := range rows {
		body, err := row.Text()
		must(h.t, err)
		if body.Why == code.Code {
			n++
		}
	}
	return n
}

// use lends the paper for the case's identity card.
func (h *house) use(actor access.Actor, id, paper string) (Seen, error) {
	return h.UsePaper(h.t.Context(), actor, id, Reuse{Material: "id_card", Paper: paper})
}

func (h *house) foreign() access.Actor { return h.as("clerk-hewan", clerk) }

// moveTo lets a resident move to another village.
func (h *house) moveTo(person string, village access.Area) {
	h.t.Helper()
	must(h.t, h.store.Write(h.t.Context(), h.system(), func(tx *store.Tx) error {
		return tx.Table("persons").Where("id = ?", person).UpdateColumns(map[string]any{"village": village, "grid": ""}).Error
	}))
}

// TestALockerPaperIsUsed: the pages come in their order and with their digests, of their own bytes; the use is written down.
func TestALockerPaperIsUsed(t *testing.T) {
	h := withLocker(t)
	p := h.stored(h.clerk(), h.resident.Person)
	id := h.file(enrolment)
	seen, err := h.use(h.clerk(), id, p.ID)
	must(t, err)
	m := seen.Materials[slices.IndexFunc(seen.Materials, func(m Material) bool { return m.ID == "id_card" })]
	if m.State != Given || m.TakenAs != AsElectronic || m.LockerPaper != p.ID || len(m.Files) != 2 {
		t.Fatalf("the case has %+v", m)
	}
	for i, f := range m.Files {
		if page := p.Pages[i]; f.ID == page.File || f.SHA256Stored != page.SHA256Stored || f.SHA256Sent != page.SHA256Sent {
			t.Errorf("page %d is %+v, want a copy of %+v", i, f, page)
		}
	}
	must(t, errOf(h.locker.Remove(t.Context(), h.clerk(), p.ID, locker.Replaced)))
	h.pass(25 * time.Hour)
	_, err = h.files.Sweep(t.Context())
	must(t, err)
	for _, f := range m.Files { // what was handed in stays when the locker's own goes
		_, from, err := h.files.Open(t.Context(), h.clerk(), f.ID)
		must(t, err)
		_, err = io.Copy(io.Discard, from)
		must(t, err)
		must(t, from.Close())
	}
	if _, _, err := h.files.Open(t.Context(), h.clerk(), p.Pages[0].File); fault.Of(err).Kind != fault.Missing {
		t.Errorf("the page that was taken out: %v", err)
	}
	var uses []struct{ Paper, CaseID, Material, UsedBy string }
	must(t, h.store.Read(t.Context()).Table("locker_uses").Find(&uses).Error)
	if len(uses) != 1 || uses[0].Paper != p.ID || uses[0].CaseID != id || uses[0].Material != "id_card" || uses[0].UsedBy != h.clerk().Person {
		t.Errorf("the log says %+v", uses)
	}
	h.sound()
}

// TestALockerPaperIsRefused: without consent, after its last day, for another person, by another village's clerk, of another kind: each with
// its own code, and in the trail though the act left nothing.
func TestALockerPaperIsRefused(t *testing.T) {
	for name, try := range map[string]struct {
		want *fault.Fault
		do   func(h *house, p locker.Paper, id string) error
	}{
		"consent withdrawn": {locker.ErrNoConsent, func(h *house, p locker.Paper, id string) error {
			must(h.t, errOf(h.locker.Withdraw(h.t.Context(), h.resident, p.ID, "")))
			return errOf(h.use(h.clerk(), id, p.ID))
		}},
		"consent over": {locker.ErrNoConsent, func(h *house, p locker.Paper, id string) error {
			h.pass(201 * 24 * time.Hour)
			return errOf(h.use(h.clerk(), id, p.ID))
		}},
		"paper over": {locker.ErrExpired, func(h *house, p locker.Paper, id string) error {
			h.pass(101 * 24 * time.Hour)
			return errOf(h.use(h.clerk(), id, p.ID))
		}},
		"another person, by the clerk": {locker.ErrOtherPerson, func(h *house, p locker.Paper, _ string) error {
			seen, err := h.Open(h.t.Context(), h.clerk(), Opening{Item: enrolment, Answers: answers[enrolment], Applicant: h.other.Person})
			must(h.t, err)
			return errOf(h.use(h.clerk(), seen.ID, p.ID))
		}},
		"another person, himself": {locker.ErrOtherPerson, func(h *house, p locker.Paper, _ string) error {
			seen, err := h.Open(h.t.Context(), h.other, Opening{Item: enrolment, Answers: answers[enrolment]})
			must(h.t, err)
			return errOf(h.use(h.other, seen.ID, p.ID))
		}},
		"another village's clerk": {locker.ErrOtherVillage, func(h *house, p locker.Paper, _ string) error {
			guest := h.register("吴老三", "", hewan)
			seen, err := h.Open(h.t.Context(), h.foreign(), Opening{Item: enrolment, Answers: answers[enrolment], Applicant: guest.Person})
			must(h.t, err)
			return errOf(h.use(h.foreign(), seen.ID, p.ID))
		}},
		"the clerk of where he lived": {locker.ErrOtherVillage, func(h *house, p locker.Paper, id string) error {
			h.moveTo(h.resident.Person, hewan)
			return errOf(h.use(h.clerk(), id, p.ID))
		}},
		"another kind": {locker.ErrOtherKind, func(h *house, p locker.Paper, _ string) error {
			id := h.file(claim)
			papers := h.allPapers(id)
			other := papers[slices.IndexFunc(papers, func(n Paper) bool { return n.Material != "id_card" })].Material
			return errOf(h.UsePaper(h.t.Context(), h.clerk(), id, Reuse{Material: other, Paper: p.ID}))
		}},
		"taken out": {locker.ErrRemoved, func(h *house, p locker.Paper, id string) error {
			must(h.t, errOf(h.locker.Remove(h.t.Context(), h.resident, p.ID, locker.Asked)))
			return errOf(h.use(h.clerk(), id, p.ID))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h := withLocker(t)
			p, id := h.stored(h.clerk(), h.resident.Person), h.file(enrolment)
			want(t, try.do(h, p, id), try.want)
			if n := h.trailed(p.ID, try.want); n != 1 {
				t.Errorf("%d rows in the trail", n)
			}
			var left int64
			must(t, h.store.Read(t.Context()).Table("files").Where("kind = ?", materialKind).Count(&left).Error)
			var used int64
			must(t, h.store.Read(t.Context()).Table("locker_uses").Count(&used).Error)
			if left+used != 0 {
				t.Errorf("the refused use left %d photos and %d lines in the log", left, used)
			}
			h.sound()
		})
	}
}

// TestALockerPaperMustBeGoodWhenHandedIn: what ran out between the draft and the submission is refused; the paper itself, or another, will do.
func TestALockerPaperMustBeGoodWhenHandedIn(t *testing.T) {
	h := withLocker(t)
	p, id := h.stored(h.clerk(), h.resident.Person), h.file(enrolment)
	must(t, errOf(h.use(h.clerk(), id, p.ID)))
	h.pass(101 * 24 * time.Hour)
	_, err := h.Submit(t.Context(), h.clerk(), id, Submission{})
	want(t, err, ErrLentOver)
	wrongField(t, err, "body.papers.id_card")
	if n := h.trailed(p.ID, locker.ErrExpired); n != 1 || h.row(id).Status != Draft {
		t.Errorf("%d rows in the trail, the case is %s", n, h.row(id).Status)
	}
	_, err = h.Submit(t.Context(), h.clerk(), id, Submission{Papers: h.allPapers(id)})
	must(t, err)
	var copies int64
	must(t, h.store.Read(t.Context()).Table("files").Where("kind = ?", materialKind).Count(&copies).Error)
	if copies != 0 {
		t.Errorf("%d copies stayed beside the paper itself", copies)
	}
	second := h.file(enrolment)
	fresh := h.stored(h.clerk(), h.resident.Person)
	must(t, errOf(h.use(h.clerk(), second, fresh.ID)))
	must(t, errOf(h.locker.Withdraw(t.Context(), h.clerk(), fresh.ID, account.Spoken)))
	_, err = h.Submit(t.Context(), h.clerk(), second, Submission{})
	want(t, err, ErrLentOver)
	if n := h.trailed(fresh.ID, locker.ErrNoConsent); n != 1 {
		t.Errorf("%d rows in the trail of a withdrawn consent", n)
	}
	h.sound()
}

// TestALockerPaperAnswersACorrection: a lent paper is the answer to a defect, if it is still good when the answer is given.
func TestALockerPaperAnswersACorrection(t *testing.T) {
	h := withLocker(t)
	id := h.to(Correcting, h.own(claim))
	p := h.stored(h.resident, "")
	if first := h.first(id); first != "id_card" {
		t.Fatalf("the correction asks for %s", first)
	}
	must(t, errOf(h.use(h.resident, id, p.ID)))
	must(t, errOf(h.locker.Withdraw(t.Context(), h.resident, p.ID, "")))
	_, err := h.Correct(t.Context(), h.resident, id, Correction{})
	want(t, err, ErrLentOver)
	must(t, errOf(h.locker.Agree(t.Context(), h.resident, p.ID, locker.Agreeing{Consent: account.Consent{TextVersion: "2026-01"}, Until: h.today().AddDays(30)})))
	must(t, errOf(h.Correct(t.Context(), h.resident, id, Correction{})))
	_, err = h.use(h.resident, id, p.ID)
	want(t, err, ErrNotNow)
	h.sound()
}

// TestACasesPaperIsKept: from a case into the locker, and who may not.
func TestACasesPaperIsKept(t *testing.T) {
	h := withLocker(t)
	id := h.file(enrolment)
	keeping := Keeping{Material: "id_card", Consent: account.Consent{TextVersion: "2026-01", How: account.Spoken}, ConsentUntil: h.today().AddDays(30)}
	_, err := h.KeepPaper(t.Context(), h.clerk(), id, keeping)
	wrongField(t, err, "body.material") // there is no photo yet
	_, err = h.Edit(t.Context(), h.clerk(), id, Editing{Papers: []Paper{{Material: "id_card", Files: []string{h.photo(h.clerk(), 90)}}}})
	must(t, err)
	p, err := h.KeepPaper(t.Context(), h.clerk(), id, keeping)
	must(t, err)
	if p.Person != h.resident.Person || p.Kind != "id_card" || len(p.Pages) != 1 || p.FromCase != id || p.Refused != "" || !p.ValidUntil.IsZero() {
		t.Errorf("kept %+v", p)
	}
	keeping.Material = "application_form"
	_, err = h.KeepPaper(t.Context(), h.clerk(), h.file(claim), keeping)
	if f := fault.Of(err).Fields; len(f) != 1 || f[0].Location != "body.material" {
		t.Errorf("a form of one matter: %v", err)
	}
	_, err = h.KeepPaper(t.Context(), h.foreign(), id, keeping)
	want(t, err, fault.NotFound)
	keeping.Material, keeping.Consent.How = "id_card", ""
	_, err = h.KeepPaper(t.Context(), h.clerk(), id, keeping)
	wrongField(t, err, "body.consent.how")
}

// TestWhoSeesALocker: he himself and the clerk of where he lives, whose look he can read.
func TestWhoSeesALocker(t *testing.T) {
	h := withLocker(t)
	p := h.stored(h.resident, "")
	looks := func() (n int64) {
		must(t, h.store.Read(t.Context()).Table("trail").Where("object = ? AND act = 'person.read' AND person = ?", h.resident.Person, h.clerk().Person).Count(&n).Error)
		return n
	}
	for _, actor := range []access.Actor{h.resident, h.clerk()} {
		list, err := h.locker.Papers(t.Context(), actor, h.resident.Person, "", 10)
		must(t, err)
		one, err := h.locker.Paper(t.Context(), actor, p.ID)
		must(t, err)
		if len(list) != 1 || list[0].ID != p.ID || one.KindName != "居民身份证" || len(one.Pages) != 2 {
			t.Errorf("%s sees %+v", actor.Role, list)
		}
		_, from, err := h.files.Open(t.Context(), actor, p.Pages[0].File)
		must(t, err)
		must(t, from.Close())
	}
	if n := looks(); n != 3 {
		t.Errorf("%d looks of the clerk are kept", n)
	}
	for _, actor := range []access.Actor{h.other, h.foreign(), h.window(), h.supervisor()} {
		_, err := h.locker.Papers(t.Context(), actor, h.resident.Person, "", 10)
		one := errOf(h.locker.Paper(t.Context(), actor, p.ID))
		_, _, page := h.files.Open(t.Context(), actor, p.Pages[0].File)
		if err == nil || fault.Of(one).Kind != fault.Missing || fault.Of(page).Kind != fault.Missing {
			t.Errorf("%s: %v, %v, %v", actor.Role, err, one, page)
		}
		if one := errOf(h.locker.Remove(t.Context(), actor, p.ID, locker.Asked)); one == nil {
			t.Errorf("%s takes it out", actor.Role)
		}
	}
}

// TestForgettingALocker: with the account all papers go, and their photos with the next sweep.
func TestForgettingALocker(t *testing.T) {
	h := withLocker(t)
	h.stored(h.resident, "")
	h.stored(h.clerk(), h.resident.Person)
	kept := h.stored(h.other, "")
	must(t, h.store.Write(t.Context(), h.resident, func(tx *store.Tx) error { return h.locker.Forget(tx, h.resident.Person) }))
	var left []string
	must(t, h.store.Read(t.Context()).Table("locker_papers").Where("removed_at IS NULL").Pluck("id", &left).Error)
	var photos int64
	must(t, h.store.Read(t.Context()).Table("files").Where("kind = 'locker_paper' AND object <> ?", kept.ID).Count(&photos).Error)
	if !slices.Equal(left, []string{kept.ID}) || photos != 0 {
		t.Errorf("%v and %d photos are left", left, photos)
	}
}

func errOf[T any](_ T, err error) error { return err }
