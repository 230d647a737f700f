// Package wechat is the thin client of WeChat's server calls (微信开放接口). It keeps nothing.
//
// Neither the secret nor a URL that holds it ever reaches an error or a log.
package wechat

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	neturl "net/url"
	"strings"
	"time"

	"tongban/internal/fault"
)

// Base is the real service.
const Base = "https://api.weixin.qq.com"

const (
	patience = 5 * time.Second
	maxBody  = 64 << 10 // bytes; the longest answer we read is below 1 KB
)

var (
	ErrCodeExpired = fault.New(fault.Unauthenticated, "wechat.code_expired", "微信登录凭证已失效，请重新进入小程序")
	ErrBlocked     = fault.New(fault.Forbidden, "wechat.blocked", "微信提示这个账号有风险，请到村便民服务站办理")
	ErrBusy        = fault.New(fault.Unavailable, "wechat.busy", "微信那边现在没有回应，请稍后再试")
	// ErrRefused means that our own settings are wrong (appid, secret, whitelist): trying again does not help a villager.
	ErrRefused = fault.New(fault.Unavailable, "wechat.refused", "微信登录暂时用不了，请到村便民服务站办理，或稍后再试")
)

// Client speaks for one mini-program. It is safe for many goroutines.
type Client struct {
	base          string // without a slash at the end
	appID, secret string
	http          *http.Client
	log           *slog.Logger
}

// New makes a client for the service at base; empty means the real one. The secret travels in the URL, so base must be
// https, or a stand-in on this machine.
func New(base, appID, secret string, log *slog.Logger) (*Client, error) {
	if base == "" {
		base = Base
	}
	at, err := neturl.Parse(base)
	if err != nil || at.Host == "" || at.User != nil || at.RawQuery != "" || at.Fragment != "" {
		return nil, errors.New("the WeChat address must look like " + Base)
	}
	if at.Scheme != "https" && (at.Scheme != "http" || !loopback(at.Hostname())) {
		return nil, errors.New("the WeChat address must be https, except on this machine")
	}
	if appID == "" || secret == "" {
		return nil, errors.New("WeChat needs an appid and a secret")
	}
	return &Client{
		base: strings.TrimRight(at.String(), "/"), appID: appID, secret: secret, log: log,
		http: &http.Client{
			Timeout: patience,
			// No proxy from the environment, and no redirect: either would hand the secret to somebody else.
			Transport:     &http.Transport{ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: patience},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
