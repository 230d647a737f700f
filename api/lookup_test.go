package api

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"tongban/internal/casework"
	"tongban/internal/county"
	"tongban/internal/county/standin"
)

// openRegisters is a house whose county looks papers up. hurry has it asked for no longer than so; 0 for the product's own time.
func openRegisters(t *testing.T) (h *house, r *standin.Registers, hurry func(time.Duration)) {
	t.Helper()
	keys, err := county.ParseKeys("k1:" + strings.Repeat("r", county.ShortestKey))
	if err != nil {
		t.Fatal(err)
	}
	h = openHouse(t, func(d *Deps) {
		r = standin.NewRegisters(keys, d.Store.Clock())
		server := httptest.NewServer(r)
		t.Cleanup(server.Close)
		hurry = func(patience time.Duration) {
			client, err := county.NewRegisters(county.Options{URL: server.URL + "/look-up", Keys: keys, Clock: d.Store.Clock(), Log: d.Log, Patience: patience})
			if err != nil {
				t.Fatal(err)
			}
			d.Cases.LooksUpIn(client)
		}
		hurry(0)
	})
	return h, r, hurry
}

const lookUpHukou = `{"material":"hukou_book",` + spoken + `}`

// hukouIn is the paper that the county looks up for an enrolment, in an answer.
func hukouIn(t *testing.T, w *httptest.ResponseRecorder) materialGivenView {
	t.Helper()
	for _, m := range read[CaseView](t, w).Materials {
		if m.Material == "hukou_book" {
			return m
		}
	}
	t.Fatalf("no such paper: %s", w.Body)
	return materialGivenView{}
}

// TestTheCountyIsAskedAtTheCounter: whatever ails the registers the clerk goes on; no makes the paper one that must be brought; yes saves it, and
// the hall sees so.
func TestTheCountyIsAskedAtTheCounter(t *testing.T) {
	h, r, hurry := openRegisters(t)
	elder := h.register(t, "周老汉", `"id_number":"`+idNumber1+`",`+spoken)
	id := h.enrol(t, "clerk-xinglin", elder)
	ask := func() materialGivenView {
		t.Helper()
		return hukouIn(t, h.must(t, "clerk-xinglin", 200, "POST", "/cases/"+id+"/look-up", lookUpHukou))
	}
	if m := hukouIn(t, h.must(t, "clerk-xinglin", 200, "GET", "/cases/"+id, "")); m.State != casework.LookedUp || m.Lookup != nil {
		t.Fatalf("before: %+v", m)
	}
	r.Hold(idNumber1, "hukou_book", "HK/2026-17")
	for _, trouble := range []string{standin.Down, standin.Slow, standin.Reset, standin.Garbage, standin.Forged, standin.Stale} {
		r.Trouble(trouble)
		if hurry(0); trouble == standin.Slow {
			hurry(time.Second)
		}
		if m := ask(); m.State != casework.LookedUp || m.Lookup == nil || m.Lookup.Outcome != casework.LookupDown || m.Lookup.Ref != "" {
			t.Errorf("%s: %+v %+v", trouble, m, m.Lookup)
		}
	}
	r.Trouble("")
	r.Hold(idNumber1, "hukou_book", "")
	if m := ask(); m.State != casework.Missing || m.Lookup.Outcome != casework.LookupAbsent {
		t.Errorf("no: %+v %+v", m, m.Lookup)
	}
	const rest = `[{"material":"id_card"}]`
	m := &matter{by: "clerk-xinglin", id: id, papers: rest}
	w := h.file(t, m)
	if problem := problemOf(t, w); problem.Code != "case.materials_missing" || len(problem.Errors) != 1 || problem.Errors[0].Location != "body.papers.hukou_book" {
		t.Errorf("handed in without it: %s", w.Body)
	}
	r.Hold(idNumber1, "hukou_book", "HK/2026-17")
	before, key := len(r.Asked()), uuid.NewString()
	for range 2 { // the second time is the first's answer again
		w := h.send(t, "clerk-xinglin", "POST", base+"/cases/"+id+"/look-up", lookUpHukou, keyHeader, key)
		if m := hukouIn(t, w); m.State != casework.LookedUp || m.Lookup.Outcome != casework.LookupFound || m.Lookup.Ref != "HK/2026-17" {
			t.Errorf("yes: %+v %+v", m, m.Lookup)
		}
	}
	asked := r.Asked()
	if last := asked[len(asked)-1]; len(asked) != before+1 || last.Name != "周老汉" || last.IDNumber != idNumber1 || last.Material != "hukou_book" || last.Item != pension {
		t.Errorf("asked %d times, the last time %+v", len(asked)-before, last)
	}
	consent := read[consentView](t, h.must(t, "clerk-xinglin", 200, "POST", "/residents/"+elder+"/consents/"+asked[len(asked)-1].Consent+"/withdraw", `{"how":"signed"}`))
	if consent.Person != elder || consent.GivenBy != elder || consent.Kind != "look_up" || consent.How != "spoken" || consent.WithdrawnAt == nil || consent.WithdrawnHow != "signed" {
		t.Errorf("he agreed: %+v", consent)
	}
	h.must(t, "clerk-xinglin", 200, "POST", h.readyToFile(t, m), `{"papers":`+rest+`}`)
	h.must(t, "window-hall", 200, "POST", "/cases/"+id+"/receive", `{}`)
	if m := hukouIn(t, h.must(t, "window-hall", 200, "GET", "/cases/"+id, "")); m.Lookup == nil || m.Lookup.Outcome != casework.LookupFound || m.Lookup.Ref != "HK/2026-17" {
		t.Errorf("the hall sees %+v", m)
	}
	for _, private := range []string{idNumber1, "周老汉", "HK/2026"} {
		if strings.Contains(h.log.String(), private) {
			t.Errorf("the log holds %s", private)
		}
	}
}

// TestWhoMayHaveTheCountyAsked: the applicant himself and the clerk of his village, with consent; nobody else, and for no other paper.
func TestWhoMayHaveTheCountyAsked(t *testing.T) {
	h, r, _ := openRegisters(t)
	elder := h.register(t, "周老汉", `"id_number":"`+idNumber1+`",`+spoken)
	id := h.enrol(t, "clerk-xinglin", elder)
	own := h.enrol(t, "zhang", "")
	h.must(t, "clerk-xinglin", 201, "POST", "/residents/"+elder+"/helpers", `{"helper":"`+h.actor(t, "li").Person+`","scope":"all","valid_until":"2027-06-30",`+spoken+`}`)
	helped := read[CaseView](t, h.must(t, "li", 201, "POST", "/cases", `{"item_id":"`+pension+`","answers":`+caseAnswers[pension]+`,"on_behalf_of_resident_id":"`+elder+`"}`)).ID
	handed := h.enrol(t, "clerk-xinglin", elder)
	h.fileWith(t, handed, `[{"material":"id_card"}]`)
	h.must(t, "window-hall", 200, "POST", "/cases/"+handed+"/receive", `{}`)
	for name, c := range map[string]struct {
		who, id, body string
		status        int
		code, at      string
	}{
		"without consent":             {"clerk-xinglin", id, `{"material":"hukou_book"}`, 422, "request.invalid", "body.consent"},
		"a consent that nobody heard": {"clerk-xinglin", id, `{"material":"hukou_book","consent":{"text_version":"2026-01"}}`, 422, "request.invalid", "body.consent.how"},
		"another village's clerk":     {"clerk-hewan", id, lookUpHukou, 404, "request.not_found", ""},
		"a neighbour":                 {"wu", id, lookUpHukou, 404, "request.not_found", ""},
		"who only helps":              {"li", helped, lookUpHukou, 403, "request.forbidden", ""},
		"the hall, of a draft":        {"window-hall", id, lookUpHukou, 404, "request.not_found", ""},
		"the hall":                    {"window-hall", handed, lookUpHukou, 403, "request.forbidden", ""},
		"another paper":               {"clerk-xinglin", id, strings.Replace(lookUpHukou, "hukou_book", "id_card", 1), 422, "request.invalid", "body.material"},
		"a case that is handed in":    {"clerk-xinglin", handed, lookUpHukou, 409, "case.not_now", ""},
		"who has no number":           {"zhang", own, `{"material":"hukou_book","consent":{"text_version":"2026-01"}}`, 422, "case.no_id_number", ""},
	} {
		problem := problemOf(t, h.must(t, c.who, c.status, "POST", "/cases/"+c.id+"/look-up", c.body))
		if problem.Code != c.code || c.at != "" && (len(problem.Errors) == 0 || problem.Errors[0].Location != c.at) {
			t.Errorf("%s: %+v", name, problem)
		}
	}
	h.Cases.LooksUpIn(nil)
	if problem := problemOf(t, h.must(t, "clerk-xinglin", 409, "POST", "/cases/"+id+"/look-up", lookUpHukou)); problem.Code != "case.no_registers" || problem.Current == nil {
		t.Errorf("nobody to ask: %+v", problem)
	}
	if asked := r.Asked(); len(asked) != 0 {
		t.Errorf("asked %+v", asked)
	}
	if _, agreed := h.consents(t, elder)["look_up"]; agreed {
		t.Error("a refused inquiry left a consent")
	}
}

// TestAFindingAnswersTheHall: the hall asks for the paper, the county finds it at the counter, and nothing is brought.
func TestAFindingAnswersTheHall(t *testing.T) {
	h, r, _ := openRegisters(t)
	elder := h.register(t, "周老汉", `"id_number":"`+idNumber1+`",`+spoken)
	id := h.enrol(t, "clerk-xinglin", elder)
	h.fileWith(t, id, `[{"material":"id_card"}]`) // unasked
	h.play(t, map[string]string{"id": id},
		scenario{name: "received", who: "window-hall", method: "POST", path: "/cases/{id}/receive", body: `{}`, status: 200},
		scenario{name: "the hall asks for it", who: "window-hall", method: "POST", path: "/cases/{id}/ask-correction",
			body: `{"defects":[{"material":"hukou_book","reason":"missing","text":"县里没有查到，请补交户口簿。"}]}`, status: 200, fields: map[string]any{"status": "correcting"}},
		scenario{name: "nothing was done yet", who: "clerk-xinglin", method: "POST", path: "/cases/{id}/correct", body: `{}`, status: 422, code: "case.uncorrected", at: "body.papers.hukou_book"},
		scenario{name: "the county has it not", who: "clerk-xinglin", method: "POST", path: "/cases/{id}/look-up", body: lookUpHukou, status: 200},
		scenario{name: "nor is that an answer", who: "clerk-xinglin", method: "POST", path: "/cases/{id}/correct", body: `{}`, status: 422, code: "case.uncorrected", at: "body.papers.hukou_book"},
	)
	r.Hold(idNumber1, "hukou_book", "HK/2026-17")
	h.play(t, map[string]string{"id": id},
		scenario{name: "now it has", who: "clerk-xinglin", method: "POST", path: "/cases/{id}/look-up", body: lookUpHukou, status: 200},
		scenario{name: "that is the answer", who: "clerk-xinglin", method: "POST", path: "/cases/{id}/correct", body: `{}`, status: 200,
			fields: map[string]any{"status": "received", "corrections.0.answered_at": filled, "corrections.0.defects.0.answer": ""}},
	)
	if m := hukouIn(t, h.must(t, "window-hall", 200, "GET", "/cases/"+id, "")); m.State != casework.LookedUp || m.Lookup == nil || m.Lookup.Ref != "HK/2026-17" {
		t.Errorf("the hall sees %+v", m)
	}
}
