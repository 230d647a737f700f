package api

import (
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/store"
)

// putPaper lets a villager keep his identity card, which is good and agreed to until these days.
func (h *house) putPaper(t testing.TB, who, valid, agreed string) LockerPaperView {
	t.Helper()
	return read[LockerPaperView](t, h.must(t, who, 201, "POST", "/me/locker", `{"kind":"id_card","files":["`+h.keep(t, who)+`"],"valid_until":"`+valid+
		`","consent_until":"`+agreed+`","consent":{"text_version":"`+consentVersion+`"}}`))
}

// enrol begins a case of somebody's.
func (h *house) enrol(t testing.TB, by, applicant string) string {
	t.Helper()
	if applicant != "" {
		applicant = `,"applicant":"` + applicant + `"`
	}
	return read[CaseView](t, h.must(t, by, 201, "POST", "/cases", `{"item_id":"`+pension+`","answers":`+caseAnswers[pension]+applicant+`}`)).ID
}

func (h *house) usePaper(t testing.TB, who string, status int, id, paper string) string {
	t.Helper()
	w := h.must(t, who, status, "POST", "/cases/"+id+"/use-paper", `{"material":"id_card","locker_paper":"`+paper+`"}`)
	if status == 200 {
		return ""
	}
	return problemOf(t, w).Code
}

// refusedUses are the reasons with which uses of a paper were refused, as the trail has them.
func (h *house) refusedUses(t testing.TB, paper string) (codes []string) {
	t.Helper()
	var rows []store.TrailRow
	if err := h.Store.Read(t.Context()).Where("object = ? AND act = ?", paper, "locker.refuse").Order("id").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		body, err := row.Text()
		if err != nil || body.Area != xinglin {
			t.Fatalf("%+v %v", body, err)
		}
		codes = append(codes, body.Why)
	}
	return codes
}

func (h *house) day(n int) string { return clock.DateOf(h.clock.Now()).AddDays(n).String() }

// TestALockerPaperIsRefusedByItsCode: without consent, after its last day, for another person, to another village's clerk.
func TestALockerPaperIsRefusedByItsCode(t *testing.T) {
	h := openHouse(t)
	zhang := h.actor(t, "zhang").Person
	p := h.putPaper(t, "zhang", h.day(100), h.day(200))
	id := h.enrol(t, "clerk-xinglin", zhang)
	var got []string
	h.must(t, "zhang", 200, "POST", "/locker/"+p.ID+"/withdraw", `{}`)
	got = append(got, h.usePaper(t, "clerk-xinglin", 403, id, p.ID))
	h.must(t, "clerk-xinglin", 200, "POST", "/locker/"+p.ID+"/consent", `{"consent_until":"`+h.day(200)+`",`+spoken+`}`)
	got = append(got, h.usePaper(t, "clerk-xinglin", 403, h.enrol(t, "clerk-xinglin", h.actor(t, "li").Person), p.ID))
	got = append(got, h.usePaper(t, "li", 403, h.enrol(t, "li", ""), p.ID))
	got = append(got, h.usePaper(t, "clerk-hewan", 403, h.enrol(t, "clerk-hewan", h.actor(t, "wang").Person), p.ID))
	h.usePaper(t, "clerk-xinglin", 200, id, p.ID)
	h.clock.Advance(101 * 24 * time.Hour)
	got = append(got, h.usePaper(t, "clerk-xinglin", 422, id, p.ID))
	m := &matter{by: "clerk-xinglin", id: id, papers: "[]"}
	w := h.file(t, m)
	if problem := problemOf(t, w); problem.Code != "case.locker_paper_over" || problem.Errors[0].Location != "body.papers.id_card" {
		t.Errorf("the case is refused as %s", w.Body)
	}
	want := "locker.no_consent locker.other_person locker.other_person locker.other_village locker.expired"
	if codes := strings.Join(got, " "); codes != want {
		t.Errorf("refused as %s, want %s", codes, want)
	}
	if codes := strings.Join(h.refusedUses(t, p.ID), " "); codes != want+" locker.expired" {
		t.Errorf("the trail has %s", codes)
	}
	h.must(t, "clerk-xinglin", 200, "POST", h.readyToFile(t, m), `{"papers":[{"material":"id_card"}]}`)
	seen := read[LockerPaperView](t, h.must(t, "zhang", 200, "GET", "/locker/"+p.ID, ""))
	if seen.Times != 1 || len(seen.Uses) != 1 || seen.Uses[0].Case != id || seen.Uses[0].Material != "id_card" || seen.Refused != "locker.expired" {
		t.Errorf("its owner sees %+v", seen)
	}
}

// TestALockerThroughTheDoor: from a case into the locker and back into another case; the clerk's look can be read; the owner takes it out,
// and withdraws by the list of all his consents as well.
func TestALockerThroughTheDoor(t *testing.T) {
	h := openHouse(t)
	zhang := h.actor(t, "zhang").Person
	id := h.enrol(t, "clerk-xinglin", zhang)
	h.must(t, "clerk-xinglin", 200, "POST", "/cases/"+id+"/edit", `{"papers":[{"material":"id_card","files":["`+h.keep(t, "clerk-xinglin")+`"]}]}`)
	kept := read[LockerPaperView](t, h.must(t, "clerk-xinglin", 201, "POST", "/cases/"+id+"/keep-paper", `{"material":"id_card","consent_until":"`+h.day(300)+`",`+spoken+`}`))
	h.usePaper(t, "zhang", 200, h.enrol(t, "zhang", ""), kept.ID)
	listed := read[list[LockerPaperView]](t, h.must(t, "clerk-xinglin", 200, "GET", "/residents/"+zhang+"/locker", "")).Items
	if len(listed) != 1 || listed[0].ID != kept.ID || listed[0].FromCase != id || listed[0].Times != 1 || listed[0].Refused != "" || !listed[0].ValidUntil.IsZero() {
		t.Errorf("the clerk sees %+v", listed)
	}
	if reads := itemsOf(t, h.must(t, "zhang", 200, "GET", "/me/reads", "")); len(reads) == 0 || reads[0]["field_text"] != "存着的材料" {
		t.Errorf("the owner reads %v", reads)
	}
	h.must(t, "zhang", 200, "POST", "/me/consents/"+kept.Consent+"/withdraw", "")
	if seen := read[LockerPaperView](t, h.must(t, "zhang", 200, "GET", "/locker/"+kept.ID, "")); seen.Refused != "locker.no_consent" || seen.WithdrawnAt == nil {
		t.Errorf("withdrawn among the consents: %+v", seen)
	}
	h.must(t, "zhang", 200, "POST", "/locker/"+kept.ID+"/remove", `{"why":"asked"}`)
	h.must(t, "zhang", 404, "GET", "/locker/"+kept.ID, "")
	if left := itemsOf(t, h.must(t, "zhang", 200, "GET", "/me/locker", "")); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	stays := h.putPaper(t, "zhang", h.day(100), h.day(100))
	h.must(t, "clerk-xinglin", 200, "POST", "/residents/"+zhang+"/close", `{"cause":"died","how":"村委会死亡登记"}`)
	h.must(t, "clerk-xinglin", 404, "GET", "/locker/"+stays.ID, "")
	var n int64
	if err := h.Store.Read(t.Context()).Table("locker_papers").Where("removed_at IS NULL").Count(&n).Error; err != nil || n != 0 {
		t.Errorf("%d papers of a closed account are left (%v)", n, err)
	}
}

// TestALockerIsFull at forty papers, and what was taken out makes room.
func TestALockerIsFull(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	p := h.putPaper(t, "zhang", h.day(100), h.day(200))
	err := h.Store.Write(t.Context(), access.Round(xinglin), func(tx *store.Tx) error {
		const others = "person, kind, consent, consent_until, over_on, from_case, put_by, put_role, uses, created_at, removed_by, removed_why"
		for range 39 {
			if err := tx.Exec("INSERT INTO locker_papers (id, "+others+") SELECT ?, "+others+" FROM locker_papers WHERE id = ?", tx.NewID(), p.ID).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	more := `{"kind":"id_card","files":["` + h.keep(t, "zhang") + `"],"consent_until":"` + h.day(200) + `","consent":{"text_version":"` + consentVersion + `"}}`
	h.refused(t, "zhang", 422, "locker.full", "POST", "/me/locker", more)
	h.must(t, "zhang", 200, "POST", "/locker/"+p.ID+"/remove", `{"why":"asked"}`)
	h.must(t, "zhang", 201, "POST", "/me/locker", more)
}

// handingIn is the rule of a stored paper that is used for a case.
func handingIn(of thing) []rule {
	body := `{"version":` + staleVersion + `,"material":"id_card","locker_paper":"` + someID + `"}`
	return []rule{{who: person, of: of, by: roles(villager, clerk), deny: notForYou, want: staleCase, body: body}}
}
