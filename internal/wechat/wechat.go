// Package wechat is the thin client of WeChat's server calls (微信开放接口). All it keeps is the access token, in memory.
//
// Neither the secret, nor the token, nor a URL that holds one of them ever reaches an error or a log.
package wechat

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/outbound"
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
	// ErrPhoneCode is no 401: that would send the client to log in again.
	ErrPhoneCode = fault.New(fault.Invalid, "wechat.phone_code", "手机号授权已失效，请再点一次按钮")
	// ErrForeign refuses numbers to which nobody here could send a message, or call back.
	ErrForeign = fault.New(fault.Invalid, "wechat.phone_foreign", "现在只支持中国大陆的手机号，请到村便民服务站办理")
	// ErrRefused means that our own settings are wrong (appid, secret, whitelist): trying again does not help a villager.
	ErrRefused = fault.New(fault.Unavailable, "wechat.refused", "微信登录暂时用不了，请到村便民服务站办理，或稍后再试")
)

// Client speaks for one mini-program. It is safe for many goroutines.
type Client struct {
	appID, secret string
	server        *outbound.Client
	token         *held
	clock         *clock.Clock
	log           *slog.Logger
}

// New makes a client for the service at base; empty means the real one. The secret travels in the URL, so base must be
// https, or a stand-in on this machine.
func New(base, appID, secret string, c *clock.Clock, log *slog.Logger) (*Client, error) {
	if base == "" {
		base = Base
	}
	server, err := outbound.New(base, outbound.Limits{Patience: patience, Most: maxBody})
	if err != nil {
		return nil, fmt.Errorf("WeChat: %w", err)
	}
	if appID == "" || secret == "" {
		return nil, errors.New("WeChat needs an appid and a secret")
	}
	return &Client{appID: appID, secret: secret, server: server, token: newHeld(), clock: c, log: log}, nil
}
