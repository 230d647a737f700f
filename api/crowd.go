package api

import (
	"net/http"
	"runtime"
	"sync/atomic"

	"github.com/gin-gonic/gin"

	"tongban/internal/fault"
)

// perProcessor is how many requests may be worked on at once for each processor, unless the operator says otherwise: enough to keep
// the database busy, and few enough that who is let in has his answer soon.
const perProcessor = 64

// crowd bounds the requests that are worked on at once. Who finds it full is told so at once (503 with Retry-After), instead
// of standing in a line that grows; who was let in is served to the end.
//
// Not counted are the operator's checks, answers that lie in memory, a body that is still coming in and an answer that a slow
// phone is still reading: nobody fills the house by being slow.
type crowd struct {
	most   int64
	within atomic.Int64
}

func newCrowd(most int) *crowd {
	if most == 0 {
		most = perProcessor * runtime.GOMAXPROCS(0)
	}
	return &crowd{most: int64(most)}
}

// room is how many are let in together with one of this class: an eighth, and one at least, is kept for log-ins and callbacks.
func (c *crowd) room(class Class) int64 {
	if class.Kept || c.most == 1 {
		return c.most
	}
	return c.most - max(1, c.most/8)
}

// full is a look that takes no place, before any work is done for somebody.
func (c *crowd) full(class Class) bool {
	return class.Name != free.Name && c.within.Load() >= c.room(class)
}

// enter takes a place until leave, which may be called twice.
func (c *crowd) enter(class Class) (leave func(), ok bool) {
	if class.Name == free.Name {
		return func() {}, true
	}
	if c.within.Add(1) > c.room(class) {
		c.within.Add(-1)
		return nil, false
	}
	left := false
	return func() {
		if !left {
			left = true
			c.within.Add(-1)
		}
	}, true
}

// serve lets a request in, if there is room.
func (s *Server) serve(c *gin.Context, class Class) {
	leave, ok := s.crowd.enter(class)
	if !ok {
		s.refuse(c, fault.Busy)
		return
	}
	defer leave()
	c.Writer = &leaving{c.Writer, leave}
	c.Next()
}

// leaving gives the place back when the answer begins: then the work is done.
type leaving struct {
	gin.ResponseWriter
	leave func()
}

func (l *leaving) Write(p []byte) (int, error) {
	l.leave()
	return l.ResponseWriter.Write(p)
}

func (l *leaving) WriteString(text string) (int, error) {
	l.leave()
	return l.ResponseWriter.WriteString(text)
}

// Unwrap is for http.ResponseController.
func (l *leaving) Unwrap() http.ResponseWriter { return l.ResponseWriter }
