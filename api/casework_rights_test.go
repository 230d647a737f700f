package api

import (
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/casework"
)

// TestWhatCasesLeave: drafts go after a year, five years after the end nobody is told any more whose case it was; what is open stays.
func TestWhatCasesLeave(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	over, draft := filed(), filed()
	over.photo, draft.photo = h.keep(t, "clerk-xinglin"), h.keep(t, "clerk-xinglin")
	h.walkCase(t, h.draft(t, over), caseWay[casework.Reviewing]...)
	asked := read[CaseView](t, h.must(t, "reviewer", 200, "POST", "/cases/"+over.id+"/ask-opinions",
		`{"offices":["`+h.officeID(t, "civil-affairs")+`"],"question":"是否属实，请核对。","due_on":"2026-11-26"}`)).Opinions[0].ID
	h.must(t, "officer-civil", 200, "POST", "/opinions/"+asked+"/give", `{"position":"agree","text":"属实。"}`)
	h.walkCase(t, over, casework.Grant, casework.Deliver, casework.Conclude)
	h.draft(t, draft)
	h.must(t, "clerk-xinglin", 200, "POST", "/cases/"+draft.id+"/edit", `{"papers":[{"material":"id_card","files":["`+draft.photo+`"]}]}`)
	under := h.caseAt(t, casework.Reviewing, claim)
	discarded := h.caseAt(t, casework.Discarded, claim)
	h.deliver(t)
	of := func(due map[string]int64) (codes string) {
		maps.DeleteFunc(due, func(code string, _ int64) bool { return !strings.HasPrefix(code, "case") })
		return strings.Join(slices.Sorted(maps.Keys(due)), " ")
	}
	sound := func(when string) {
		t.Helper()
		if faults, err := h.Store.Fsck(t.Context(), casework.Checks()); err != nil || len(faults) > 0 {
			t.Errorf("%s: %v %v", when, faults, err)
		}
	}
	if due := of(h.giveUp(t)); due != "" {
		t.Errorf("at once %s went", due)
	}
	h.clock.Set(h.clock.Now().AddDate(0, 0, 300))
	if due := of(h.giveUp(t)); due != "" {
		t.Errorf("within a year %s went", due)
	}
	sound("after ten months")
	h.wantRows(t, 2, "outbox", "topic = 'case.submit'")
	h.clock.Set(h.clock.Now().AddDate(0, 0, 70))
	if got := of(h.giveUp(t)); got != "case.draft case_photo.loose" {
		t.Errorf("after a year %s went", got)
	}
	h.wantRows(t, 0, "cases", "id IN ?", []string{draft.id, discarded.id})
	h.wantRows(t, 0, "case_materials", "case_id IN ?", []string{draft.id, discarded.id})
	h.wantRows(t, 0, "case_events", "case_id IN ?", []string{draft.id, discarded.id})
	h.wantRows(t, 0, "files", "id = ?", draft.photo)
	h.wantRows(t, 1, "files", "id = ?", over.photo)
	if h.rows(t, "inbox", "object = ?", under.id) == 0 || h.rows(t, "inbox", "object = ?", over.id) != 0 {
		t.Error("messages about what is open went, or others stayed")
	}
	sound("after a year")
	h.clock.Set(h.clock.Now().AddDate(3, 11, 0))
	if got := of(h.giveUp(t)); got != "" {
		t.Errorf("within five years %s went", got)
	}
	h.clock.Set(h.clock.Now().AddDate(0, 2, 0))
	if got := of(h.giveUp(t)); got != "case.over case_document.over case_opinion.over case_photo.over case_receiver.over" {
		t.Errorf("after five years %s went", got)
	}
	h.wantRows(t, 1, "cases", "id = ? AND applicant = '' AND helper = '' AND query_mac = '' AND LENGTH(answers) = 0", over.id)
	h.wantRows(t, 1, "case_deliveries", "case_id = ? AND LENGTH(receiver) = 0 AND proof IS NULL", over.id)
	h.wantRows(t, 0, "case_documents", "case_id = ? AND LENGTH(data) > 0", over.id)
	h.wantRows(t, 1, "case_opinions", "case_id = ? AND LENGTH(question) = 0 AND text IS NULL AND position = 'agree'", over.id)
	h.wantRows(t, 0, "files", "id = ?", over.photo)
	h.wantRows(t, 1, "cases", "id = ? AND applicant <> '' AND query_mac <> '' AND LENGTH(answers) > 0", under.id)
	sound("after five years")
	if got := of(h.giveUp(t)); got != "" {
		t.Errorf("done again, %s went", got)
	}

	// Who decided it still reads what was done; whose it was is not told, to him neither.
	seen := read[CaseView](t, h.must(t, "decider", 200, "GET", "/cases/"+over.id, ""))
	if seen.Decision == nil || seen.Applicant != nil || len(seen.Answers) != 0 || len(seen.History) < 7 || seen.Delivery == nil || seen.Delivery.Receiver != "" {
		t.Errorf("%+v", seen)
	}
	h.must(t, "window-hall", 200, "GET", "/cases", "")
	h.must(t, "zhang", 404, "GET", "/cases/"+over.id, "")
	h.must(t, "zhang", 200, "GET", "/cases/"+under.id, "")
}

// TestACaseInTheCopy: what the clerk filed and what he began himself, whole in both forms, without buttons.
func TestACaseInTheCopy(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	granted := h.caseAt(t, casework.Delivered, claim)
	h.clock.Advance(time.Minute) // the newest comes first
	own := &matter{by: "zhang", item: claim}
	h.draft(t, own)
	c := read[copyView](t, h.must(t, "zhang", 200, "GET", "/me/export", ""))
	if len(c.Cases) != 2 || c.Cases[0].ID != own.id || c.Cases[1].ID != granted.id || !c.Complete {
		t.Fatalf("the copy has %+v", c.Cases)
	}
	for _, v := range c.Cases {
		if !v.Mine || len(v.History) == 0 && v.Status != casework.Draft || len(v.Answers) == 0 || len(v.Offers) != 0 || v.Reviewer != "" || v.Decider != "" {
			t.Errorf("%+v", v)
		}
	}
	if v := c.Cases[1]; v.Decision == nil || v.Delivery == nil || v.Number != granted.number {
		t.Errorf("%+v", v)
	}
	page := h.must(t, "zhang", 200, "GET", "/me/export.html", "").Body.String()
	if !strings.Contains(page, c.Cases[1].ItemName) || !strings.Contains(page, "结果已送达") || !strings.Contains(page, "满60周岁了吗？ 满了") {
		t.Errorf("the page is %s", page)
	}
	printed := h.must(t, "clerk-xinglin", 200, "POST", "/residents/"+h.actor(t, "zhang").Person+"/export", `{"reason":"老人要核对登记"}`).Body.String()
	if strings.Count(printed, c.Cases[1].ItemName+"，BJ") != 1 { // its errand is named so too
		t.Errorf("the clerk prints %s", printed)
	}
}

// TestClosingWithACase: what is under way stops it, what was only begun does not.
func TestClosingWithACase(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	waiting := h.caseAt(t, casework.Accepted, claim)
	begun := h.caseAt(t, casework.Draft, claim)
	p := problemOf(t, h.must(t, "zhang", 409, "POST", "/me/close", closing))
	if p.Code != "rights.still_open" || len(p.Errors) != 1 || p.Errors[0].Location != "cases/"+waiting.id {
		t.Fatalf("told %+v", p)
	}
	h.must(t, "zhang", 200, "POST", "/cases/"+waiting.id+"/withdraw", `{"text":"先不办了，明年再办。"}`)
	h.must(t, "zhang", 200, "POST", "/me/close", closing)
	seen := read[CaseView](t, h.must(t, "clerk-xinglin", 200, "GET", "/cases/"+begun.id, ""))
	if seen.Status != casework.Discarded || len(seen.Answers) != 0 {
		t.Errorf("the draft is %+v", seen)
	}
	h.must(t, "reviewer", 200, "GET", "/cases/"+waiting.id, "")
}

// TestADraftThatWasEditedSince is not written over by a form that was opened before, whichever way it tells the version it saw.
func TestADraftThatWasEditedSince(t *testing.T) {
	h := openHouse(t)
	id := h.enrol(t, "clerk-xinglin", h.actor(t, "zhang").Person)
	edit := func(status int, body string, headers ...string) *httptest.ResponseRecorder {
		t.Helper()
		return h.must(t, "clerk-xinglin", status, "POST", "/cases/"+id+"/edit", body, headers...)
	}
	const taken = `{"papers":[{"material":"id_card","taken_as":"copy"}]}`
	if now := read[CaseView](t, edit(200, taken, "If-Match", `"1"`)); now.Version != 2 {
		t.Fatalf("version %d", now.Version)
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"in the header":        edit(409, taken, "If-Match", `"1"`),
		"in the body":          edit(409, `{"version":1,"papers":[]}`),
		"the body comes first": edit(409, `{"version":1,"papers":[]}`, "If-Match", `"2"`),
	} {
		if p := problemOf(t, w); p.Current == nil || p.Current.Version != 2 {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
	for _, nonsense := range []string{"2", `W/"2"`, `"x"`, `"0"`, "*"} {
		edit(422, taken, "If-Match", nonsense)
	}
	edit(200, taken, "If-Match", `"2"`)
}
