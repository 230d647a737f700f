package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/casework"
	"tongban/internal/errand"
	"tongban/internal/offline"
)

// TestAQueuedErrand: a whole errand without a network, sent in one call; the photo is asked for, uploaded, and the rest sent again.
func TestAQueuedErrand(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	card := jpegOf(t, 24, 16)
	line := errandLine("phone-one-claim", h.actor(t, "zhang").Person, h.claimPapers(t), digestOf(card))
	first := h.takeAll(t, "clerk-xinglin", line...)
	wantOutcomes(t, first, "created created waits:photos"+strings.Repeat(" waits:earlier", 5))
	if want := []string{digestOf(card)}; len(first[2].Missing) != 1 || first[2].Missing[0] != want[0] {
		t.Errorf("asked for %v, want %v", first[2].Missing, want)
	}
	if w := h.upload(t, "clerk-xinglin", card); w.Code != http.StatusCreated {
		t.Fatal(w.Code, w.Body)
	}
	second := h.takeAll(t, "clerk-xinglin", line...)
	wantOutcomes(t, second, "same same created created created created created created")
	filed := second[7].Done
	if len(filed.QueryCode) != 6 || filed.CaseNumber == "" || filed.Kind != "errand" || filed.ID != second[3].Done.ID {
		t.Errorf("filed as %+v", filed)
	}
	third := h.takeAll(t, "clerk-xinglin", line...)
	wantOutcomes(t, third, strings.TrimSpace(strings.Repeat("same ", 8)))
	for i := range third {
		if *third[i].Done != *map[bool]*queuedDoneView{true: first[i].Done, false: second[i].Done}[i < 2] {
			t.Errorf("act %d is told as %+v now", i, third[i].Done)
		}
	}
	seen := read[CaseView](t, h.must(t, "clerk-xinglin", http.StatusOK, "GET", "/cases/"+first[1].Done.ID, ""))
	if seen.Status != casework.Submitted || seen.Number != filed.CaseNumber || seen.Notice != first[0].Done.ID {
		t.Errorf("the case is %s, number %s, of notice %s", seen.Status, seen.Number, seen.Notice)
	}
	for _, m := range seen.Materials {
		if m.Material == "id_card" && len(m.Files) != 1 {
			t.Errorf("the card has %d photos", len(m.Files))
		}
	}
	if !strings.Contains(first[0].Done.URL, "/q/") {
		t.Errorf("the notice is at %q", first[0].Done.URL)
	}
	// later acts name earlier ones of other calls, and the papers that one of them took in
	back := queued{Key: key("phone-one-back"), Line: line[0].Line, Seq: 9, Act: "returnErrandPapers", On: "act:" + line[3].Key,
		Body: json.RawMessage(`{"paper":"act:` + line[5].Key + `","count":1,"signer":"张杏花","signature":"signed"}`)}
	answer := h.takeAll(t, "clerk-xinglin", back)
	wantOutcomes(t, answer, "created")
	if e := read[ErrandView](t, h.must(t, "clerk-xinglin", http.StatusOK, "GET", "/errands/"+filed.ID, "")); e.Status != errand.SentIn || len(e.Papers) != 2 || e.Papers[1].Returns != second[5].Done.Paper {
		t.Errorf("the errand is %s with %+v", e.Status, e.Papers)
	}
}

// TestAQueueOutlivesALogOut: the clerk saw the identity and the papers in one go, whichever log-in sends what. What another line saw is another
// sitting's.
func TestAQueueOutlivesALogOut(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	const by = "clerk-xinglin"
	card := jpegOf(t, 24, 16)
	if w := h.upload(t, by, card); w.Code != http.StatusCreated {
		t.Fatal(w.Code, w.Body)
	}
	line := errandLine("sent-in-parts", h.actor(t, "zhang").Person, h.claimPapers(t), digestOf(card))
	wantOutcomes(t, h.takeAll(t, by, line[:6]...), strings.TrimSpace(strings.Repeat("created ", 6)))
	h.must(t, by, http.StatusNoContent, "DELETE", "/session", "")
	delete(h.logins, by)
	stranger := line[6]
	stranger.Key, stranger.Line, stranger.Seq = key("sent-alone"), key("another-line"), 1
	wantOutcomes(t, h.takeAll(t, by, stranger), "conflict:errand.identity_lapsed")
	wantOutcomes(t, h.takeAll(t, by, line[6:]...), "created created")
}

// TestEachActComesOutByItself: whatever is wrong with one, the others are done, and those behind it are not tried.
func TestEachActComesOutByItself(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	zhang, papers := h.actor(t, "zhang").Person, h.claimPapers(t)
	good := plainLine("line-good-1", zhang, papers)
	one := func(line, act, on, body string) queued { return queueUp(line, [3]string{act, on, body})[0] }
	foreign := read[CaseView](t, h.must(t, "clerk-hewan", http.StatusCreated, "POST", "/cases",
		`{"item_id":"`+claim+`","answers":`+caseAnswers[claim]+`,"applicant":"`+h.actor(t, "wang").Person+`"}`)).ID
	broken := plainLine("line-broken", h.actor(t, "wang").Person, papers) // he lives elsewhere
	acts := append(append([]queued{
		one("line-unknown", "grantCase", "act:line-good-1-2", `{}`),
		one("line-nothing", "paintTheHall", "", `{}`),
		one("line-foreign", "editCase", foreign, `{}`),
		one("line-shapes", "editCase", "no id", `{}`),
		one("line-fields", "makeNotice", "", `{"item_id":"`+claim+`","village":"杏林","colour":"red"}`),
		one("line-digest", "editCase", "act:line-good-1-2", `{"papers":[{"material":"id_card","files":["sha256:12"]}]}`),
		one("line-others", "identifyErrand", "act:line-good-1-2", `{"how":"in_person","document":"id_card"}`),
		one("line-onwhat", "submitCase", "", `{}`),
		one("line-itself", "editCase", "act:line-itself-1", `{}`),
		one("line-absent", "submitCase", "act:never-came-1", `{}`),
		one("line-behind", "submitCase", "act:line-broken-2", `{}`),
	}, good...), broken...)
	answers := h.takeAll(t, "clerk-xinglin", acts...)
	wantOutcomes(t, answers, "invalid:offline.unknown_act invalid:offline.unknown_act invalid:request.not_found invalid:request.not_found invalid:request.invalid "+
		"invalid:request.invalid invalid:offline.wrong_reference invalid:request.invalid invalid:request.invalid waits:reference waits:refused "+
		strings.Repeat("created ", 7)+"created invalid:request.invalid"+strings.Repeat(" waits:refused", 5))
	if at := answers[4].Problem.Errors; len(at) != 2 || at[0].Location != "body.colour" && at[1].Location != "body.colour" {
		t.Errorf("wrong are %+v", at)
	}
	h.wantRows(t, 8, "offline_acts", "seq > 0") // nothing is kept of what was refused

	// the same place twice, the same key with another content, and the true one again
	other := good[1]
	other.Body = json.RawMessage(byKeys(`{"notice_code":"act:line-good-1-1","applicant":"` + h.actor(t, "li").Person + `"}`))
	place := good[1]
	place.Key = key("another-key-in-its-place")
	spaced := good[1]
	spaced.Body = json.RawMessage(byKeys(`{ "applicant": "` + zhang + `", "notice_code": "act:line-good-1-1" }`))
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", other, place, spaced), "invalid:idempotency.other_content invalid:offline.place_taken same")

	// what was refused is put right under the same number
	broken[1].Key, broken[1].Body = key("line-broken-2-again"), json.RawMessage(byKeys(`{"notice_code":"act:line-broken-1","applicant":"`+zhang+`"}`))
	broken[2].On = byKeys("act:line-broken-2-again")
	broken[3].Body = json.RawMessage(strings.Replace(string(broken[3].Body), byKeys("act:line-broken-2"), broken[2].On, 1))
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", broken...), "same"+strings.Repeat(" created", 6))
	h.wantRows(t, 14, "offline_acts", "seq > 0")
	h.wantRows(t, 3, "cases", "1 = 1")
	h.wantRows(t, 2, "notices", "1 = 1")
}

// TestAQueuedActMeetsTheWorld: the case was moved meanwhile, or what it rested on is gone.
func TestAQueuedActMeetsTheWorld(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	zhang, papers := h.actor(t, "zhang").Person, h.claimPapers(t)
	line := plainLine("line-world", zhang, papers)
	answers := h.takeAll(t, "clerk-xinglin", line...)
	id := answers[1].Done.ID
	late := queued{Key: key("line-world-late"), Line: key("line-world"), Seq: 8, Act: "editCase", On: byKeys("act:line-world-2"), Body: json.RawMessage(`{"version":2}`)}
	now := h.takeAll(t, "clerk-xinglin", late)
	wantOutcomes(t, now, "conflict:case.not_now")
	seen := read[CaseView](t, h.must(t, "clerk-xinglin", http.StatusOK, "GET", "/cases/"+id, ""))
	if c := now[0].Problem.Current; c == nil || c.Status != string(casework.Submitted) || c.Version != seen.Version || len(c.Offers) == 0 {
		t.Errorf("it stands as %+v, and is told as %+v", seen.Version, c)
	}
	m := &matter{by: "clerk-xinglin", whose: "zhang", item: claim, id: id}
	h.walkCase(t, m, casework.Receive, casework.AskCorrection)
	answer := queued{Key: key("line-world-answer"), Line: key("line-world"), Seq: 8, Act: "correctCase", On: id, Body: json.RawMessage(`{"papers":[{"material":"id_card"}]}`)}
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", answer), "created")

	p := h.putPaper(t, "zhang", h.day(100), h.day(200))
	draft := h.enrol(t, "clerk-xinglin", zhang)
	h.must(t, "zhang", http.StatusOK, "POST", "/locker/"+p.ID+"/withdraw", `{}`)
	use := queueUp("line-locker", [3]string{"usePaper", draft, `{"material":"id_card","locker_paper":"` + p.ID + `"}`})
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", use...), "invalid:locker.no_consent")
	if codes := strings.Join(h.refusedUses(t, p.ID), " "); codes != "locker.no_consent" {
		t.Errorf("the trail has %q", codes)
	}
	h.must(t, "clerk-xinglin", http.StatusOK, "POST", "/locker/"+p.ID+"/consent", `{"consent_until":"`+h.day(200)+`",`+spoken+`}`)
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", use...), "created")
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", use...), "same")
	if w := h.send(t, "zhang", "GET", base+"/locker/"+p.ID, ""); read[LockerPaperView](t, w).Times != 1 {
		t.Errorf("the paper was used %s", w.Body)
	}
}

// TestWhoSendsQueuedActs: a clerk, and each his own.
func TestWhoSendsQueuedActs(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	line := plainLine("line-of-whom", h.actor(t, "zhang").Person, h.claimPapers(t))
	body := batchOf(t, line)
	h.must(t, "zhang", http.StatusForbidden, "POST", "/offline", body)
	h.must(t, "window-hall", http.StatusForbidden, "POST", "/offline", body)
	h.must(t, "", http.StatusUnauthorized, "POST", "/offline", body)
	mine := h.takeAll(t, "clerk-xinglin", line...)
	hers := h.takeAll(t, "deputy-xinglin", line...) // another clerk of the village has keys of her own, but for what is made without login
	wantOutcomes(t, hers, "same"+strings.Repeat(" created", 6))
	if hers[1].Done.ID == mine[1].Done.ID || hers[6].Done.QueryCode == "" {
		t.Errorf("she was told %+v", hers[1].Done)
	}
	for _, wrong := range []string{`{}`, `{"acts":[]}`, `{"acts":[{"key":"杏花","line":"` + someID + `","seq":1,"act":"openCase"}]}`,
		`{"acts":[{"key":"` + someID + `","line":"` + someID + `","seq":0,"act":"openCase"}]}`, `{"acts":[{"key":"` + someID + `","line":"` + someID + `","seq":5,"act":"openCase","body":[]}]}`} {
		h.refused(t, "clerk-xinglin", http.StatusUnprocessableEntity, "request.invalid", "POST", "/offline", wrong)
	}
	var many []queued
	for len(many) < 51 {
		many = append(many, line[0])
	}
	h.must(t, "clerk-xinglin", http.StatusUnprocessableEntity, "POST", "/offline", batchOf(t, many))
	h.wantRows(t, 14, "offline_acts", "1 = 1")
}

// TestAQueuedSubmissionWithoutEntrustment is refused for good: nobody entrusted the clerk, and no other moment would.
func TestAQueuedSubmissionWithoutEntrustment(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	line := plainLine("line-unentrusted", h.actor(t, "zhang").Person, h.claimPapers(t))[:4]
	line[3].Act, line[3].On, line[3].Body = "submitCase", line[2].On, json.RawMessage(`{"papers":[`+h.claimPapers(t)+`]}`)
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", line...), "created created created invalid:errand.not_entrusted")
	h.wantRows(t, 1, "cases", "status = ?", casework.Draft)
}

// TestAKeyIsNeverForgotten: after years the act is known, though the query code is not told any more; the tables are sound.
func TestAKeyIsNeverForgotten(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	line := plainLine("line-for-ever", h.actor(t, "zhang").Person, h.claimPapers(t))
	first := h.takeAll(t, "clerk-xinglin", line...)
	h.clock.Advance(31 * 24 * time.Hour)
	if _, err := h.Retention.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Store.SweepClaims(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := h.takeAll(t, "clerk-xinglin", line...)
	wantOutcomes(t, again, strings.TrimSpace(strings.Repeat("same ", 7)))
	if d := again[6].Done; d.ID != first[6].Done.ID || d.QueryCode != "" || first[6].Done.QueryCode == "" {
		t.Errorf("told %+v, then %+v", first[6].Done, d)
	}
	h.wantRows(t, 0, "offline_acts", "answer IS NOT NULL")
	faults, err := h.Store.Fsck(t.Context(), append(offline.Checks(), casework.Checks()...))
	if err != nil || len(faults) > 0 {
		t.Errorf("%v %v", faults, err)
	}
}

// TestQueueableCallsAreRoutes: each is a call that the clerk could make by himself, and the document names it.
func TestQueueableCallsAreRoutes(t *testing.T) {
	s, err := New(Deps{})
	if err != nil {
		t.Fatal(err)
	}
	field, _ := reflect.TypeFor[queuedBody]().FieldByName("Act")
	named := strings.Fields(field.Tag.Get("doc"))
	for name, verb := range s.queueable() {
		at := slices.IndexFunc(s.list, func(r Route) bool { return r.Name == name })
		if at < 0 || s.list[at].Content != jsonBody || !s.list[at].Idempotent || strings.Contains(s.list[at].Path, "{id}") != (verb.on != "") {
			t.Errorf("%s is no call that makes or moves something", name)
		}
		if !slices.Contains(named, name) && !strings.HasSuffix(named[0], "："+name) {
			t.Errorf("the document does not name %s", name)
		}
	}
}

// TestQueuedActsWaitForWhoIsServed: the phone sends what it queued while another client stands at the counter. Nothing is wrong with the act.
func TestQueuedActsWaitForWhoIsServed(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	zhang, li := h.actor(t, "zhang").Person, h.actor(t, "li").Person
	act := queueUp("line-served", [3]string{"editCase", h.enrol(t, "clerk-xinglin", zhang), `{"papers":[{"material":"id_card"}]}`})
	h.must(t, "clerk-xinglin", http.StatusOK, "POST", "/residents/"+li+"/serve", "")
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", act...), "waits:later:session.other_client")
	h.must(t, "clerk-xinglin", http.StatusOK, "POST", "/me/serving/end", "")
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", act...), "created")
}
