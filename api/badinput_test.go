//go:build !race

package api

// One call after the other has no races, and most of these are stopped before a desk.

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestBadInputEverywhere spoils what every line of the API takes: its body, each property and each parameter, as the
// document describes them, and sends it as somebody who may do this. What a schema refuses is refused at its place; whatever
// else it is, the answer is a documented one in Chinese, gives no value back, and never says that the mistake was ours.
// What an act says of an odd text depends on the state that its object is in by then; pages have tests of their own.
func TestBadInputEverywhere(t *testing.T) {
	t.Parallel()
	m := openMatrix(t)
	for _, state := range throughout {
		m.lead(t, state)
	}
	document := documentOf(t, m.Server)
	heard := 0
	for _, r := range m.Routes() {
		if r.Page || len(rules[r.Name]) == 0 || rules[r.Name][0].signed { // what a county sends beyond the agreed names is passed over
			continue
		}
		b := badInput{matrix: m, heard: &heard, document: document, route: r, rule: rules[r.Name][0]}
		b.who, b.rel = b.somebody(t)
		b.good = cmp.Or(fill(b.rule.body, m.vars(t, b.rule, b.cell())), "{}")
		b.parameters(t)
		b.names(t)
		if r.Content == jsonBody {
			b.body(t)
		}
	}
	t.Logf("%d calls, %d odd texts were heard", m.asked, heard)
	if m.asked < 6000 || heard < 900 {
		t.Errorf("only %d calls, and %d odd texts were heard", m.asked, heard)
	}
}

// badInput spoils the calls of one line.
type badInput struct {
	*matrix
	heard    *int // odd texts that were not sent off for who sent them, or when
	document schema
	route    Route
	rule     rule
	who      caller
	rel      relation
	good     string // a body that the line takes
}

func (b *badInput) cell() cell { return cell{b.who, b.rel, told{}} }

// somebody may do it: he gets what the line's rule says of whom it lets through.
func (b *badInput) somebody(t *testing.T) (caller, relation) {
	t.Helper()
	met := relations[b.rule.of]
	if !b.rule.names(b.route) {
		met = []relation{""}
	}
	for _, rel := range met {
		for _, c := range b.callers {
			if !c.forged && b.rule.expected(c, rel, b.state) == b.rule.want {
				return c, rel
			}
		}
	}
	t.Fatalf("nobody may %s", b.route.Name)
	return caller{}, ""
}

// schema is a piece of the document.
type schema map[string]any

func documentOf(t *testing.T, s *Server) schema {
	t.Helper()
	spec, err := s.spec()
	if err != nil {
		t.Fatal(err)
	}
	var document schema
	if err := json.Unmarshal(spec.json, &document); err != nil {
		t.Fatal(err)
	}
	return document
}

// at is what stands at a path of names, with references followed.
func (b *badInput) at(in schema, path ...string) schema {
	for _, name := range path {
		inside, _ := in[name].(map[string]any)
		in = inside
		if reference, ok := in["$ref"].(string); ok {
			in = b.at(b.document, strings.Split(strings.TrimPrefix(reference, "#/"), "/")...)
		}
	}
	return in
}

func (b *badInput) operation() schema {
	return b.at(b.document, "paths", b.route.Path, strings.ToLower(b.route.Method))
}

// send makes the call, whose answer must be decent.
func (b *badInput) send(t *testing.T, what, query, body string) *httptest.ResponseRecorder {
	t.Helper()
	asked := b.rule
	asked.query, asked.body = query, body
	w := b.do(t, b.request(t, b.route, asked, b.cell()))
	b.decent(t, what, w)
	return w
}

// refused: the answer is this problem, and says so of that place.
func (b *badInput) refused(t *testing.T, what, query, body string, status int, code, place string) {
	t.Helper()
	w := b.send(t, what, query, body)
	if w.Code != status || problemOf(t, w).Code != code {
		t.Errorf("%s %s: want %d %s, got %d %s", b.route.Name, what, status, code, w.Code, w.Body)
	} else if place != "" && !slices.ContainsFunc(problemOf(t, w).Errors, func(e wrong) bool { return e.Location == place }) {
		t.Errorf("%s %s: nothing is said of %s: %s", b.route.Name, what, place, w.Body)
	}
}

// parameters are spoiled one after the other. A raw route reads of its address what it declares, and nothing else.
func (b *badInput) parameters(t *testing.T) {
	t.Helper()
	if b.route.document == nil {
		b.refused(t, "an undeclared parameter", "?nobody="+idNumber, b.rule.body, 422, "request.invalid", "query.nobody")
	}
	w := b.send(t, "an address that cannot be read", "?a=%zz", b.rule.body)
	if w.Code != http.StatusBadRequest || problemOf(t, w).Code != "request.malformed" {
		t.Errorf("%s?a=%%zz: %d %s", b.route.Name, w.Code, w.Body)
	}
	parameters, _ := b.operation()["parameters"].([]any)
	for _, one := range parameters {
		p := schema(one.(map[string]any))
		name := p["name"].(string)
		for what, value := range inOrder(spoiled(b.at(p, "schema"))) {
			text := fmt.Sprint(value)
			if _, several := value.([]any); p["in"] == "query" && !several && text != "" && what != "a number" { // an empty one is none, and all are texts
				b.refused(t, name+": "+what, "?"+url.Values{name: {text}}.Encode(), b.rule.body, 422, "request.invalid", "query."+name)
			}
		}
		for what, value := range inOrder(odd(b.at(p, "schema"))) {
			if p["in"] == "query" {
				b.send(t, name+": "+what, "?"+url.Values{name: {fmt.Sprint(value)}}.Encode(), b.rule.body)
			}
		}
	}
}

// names that nothing can have stand where the address names something.
func (b *badInput) names(t *testing.T) {
	t.Helper()
	before, after, named := strings.Cut(b.route.Path, "{")
	_, after, _ = strings.Cut(after, "}")
	for _, name := range []string{"1", "%00", "%2e%2e%2f", "%f0%a0%ae%b7", strings.Repeat("9", 300), idNumber} {
		if !named {
			continue
		}
		asked := b.route
		asked.Path = before + name + after
		w := b.do(t, b.request(t, asked, b.rule, b.cell()))
		b.decent(t, name, w)
		if w.Code < http.StatusBadRequest {
			t.Errorf("%s of %s: %d %s", b.route.Name, name, w.Code, w.Body)
		}
	}
}

// body is spoiled as a whole, then property by property.
func (b *badInput) body(t *testing.T) {
	t.Helper()
	query := b.rule.query
	b.refused(t, "broken", query, `{"`, 400, "request.malformed", "")
	b.refused(t, "NUL", query, `{"a":"\u0000"}`, 400, "request.malformed", "")
	b.refused(t, "a list", query, `[]`, 422, "request.invalid", "body")
	b.refused(t, "too large", query, `{"a":"`+strings.Repeat("x", int(b.route.BodyLimit))+`"}`, 413, "request.too_large", "")
	b.refused(t, "an undeclared name", query, `{"`+idNumber+`":1}`, 422, "request.invalid", "")
	if b.route.Idempotent {
		request := b.request(t, b.route, b.rule, b.cell())
		request.Header.Del(keyHeader)
		if w := b.do(t, request); w.Code != http.StatusBadRequest || problemOf(t, w).Code != "idempotency.missing" {
			t.Errorf("%s without a key: %d %s", b.route.Name, w.Code, w.Body)
		}
	}
	b.properties(t, b.at(b.operation(), "requestBody", "content", "application/json", "schema"), nil)
}

// decent is what every answer to bad input is. That the document describes it is seen by whoever sends it.
func (b *badInput) decent(t *testing.T, what string, w *httptest.ResponseRecorder) {
	t.Helper()
	what = b.route.Name + " " + what
	if w.Code >= http.StatusInternalServerError {
		t.Errorf("%s: %d %s", what, w.Code, w.Body)
	}
	if w.Code < http.StatusBadRequest {
		return
	}
	p := problemOf(t, w)
	if !isChinese(p.Title) {
		t.Errorf("%s: the title is not Chinese: %s", what, w.Body)
	}
	for _, e := range p.Errors {
		if !isChinese(e.Message) {
			t.Errorf("%s: %q is not Chinese", what, e.Message)
		}
	}
	if strings.Contains(w.Body.String(), idNumber[:8]) {
		t.Errorf("%s came back: %s", what, w.Body)
	}
}

func isChinese(text string) bool { r := []rune(text); return len(r) > 0 && r[0] >= 0x2e80 }

// properties are spoiled one after the other, at any depth; all else is as it was good.
func (b *badInput) properties(t *testing.T, in schema, path []string) {
	t.Helper()
	properties := b.at(in, "properties")
	required, _ := in["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		needed := slices.Contains(required, any(name))
		if needed {
			b.invalid(t, "missing", append(slices.Clone(path), name), takenAway{})
		}
		if len(path) == 0 {
			b.refused(t, name+" twice", b.rule.query, `{"`+name+`":null,"`+name+`":null}`, 400, "request.malformed", "body."+name)
			b.refused(t, name+" in capitals", b.rule.query, `{"`+strings.ToUpper(name)+`":1}`, 422, "request.invalid", "")
		}
		b.property(t, b.at(properties, name), append(slices.Clone(path), name), needed)
	}
}

func (b *badInput) property(t *testing.T, s schema, path []string, needed bool) {
	t.Helper()
	for what, value := range inOrder(spoiled(s)) {
		b.invalid(t, what, path, value)
	}
	if needed {
		b.invalid(t, "null", path, nil) // anywhere else it is nothing
	}
	for what, value := range inOrder(odd(s)) {
		body := put(t, put(t, b.good, []string{"version"}, takenAway{}), path, value) // the matrix names a version that is not the present one
		w := b.send(t, placeIn(path)+" "+what, b.rule.query, body)
		if text, _ := value.(string); w.Code >= http.StatusBadRequest && len(text) > 9 && strings.Contains(w.Body.String(), text) {
			t.Errorf("%s %s %s came back: %s", b.route.Name, placeIn(path), what, w.Body)
		}
		if !slices.Contains([]int{401, 403, 404, 409}, w.Code) {
			*b.heard++
		}
	}
	switch s["type"] {
	case "object":
		b.properties(t, s, path)
		if more := b.at(s, "additionalProperties"); len(more) > 0 {
			b.property(t, more, append(slices.Clone(path), "x"), false)
		}
	case "array":
		b.property(t, b.at(s, "items"), append(slices.Clone(path), "0"), false)
	}
}

// invalid: the schema does not take this value at that place.
func (b *badInput) invalid(t *testing.T, what string, path []string, value any) {
	t.Helper()
	b.refused(t, placeIn(path)+" "+what, b.rule.query, put(t, b.good, path, value), 422, "request.invalid", placeIn(path))
}

// inOrder makes each run send the same, so that one that failed can be had again.
func inOrder(values map[string]any) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, what := range slices.Sorted(maps.Keys(values)) {
			if !yield(what, values[what]) {
				return
			}
		}
	}
}

// spoiled are values that the schema does not take, by what is wrong with them.
func spoiled(s schema) map[string]any {
	bad := map[string]any{}
	switch s["type"] {
	case "string":
		bad["a number"], bad["a list"] = 7, []any{}
		if s["enum"] != nil {
			bad["an unknown word"] = "nobody-says-this"
		}
		if pattern, ok := s["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString("？"+idNumber) {
			bad["another pattern"] = "？" + idNumber
		}
		if most, ok := s["maxLength"].(float64); ok {
			bad["too long"] = strings.Repeat("𠮷", int(most)+1)
		}
		if least, ok := s["minLength"].(float64); ok && least > 0 {
			bad["empty"] = ""
		}
		switch s["format"] {
		case "uuid":
			bad["no id"] = "1"
		case "date":
			bad["no such day"], bad["a day in another form"], bad["no day"] = "2026-02-30", "26.1.1", ""
		case "date-time":
			bad["no such time"], bad["a time in another form"] = "2026-02-30T08:00:00+08:00", "2026-11-23 08:30"
		}
	case "integer", "number":
		bad["text"], bad["a half"] = "七", 1.5
		if most, ok := s["maximum"].(float64); ok {
			bad["too much"] = most + 1
		}
		if least, ok := s["minimum"].(float64); ok {
			bad["too little"] = least - 1
		}
	case "boolean":
		bad["text"], bad["a number"] = "maybe", 1
	case "array":
		bad["text"], bad["an object"] = "x", map[string]any{}
		if most, ok := s["maxItems"].(float64); ok {
			bad["too many"] = make([]any, int(most)+1)
		}
	case "object":
		bad["text"], bad["a list"] = "x", []any{}
	case nil: // a word or several
		bad["a number"], bad["an object"], bad["too long"], bad["too many"] = 7, map[string]any{}, strings.Repeat("x", 200), make([]any, 200)
	}
	return bad
}

// odd are values that a schema may take, and that nobody should send.
func odd(s schema) map[string]any {
	if s["type"] == "integer" {
		return map[string]any{"far too much": json.Number("99999999999999999999"), "below everything": json.Number("-99999999999999999999")}
	}
	if s["type"] != "string" || s["enum"] != nil || s["format"] != nil {
		return nil
	}
	return map[string]any{
		"empty": "", "nothing to be seen": "\u200b\u2060 \ufeff", "four bytes": "𠮷", "turned about": "\u202e张三", "an ID number": idNumber,
		"SQL": `'; DROP TABLE appeals; --%_\`, "markup": "<script>alert(1)</script>", "without end": strings.Repeat("长", 20000),
	}
}

// takenAway takes a property away.
type takenAway struct{}

// put is the body with that value at the path; what is not there on the way is made.
func put(t *testing.T, body string, path []string, value any) string {
	t.Helper()
	var root any
	if err := json.Unmarshal([]byte(body), &root); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	text, err := json.Marshal(putIn(root, path, value))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func putIn(in any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	if path[0] == "0" {
		list, _ := in.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		list[0] = putIn(list[0], path[1:], value)
		return list
	}
	object, _ := in.(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	if _, gone := value.(takenAway); gone && len(path) == 1 {
		delete(object, path[0])
		return object
	}
	object[path[0]] = putIn(object[path[0]], path[1:], value)
	return object
}

// placeIn is how a problem names it.
func placeIn(path []string) string {
	return strings.ReplaceAll("body."+strings.Join(path, "."), ".0", "[0]")
}
