package api

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
)

// conform holds answers against the document.
type conform struct {
	validator validator.Validator
	routes    gin.RoutesInfo
}

// conforms are kept by their document: reading one takes half a second, and most tests serve the same.
var conforms sync.Map // of func() (*conform, error)

func newConform(t testing.TB, s *Server) *conform {
	t.Helper()
	read, _ := conforms.LoadOrStore(string(s.spec.json), sync.OnceValues(func() (*conform, error) {
		document, err := libopenapi.NewDocument(s.spec.json)
		if err != nil {
			return nil, err
		}
		v, faults := validator.NewValidator(document)
		return &conform{v, s.engine.Routes()}, errors.Join(faults...)
	}))
	c, err := read.(func() (*conform, error))()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// check demands that the document describes this answer: its status, its type and its fields. What answers no route of
// the list is not in the document.
func (c *conform) check(t testing.TB, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	known := false
	for _, route := range c.routes {
		known = known || route.Method == r.Method && fits(route.Path, r.URL.Path)
	}
	if !known {
		return
	}
	if ok, faults := c.validator.ValidateHttpResponse(r, w.Result()); !ok {
		for _, f := range faults {
			t.Errorf("%s %s → %d is not what the document says: %s: %s", r.Method, r.URL.Path, w.Code, f.Message, f.Reason)
			for _, s := range f.SchemaValidationErrors {
				t.Errorf("  %s at %s", s.Reason, s.FieldPath)
			}
		}
	}
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

func TestDocumentIsValid(t *testing.T) {
	st := openStand(t)
	if ok, faults := st.conform.validator.ValidateDocument(); !ok {
		for _, f := range faults {
			t.Errorf("%s: %s", f.Message, f.Reason)
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

// documentText is the document as YAML.
func (s *Server) documentText(t testing.TB) string {
	t.Helper()
	text, err := s.Document()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
