package api

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"tongban/internal/cache/cachetest"
)

// openReads are addresses of all routes that anybody reads, by the route's name.
var openReads = map[string]string{
	"resolveCode": base + "/codes/{code}", "listItems": base + "/items?q=养老", "readGuide": base + "/items/" + pension,
	"makeChecklist": base + "/items/" + pension + "/checklist",
	"listAreas":     base + "/areas", "readArea": base + "/areas/" + xinglin, "listAreaHistory": base + "/areas/" + xinglin + "/history",
	"listAreaDuties": base + "/areas/" + xinglin + "/duties", "listDuties": base + "/duties",
	"readOffice": base + "/offices/{office}", "listOfficeHistory": base + "/offices/{office}/history",
	"listOffices": base + "/offices?area=" + xinglin, "readPrivacy": base + "/privacy-notice",
	"readKeys": "/.well-known/jwks.json", "health": "/healthz", "ready": "/readyz", "readDocument": "/openapi.json", "readDocs": "/docs", "readPaper": "/docs/errors.md",
}

// Nobody who reads what is for everybody notices what becomes of Redis; who guesses is stopped sooner.
func TestOpenReadsWithoutRedis(t *testing.T) {
	t.Parallel()
	for state, trouble := range redisStates {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			s, o := demo.Fresh(t)
			line := cachetest.NewLine(t)
			address, strict := line.URL, state != "up" && state != "flushed"
			if !strict { // the line stays in good order
				address = cachetest.Unhurried(t, address)
			}
			limiter := cachetest.Open(t, address, o.Clock)
			h := openHouseOn(t, s, func(d *Deps) { d.Limiter = limiter })
			h.allRead(t)
			before := h.guessing(t, "198.51.100.1", 4)
			trouble(line)
			for range 3 {
				h.allRead(t)
				if state == "frozen" { // the second of rest is over: somebody asks Redis again, and all are served
					o.Clock.Advance(time.Second)
				}
			}
			for name, most := range map[string]int{"guesses": guesses.Rate.Burst, "logins": logins.Rate.Burst} {
				if strict {
					most /= 2
				}
				try := map[string]func(*testing.T, string, int) int{"guesses": h.guessing, "logins": h.loggingIn}[name]
				if got := try(t, "198.51.100.2", 50); got != most {
					t.Errorf("%s: %d of 50 came through, want %d", name, got, most)
				}
			}
			// who began before gets no second share
			if all := before + h.guessing(t, "198.51.100.1", 50); all > guesses.Rate.Burst {
				t.Errorf("%d guesses from one address", all)
			}
			// nor does he when Redis is back, with nothing in it
			line.Mend()
			line.Flush()
			o.Clock.Advance(time.Second)
			if more := h.guessing(t, "198.51.100.2", 50); more > 1 { // one second gives a sixth of one back
				t.Errorf("%d guesses more after Redis came back", more)
			}
			h.allRead(t)
		})
	}
}

// allRead reads every open route, each from an address of its own.
func (h *house) allRead(t *testing.T) {
	t.Helper()
	code := h.Catalog.Now().VillageCode(xinglin)
	seen := map[string]bool{}
	for _, r := range h.Routes() {
		if r.Audience != open || r.Class.Name != reads.Name && r.Class.Name != free.Name || r.Page {
			continue
		}
		seen[r.Name] = true
		path, known := openReads[r.Name]
		if !known {
			t.Errorf("%s is read by anybody, and this test does not know how", r.Name)
			continue
		}
		body := ""
		if r.Method == http.MethodPost {
			body = "{}"
		}
		path = strings.NewReplacer("{code}", code, "{office}", h.officeID(t, "shiqiao-centre")).Replace(path)
		if w := h.send(t, "", r.Method, path, body); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if left := slices.DeleteFunc(slices.Collect(maps.Keys(openReads)), func(name string) bool { return seen[name] }); len(left) > 0 {
		t.Errorf("no routes: %v", left)
	}
}

func (h *house) guessing(t *testing.T, address string, n int) int {
	t.Helper()
	return h.countThrough(t, address, n, base+"/track", func(int) string { return `{"number":"SQ101201261123001","query_code":"000000"}` })
}

// loggingIn tries another name each time: what an account itself allows is not asked here.
func (h *house) loggingIn(t *testing.T, address string, n int) int {
	t.Helper()
	return h.countThrough(t, address, n, base+"/login/password", func(i int) string { return fmt.Sprintf(`{"username":"nobody%d","password":"wrong"}`, i) })
}

// countThrough sends n and counts those that the gate let through; the others are told to wait, in Chinese.
func (h *house) countThrough(t *testing.T, address string, n int, path string, body func(int) string) (through int) {
	t.Helper()
	for i := range n {
		r := httptest.NewRequest("POST", path, strings.NewReader(body(i)))
		r.Header.Set("Content-Type", "application/json")
		r.RemoteAddr = address + ":1"
		w := h.do(t, r)
		p := problemOf(t, w)
		switch {
		case p.Code != "request.too_many":
			through++
		case w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || !strings.ContainsFunc(p.Title, func(r rune) bool { return unicode.Is(unicode.Han, r) }):
			t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
		}
		if w.Code >= 500 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	return through
}
