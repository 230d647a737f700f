package standin

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"tongban/internal/clock"
	"tongban/internal/county"
)

// Registers play the county's registers (数据共享), for tests and for rehearsals (tongban fakecounty): each inquiry must be signed, of now,
// and new, and so is each answer.
type Registers struct {
	keys  county.Keys
	clock *clock.Clock

	mu      sync.Mutex
	held    map[[2]string]string // reference, by ID number and material
	nonces  map[string]bool
	asked   []Asked
	trouble string
	lookUps plan // of a script; what it does not say goes by trouble

	downUntil time.Time
}

// Asked is an inquiry as it came.
type Asked struct {
	ID       string `json:"id"`
	Item     string `json:"item"`
	Material string `json:"material"`
	Name     string `json:"name"`
	IDNumber string `json:"id_number"`
	Consent  string `json:"consent"`
}

// NewRegisters makes registers that share the keys and hold nothing yet.
func NewRegisters(keys county.Keys, c *clock.Clock) *Registers {
	return &Registers{keys: keys, clock: c, held: map[[2]string]string{}, nonces: map[string]bool{}}
}

// Hold has them hold that material of whoever has the ID number; an empty reference has them lose it.
func (r *Registers) Hold(idNumber, material, ref string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held[[2]string{idNumber, material}] = ref
}

// Trouble is what happens to every inquiry from now on: Down, Slow, Reset, Garbage, Forged (signed by somebody else), Stale (signed an hour
// ago); empty for none.
func (r *Registers) Trouble(do string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trouble = do
}

// Play follows the script from now on.
func (r *Registers) Play(script Script) error {
	if err := script.check(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lookUps = plan{slices.Clone(script.LookUps)}
	for _, h := range script.Holds {
		r.held[[2]string{h.IDNumber, h.Material}] = h.Ref
	}
	return nil
}

// Asked lists the inquiries that were rightly signed, the oldest first.
func (r *Registers) Asked() []Asked {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Asked(nil), r.asked...)
}

// longestSlow bounds how long a handler waits whose caller's leaving is not noticed.
const longestSlow = 20 * time.Second

func (r *Registers) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, q.Body, mostBody))
	if err != nil {
		refuse(w, http.StatusBadRequest, "unreadable")
		return
	}
	stamp, err := r.keys.Verify(q.Header, county.Message{Method: q.Method, Target: q.URL.RequestURI(), Body: body})
	if err != nil || stamp.Fresh(r.clock.Now()) != nil {
		refuse(w, http.StatusUnauthorized, "signature")
		return
	}
	answer, trouble, status := r.look(stamp.Nonce, body)
	keys, at := r.keys, r.clock.Now()
	switch trouble.Do {
	case Fail:
		status = trouble.Status
	case Down:
		status = http.StatusServiceUnavailable
	case Reset:
		panic(http.ErrAbortHandler)
	case Slow:
		if !trouble.lets(w, q) {
			return
		}
	case Garbage:
		answer = []byte("<html>系统升级中</html>")
	case Forged:
		if keys, err = county.ParseKeys("k1:" + strings.Repeat("forged", county.ShortestKey)); err != nil {
			panic(err)
		}
	case Stale:
		at = at.Add(-time.Hour)
	}
	if status != http.StatusOK {
		refuse(w, status, "scripted")
		return
	}
	for name, values := range keys.Sign(at, county.Answering(stamp.Nonce, answer)) {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer) // the caller may be gone
}

// look answers the inquiry, notes it, and says what is to go wrong.
func (r *Registers) look(nonce string, body []byte) (answer []byte, trouble Trouble, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var a Asked
	if err := json.Unmarshal(body, &a, json.RejectUnknownMembers(true)); err != nil || a.ID == "" || a.Consent == "" {
		return nil, Trouble{}, http.StatusUnprocessableEntity
	}
	if r.nonces[nonce] {
		return nil, Trouble{}, http.StatusConflict
	}
	r.nonces[nonce] = true
	r.asked = append(r.asked, a)
	ref := cmp.Or(r.held[[2]string{a.IDNumber, a.Material}], r.held[[2]string{everybody, a.Material}])
	return fmt.Appendf(nil, `{"id":%q,"found":%t,"ref":%q}`, a.ID, ref != "", ref), r.next(), http.StatusOK
}

// next is what is to go wrong with this inquiry.
func (r *Registers) next() Trouble {
	now, t := r.clock.Now(), Trouble{Do: r.trouble, long: longestSlow}
	if scripted := r.lookUps.next(); scripted != nil {
		t = *scripted
	}
	if t.Do == Down && r.trouble != Down {
		r.downUntil = now.Add(t.long)
	}
	if now.Before(r.downUntil) {
		t.Do = Down
	}
	return t
}
