// Package standin plays a county's platform, for tests and for rehearsals (tongban fakecounty). It speaks the protocol of
// docs/county.md, keeps its cases in memory, decides them by a script, and fails by it.
package standin

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tongban/internal/clock"
	"tongban/internal/county"
)

// Server is the stand-in. Make it with New.
type Server struct {
	keys    county.Keys
	mapping *county.Mapping
	clock   *clock.Clock

	mu        sync.Mutex
	cases     map[string]*aCase // by our number
	order     []*aCase          // as they were submitted
	answers   map[string]answer // by Idempotency-Key
	nonces    map[string]bool
	requests  plan
	callbacks plan
	decisions [][]county.Act
	downUntil time.Time
	changes   int // so far: the order of the list of changes
	events    int // so far
	calls     int
	queue     []letter
	held      []letter // to be told after the next one
	last      []letter // to be told once the queue is empty
	sent      []Sent
}

// aCase as the county keeps it.
type aCase struct {
	standing county.Standing
	defects  []county.Defect
	changed  int // its place in the list of changes
	todo     []county.Act
	papers   map[string]string // digest by id
}

// answer is what a key got.
type answer struct {
	request [sha256.Size]byte
	status  int
	body    []byte
}

// New makes a stand-in that shares the keys.
func New(keys county.Keys, mapping *county.Mapping, c *clock.Clock) *Server {
	return &Server{keys: keys, mapping: mapping, clock: c, cases: map[string]*aCase{}, answers: map[string]answer{}, nonces: map[string]bool{}, decisions: [][]county.Act{usual}}
}

// Play follows the script from now on. Without decisions in it the cases go on as before.
func (s *Server) Play(script Script) error {
	if err := script.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.callbacks = plan{slices.Clone(script.Requests)}, plan{slices.Clone(script.Callbacks)}
	if len(script.Decisions) > 0 {
		s.decisions = script.Decisions
	}
	return nil
}

// Calls counts the requests so far, failed ones included.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Standings lists what the county has, by our numbers.
func (s *Server) Standings() []county.Standing {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]county.Standing, 0, len(s.cases))
	for _, c := range s.cases {
		list = append(list, c.standing)
	}
	slices.SortFunc(list, func(a, b county.Standing) int { return cmp.Compare(a.Ref, b.Ref) })
	return list
}

// Papers tells the digests that came with a case, by the papers' ids.
func (s *Server) Papers(ref string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.cases[ref]; c != nil {
		return c.papers
	}
	return nil
}

// Forget loses a case, as no platform should. Reconciliation must find it.
func (s *Server) Forget(ref string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.cases, ref)
}

const mostBody = 1 << 20

// ServeHTTP answers a request, or fails by the script.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "too_large")
		return
	}
	s.mu.Lock()
	s.calls++
	trouble := s.requests.next()
	if trouble != nil && trouble.Do == Down {
		s.downUntil = s.clock.Now().Add(trouble.long)
	}
	down := s.clock.Now().Before(s.downUntil)
	s.mu.Unlock()
	if down || trouble != nil && trouble.Do == Reset {
		panic(http.ErrAbortHandler)
	}
	if trouble != nil && !trouble.lets(w, r) {
		return
	}
	status, answer := s.serve(r, body, trouble != nil && trouble.Do == Ahead)
	switch {
	case trouble != nil && trouble.Do == Lost:
		panic(http.ErrAbortHandler)
	case trouble != nil && trouble.Do == Garbage:
		answer = []byte("<html>系统升级中</html>")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(answer) // the caller may be gone
}

// lets reports whether the request is served all the same.
func (t *Trouble) lets(w http.ResponseWriter, r *http.Request) bool {
	switch t.Do {
	case Fail:
		if t.RetryAfter != "" {
			w.Header().Set("Retry-After", t.RetryAfter)
		}
		refuse(w, t.Status, "scripted")
		return false
	case Redirect:
		http.Redirect(w, r, "http://127.0.0.1:9/elsewhere", http.StatusTemporaryRedirect)
		return false
	case Slow:
		late := time.NewTimer(t.long)
		defer late.Stop()
		select {
		case <-late.C:
		case <-r.Context().Done():
			return false
		}
	}
	return true
}

func problem(status int, code string) (int, []byte) {
	return status, fmt.Appendf(nil, `{"code":%q,"status":%d}`, code, status)
}

func refuse(w http.ResponseWriter, status int, code string) {
	_, body := problem(status, code)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// serve checks the signature as a platform must, and does what is asked.
func (s *Server) serve(r *http.Request, body []byte, ahead bool) (int, []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stamp, err := s.keys.Verify(r.Header, county.Message{Method: r.Method, Target: r.URL.RequestURI(), Body: body})
	if err != nil || stamp.Fresh(s.clock.Now()) != nil {
		return problem(http.StatusUnauthorized, "signature")
	}
	if s.nonces[stamp.Nonce] {
		return problem(http.StatusConflict, "replayed")
	}
	s.nonces[stamp.Nonce] = true
	steps := strings.Split(r.URL.EscapedPath(), "/")
	at := slices.Index(steps, strings.TrimPrefix(county.CasesPath, "/"))
	if at < 0 {
		return problem(http.StatusNotFound, "no_such_address")
	}
	ref, below := "", ""
	if len(steps) > at+1 {
		ref, _ = url.PathUnescape(steps[at+1])
	}
	if len(steps) > at+2 {
		below = "/" + steps[at+2]
	}
	if r.Method == http.MethodGet {
		return s.read(r, ref)
	}
	return s.once(r.Header.Get(county.KeyOfActHeader), r, body, func() (int, []byte) { return s.change(ref, below, body, ahead) })
}

func (s *Server) read(r *http.Request, ref string) (int, []byte) {
	if ref == "" {
		return s.listChanges(r.URL.Query())
	}
	c := s.cases[ref]
	if c == nil {
		return problem(http.StatusNotFound, "no_such_case")
	}
	return s.tell(http.StatusOK, c)
}

// once gives a repeated key its first answer.
func (s *Server) once(key string, r *http.Request, body []byte, do func() (int, []byte)) (int, []byte) {
	if key == "" {
		return problem(http.StatusBadRequest, "key_missing")
	}
	hash := sha256.Sum256(slices.Concat([]byte(r.URL.RequestURI()), []byte{0}, body))
	if known, found := s.answers[key]; found {
		if known.request != hash {
			return problem(http.StatusUnprocessableEntity, "key_used")
		}
		return known.status, known.body
	}
	status, answered := do()
	if status < 300 {
		s.answers[key] = answer{hash, status, answered}
	}
	return status, answered
}

func (s *Server) change(ref, below string, body []byte, ahead bool) (int, []byte) {
	asked, err := s.mapping.DecodeRequest(body)
	if err != nil || asked.Ref == "" || ref != "" && asked.Ref != ref {
		return problem(http.StatusUnprocessableEntity, "unreadable")
	}
	c := s.cases[asked.Ref]
	switch {
	case ref == "" && below == "":
		if c != nil {
			return problem(http.StatusConflict, "known")
		}
		c = s.open(asked)
		s.run(c, ahead)
		return s.tell(http.StatusCreated, c)
	case c == nil:
		return problem(http.StatusUnprocessableEntity, "no_such_case")
	case below == county.CorrectionsPath:
		return s.correct(c, asked, ahead)
	case below == county.WithdrawalPath:
		if !slices.Contains(withdrawable, c.standing.State) {
			return problem(http.StatusConflict, "decided")
		}
		s.move(c, county.Withdrawn)
		c.todo = nil
		return s.tell(http.StatusOK, c)
	}
	return problem(http.StatusNotFound, "no_such_address")
}

func (s *Server) open(asked county.Request) *aCase {
	c := &aCase{
		standing: county.Standing{Ref: asked.Ref, Number: fmt.Sprintf("XZ%08d", len(s.order)+1)}, papers: map[string]string{},
		todo: slices.Clone(s.decisions[len(s.order)%len(s.decisions)]),
	}
	s.cases[asked.Ref] = c
	s.order = append(s.order, c)
	c.take(asked.Papers)
	s.move(c, county.Submitted)
	return c
}

func (c *aCase) take(papers []county.Paper) {
	for _, p := range papers {
		c.papers[p.ID] = p.SHA256
	}
}

// correct demands that every defect is answered, by a paper or in words.
func (s *Server) correct(c *aCase, asked county.Request, ahead bool) (int, []byte) {
	if c.standing.State != county.Correcting {
		return problem(http.StatusConflict, "not_asked")
	}
	for _, d := range c.defects {
		byPaper := slices.ContainsFunc(asked.Papers, func(p county.Paper) bool { return p.Defect == d.ID })
		inWords := slices.ContainsFunc(asked.Answers, func(a county.Answer) bool { return a.Defect == d.ID && a.Text != "" })
		if !byPaper && !inWords {
			return problem(http.StatusUnprocessableEntity, "defect_unanswered")
		}
	}
	c.take(asked.Papers)
	c.defects = nil
	s.move(c, county.Received)
	s.run(c, ahead)
	return s.tell(http.StatusOK, c)
}

func (s *Server) tell(status int, c *aCase) (int, []byte) {
	body, err := s.mapping.EncodeStanding(c.standing)
	if err != nil {
		return problem(http.StatusInternalServerError, "mapping")
	}
	return status, body
}

// pageSize of the list of changes: small, so that every rehearsal meets pages.
const pageSize = 50

// listChanges goes by the order of the last change, so that what changes while one reads comes again later and is never missed.
func (s *Server) listChanges(query url.Values) (int, []byte) {
	since, err := time.Parse(time.RFC3339, query.Get("since"))
	after := 0
	if text := query.Get("after"); text != "" && err == nil {
		after, err = strconv.Atoi(text)
	}
	if err != nil {
		return problem(http.StatusUnprocessableEntity, "unreadable")
	}
	var found []*aCase
	for _, c := range s.cases {
		if !c.standing.At.Before(since) && c.changed > after {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *aCase) int { return cmp.Compare(a.changed, b.changed) })
	var page county.Changes
	if len(found) > pageSize {
		found = found[:pageSize]
		page.Next = strconv.Itoa(found[pageSize-1].changed)
	}
	for _, c := range found {
		page.List = append(page.List, c.standing)
	}
	body, err := s.mapping.EncodeChanges(page)
	if err != nil {
		return problem(http.StatusInternalServerError, "mapping")
	}
	return http.StatusOK, body
}

// withdrawable are the states from which a case may be taken back.
var withdrawable = []county.State{county.Submitted, county.Received, county.Correcting, county.Accepted, county.Reviewing, county.Suspended}

// moves are the county's acts, from where and to where: its rows of the case's flow.
var moves = map[county.Act]map[county.State]county.State{
	county.Receive:       {county.Submitted: county.Received},
	county.Accept:        {county.Received: county.Accepted},
	county.AskCorrection: {county.Received: county.Correcting},
	county.Refuse:        {county.Received: county.Refused},
	county.Dismiss:       {county.Received: county.NotRequired},
	county.Review:        {county.Accepted: county.Reviewing},
	county.Suspend:       {county.Reviewing: county.Suspended},
	county.Resume:        {county.Suspended: county.Reviewing},
	county.Extend:        {county.Reviewing: county.Reviewing},
	county.Grant:         {county.Received: county.Granted, county.Reviewing: county.Granted},
	county.Deny:          {county.Received: county.Denied, county.Reviewing: county.Denied},
	county.Terminate:     {county.Accepted: county.Terminated, county.Reviewing: county.Terminated, county.Suspended: county.Terminated},
	county.Lapse:         {county.Correcting: county.Lapsed},
	county.Deliver:       {county.Granted: county.Delivered, county.Denied: county.Delivered},
}

func (s *Server) move(c *aCase, to county.State) {
	s.changes++
	c.changed = s.changes
	c.standing.State, c.standing.At = to, s.clock.Now().Truncate(time.Second)
	c.standing.Seq++
}

// ErrNotNow refuses an act that the case's state does not allow.
var ErrNotNow = errors.New("standin: not in this state")

// Act lets the county do something to a case; what it tells lies in the queue until Deliver.
func (s *Server) Act(ref string, act county.Act) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.cases[ref]
	if c == nil {
		return county.ErrNoCase
	}
	return s.act(c, act)
}

func (s *Server) act(c *aCase, act county.Act) error {
	to, may := moves[act][c.standing.State]
	if !may {
		return ErrNotNow
	}
	s.move(c, to)
	s.events++
	e := county.Event{
		ID: fmt.Sprintf("XX%08d", s.events), Ref: c.standing.Ref, Number: c.standing.Number, Act: act, Seq: c.standing.Seq, At: c.standing.At,
		Officer: "县政务大厅窗口", Opinion: "（演练）", Document: fmt.Sprintf("演练〔2026〕%d号", s.events),
	}
	switch act {
	case county.AskCorrection:
		c.defects = []county.Defect{{ID: e.ID + "-1", Material: "居民身份证", Reason: "unclear", Text: "照片看不清，请重新拍"}}
		e.Defects = c.defects
	case county.Suspend:
		e.Special = "other"
	case county.Extend:
		e.Special, e.Until = "extension", e.At.AddDate(0, 0, 14)
	case county.Grant:
		e.Result = county.Result{Name: "批准通知", Number: "PZ-" + e.ID}
	}
	s.enqueue(e)
	return nil
}

// Work does the next act of every case's script, and answers how many acts were done.
func (s *Server) Work() (done int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.order {
		if s.cases[c.standing.Ref] == c && s.step(c) {
			done++
		}
	}
	return done
}

// run does what the script still has for the case, as far as it goes, where the county is ahead of its answer.
func (s *Server) run(c *aCase, ahead bool) {
	for ahead && s.step(c) {
	}
}

// step does the case's next act, unless it waits, such as for a correction.
func (s *Server) step(c *aCase) bool {
	if len(c.todo) == 0 || s.act(c, c.todo[0]) != nil {
		return false
	}
	c.todo = c.todo[1:]
	return true
}
