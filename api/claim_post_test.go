package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"

	"tongban/internal/cache/cachetest"
)

// A key that came in one post is not answered in another: what the other post may see is decided anew.
func TestAnotherPostGetsNoStoredAnswer(t *testing.T) {
	h := openHouse(t)
	body := `{"name":"王五","village":"` + xinglin + `",` + spoken + `}`
	register := func(who string) *httptest.ResponseRecorder {
		return h.send(t, who, "POST", "/api/v1/residents", body, keyHeader, someKey)
	}
	first := register("clerk-xinglin:clerk")
	if first.Code != 201 {
		t.Fatalf("%d %s", first.Code, first.Body)
	}
	if w := register("clerk-xinglin:grid_worker"); w.Code != 422 || problemOf(t, w).Code != "idempotency.other_content" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := register("clerk-xinglin:clerk"); w.Code != 201 || w.Body.String() != first.Body.String() {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A look at somebody's phone is told and forgotten: there is no key, so there is nothing to be told again.
func TestLookTakesNoKey(t *testing.T) {
	h := openHouse(t)
	for _, r := range h.Routes() {
		if r.Name == "revealContact" {
			if r.Idempotent || r.Audience != staff {
				t.Errorf("%+v", r)
			}
			return
		}
	}
	t.Error("the route is gone")
}

// What strangers write comes at a slower rate than what people write whom we know.
func TestStrangersWriteSlowly(t *testing.T) {
	h := openHouse(t, func(d *Deps) {
		d.Limiter = cachetest.Open(t, "", d.Store.Clock())
		d.Pages = []Page{{Method: http.MethodPost, Path: "/form", Name: "form", Title: "表", Status: 200, Handler: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }}}
	})
	h.token(t, "zhang")
	limited := func(who, path string, most int) {
		t.Helper()
		for n := range most + 5 {
			r := httptest.NewRequest("POST", path, nil)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set(keyHeader, uuid.NewString())
			if who != "" {
				r.Header.Set("Authorization", bearer(h.token(t, who)))
			}
			w := httptest.NewRecorder()
			h.http.ServeHTTP(w, r)
			if over := w.Code == http.StatusTooManyRequests; over != (n >= most) {
				t.Fatalf("%s %s, number %d: %d", who, path, n, w.Code)
			}
		}
	}
	limited("", "/api/v1/appeals", 10)
	limited("", "/api/v1/notices", 30)
	for range 20 {
		if w := h.send(t, "zhang", "POST", "/api/v1/appeals", "{}", keyHeader, uuid.NewString()); w.Code != 422 {
			t.Fatalf("somebody known: %d %s", w.Code, w.Body)
		}
	}
	if form := (Page{Method: http.MethodPost, Idempotent: true}).route(); form.Class.Name != notices.Name {
		t.Errorf("a page's form counts as %s", form.Class.Name)
	}
	if form := (Page{Method: http.MethodPost}).route(); form.Class.Name != reads.Name {
		t.Errorf("a page's form that only asks counts as %s", form.Class.Name)
	}
}
