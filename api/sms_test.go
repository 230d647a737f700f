package api

import (
	"testing"
	"time"
)

func TestSMSLogin(t *testing.T) {
	h := openHouse(t)
	const phone = "13800001234"
	step := func(name, path, body string, status int, code string) scenario {
		return scenario{name: name, method: "POST", path: path, body: body, status: status, code: code}
	}
	register := func(name string) {
		h.must(t, "clerk-xinglin", 201, "POST", "/residents", `{"name":"`+name+`","phone":"`+phone+`","village":"`+xinglin+`",`+spoken+`}`)
	}
	asked := step("a code", "/login/sms/code", `{"phone":"+86 138-0000-1234"}`, 200, "")
	asked.fields = map[string]any{"expires_in": 300}
	register("王淑芬")
	vars := h.play(t, nil, asked,
		step("another one at once", "/login/sms/code", `{"phone":"`+phone+`"}`, 429, "login.sms_too_many"),
		step("no phone number", "/login/sms/code", `{"phone":"12"}`, 422, "phone.invalid"),
		step("a landline", "/login/sms/code", `{"phone":"0421-7654321"}`, 422, "request.invalid"),
		step("no phone", "/login/sms/code", `{}`, 422, "request.invalid"),
		step("no digits", "/login/sms", `{"phone":"`+phone+`","code":"abc"}`, 422, "request.invalid"),
		step("a phone that asked for nothing", "/login/sms", `{"phone":"13900000001","code":"000000"}`, 422, "login.sms_wrong"),
	)
	vars["code"] = h.sms.Last(phone)
	in := step("she is in", "/login/sms", `{"phone":"`+phone+`","code":"{code}","device":"phone"}`, 200, "")
	in.fields = map[string]any{"tokens.person.name": "王淑芬", "tokens.refresh_token": filled, "tokens.expires_in": 900}
	h.play(t, vars, in, step("a second time", "/login/sms", `{"phone":"`+phone+`","code":"{code}"}`, 422, "login.sms_wrong"))

	h.clock.Advance(time.Minute) // the two are listed in the order of their registration
	register("赵德柱")
	h.play(t, nil, asked)
	vars["code"] = h.sms.Last(phone)
	who := step("which of two", "/login/sms", `{"phone":"`+phone+`","code":"{code}"}`, 200, "")
	who.fields = map[string]any{"people.#": 2, "choice": filled, "people.0.name": "王**"}
	who.saves = map[string]string{"choice": "choice", "her": "people.0.id"}
	vars = h.play(t, vars, who)
	chosen := step("she", "/login/sms/choose", `{"choice":"{choice}","person":"{her}"}`, 200, "")
	chosen.fields = map[string]any{"person.name": "王淑芬"}
	h.play(t, vars,
		step("somebody else", "/login/sms/choose", `{"choice":"{choice}","person":"`+someID+`"}`, 422, "login.sms_choice"),
		chosen,
		step("twice", "/login/sms/choose", `{"choice":"{choice}","person":"{her}"}`, 422, "login.sms_choice"),
	)
	h.sms.Down(true)
	h.play(t, nil, step("the gateway is down", "/login/sms/code", `{"phone":"13900000002"}`, 503, "sms.busy"))
}
