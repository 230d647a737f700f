package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	neturl "net/url"
	"regexp"
	"time"

	"tongban/internal/fault"
)

// outcome is what every answer may hold: WeChat answers HTTP 200 and tells of trouble in the body.
type outcome struct {
	Code    int    `json:"errcode"`
	Message string `json:"errmsg"`
}

func (o *outcome) trouble() *outcome { return o }

type answer interface{ trouble() *outcome }

var ridShape = regexp.MustCompile(`rid: ?([0-9A-Za-z-]{1,64})`)

// rid is what Tencent's support asks for. The rest of errmsg may repeat what we sent, so it is not logged.
func (o *outcome) rid() string {
	if found := ridShape.FindStringSubmatch(o.Message); found != nil {
		return found[1]
	}
	return ""
}

// get asks path with our secret in the query and reads the answer into into. expired is what a code that is used or
// over means to the client.
func (c *Client) get(ctx context.Context, path string, query neturl.Values, into answer, expired *fault.Fault) error {
	query.Set("appid", c.appID)
	query.Set("secret", c.secret)
	return settled(c.call(ctx, http.MethodGet, path, query, nil, into, expired))
}

// call reads the answer whatever content type it claims (jscode2session says text/plain).
func (c *Client) call(ctx context.Context, method, path string, query neturl.Values, body any, into answer, expired *fault.Fault) error {
	target, header, sent := path, http.Header{}, []byte(nil)
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	if body != nil {
		var text bytes.Buffer
		plain := json.NewEncoder(&text)
		plain.SetEscapeHTML(false) // \u0026 is refused there
		if err := plain.Encode(body); err != nil {
			return errors.New("wechat: the request cannot be built")
		}
		header.Set("Content-Type", "application/json")
		sent = text.Bytes()
	}
	got, err := c.server.Call(ctx, method, target, header, sent)
	switch {
	case err != nil:
		return c.busy(path, err.Error())
	case json.Unmarshal(got, into) != nil:
		return c.busy(path, "the answer is no JSON")
	}
	return c.judge(path, into.trouble(), expired)
}

func (c *Client) busy(path, why string) error {
	c.log.Warn("wechat gives no answer", "call", path, "why", why)
	return ErrBusy.Because(errors.New("wechat: " + why))
}

// judge turns an errcode into what we promise to clients.
func (c *Client) judge(path string, o *outcome, expired *fault.Fault) error {
	if o.Code == 0 {
		return nil
	}
	cause := fmt.Errorf("wechat: errcode %d, rid %s", o.Code, o.rid())
	level, err := slog.LevelInfo, error(nil)
	switch o.Code {
	case 40029, 40163: // invalid, used
		err = expired.Because(cause)
	case 40001, 40014, 42001: // the token is not good any more
		err = errTokenOver
	case 40226: // high risk
		level, err = slog.LevelWarn, ErrBlocked.Because(cause)
	case 45011: // this user's quota for the minute
		level, err = slog.LevelWarn, &fault.Error{Fault: ErrBusy, Wait: time.Minute, Cause: cause}
	case -1, 45009: // busy; the day's quota
		level, err = slog.LevelWarn, ErrBusy.Because(cause)
	default: // 40013 appid, 40125 secret, 40164 whitelist, 40243 frozen, 48001 permission: an operator must look
		level, err = slog.LevelError, ErrRefused.Because(cause)
	}
	c.log.Log(context.Background(), level, "wechat refuses", "call", path, "errcode", o.Code, "rid", o.rid())
	return err
}
