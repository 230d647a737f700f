package county

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"tongban/internal/clock"
	"tongban/internal/outbound"
)

// Registers (数据共享) are where the county looks up what nobody need bring: a port, since each county shares its data in a way of its own.
type Registers interface {
	// LookUp asks whether the county holds that paper of that person. An error means that nobody knows now.
	LookUp(ctx context.Context, q Inquiry) (Finding, error)
}

// Inquiry asks for one paper of one person, who agreed to it. Whoever fills it in has revealed the values with a reason before.
type Inquiry struct {
	ID       string // of the inquiry; never used twice
	Item     string // id of the item that it is for
	Material string // as the item names it
	Name     Private
	IDNumber Private
	Consent  string // id under which the person's consent is kept
}

// Finding is the answer.
type Finding struct {
	Found bool
	Ref   string // by which the register knows what it found; no personal data. Empty where nothing was found
}

// ErrNoFinding says that the registers gave no answer that can be believed. The paper itself is as good as ever.
var ErrNoFinding = errors.New("county: the registers gave no answer")

const (
	// registersTime leaves room within a request's ten seconds: somebody stands at the counter.
	registersTime = 6 * time.Second
	// registersSeats is how many inquiries are under way at once: slow registers must not hold all requests of the county.
	registersSeats = 16
	// mostFinding in bytes of an answer.
	mostFinding = 16 << 10
	// answering stands where a request has its method, so that a request sent back proves nothing.
	answering = "ANSWER"
)

// Answering is what is signed of an answer: it belongs to the one request with that nonce.
func Answering(nonce string, body []byte) Message { return Message{answering, nonce, body} }

// refShape has no room for a name.
var refShape = regexp.MustCompile(`^[A-Za-z0-9._/-]{1,64}$`)

// RegistersClient is the adapter for registers that speak the HTTP of docs/county.md: a signed inquiry, and a signed answer.
type RegistersClient struct {
	server *outbound.Client
	path   string // of the address: it is signed too
	keys   Keys
	clock  *clock.Clock
	log    *slog.Logger
	seats  chan struct{}
}

var _ Registers = (*RegistersClient)(nil)

// NewRegisters makes the adapter. It calls nobody yet. Options have no mapping here; the patience is 6 seconds if it is not said.
func NewRegisters(o Options) (*RegistersClient, error) {
	if len(o.Keys) == 0 {
		return nil, errors.New("county: no key is shared with the registers")
	}
	server, err := outbound.New(o.URL, outbound.Limits{Patience: cmp.Or(o.Patience, registersTime), Most: mostFinding})
	if err != nil {
		return nil, fmt.Errorf("county: %w", err)
	}
	at, err := url.Parse(o.URL)
	if err != nil {
		return nil, errors.New("county: the address cannot be read")
	}
	path := cmp.Or(strings.TrimRight(at.EscapedPath(), "/"), "/")
	return &RegistersClient{server, path, o.Keys, o.Clock, o.Log, make(chan struct{}, registersSeats)}, nil
}

// LookUp is one call, never repeated by itself: who asked may ask again. Whatever is no finding is ErrNoFinding.
func (c *RegistersClient) LookUp(ctx context.Context, q Inquiry) (Finding, error) {
	f, err := c.seated(ctx, q)
	if err != nil {
		c.log.WarnContext(ctx, "the county's registers gave no answer", "inquiry", q.ID, "why", err.Error())
		return Finding{}, fmt.Errorf("%w: %w", ErrNoFinding, err)
	}
	return f, nil
}

func (c *RegistersClient) seated(ctx context.Context, q Inquiry) (Finding, error) {
	select {
	case c.seats <- struct{}{}:
		defer func() { <-c.seats }()
		return c.ask(ctx, q)
	default:
		return Finding{}, errors.New("too many inquiries are under way")
	}
}

// asked and found are what goes over the wire.
type asked struct {
	ID       string `json:"id"`
	Item     string `json:"item"`
	Material string `json:"material"`
	Name     string `json:"name"`
	IDNumber string `json:"id_number"`
	Consent  string `json:"consent"`
}

type found struct {
	ID    string `json:"id"`
	Found *bool  `json:"found"`
	Ref   string `json:"ref"`
}

func (c *RegistersClient) ask(ctx context.Context, q Inquiry) (Finding, error) {
	body, err := json.Marshal(asked{q.ID, q.Item, q.Material, q.Name.value(), q.IDNumber.value(), q.Consent})
	if err != nil {
		return Finding{}, errors.New("the inquiry cannot be written") // the library's text may quote it
	}
	header := c.keys.Sign(c.clock.Now(), Message{http.MethodPost, c.path, body})
	nonce := header.Get(NonceHeader)
	header.Set("Content-Type", "application/json")
	header.Set("Accept", "application/json")
	answer, err := c.server.Exchange(ctx, http.MethodPost, "", header, body)
	switch {
	case err != nil:
		return Finding{}, err
	case answer.Status != http.StatusOK:
		return Finding{}, fmt.Errorf("status %d", answer.Status)
	}
	stamp, err := c.keys.Verify(answer.Header, Answering(nonce, answer.Body))
	if err == nil {
		err = stamp.Fresh(c.clock.Now())
	}
	if err != nil {
		return Finding{}, err
	}
	return readFinding(answer.Body, q)
}

// readFinding tells in its errors nothing of what the answer says.
func readFinding(body []byte, q Inquiry) (Finding, error) {
	var f found
	switch err := json.Unmarshal(body, &f); {
	case err != nil || f.Found == nil:
		return Finding{}, errors.New("not the answer that was agreed on")
	case f.ID != q.ID:
		return Finding{}, errors.New("an answer to another inquiry")
	case !*f.Found:
		return Finding{}, nil
	case !refShape.MatchString(f.Ref) || strings.Contains(strings.ToUpper(f.Ref), q.IDNumber.value()):
		return Finding{}, errors.New("found, and no reference that may be kept")
	}
	return Finding{Found: true, Ref: f.Ref}, nil
}
