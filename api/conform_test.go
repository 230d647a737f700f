package api

import (
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
var conforms sync.Map

func newConform(t testing.TB, s *Server) *conform {
	t.Helper()
	if known, ok := conforms.Load(string(s.spec.json)); ok {
		return known.(*conform)
	}
	document, err := libopenapi.NewDocument(s.spec.json)
	if err != nil {
		t.Fatal(err)
	}
	v, faults := validator.NewValidator(document)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	fresh := &conform{v, s.engine.Routes()}
	conforms.Store(string(s.spec.json), fresh)
	return fresh
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
	again := openStand(t)
	if string(st.Document()) != string(again.Document()) {
		t.Error("the document is not the same twice")
	}
	for _, foreign := range []string{"$schema", "unpkg", "://"} {
		if text := string(st.Document()); strings.Contains(text, foreign) {
			t.Errorf("the document holds %s", foreign)
		}
	}
}
