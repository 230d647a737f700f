package api

import (
	"net/http/httptest"
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
