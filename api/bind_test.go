package api

import (
	"testing"
)

func TestElderGetsWeChat(t *testing.T) {
	h := openHouse(t)
	const elder = `{"name":"王淑芬","phone":"13800001234","village":"` + xinglin + `",` + spoken + `}`
	step := func(name, who, path, body string, status int, code string) scenario {
		return scenario{name: name, who: who, method: "POST", path: path, body: body, status: status, code: code}
	}
	registered := step("the clerk registers her", "clerk-xinglin", "/residents", elder, 201, "")
	registered.saves = map[string]string{"elder": "id"}
	proven := step("her phone", "daughter", "/me/phone/wechat", `{"code":"phone.13800001234.1"}`, 200, "")
	proven.fields = map[string]any{"resident.phone": "138****1234", "resident.name": "", "may_bind": true}
	bound := step("her name as it is registered", "daughter", "/me/bind/phone", `{"name":"王淑芬","village":"`+xinglin+`"}`, 200, "")
	bound.fields = map[string]any{"id": "{elder}", "wechat": true, "phone": "138****1234"}
	vars := h.play(t, nil,
		registered,
		step("no phone yet", "daughter", "/me/bind/phone", `{"name":"王淑芬","village":"`+xinglin+`"}`, 422, "person.no_binding"),
		step("a used code", "daughter", "/me/phone/wechat", `{"code":"bad"}`, 422, "wechat.phone_code"),
		proven,
		step("the same code again", "daughter", "/me/phone/wechat", `{"code":"phone.13800001234.1"}`, 422, "wechat.phone_code"),
		step("another name", "daughter", "/me/bind/phone", `{"name":"王淑芳","village":"`+xinglin+`"}`, 422, "person.no_binding"),
		step("a village in words", "daughter", "/me/bind/phone", `{"name":"王淑芬","village":"杏林村"}`, 422, "request.invalid"),
		bound,
		scenario{name: "the old session is over", who: "daughter", method: "GET", path: "/me", status: 401, code: "token.bad"},
	)
	delete(h.logins, "daughter")
	me := scenario{name: "the next log-in is hers", who: "daughter", method: "GET", path: "/me", status: 200}
	me.fields = map[string]any{"id": "{elder}", "name": "王淑芬", "resident.village": xinglin}
	h.play(t, vars, me,
		step("a second time", "daughter", "/me/bind", `{"bind_code":"ABCDEFGH"}`, 409, "person.not_empty"),
		step("no code for whoever has WeChat", "clerk-xinglin", "/residents/{elder}/bind-code", "", 409, "person.has_wechat"),
	)
}

func TestBindCode(t *testing.T) {
	h := openHouse(t)
	step := func(name, who, path, body string, status int, code string) scenario {
		return scenario{name: name, who: who, method: "POST", path: path, body: body, status: status, code: code}
	}
	registered := step("registered without a phone", "clerk-xinglin", "/residents", `{"name":"王淑芬","village":"`+xinglin+`",`+spoken+`}`, 201, "")
	registered.saves = map[string]string{"elder": "id"}
	made := step("the clerk makes a code", "clerk-xinglin", "/residents/{elder}/bind-code", "", 200, "")
	made.fields = map[string]any{"bind_code": like(`^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`), "expires_at": filled}
	made.saves, made.key = map[string]string{"code": "bind_code"}, someKey
	again := made
	again.name, again.fields, again.saves = "the same request again", map[string]any{"bind_code": "{code}"}, nil
	bound := step("she types it", "her-phone", "/me/bind", `{"bind_code":"{code}"}`, 200, "")
	bound.fields = map[string]any{"id": "{elder}", "wechat": true}
	h.play(t, nil, registered, made, again,
		step("another village's clerk", "clerk-hewan", "/residents/{elder}/bind-code", "", 404, "request.not_found"),
		step("a grid worker", "grid-xinglin", "/residents/{elder}/bind-code", "", 404, "request.not_found"),
		step("a wrong code", "her-phone", "/me/bind", `{"bind_code":"ABCDEFGH"}`, 422, "person.bind_code"),
		step("no code", "her-phone", "/me/bind", `{"bind_code":"123"}`, 422, "request.invalid"),
		step("a clerk is no resident", "clerk-xinglin", "/me/bind", `{"bind_code":"{code}"}`, 403, "request.forbidden"),
		bound,
		step("a used code", "another-phone", "/me/bind", `{"bind_code":"{code}"}`, 422, "person.bind_code"),
	)
}
