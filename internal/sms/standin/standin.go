// Package standin plays an SMS gateway on loopback, for the demo and for tests. It sends nothing and tells what it would
// have sent.
package standin

import (
	"crypto/hmac"
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"tongban/internal/sms"
)

// Server is the stand-in.
type Server struct {
	key  string
	tell func(sms.Message)
	mu   sync.Mutex
	last map[string]string // code by phone
	sent int
	down bool
}

// most bounds the phones that are remembered.
const most = 10_000

// New is a stand-in that shares the key, and shows each message to tell.
func New(key string, tell func(sms.Message)) *Server {
	return &Server{key: key, tell: tell, last: map[string]string{}}
}

// Last is the code that a phone got last; empty for none.
func (s *Server) Last(phone string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[phone]
}

// Sent counts the messages so far.
func (s *Server) Sent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

// Down makes it refuse everything, or take messages again.
func (s *Server) Down(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// ServeHTTP takes a signed message.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	signature := sms.Signature([]byte(s.key), r.Header.Get(sms.TimestampHeader), body)
	var m sms.Message
	if err != nil || r.Method != http.MethodPost || !hmac.Equal([]byte(signature), []byte(r.Header.Get(sms.SignatureHeader))) || json.Unmarshal(body, &m) != nil {
		http.Error(w, `{"ok":false}`, http.StatusForbidden)
		return
	}
	if !s.take(m) {
		_, _ = w.Write([]byte(`{"ok":false}`)) // the caller may be gone
		return
	}
	s.tell(m)
	_, _ = w.Write([]byte(`{"ok":true}`))
}

func (s *Server) take(m sms.Message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return false
	}
	if len(s.last) >= most {
		clear(s.last)
	}
	s.last[m.Phone] = m.Code
	s.sent++
	return true
}
