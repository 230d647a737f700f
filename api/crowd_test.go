package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tongban/internal/fault"
)

// waitingRoom is a stand with pages that stay until they are let go. A request tells when it is inside.
type waitingRoom struct {
	*stand
	inside chan bool
	letGo  chan bool
}

func openWaitingRoom(t *testing.T, most int) *waitingRoom {
	t.Helper()
	w := &waitingRoom{inside: make(chan bool, 100), letGo: make(chan bool)}
	wait := func() { w.inside <- true; <-w.letGo }
	page := func(method, path string, guess bool, h http.HandlerFunc) Page {
		return Page{Method: method, Path: path, Name: strings.Trim(path, "/"), Title: "页", Status: 200, Guess: guess, Handler: func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", "text/html")
			h(rw, r)
		}}
	}
	w.stand = openStand(t, func(d *Deps) {
		d.InFlight = most
		d.Sorry = func(rw http.ResponseWriter, _ *http.Request, status int, why *fault.Error) {
			rw.Header().Set("Content-Type", "text/html")
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, why.Code)
		}
		d.Pages = []Page{
			page("GET", "/wait", false, func(rw http.ResponseWriter, _ *http.Request) { wait(); _, _ = io.WriteString(rw, "done") }),
			page("POST", "/write", false, func(rw http.ResponseWriter, r *http.Request) {
				wait()
				if r.Context().Err() != nil {
					rw.WriteHeader(http.StatusInternalServerError)
				}
				_, _ = io.WriteString(rw, "done")
			}),
			page("GET", "/told", false, func(rw http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(rw, "do")
				wait()
				_, _ = io.WriteString(rw, "ne")
			}),
			page("GET", "/panic", false, func(http.ResponseWriter, *http.Request) { panic("toy") }),
		}
	})
	return w
}

// begin starts n requests and returns when all are inside; what they got comes from the function.
func (w *waitingRoom) begin(method, path string, n int) (end func() []int) {
	codes := make([]int, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			rw := httptest.NewRecorder()
			w.http.ServeHTTP(rw, httptest.NewRequest(method, path, nil))
			codes[i] = rw.Code
		})
	}
	for range n {
		<-w.inside
	}
	return func() []int { all.Wait(); return codes }
}

func (w *waitingRoom) get(path string) *httptest.ResponseRecorder {
	rw := httptest.NewRecorder()
	w.http.ServeHTTP(rw, httptest.NewRequest("GET", path, nil))
	return rw
}

func TestAFullHouseSaysSoAtOnce(t *testing.T) {
	w := openWaitingRoom(t, 8) // seven, and one kept for log-ins
	ended := w.begin("POST", "/write", 7)
	for _, c := range [][2]string{{"GET", "/wait"}, {"POST", "/write"}, {"GET", "/api/v1/toys"}, {"POST", "/api/v1/toys"}} {
		rw := httptest.NewRecorder()
		w.http.ServeHTTP(rw, httptest.NewRequest(c[0], c[1], nil))
		code := rw.Body.String() // a page in its own words
		if strings.HasPrefix(c[1], base) {
			code = problemOf(t, rw).Code
		}
		if wait, err := strconv.Atoi(rw.Header().Get("Retry-After")); rw.Code != 503 || code != "request.busy" || err != nil || wait < 1 {
			t.Errorf("%v: %d %v %s", c, rw.Code, rw.Header(), rw.Body)
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if rw := w.get(path); rw.Code != 200 {
			t.Errorf("%s: %d %s", path, rw.Code, rw.Body)
		}
	}
	close(w.letGo)
	for _, code := range ended() {
		if code != 200 {
			t.Errorf("who was let in got %d", code)
		}
	}
	if n := w.crowd.within.Load(); n != 0 {
		t.Errorf("%d are still inside", n)
	}
	if rw := w.get("/wait"); rw.Code != 200 {
		t.Errorf("afterwards: %d", rw.Code)
	}
}

// Guides are served from memory however full the house is, and log-ins have places of their own.
func TestWhatGoesOnInAFullHouse(t *testing.T) {
	letGo, inside := make(chan bool), make(chan bool)
	h := openHouse(t, func(d *Deps) {
		d.InFlight = 2
		d.Pages = []Page{{Method: "GET", Path: "/wait", Name: "wait", Title: "页", Status: 200, Handler: func(rw http.ResponseWriter, _ *http.Request) {
			inside <- true
			<-letGo
			rw.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(rw, "done")
		}}}
	})
	var all sync.WaitGroup
	all.Go(func() { h.http.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/wait", nil)) })
	<-inside
	wants(t, "a list", h.send(t, "", "GET", base+"/areas", ""), 503, "request.busy")
	wants(t, "a guide", h.send(t, "", "GET", base+"/items/"+pension, ""), 200, "")
	wants(t, "a log-in", h.send(t, "", "POST", base+"/login/password", `{"username":"nobody","password":"x"}`), 422, "login.wrong")
	wants(t, "a resident's log-in", h.send(t, "", "POST", base+"/login/wechat", `{"code":"zhang"}`), 200, "")
	wants(t, "a refresh token", h.send(t, "", "POST", base+"/token", `{"refresh_token":"x"}`), 401, "token.bad")
	close(letGo)
	all.Wait()
	wants(t, "the list afterwards", h.send(t, "", "GET", base+"/areas", ""), 200, "")
}

// A place is held for the work, not for a phone that reads slowly, nor by what broke.
func TestSlowReadersHoldNoPlace(t *testing.T) {
	w := openWaitingRoom(t, 4)
	ended := w.begin("GET", "/told", 20)
	if rw := w.get("/panic"); rw.Code != 500 {
		t.Errorf("%d", rw.Code)
	}
	if n := w.crowd.within.Load(); n != 0 {
		t.Errorf("%d are inside", n)
	}
	close(w.letGo)
	for _, code := range ended() {
		if code != 200 {
			t.Errorf("got %d", code)
		}
	}
}

func TestHowManyAreLetIn(t *testing.T) {
	for _, c := range []struct {
		most           int
		ordinary, kept int64
	}{{0, int64(perProcessor*runtime.GOMAXPROCS(0)) * 7 / 8, int64(perProcessor * runtime.GOMAXPROCS(0))}, {1, 1, 1}, {2, 1, 2}, {8, 7, 8}, {100, 88, 100}} {
		crowd := newCrowd(c.most)
		if crowd.room(writes) != c.ordinary || crowd.room(logins) != c.kept || crowd.room(pushes) != c.kept {
			t.Errorf("of %d: %d and %d", c.most, crowd.room(writes), crowd.room(logins))
		}
	}
}
