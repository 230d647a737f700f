package api

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// judge stands before the handler of a house, so that no test goes around it: whatever answer leaves, by whichever way and from whichever
// goroutine, is held against the document. What is wrong is said when the test is over.
type judge struct {
	http.Handler
	*conform

	mu    sync.Mutex
	wrong []string
}

func judged(t testing.TB, s *Server) *judge {
	t.Helper()
	j := &judge{Handler: s.Handler(), conform: newConform(t, s)}
	t.Cleanup(func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		for _, wrong := range j.wrong {
			t.Error(wrong)
		}
	})
	return j
}

func (j *judge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, isRecorder := w.(*httptest.ResponseRecorder)
	if !isRecorder { // it goes over the wire
		answer = httptest.NewRecorder()
		w = overheard{w, answer}
	}
	j.Handler.ServeHTTP(w, r) // when it panics, half an answer was cut off
	if wrong := j.check(r, answer); len(wrong) > 0 {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.wrong = append(j.wrong, wrong...)
	}
}

// overheard writes an answer down that is sent.
type overheard struct {
	http.ResponseWriter
	answer *httptest.ResponseRecorder
}

func (o overheard) Write(body []byte) (int, error) {
	o.keepHeader()
	_, _ = o.answer.Write(body)
	return o.ResponseWriter.Write(body)
}

func (o overheard) WriteHeader(status int) {
	o.keepHeader()
	o.answer.WriteHeader(status)
	o.ResponseWriter.WriteHeader(status)
}

func (o overheard) keepHeader() {
	for name, values := range o.Header() {
		o.answer.Header()[name] = values
	}
}

func (o overheard) Flush() { _ = http.NewResponseController(o.ResponseWriter).Flush() }

// Unwrap is for http.ResponseController.
func (o overheard) Unwrap() http.ResponseWriter { return o.ResponseWriter }
