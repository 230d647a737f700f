package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// call is what a handler may want to know about the request that it serves.
type call struct {
	id      string // the request's id
	route   *Route
	address string // the client's, for counting wrong guesses
	header  http.Header
	url     *url.URL
	store   *store.Store
	sent    []byte // the file of an upload
	putDown func() // frees what the upload held; nil when there is none
}

func (c *call) end() {
	if c.putDown != nil {
		c.sent = nil
		c.putDown()
	}
}

// before answers a *store.Replay when the request was done before.
func (c *call) before(ctx context.Context) error {
	if c == nil || c.store == nil {
		return nil
	}
	return c.store.Replayed(ctx)
}

type callKey struct{}

// within is a context that carries its call: one allocation instead of two on every request.
type within struct {
	context.Context // it is one
	call
}

func (w *within) Value(key any) any {
	if key == (callKey{}) {
		return &w.call
	}
	return w.Context.Value(key)
}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// callID is the id of the request that ctx belongs to, empty outside one.
func callID(ctx context.Context) string {
	if c := callOf(ctx); c != nil {
		return c.id
	}
	return ""
}

// addressOf is the client's address (IPv6: its network), for verbs that count wrong guesses.
func addressOf(ctx context.Context) string {
	if c := callOf(ctx); c != nil {
		return c.address
	}
	return ""
}

// what a gin context of ours carries
const (
	routeKey = "route"
	faultKey = "fault"
	actorKey = "actor"
)

// routeOf is the line of the list that a request met; nil when it met none.
func (s *Server) routeOf(c *gin.Context) *Route {
	return s.byPath[[2]string{c.Request.Method, c.FullPath()}]
}

// enter puts a route into gin and into the document.
func (s *Server) enter(r *Route) {
	op := s.operation(r)
	if r.document != nil {
		r.document(op, s.huma.OpenAPI().Components.Schemas)
	}
	r.enter(s, r, op)
}

// enterRaw is the way in for what huma does not serve.
func (s *Server) enterRaw(r *Route, op *huma.Operation, h func(*gin.Context) error) {
	s.huma.OpenAPI().AddOperation(op)
	gate := s.gate(r)
	if r.inMemory {
		gate = s.wicket(r)
	}
	s.engine.Handle(r.Method, ginPath(r.Path), gate, func(c *gin.Context) {
		if err := h(c); err != nil {
			s.refuse(c, err)
		}
	})
}

// adapter lets huma enter its operations through the same gate as the raw routes.
type adapter struct{ *Server }

func (a adapter) Handle(op *huma.Operation, h func(huma.Context)) {
	r := op.Metadata[routeKey].(*Route)
	a.engine.Handle(r.Method, ginPath(r.Path), a.gate(r), func(c *gin.Context) {
		c.Request.Header.Del("Accept") // we speak one language: huma has nothing to negotiate
		h(humagin.NewContext(op, c))
	})
}

func (a adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.engine.ServeHTTP(w, r) }

// ginPath writes {id} as :id.
func ginPath(path string) string { return ginWrites.Replace(path) }

var ginWrites = strings.NewReplacer("{", ":", "}", "")

// gate stands before every handler: who, how often, how much, and whether it was done before. It holds no rules of any
// domain; those are the desks', so that the courier and the tests obey them too.
func (s *Server) gate(r *Route) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), r.Time)
		defer cancel()
		served := &within{ctx, call{c.Writer.Header().Get(requestIDHeader), r, clientAddress(c), c.Request.Header, c.Request.URL, s.Store, nil, nil}}
		defer served.end()
		sent := c.Request.Body
		c.Request = c.Request.WithContext(served)
		var err error
		if err = fault.Busy; !s.crowd.full(r.Class) {
			err = s.admit(c, r)
		}
		if err != nil {
			drain(c.Request, sent)
			s.refuse(c, err)
			return
		}
		if r.Public {
			h := c.Writer.Header()
			h["Cache-Control"], h["Vary"] = askAgain, byEncoding
		}
		s.serve(c, r.Class)
	}
}

// wicket is the gate before an answer that lies in memory and is the same for everybody: there is nobody to identify,
// nothing to take in, and no deadline that could end.
func (s *Server) wicket(r *Route) gin.HandlerFunc {
	return func(c *gin.Context) {
		err := s.count(c.Request.Context(), r.Class, r.Class.Name, strangerAt(clientAddress(c)), errTooMany)
		if err == nil {
			err = checkAddress(c, r)
		}
		if err != nil {
			s.refuse(c, err)
			return
		}
		c.Next()
	}
}

func (s *Server) admit(c *gin.Context, r *Route) error {
	ctx := c.Request.Context()
	if r.on != nil && !r.on(s) {
		return fault.NotFound
	}
	actor, err := s.identify(c, r)
	if actor.Signed() {
		c.Set(actorKey, actor)
	}
	if err != nil {
		return err
	}
	if err := s.limit(ctx, r.classFor(actor), actor); err != nil {
		return err
	}
	if err := checkAddress(c, r); err != nil {
		return err
	}
	if actor.Signed() { // without one it is a stranger's context already
		ctx = access.With(ctx, actor)
	}
	var claim *store.Claim
	if r.Idempotent && !r.Page { // a page reads its form itself, and the key in it
		if claim, err = claimOf(c, r, actor); err != nil {
			return err
		}
		ctx = store.WithClaim(ctx, claim)
	}
	digest, err := s.receive(ctx, c, r, whoOf(actor, ctx))
	if err != nil {
		return err
	}
	if claim != nil {
		claim.Hash = hashOf([]byte(r.Name), []byte(c.Request.URL.EscapedPath()), []byte(actor.Post), digest[:])
		if err := s.watched(ctx, c, r, actor, claim); err != nil {
			return err
		}
	}
	if ctx != c.Request.Context() {
		c.Request = c.Request.WithContext(ctx)
	}
	return nil
}
