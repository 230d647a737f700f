package api

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/flow"
	"tongban/internal/store/storetest"
)

var firstOnly = flag.Bool("matrix.first", false, "stop the access matrix at the first line that is answered wrongly")

// TestAccessMatrix asks every line of the route list as every role, as nobody and with forged tokens, at objects in every
// relation to the caller, and holds each answer against rules. The appeals go through their states meanwhile. Nothing may
// have changed after a refusal, and what is not the caller's must answer exactly as what is not there.
func TestAccessMatrix(t *testing.T) {
	t.Parallel()
	m := openMatrix(t)
	names := []string{}
	for _, r := range m.Routes() {
		names = append(names, r.Name)
		if len(rules[r.Name]) == 0 {
			t.Errorf("%s %s: nobody says who may call %s", r.Method, r.Path, r.Name)
		}
		for _, rule := range rules[r.Name] {
			if r.Audience != rule.who {
				t.Errorf("%s is for %s, and should be for %s", r.Name, r.Audience, rule.who)
			}
		}
	}
	for name := range rules {
		if !slices.Contains(names, name) {
			t.Errorf("%s is no route", name)
		}
	}
	var calls storetest.Sample
	for i, state := range throughout {
		m.lead(t, state)
		for _, r := range m.Routes() {
			for _, rule := range rules[r.Name] {
				last := i == len(throughout)-1
				if (slices.Contains(rule.at, state) || len(rule.at) == 0 && last) && (calls.Takes() || rule.always) {
					m.ask(t, r, rule)
				}
			}
		}
	}
	for _, r := range m.Routes() {
		m.addField(t, r)
	}
	m.noticesWrites(t)
	t.Logf("%d calls", m.asked)
}

// addField sends what is right and one field more, which no body takes: nobody makes himself an administrator.
func (m *matrix) addField(t *testing.T, r Route) {
	t.Helper()
	if r.Content != jsonBody || len(rules[r.Name]) == 0 || rules[r.Name][0].signed { // what a county sends beyond the agreed names is passed over
		return
	}
	rule := rules[r.Name][0]
	rule.body = strings.Replace(rule.body[:len(rule.body)-1]+`,"role":"system_admin"}`, "{,", "{", 1)
	for _, c := range m.callers {
		if _, outside := rule.outside(c); outside {
			continue
		}
		w := m.call(t, r, rule, cell{c, his, told{422, "request.invalid"}})
		if at := problemOf(t, w).Errors; len(at) != 1 || at[0].Location != "body.role" {
			t.Errorf("%s: %s", r.Name, w.Body)
		}
	}
}

// cell is one call of the matrix.
type cell struct {
	caller caller
	rel    relation
	want   told
}

// ask calls one line as everybody. Who is refused comes first: the tables must be as before then.
func (m *matrix) ask(t *testing.T, r Route, rule rule) {
	t.Helper()
	var refused, served []cell
	for _, c := range m.callers {
		met := relations[rule.of]
		if !rule.names(r) {
			met = []relation{""}
		} else if c.role == "" {
			met = met[:1]
		}
		for _, rel := range met {
			if want := rule.expected(c, rel, m.state); want.refuses() {
				refused = append(refused, cell{c, rel, want})
			} else {
				served = append(served, cell{c, rel, want})
			}
		}
	}
	if *firstOnly && t.Failed() {
		t.FailNow()
	}
	for _, c := range m.callers { // a log-in on the way would be taken for what a refused call wrote
		c.bearer(t, m.house)
	}
	before := m.written(t)
	nothing := map[string]string{} // what somebody was told of what is not there
	slices.SortStableFunc(refused, func(a, b cell) int { return cmp.Compare(isUnknown(b), isUnknown(a)) })
	for _, c := range refused {
		w := m.call(t, r, rule, c)
		known, asked := nothing[c.caller.name]
		switch {
		case c.rel == unknown:
			nothing[c.caller.name] = w.Body.String()
		case asked && !r.Page && !sees(rule.of, c.caller.role, c.rel, m.state) && w.Body.String() != known:
			t.Errorf("%s: what is %s tells %s that it is there:\n%s\n%s", r.Name, c.rel, c.caller.name, w.Body, known)
		}
	}
	for table, times := range m.written(t) {
		if n := times - before[table]; n != 0 {
			t.Errorf("%s in %s: refused calls wrote %d rows of %s", r.Name, m.state, n, table)
		}
	}
	for _, c := range served {
		m.call(t, r, rule, c)
	}
}

func isUnknown(c cell) int {
	if c.rel == unknown {
		return 1
	}
	return 0
}

// names: the call names an object, so it is made in every relation.
func (r rule) names(line Route) bool {
	return strings.Contains(line.Path, "{") || strings.Contains(r.body, "{object}") || strings.Contains(r.body, "{applicant}")
}

// request is the call of a line as somebody, each time from another address.
func (m *matrix) request(t *testing.T, r Route, rule rule, c cell) *http.Request {
	t.Helper()
	m.asked++
	vars := m.vars(t, rule, c)
	path := r.Path
	if open, end := strings.Index(path, "{"), strings.Index(path, "}"); open >= 0 {
		path = fill(path[:open]+vars["object"]+path[end+1:], vars)
	}
	body, kind := fill(rule.body, vars), "application/json"
	switch {
	case rule.photo:
		body, kind = form(t, "file", m.picture)
	case rule.table != "":
		body, kind = form(t, "file", []byte(fill(rule.table, vars)))
	case rule.form:
		kind = "application/x-www-form-urlencoded"
	}
	request := httptest.NewRequest(r.Method, path+fill(rule.query, vars), strings.NewReader(body))
	request.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", m.asked>>16, m.asked>>8&255, m.asked&255)
	request.Header.Set(requestIDHeader, sameRequest)
	if body != "" {
		request.Header.Set("Content-Type", kind)
	}
	if rule.signed {
		forge(m.house, request)
	}
	if r.Idempotent {
		request.Header.Set(keyHeader, uuid.NewString())
	}
	if token := c.caller.bearer(t, m.house); token != "" {
		request.Header.Set("Authorization", bearer(token))
	}
	return request
}

// call makes the call and compares its answer.
func (m *matrix) call(t *testing.T, r Route, rule rule, c cell) *httptest.ResponseRecorder {
	t.Helper()
	w := m.do(t, m.request(t, r, rule, c))
	got := told{status: w.Code}
	if w.Code >= 400 && !r.Page {
		got.code = problemOf(t, w).Code
	}
	if want := c.want; got.status != want.status || got.code != want.code && !r.Page {
		t.Errorf("%s as %s at %s %q in %s: want %d %s, got %d %s", r.Name, c.caller.name, rule.of, c.rel, m.state, want.status, want.code, w.Code, w.Body)
	} else if rule.proof != nil && !want.refuses() {
		rule.proof(t, m, rule, c, w)
	} else if (want == stale || want == staleCase) && problemOf(t, w).Current == nil {
		t.Errorf("%s as %s: a conflict without the present state: %s", r.Name, c.caller.name, w.Body)
	}
	return w
}

// sameRequest makes the bodies of two problems comparable.
const sameRequest = "0123456789abcdef0123456789abcdef"

func (m *matrix) vars(t *testing.T, rule rule, c cell) map[string]string {
	t.Helper()
	n := fmt.Sprint(m.asked)
	vars := map[string]string{
		"object": m.object(rule.of, c.rel, c.caller), "n": n, "uuid": uuid.NewString(), "identity": string(appeal.Public),
		"wechat": "somebody" + n, "mobile": fmt.Sprintf("139%08d", m.asked), "applicant": "", "consent": "",
		"consent_id": m.object(aConsent, c.rel, c.caller), "document": m.object(aReceipt, c.rel, c.caller), "state": string(m.state),
	}
	if rule.alien {
		other := his
		if c.rel == his {
			other = neighbours
		}
		vars["document"] = m.object(aReceipt, other, c.caller)
	}
	switch c.caller.role {
	case "":
		vars["identity"] = string(appeal.Anonymous)
	case access.Clerk:
		vars["applicant"], vars["consent"] = `,"applicant":"`+vars["object"]+`"`, `,"consent":"spoken"`
	}
	maps.Copy(vars, m.words)
	return vars
}

// lead takes all appeals on to the next state.
func (m *matrix) lead(t *testing.T, to flow.State) {
	t.Helper()
	m.state = to
	for _, s := range m.subjects {
		m.walk(t, s, "", steps[to]...)
	}
}

// steps lead from each state of throughout to the next one.
var steps = map[flow.State][]flow.Act{
	appeal.Accepted: {appeal.Accept}, appeal.Dispatched: {appeal.Dispatch}, appeal.SendBackAsked: {appeal.AskSendBack},
	appeal.Acknowledged: {appeal.RefuseSendBack, appeal.Acknowledge}, appeal.Handling: {appeal.Contact}, appeal.Shelved: {appeal.Shelve},
	appeal.Replied: {appeal.Resume, appeal.Reply}, appeal.FollowingUp: {appeal.StartFollowUp},
}
