package wechat

import (
	"context"
	neturl "net/url"
)

// session leaves out session_key: it is dropped while decoding and exists nowhere in the program.
type session struct {
	outcome
	OpenID  string `json:"openid"`
	UnionID string `json:"unionid"`
}

// longest is more than any code of wx.login has.
const longest = 256

// CodeToSession exchanges the code of wx.login for the user's openid in this mini-program, and the unionid (empty unless
// the program is bound to an Open Platform account). A code works once and lives five minutes: after any error the
// client gets a new one, so nothing is tried twice here.
func (c *Client) CodeToSession(ctx context.Context, code string) (openID, unionID string, err error) {
	if code == "" || len(code) > longest {
		return "", "", ErrCodeExpired
	}
	const path = "/sns/jscode2session"
	var s session
	query := neturl.Values{"js_code": {code}, "grant_type": {"authorization_code"}}
	if err := c.get(ctx, path, query, &s, ErrCodeExpired); err != nil {
		return "", "", err
	}
	if s.OpenID == "" {
		return "", "", c.busy(path, "the answer has no openid")
	}
	return s.OpenID, s.UnionID, nil
}
