package api

import "testing"

// TestCorrection plays 更正: zhang asks, the clerk compares with the papers and agrees or refuses with a reason; what he corrects at the
// counter takes a phone's proof away.
func TestCorrection(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	h.tellMore(t, "zhang", "13800000001", "")
	h.must(t, "zhang", 200, "POST", "/me/phone/wechat", `{"code":"phone.13800000001.once"}`)
	ask := `{"field":"name","value":"张杏华","reason":"登记时写错了一个字"}`
	asked := read[correctionView](t, h.must(t, "zhang", 201, "POST", "/me/corrections", ask)).ID
	me := h.actor(t, "zhang").Person
	vars := map[string]string{"asked": asked, "me": me}
	on := func(name, who, act, body string, status int, code, at string) scenario {
		return scenario{name: name, who: who, method: "POST", path: "/corrections/{asked}/" + act, body: body, status: status, code: code, at: at}
	}
	right := `{"value":"张杏华","evidence":"看了身份证"}`
	h.play(t, vars,
		scenario{name: "twice", who: "zhang", method: "POST", path: "/me/corrections", body: ask, status: 409, code: "rights.asked_already"},
		scenario{name: "a phone that is none", who: "zhang", method: "POST", path: "/me/corrections", body: `{"field":"phone","value":"12","reason":"换号了"}`, status: 422, code: "request.invalid", at: "body.value"},
		scenario{name: "the clerk asks", who: "clerk-xinglin", method: "POST", path: "/me/corrections", body: ask, status: 403, code: "request.forbidden"},
		scenario{name: "what waits", who: "clerk-xinglin", method: "GET", path: "/corrections?open=true", status: 200,
			fields: map[string]any{"items.#": 1, "items.0.value": "张**", "items.0.person_name": "张**", "items.0.reason": "登记时写错了一个字", "items.0.offers.#": 2}},
		scenario{name: "elsewhere nothing waits", who: "clerk-hewan", method: "GET", path: "/corrections?open=true", status: 200, fields: map[string]any{"items.#": 0}},
		scenario{name: "the dispatcher", who: "dispatcher", method: "GET", path: "/corrections", status: 403, code: "request.forbidden"},
		on("another village's clerk", "clerk-hewan", "agree", right, 404, "request.not_found", ""),
		on("his neighbour", "li", "withdraw", `{}`, 404, "request.not_found", ""),
		on("other papers", "clerk-xinglin", "agree", `{"value":"张杏花","evidence":"看了身份证"}`, 422, "rights.papers_differ", ""),
		on("no papers", "clerk-xinglin", "agree", `{"value":"张杏华","evidence":" "}`, 422, "request.invalid", "body.evidence"),
		on("refused without a reason", "clerk-xinglin", "refuse", `{"reason":" "}`, 422, "request.invalid", "body.reason"),
		on("agreed", "clerk-xinglin", "agree", right, 200, "", ""),
		on("agreed twice", "clerk-xinglin", "agree", right, 409, "flow.not_now", ""),
		scenario{name: "his name", who: "zhang", method: "GET", path: "/me", status: 200, fields: map[string]any{"name": "张杏华"}},
		scenario{name: "how it went", who: "zhang", method: "GET", path: "/corrections", status: 200,
			fields: map[string]any{"items.0.status": "agreed", "items.0.status_text": "已更正", "items.0.value": ""}},
		scenario{name: "at the counter", who: "clerk-xinglin", method: "POST", path: "/residents/{me}/correct", body: `{"field":"phone","value":"13800000019","evidence":"本人当面说的"}`,
			status: 200, fields: map[string]any{"phone": "138****0019"}},
		scenario{name: "another village's counter", who: "clerk-hewan", method: "POST", path: "/residents/{me}/correct", body: `{"field":"phone","value":"13800000018","evidence":"本人当面说的"}`, status: 404, code: "request.not_found"},
	)
	h.wantRows(t, 0, "phone_proofs", "person = ?", me)
	h.wantRows(t, 1, "trail", "act = 'correction.agree' AND object = ?", asked)
	h.wantRows(t, 0, "trail", "body LIKE '%13800000019%' OR body LIKE '%张杏华%' OR body LIKE '%一个字%'")
}
