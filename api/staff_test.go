package api

import (
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tongban/internal/account"
)

// TestStaffFromFirstDayToLast: an account is made, gets a second factor, a post more, loses one, and is shut out.
func TestStaffFromFirstDayToLast(t *testing.T) {
	h := openHouse(t)
	const own = "井水清清-石桥弯弯-42"
	vars := map[string]string{"hall": h.officeID(t, "county-hall"), "own": own}
	create := func(name, who, username, role string, status int, code, at string) scenario {
		return scenario{name: name, who: who, method: "POST", path: "/staff", status: status, code: code, at: at,
			body: `{"username":"` + username + `","name":"新来人","post":{"role":"` + role + `","title":"综合窗口","office":"{hall}","area":"219901"}}`}
	}
	made := create("made", "system-admin", "New.One", "window", 201, "", "")
	made.fields = map[string]any{
		"username": "new.one", "name": "新来人", "must_change": true, "second_factor": false, "disabled": false, "posts.#": 1,
		"posts.0.role": "window", "posts.0.title": "综合窗口", "posts.0.valid_from": "2026-11-23", "posts.0.valid_until": "", "password": filled,
	}
	made.saves = map[string]string{"id": "id", "given": "password", "post": "posts.0.id"}
	admin := func(name, who, path, body string, status int, code string) scenario {
		return scenario{name: name, who: who, method: "POST", path: path, body: body, status: status, code: code}
	}
	vars = h.play(t, vars, made,
		create("in another form", "system-admin", "ｎｅｗ．ＯＮＥ", "window", 409, "staff.username_taken", ""),
		create("with a role that there is not", "system-admin", "else-one", "king", 422, "request.invalid", "body.post.role"),
		create("by the security administrator", "security-admin", "else-one", "window", 403, "request.forbidden", ""),
		create("no name for a user", "system-admin", "a b", "window", 422, "request.invalid", "body.username"),
		scenario{name: "listed by name", who: "system-admin", method: "GET", path: "/staff?username=NEW.one", status: 200, fields: map[string]any{"items.#": 1, "items.0.id": "{id}", "items.0.password": absent}},
		scenario{name: "nobody else lists", who: "supervisor", method: "GET", path: "/staff", status: 200, fields: map[string]any{"items.#": 0}},
		scenario{name: "temporary", method: "POST", path: "/login/password", body: `{"username":"new.one","password":"{given}"}`, status: 403, code: "login.must_change"},
		scenario{name: "his own", method: "POST", path: "/password", body: `{"username":"new.one","old":"{given}","new":"{own}"}`, status: 200},
		scenario{name: "begins a second factor", method: "POST", path: "/totp", body: `{"username":"new.one","password":"{own}"}`, status: 200,
			fields: map[string]any{"url": like(`^otpauth://totp/tongban:new\.one\?secret=[A-Z2-7]{32}&issuer=tongban$`)}, saves: map[string]string{"secret": "secret"}},
	)
	code := func(later time.Duration) string {
		code, err := totp.GenerateCode(vars["secret"], h.clock.Now().Add(later))
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	vars["code"], vars["next"] = code(0), code(30*time.Second)
	h.play(t, vars,
		scenario{name: "confirms it", method: "POST", path: "/totp/confirm", body: `{"username":"new.one","password":"{own}","otp":"{code}"}`, status: 200,
			fields: map[string]any{"recovery_codes.#": 10, "login.person.name": "新来人"}},
		scenario{name: "confirms it again", method: "POST", path: "/totp/confirm", body: `{"username":"new.one","password":"{own}","otp":"{next}"}`, status: 409, code: "totp.already"},
		scenario{name: "without a code", method: "POST", path: "/login/password", body: `{"username":"new.one","password":"{own}"}`, status: 403, code: "login.otp_needed"},
		scenario{name: "with the same one", method: "POST", path: "/login/password", body: `{"username":"new.one","password":"{own}","otp":"{code}"}`, status: 422, code: "login.wrong"},
		scenario{name: "with the next", method: "POST", path: "/login/password", body: `{"username":"new.one","password":"{own}","otp":"{next}"}`, status: 200},
		admin("a post more", "system-admin", "/staff/{id}/posts", `{"post":{"role":"reviewer","title":"审查员","office":"{hall}","area":"219901"}}`, 200, ""),
		admin("an administrator's post", "system-admin", "/staff/{id}/posts", `{"post":{"role":"audit_admin","title":"审计","office":"{hall}","area":"219901"}}`, 403, "request.forbidden"),
		admin("ends", "system-admin", "/posts/{post}/end", `{"why":"调整"}`, 200, ""),
		admin("ends again", "system-admin", "/posts/{post}/end", `{"why":"调整"}`, 409, "post.ended"),
		admin("without a reason", "system-admin", "/staff/{id}/disable", `{"why":" "}`, 422, "request.invalid"),
		admin("shut out", "system-admin", "/staff/{id}/disable", `{"why":"离职"}`, 200, ""),
		scenario{name: "no more", method: "POST", path: "/totp", body: `{"username":"new.one","password":"wrong"}`, status: 422, code: "login.wrong"},
		scenario{name: "seen so", who: "security-admin", method: "GET", path: "/staff/{id}", status: 200, fields: map[string]any{"disabled": true, "second_factor": true, "posts.#": 2}},
	)
}

// The answer to making an account is repeated under its key, with the password that was told once; nobody else's key gets it.
func TestAnAccountIsMadeOnce(t *testing.T) {
	h := openHouse(t)
	body := `{"username":"once-only","name":"新来人","post":{"role":"window","title":"综合窗口","office":"` + h.officeID(t, "county-hall") + `","area":"219901"}}`
	first := h.send(t, "system-admin", "POST", base+"/staff", body, keyHeader, "the-same-key")
	again := h.send(t, "system-admin", "POST", base+"/staff", body, keyHeader, "the-same-key")
	if first.Code != 201 || again.Code != 201 || first.Body.String() != again.Body.String() {
		t.Errorf("%d %s\n%d %s", first.Code, first.Body, again.Code, again.Body)
	}
	if m := read[newStaffView](t, first); first.Header().Get("Location") != base+"/staff/"+m.ID {
		t.Errorf("Location %q", first.Header().Get("Location"))
	}
}

// Somebody ends what he left open elsewhere.
func TestSessionsElsewhereAreEnded(t *testing.T) {
	h := openHouse(t)
	elsewhere := h.login(t, "/api/v1/login/password", map[string]string{"username": "decider", "password": account.DemoPassword(h.Store.Keys())})
	h.clock.Advance(time.Second)
	h.play(t, nil,
		scenario{name: "two", who: "decider", method: "GET", path: "/me/sessions", status: 200, fields: map[string]any{"items.#": 2, "items.0.current": true, "items.1.current": false, "items.1.device": false}},
		scenario{name: "the others end", who: "decider", method: "DELETE", path: "/me/sessions", status: 204},
		scenario{name: "one is left", who: "decider", method: "GET", path: "/me/sessions", status: 200, fields: map[string]any{"items.#": 1}},
		scenario{name: "over there", method: "GET", path: "/me", headers: []string{"Authorization", bearer(elsewhere.AccessToken)}, status: 401, code: "token.bad"},
	)
}
