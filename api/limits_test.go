package api

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"tongban/internal/cache/cachetest"
	"tongban/internal/store"
)

// limitedHouse counts in memory or in Redis, with limits as small as a test wants them.
func limitedHouse(t *testing.T, url string, limits map[string]int) *house {
	t.Helper()
	s, o := demo.Fresh(t)
	limiter := cachetest.Open(t, url, o.Clock)
	return openHouseOn(t, s, func(d *Deps) { d.Limiter, d.Limits = limiter, limits })
}

// from sends as somebody, or as a stranger of an address.
func (h *house) from(t *testing.T, who, address, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, base+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set(keyHeader, uuid.NewString())
	r.RemoteAddr = address + ":1"
	if who != "" {
		r.Header.Set("Authorization", bearer(h.token(t, who)))
	}
	return h.do(t, r)
}

const neverThere = "/me/messages/0190b5a0-0000-7000-8000-000000000000/read" // a write that changes nothing

// wants demands the status, and of a limit that it says how long to wait.
func wants(t *testing.T, what string, w *httptest.ResponseRecorder, status int, code string) {
	t.Helper()
	if w.Code != status || code != "" && problemOf(t, w).Code != code {
		t.Errorf("%s: %d %s, want %d %s", what, w.Code, w.Body, status, code)
	}
	if wait, err := strconv.Atoi(w.Header().Get("Retry-After")); status == http.StatusTooManyRequests && (err != nil || wait < 1) {
		t.Errorf("%s: Retry-After %q", what, w.Header().Get("Retry-After"))
	}
}

// One village that writes too much is stopped, and no other one; strangers who name it take nothing from its own people.
func TestOneVillageDoesNotStarveTheCounty(t *testing.T) {
	for where, url := range map[string]func(*testing.T) string{
		"memory": func(*testing.T) string { return "" }, "redis": func(t *testing.T) string { return cachetest.Redis(t) },
	} {
		t.Run(where, func(t *testing.T) {
			h := limitedHouse(t, url(t), map[string]int{"village": 8, "village_strangers": 4, "writes": 6})
			for _, who := range []string{"zhang", "li", "wang", "clerk-xinglin", "officer-liuquan"} {
				h.token(t, who) // telling name and village is one write of a resident who has none yet
			}
			write := func(who string) *httptest.ResponseRecorder {
				return h.from(t, who, "192.0.2.1", "POST", neverThere, "")
			}
			for range 4 {
				wants(t, "zhang", write("zhang"), 404, "request.not_found")
				wants(t, "li", write("li"), 404, "request.not_found")
			}
			wants(t, "the ninth of the village", write("clerk-xinglin"), 429, "request.village_busy")
			wants(t, "a read there", h.from(t, "clerk-xinglin", "192.0.2.1", "GET", "/me/messages", ""), 200, "")
			wants(t, "another village", write("wang"), 404, "request.not_found")
			wants(t, "the town", write("officer-liuquan"), 404, "request.not_found")

			notice := func(address, village string) *httptest.ResponseRecorder {
				return h.from(t, "", address, "POST", "/notices", `{"item_id":"`+pension+`","village":"`+village+`"}`)
			}
			voice := func(address, village string) *httptest.ResponseRecorder {
				return h.from(t, "", address, "POST", "/appeals", `{"class":"complaint","text":"村口的路灯坏了，晚上走路看不见。","village":"`+village+`","identity":"none"}`)
			}
			wants(t, "a notice", notice("198.51.100.1", hewan), 201, "")
			wants(t, "an appeal", voice("198.51.100.2", hewan), 201, "")
			wants(t, "a guess", h.from(t, "", "198.51.100.3", "POST", "/track", `{"number":"`+numberIn(hewan)+`","query_code":"000000"}`), 404, "track.no_match")
			wants(t, "a look at a notice", h.from(t, "", "198.51.100.4", "GET", "/notices/"+numberIn(hewan)+"?query_code=000000", ""), 404, "track.no_match")
			wants(t, "a notice too many", notice("198.51.100.5", hewan), 429, "request.village_busy")
			wants(t, "an appeal too many", voice("198.51.100.6", hewan), 429, "request.village_busy")
			wants(t, "a guess too many", h.from(t, "", "198.51.100.7", "POST", "/track", `{"number":"`+numberIn(hewan)+`","query_code":"000000"}`), 429, "request.village_busy")
			wants(t, "its own people", write("wang"), 404, "request.not_found")
			wants(t, "a resident's notice", h.from(t, "", "198.51.100.8", "POST", "/notices", `{"item_id":"`+pension+`","village":"`+songling+`"}`), 201, "")
			if where == "redis" {
				return // it has its own clock
			}
			h.clock.Advance(15 * time.Second)
			wants(t, "a quarter of a minute later", notice("198.51.100.5", hewan), 201, "")
			wants(t, "and no more", notice("198.51.100.5", hewan), 429, "request.village_busy")
		})
	}
}

// All together have a ceiling in each class, strangers one of their own.
func TestAllTogetherHaveACeiling(t *testing.T) {
	h := limitedHouse(t, "", map[string]int{"all_writes": 6, "all_logins": 5, "all_reads": 5, "tracking": 2})
	h.near = cachetest.Open(t, "", h.clock)
	for _, who := range []string{"zhang", "wang", "zhao"} {
		h.token(t, who)
		h.clock.Advance(time.Minute)
	}
	for _, who := range []string{"zhang", "wang", "zhao", "zhang", "wang", "zhao"} {
		wants(t, who, h.from(t, who, "192.0.2.1", "POST", neverThere, ""), 404, "request.not_found")
	}
	wants(t, "the seventh", h.from(t, "zhang", "192.0.2.1", "POST", neverThere, ""), 429, "request.county_busy")
	wants(t, "a stranger", h.from(t, "", "192.0.2.1", "POST", "/token", `{"refresh_token":"x"}`), 401, "token.bad")
	login := `{"username":"nobody","password":"x"}`
	for range 5 {
		h.phones++
		wants(t, "a log-in", h.from(t, "", "198.51.100."+strconv.Itoa(h.phones), "POST", "/login/password", login), 422, "login.wrong")
	}
	wants(t, "the sixth log-in", h.from(t, "", "198.51.100.99", "POST", "/login/password", login), 429, "request.county_busy")
	for range 5 {
		wants(t, "a read", h.from(t, "", "198.51.100.1", "GET", "/areas", ""), 200, "")
	}
	wants(t, "the sixth read", h.from(t, "", "198.51.100.2", "GET", "/areas", ""), 429, "request.county_busy")
	wants(t, "who is logged in reads", h.from(t, "zhang", "198.51.100.2", "GET", "/me", ""), 200, "")
	wants(t, "the guide lies in memory", h.from(t, "", "198.51.100.2", "GET", "/items/"+pension, ""), 200, "")
}

// A flood of guesses at a village's numbers stops strangers, and not the one who opened his number before.
func TestWhoOpenedHisNumberIsLetThrough(t *testing.T) {
	h := limitedHouse(t, "", map[string]int{"village_strangers": 5, "tracking": 100})
	made := read[receiptView](t, h.from(t, "zhang", "192.0.2.1", "POST", "/appeals", `{"class":"consult","text":"村口的路灯坏了，晚上走路看不见。","identity":"public"}`))
	own := `{"number":"` + made.Number + `","query_code":"` + made.QueryCode + `"}`
	wants(t, "the owner at first", h.from(t, "", "203.0.113.1", "POST", "/track", own), 200, "")
	for i := range 10 {
		h.from(t, "", "198.51.100."+strconv.Itoa(i), "POST", "/track", `{"number":"`+numberIn(xinglin)+`","query_code":"000000"}`)
	}
	wants(t, "the owner", h.from(t, "", "203.0.113.1", "POST", "/track", own), 200, "")
	wants(t, "the owner elsewhere", h.from(t, "", "203.0.113.2", "POST", "/track", own), 429, "request.village_busy")
	wants(t, "a number of another village", h.from(t, "", "203.0.113.2", "POST", "/track", `{"number":"`+numberIn(hewan)+`","query_code":"000000"}`), 404, "track.no_match")
	h.clock.Advance(12 * time.Second)
	wants(t, "the owner elsewhere, when one more may", h.from(t, "", "203.0.113.2", "POST", "/track", own), 200, "")
}

func TestLimitsAreSetByName(t *testing.T) {
	for name, good := range map[string]bool{"writes": true, "all_reads": true, "village": true, "king": false, "free": false, "all_guesses": false, "": false} {
		if _, err := New(Deps{Limits: map[string]int{name: 5}}); (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, n := range []int{0, -1, mostAMinute + 1} {
		if _, err := New(Deps{Limits: map[string]int{"writes": n}}); err == nil {
			t.Errorf("%d a minute is taken", n)
		}
	}
}

// numberIn is a well-formed number of the village that nothing has.
func numberIn(village string) string {
	for digit := '0'; ; digit++ {
		number := "SQ" + village[6:] + "261123900" + string(digit)
		if kind, _ := store.NumberKind(number); kind != "" {
			return number
		}
	}
}

// A carrier's address has many villagers: that their tokens are over is no guess, and each is told so that his phone logs in again.
func TestTokensThatAreOverAreNotGuesses(t *testing.T) {
	h := limitedHouse(t, "", map[string]int{"refused": 3})
	old := bearer(h.token(t, "zhang"))
	asks := func(token string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, base+"/me", nil)
		r.RemoteAddr = "100.64.0.1:1"
		r.Header.Set("Authorization", token)
		return h.do(t, r)
	}
	wants(t, "in its time", asks(old), 200, "")
	h.clock.Advance(16 * time.Minute)
	for range 5 {
		wants(t, "a token that is over", asks(old), 401, "token.bad")
	}
	forged := old[:len(old)-8] + "AAAAAAAA"
	for range 3 {
		wants(t, "a forged one", asks(forged), 401, "token.bad")
	}
	wants(t, "a forged one too many", asks(forged), 429, "request.too_many")
	wants(t, "a token that is over, still", asks(old), 401, "token.bad")
}
