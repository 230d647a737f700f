package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
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

// get asks path and reads the answer into into, whatever content type it claims (jscode2session says text/plain).
func (c *Client) get(ctx context.Context, path string, query neturl.Values, into answer) error {
	query.Set("appid", c.appID)
	query.Set("secret", c.secret)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path+"?"+query.Encode(), nil)
	if err != nil {
		return errors.New("wechat: the request cannot be built") // err would hold the URL
	}
	response, err := c.http.Do(request)
	if err != nil {
		return c.busy(path, cause(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return c.busy(path, fmt.Sprintf("status %d", response.StatusCode))
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	switch {
	case err != nil:
		return c.busy(path, cause(err))
	case len(body) > maxBody:
		return c.busy(path, "the answer is too long")
	case json.Unmarshal(body, into) != nil:
		return c.busy(path, "the answer is no JSON")
	}
	return c.judge(path, into.trouble())
}

func (c *Client) busy(path, why string) error {
	c.log.Warn("wechat gives no answer", "call", path, "why", why)
	return ErrBusy.Because(errors.New("wechat: " + why))
}

// judge turns an errcode into what we promise to clients.
func (c *Client) judge(path string, o *outcome) error {
	if o.Code == 0 {
		return nil
	}
	cause := fmt.Errorf("wechat: errcode %d, rid %s", o.Code, o.rid())
	level, err := slog.LevelInfo, error(nil)
	switch o.Code {
	case 40029, 40163: // invalid, used
		err = ErrCodeExpired.Because(cause)
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

// cause names what went wrong without the texts of the HTTP library: they hold the URL, or what the other side sent.
func cause(err error) string {
	var network *net.OpError
	switch timeout := net.Error(nil); {
	case errors.Is(err, context.Canceled):
		return "the caller left"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "time-out"
	case errors.As(err, &network):
		return "no connection: " + network.Op
	}
	return "the answer cannot be read"
}
