// Package standin plays WeChat's server on loopback, for the demo and for tests. It speaks the same protocol, so the
// program does not know the difference.
package standin

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// Server is the stand-in. A login code is NAME or NAME.anything; the openid is demo-NAME, whatever follows the dot.
// Each whole code works once. Codes that begin with bad, and empty ones, are invalid. A code of the phone button is
// phone.NUMBER or phone.NUMBER.anything, and gives that number.
type Server struct {
	appID, secret string
	mu            sync.Mutex
	token         string // that is good now
	tokens        int    // handed out so far
	used          map[string]bool
	order         []string // of the used codes, so that the oldest can be forgotten
	script        []Failure
	calls         int
}

// remembered bounds the used codes that are known; real ones live five minutes only.
const remembered = 10_000

// New is a stand-in for one mini-program.
func New(appID, secret string) *Server {
	return &Server{appID: appID, secret: secret, token: rand.Text(), used: map[string]bool{}}
}

// Failure is what one call gets instead of an answer. The first field that is set counts.
type Failure struct {
	Code   int    // an errcode in an HTTP 200, as WeChat does it
	Status int    // an HTTP status without JSON
	To     string // a redirect
	Raw    string // this body, whatever it is
	Hang   bool   // no answer until the caller gives up
	Drop   bool   // the connection is cut
}

// Fail plans failures for the next calls, one each; later calls are answered again.
func (s *Server) Fail(next ...Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, next...)
}

// Calls counts the calls so far, failed ones included.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// ServeHTTP answers log-in, access token and phone number; everything else is unknown.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := map[string]func(http.ResponseWriter, *http.Request){
		"GET /sns/jscode2session":               s.logIn,
		"POST /cgi-bin/stable_token":            s.giveToken,
		"POST /wxa/business/getuserphonenumber": s.tellPhone,
	}[r.Method+" "+r.URL.Path]
	if answer == nil {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	s.calls++
	var planned *Failure
	if len(s.script) > 0 {
		planned, s.script = &s.script[0], s.script[1:]
	}
	s.mu.Unlock()
	if planned != nil {
		planned.answer(w, r)
		return
	}
	answer(w, r)
}

func (s *Server) logIn(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	code := query.Get("js_code")
	name, _, _ := strings.Cut(code, ".")
	switch {
	case query.Get("appid") != s.appID:
		refuse(w, 40013, "invalid appid")
	case query.Get("secret") != s.secret:
		refuse(w, 40125, "invalid appsecret")
	case query.Get("grant_type") != "authorization_code":
		refuse(w, 40002, "invalid grant_type")
	case name == "" || strings.HasPrefix(name, "bad"):
		refuse(w, 40029, "invalid code")
	case !s.use(code):
		refuse(w, 40163, "code been used")
	default:
		key := sha256.Sum256([]byte("session key of " + code))
		say(w, map[string]any{"openid": "demo-" + name, "session_key": hex.EncodeToString(key[:16])})
	}
}

// use marks a code as used and reports whether it was fresh.
func (s *Server) use(code string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used[code] {
		return false
	}
	if len(s.order) == remembered {
		delete(s.used, s.order[0])
		s.order = s.order[1:]
	}
	s.used[code] = true
	s.order = append(s.order, code)
	return true
}

func (f *Failure) answer(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.Code != 0:
		refuse(w, f.Code, "scripted")
	case f.Status != 0:
		http.Error(w, "<html>scripted</html>", f.Status)
	case f.To != "":
		http.Redirect(w, r, f.To, http.StatusFound)
	case f.Raw != "":
		_, _ = w.Write([]byte(f.Raw))
	case f.Hang:
		<-r.Context().Done()
	case f.Drop:
		panic(http.ErrAbortHandler)
	}
}

// refuse answers HTTP 200 with an errcode, and a rid as the real service does.
func refuse(w http.ResponseWriter, code int, message string) {
	say(w, map[string]any{"errcode": code, "errmsg": fmt.Sprintf("%s, rid: 6743a1f0-00c0ffee-0badcafe", message)})
}

func say(w http.ResponseWriter, body map[string]any) {
	w.Header().Set("Content-Type", "text/plain")
	_ = json.NewEncoder(w).Encode(body) // the caller may be gone
}
