package page

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"tongban/internal/catalog"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// errLarge refuses a form over its bound.
var errLarge = fault.New(fault.TooLarge, "page.form_too_large", "填的内容太多，请删减后再提交")

// fail answers with the fault in words for people, and leaves what is our own fault in the log.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	e := fault.Of(err)
	if e.Fault == fault.Internal {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			e = errLarge.Because(err)
		} else if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || store.Unavailable(err) {
			e = fault.Busy.Because(err)
		}
	}
	if e.Kind == fault.Broken || e.Kind == fault.Unavailable {
		p.Log.ErrorContext(r.Context(), "page", "request_id", w.Header().Get("X-Request-Id"), "code", e.Code, "cause", e.Cause)
	}
	if e.Kind == fault.TooMany || e.Kind == fault.Unavailable {
		wait := max(e.Wait, time.Second)
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	p.Sorry(w, r, p.Status(e.Fault), e)
}

// sorryView is a fault with what to do now.
type sorryView struct {
	frame
	Detail   string
	Fields   []fault.Field
	Code     bool // a printed code leads nowhere
	Gone     bool // there is nothing at this address
	Later    bool // trying again helps
	Stations []*where
}

// Sorry tells a fault to a person. It must work when nothing else does: then it names no offices.
func (p *Pages) Sorry(w http.ResponseWriter, r *http.Request, status int, e *fault.Error) {
	c := p.ready.Load().county
	if e.Kind != fault.Broken && e.Kind != fault.Unavailable {
		c, _, _ = p.facts(r.Context())
	}
	if c == nil {
		c = &county{}
	}
	view := sorryView{
		frame: c.frame(e.Title, nil), Detail: e.Detail, Fields: e.Fields,
		Code: aboutCode(e), Gone: e.Kind == fault.Missing, Later: e.Kind == fault.TooMany || e.Kind == fault.Unavailable,
	}
	if e.Fault == catalog.ErrItemRetired {
		view.Gone = false
	}
	view.Private = true
	if view.Gone {
		view.Stations = c.stations()
	}
	if err := p.show(w, r, status, "sorry", view); err != nil {
		p.Log.ErrorContext(r.Context(), "page", "cause", err)
		http.Error(w, e.Title, status)
	}
}
