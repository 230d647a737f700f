package api

import (
	"slices"
	"strings"
	"testing"

	"tongban/internal/appeal"
)

const closing = `{"confirm":"注销"}`

// TestClosingTheAccount plays 注销: what is open stops it; then he is logged out everywhere, everybody sees 已注销, his appeal stays,
// and with the same WeChat and the same phone he may come again, as somebody new.
func TestClosingTheAccount(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	h.tellMore(t, "zhang", "13800000001", xinglin+"02")
	h.tellMore(t, "li", "13800000002", "")
	h.prove(t, "li", "13800000002")
	me := h.actor(t, "zhang").Person
	h.confirmHelp(t, "li", h.askHelp(t, "zhang", "13800000002", "all"))
	h.must(t, "zhang", 200, "POST", "/me/phone/wechat", `{"code":"phone.13800000001.once"}`)
	answered := h.at(t, appeal.Replied, "")
	waiting := read[receiptView](t, h.must(t, "zhang", 201, "POST", "/appeals", somethingWrong+`}`))

	h.must(t, "zhang", 422, "POST", "/me/close", `{"confirm":"好"}`)
	h.must(t, "clerk-xinglin", 403, "POST", "/me/close", closing)
	p := h.refused(t, "zhang", 409, "rights.still_open", "POST", "/me/close", closing)
	if len(p.Errors) != 1 || p.Errors[0].Location != "appeals/"+waiting.ID {
		t.Fatalf("told %+v", p)
	}
	h.must(t, "zhang", 200, "POST", "/appeals/"+waiting.ID+"/withdraw", `{}`)
	token := h.token(t, "zhang")
	if done := read[closedView](t, h.must(t, "zhang", 200, "POST", "/me/close", closing)); done.ID != me {
		t.Errorf("closed %+v", done)
	}

	if w := h.send(t, "", "GET", base+"/me", "", "Authorization", bearer(token)); w.Code != 401 {
		t.Errorf("after the end the token is good: %d", w.Code)
	}
	h.must(t, "clerk-xinglin", 404, "GET", "/residents/"+me, "")
	if found := itemsOf(t, h.must(t, "clerk-xinglin", 200, "POST", "/residents/find", `{"phone":"13800000001"}`)); len(found) > 0 {
		t.Errorf("he is found by his phone: %v", found)
	}
	seen := read[appealView](t, h.must(t, "dispatcher-liuquan", 200, "GET", "/appeals/"+answered.id, ""))
	if seen.Text == "" || seen.Petitioner == nil || seen.Petitioner.Name != "已注销" || seen.Petitioner.Phone != "" {
		t.Errorf("the dispatcher sees %+v", seen)
	}
	h.must(t, "li", 404, "GET", "/appeals/"+answered.id, "")
	relation := itemsOf(t, h.must(t, "li", 200, "GET", "/actings", ""))[0]
	if relation["principal_name"] != "已注销" || relation["status"] != "ended" {
		t.Errorf("his helper sees %v", relation)
	}
	h.refused(t, "follow-up-liuquan", 409, "appeal.contact_closed", "POST", "/appeals/"+answered.id+"/reveal-contact", `{"reason":"电话回访"}`)
	h.wantRows(t, 0, "idempotency", "caller = ? AND operation <> 'closeMe'", me)
	h.wantRows(t, 0, "sessions", "person = ? AND ended_at IS NULL", me)
	h.wantRows(t, 0, "phone_proofs", "person = ?", me)
	h.wantRows(t, 0, "persons", "id = ? AND (name IS NOT NULL OR phone IS NOT NULL OR wechat_index IS NOT NULL OR village <> '')", me)

	delete(h.logins, "zhang")
	again := h.actor(t, "zhang").Person
	if again == me {
		t.Error("the same WeChat logs in to the closed account")
	}
	h.tellMore(t, "zhang", "13800000001", "")
	h.must(t, "zhang", 404, "GET", "/appeals/"+answered.id, "")
}

// TestTheClerkClosesAnAccount is for somebody who has no phone, and for the dead.
func TestTheClerkClosesAnAccount(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	vars := map[string]string{"elder": registerElder(t, h)}
	ask := func(name, who, body string, status int, code, at string) scenario {
		return scenario{name: name, who: who, method: "POST", path: "/residents/{elder}/close", body: body, status: status, code: code, at: at}
	}
	died := `{"cause":"died","how":"家属拿来死亡证明"}`
	h.play(t, vars,
		ask("no cause", "clerk-xinglin", `{"how":"家属拿来死亡证明"}`, 422, "request.invalid", "body.cause"),
		ask("as if by himself", "clerk-xinglin", `{"cause":"self","how":"家属拿来死亡证明"}`, 422, "request.invalid", "body.cause"),
		ask("not how", "clerk-xinglin", `{"cause":"died","how":" "}`, 422, "request.invalid", "body.how"),
		ask("a number", "clerk-xinglin", `{"cause":"died","how":"家属电话`+elderPhone+`"}`, 422, "person.number_in_reason", ""),
		ask("another village's clerk", "clerk-hewan", died, 404, "request.not_found", ""),
		ask("the system administrator", "system-admin", died, 403, "request.forbidden", ""),
		ask("his neighbour", "zhang", died, 403, "request.forbidden", ""),
		ask("died", "clerk-xinglin", died, 200, "", ""),
		ask("twice", "clerk-xinglin", died, 404, "request.not_found", ""),
	)
	w := h.must(t, "clerk-xinglin", 200, "GET", "/residents?limit=100", "")
	if slices.ContainsFunc(itemsOf(t, w), func(r map[string]any) bool { return r["id"] == vars["elder"] }) || strings.Contains(w.Body.String(), "已注销") {
		t.Errorf("he is on the list: %s", w.Body)
	}
}
