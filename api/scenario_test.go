package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// scenario is one step of a story: who sends what, and what he is told. Texts may hold {name}: what an earlier step saved,
// or a variable that the test set.
type scenario struct {
	name    string
	who     string // see house.token; nobody when empty
	method  string
	path    string   // below /api/v1, or whole when it begins with a dot: "./healthz"
	body    string   // JSON
	key     string   // Idempotency-Key; when empty a fresh one where the route asks for one, none when it is "-"
	headers []string // name, value pairs
	status  int
	code    string         // of the problem
	at      string         // place of its first wrong field
	fields  map[string]any // path in the answer, such as items.0.name or items.# for their number → value, or a demand
	saves   map[string]string
}

// demand is what a field must be like, where a value would say too much.
type demand func(got any, found bool) error

var (
	absent demand = func(got any, found bool) error {
		if found {
			return fmt.Errorf("is there: %v", got)
		}
		return nil
	}
	// filled is there and says something.
	filled demand = func(got any, found bool) error {
		if !found || got == nil || got == "" || reflect.DeepEqual(got, []any{}) {
			return fmt.Errorf("is missing or empty: %v", got)
		}
		return nil
	}
)

func like(pattern string) demand {
	shape := regexp.MustCompile(pattern)
	return func(got any, _ bool) error {
		if text, ok := got.(string); !ok || !shape.MatchString(text) {
			return fmt.Errorf("is %v, want %s", got, pattern)
		}
		return nil
	}
}

// play plays the scenarios in their order, in one house and with one set of variables, which it hands back.
func (h *house) play(t *testing.T, vars map[string]string, story ...scenario) map[string]string {
	t.Helper()
	vars = maps.Clone(vars)
	if vars == nil {
		vars = map[string]string{}
	}
	for _, s := range story {
		t.Run(s.name, func(t *testing.T) { h.playOne(t, vars, s) })
	}
	return vars
}

func (h *house) playOne(t *testing.T, vars map[string]string, s scenario) {
	t.Helper()
	w := h.send(t, s.who, s.method, s.address(vars), fill(s.body, vars), h.headersOf(s, vars)...)
	if w.Code != s.status {
		t.Fatalf("%s %s: want %d %s, got %d %s", s.method, s.path, s.status, s.code, w.Code, w.Body)
	}
	if s.status >= 400 {
		s.checkProblem(t, w)
	}
	var answer any
	if len(s.fields)+len(s.saves) > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s: %v", w.Body, err)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(s.fields)) {
		got, found := dig(answer, fill(path, vars))
		if err := meets(s.fields[path], got, found, vars); err != nil {
			t.Errorf("%s %v\n%s", path, err, w.Body)
		}
	}
	for name, path := range s.saves {
		got, found := dig(answer, path)
		if !found {
			t.Fatalf("%s is not in %s", path, w.Body)
		}
		vars[name] = fmt.Sprint(got)
	}
}

func (s scenario) address(vars map[string]string) string {
	path := fill(s.path, vars)
	if whole, ok := strings.CutPrefix(path, "."); ok {
		return whole
	}
	return base + path
}

func (h *house) headersOf(s scenario, vars map[string]string) []string {
	var headers []string
	for _, text := range s.headers {
		headers = append(headers, fill(text, vars))
	}
	switch {
	case s.key == "-":
	case s.key != "":
		headers = append(headers, keyHeader, fill(s.key, vars))
	case h.wantsKey(s.method, s.address(vars)):
		headers = append(headers, keyHeader, uuid.NewString())
	}
	return headers
}

func (h *house) wantsKey(method, address string) bool {
	path, _, _ := strings.Cut(address, "?")
	return slices.ContainsFunc(h.list, func(r Route) bool {
		return r.Idempotent && r.Method == method && fits(ginPath(r.Path), path)
	})
}

// fits reports whether a path is one of a pattern with :names.
func fits(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], ":") {
			return false
		}
	}
	return true
}

func (s scenario) checkProblem(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	p := problemOf(t, w)
	if p.Code != s.code {
		t.Errorf("want %s, got %s", s.code, w.Body)
	}
	switch {
	case s.at == "":
	case len(p.Errors) == 0:
		t.Errorf("want a wrong field at %s, got %s", s.at, w.Body)
	case p.Errors[0].Location != s.at:
		t.Errorf("want it at %s, got %s", s.at, w.Body)
	}
}

// fill puts variables into a text.
func fill(text string, vars map[string]string) string {
	for name, value := range vars {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// dig follows a path of names and indexes; # is the number of elements.
func dig(in any, path string) (any, bool) {
	for step := range strings.SplitSeq(path, ".") {
		switch at := in.(type) {
		case map[string]any:
			next, ok := at[step]
			if !ok {
				return nil, false
			}
			in = next
		case []any:
			if step == "#" {
				in = float64(len(at))
				continue
			}
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(at) {
				return nil, false
			}
			in = at[i]
		default:
			return nil, false
		}
	}
	return in, true
}

func meets(want, got any, found bool, vars map[string]string) error {
	switch want := want.(type) {
	case demand:
		return want(got, found)
	case string:
		if text := fill(want, vars); got != text {
			return fmt.Errorf("is %v, want %s", got, text)
		}
		return nil
	case int:
		return meets(float64(want), got, found, vars)
	}
	if !found || !reflect.DeepEqual(want, got) {
		return fmt.Errorf("is %v, want %v", got, want)
	}
	return nil
}
