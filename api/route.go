package api

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"tongban/internal/access"
)

// base is where the API lives.
const base = "/api/v1"

// Audience says who may call. Which rows he sees is the desk's affair, which acts he may do the flow table's.
type Audience string

const (
	open     Audience = "open"     // anybody; a token is not looked at
	optional Audience = "optional" // anybody; who brings a token must bring a good one
	person   Audience = "person"   // anybody who logged in
	resident Audience = "resident" // a resident who logged in
	staff    Audience = "staff"    // anybody who acts in a post
)

func (a Audience) admits(actor access.Actor) bool {
	switch a {
	case open, optional:
		return true
	case person:
		return actor.Signed()
	case resident:
		return actor.Signed() && actor.Role == access.Resident
	case staff:
		return actor.Signed() && actor.Role.Staff()
	}
	return false
}

// Content is what a route takes as its body.
type Content string

const (
	nothing   Content = "nothing"
	jsonBody  Content = "json"
	oneFile   Content = "multipart"
	formOfOwn Content = "form" // a page reads its form by itself
	ownBody   Content = "own"  // a raw route reads what somebody else's protocol says
)

// Route is one line of the API. Default deny: what is not on the list does not exist.
type Route struct {
	Method     string        `json:"method"`
	Path       string        `json:"path"`
	Name       string        `json:"name"`
	Title      string        `json:"title"` // Chinese
	Audience   Audience      `json:"audience"`
	Class      Class         `json:"rate"`
	Status     int           `json:"status"`     // of success
	Idempotent bool          `json:"idempotent"` // a key is demanded: the header Idempotency-Key, or of a page the field key of its form
	Keep       time.Duration `json:"-"`          // how long a repetition gets the first answer
	Content    Content       `json:"content"`
	BodyLimit  int64         `json:"body_limit"` // bytes
	Time       time.Duration `json:"-"`          // of the request's context
	Public     bool          `json:"public"`     // the answer depends on nothing but the address, and may be kept by anybody
	Page       bool          `json:"page"`       // HTML for people

	inMemory     bool               // see ready
	on           func(*Server) bool // without it, or while it says yes, the route is there
	strangers    *Class             // of those who did not log in, when it is not Class
	optionalBody bool
	refusals     []int        // statuses that the audience alone does not tell
	lines        slog.Handler // for the log
	document     func(*huma.Operation, huma.Registry)
	enter        func(*Server, *Route, *huma.Operation)
}

const (
	bodyLimit   = 64 << 10
	uploadLimit = 10<<20 + 4<<10 // one photo of 10 MB and its envelope
	sheetLimit  = 512<<10 + 4<<10
	shortTime   = 10 * time.Second
	uploadTime  = 60 * time.Second
	keepAnswer  = 24 * time.Hour
)

// option changes one property of a line.
type option func(*Route)

// public marks a read that anybody may keep: it gets an ETag, If-None-Match and compression.
func public(r *Route) {
	if r.Method != http.MethodGet || r.Audience != open {
		panic("api: only an open GET is public: " + r.Name)
	}
	r.Public = true
}

// lasting gives a long answer its time.
func lasting(d time.Duration) option { return func(r *Route) { r.Time = d } }

// ready marks a public read whose answer lies in memory. It passes by the wicket, since what villagers read most should
// cost little more than the bytes.
func ready(r *Route) {
	public(r)
	r.inMemory = true
}

// bodyOfOwn marks a raw route that reads its body by itself.
func bodyOfOwn(r *Route) { r.Content = ownBody }

// reserved marks a log-in whose class is not one of log-ins.
func reserved(r *Route) { r.Class.Kept = true }

// keep says how long a repetition gets the first answer, instead of a day.
func keep(d time.Duration) option { return func(r *Route) { r.Keep = d } }

// strangers sets a class of their own for those who did not log in.
func strangers(class Class) option { return func(r *Route) { r.strangers = &class } }

// classFor is the class that counts for the actor.
func (r *Route) classFor(actor access.Actor) Class {
	if r.strangers != nil && !actor.Signed() {
		return *r.strangers
	}
	return r.Class
}

// only makes a route one that is not there unless the server has what it needs, whatever is sent.
func only(on func(*Server) bool) option { return func(r *Route) { r.on = on } }

// takesJSON says that a raw route has a body. It is checked and bounded like any other, and handed on byte for byte.
func takesJSON(r *Route) { r.Content = jsonBody }

// refuses names the statuses of problems that the document could not know otherwise: a log-in is open, and yet it answers
// 401 to a used code and 403 to a disabled account.
func refuses(statuses ...int) option { return func(r *Route) { r.refusals = statuses } }

// many gives a list of acts the room and the time that they need.
func many(r *Route) { r.BodyLimit, r.Time = 512<<10, 30*time.Second }

func line(method, path, name, title string, who Audience, class Class) Route {
	return Route{
		Method: method, Path: path, Name: name, Title: title, Audience: who, Class: class,
		Status: http.StatusOK, Content: nothing, BodyLimit: bodyLimit, Time: shortTime, Keep: keepAnswer,
	}
}

func (r Route) with(more []option) Route {
	for _, change := range more {
		change(&r)
	}
	return r
}

// typed enters a handler that huma feeds, checks and documents by its types.
func typed[I, O any](r *Route, h func(context.Context, *I) (*O, error)) {
	if body, ok := reflect.TypeFor[I]().FieldByName("Body"); ok {
		r.Content = jsonBody
		r.optionalBody = body.Type.Kind() == reflect.Pointer
	}
	r.enter = func(s *Server, _ *Route, op *huma.Operation) { huma.Register(s.huma, *op, h) }
}

// get reads.
func get[I, V any](path, name, title string, who Audience, class Class, h func(context.Context, *I) (*reply[V], error), more ...option) Route {
	r := line(http.MethodGet, base+path, name, title, who, class)
	typed(&r, func(ctx context.Context, in *I) (*reply[V], error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, err
		}
		return out, out.finish(ctx)
	})
	return r.with(more)
}

// ask is a POST that may be repeated without harm: it stores nothing, or is exempt (log-in, token).
func ask[I, V any](path, name, title string, who Audience, class Class, h func(context.Context, *I) (*reply[V], error), more ...option) Route {
	r := get(path, name, title, who, class, h)
	r.Method = http.MethodPost
	return r.with(more)
}

// act is a POST that moves something: 200 with the thing as it now is.
func act[I, V any](path, name, title string, who Audience, class Class, h func(context.Context, *I) (*reply[V], error), more ...option) Route {
	r := ask(path, name, title, who, class, h)
	r.Idempotent = true
	return r.with(more)
}

// create is a POST that makes something: 201 with its Location.
func create[I any, V located](path, name, title string, who Audience, class Class, h func(context.Context, *I) (*made[V], error), more ...option) Route {
	r := line(http.MethodPost, base+path, name, title, who, class)
	r.Status, r.Idempotent = http.StatusCreated, true
	typed(&r, h)
	return r.with(more)
}

// printed is a POST that answers a page for somebody who stands there; it stores nothing.
func printed[I any](path, name, title string, who Audience, class Class, h func(context.Context, *I) (*huma.StreamResponse, error), more ...option) Route {
	r := line(http.MethodPost, base+path, name, title, who, class)
	typed(&r, h)
	r.document = func(op *huma.Operation, _ huma.Registry) {
		op.Responses["200"].Content = map[string]*huma.MediaType{"text/html": {Schema: pageSchema}}
	}
	return r.with(more)
}

// upload is a create whose body is one file.
func upload[V located](path, name, title string, who Audience, class Class, h func(context.Context, *photo) (*made[V], error), more ...option) Route {
	r := create(path, name, title, who, class, func(ctx context.Context, _ *struct{}) (*made[V], error) {
		return h(ctx, &photo{callOf(ctx).sent})
	})
	r.takesFile(uploadLimit, "一个文件，不超过 10 MB")
	return r.with(more)
}

// sheet is an act whose body is one table, as a CSV file.
func sheet[I, V any](path, name, title string, who Audience, class Class, h func(context.Context, *I, []byte) (*reply[V], error), more ...option) Route {
	r := act(path, name, title, who, class, func(ctx context.Context, in *I) (*reply[V], error) {
		return h(ctx, in, callOf(ctx).sent)
	})
	r.takesFile(sheetLimit, "一个 CSV 文件，不超过 512 KB")
	return r.with(more)
}

// piece is an act whose body is a part of a file.
func piece[I, V any](path, name, title string, who Audience, class Class, h func(context.Context, *I, []byte) (*reply[V], error), more ...option) Route {
	r := act(path, name, title, who, class, func(ctx context.Context, in *I) (*reply[V], error) {
		return h(ctx, in, callOf(ctx).sent)
	})
	r.takesFile(sheetLimit, "文件的一段，不超过 512 KB")
	return r.with(more)
}

func (r *Route) takesFile(limit int64, what string) {
	r.Content, r.BodyLimit, r.Time = oneFile, limit, uploadTime
	register := r.enter
	r.enter = func(s *Server, r *Route, op *huma.Operation) {
		register(s, r, op)
		s.huma.OpenAPI().Paths[op.Path].Post.RequestBody = fileBody(what) // not before: huma would read the body itself
	}
}

// remove is a DELETE: 204, and repeating it does no harm.
func remove[I any](path, name, title string, who Audience, class Class, h func(context.Context, *I) error, more ...option) Route {
	r := line(http.MethodDelete, base+path, name, title, who, class)
	r.Status = http.StatusNoContent
	typed(&r, func(ctx context.Context, in *I) (*struct{}, error) { return nil, h(ctx, in) })
	return r.with(more)
}

// raw is a route outside huma, with its whole path and its document given by hand; its error goes to the one writer.
func raw(method, path, name, title string, who Audience, class Class, h func(*gin.Context) error, document func(*huma.Operation, huma.Registry), more ...option) Route {
	r := line(method, path, name, title, who, class)
	r.document = document
	r.enter = func(s *Server, r *Route, op *huma.Operation) { s.enterRaw(r, op, h) }
	return r.with(more)
}
