package county

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/outbound"
)

// The calls, below the platform's address.
const (
	CasesPath       = "/cases"
	CorrectionsPath = "/corrections" // below a case
	WithdrawalPath  = "/withdrawal"  // below a case
)

// KeyOfActHeader carries the id of the outbox letter.
const KeyOfActHeader = "Idempotency-Key"

// mostBody bounds what is sent; outbound bounds what is read.
const mostBody = 1 << 20

// Options of a client.
type Options struct {
	URL      string // of the platform, such as https://county.example.cn/village
	Keys     Keys
	Mapping  *Mapping
	Clock    *clock.Clock
	Log      *slog.Logger
	Patience time.Duration // for one call in all; 0 is 15 seconds
}

// Client is the adapter for a platform that speaks the HTTP of docs/county.md.
type Client struct {
	server  *outbound.Client
	base    string // path of the address: it is signed too
	keys    Keys
	mapping *Mapping
	clock   *clock.Clock
	log     *slog.Logger
}

var _ Platform = (*Client)(nil)

// NewClient makes the adapter. It calls nobody yet.
func NewClient(o Options) (*Client, error) {
	if len(o.Keys) == 0 {
		return nil, errors.New("county: no key is shared with the platform")
	}
	if o.Mapping == nil {
		return nil, fmt.Errorf("county: the county's folder has no %s", mappingFile)
	}
	server, err := outbound.New(o.URL, outbound.Limits{Patience: o.Patience})
	if err != nil {
		return nil, fmt.Errorf("county: %w", err)
	}
	at, err := url.Parse(o.URL)
	if err != nil {
		return nil, errors.New("county: the address cannot be read")
	}
	return &Client{server, strings.TrimRight(at.EscapedPath(), "/"), o.Keys, o.Mapping, o.Clock, o.Log}, nil
}

// Submit hands a case over.
func (c *Client) Submit(ctx context.Context, key string, s Submission) (Standing, error) {
	body, err := c.mapping.writeSubmission(s)
	if err != nil {
		return Standing{}, c.mistake(ctx, err)
	}
	return c.change(ctx, CasesPath, key, s.Ref, body)
}

// Correct answers what was asked for.
func (c *Client) Correct(ctx context.Context, key string, r Correction) (Standing, error) {
	body, err := c.mapping.writeCorrection(r)
	if err != nil {
		return Standing{}, c.mistake(ctx, err)
	}
	return c.change(ctx, CasesPath+"/"+url.PathEscape(r.Ref)+CorrectionsPath, key, r.Ref, body)
}

// Withdraw takes a case back.
func (c *Client) Withdraw(ctx context.Context, key string, w Withdrawal) (Standing, error) {
	body, err := c.mapping.writeWithdrawal(w)
	if err != nil {
		return Standing{}, c.mistake(ctx, err)
	}
	return c.change(ctx, CasesPath+"/"+url.PathEscape(w.Ref)+WithdrawalPath, key, w.Ref, body)
}

// Standing asks how a case stands.
func (c *Client) Standing(ctx context.Context, ref string) (Standing, error) {
	if !idShape(ref) {
		return Standing{}, ErrNoCase
	}
	answer, err := c.call(ctx, http.MethodGet, CasesPath+"/"+url.PathEscape(ref), "", nil)
	var s Standing
	if err == nil {
		s, err = c.standing(ctx, answer, ref)
	}
	if err != nil && !errors.Is(err, ErrNoCase) {
		c.log.WarnContext(ctx, "the county's platform does not say how a case stands", "case", ref)
	}
	return s, err
}

// Changed lists what changed.
func (c *Client) Changed(ctx context.Context, since time.Time, after string) (Changes, error) {
	query := url.Values{"since": {since.UTC().Format(time.RFC3339)}}
	if after != "" {
		query.Set("after", after)
	}
	answer, err := c.call(ctx, http.MethodGet, CasesPath+"?"+query.Encode(), "", nil)
	if err != nil {
		return Changes{}, err
	}
	changes, err := c.mapping.readChanges(answer)
	if err != nil {
		return Changes{}, c.strange(ctx, err)
	}
	if changes.Unread > 0 {
		c.log.WarnContext(ctx, "the county's list has rows that cannot be read", "rows", changes.Unread, "after", after)
	}
	return changes, nil
}

func (c *Client) change(ctx context.Context, target, key, ref string, body []byte) (Standing, error) {
	answer, err := c.call(ctx, http.MethodPost, target, key, body)
	if err != nil {
		return Standing{}, err
	}
	return c.standing(ctx, answer, ref)
}

// standing reads how the case stands that was asked about; an answer about another one is none.
func (c *Client) standing(ctx context.Context, answer []byte, ref string) (Standing, error) {
	message, err := parse(answer)
	if err != nil {
		return Standing{}, c.strange(ctx, err)
	}
	o, err := c.mapping.object(message, process)
	if err != nil {
		return Standing{}, c.strange(ctx, err)
	}
	s, err := c.mapping.readStanding(o)
	switch {
	case err != nil:
		return Standing{}, c.strange(ctx, err)
	case s.Ref != ref:
		return Standing{}, c.strange(ctx, errors.New("an answer about another case"))
	}
	return s, nil
}

// call sends one signed request and sorts what comes back: done, again, or for a person.
func (c *Client) call(ctx context.Context, method, target, key string, body []byte) ([]byte, error) {
	if len(body) > mostBody {
		return nil, c.mistake(ctx, errors.New("the request is too long"))
	}
	header := c.keys.Sign(c.clock.Now(), Message{method, c.base + target, body})
	header.Set("Accept", "application/json")
	if body != nil {
		header.Set("Content-Type", "application/json")
	}
	if key != "" {
		header.Set(KeyOfActHeader, key)
	}
	answer, err := c.server.Exchange(ctx, method, target, header, body)
	switch status := answer.Status; {
	case status == 0: // nothing came back
		return nil, c.again(ctx, err, 0)
	case later(status):
		return nil, c.again(ctx, fmt.Errorf("status %d", status), c.asked(answer.Header))
	case status == http.StatusNotFound && method == http.MethodGet:
		return nil, ErrNoCase
	case status != http.StatusOK && status != http.StatusCreated:
		return nil, c.human(ctx, fmt.Errorf("status %d%s", status, codeIn(answer.Body)))
	case errors.Is(err, outbound.ErrTooLong):
		return nil, c.strange(ctx, err)
	case err != nil: // it broke off: perhaps done, the key settles it
		return nil, c.again(ctx, err, 0)
	}
	return answer.Body, nil
}

// later are the statuses that get better by themselves.
func later(status int) bool {
	return status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status == http.StatusTooEarly
}

// asked is how long the platform asks to be left alone: seconds, or a date.
func (c *Client) asked(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		return min(time.Duration(min(seconds, 1<<20))*time.Second, longestWait)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, min(at.Sub(c.clock.Now()), longestWait))
	}
	return 0
}

var problemCode = regexp.MustCompile(`^[a-z0-9_.]{1,64}$`)

// codeIn is the platform's own code of a refusal, if it gives one that can be nothing personal.
func codeIn(body []byte) string {
	message, err := parse(body)
	if err != nil {
		return ""
	}
	if code, ok := plainText(message["code"]); ok && problemCode.MatchString(code) && strings.Trim(code, "0123456789") != "" {
		return " " + code
	}
	return ""
}

func (c *Client) again(ctx context.Context, why error, wait time.Duration) error {
	c.log.WarnContext(ctx, "the county's platform did not answer", "why", why.Error())
	return &fault.Error{Fault: ErrAgain, Wait: wait, Cause: why}
}

func (c *Client) human(ctx context.Context, why error) error {
	c.log.WarnContext(ctx, "the county's platform refused", "why", why.Error())
	return ErrHuman.Because(why)
}

// strange is an answer that cannot be understood: sending again would get it again.
func (c *Client) strange(ctx context.Context, why error) error { return c.human(ctx, why) }

// mistake is a request that must not go out at all.
func (c *Client) mistake(ctx context.Context, why error) error {
	c.log.WarnContext(ctx, "nothing was sent to the county's platform", "why", why.Error())
	return ErrHuman.Because(why)
}

// encode writes the same message always as the same bytes.
func encode(message map[string]any) ([]byte, error) {
	return json.Marshal(message, json.Deterministic(true))
}
