package api

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
	"tongban/internal/account"
)

func TestPasswordLogin(t *testing.T) {
	h := openHouse(t)
	vars := map[string]string{"password": account.DemoPassword(h.Store.Keys())}
	login := func(name, body string, status int, code, at string) scenario {
		return scenario{name: name, method: "POST", path: "/login/password", body: body, status: status, code: code, at: at}
	}
	good := login("with everything", `{"username":"clerk-xinglin","password":"{password}","device":"pc"}`, 200, "", "")
	good.fields = map[string]any{
		"access_token": like(`^eyJ[^.]+\.[^.]+\.[^.]+$`), "refresh_token": filled, "expires_in": 900,
		"person.id": like(uuidShape.String()), "person.name": "苗杏芳", "posts.#": 2, "post": "{post}", "posts.0.id": "{post}",
		"posts.0.role": "clerk", "posts.1.role": "grid_worker", "posts.0.area": xinglin, "posts.1.area": xinglin + "01", "posts.0.office": like(uuidShape.String()),
	}
	first := good
	first.name, first.fields, first.saves = "saves the post", nil, map[string]string{"post": "post"}
	long := login("long device", `{"username":"clerk-xinglin","password":"x","device":"`+strings.Repeat("d", 129)+`"}`, 422, "request.invalid", "body.device")
	long.fields = map[string]any{"errors.0.message": "太长了，请删减后再试"} // the schema's bound is not the desk's
	h.play(t, vars,
		first, good, long,
		login("name in capitals and full width, otp given", `{"username":" ＣＬＥＲＫ-xinglin","password":"{password}","otp":"123456"}`, 200, "", ""),
		login("wrong password", `{"username":"clerk-hewan","password":"wrong"}`, 422, "login.wrong", ""),
		login("unknown user looks the same", `{"username":"nobody","password":"wrong"}`, 422, "login.wrong", ""),
		login("a resident has no password", `{"username":"zhang","password":""}`, 422, "login.wrong", ""),
		login("no password", `{"username":"clerk-xinglin"}`, 422, "request.invalid", "body.password"),
		login("number for a name", `{"username":1,"password":"x"}`, 422, "request.invalid", "body.username"),
		login("null for a name", `{"username":null,"password":"x"}`, 422, "request.invalid", "body.username"),
		login("another letter case", `{"Username":"clerk-xinglin","password":"x"}`, 422, "request.invalid", ""),
		login("a field too many", `{"username":"clerk-xinglin","password":"x","role":"system_admin"}`, 422, "request.invalid", "body.role"),
		login("twice the same field", `{"username":"a","username":"b","password":"x"}`, 400, "request.malformed", "body.username"),
		login("broken", `{"username":`, 400, "request.malformed", "body.username"),
		login("no body", ``, 400, "request.malformed", "body"),
		login("control character", `{"username":"clerk\u0000","password":"x"}`, 400, "request.malformed", "body.username"),
		login("10 MB", `{"username":"`+strings.Repeat("a", 10<<20)+`","password":"x"}`, 413, "request.too_large", ""),
		scenario{name: "as a form", method: "POST", path: "/login/password", body: "username=a", headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415, code: "request.unsupported_type"},
		scenario{name: "by GET", method: "GET", path: "/login/password", status: 405, code: "request.method_not_allowed"},
	)
}

func TestGuessingIsStopped(t *testing.T) {
	h := openHouse(t)
	guess := func() scenario {
		return scenario{name: "a guess", method: "POST", path: "/login/password", body: `{"username":"decider","password":"guess"}`, status: 422, code: "login.wrong"}
	}
	locked := guess()
	locked.status, locked.code = 429, "login.locked"
	h.play(t, nil, guess(), guess(), guess(), guess(), guess(), locked)
	w := h.send(t, "", "POST", "/api/v1/login/password", locked.body)
	if wait := w.Header().Get("Retry-After"); wait == "" || wait == "0" {
		t.Errorf("Retry-After %q", wait)
	}
	h.clock.Advance(16 * time.Minute)
	h.play(t, nil, guess())
}

// TestLoginAnswersExactly keeps what outside clients read.
func TestLoginAnswersExactly(t *testing.T) {
	h := openHouse(t)
	h.token(t, "clerk-xinglin")
	text, err := encode(h.logins["clerk-xinglin"].tokens)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(keysOf(got), []string{"access_token", "expires_in", "person", "post", "posts", "refresh_token"}); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(keysOf(got["person"]), []string{"id", "name"}); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(keysOf(got["posts"].([]any)[0]), []string{"area", "id", "office", "role"}); diff != "" {
		t.Error(diff)
	}
}

func TestWeChatLogin(t *testing.T) {
	h := openHouse(t)
	login := func(name, body string, status int, code string) scenario {
		return scenario{name: name, method: "POST", path: "/login/wechat", body: body, status: status, code: code}
	}
	first := login("first time", `{"code":"newcomer.1","device":"phone"}`, 200, "")
	first.fields = map[string]any{"person.name": "", "posts.#": 0, "post": "", "refresh_token": filled}
	first.saves = map[string]string{"id": "person.id"}
	again := login("second time", `{"code":"newcomer.2"}`, 200, "")
	again.fields = map[string]any{"person.id": "{id}"}
	h.play(t, nil,
		first, again,
		login("used code", `{"code":"newcomer.1"}`, 401, "wechat.code_expired"),
		login("bad code", `{"code":"bad"}`, 401, "wechat.code_expired"),
		login("empty code", `{"code":""}`, 422, "request.invalid"),
		login("no code", `{}`, 422, "request.invalid"),
	)
	h.wechat.Fail(standinFailure(40226))
	h.play(t, nil, login("blocked by WeChat", `{"code":"newcomer.3"}`, 403, "wechat.blocked"))
	h.wechat.Fail(standinFailure(40125))
	h.play(t, nil, login("our own secret is wrong", `{"code":"newcomer.4"}`, 503, "wechat.refused"))
}

func TestSessions(t *testing.T) {
	h := openHouse(t)
	h.token(t, "clerk-xinglin")
	had := h.logins["clerk-xinglin"].tokens
	vars := map[string]string{"access": had.AccessToken, "refresh": had.RefreshToken, "grid": had.Posts[1].ID, "unknown": someID}
	me := func(name, token string, status int, code string) scenario {
		return scenario{name: name, method: "GET", path: "/me", headers: []string{"Authorization", bearer(token)}, status: status, code: code}
	}
	renew := scenario{
		name: "renew", method: "POST", path: "/token", body: `{"refresh_token":"{refresh}","device":"device of clerk-xinglin"}`, status: 200,
		fields: map[string]any{"access_token": filled, "refresh_token": filled, "person.name": "苗杏芳", "posts.#": 2},
		saves:  map[string]string{"renewed": "access_token", "next": "refresh_token"},
	}
	vars = h.play(t, vars, me("good token", "{access}", 200, ""), renew,
		scenario{name: "the answer got lost: the same again", method: "POST", path: "/token", body: renew.body, status: 200, fields: map[string]any{"refresh_token": "{next}"}},
		me("renewed token", "{renewed}", 200, ""),
	)
	h.clock.Advance(time.Minute)
	h.play(t, vars,
		scenario{name: "a used token is a stolen one", method: "POST", path: "/token", body: renew.body, status: 401, code: "token.bad"},
		scenario{name: "and its successor ends too", method: "POST", path: "/token", body: `{"refresh_token":"{next}"}`, status: 401, code: "token.bad"},
		me("and its access token", "{renewed}", 401, "token.bad"),
		scenario{name: "no refresh token", method: "POST", path: "/token", body: `{"refresh_token":"` + strings.Repeat("A", 70) + `"}`, status: 401, code: "token.bad"},
		scenario{name: "empty", method: "POST", path: "/token", body: `{"refresh_token":""}`, status: 401, code: "token.bad"},
	)
	delete(h.logins, "clerk-xinglin")
	h.play(t, map[string]string{"grid": vars["grid"], "unknown": someID},
		scenario{name: "switch", who: "clerk-xinglin:clerk", method: "POST", path: "/session/post", body: `{"post":"{grid}"}`, status: 200,
			fields: map[string]any{"post": "{grid}", "refresh_token": absent, "access_token": filled, "posts.#": 2}},
		scenario{name: "to nobody's post", who: "clerk-xinglin", method: "POST", path: "/session/post", body: `{"post":"{unknown}"}`, status: 404, code: "request.not_found"},
		scenario{name: "to another's post", who: "clerk-hewan", method: "POST", path: "/session/post", body: `{"post":"{grid}"}`, status: 404, code: "request.not_found"},
		scenario{name: "to no id", who: "clerk-xinglin", method: "POST", path: "/session/post", body: `{"post":"1"}`, status: 422, code: "request.invalid", at: "body.post"},
		scenario{name: "a resident has none", who: "zhang", method: "POST", path: "/session/post", body: `{"post":"{grid}"}`, status: 403, code: "request.forbidden"},
		scenario{name: "acting as grid worker", who: "clerk-xinglin:grid_worker", method: "GET", path: "/me", status: 200, fields: map[string]any{"post": "{grid}"}},
		scenario{name: "log out", who: "li", method: "DELETE", path: "/session", status: 204},
		scenario{name: "logged out", who: "li", method: "GET", path: "/me", status: 401, code: "token.bad"},
		scenario{name: "nobody cannot log out", method: "DELETE", path: "/session", status: 401, code: "token.missing"},
	)
	h.clock.Advance(16 * time.Minute)
	h.play(t, vars, me("a token lives a quarter of an hour", vars["renewed"], 401, "token.bad"))
}

func TestMe(t *testing.T) {
	h := openHouse(t)
	tell := func(name, who, body string, status int, code, at string) scenario {
		return scenario{name: name, who: who, method: "POST", path: "/me", body: body, status: status, code: code, at: at}
	}
	const consent = `"consent":{"text_version":"2026-01"}`
	told := tell("tells it, with a zero-width character in the name", "new", `{"name":"𠮷\u200b田","phone":"１３８ 0013-8000","village":"`+xinglin+`",`+consent+`}`, 200, "", "")
	told.fields = map[string]any{"name": "𠮷田", "phone": "138****8000", "village": xinglin, "grid": "", "id_number": "", "version": 2, "created_at": "2026-11-23T09:00:00+08:00"}
	h.play(t, nil,
		scenario{name: "staff", who: "clerk-xinglin", method: "GET", path: "/me", status: 200, fields: map[string]any{
			"kind": "staff", "name": "苗杏芳", "posts.#": 2, "posts.0.role_name": "村办事员", "posts.0.title": "村办事员", "posts.0.area": xinglin, "post": filled, "resident": absent}},
		scenario{name: "newcomer", who: "new", method: "GET", path: "/me", status: 200, fields: map[string]any{
			"kind": "resident", "name": "", "posts.#": 0, "post": "", "resident.village": "", "resident.wechat": true}},
		tell("without consent", "new", `{"name":"张三","village":"`+xinglin+`"}`, 422, "request.invalid", "body.consent"),
		tell("consent to nothing", "new", `{"name":"张三","village":"`+xinglin+`","consent":{"text_version":""}}`, 422, "request.invalid", "body.consent.text_version"),
		tell("no name", "new", `{"village":"`+xinglin+`",`+consent+`}`, 422, "request.invalid", "body.name"),
		tell("no village", "new", `{"name":"张三",`+consent+`}`, 422, "request.invalid", "body.village"),
		tell("unknown village", "new", `{"name":"张三","village":"219901101299",`+consent+`}`, 422, "request.invalid", "body.village"),
		tell("a town is no village", "new", `{"name":"张三","village":"219901101",`+consent+`}`, 422, "request.invalid", "body.village"),
		tell("another village's grid", "new", `{"name":"张三","village":"`+xinglin+`","grid":"`+hewan+`01",`+consent+`}`, 422, "request.invalid", "body.grid"),
		tell("two at once", "new", `{"name":"123","phone":"12345","village":"`+xinglin+`",`+consent+`}`, 422, "request.invalid", "body.name"),
		tell("phone is none", "new", `{"name":"张三","phone":"12345","village":"`+xinglin+`",`+consent+`}`, 422, "phone.invalid", "body.phone"),
		tell("name is none", "new", `{"name":"123","village":"`+xinglin+`",`+consent+`}`, 422, "name.invalid", "body.name"),
		tell("name of zero width", "new", `{"name":"\u200b\u200d","village":"`+xinglin+`",`+consent+`}`, 422, "name.empty", "body.name"),
		tell("long name", "new", `{"name":"`+strings.Repeat("长", 41)+`","village":"`+xinglin+`",`+consent+`}`, 422, "name.too_long", "body.name"),
		scenario{name: "without a key", who: "new", method: "POST", path: "/me", body: `{"name":"张三","village":"` + xinglin + `",` + consent + `}`, key: "-", status: 400, code: "idempotency.missing"},
		told,
		tell("the same again", "new", `{"name":"𠮷田","village":"`+xinglin+`",`+consent+`}`, 200, "", ""),
		tell("another name", "new", `{"name":"吉田",`+consent+`}`, 409, "person.already_told", ""),
		tell("the grid later", "new", `{"village":"`+xinglin+`","grid":"`+xinglin+`01",`+consent+`}`, 200, "", ""),
		scenario{name: "known now", who: "new", method: "GET", path: "/me", status: 200, fields: map[string]any{
			"name": "𠮷田", "resident.grid": xinglin + "01", "resident.phone": "138****8000"}},
		tell("staff has nothing to tell", "clerk-xinglin", `{"name":"张三",`+consent+`}`, 403, "request.forbidden", ""),
		tell("nobody", "", `{"name":"张三",`+consent+`}`, 401, "token.missing", ""),
	)
}

func TestTellingTwiceWithOneKey(t *testing.T) {
	h := openHouse(t)
	const body = `{"name":"张三","village":"` + xinglin + `","consent":{"text_version":"2026-01"}}`
	first := h.send(t, "new", "POST", "/api/v1/me", body, keyHeader, "draft-0001")
	again := h.send(t, "new", "POST", "/api/v1/me", body, keyHeader, "draft-0001")
	if first.Code != 200 || first.Body.String() != again.Body.String() {
		t.Errorf("%d %s, then %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	h.play(t, nil, scenario{name: "another content", who: "new", method: "POST", path: "/me", key: "draft-0001", status: 422, code: "idempotency.other_content",
		body: `{"name":"李四","village":"` + xinglin + `","consent":{"text_version":"2026-01"}}`})
}

func TestPasswordChange(t *testing.T) {
	h := openHouse(t)
	old := account.DemoPassword(h.Store.Keys())
	h.token(t, "officer-water")
	const fresh = "井水清清流过门前石桥"
	change := func(name, username, from, to string, status int, code string) scenario {
		body, _ := json.Marshal(map[string]string{"username": username, "old": from, "new": to})
		return scenario{name: name, method: "POST", path: "/password", body: string(body), status: status, code: code}
	}
	h.play(t, nil,
		change("wrong old one", "officer-water", "wrong", fresh+"一二三", 422, "login.wrong"),
		change("unknown user", "nobody", old, fresh+"一二三", 422, "login.wrong"),
		change("short", "officer-water", old, fresh, 422, "password.too_short"),
		change("easy", "officer-water", old, "password1234", 422, "password.weak"),
		change("the same", "officer-water", old, old, 422, "password.weak"),
		change("long", "officer-water", old, strings.Repeat("a", 1025), 422, "request.invalid"),
		change("good", "officer-water", old, fresh+"一二三", 200, ""),
		scenario{name: "the old session has ended", who: "officer-water", method: "GET", path: "/me", status: 401, code: "token.bad"},
		scenario{name: "the old password too", method: "POST", path: "/login/password", body: `{"username":"officer-water","password":"` + old + `"}`, status: 422, code: "login.wrong"},
		scenario{name: "the new one works", method: "POST", path: "/login/password", body: `{"username":"officer-water","password":"` + fresh + `一二三"}`, status: 200},
	)
}

func TestGivenPasswordMustBeChanged(t *testing.T) {
	h := openHouse(t)
	given, err := h.Accounts.IssuePassword(t.Context(), access.Round(""), "decider")
	if err != nil {
		t.Fatal(err)
	}
	h.play(t, map[string]string{"given": given},
		scenario{name: "log-in", method: "POST", path: "/login/password", body: `{"username":"decider","password":"{given}"}`, status: 403, code: "login.must_change"},
		scenario{name: "change", method: "POST", path: "/password", body: `{"username":"decider","old":"{given}","new":"山高水长-日久天长-2026"}`, status: 200, fields: map[string]any{"person.name": "明允正"}},
	)
}

func TestPublicKeys(t *testing.T) {
	h := openHouse(t)
	h.play(t, nil, scenario{name: "keys", method: "GET", path: "./.well-known/jwks.json", status: 200, fields: map[string]any{
		"keys.#": 1, "keys.0.kty": "OKP", "keys.0.crv": "Ed25519", "keys.0.alg": "EdDSA", "keys.0.use": "sig", "keys.0.kid": filled, "keys.0.x": like(`^[\w-]{43}$`), "keys.0.d": absent}})
}
