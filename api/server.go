// Package api is the JSON face (RFC 9457 problems, OpenAPI 3.1) of the program. It knows HTTP and nothing else: every rule
// of a domain is at its desk.
//
// routes.go is the whole API on one screen. register.go is the gate that every request passes. Handlers are straight
// lines: the input, the desk's verb, the view.
package api

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/audit"
	"tongban/internal/cache"
	"tongban/internal/casework"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/courier"
	"tongban/internal/deputy"
	"tongban/internal/errand"
	"tongban/internal/family"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/locker"
	"tongban/internal/notice"
	"tongban/internal/offline"
	"tongban/internal/rating"
	"tongban/internal/retention"
	"tongban/internal/rights"
	"tongban/internal/store"
	"tongban/internal/wechat"
)

// Deps are what the API stands on. A server made without them can tell its routes and its document, but not serve.
type Deps struct {
	Store     *store.Store
	Accounts  *account.Desk
	Families  *family.Desk
	Audit     *audit.Desk
	Catalog   *catalog.Desk
	Files     *file.Desk
	Notices   *notice.Desk
	Locker    *locker.Desk
	Deputies  *deputy.Desk
	Cases     *casework.Desk
	Errands   *errand.Desk
	Offline   *offline.Desk
	Appeals   *appeal.Desk
	Ratings   *rating.Desk
	Rights    *rights.Desk
	Retention *retention.Keeper
	Inbox     *courier.Inbox
	Letters   *courier.Letters
	Pushes    *wechat.Inbox
	Push      *wechat.Push // opens what WeChat pushes; nil: message push is off
	County    *county.Desk // of the county's own platform; nil without one
	// CodeOf finds a code that stands on no wall, such as a notice's; catalog.ErrCodeUnknown when it is none either. It
	// gets the canonical form. Without one only the walls' codes are known.
	CodeOf func(ctx context.Context, code string) (catalog.Code, error)
	// CopyPage writes a copy as a page, with its headers; the pages' own.
	CopyPage func(ctx context.Context, h http.Header, w io.Writer, c rights.Copy) error
	// DocumentsPage writes the papers of a case to print, likewise.
	DocumentsPage func(h http.Header, w io.Writer, list []casework.Document) error
	// Identify tells whose token it is. A bad one is a fault of kind Unauthenticated.
	Identify func(ctx context.Context, bearer string) (access.Actor, error)
	// Limiter counts for all replicas. Without one nothing is limited.
	Limiter cache.Limiter
	// Limits are acts a minute that the operator set otherwise than limits.go, by its names.
	Limits         map[string]int
	InFlight       int // requests worked on at once; 0: 128 for each processor
	Log            *slog.Logger
	BaseURL        string   // what people see, such as https://example.gov.cn
	TrustedProxies []string // addresses or CIDRs whose X-Forwarded-For is believed; none by default
	Version        string   // of the program, told by /readyz
	Pages          []Page
	// Meters is where requests are counted. Without one they are not.
	Meters prometheus.Registerer
	// Sorry tells a fault to a person at a page. Without one he gets the JSON problem.
	Sorry func(w http.ResponseWriter, r *http.Request, status int, e *fault.Error)
}

// Page is a route that gives HTML. Its handler finds {x} of the path by r.PathValue("x") and the client's address in
// r.RemoteAddr; its own Content-Security-Policy and Cache-Control win.
type Page struct {
	Method, Path, Name, Title string
	Status                    int  // of success
	Guess                     bool // it answers a guess at a secret, so it is limited like one
	Idempotent                bool // it makes something once, under the key that its form holds
	Handler                   http.HandlerFunc
}

// Server is the API, ready to be put behind an http.Server.
type Server struct {
	Deps
	engine   *gin.Engine
	huma     huma.API
	near     cache.Limiter // counts in this process
	rates    map[string]cache.Rate
	list     []Route
	verbs    map[string]queuedVerb // those that a phone may queue
	spec     func() (document, error)
	tray     *tray
	crowd    *crowd
	printers printers
	byPath   map[[2]string]*Route // by method and gin's path
	lines    slog.Handler         // for the log, of what no route answers
	meters   *meters
	machine  *clock.Clock // how long a request took is the machine's time
	draining atomic.Bool
}

// New assembles the API of routes.go and the pages.
func New(d Deps) (*Server, error) { return assemble(d, (*Server).routes) }

func assemble(d Deps, routes func(*Server) []Route) (*Server, error) {
	s := &Server{Deps: d, engine: gin.New(), machine: clock.System(), tray: newTray(), crowd: newCrowd(d.InFlight), printers: make(printers, mostPrinting), byPath: map[[2]string]*Route{}}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.rates, err = ratesOf(d.Limits); err != nil {
		return nil, err
	}
	if s.Limiter != nil {
		local, err := cache.Open("", s.machine, s.Log)
		if err != nil {
			return nil, err
		}
		s.near = local
	}
	if s.Meters != nil {
		var err error
		if s.meters, err = newMeters(s.Meters); err != nil {
			return nil, err
		}
	}
	s.lines = s.Log.Handler()
	s.engine.HandleMethodNotAllowed = true
	s.engine.RedirectTrailingSlash = false // an address is what the list says, nothing near it
	s.engine.RedirectFixedPath = false
	s.engine.RemoteIPHeaders = []string{"X-Forwarded-For"}
	if err := s.engine.SetTrustedProxies(d.TrustedProxies); err != nil {
		return nil, fmt.Errorf("api: trusted proxies: %w", err)
	}
	s.engine.Use(s.watch)
	s.engine.NoRoute(func(c *gin.Context) { s.refuse(c, fault.NotFound) })
	s.engine.NoMethod(func(c *gin.Context) { s.refuse(c, errWrongMethod) })

	s.huma = huma.NewAPI(configure(), adapter{s})
	s.list, s.verbs = routes(s), s.queueable()
	for _, p := range d.Pages {
		s.list = append(s.list, p.route())
	}
	for i := range s.list {
		r := &s.list[i]
		r.lines, s.byPath[[2]string{r.Method, ginPath(r.Path)}] = linesOf(s.Log, r), r
		s.enter(r)
	}
	s.spec = sync.OnceValues(s.describe)
	return s, nil
}

// Routes is the list, in its own order.
func (s *Server) Routes() []Route { return slices.Clone(s.list) }

// Handler serves all routes.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead { // as GET; net/http leaves the body out
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
		}
		s.engine.ServeHTTP(w, r)
	})
}

// Drain makes /readyz answer 503, so that no new visitors are sent here.
func (s *Server) Drain() { s.draining.Store(true) }

func (s *Server) https() bool { return strings.HasPrefix(s.BaseURL, "https://") }

func (p Page) route() Route {
	class := reads
	switch {
	case p.Guess:
		class = guesses
	case p.Idempotent:
		class = notices
	}
	r := raw(p.Method, p.Path, p.Name, p.Title, open, class, func(c *gin.Context) error {
		for _, param := range c.Params {
			c.Request.SetPathValue(param.Key, param.Value)
		}
		c.Request.RemoteAddr = addressOf(c.Request.Context())
		p.Handler(c.Writer, c.Request)
		return nil
	}, html)
	r.Page, r.Content, r.Status, r.Idempotent = true, formOfOwn, p.Status, p.Idempotent
	return r
}
