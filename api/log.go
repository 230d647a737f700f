package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"tongban/internal/access"
	"tongban/internal/fault"
)

// watch is the outermost layer: headers on every answer, one log line for every request, a clean 500 for a panic, and no
// temporary file left of an upload. It stands outside whatever copies the request, because net/http only cleans up after
// the original.
func (s *Server) watch(c *gin.Context) {
	began := s.machine.Now()
	header := c.Writer.Header()
	guardHeaders(header, s.routeOf(c), s.https())
	header[requestIDHeader] = []string{requestID(c.Request.Header)}
	cut := false
	func() {
		defer func() {
			if broken := recover(); broken != nil {
				cut = s.recovered(c, broken)
			}
		}()
		c.Next()
	}()
	s.report(c, s.machine.Now().Sub(began))
	if cut {
		panic(http.ErrAbortHandler) // net/http closes the connection, so the client sees that half is missing
	}
}

// recovered answers a panic, and reports whether the connection must be cut because an answer had begun. Who has no area is refused, as whoever
// asks for what is not his: that somebody gave him none is our mistake, so the line says error.
func (s *Server) recovered(c *gin.Context, broken any) (cut bool) {
	if broken == http.ErrAbortHandler { // the very value, as net/http compares it
		return true
	}
	err := fault.Internal.Because(fmt.Errorf("panic: %v\n%s", broken, debug.Stack()))
	if none, is := broken.(access.NoScope); is {
		err = fault.NotYours.Because(fmt.Errorf("panic: %w\n%s", none, debug.Stack()))
	}
	if c.Writer.Written() {
		c.Set(faultKey, err)
		return true
	}
	s.refuse(c, err)
	return false
}

// miniProgram is the fixed Referer of a mini-program: its appid and its version, 0 for one under development.
var miniProgram = regexp.MustCompile(`^https://servicewechat\.com/([0-9a-z]{1,40})/(\d{1,9})/page-frame\.html`)

// report writes the request's one line. No address, query, token or body is in it, only what our own list names.
func (s *Server) report(c *gin.Context, took time.Duration) {
	ctx, level := c.Request.Context(), slog.LevelInfo
	e, _ := c.Value(faultKey).(*fault.Error)
	r := s.routeOf(c)
	s.meters.count(c, r, took)
	switch {
	case e != nil && (e.Kind == fault.Broken || errors.As(e.Cause, new(access.NoScope))):
		level = slog.LevelError
	case e != nil && e.Kind == fault.Unavailable:
		level = slog.LevelWarn
	case r != nil && r.Class.Name == free.Name:
		level = slog.LevelDebug
	}
	lines := s.lines // of what no route answers
	if r != nil {
		lines = r.lines
	}
	if !lines.Enabled(ctx, level) {
		return
	}
	line := slog.NewRecord(s.machine.Now(), level, "request", 0)
	line.AddAttrs(
		slog.String("request_id", c.Writer.Header()[requestIDHeader][0]),
		slog.Int("status", c.Writer.Status()),
		slog.Int("bytes", max(c.Writer.Size(), 0)),
		slog.Duration("took", took),
	)
	if r == nil {
		line.AddAttrs(slog.String("method", methodOf(c)), slog.String("route", c.FullPath()))
	}
	if actor, ok := c.Value(actorKey).(access.Actor); ok {
		line.AddAttrs(slog.String("person", actor.Person), slog.String("role", string(actor.Role)))
	}
	if from := c.GetHeader("Referer"); from != "" {
		if m := miniProgram.FindStringSubmatch(from); m != nil {
			line.AddAttrs(slog.String("mini_program", m[1]+"/"+m[2]))
		}
	}
	if e != nil {
		line.AddAttrs(slog.String("code", e.Code))
		if e.Cause != nil {
			line.AddAttrs(slog.String("cause", e.Cause.Error()))
		}
	}
	_ = lines.Handle(ctx, line) // a log that cannot be written to stops nobody
}

// linesOf has what is the same in all lines of a route written already.
func linesOf(log *slog.Logger, r *Route) slog.Handler {
	return log.Handler().WithAttrs([]slog.Attr{
		slog.String("method", r.Method), slog.String("route", ginPath(r.Path)), slog.String("name", r.Name),
	})
}

// methodOf is the method if it is one that HTTP knows: anything can be sent.
func methodOf(c *gin.Context) string {
	switch m := c.Request.Method; m {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
