package api

import (
	"strings"
	"testing"
	"time"

	"tongban/internal/casework"
)

// TestAClaimIsGranted plays a pension claim from the paper notice to its filing away: the clerk files, the county decides in
// minutes, and every time is right.
func TestAClaimIsGranted(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	vars := map[string]string{"applicant": h.actor(t, "zhang").Person, "photo": h.keep(t, "clerk-xinglin"), "signed": h.keep(t, "clerk-xinglin")}
	act := func(name, who, verb, body string, fields map[string]any) scenario {
		return scenario{name: name, who: who, method: "POST", path: "/cases/{case}/" + verb, body: body, status: 200, fields: fields}
	}
	made := read[madeNotice](t, h.must(t, "", 201, "POST", "/notices", `{"item_id":"`+claim+`","village":"`+xinglin+`","answers":`+caseAnswers[claim]+`}`))
	vars["code"], vars["notice"] = made.URL[strings.LastIndex(made.URL, "/")+1:], made.ID
	vars = h.play(t, vars,
		scenario{name: "the clerk scans it", who: "clerk-xinglin", method: "POST", path: "/cases", status: 201,
			body: `{"notice_code":"{code}","applicant":"{applicant}","papers":[{"material":"id_card","files":["{photo}"]}]}`,
			fields: map[string]any{
				"status": "draft", "number": "", "item_id": claim, "item_version": 1, "notice": "{notice}", "outdated": false, "by_agent": true, "papers.#": 4,
				"papers.0.state": "given", "papers.0.files.0.id": "{photo}", "papers.1.state": "missing", "applicant.name": "张**", "due_on": absent,
				"offers.#": 1, "offers.0.do": "discard",
			}, saves: map[string]string{"case": "id"}},
		scenario{name: "nobody entrusted him with it", who: "clerk-xinglin", method: "POST", path: "/cases/{case}/submit", body: `{}`, status: 403, code: "errand.not_entrusted"},
		scenario{name: "now she does", who: "clerk-xinglin", method: "POST", path: "/errands", body: `{"case":"{case}",` + entrusted + `}`, status: 201, saves: map[string]string{"errand": "id"}},
		scenario{name: "her identity is looked at", who: "clerk-xinglin", method: "POST", path: "/errands/{errand}/identify", body: `{"how":"in_person","document":"id_card"}`, status: 200},
		scenario{name: "and her papers", who: "clerk-xinglin", method: "POST", path: "/errands/{errand}/check", body: `{}`, status: 200},
		scenario{name: "what is missing is named", who: "clerk-xinglin", method: "POST", path: "/errands/{errand}/file", body: `{}`, status: 422, code: "case.materials_missing", at: "body.papers.hukou_book"},
		scenario{name: "the county sees no draft", who: "window-hall", method: "GET", path: "/cases/{case}", status: 404, code: "request.not_found"},
		act("saved half-way", "clerk-xinglin", "edit", `{"version":2,"papers":[{"material":"hukou_book","taken_as":"copy"}]}`, map[string]any{"version": 3, "papers.1.taken_as": "copy"}),
	)
	h.clock.Advance(10 * time.Minute)
	vars = h.play(t, vars,
		scenario{name: "filed", who: "clerk-xinglin", method: "POST", path: "/errands/{errand}/file", body: `{"papers":[{"material":"application_form"}]}`, status: 200,
			fields: map[string]any{"status": "filed", "case_number": like(`^BJ101201261123\d{4}$`), "query_code": like(`^\d{6}$`)},
			saves:  map[string]string{"number": "case_number", "query_code": "query_code"}},
		scenario{name: "submitted", who: "clerk-xinglin", method: "GET", path: "/cases/{case}", status: 200,
			fields: map[string]any{"status": "submitted", "papers.2.state": "deferred", "applied_at": "2026-11-23T09:10:00+08:00"}},
	)
	h.caseRounds(t)
	h.clock.Advance(5 * time.Minute)
	vars = h.play(t, vars,
		scenario{name: "the window's list", who: "window-hall", method: "GET", path: "/cases?queue=to_accept", status: 200, fields: map[string]any{"items.#": 1, "items.0.id": "{case}", "items.0.papers.#": 0, "items.0.applicant.name": "张**", "items.0.applicant.phone": "", "items.0.notice_on": "2026-11-30", "items.0.received_at": "2026-11-23T09:10:00+08:00"}},
		scenario{name: "and its photo", who: "window-hall", method: "GET", path: "/files/{photo}", status: 200},
		scenario{name: "which no other office sees", who: "window-liuquan", method: "GET", path: "/files/{photo}", status: 404, code: "request.not_found"},
		act("accepted", "window-hall", "accept", `{}`, map[string]any{
			"status": "accepted", "promised.due_on": "2026-12-07", "legal.due_on": absent, "due_on": "2026-12-07", "light": "green", "accepted_at": "2026-11-23T09:15:00+08:00"}),
		act("reviewed", "reviewer", "review", `{}`, map[string]any{"status": "reviewing", "offers.0.do": "suspend"}),
	)
	h.clock.Advance(3 * time.Minute)
	vars = h.play(t, vars,
		scenario{name: "nothing is granted that is owed", who: "decider", method: "POST", path: "/cases/{case}/grant", body: `{}`, status: 409, code: "case.papers_deferred", at: "body.papers.card_receipt"},
		scenario{name: "no other paper comes later", who: "clerk-xinglin", method: "POST", path: "/cases/{case}/supplement-papers", body: `{"papers":[{"material":"id_card"}]}`, status: 422, code: "request.invalid", at: "body.papers.0.material"},
		act("what was to come later comes", "clerk-xinglin", "supplement-papers", `{"papers":[{"material":"card_receipt"}]}`, map[string]any{
			"status": "reviewing", "papers.2.state": "given", "completeness.deferred": 0.0, "history.5.act": "supplement_papers", "history.5.detail.materials.0": "card_receipt"}),
		act("granted in minutes", "decider", "grant", `{"text":"符合条件，从下个月起发放。"}`, map[string]any{
			"status": "granted", "decision.outcome": "granted", "decision.text": "符合条件，从下个月起发放。", "decided_at": "2026-11-23T09:18:00+08:00", "deliver_on": "2026-12-07"}),
		scenario{name: "the slip's holder follows it", method: "POST", path: "/track", body: `{"number":"{number}","query_code":"{query_code}"}`, status: 200,
			fields: map[string]any{"kind": "case", "status": "granted", "status_text": "准予", "due_on": "2026-12-07", "history.#": 6, "history.5.text": "准予"}},
		act("handed over", "clerk-xinglin", "deliver", `{"method":"by_clerk","relation":"self","attachments":["{signed}"]}`, map[string]any{
			"status": "delivered", "delivery.receiver": "本人", "delivery.proof": "", "delivered_at": "2026-11-23T09:18:00+08:00", "history.7.files.0.id": "{signed}"}),
		scenario{name: "the applicant sees what she signed", who: "zhang", method: "GET", path: "/files/{signed}", status: 200},
		scenario{name: "and her neighbour does not", who: "li", method: "GET", path: "/files/{signed}", status: 404, code: "request.not_found"},
		scenario{name: "what the applicant sees", who: "zhang", method: "GET", path: "/cases/{case}", status: 200, fields: map[string]any{
			"mine": true, "decider": "", "window": "", "history.6.text": "结果已送达", "history.5.words": "符合条件，从下个月起发放。", "history.5.actor": ""}},
		scenario{name: "counts", who: "zhang", method: "GET", path: "/cases/counts", status: 200, fields: map[string]any{"items.#": 10}},
	)
	h.clock.Advance(31 * 24 * time.Hour)
	h.caseRounds(t)
	h.play(t, vars,
		scenario{name: "filed away", who: "clerk-xinglin", method: "GET", path: "/cases/{case}", status: 200, fields: map[string]any{"status": "concluded", "offers.#": 0}},
	)
}

// TestACaseIsRated: from the decision on, once, by whose it is or his clerk, whatever was decided, within the county's window.
func TestACaseIsRated(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	m := h.walkCase(t, h.draft(t, filed()), casework.Submit, casework.Receive, casework.Accept, casework.Review)
	late := h.walkCase(t, h.draft(t, filed()), casework.Submit, casework.Receive, casework.Accept, casework.Review, casework.Deny)
	rate := func(name, who, body string, status int, code, at string) scenario {
		return scenario{name: name, who: who, method: "POST", path: "/cases/{case}/rate", body: body, status: status, code: code, at: at}
	}
	vars := map[string]string{"case": m.id, "late": late.id}
	h.play(t, vars,
		rate("before anything is decided", "zhang", `{"level":1}`, 409, "case.not_yet_rateable", ""),
		scenario{name: "decided", who: "decider", method: "POST", path: "/cases/{case}/grant", body: `{}`, status: 200},
		rate("not by who decided", "decider", `{"level":1}`, 403, "request.forbidden", ""),
		rate("not by a neighbour", "li", `{"level":1}`, 404, "request.not_found", ""),
		rate("the clerk says how the applicant agreed", "clerk-xinglin", `{"level":1}`, 422, "rating.consent", "body.consent"),
		rate("who saw something else", "zhang", `{"level":1,"version":1}`, 409, "case.not_now", ""),
		scenario{name: "nothing is never taken for praise", who: "zhang", method: "GET", path: "/cases/{case}", status: 200, fields: map[string]any{"rating": absent}},
		scenario{name: "rated", who: "zhang", method: "POST", path: "/cases/{case}/rate", body: `{"level":4,"text":"跑了两趟才办成。"}`, status: 200,
			fields: map[string]any{"level": 4, "stars": 2, "case": "{case}", "appeal": absent}},
		rate("once", "clerk-xinglin", `{"level":1,"consent":"spoken"}`, 409, "rating.already", ""),
		scenario{name: "the county reads it", who: "window-hall", method: "GET", path: "/cases/{case}", status: 200, fields: map[string]any{"rating.level": 4, "rating.text": "跑了两趟才办成。"}},
		scenario{name: "and so does his copy", who: "zhang", method: "GET", path: "/me/export", status: 200, fields: map[string]any{"cases.#": 2, "cases.1.rating.level": 4, "cases.0.rating": absent}},
	)
	h.clock.Advance(31 * 24 * time.Hour)
	h.play(t, vars, scenario{name: "the window is over", who: "zhang", method: "POST", path: "/cases/{late}/rate", body: `{"level":5}`, status: 409, code: "case.rating_over"})
}

// TestASecondReturnNeedsASupervisor plays the one-return rule.
func TestASecondReturnNeedsASupervisor(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	m := h.walkCase(t, h.draft(t, filed()), casework.Submit, casework.Receive)
	act := func(name, who, verb, body string, fields map[string]any, saves map[string]string) scenario {
		return scenario{name: name, who: who, method: "POST", path: "/cases/{case}/" + verb, body: body, status: 200, fields: fields, saves: saves}
	}
	const again = `{"defects":[{"material":"hukou_book","reason":"incomplete","text":"请补上户主那一页。"}]}`
	h.play(t, map[string]string{"case": m.id, "hall": h.officeID(t, "county-hall")},
		scenario{name: "without a defect", who: "window-hall", method: "POST", path: "/cases/{case}/ask-correction", body: `{"defects":[]}`, status: 422, code: "request.invalid", at: "body.defects"},
		act("the first return", "window-hall", "ask-correction", `{"defects":[{"material":"id_card","reason":"illegible","text":"请重新拍清楚。"},{"material":"application_form","reason":"not_signed","text":"请本人签名。"}]}`,
			map[string]any{"status": "correcting", "corrections.0.defects.#": 2, "corrections.0.defects.0.reason_text": "看不清", "corrections.0.defects.0.material_name": "居民身份证", "corrections.0.repeated": false},
			map[string]string{"form": "corrections.0.defects.1.id"}),
		scenario{name: "the clerk's list", who: "clerk-xinglin", method: "GET", path: "/cases?queue=to_correct", status: 200, fields: map[string]any{"items.0.id": "{case}"}},
		scenario{name: "every defect is answered", who: "clerk-xinglin", method: "POST", path: "/cases/{case}/correct", body: `{"papers":[{"material":"id_card"}]}`, status: 422, code: "case.uncorrected", at: "body.papers.application_form"},
		act("corrected", "clerk-xinglin", "correct", `{"papers":[{"material":"id_card"}],"remedies":[{"defect":"{form}","text":"本人不会写字，已按手印。"}]}`,
			map[string]any{"status": "received", "corrections.0.answered_at": filled, "corrections.0.defects.1.answer": "本人不会写字，已按手印。"}, nil),
		scenario{name: "what was visible before", who: "window-hall", method: "POST", path: "/cases/{case}/ask-correction", body: again, status: 409, code: "case.permit_needed", at: "body.defects.0"},
		scenario{name: "the window cannot permit itself", who: "window-hall", method: "POST", path: "/cases/{case}/permit-correction", body: `{"text":"窗口漏看了户口簿。"}`, status: 403, code: "request.forbidden"},
		act("a supervisor permits it", "supervisor", "permit-correction", `{"text":"窗口漏看了户口簿。"}`, map[string]any{"correction_permitted": true}, nil),
		act("the second return", "window-hall", "ask-correction", again, map[string]any{"corrections.1.repeated": true, "corrections.1.defects.0.visible_before": true, "correction_permitted": false}, nil),
		scenario{name: "is counted against the office", who: "supervisor", method: "GET", path: "/cases/returns", status: 200, fields: map[string]any{"items.#": 1, "items.0.office": "{hall}", "items.0.corrections": 2, "items.0.repeated": 1}},
		scenario{name: "the applicant is told the defects, not the reason", who: "zhang", method: "GET", path: "/cases/{case}", status: 200, fields: map[string]any{"corrections.1.defects.0.text": "请补上户主那一页。", "history.#": 5}},
	)
}

// TestACaseBySomebodyElse plays 亲友代办: the daughter hands it in for her mother, and says so with each act.
func TestACaseBySomebodyElse(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.tellMore(t, "zhang", "13800000001", "")
	h.tellMore(t, "li", "13800000002", "")
	h.prove(t, "li", "13800000002")
	h.confirmHelp(t, "li", h.askHelp(t, "zhang", "13800000002", "filed"))
	mother := h.actor(t, "zhang").Person
	h.play(t, map[string]string{"mother": mother},
		scenario{name: "begun", who: "li", method: "POST", path: "/cases", body: `{"item_id":"` + claim + `","answers":` + caseAnswers[claim] + `,"on_behalf_of_resident_id":"{mother}"}`, status: 201,
			fields: map[string]any{"mine": false, "on_behalf_of_resident_id": "{mother}", "offers.#": 0, "helper.id": filled}, saves: map[string]string{"case": "id"}},
		scenario{name: "without saying for whom", who: "li", method: "POST", path: "/cases/{case}/discard", body: `{}`, status: 422, code: "request.invalid", at: "body.on_behalf_of_resident_id"},
		scenario{name: "a stranger", who: "wang", method: "POST", path: "/cases/{case}/discard", body: `{"on_behalf_of_resident_id":"{mother}"}`, status: 404, code: "request.not_found"},
		scenario{name: "the clerk does not see it", who: "clerk-xinglin", method: "GET", path: "/cases/{case}", status: 404, code: "request.not_found"},
		scenario{name: "discarded", who: "li", method: "POST", path: "/cases/{case}/discard", body: `{"on_behalf_of_resident_id":"{mother}"}`, status: 200, fields: map[string]any{"status": "discarded"}},
		scenario{name: "the mother sees by whom", who: "zhang", method: "GET", path: "/cases/{case}", status: 200, fields: map[string]any{"mine": true, "status": "discarded", "helper.name": "李*"}},
	)
}

// TestAWrongItemIsRefused: nobody gathers papers for nothing.
func TestAWrongItemIsRefused(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	open := func(name, who, body string, status int, code, at string) scenario {
		return scenario{name: name, who: who, method: "POST", path: "/cases", body: body, status: status, code: code, at: at}
	}
	vars := map[string]string{"applicant": h.actor(t, "zhang").Person}
	h.play(t, vars,
		open("neither item nor notice", "zhang", `{}`, 422, "request.invalid", "body.item_id"),
		open("an unknown item", "zhang", `{"item_id":"`+someID+`"}`, 422, "request.invalid", "body.item_id"),
		open("an unknown notice", "zhang", `{"notice_code":"ABCD-EFGH-JKMN"}`, 422, "case.notice_unknown", ""),
		open("in person only", "zhang", `{"item_id":"01932f00-4c00-7000-8000-000000000026"}`, 422, "case.in_person", ""),
		open("he cannot apply yet", "zhang", `{"item_id":"`+claim+`","answers":{"age":"no"}}`, 422, "case.not_eligible", ""),
		open("a window opens nothing", "window-hall", `{"item_id":"`+claim+`"}`, 403, "request.forbidden", ""),
		open("somebody whom he has not registered", "clerk-hewan", `{"item_id":"`+claim+`","applicant":"{applicant}"}`, 422, "request.invalid", "body.applicant"),
		scenario{name: "no such queue of his", who: "decider", method: "GET", path: "/cases?queue=to_receive", status: 422, code: "request.invalid", at: "query.queue"},
		scenario{name: "the words", who: "zhang", method: "GET", path: "/cases/words", status: 200, fields: map[string]any{"procedures.0.code": "hearing", "relations.#": 5}},
	)
}
