//go:build !race

package api

import (
	"compress/gzip"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
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

// route is the line of the list that answers; with a word of its own before one with a parameter in its place.
func (c *conform) route(r *http.Request) (found *Route) {
	for i, line := range c.routes {
		path := ginPath(line.Path)
		if line.Method == r.Method && fits(path, r.URL.Path) && (found == nil || strings.Count(path, ":") < strings.Count(found.Path, "{")) {
			found = &c.routes[i]
		}
	}
	return found
}

// check demands that the document describes this answer: its status, its type and its fields. What answers no route of
// the list is not in the document.
func (c *conform) check(t testing.TB, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	route := c.route(r)
	if route == nil {
		return
	}
	undescribed := func(what any) {
		t.Helper()
		t.Errorf("%s %s → %d is not what the document says: %v", r.Method, r.URL.Path, w.Code, what)
	}
	place := []string{"paths", route.Path, strings.ToLower(route.Method), "responses", strconv.Itoa(w.Code)}
	if c.at(place...) == nil {
		undescribed("no such status")
		return
	}
	if shared, ok := c.at(append(place, "$ref")...).(string); ok {
		place = strings.Split(strings.TrimPrefix(shared, "#/"), "/")
	}
	contents, _ := c.at(append(place, "content")...).(map[string]any)
	body, err := plainBody(w)
	if err != nil {
		undescribed(err)
		return
	}
	if len(contents) == 0 || len(body) == 0 {
		if (len(contents) == 0) != (len(body) == 0) && r.Method != http.MethodHead {
			undescribed("there should be a body, or none")
		}
		return
	}
	kind, _, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
	if err != nil || contents[kind] == nil {
		undescribed("the type " + kind)
		return
	}
	if !strings.HasSuffix(kind, "json") {
		return
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		undescribed(err)
		return
	}
	schema, err := c.schema(append(place, "content", kind, "schema")...)
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil {
		undescribed(err)
	}
}

func plainBody(w *httptest.ResponseRecorder) (string, error) {
	if w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() == 0 {
		return w.Body.String(), nil
	}
	packed, err := gzip.NewReader(strings.NewReader(w.Body.String()))
	if err != nil {
		return "", err
	}
	plain, err := io.ReadAll(packed)
	return string(plain), err
}

// remarks hears what a check has to say.
type remarks struct {
	testing.TB
	n int
}

func (c *remarks) Errorf(string, ...any) { c.n++ }

// TestWhatTheDocumentDoesNotSay: each answer that is described is let pass, and each that is not is complained of.
func TestWhatTheDocumentDoesNotSay(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	good := h.must(t, "", 200, "GET", "/items?limit=1", "")
	missing := h.must(t, "", 404, "GET", "/items/"+someID, "")
	empty := `{"items":[],"next":null}`
	for name, c := range map[string]struct {
		path, kind, body string
		status, want     int
	}{
		"a list":                    {"/items", "application/json", good.Body.String(), 200, 0},
		"a problem":                 {"/items/" + someID, "application/problem+json", missing.Body.String(), 404, 0},
		"no route":                  {"/nothing", "text/plain", "?", 200, 0},
		"a status it does not have": {"/items", "application/json", good.Body.String(), 206, 1},
		"another type":              {"/items", "text/html", good.Body.String(), 200, 1},
		"no body":                   {"/items", "application/json", "", 200, 1},
		"a body without need":       {"/items", "application/json", "{}", 304, 1},
		"no JSON":                   {"/items", "application/json", "{", 200, 1},
		"a list of something else":  {"/items", "application/json", `{"items":[{"id":1}],"next":null}`, 200, 1},
		"a field too many":          {"/items", "application/json", strings.Replace(empty, "{", `{"more":1,`, 1), 200, 1},
		"a problem without code":    {"/items/" + someID, "application/problem+json", `{"title":"没有","status":404}`, 404, 1},
	} {
		w := httptest.NewRecorder()
		w.Header().Set("Content-Type", c.kind)
		w.WriteHeader(c.status)
		_, _ = w.WriteString(c.body)
		heard := &remarks{TB: t}
		h.conform.check(heard, httptest.NewRequest(http.MethodGet, base+c.path, nil), w)
		if heard.n != c.want {
			t.Errorf("%s: %d complaints, want %d", name, heard.n, c.want)
		}
	}
}

// TestDocumentIsValid holds the document against the schema of OpenAPI 3.1 (https://spec.openapis.org/oas/3.1/schema/2022-10-07), and each schema in it
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
	if err := openAPI.Validate(st.conform.document); err != nil {
		t.Error(err)
	}
	if n := st.conform.allSchemas(t, nil, st.conform.document); n < 20 {
		t.Errorf("%d schemas", n)
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

// allSchemas compiles what stands there under the name of a schema, and counts it.
func (c *conform) allSchemas(t *testing.T, place []string, value any) (n int) {
	t.Helper()
	inside, _ := value.(map[string]any)
	for name, more := range inside {
		here := append(slices.Clone(place), name)
		if name == "schema" || slices.Equal(place, []string{"components", "schemas"}) {
			if _, err := c.schema(here...); err != nil {
				t.Error(err)
			}
			n++
			continue
		}
		n += c.allSchemas(t, here, more)
	}
	return n
}
