package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/fault"
)

func TestGinHoldsTheListAndNothingElse(t *testing.T) {
	st := openStand(t)
	var listed, served []string
	for _, r := range st.Routes() {
		listed = append(listed, r.Method+" "+ginPath(r.Path))
	}
	for _, r := range st.engine.Routes() {
		served = append(served, r.Method+" "+r.Path)
	}
	slices.Sort(listed)
	slices.Sort(served)
	if !slices.Equal(listed, served) {
		t.Errorf("listed %v\nserved %v", listed, served)
	}
}

func TestEveryLineIsWhole(t *testing.T) {
	s, err := New(Deps{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range append(s.Routes(), openStand(t).Routes()...) {
		if r.Name == "" || r.Title == "" || r.Class.Name == "" || r.Status == 0 || r.Time == 0 || r.BodyLimit == 0 {
			t.Errorf("%s %s: %+v", r.Method, r.Path, r)
		}
		if r.Class.Name != free.Name && r.Class.Rate.Burst == 0 {
			t.Errorf("%s has no rate", r.Name)
		}
	}
	text, err := json.Marshal(s.Routes())
	if err != nil || !strings.Contains(string(text), `"audience":"open","rate":"free"`) {
		t.Errorf("the list as JSON: %s %v", text, err)
	}
}

func TestAudience(t *testing.T) {
	st := openStand(t)
	const play, touch, read = "/api/v1/toys/" + someID + "/play", "/api/v1/toys/" + someID + "/touch", "/api/v1/toys/" + someID
	for _, c := range []struct {
		name, method, path, token string
		status                    int
		code                      string
	}{
		{"nobody on person", "GET", read, "", 401, "token.missing"},
		{"nobody on staff", "POST", play, "", 401, "token.missing"},
		{"bad token", "GET", read, bearer("nobody"), 401, "token.bad"},
		{"other scheme", "GET", read, "Basic emhhbmc6MQ==", 401, "token.unreadable"},
		{"no token in it", "GET", read, "Bearer ", 401, "token.unreadable"},
		{"two in one", "GET", read, "Bearer zhang,li", 401, "token.unreadable"},
		{"bad token where it is optional", "POST", "/api/v1/toys", bearer("nobody"), 401, "token.bad"},
		{"resident on staff", "POST", play, bearer("zhang"), 403, "request.forbidden"},
		{"staff on resident", "POST", touch, bearer("wang"), 403, "request.forbidden"},
		{"no answer about the token is no 401", "GET", read, bearer("database-down"), 500, "request.internal"},
		{"unknown path", "GET", "/api/v1/nothing", "", 404, "request.not_found"},
		{"slash too many", "GET", "/api/v1/toys/", "", 404, "request.not_found"},
		{"unknown path with a token", "POST", "/", bearer("wang"), 404, "request.not_found"},
		{"wrong method", "PATCH", read, bearer("zhang"), 405, "request.method_not_allowed"},
		{"wrong method, raw", "POST", "/healthz", "", 405, "request.method_not_allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			st.t = t
			w := st.send(c.method, c.path, "", "Authorization", c.token, keyHeader, someKey)
			if c.token == "" {
				r := httptest.NewRequest(c.method, c.path, nil)
				r.Header.Set(keyHeader, someKey)
				w = st.do(r)
			}
			st.refused(w, c.status, c.code)
			if (w.Header().Get("WWW-Authenticate") == "Bearer") != (c.status == 401) {
				t.Errorf("WWW-Authenticate: %q", w.Header().Get("WWW-Authenticate"))
			}
			if c.status == 405 && w.Header().Get("Allow") == "" {
				t.Error("405 without Allow")
			}
		})
	}
	if w := st.send("GET", read, "", "Authorization", bearer("wang")); w.Code != 200 {
		t.Errorf("staff is a person: %d", w.Code)
	}
	if w := st.send("GET", "/api/v1/toys", "", "Authorization", "nonsense"); w.Code != 200 {
		t.Errorf("an open route looked at a token: %d", w.Code)
	}
}

func TestPathsThatNameNothing(t *testing.T) {
	st := openStand(t)
	for _, id := range []string{"1", strings.ToUpper("0192aaaa-0000-7000-8000-0000000000ff"), "{" + someID + "}", "..%2f..%2fetc", someID + "%00", "%EF%BC%91", "%ff", "urn:uuid:" + someID} {
		w := st.send("GET", "/api/v1/toys/"+id, "", "Authorization", bearer("zhang"))
		st.refused(w, 404, "request.not_found")
		if strings.Contains(w.Body.String(), "errors") {
			t.Errorf("%s: %s", id, w.Body)
		}
	}
}

func TestQuery(t *testing.T) {
	st := openStand(t)
	for query, want := range map[string]string{
		"limit=0":              "query.limit",
		"limit=101":            "query.limit",
		"limit=ten":            "query.limit",
		"limt=3":               "query.limt",
		"after=x":              "query.after",
		"after=%00":            "query.after",
		"after=%ff":            "query.after",
		"limit=1&limit=2":      "query.limit",
		"110101199003070011=1": "query",
	} {
		if place := st.refused(st.send("GET", "/api/v1/toys?"+query, ""), 422, "request.invalid"); place != want {
			t.Errorf("%s: at %q, want %q", query, place, want)
		}
	}
	st.refused(st.send("GET", "/api/v1/toys?limit=%zz", ""), 400, "request.malformed")
}

func TestCursor(t *testing.T) {
	st := openStand(t)
	var names []string
	after := ""
	for pages := 1; ; pages++ {
		w := st.send("GET", "/api/v1/toys?limit=2&after="+after, "")
		var out list[toyView]
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		for _, v := range out.Items {
			names = append(names, v.Name)
		}
		if after = out.Next; after == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
	}
	if got := strings.Join(names, ""); got != "五四三二一" {
		t.Errorf("got %s", got)
	}
	// a cursor opens nothing elsewhere, and not after a change
	first := st.send("GET", "/api/v1/toys?limit=2", "").Body.String()
	_, next, _ := strings.Cut(first, `"next":"`)
	next = strings.TrimSuffix(next, `"}`)
	other := "A"
	if next[0] == 'A' {
		other = "B"
	}
	for _, bad := range []string{other + next[1:], next + "A", next[:8], "%3D", "!"} {
		st.refused(st.send("GET", "/api/v1/toys?after="+bad, ""), 422, "request.invalid")
	}
	ctx := withRoute(t, "otherList")
	if _, err := st.openCursor(ctx, next); err == nil {
		t.Error("a cursor of one list opened in another")
	}
}

func TestPages(t *testing.T) {
	var seen *http.Request
	pages := []Page{
		{"GET", "/q/{code}", "readCode", "扫码", 200, false, false, func(w http.ResponseWriter, r *http.Request) {
			seen = r
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			_, _ = w.Write([]byte("<p>" + r.PathValue("code") + "</p>"))
		}},
		{"POST", "/track", "trackPage", "查进度", 200, true, false, func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseForm(); err != nil {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return
			}
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(r.PostForm.Get("number")))
		}},
	}
	st := openStand(t, func(d *Deps) {
		d.Pages = pages
		d.Sorry = func(w http.ResponseWriter, _ *http.Request, status int, e *fault.Error) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<h1>" + e.Title + "</h1>"))
		}
	})
	w := st.send("GET", "/q/ABC", "")
	if w.Code != 200 || w.Body.String() != "<p>ABC</p>" || seen.RemoteAddr != "192.0.2.1" {
		t.Errorf("%d %s %s", w.Code, w.Body, seen.RemoteAddr)
	}
	if w.Header().Get("Content-Security-Policy") != "default-src 'self'" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", w.Header())
	}
	if w := st.send("POST", "/track", "number=7", "Content-Type", "application/x-www-form-urlencoded"); w.Body.String() != "7" {
		t.Errorf("the form did not arrive: %d %s", w.Code, w.Body)
	}
	if w := st.send("GET", "/q/a%00b", ""); w.Code != 404 || !strings.HasPrefix(w.Body.String(), "<h1>没有找到") {
		t.Errorf("a page's fault: %d %s", w.Code, w.Body)
	}
	if w := st.send("GET", "/nowhere", "", "Accept", "text/html"); w.Code != 404 || !strings.HasPrefix(w.Body.String(), "<h1>") {
		t.Errorf("a browser lost its way: %d %s", w.Code, w.Body)
	}
	st.refused(st.send("GET", "/api/v1/nowhere", "", "Accept", "text/html"), 404, "request.not_found")
	st.refused(st.send("GET", "/nowhere", ""), 404, "request.not_found")
}

func TestPublicIsForOpenReadsOnly(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a private read was marked public")
		}
	}()
	st := openStand(t)
	get("/x", "x", "x", person, reads, st.read, public)
}

func TestNoStartWithABadProxy(t *testing.T) {
	if _, err := New(Deps{TrustedProxies: []string{"10.0.0.0/99"}}); err == nil {
		t.Error("a bad CIDR was taken")
	}
}

func TestClientAddress(t *testing.T) {
	plain := openStand(t)
	proxied := openStand(t, func(d *Deps) { d.TrustedProxies = []string{"192.0.2.0/24"} })
	six := func(st *stand, peer string, headers ...string) string {
		r := httptest.NewRequest("GET", "/broken/address", nil)
		r.RemoteAddr = peer
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		st.http.ServeHTTP(w, r)
		return w.Body.String()
	}
	for _, c := range []struct{ got, want string }{
		{six(plain, "192.0.2.9:1", "X-Forwarded-For", "203.0.113.5"), "192.0.2.9"},
		{six(proxied, "192.0.2.9:1", "X-Forwarded-For", "1.1.1.1, 203.0.113.5"), "203.0.113.5"},
		{six(proxied, "192.0.2.9:1", "X-Real-IP", "203.0.113.5"), "192.0.2.9"},
		{six(proxied, "198.51.100.1:1", "X-Forwarded-For", "203.0.113.5"), "198.51.100.1"},
		{six(plain, "[2001:db8:1:2:3:4:5:6]:1"), "2001:db8:1:2::/64"},
		{six(plain, "[::ffff:192.0.2.9]:1"), "192.0.2.9"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestKeepOption(t *testing.T) {
	kept := map[string]time.Duration{"makeToy": 48 * time.Hour, "submitAppeal": 7 * 24 * time.Hour}
	for _, r := range openStand(t).Routes() {
		want, special := kept[r.Name]
		if !special {
			want = 24 * time.Hour
		}
		if r.Keep != want {
			t.Errorf("%s keeps %v, want %v", r.Name, r.Keep, want)
		}
	}
}
