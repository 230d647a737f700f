package api

import (
	"strings"
	"testing"
	"time"

	"tongban/internal/appeal"
	"tongban/internal/casework"
)

// TestACaseIsRatedAgain: once, by whoever may rate it and has, within the county's days; whoever reads the first rating reads the second
// beside it. A poor one is answered as any poor rating.
func TestACaseIsRatedAgain(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	h.tellMore(t, "li", "13800000002", "")
	h.prove(t, "li", "13800000002")
	h.confirmHelp(t, "li", h.askHelp(t, "zhang", "13800000002", "all"))
	decided := func() string {
		return h.walkCase(t, h.draft(t, filed()), casework.Submit, casework.Receive, casework.Accept, casework.Review, casework.Grant).id
	}
	again := func(name, who, which, body string, status int, code, at string) scenario {
		return scenario{name: name, who: who, method: "POST", path: "/cases/" + which + "/rate-again", body: body, status: status, code: code, at: at}
	}
	vars := map[string]string{"case": decided(), "helped": decided(), "late": decided(), "zhang": h.actor(t, "zhang").Person}
	h.play(t, vars,
		again("before the first one", "zhang", "{case}", `{"level":1}`, 409, "rating.none_yet", ""),
		scenario{name: "the first one", who: "zhang", method: "POST", path: "/cases/{case}/rate", body: `{"level":2,"text":"办得挺快。"}`, status: 200, saves: map[string]string{"id": "id"}},
		scenario{name: "nothing is shown beside it", who: "zhang", method: "GET", path: "/cases/{case}", status: 200, fields: map[string]any{"rating.level": 2, "rating.addition": absent}},
		again("not by who decided", "decider", "{case}", `{"level":1}`, 403, "request.forbidden", ""),
		again("not by a neighbour", "wang", "{case}", `{"level":1}`, 404, "request.not_found", ""),
		again("a helper says for whom", "li", "{case}", `{"level":1}`, 422, "request.invalid", "body.on_behalf_of_resident_id"),
		again("the clerk says how the applicant agreed", "clerk-xinglin", "{case}", `{"level":1}`, 422, "rating.consent", "body.consent"),
		again("who saw something else", "zhang", "{case}", `{"level":1,"version":1}`, 409, "case.not_now", ""),
		again("a level there is not", "zhang", "{case}", `{"level":6}`, 422, "request.invalid", "body.level"),
		scenario{name: "rated again", who: "zhang", method: "POST", path: "/cases/{case}/rate-again", body: `{"level":4,"text":"钱到现在没有到账。"}`, status: 200,
			fields: map[string]any{"id": "{id}", "level": 4, "stars": 2, "case": "{case}", "appeal": absent}},
		again("once", "clerk-xinglin", "{case}", `{"level":1,"consent":"spoken"}`, 409, "rating.added_already", ""),
		scenario{name: "the county reads both", who: "window-hall", method: "GET", path: "/cases/{case}", status: 200,
			fields: map[string]any{"rating.level": 2, "rating.text": "办得挺快。", "rating.addition.level": 4, "rating.addition.text": "钱到现在没有到账。", "rating.addition.at": filled}},
		scenario{name: "it is on the office's list", who: "window-hall", method: "GET", path: "/redresses?open=true", status: 200,
			fields: map[string]any{"items.#": 1, "items.0.id": "{id}", "items.0.level": 4, "items.0.addition.level": 4, "items.0.addition.text": ""}},
		scenario{name: "the supervisor calls back", who: "supervisor", method: "POST", path: "/redresses/{id}/confirm", body: `{"how":"phone","text":"回访核实了，银行卡号录错了。"}`, status: 200,
			fields: map[string]any{"text": "办得挺快。", "addition.text": "钱到现在没有到账。"}},
		scenario{name: "his copy has both", who: "zhang", method: "GET", path: "/me/export", status: 200, fields: map[string]any{"cases.2.rating.level": 2, "cases.2.rating.addition.text": "钱到现在没有到账。"}},

		scenario{name: "another first one", who: "zhang", method: "POST", path: "/cases/{helped}/rate", body: `{"level":1}`, status: 200},
		scenario{name: "his helper", who: "li", method: "POST", path: "/cases/{helped}/rate-again", body: `{"level":1,"on_behalf_of_resident_id":"{zhang}"}`, status: 200},
		scenario{name: "a third first one", who: "zhang", method: "POST", path: "/cases/{late}/rate", body: `{"level":1}`, status: 200},
	)
	if page := h.must(t, "zhang", 200, "GET", "/me/export.html", "").Body.String(); !strings.Contains(page, "您的追评：不满意，钱到现在没有到账。") {
		t.Errorf("the page of his copy does not say it:\n%s", page)
	}
	h.clock.Advance(91 * 24 * time.Hour)
	h.play(t, vars, again("the days are over", "zhang", "{late}", `{"level":5}`, 409, "rating.addition_over", ""))
}

// TestAnAppealIsRatedAgain is the same of an appeal.
func TestAnAppealIsRatedAgain(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	answered := h.at(t, appeal.Replied, "")
	h.play(t, map[string]string{"appeal": answered.id},
		scenario{name: "before the first one", who: "zhang", method: "POST", path: "/appeals/{appeal}/rate-again", body: `{"level":1}`, status: 409, code: "rating.none_yet"},
		scenario{name: "the first one", who: "zhang", method: "POST", path: "/appeals/{appeal}/rate", body: `{"level":1}`, status: 200},
		scenario{name: "the clerk, with consent", who: "clerk-xinglin", method: "POST", path: "/appeals/{appeal}/rate-again", body: `{"level":3,"consent":"spoken","text":"水又小了。"}`, status: 200,
			fields: map[string]any{"level": 3, "stars": 3, "appeal": "{appeal}", "case": absent}},
		scenario{name: "once", who: "zhang", method: "POST", path: "/appeals/{appeal}/rate-again", body: `{"level":1}`, status: 409, code: "rating.added_already"},
		scenario{name: "in his copy", who: "zhang", method: "GET", path: "/me/export", status: 200, fields: map[string]any{"appeals.0.rating.level": 1, "appeals.0.rating.addition.level": 3}},
	)
	if page := h.must(t, "zhang", 200, "GET", "/me/export.html", "").Body.String(); !strings.Contains(page, "您的追评：基本满意，水又小了。") {
		t.Errorf("the page of his copy does not say it:\n%s", page)
	}
}
