package api

import (
	"strings"
	"testing"

	"tongban/internal/casework"
)

// Two departments have a say on a pension claim: one answers, the other lets its day go by, and the hall decides.
func TestOtherOfficesAreAsked(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	of := filed()
	of.photo = h.keep(t, "clerk-xinglin")
	h.walkCase(t, h.draft(t, of), caseWay[casework.Reviewing]...)
	vars := map[string]string{
		"id": of.id, "photo": of.photo, "civil": h.officeID(t, "civil-affairs"), "water": h.officeID(t, "water"), "hall": h.officeID(t, "county-hall"), "health": h.officeID(t, "health"),
	}
	ask := func(offices, due string) string {
		return `{"offices":[` + offices + `],"question":"申请人是不是已经在享受同类待遇？","due_on":"` + due + `"}`
	}
	h.play(t, vars,
		scenario{name: "not yet asked", who: "officer-civil", method: "GET", path: "/cases/{id}", status: 404, code: "request.not_found"},
		scenario{name: "nobody asks himself", who: "reviewer", method: "POST", path: "/cases/{id}/ask-opinions", body: ask(`"{hall}"`, "2026-11-26"), status: 422, code: "request.invalid", at: "body.offices"},
		scenario{name: "nor where nobody works", who: "reviewer", method: "POST", path: "/cases/{id}/ask-opinions", body: ask(`"{health}"`, "2026-11-26"), status: 422, code: "request.invalid", at: "body.offices"},
		scenario{name: "nor beyond the limit", who: "reviewer", method: "POST", path: "/cases/{id}/ask-opinions", body: ask(`"{civil}"`, "2027-02-26"), status: 422, code: "request.invalid", at: "body.due_on"},
		scenario{name: "two are asked", who: "reviewer", method: "POST", path: "/cases/{id}/ask-opinions", body: ask(`"{civil}","{water}"`, "2026-11-26"), key: "ask-ask-ask-1", status: 200,
			fields: map[string]any{"opinions.#": 2, "opinions.0.status": "asked", "opinions.0.question": filled, "opinions.0.due_on": "2026-11-26", "status": "reviewing"},
			saves:  map[string]string{"version": "version"}},
		scenario{name: "once, however often the call is sent", who: "reviewer", method: "POST", path: "/cases/{id}/ask-opinions", body: ask(`"{civil}","{water}"`, "2026-11-26"), key: "ask-ask-ask-1", status: 200,
			fields: map[string]any{"opinions.#": 2}},
		scenario{name: "not again", who: "decider", method: "POST", path: "/cases/{id}/ask-opinions", body: ask(`"{water}"`, "2026-11-26"), status: 409, code: "case.opinion_asked"},
		scenario{name: "the applicant learns who and until when", who: "zhang", method: "GET", path: "/cases/{id}", status: 200,
			fields: map[string]any{"opinions.#": 2, "opinions.0.due_on": "2026-11-26", "opinions.0.question": "", "opinions.0.asked_by": "", "history.4.text": "已请其他单位提意见", "history.4.detail.until_on": "2026-11-26"}},
		scenario{name: "the hall waits", who: "reviewer", method: "GET", path: "/cases?queue=asking", status: 200, fields: map[string]any{"items.#": 1, "items.0.id": "{id}"}},
		scenario{name: "the department has it on its list", who: "officer-civil", method: "GET", path: "/opinions?queue=to_give", status: 200,
			fields: map[string]any{"items.#": 1, "items.0.case": "{id}", "items.0.can_give": true, "items.0.question": filled}, saves: map[string]string{"first": "items.0.id"}},
		scenario{name: "and counted", who: "officer-civil", method: "GET", path: "/opinions/queues", status: 200, fields: map[string]any{"items.0.queue": "to_give", "items.0.count": 1.0, "items.2.count": 0.0}},
		scenario{name: "the other too", who: "officer-water", method: "GET", path: "/opinions", status: 200, fields: map[string]any{"items.#": 1}, saves: map[string]string{"second": "items.0.id"}},
		scenario{name: "a third has none", who: "officer-housing", method: "GET", path: "/opinions", status: 200, fields: map[string]any{"items.#": 0}},
		scenario{name: "it reads the case", who: "officer-civil", method: "GET", path: "/cases/{id}", status: 200, fields: map[string]any{"offers.#": 0, "opinions.#": 2, "opinions.1.question": filled}},
		scenario{name: "and its papers", who: "officer-civil", method: "GET", path: "/files/{photo}", status: 200},
		scenario{name: "and decides nothing", who: "officer-civil", method: "POST", path: "/cases/{id}/grant", body: `{}`, status: 404, code: "request.not_found"},
		scenario{name: "the hall cannot decide now", who: "decider", method: "POST", path: "/cases/{id}/grant", body: `{}`, status: 409, code: "case.opinions_due"},
		scenario{name: "it reminds", who: "reviewer", method: "POST", path: "/cases/{id}/remind-opinion", body: `{"opinion":"{first}"}`, status: 200},
		scenario{name: "once a day", who: "decider", method: "POST", path: "/cases/{id}/remind-opinion", body: `{"opinion":"{first}"}`, status: 409, code: "case.opinion_reminded"},
		scenario{name: "the department sees that", who: "officer-civil", method: "GET", path: "/opinions?queue=reminded", status: 200, fields: map[string]any{"items.#": 1, "items.0.reminders": 1.0}},
		scenario{name: "no reason", who: "officer-civil", method: "POST", path: "/opinions/{first}/give", body: `{"position":"not_ours"}`, status: 422, code: "request.invalid", at: "body.text"},
		scenario{name: "not the other's", who: "officer-civil", method: "POST", path: "/opinions/{second}/give", body: `{"position":"agree"}`, status: 404, code: "request.not_found"},
		scenario{name: "it answers", who: "officer-civil", method: "POST", path: "/opinions/{first}/give", body: `{"position":"agree","text":"没有享受，可以办。"}`, status: 200,
			fields: map[string]any{"status": "given", "position_text": "同意", "can_give": false}},
		scenario{name: "and reads the case no longer", who: "officer-civil", method: "GET", path: "/cases/{id}", status: 404, code: "request.not_found"},
		scenario{name: "nor its papers", who: "officer-civil", method: "GET", path: "/files/{photo}", status: 404, code: "request.not_found"},
		scenario{name: "but what it said", who: "officer-civil", method: "GET", path: "/opinions/{first}", status: 200, fields: map[string]any{"text": "没有享受，可以办。"}},
		scenario{name: "the village is not told what", who: "clerk-xinglin", method: "GET", path: "/cases/{id}", status: 200, fields: map[string]any{"opinions.0.position": "", "opinions.0.text": "", "opinions.1.text": ""}},
		scenario{name: "one is missing still", who: "decider", method: "POST", path: "/cases/{id}/deny", body: caseBodies[casework.Deny], status: 409, code: "case.opinions_due"},
	)
	for who, inside := range map[string]bool{"reviewer": true, "officer-water": true, "clerk-xinglin": false, "supervisor": false, "zhang": false} {
		told := opinionActs(read[CaseView](t, h.must(t, who, 200, "GET", "/cases/"+of.id, "")))
		if _, given := told["give_opinion"]; given != inside || (told["ask_opinions"] != "") != inside || len(told) != map[bool]int{true: 3, false: 1}[inside] {
			t.Errorf("%s reads in the history %v", who, told)
		}
	}
	h.clock.Set(h.clock.Now().AddDate(0, 0, 4))
	h.play(t, vars,
		scenario{name: "the day went by", who: "officer-water", method: "GET", path: "/opinions?queue=red", status: 200,
			fields: map[string]any{"items.#": 1, "items.0.case": "{id}"}, saves: map[string]string{"second": "items.0.id"}},
		scenario{name: "the hall decides", who: "decider", method: "POST", path: "/cases/{id}/grant", body: `{}`, status: 200, fields: map[string]any{"status": "granted"}},
		scenario{name: "silence is no agreement", who: "officer-water", method: "GET", path: "/opinions/{second}", status: 200, fields: map[string]any{"status": "missing", "position": "", "can_give": false}},
		scenario{name: "too late", who: "officer-water", method: "POST", path: "/opinions/{second}/give", body: `{"position":"agree"}`, status: 409, code: "case.opinion_over"},
		scenario{name: "nor is the case there", who: "officer-water", method: "GET", path: "/cases/{id}", status: 404, code: "request.not_found"},
	)
	papers := read[caseDocumentsView](t, h.must(t, "zhang", 200, "GET", "/cases/"+of.id+"/documents", "")).Documents
	text := strings.Join(papers[len(papers)-1].Paragraphs, " ")
	if !strings.Contains(text, "青禾县民政局于2026年11月23日答复“同意”") || !strings.Contains(text, "青禾县水利局到2026年11月26日没有提出意见") || strings.Contains(text, "没有享受") {
		t.Errorf("the decision says %s", text)
	}
	if faults, err := h.Store.Fsck(t.Context(), casework.Checks()); err != nil || len(faults) > 0 {
		t.Errorf("%v %v", faults, err)
	}
}

// opinionActs are who did what about opinions, by the history.
func opinionActs(c CaseView) map[string]string {
	told := map[string]string{}
	for _, line := range c.History {
		if strings.Contains(string(line.Act), "opinion") {
			told[string(line.Act)] = line.Actor
		}
	}
	return told
}
