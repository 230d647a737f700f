package api

import "testing"

// TestClerkLogsInByWeChat plays a clerk's way: his administrator gives him a code, he types it into the mini-program, and from then on
// his phone lets him in; he is a villager there as well. Then the phone is lost.
func TestClerkLogsInByWeChat(t *testing.T) {
	h := openHouse(t)
	clerk := h.actor(t, "clerk-hewan").Person
	step := func(name, who, path, body string, status int, code string) scenario {
		return scenario{name: name, who: who, method: "POST", path: path, body: body, status: status, code: code}
	}
	login := func(name, body, as string, both bool) scenario {
		s := step(name, "", "/login/wechat", body, 200, "")
		s.fields = map[string]any{"as": as, "both": absent, "access_token": filled}
		if both {
			s.fields["both"] = true
		}
		return s
	}
	made := step("a code", "system-admin", "/staff/{clerk}/wechat-code", "", 200, "")
	made.fields = map[string]any{"bind_code": like(`^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`), "expires_at": "2026-11-24T09:00:00+08:00"}
	made.saves, made.key = map[string]string{"code": "bind_code"}, someKey
	again := made
	again.name, again.fields, again.saves = "the same request again", map[string]any{"bind_code": "{code}"}, nil
	others := step("a colleague's code", "system-admin", "/staff/{colleague}/wechat-code", "", 200, "")
	others.saves = map[string]string{"others": "bind_code"}
	bound := step("typed into the phone", "", "/login/wechat/bind-staff", `{"code":"phone.3","bind_code":"{code}"}`, 200, "")
	bound.fields = map[string]any{"username": "clerk-hewan", "must_change": false}
	staff := login("as staff", `{"code":"phone.5","as":"staff"}`, "staff", false)
	staff.fields["person.name"], staff.fields["posts.#"], staff.fields["post"] = "江河清", 1, filled
	staff.saves = map[string]string{"token": "access_token"}
	vars := h.play(t, map[string]string{"clerk": clerk, "colleague": h.actor(t, "clerk-xinglin").Person},
		made, again,
		step("not by the security administrator", "security-admin", "/staff/{clerk}/wechat-code", "", 403, "request.forbidden"),
		step("not by a colleague", "clerk-xinglin", "/staff/{clerk}/wechat-code", "", 403, "request.forbidden"),
		step("as staff before", "", "/login/wechat", `{"code":"phone.1","as":"staff"}`, 403, "login.not_bound"),
		step("as something else", "", "/login/wechat", `{"code":"phone.1","as":"king"}`, 422, "request.invalid"),
		step("a wrong code", "", "/login/wechat/bind-staff", `{"code":"phone.2","bind_code":"ABCD-EFGH"}`, 422, "staff.bind_code"),
		step("half a code", "", "/login/wechat/bind-staff", `{"code":"phone.2","bind_code":"ABCD"}`, 422, "request.invalid"),
		step("a used WeChat code", "", "/login/wechat/bind-staff", `{"code":"phone.2","bind_code":"{code}"}`, 401, "wechat.code_expired"),
		bound,
		step("by another phone", "", "/login/wechat/bind-staff", `{"code":"other.1","bind_code":"{code}"}`, 422, "staff.bind_code"),
		scenario{name: "his administrator sees it", who: "system-admin", method: "GET", path: "/staff/{clerk}", status: 200, fields: map[string]any{"wechat": true}},
		step("no second code", "system-admin", "/staff/{clerk}/wechat-code", "", 409, "staff.has_wechat"),
		others,
		step("a colleague into the same phone", "", "/login/wechat/bind-staff", `{"code":"phone.12","bind_code":"{others}"}`, 409, "staff.wechat_taken"),
		login("nothing else is known of this phone", `{"code":"phone.4"}`, "staff", false),
		staff,
		login("as a villager", `{"code":"phone.6","as":"resident"}`, "resident", true),
		login("both now: a villager, and told so", `{"code":"phone.7"}`, "resident", true),
		login("staff when he says so", `{"code":"phone.8","as":"staff"}`, "staff", true),
	)
	me := scenario{name: "he sees it himself", method: "GET", path: "/me", headers: []string{"Authorization", bearer(vars["token"])}, status: 200, fields: map[string]any{"wechat": true, "kind": "staff"}}
	over := me
	over.name, over.status, over.code, over.fields = "over", 401, "token.bad", nil
	h.play(t, vars, me,
		step("not by the system administrator", "system-admin", "/staff/{clerk}/unbind-wechat", `{"why":"手机丢了"}`, 403, "request.forbidden"),
		scenario{name: "the phone is lost", who: "security-admin", method: "POST", path: "/staff/{clerk}/unbind-wechat", body: `{"why":"手机丢了"}`, status: 200, fields: map[string]any{"wechat": false}},
		over,
		step("no way in", "", "/login/wechat", `{"code":"phone.9","as":"staff"}`, 403, "login.not_bound"),
		scenario{name: "residents have nothing to unbind here", who: "zhang", method: "DELETE", path: "/me/wechat", status: 403, code: "request.forbidden"},
	)
	delete(h.logins, "clerk-hewan")
	made.key, made.fields = "", nil
	h.play(t, vars, made,
		step("the same phone, found again", "", "/login/wechat/bind-staff", `{"code":"phone.10","bind_code":"{code}"}`, 200, ""),
		login("and he is in", `{"code":"phone.11","as":"staff"}`, "staff", true),
	)
}
