//go:build !race

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
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/radix"
	"github.com/pb33f/libopenapi-validator/responses"
)

// conform holds answers against the document.
type conform struct {
	answers responses.ResponseBodyValidator
	routes  gin.RoutesInfo
}

// conforms are kept by the routes that are served: reading a document takes half a second, and most tests serve the same.
var conforms sync.Map // of func() (*conform, error)

func newConform(t testing.TB, s *Server) *conform {
	t.Helper()
	var served strings.Builder
	for _, r := range s.list {
		served.WriteString(r.Method + r.Path + r.Title + "\n")
	}
	read, _ := conforms.LoadOrStore(served.String(), sync.OnceValues(func() (*conform, error) {
		spec, err := s.spec()
		if err != nil {
			return nil, err
		}
		document, err := libopenapi.NewDocument(spec.json)
		if err != nil {
			return nil, err
		}
		m, err := document.BuildV3Model()
		if err != nil {
			return nil, err
		}
		// Not the whole validator: it would compile the schemas of requests too, and those of answers that nobody gives.
		return &conform{responses.NewResponseBodyValidator(&m.Model, config.WithPathTree(radix.BuildPathTree(&m.Model))), s.engine.Routes()}, nil
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
	if ok, faults := c.answers.ValidateResponseBody(r, w.Result()); !ok {
		for _, f := range faults {
			t.Errorf("%s %s → %d is not what the document says: %s: %s", r.Method, r.URL.Path, w.Code, f.Message, f.Reason)
			for _, s := range f.SchemaValidationErrors {
				t.Errorf("  %s at %s", s.Reason, s.FieldPath)
			}
		}
	}
}

func TestDocumentIsValid(t *testing.T) {
	st := openStand(t)
	spec, err := st.shop.spec()
	if err != nil {
		t.Fatal(err)
	}
	document, err := libopenapi.NewDocument(spec.json)
	if err != nil {
		t.Fatal(err)
	}
	v, failed := validator.NewValidator(document)
	if len(failed) > 0 {
		t.Fatal(failed)
	}
	if ok, faults := v.ValidateDocument(); !ok {
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
