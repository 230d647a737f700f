package api

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"tongban/internal/cache"
	"tongban/internal/clock"
)

// newUnsized is a request whose length is not told beforehand.
func newUnsized(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, io.MultiReader(strings.NewReader(body)))
	r.ContentLength = -1
	r.Header.Set("Content-Type", "application/json")
	return r
}

func TestHeaders(t *testing.T) {
	plain, https := openStand(t), openStand(t, func(d *Deps) { d.BaseURL = "https://tongban.example" })
	for path, keeping := range map[string]string{"/api/v1/toys": "no-store", "/nowhere": "no-store", "/api/v1/toys/board": "public, no-cache", "/healthz": "no-store"} {
		w := plain.send("GET", path, "")
		h := w.Header()
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" ||
			h.Get("Content-Security-Policy") != "default-src 'none'; frame-ancestors 'none'" || h.Get("Cache-Control") != keeping {
			t.Errorf("%s: %v", path, h)
		}
		if h.Get("Strict-Transport-Security") != "" || https.send("GET", path, "").Header().Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: Strict-Transport-Security belongs to https alone", path)
		}
	}
}

func TestRequestID(t *testing.T) {
	st := openStand(t)
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	for _, c := range []struct{ header, value, want string }{
		{"Traceparent", "00-" + trace + "-00f067aa0ba902b7-01", trace},
		{"Traceparent", "00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01", ""},
		{"Traceparent", "00-xyz", ""},
		{requestIDHeader, someKey, someKey},
		{requestIDHeader, "short", ""},
		{requestIDHeader, "aaaaaaaaaaaaaaaa\tb", ""},
		{requestIDHeader, "张三张三张三张三张三张三", ""},
		{requestIDHeader, strings.Repeat("a", 65), ""},
	} {
		got := st.send("GET", "/healthz", "", c.header, c.value).Header().Get(requestIDHeader)
		if c.want != "" && got != c.want || c.want == "" && (got == c.value || len(got) != 32) {
			t.Errorf("%s %q: %q", c.header, c.value, got)
		}
	}
}

func TestPublicReads(t *testing.T) {
	st := openStand(t)
	const path = "/api/v1/toys/board"
	whole := st.send("GET", path, "")
	etag := whole.Header().Get("ETag")
	if whole.Code != 200 || len(etag) < 10 || whole.Header().Get("Vary") != "Accept-Encoding" || whole.Header().Get("Content-Encoding") != "" {
		t.Fatalf("%d %v", whole.Code, whole.Header())
	}
	zipped := httptest.NewRecorder()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept-Encoding", "br;q=1.0, gzip;q=0.8")
	st.http.ServeHTTP(zipped, r)
	if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Header().Get("ETag") == etag || zipped.Body.Len() >= whole.Body.Len() {
		t.Errorf("%v, %d of %d bytes", zipped.Header(), zipped.Body.Len(), whole.Body.Len())
	}
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if unzipped, _ := io.ReadAll(z); !bytes.Equal(unzipped, whole.Body.Bytes()) {
		t.Error("the compressed answer is another one")
	}
	for header, status := range map[string]int{etag: 304, `"x", W/` + etag: 304, "*": 304, `"x"`: 200, strings.Trim(etag, `"`): 200} {
		w := st.send("GET", path, "", "If-None-Match", header)
		if w.Code != status || status == 304 && w.Body.Len() != 0 || w.Header().Get("ETag") != etag {
			t.Errorf("%s: %d %d bytes %v", header, w.Code, w.Body.Len(), w.Header())
		}
	}
	if w := st.send("GET", path, "", "Accept-Encoding", "gzip;q=0"); w.Header().Get("Content-Encoding") != "" {
		t.Error("gzip was refused and came")
	}
	if w := st.send("GET", "/api/v1/toys", "", "If-None-Match", "*"); w.Code != 200 || w.Header().Get("ETag") != "" {
		t.Errorf("what is not public has no ETag: %d %v", w.Code, w.Header())
	}
}

func TestLimits(t *testing.T) {
	now := clock.At(time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC))
	c, err := cache.Open("", now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	st := openStand(t, func(d *Deps) { d.Limiter = c })
	try := func(headers ...string) *httptest.ResponseRecorder {
		return st.send("POST", "/api/v1/toys/check", `{"name":"小车"}`, headers...)
	}
	for i := range guesses.Rate.Burst {
		if w := try(); w.Code != 200 {
			t.Fatalf("try %d: %d", i, w.Code)
		}
	}
	w := try()
	st.refused(w, 429, "request.too_many")
	if w.Header().Get("Retry-After") != "6" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	now.Advance(7 * time.Second)
	if w := try(); w.Code != 200 {
		t.Errorf("after waiting: %d", w.Code)
	}
	// an address that tries tokens is stopped, and a good token from there goes on
	const read = "/api/v1/toys/" + someID
	for range refused.Rate.Burst {
		st.refused(st.send("GET", read, "", "Authorization", bearer("guess")), 401, "token.bad")
	}
	st.refused(st.send("GET", read, "", "Authorization", bearer("guess")), 429, "request.too_many")
	if w := st.send("GET", read, "", "Authorization", bearer("zhang")); w.Code != 200 {
		t.Errorf("a good token: %d", w.Code)
	}
	for range 1000 {
		if w := httptest.NewRecorder(); true {
			st.http.ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
			if w.Code != 200 {
				t.Fatalf("the operator's check was limited: %d", w.Code)
			}
		}
	}
}

func TestForeignErrorsSayNothing(t *testing.T) {
	st := openStand(t)
	for how, want := range map[string]struct {
		status int
		code   string
	}{"error": {500, "request.internal"}, "panic": {500, "request.internal"}, "slow": {503, "request.busy"}} {
		st.log.Reset()
		w := st.send("GET", "/broken/"+how, "")
		st.refused(w, want.status, want.code)
		if strings.Contains(w.Body.String(), idNumber) || strings.Contains(w.Body.String(), "sql") {
			t.Errorf("%s: %s", how, w.Body)
		}
		if (w.Header().Get("Retry-After") != "") != (want.status == 503) {
			t.Errorf("%s: Retry-After %q", how, w.Header().Get("Retry-After"))
		}
		lines := strings.Split(strings.TrimSpace(st.log.String()), "\n")
		var line map[string]any
		if err := json.Unmarshal([]byte(lines[0]), &line); err != nil || len(lines) != 1 {
			t.Fatalf("%s: %d log lines: %s", how, len(lines), st.log)
		}
		if line["code"] != want.code || line["request_id"] != w.Header().Get(requestIDHeader) || line["cause"] == nil || line["route"] != "/broken/:how" {
			t.Errorf("%s: logged %v", how, line)
		}
	}
}

// Who has no area is shown nothing and refused; it is our mistake, so the line says error.
func TestWhoHasNoAreaIsRefused(t *testing.T) {
	st := openStand(t)
	play := func(who string) *httptest.ResponseRecorder {
		return st.send("POST", "/api/v1/toys/"+someID+"/play", `{"how":"near"}`, keyHeader, someKey, "Authorization", bearer(who))
	}
	if w := play("wang"); w.Code != 200 {
		t.Errorf("who has one: %d %s", w.Code, w.Body)
	}
	st.log.Reset()
	st.refused(play("lost"), 403, "request.forbidden")
	if text := st.log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, `"level":"ERROR"`) || !strings.Contains(text, "clerk has no area") {
		t.Errorf("logged %s", text)
	}
}

func TestLogLine(t *testing.T) {
	st := openStand(t)
	st.send("GET", "/api/v1/toys/"+someID+"?x=secret", "", "Authorization", bearer("zhang"),
		"Referer", "https://servicewechat.com/wx0123456789abcdef/7/page-frame.html")
	st.send("GET", "/api/v1/toys/"+someID, "", "Authorization", bearer("zhang"), "Referer", "https://servicewechat.com/wx0123456789abcdef/7/page-frame.html")
	st.send("BREW", "/%0ainjected", "")
	lines := strings.Split(strings.TrimSpace(st.log.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines for 3 requests: %s", len(lines), st.log)
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(lines[1]), &line); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"msg": "request", "level": "INFO", "method": "GET", "route": "/api/v1/toys/:id", "name": "readToy", "status": 200.0,
		"person": people["zhang"].Person, "role": "resident", "mini_program": "wx0123456789abcdef/7",
	} {
		if line[key] != want {
			t.Errorf("%s is %v, want %v", key, line[key], want)
		}
	}
	for _, never := range []string{"secret", "Bearer", "zhang", "injected", "BREW", someID} {
		if strings.Contains(st.log.String(), never) {
			t.Errorf("the log holds %s: %s", never, st.log)
		}
	}
}

func TestHealth(t *testing.T) {
	st := openStand(t, func(d *Deps) { d.Version = "7" })
	if w := st.send("GET", "/healthz", ""); w.Code != 200 || w.Body.String() != `{"status":"ok"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := st.send("GET", "/readyz", ""); w.Code != 200 || w.Body.String() != `{"status":"ok","durability":"`+st.Store.Durability()+`","clock":"right","version":"7"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	st.Drain()
	if w := st.send("GET", "/readyz", ""); w.Code != 503 || !strings.Contains(w.Body.String(), "draining") || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	down := openStand(t)
	if err := down.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if w := down.send("GET", "/readyz", ""); w.Code != 503 || !strings.Contains(w.Body.String(), "down") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := down.send("GET", "/healthz", ""); w.Code != 200 {
		t.Errorf("the process is alive: %d", w.Code)
	}
}

func TestDocument(t *testing.T) {
	st := openStand(t)
	w := st.send("GET", "/openapi.json", "")
	var spec struct {
		OpenAPI    string
		Paths      map[string]map[string]struct{ Parameters []struct{ Name string } }
		Components struct{ SecuritySchemes map[string]any }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &spec); err != nil || spec.OpenAPI != "3.1.0" || spec.Components.SecuritySchemes["bearer"] == nil {
		t.Fatalf("%v %s", err, w.Body)
	}
	for _, r := range st.Routes() {
		op, ok := spec.Paths[r.Path][strings.ToLower(r.Method)]
		if !ok {
			t.Errorf("%s %s is not in the document", r.Method, r.Path)
		}
		keyed := false
		for _, p := range op.Parameters {
			keyed = keyed || p.Name == keyHeader
		}
		if keyed != r.Idempotent {
			t.Errorf("%s: Idempotency-Key in the document: %v", r.Name, keyed)
		}
	}
	if !strings.Contains(st.documentText(t), "openapi: 3.1.0") {
		t.Error("the YAML is none")
	}
}

func TestDocsPage(t *testing.T) {
	st := openStand(t)
	w := st.send("GET", "/docs", "")
	text := w.Body.String()
	for _, want := range []string{"做玩具", "/api/v1/toys/{id}/play", `id="request.invalid"`, `id="schema.ToyView"`, "ListToyView", "<style>" + docsStyle + "</style>"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, never := range []string{"<script", "http://", "https://", " style=", "@import"} {
		if strings.Contains(text, never) {
			t.Errorf("the page holds %s", never)
		}
	}
	for _, name := range []string{"architecture", "glossary", "states", "errors", "deploy"} {
		if link := "/docs/" + name + ".md"; !strings.Contains(text, `href="`+link+`"`) || st.send("GET", link, "").Code != 200 {
			t.Errorf("%s is not linked, or leads nowhere", link)
		}
	}
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'; style-src 'sha256-") {
		t.Errorf("policy %s", policy)
	}
}

// TestOnTheWire runs what a recorder cannot show.
func TestOnTheWire(t *testing.T) {
	st := openStand(t)
	listener, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := HTTP(st.http, st.Log)
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	at := "http://" + listener.Addr().String()

	if server.ReadHeaderTimeout != 5*time.Second || server.ReadTimeout != 30*time.Second || server.WriteTimeout != time.Minute || server.IdleTimeout != time.Minute || server.MaxHeaderBytes != 16<<10 {
		t.Errorf("%+v", server)
	}
	fetch := func(method, path string) (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), method, at+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return http.DefaultClient.Do(r)
	}
	if half, err := fetch(http.MethodGet, "/broken/half"); err == nil {
		if whole, err := io.ReadAll(half.Body); err == nil {
			t.Errorf("half an answer looked whole: %q", whole)
		}
		half.Body.Close()
	}
	head, err := fetch(http.MethodHead, "/api/v1/toys")
	if err != nil || head.StatusCode != 200 {
		t.Fatalf("HEAD: %v %v", head, err)
	}
	head.Body.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: %s\r\n\r\n", strings.Repeat("x", 32<<10))
	if line, _ := bufio.NewReader(conn).ReadString('\n'); !strings.Contains(line, "431") {
		t.Errorf("a long header: %s", line)
	}
	// an upload over the wire leaves no temporary file
	t.Setenv("TMPDIR", t.TempDir())
	body, kind := form(t, "file", bytes.Repeat([]byte("photo"), 1<<19))
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, at+"/api/v1/photos", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set(keyHeader, someKey)
	r.Header.Set("Authorization", bearer("zhang"))
	response, err := http.DefaultClient.Do(r)
	if err != nil || response.StatusCode != 201 {
		t.Fatalf("%v %v", response, err)
	}
	response.Body.Close()
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// documentText is the document as YAML.
func (s *Server) documentText(t testing.TB) string {
	t.Helper()
	text, err := s.Document()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
