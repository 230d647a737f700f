package wechat

import (
	"context"
	"errors"
	"net/http"
	neturl "net/url"
	"time"

	"tongban/internal/fault"
)

// errTokenOver never leaves the package: the call is made once more with another token.
var errTokenOver = errors.New("wechat: the access token is not good any more")

const (
	// ahead is how long before its end a token is renewed: in its last five minutes the old and the new one both work.
	ahead = 5 * time.Minute
	// shortest is how long a token is kept at least, so that a strange answer does not make a fetch of every call.
	shortest = time.Minute
)

// held is the access token of this process. WeChat's stable token is the same for all replicas while it is good, so each
// may keep it for itself.
type held struct {
	turn  chan struct{} // one fetch at a time; whoever waits may leave
	text  string
	until time.Time
}

func newHeld() *held {
	h := &held{turn: make(chan struct{}, 1)}
	h.turn <- struct{}{}
	return h
}

type tokenAnswer struct {
	outcome
	Token   string `json:"access_token"`
	Seconds int    `json:"expires_in"`
}

// access answers a token other than spent, fetching one when none is held.
func (c *Client) access(ctx context.Context, spent string) (string, error) {
	select {
	case <-c.token.turn:
	case <-ctx.Done():
		return "", c.busy(tokenPath, "the caller left")
	}
	defer func() { c.token.turn <- struct{}{} }()
	h := c.token
	if h.text != "" && h.text != spent && c.clock.Now().Before(h.until) {
		return h.text, nil
	}
	h.text = ""
	var got tokenAnswer
	// Never by force: that ends the token which the other replicas use.
	ask := map[string]any{"grant_type": "client_credential", "appid": c.appID, "secret": c.secret, "force_refresh": false}
	if err := c.call(ctx, http.MethodPost, tokenPath, nil, ask, &got, ErrRefused); err != nil {
		return "", settled(err)
	}
	if got.Token == "" || len(got.Token) > longestToken {
		return "", c.busy(tokenPath, "the answer has no token")
	}
	h.text, h.until = got.Token, c.clock.Now().Add(max(time.Duration(got.Seconds)*time.Second-ahead, shortest))
	return h.text, nil
}

const (
	tokenPath    = "/cgi-bin/stable_token"
	longestToken = 1024 // twice what WeChat asks to leave room for
)

// post calls what needs a token, and once more when WeChat says that the token is over.
func (c *Client) post(ctx context.Context, path string, body any, into answer, expired *fault.Fault) error {
	spent := ""
	for range 2 {
		token, err := c.access(ctx, spent)
		if err != nil {
			return err
		}
		err = c.call(ctx, http.MethodPost, path, neturl.Values{"access_token": {token}}, body, into, expired)
		if !errors.Is(err, errTokenOver) {
			return err
		}
		spent = token
		*into.trouble() = outcome{}
	}
	return settled(errTokenOver)
}

// settled turns what only this package understands into what clients are promised.
func settled(err error) error {
	if errors.Is(err, errTokenOver) {
		return ErrBusy.Because(err)
	}
	return err
}
