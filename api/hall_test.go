package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"tongban/internal/access"
	"tongban/internal/casework"
)

// A morning at the county's hall: two reviewers share a queue, one goes on leave, and the decider clears his instant items.
func TestAMorningAtTheHall(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	h.colleague(t, "reviewer-2", access.Reviewer)
	var cases []*matter
	for range 3 {
		cases = append(cases, h.walkCase(t, h.draft(t, filed()), casework.Submit, casework.Receive, casework.Accept))
	}
	vars := map[string]string{"second": h.actor(t, "reviewer-2").Person, "first": h.actor(t, "reviewer").Person, "a": cases[0].id, "b": cases[1].id, "c": cases[2].id}
	h.play(t, vars,
		scenario{name: "what waits", who: "reviewer", method: "GET", path: "/cases/queues", status: 200,
			fields: map[string]any{"items.0.queue": "to_review", "items.0.title": "待审查", "items.0.count": 3.0}},
		scenario{name: "the most urgent first, with its papers", who: "reviewer", method: "GET", path: "/cases?queue=to_review&order=urgent&limit=2", status: 200,
			fields: map[string]any{"items.#": 2, "items.0.id": "{a}", "items.1.id": "{b}", "items.0.completeness.complete": true, "items.0.holder": absent, "next": filled},
			saves:  map[string]string{"next": "next"}},
		scenario{name: "and the page after it", who: "reviewer", method: "GET", path: "/cases?queue=to_review&order=urgent&limit=2&after={next}", status: 200,
			fields: map[string]any{"items.#": 1, "items.0.id": "{c}", "next": ""}},
		scenario{name: "which is no page of another order", who: "reviewer", method: "GET", path: "/cases?queue=to_review&order=newest&limit=2&after={next}", status: 422, code: "request.invalid", at: "query.after"},
		scenario{name: "nor of another list", who: "reviewer", method: "GET", path: "/cases?order=urgent&limit=2&after={next}", status: 422, code: "request.invalid", at: "query.after"},
		scenario{name: "its size may change", who: "reviewer", method: "GET", path: "/cases?order=urgent&queue=to_review&limit=1&after={next}", status: 200, fields: map[string]any{"items.#": 1, "items.0.id": "{c}"}},
		scenario{name: "the first takes the next", who: "reviewer", method: "POST", path: "/cases/next", body: `{}`, key: "next-next-1", status: 200,
			fields: map[string]any{"id": "{a}", "holder.id": "{first}", "holder.name": "严知微", "holder.mine": true, "status": "accepted"}, saves: map[string]string{"version": "version"}},
		scenario{name: "asked again with the same key", who: "reviewer", method: "POST", path: "/cases/next", body: `{}`, key: "next-next-1", status: 200,
			fields: map[string]any{"id": "{a}"}},
		scenario{name: "the second gets another", who: "reviewer-2", method: "POST", path: "/cases/next", status: 200,
			fields: map[string]any{"id": "{b}", "holder.id": "{second}"}},
		scenario{name: "who has it is shown", who: "reviewer-2", method: "GET", path: "/cases/{a}", status: 200,
			fields: map[string]any{"holder.id": "{first}", "holder.mine": false, "offers.#": 0}},
		scenario{name: "and he is kept off", who: "reviewer-2", method: "POST", path: "/cases/{a}/review", body: `{}`, status: 409, code: "case.claimed"},
		scenario{name: "nobody has the third", who: "reviewer-2", method: "GET", path: "/cases?queue=unclaimed", status: 200,
			fields: map[string]any{"items.#": 1, "items.0.id": "{c}"}},
		scenario{name: "nor does the filter", who: "reviewer-2", method: "GET", path: "/cases?queue=to_review&unclaimed=true", status: 200, fields: map[string]any{"items.#": 1}},
		scenario{name: "another role's queue", who: "reviewer-2", method: "POST", path: "/cases/next", body: `{"queue":"to_decide"}`, status: 422, code: "request.invalid", at: "body.queue"},

		scenario{name: "who could stand in", who: "reviewer", method: "GET", path: "/deputies/colleagues", status: 200,
			fields: map[string]any{"items.#": 1, "items.0.person": "{second}", "items.0.name": "同事"}},
		scenario{name: "not somebody of another role", who: "reviewer", method: "POST", path: "/deputies", status: 422, code: "request.invalid", at: "body.deputy",
			body: `{"deputy":"` + h.actor(t, "decider").Person + `","first_on":"2026-11-23","last_on":"2026-11-27"}`},
		scenario{name: "not for a day that is over", who: "reviewer", method: "POST", path: "/deputies", status: 422, code: "request.invalid", at: "body.first_on",
			body: `{"deputy":"{second}","first_on":"2026-11-20","last_on":"2026-11-27"}`},
		scenario{name: "the first goes on leave", who: "reviewer", method: "POST", path: "/deputies", status: 201,
			body: `{"deputy":"{second}","first_on":"2026-11-23","last_on":"2026-11-27"}`, saves: map[string]string{"deputy": "id"},
			fields: map[string]any{"now": true, "deputy_name": "同事", "person_name": "严知微", "role": "reviewer"}},
		scenario{name: "one deputy a day", who: "reviewer", method: "POST", path: "/deputies", status: 409, code: "deputy.named_already",
			body: `{"deputy":"{second}","first_on":"2026-11-27","last_on":"2026-11-30"}`},
		scenario{name: "the deputy sees what is not his", who: "reviewer-2", method: "GET", path: "/cases?queue=deputized", status: 200,
			fields: map[string]any{"items.#": 1, "items.0.id": "{a}", "items.0.offers.0.do": "review"}},
		scenario{name: "and does it", who: "reviewer-2", method: "POST", path: "/cases/{a}/review", body: `{}`, status: 200,
			fields: map[string]any{"status": "reviewing", "reviewer": "{second}", "holder": absent, "history.4.detail.for": "{first}"}},
		scenario{name: "the applicant is told nothing of it", who: "zhang", method: "GET", path: "/cases/{a}", status: 200, fields: map[string]any{"holder": absent, "reviewer": ""}},
		scenario{name: "both see who stands in", who: "reviewer-2", method: "GET", path: "/deputies", status: 200, fields: map[string]any{"items.#": 1, "items.0.id": "{deputy}"}},
		scenario{name: "and so does the county's supervisor", who: "supervisor", method: "GET", path: "/deputies", status: 200, fields: map[string]any{"items.#": 1}},
		scenario{name: "back again", who: "reviewer", method: "POST", path: "/deputies/{deputy}/end", status: 200, fields: map[string]any{"now": false, "ended_at": filled}},
		scenario{name: "once", who: "reviewer", method: "POST", path: "/deputies/{deputy}/end", status: 409, code: "deputy.over"},

		scenario{name: "the supervisor says why", who: "supervisor", method: "POST", path: "/cases/{b}/release", body: `{}`, status: 422, code: "request.invalid", at: "body.reason"},
		scenario{name: "and frees a case", who: "supervisor", method: "POST", path: "/cases/{b}/release", body: `{"reason":"absent"}`, status: 200, fields: map[string]any{"holder": absent}},
		scenario{name: "which nobody has", who: "reviewer-2", method: "POST", path: "/cases/{b}/release", status: 409, code: "case.unclaimed"},
		scenario{name: "it is claimed by its name", who: "reviewer", method: "POST", path: "/cases/{b}/claim", status: 200, fields: map[string]any{"holder.mine": true}},
		scenario{name: "and given back", who: "reviewer", method: "POST", path: "/cases/{b}/release", status: 200, fields: map[string]any{"holder": absent}},
	)
}

// The decider grants his instant items in one call, and the call may be repeated for ever.
func TestInstantItemsTogether(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	var ids []string
	for range 3 {
		ids = append(ids, h.walkCase(t, h.draft(t, &matter{by: "clerk-xinglin", whose: "zhang", item: pension}), casework.Submit, casework.Receive).id)
	}
	slow := h.walkCase(t, h.draft(t, filed()), casework.Submit, casework.Receive)
	lines := make([]string, 0, 4)
	for _, id := range append(ids, slow.id) {
		lines = append(lines, `{"id":"`+id+`"}`)
	}
	body := `{"cases":[` + strings.Join(lines, ",") + `],"text":"参保登记已经办好。"}`
	key := uuid.NewString()
	first := h.send(t, "decider", "POST", base+"/cases/grant-instant", body, keyHeader, key)
	if first.Code != http.StatusOK {
		t.Fatalf("%d %s", first.Code, first.Body)
	}
	items := read[decidedOut](t, first).Items
	for i, line := range items {
		outcome, code := casework.BulkDone, ""
		if i == 3 {
			outcome, code = casework.BulkConflict, "case.only_instant"
		}
		if line.Outcome != outcome || line.Code != code || line.Status == "" {
			t.Errorf("%d: %+v", i, line)
		}
	}
	if again := h.send(t, "decider", "POST", base+"/cases/grant-instant", body, keyHeader, key); again.Body.String() != first.Body.String() {
		t.Errorf("repeated: %s\nfirst: %s", again.Body, first.Body)
	}
	for _, id := range ids {
		v := read[CaseView](t, h.must(t, "decider", 200, "GET", "/cases/"+id, ""))
		if v.Status != casework.Granted || v.Decision == nil || v.Decision.Text != "参保登记已经办好。" || v.AcceptedAt == nil {
			t.Errorf("%+v", v)
		}
		documents := read[caseDocumentsView](t, h.must(t, "decider", 200, "GET", "/cases/"+id+"/documents", ""))
		if len(documents.Documents) < 3 { // the receipt, the acceptance and the decision
			t.Errorf("%d documents", len(documents.Documents))
		}
	}
	for name, c := range map[string]struct {
		who, body string
		status    int
	}{
		"a window":    {"window-hall", body, http.StatusForbidden},
		"nothing":     {"decider", `{"cases":[]}`, http.StatusUnprocessableEntity},
		"fifty-one":   {"decider", `{"cases":[` + strings.Repeat(`{"id":"`+someID+`"},`, 50) + `{"id":"` + someID + `"}]}`, http.StatusUnprocessableEntity},
		"one twice":   {"decider", fmt.Sprintf(`{"cases":[%s,%s]}`, lines[3], lines[3]), http.StatusUnprocessableEntity},
		"another key": {"decider", body, http.StatusOK},
	} {
		if w := h.send(t, c.who, "POST", base+"/cases/grant-instant", c.body, keyHeader, uuid.NewString()); w.Code != c.status {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}
