package standin

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"tongban/internal/county"
	"tongban/internal/outbound"
)

// letter is an event on its way to the program.
type letter struct {
	event   county.Event
	trouble string
}

// Sent is one message that went out, and what it got: 0 for no answer.
type Sent struct {
	Event  string
	How    string // "" for the event itself as it should be, else what was wrong with this message
	Status int
}

// enqueue lines an event up, at the place that the script wants.
func (s *Server) enqueue(e county.Event) {
	l := letter{event: e}
	if t := s.callbacks.next(); t != nil {
		l.trouble = t.Do
	}
	switch l.trouble {
	case Withheld:
	case Reordered:
		s.held = append(s.held, l)
	case Delayed:
		s.last = append(s.last, l)
	default:
		s.queue = append(s.queue, l)
		s.queue = append(s.queue, s.held...)
		s.held = nil
	}
}

// Sent lists what went out so far.
func (s *Server) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Sent(nil), s.sent...)
}

// Waiting counts the events that are still to be told.
func (s *Server) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue) + len(s.held) + len(s.last)
}

// Deliver tells what is in the queue to the program's callback address, such as http://127.0.0.1:8080/api/v1/county/callbacks. What it does
// not take stays in the queue, in its order, for the next time.
func (s *Server) Deliver(ctx context.Context, address string) error {
	client, err := outbound.New(address, outbound.Limits{})
	if err != nil {
		return err
	}
	at, err := url.Parse(address)
	if err != nil {
		return errors.New("standin: the address cannot be read")
	}
	d := delivery{s, client, at.EscapedPath()}
	for {
		l, some := s.first()
		if !some {
			return nil
		}
		if err := d.tell(ctx, l); err != nil {
			return err
		}
		s.drop()
	}
}

// first is the next event to tell: the queue, then what was held back, then what is to come last.
func (s *Server) first() (letter, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		s.queue, s.held = s.held, nil
	}
	if len(s.queue) == 0 {
		s.queue, s.last = s.last, nil
	}
	if len(s.queue) == 0 {
		return letter{}, false
	}
	return s.queue[0], true
}

func (s *Server) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = s.queue[1:]
}

type delivery struct {
	*Server
	client *outbound.Client
	path   string
}

// ErrNotTaken says that the program did not take an event now.
var ErrNotTaken = errors.New("standin: the program does not take events now")

// tell sends one event and whatever goes wrong around it.
func (d delivery) tell(ctx context.Context, l letter) error {
	body, err := d.mapping.EncodeEvent(l.event)
	if err != nil {
		return err
	}
	now := d.clock.Now()
	switch l.trouble {
	case Forged:
		other := bytes.Replace(body, []byte(l.event.Ref), []byte(l.event.Ref+"0"), 1)
		d.send(ctx, l, Forged, d.sign(now, body), other)
	case Stale:
		d.send(ctx, l, Stale, d.sign(now.Add(-time.Hour), body), body)
	case Unknown:
		if err := d.tellUnknown(ctx, l, now); err != nil {
			return err
		}
	}
	header := d.sign(now, body)
	status := d.send(ctx, l, "", header, body)
	switch l.trouble {
	case Replayed:
		d.send(ctx, l, Replayed, header, body)
	case Doubled:
		d.send(ctx, l, Doubled, d.sign(now, body), body)
	}
	if status == 0 || status == http.StatusTooManyRequests || status >= 500 {
		return ErrNotTaken
	}
	return nil
}

// tellUnknown tells an act that no mapping knows.
func (d delivery) tellUnknown(ctx context.Context, l letter, now time.Time) error {
	strange := l.event
	strange.ID, strange.Act, strange.Raw, strange.Seq = l.event.ID+"-U", "", "99-strange", 0
	body, err := d.mapping.EncodeEvent(strange)
	if err != nil {
		return err
	}
	d.send(ctx, l, Unknown, d.sign(now, body), body)
	return nil
}

func (d delivery) sign(now time.Time, body []byte) http.Header {
	return d.keys.Sign(now, county.Message{Method: http.MethodPost, Target: d.path, Body: body})
}

func (d delivery) send(ctx context.Context, l letter, how string, header http.Header, body []byte) int {
	header = header.Clone()
	header.Set("Content-Type", "application/json")
	answer, _ := d.client.Exchange(ctx, http.MethodPost, "", header, body) // no status is an answer too
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, Sent{l.event.ID, how, answer.Status})
	return answer.Status
}
