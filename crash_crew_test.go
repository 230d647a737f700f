package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// deed is one write as its writer remembers it.
type deed struct {
	kind    string // submit, urge, supplement or notice
	path    string
	key     string
	body    []byte
	words   string // what it says, and no other deed
	appeal  string // id, of urge and supplement
	answer  answer // status 0 as long as nobody knows whether it was done
	unknown bool   // at the first time
	cut     bool   // the connection broke while it was under way
}

func (d *deed) final() bool { return d.answer.status != 0 }

// writer is a resident who hands in appeals, urges and supplements them, and takes notices.
type writer struct {
	caller
	number  int
	village string
	deeds   []*deed
	appeals []string // ids of his own, acknowledged ones
}

type crew []*writer

// hire finds the people of one round.
func hire(round int) (c crew) {
	villages := []string{xinglin, hewan, songling}
	for n := range writers {
		w := &writer{number: round*writers + n, village: villages[n%len(villages)]}
		w.from = fmt.Sprintf("10.0.%d.%d", round, n+1)
		c = append(c, w)
	}
	return c
}

// once sends a request once. The browser's own way would send what carries an Idempotency-Key again when the connection breaks, and tell of
// the shut door alone.
type once struct{ *http.Transport }

func (o once) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.GetBody = nil
	return o.Transport.RoundTrip(r)
}

// neverSent: the door was shut, so that nothing went through it.
func neverSent(err error) bool {
	at, ok := errors.AsType[*net.OpError](err)
	return ok && at.Op == "dial"
}

// face turns the writers to the program as it now runs. They log in once: keys and sessions survive the program.
func (c crew) face(t *testing.T, p *child) {
	t.Helper()
	p.web.Transport = once{&http.Transport{MaxIdleConnsPerHost: writers}}
	for _, w := range c {
		w.serving = &p.serving
		if w.token == "" {
			w.caller = w.with(t, w.post(t, "/login/wechat", 200, map[string]string{"code": fmt.Sprintf("writer%d.1", w.number)}))
			w.post(t, "/me", 200, map[string]any{"name": "郑笔耕", "village": w.village, "consent": map[string]string{"text_version": ofVillages}})
		}
	}
}

func (c crew) each(do func(*writer)) {
	var all sync.WaitGroup
	for _, w := range c {
		all.Go(func() { do(w) })
	}
	all.Wait()
}

// work writes until the program is gone.
func (w *writer) work(t *testing.T) {
	for range perRound {
		d := w.next()
		w.deeds = append(w.deeds, d)
		switch err := w.try(d); {
		case err == nil:
		case errors.Is(err, errRefused):
			t.Error(err)
			return
		default:
			d.unknown = true
			d.cut = !errors.Is(err, errLater) && !neverSent(err)
			return
		}
	}
}

// next thinks of something to do.
func (w *writer) next() *deed {
	n := len(w.deeds)
	d := &deed{key: uuid.NewString(), words: fmt.Sprintf("第%d人第%d次写的", w.number, n)}
	var body any
	switch mine := len(w.appeals); {
	case n%6 == 5:
		d.kind, d.path = "notice", "/notices"
		body = map[string]any{"item_id": "01932f00-4c00-7000-8000-000000000001", "village": w.village}
	case mine > 0 && n%6 == 2:
		d.kind, d.appeal = "urge", w.appeals[n%mine]
		body = map[string]string{"text": d.words}
	case mine > 0 && n%6 == 4:
		d.kind, d.appeal = "supplement", w.appeals[n%mine]
		body = map[string]string{"text": d.words}
	default:
		d.kind, d.path = "submit", "/appeals"
		body = map[string]string{"class": "help", "identity": "to_handler", "text": d.words}
	}
	if d.appeal != "" {
		d.path = "/appeals/" + d.appeal + "/" + d.kind
	}
	d.body, _ = json.Marshal(body) // of strings
	return d
}

var (
	errRefused = errors.New("refused")
	errLater   = errors.New("not now")
)

// try sends a deed once. Any error but errRefused leaves open whether it was done.
func (w *writer) try(d *deed) error {
	c := w.caller
	if d.kind == "notice" {
		c.token = "" // an open call: its key belongs to nobody
	}
	got, err := c.send(http.MethodPost, base+d.path, "application/json", d.body, d.key)
	switch {
	case err != nil:
		return err
	case got.status == http.StatusOK || got.status == http.StatusCreated:
	case got.status == http.StatusTooManyRequests || got.status == http.StatusServiceUnavailable || bytes.Contains(got.body, []byte("idempotency.in_progress")):
		return errLater
	default:
		return fmt.Errorf("%w: %s: %d %s", errRefused, d.path, got.status, got.body)
	}
	if d.final() {
		if got.status != d.answer.status || !bytes.Equal(got.body, d.answer.body) || got.header.Get("Location") != d.answer.header.Get("Location") {
			return fmt.Errorf("%w: a repetition of %s is told %d %s, the first was %d %s", errRefused, d.path, got.status, got.body, d.answer.status, d.answer.body)
		}
		return nil
	}
	d.answer = got
	if d.kind == "submit" {
		w.appeals = append(w.appeals, d.id())
	}
	return nil
}

// id of what was made.
func (d *deed) id() string { return d.told().ID }

func (d *deed) told() (made struct {
	ID, Number string
	QueryCode  string `json:"query_code"`
}) {
	_ = json.Unmarshal(d.answer.body, &made) // empty values are found by those who compare
	return made
}

// settle sends everything unknown again, with its key, until it is final.
func (c crew) settle(t *testing.T) {
	t.Helper()
	c.each(func(w *writer) {
		for _, d := range w.deeds {
			for end := time.Now().Add(patience); !d.final(); time.Sleep(50 * time.Millisecond) {
				err := w.try(d)
				if errors.Is(err, errRefused) || err != nil && time.Now().After(end) {
					t.Errorf("%s does not become final: %v", d.path, err)
					return
				}
			}
		}
	})
}

// repeat sends the last few of each writer once more: every one must be told the very same, if not at once: hundreds send at the same time.
func (c crew) repeat(t *testing.T) {
	t.Helper()
	c.each(func(w *writer) {
		for _, d := range w.deeds[max(0, len(w.deeds)-10):] {
			err := w.try(d)
			for end := time.Now().Add(patience); errors.Is(err, errLater) && time.Now().Before(end); err = w.try(d) {
				time.Sleep(50 * time.Millisecond)
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
}

// track follows one appeal of each writer by its slip.
func (c crew) track(t *testing.T) {
	t.Helper()
	for _, w := range c {
		slip := w.deeds[0].told() // the first is always an appeal
		w.post(t, "/track", 200, map[string]string{"number": slip.Number, "query_code": slip.QueryCode}).is(t, "status", "submitted")
	}
}

func (c crew) all() (list []*deed) {
	for _, w := range c {
		list = append(list, w.deeds...)
	}
	return list
}

func (c crew) count() int { return len(c.all()) }

func (c crew) lost() int { return c.those(func(d *deed) bool { return d.unknown }) }

// cut is how many had sent a deed and got no answer when the program was killed.
func (c crew) cut() int { return c.those(func(d *deed) bool { return d.cut }) }

func (c crew) those(are func(*deed) bool) (n int) {
	for _, d := range c.all() {
		if are(d) {
			n++
		}
	}
	return n
}
