package api

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func init() {
	rules["serveResident"] = []rule{{who: staff, of: aRegistered, by: roles(clerk), deny: notForYou, want: ok, proof: attends}}
	rules["stopServing"] = []rule{{who: staff, by: roles(clerk), deny: notForYou, want: ok}}
	rules["readServing"] = []rule{{who: staff, by: roles(clerk), deny: notForYou, want: ok}}
}

// attends: while the caller serves that one, nothing of anybody else is shown or moved. Then it is ended: the caller's session would be refused
// everybody else's matters.
func attends(t *testing.T, m *matrix, _ rule, c cell, _ *httptest.ResponseRecorder) {
	t.Helper()
	by, client, other := c.caller.name, m.object(aRegistered, c.rel, c.caller), m.actor(t, "zhang").Person
	refused := func(code, method, path, body string) {
		t.Helper()
		if w := m.send(t, by, method, base+path, body, keyHeader, uuid.NewString()); w.Code != 409 || problemOf(t, w).Code != code {
			t.Errorf("%s serves another and is answered at %s %s: %d %s", by, method, path, w.Code, w.Body)
		}
	}
	const elses = "session.other_client"
	m.must(t, by, 200, "POST", "/residents/"+other+"/serve", "")
	photo, upload := m.keep(t, by), read[uploadView](t, m.must(t, by, 201, "POST", "/uploads", `{"size":10,"sha256":"`+digestOf(nil)+`"}`)).ID
	const colleague = "deputy-xinglin"
	m.must(t, colleague, 200, "POST", "/residents/"+other+"/serve", "")
	foreign := m.keep(t, colleague)
	m.must(t, colleague, 200, "POST", "/me/serving/end", `{}`)
	own := m.draft(t, &matter{by: "zhang", item: claim})
	m.parks(t, c.caller, own.id, read[servingView](t, m.must(t, by, 200, "POST", "/residents/"+client+"/serve", "")))
	handed := func(of, more string) string {
		return `{"class":"consult","text":"村东头的水压一直上不来。","identity":"public","village":"` + xinglin + `","applicant":"` + of + `"` + more + `}`
	}
	refused(elses, "GET", "/files/"+photo, "")
	refused(elses, "GET", "/uploads/"+upload, "")
	refused(elses, "POST", "/appeals", handed(client, `,"attachments":["`+photo+`"]`))
	if w := m.send(t, by, "POST", base+"/appeals", handed(client, `,"attachments":["`+foreign+`"]`), keyHeader, uuid.NewString()); w.Code != 422 {
		t.Errorf("%s names a colleague's photo, and is told more than that it is not there: %d %s", by, w.Code, w.Body)
	}
	refused(elses, "POST", "/appeals", handed(other, ""))
	refused(elses, "GET", "/appeals/"+m.object(anAppeal, his, c.caller), "")
	refused(elses, "GET", "/residents/"+other+"/consents", "")
	refused(elses, "POST", "/residents/"+other+"/consents", `{`+spoken+`}`)
	refused(elses, "POST", "/residents/"+other+"/helpers", `{"helper":"`+m.words["helper"]+`","scope":"all","valid_until":"2027-06-30",`+spoken+`}`)
	refused(elses, "POST", "/residents/"+other+"/bind-code", `{}`)
	refused(elses, "POST", "/residents/"+other+"/correct", `{"field":"name","value":"要改的人","evidence":"看了身份证"}`)
	refused(elses, "POST", "/residents/"+other+"/close", `{"cause":"asked","how":"本人到村站提出"}`)
	refused(elses, "POST", "/corrections/"+m.object(aCorrection, his, c.caller)+"/refuse", `{"reason":"身份证上不是这样写的"}`)
	refused(elses, "POST", "/actings/"+m.object(anActing, his, c.caller)+"/end", "")
	home := "/households/" + m.object(aHousehold, his, c.caller)
	refused(elses, "POST", home+"/add", `{"person":"`+other+`","relation":"99"}`)
	if h := read[householdView](t, m.must(t, by, 200, "GET", home, "")); !strings.Contains(h.HeadName, "*") {
		t.Errorf("%s serves another and reads of the head of a household: %s", by, h.HeadName)
	}
	for path, of := range map[string]thing{"/cases/": aCase, "/errands/": anErrand, "/locker/": aStored} {
		refused(elses, "GET", path+m.object(of, his, c.caller), "")
	}
	refused(elses, "GET", "/residents/"+other+"/locker", "")
	refused(elses, "POST", "/residents/"+other+"/reveal", `{"fields":["phone"],"cause":"contact","note":"通知参保"}`)
	refused(elses, "POST", "/cases", `{"item_id":"`+pension+`","answers":`+caseAnswers[pension]+`,"applicant":"`+other+`"}`)
	refused(elses, "POST", "/appeals/"+m.object(anAppeal, his, c.caller)+"/reveal-contact", `{"reason":"电话联系"}`)
	refused("session.serving", "POST", "/errands/ledger", `{"month":"2026-11","names":"full","cause":"file","note":"月底造册"}`)
	listed := append(itemsOf(t, m.send(t, by, "GET", base+"/residents?limit=100", "")), read[map[string]any](t, m.must(t, by, 200, "GET", "/residents/"+other, "")))
	for _, r := range listed {
		if masked := strings.Contains(r["name"].(string), "*"); masked == (r["id"] == client) {
			t.Errorf("%s serves %s, and reads of %s: %s", by, client, r["id"], r["name"])
		}
	}
	m.must(t, by, 200, "POST", "/me/serving/end", `{}`)
}

// parks: what is told to wait for the former client is what the caller began for him, and neither what that one began himself nor what is anybody
// else's.
func (m *matrix) parks(t *testing.T, by caller, own string, turned servingView) {
	t.Helper()
	var parked []string
	for _, p := range turned.Parked {
		parked = append(parked, p.ID)
	}
	for _, of := range []thing{aDraft, anErrand} {
		for _, rel := range []relation{his, neighbours, elsewhere, faraway} {
			if slices.Contains(parked, m.object(of, rel, by)) != (rel == his) {
				t.Errorf("%s turned to the next client, and is told that the %s that is %q waits: %t", by.name, of, rel, rel != his)
			}
		}
	}
	if slices.Contains(parked, own) {
		t.Errorf("%s is told of a draft that the former client began himself", by.name)
	}
}
