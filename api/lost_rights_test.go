package api

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"tongban/internal/account"
	"tongban/internal/cache/cachetest"
	"tongban/internal/store"
)

// The states in which Redis may be, each brought about after everybody has been served once.
var redisStates = map[string]func(*cachetest.Line){
	"up":        func(*cachetest.Line) {},
	"absent":    (*cachetest.Line).Cut,
	"frozen":    (*cachetest.Line).Freeze,
	"flushed":   (*cachetest.Line).Flush,
	"full":      func(l *cachetest.Line) { l.Refuse("OOM command not allowed when used memory > 'maxmemory'.") },
	"read-only": func(l *cachetest.Line) { l.Refuse("READONLY You can't write against a read only replica.") },
}

// replicaOn is the whole API on a database and a Redis that others serve too.
func replicaOn(t *testing.T, o store.Options, line *cachetest.Line) *house {
	t.Helper()
	limiter := cachetest.Open(t, line.URL, o.Clock)
	return openNext(t, o, func(d *Deps) { d.Limiter = limiter })
}

// lost is a right and how it is lost.
type lost struct {
	who   string // has it, in his first post
	lose  func(t *testing.T, h *house, mine tokensView)
	again bool // a refreshed token acts in another post of his
}

func by(admin, path, body string, of func(tokensView) string) func(*testing.T, *house, tokensView) {
	return func(t *testing.T, h *house, mine tokensView) {
		t.Helper()
		if w := h.send(t, admin, "POST", base+path+of(mine), body, keyHeader, uuid.NewString()); w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestALostRightIsLostOnEveryReplica(t *testing.T) {
	t.Parallel()
	person := func(act string) func(tokensView) string {
		return func(v tokensView) string { return v.Person.ID + act }
	}
	post := func(act string) func(tokensView) string { return func(v tokensView) string { return v.Post + act } }
	remove := func(path string) func(*testing.T, *house, tokensView) {
		return func(t *testing.T, h *house, mine tokensView) {
			t.Helper()
			if w := h.send(t, "", "DELETE", base+path, "", "Authorization", bearer(mine.AccessToken)); w.Code != http.StatusNoContent {
				t.Fatalf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	}
	ways := map[string]lost{
		"logs out":            {who: "dispatcher", lose: remove("/session")},
		"a resident logs out": {who: "zhang", lose: remove("/session")},
		"from elsewhere": {who: "decider", lose: func(t *testing.T, h *house, _ tokensView) {
			remove("/me/sessions")(t, h, h.logInAs(t, "decider"))
		}},
		"is disabled":    {who: "officer-water", lose: by("system-admin", "/staff/", `{"why":"调离"}`, person("/disable"))},
		"a new password": {who: "reviewer", lose: by("system-admin", "/staff/", `{"why":"忘了"}`, person("/password"))},
		"is thrown out":  {who: "supervisor", lose: by("security-admin", "/staff/", `{"why":"丢了手机"}`, person("/end-sessions"))},
		"a post ends":    {who: "follow-up", lose: by("system-admin", "/posts/", `{"why":"免岗"}`, post("/end"))},
		"one of two posts ends": {who: "clerk-xinglin", again: true,
			lose: by("system-admin", "/posts/", `{"why":"免岗"}`, post("/end"))},
		"a transfer": {who: "window-hall", again: true, lose: func(t *testing.T, h *house, mine tokensView) {
			body := `{"why":"调岗","post":{"role":"reviewer","title":"审查员","office":"` + h.officeID(t, "county-hall") + `","area":"219901"}}`
			by("system-admin", "/posts/", body, post("/transfer"))(t, h, mine)
		}},
		"a stolen refresh token": {who: "clerk-hewan", lose: func(t *testing.T, h *house, mine tokensView) {
			h.clock.Advance(time.Second)
			renew := `{"refresh_token":"` + mine.RefreshToken + `"}`
			if w := h.send(t, "", "POST", base+"/token", renew); w.Code != http.StatusOK {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			h.clock.Advance(11 * time.Second)
			if w := h.send(t, "", "POST", base+"/token", renew); w.Code != http.StatusUnauthorized {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		}},
	}
	for state, trouble := range redisStates {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			_, o := demo.Fresh(t)
			line := cachetest.NewLine(t)
			here, there := replicaOn(t, o, line), replicaOn(t, o, line)
			had, troubled := map[string]tokensView{}, false
			for _, name := range slices.Sorted(maps.Keys(ways)) {
				way := ways[name]
				mine := here.logInAs(t, way.who)
				had[name] = mine
				for _, h := range []*house{here, there} {
					if w := h.uses(t, mine); w.Code != http.StatusOK {
						t.Fatalf("%s before: %d %s", name, w.Code, w.Body)
					}
				}
				if !troubled {
					trouble(line)
					troubled = true
				}
				way.lose(t, here, mine)
				here.gone(t, name, mine)
				o.Clock.Advance(5 * time.Second)
				there.gone(t, name, mine)
				here.gone(t, name, mine)
				there.refreshes(t, name, mine, way.again)
			}
			restarted := replicaOn(t, o, line)
			for name, mine := range had {
				restarted.gone(t, name+", after a restart", mine)
			}
			line.Mend()
			line.Flush()
			o.Clock.Advance(5 * time.Second) // both ask Redis again
			for name, mine := range had {
				for _, h := range []*house{here, there, restarted} {
					h.gone(t, name+", after Redis was flushed and came back", mine)
				}
			}
		})
	}
}

// logInAs is a session of its own, from a device that the house does not use otherwise.
func (h *house) logInAs(t *testing.T, who string) tokensView {
	t.Helper()
	if _, resident := villagers[who]; resident {
		return h.login(t, base+"/login/wechat", map[string]string{"code": h.code(who)})
	}
	return h.login(t, base+"/login/password", map[string]string{"username": who, "password": account.DemoPassword(h.Store.Keys())})
}

// uses asks for what the gate alone guards, each time from another address: bad tokens are counted.
func (h *house) uses(t *testing.T, had tokensView) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", base+"/me/messages", nil)
	h.phones++
	r.RemoteAddr = fmt.Sprintf("10.0.%d.%d:1", h.phones/256, h.phones%256)
	r.Header.Set("Authorization", bearer(had.AccessToken))
	return h.do(t, r)
}

// gone demands that an access token is worth nothing.
func (h *house) gone(t *testing.T, name string, had tokensView) {
	t.Helper()
	if w := h.uses(t, had); w.Code != http.StatusUnauthorized {
		t.Errorf("%s: still served: %d %s", name, w.Code, w.Body)
	}
}

// refreshes demands that the refresh token gives nothing, or not the post that was lost.
func (h *house) refreshes(t *testing.T, name string, had tokensView, another bool) {
	t.Helper()
	w := h.send(t, "", "POST", base+"/token", `{"refresh_token":"`+had.RefreshToken+`"}`)
	switch {
	case !another && w.Code != http.StatusUnauthorized:
		t.Errorf("%s: refreshed: %d %s", name, w.Code, w.Body)
	case another && w.Code != http.StatusOK:
		t.Errorf("%s: the other post cannot be used: %d %s", name, w.Code, w.Body)
	case another && read[tokensView](t, w).Post == had.Post:
		t.Errorf("%s: refreshed into the post that was lost", name)
	}
}
