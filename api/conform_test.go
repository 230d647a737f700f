//go:build !race

package api

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// conform holds answers against the document, whose schemas are JSON Schema as they stand (OpenAPI 3.1).
type conform struct {
	routes   []Route
	document any

	mu       sync.Mutex // of what follows
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema // by their place in the document; those of answers that nobody gives are not compiled
}

// conforms are kept by the routes that are served: most tests serve the same.
var conforms sync.Map // of func() (*conform, error)

func newConform(t testing.TB, s *Server) *conform {
	t.Helper()
	var served strings.Builder
	for _, r := range s.list {
		served.WriteString(r.Method + r.Path + r.Title + "\n")
	}
	read, _ := conforms.LoadOrStore(served.String(), sync.OnceValues(func() (*conform, error) { return readConform(s) }))
	c, err := read.(func() (*conform, error))()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const documentURL = "http://tongban.test/openapi.json"

func readConform(s *Server) (*conform, error) {
	spec, err := s.spec()
	if err != nil {
		return nil, err
	}
	c := &conform{routes: s.list, compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	c.compiler.AssertFormat()
	if c.document, err = jsonschema.UnmarshalJSON(strings.NewReader(string(spec.json))); err != nil {
		return nil, err
	}
	return c, c.compiler.AddResource(documentURL, c.document)
}

// at is what the document holds there; nil for nothing.
func (c *conform) at(place ...string) any {
	found := c.document
	for _, name := range place {
		inside, _ := found.(map[string]any)
		found = inside[name]
	}
	return found
}

var pointerWrites = strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")

func (c *conform) schema(place ...string) (*jsonschema.Schema, error) {
	var pointer strings.Builder
	for _, name := range place {
		pointer.WriteString("/" + pointerWrites.Replace(name))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	known, err := c.schemas[pointer.String()], error(nil)
	if known == nil {
		known, err = c.compiler.Compile(documentURL + "#" + pointer.String())
		c.schemas[pointer.String()] = known
	}
	return known, err
}

// route is the line of the list that answers: the first that fits, since those with a word of their own stand before those with a parameter in its place.
func (c *conform) route(r *http.Request) *Route {
	at := slices.IndexFunc(c.routes, func(line Route) bool {
		return line.Method == r.Method && fits(ginPath(line.Path), r.URL.Path)
	})
	if at < 0 {
		return nil
	}
	return &c.routes[at]
}

// check demands that the document describes this answer: its status, its type and its fields. What answers no route of
// the list is not in the document. It says what is wrong.
func (c *conform) check(r *http.Request, w *httptest.ResponseRecorder) (wrong []string) {
	route := c.route(r)
	if route == nil {
		return nil
	}
	undescribed := func(what any) {
		wrong = append(wrong, fmt.Sprintf("%s %s → %d is not what the document says: %v", r.Method, r.URL.Path, w.Code, what))
	}
	answer := w.Result()
	body, err := plainBody(answer)
	if err != nil {
		undescribed(err)
		return wrong
	}
	place := []string{"paths", route.Path, strings.ToLower(route.Method), "responses", strconv.Itoa(w.Code)}
	if shared, ok := c.at(append(place, "$ref")...).(string); ok {
		place = splitReference(shared)
	}
	if c.at(place...) == nil {
		undescribed("the status")
		return wrong
	}
	if after := answer.Header.Get("Retry-After"); after != "" && !isNumber(after) {
		undescribed("Retry-After: " + after)
	}
	contents, _ := c.at(append(place, "content")...).(map[string]any)
	if len(contents) == 0 || body == "" {
		if (len(contents) == 0) != (body == "") {
			undescribed("the body, or that there is none")
		}
		return wrong
	}
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil || contents[kind] == nil {
		undescribed("the type " + kind)
		return wrong
	}
	if !strings.HasSuffix(kind, "json") {
		return wrong
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		undescribed(err)
		return wrong
	}
	schema, err := c.schema(append(place, "content", kind, "schema")...)
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil {
		undescribed(err)
	}
	return wrong
}

// splitReference is the place that a reference within the document names.
func splitReference(reference string) []string {
	return strings.Split(strings.TrimPrefix(reference, "#/"), "/")
}

func isNumber(text string) bool {
	_, err := strconv.Atoi(text)
	return err == nil
}

func plainBody(answer *http.Response) (string, error) {
	body := answer.Body
	if answer.Header.Get("Content-Encoding") == "gzip" && answer.StatusCode != http.StatusNotModified {
		packed, err := gzip.NewReader(body)
		if err != nil {
			return "", err
		}
		body = packed
	}
	plain, err := io.ReadAll(body)
	return string(plain), err
}

// TestWhatTheDocumentDoesNotSay: each answer that is described is let pass, and each that is not is complained of, for the reason that is meant.
func TestWhatTheDocumentDoesNotSay(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	document := newConform(t, h.Server)
	list := h.must(t, "", 200, "GET", "/items?limit=1", "").Body.String()
	problem := h.must(t, "", 404, "GET", "/items/"+someID, "").Body.String()
	const plain, problemJSON, empty = "application/json", "application/problem+json", `{"items":[],"next":""}`
	without := func(field string) string {
		var fields map[string]any
		if err := json.Unmarshal([]byte(problem), &fields); err != nil || fields[field] == nil {
			t.Fatal(err, field)
		}
		delete(fields, field)
		text, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for name, c := range map[string]struct {
		path, kind, body string
		status           int
		why              string // empty for what is described
	}{
		"a list":                    {"/items", plain, list, 200, ""},
		"an empty list":             {"/items", plain + "; charset=utf-8", empty, 200, ""},
		"a problem":                 {"/items/" + someID, problemJSON, problem, 404, ""},
		"no route":                  {"/nothing", "text/plain", "?", 200, ""},
		"a status it does not have": {"/items", plain, list, 206, "the status"},
		"another type":              {"/items", "text/html", list, 200, "the type text/html"},
		"no type":                   {"/items", "", list, 200, "the type"},
		"no body":                   {"/items", plain, "", 200, "the body"},
		"a body without need":       {"/items", plain, "{}", 304, "the body"},
		"no JSON":                   {"/items", plain, "{", 200, "EOF"},
		"a list of something else":  {"/items", plain, strings.Replace(empty, "[]", `[{"id":1}]`, 1), 200, "/items/0"},
		"an id of another form":     {"/items", plain, strings.Replace(list, `"id":"`, `"id":"x`, 1), 200, "uuid"},
		"a field too many":          {"/items", plain, strings.Replace(empty, "{", `{"more":1,`, 1), 200, "'more'"},
		"a problem without code":    {"/items/" + someID, problemJSON, without("code"), 404, "'code'"},
	} {
		w := httptest.NewRecorder()
		w.Header().Set("Content-Type", c.kind)
		w.WriteHeader(c.status)
		_, _ = w.WriteString(c.body)
		heard := strings.Join(document.check(httptest.NewRequest(http.MethodGet, base+c.path, nil), w), "\n")
		if (heard == "") != (c.why == "") || !strings.Contains(heard, c.why) {
			t.Errorf("%s: %q, want %q", name, heard, c.why)
		}
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", plain)
	w.Header().Set("Retry-After", "soon")
	_, _ = w.WriteString(list)
	if heard := document.check(httptest.NewRequest(http.MethodGet, base+"/items", nil), w); len(heard) != 1 || !strings.Contains(heard[0], "soon") {
		t.Errorf("Retry-After: %q", heard)
	}
}

// TestDocumentIsValid holds the program's document, and the toys', against the schema of OpenAPI 3.1 (https://spec.openapis.org/oas/3.1/schema/2022-10-07), and each schema in it
// against that of JSON Schema.
func TestDocumentIsValid(t *testing.T) {
	t.Parallel()
	st := openStand(t)
	standard, err := os.Open("testdata/openapi-3.1.json")
	if err != nil {
		t.Fatal(err)
	}
	defer standard.Close()
	meta, err := jsonschema.UnmarshalJSON(standard)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("openapi-3.1.json", meta); err != nil {
		t.Fatal(err)
	}
	openAPI, err := compiler.Compile("openapi-3.1.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*conform{newConform(t, st.Server), newConform(t, openFull(t).Server)} {
		if err := openAPI.Validate(c.document); err != nil {
			t.Error(err)
		}
		c.allReferences(t, nil, c.document)
		for _, kind := range []string{"parameters", "headers", "requestBody", "responses", "components"} {
			if !slices.ContainsFunc(c.places(), func(place string) bool { return strings.Contains(place, "/"+kind+"/") }) {
				t.Errorf("no schema of %s was met", kind)
			}
		}
	}
	text, again := st.documentText(t), openStand(t).documentText(t)
	if text != again {
		t.Error("the document is not the same twice")
	}
	for _, foreign := range []string{"$schema", "unpkg", "://"} {
		if strings.Contains(text, foreign) {
			t.Errorf("the document holds %s", foreign)
		}
	}
}

// allReferences compiles whatever stands under the name of a schema, and demands that every other reference names something.
func (c *conform) allReferences(t *testing.T, place []string, value any) {
	t.Helper()
	inside := map[string]any{}
	switch value := value.(type) {
	case map[string]any:
		inside = value
	case []any:
		for i, one := range value {
			inside[strconv.Itoa(i)] = one
		}
	}
	for name, more := range inside {
		here := append(slices.Clone(place), name)
		reference, isText := more.(string)
		switch {
		case name == "schema" || slices.Equal(place, []string{"components", "schemas"}):
			if _, err := c.schema(here...); err != nil {
				t.Error(err)
			}
		case name == "$ref" && isText && c.at(splitReference(reference)...) == nil:
			t.Errorf("%s names nothing: %s", strings.Join(place, "/"), reference)
		default:
			c.allReferences(t, here, more)
		}
	}
}

// places are those of the schemas that were compiled.
func (c *conform) places() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Keys(c.schemas))
}

// TestNobodyGoesAroundTheJudge: an answer that the document does not describe is complained of by whichever way it leaves, and no test takes
// the handler without the judge. The benchmark may, which measures it.
func TestNobodyGoesAroundTheJudge(t *testing.T) {
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var bare []string
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ReplaceAll(string(text), "log.Handler()", ""), ".Handler"+"()") {
			bare = append(bare, name)
		}
	}
	if !slices.Equal(bare, []string{"bench_test.go", "judge_test.go"}) {
		t.Errorf("the bare handler is taken in %v", bare)
	}
	for name, ask := range map[string]func(http.Handler){
		"by a recorder": func(h http.Handler) {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/healthz", nil))
		},
		"packed": func(h http.Handler) {
			r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
			r.Header.Set("Accept-Encoding", "gzip")
			h.ServeHTTP(httptest.NewRecorder(), r)
		},
		"over the wire": func(h http.Handler) {
			server := httptest.NewServer(h)
			defer server.Close()
			answer, err := http.Get(server.URL + "/healthz")
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
		},
		"by many at once": func(h http.Handler) {
			var all sync.WaitGroup
			for range 10 {
				all.Go(func() {
					h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/healthz", nil))
				})
			}
			all.Wait()
		},
	} {
		j := &judge{conform: newConform(t, openStand(t).Server), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusTeapot)
			_, _ = w.Write(bytes.Repeat([]byte("tea"), 1000))
		})}
		if ask(j); !strings.Contains(strings.Join(j.wrong, "\n"), "/healthz → 418") {
			t.Errorf("%s: %q", name, j.wrong)
		}
	}
}
