package wechat

import (
	"context"
	"encoding/json"
	"strings"

	"tongban/internal/secret"
)

type phoneAnswer struct {
	outcome
	Info struct {
		Number  string          `json:"purePhoneNumber"`
		Country json.RawMessage `json:"countryCode"` // a string or a number
		Mark    struct {
			AppID string `json:"appid"`
		} `json:"watermark"`
	} `json:"phone_info"`
}

// Phone exchanges the code of the phone button (getPhoneNumber) for the number that WeChat has proven. It is not the code
// of wx.login; it works once and for five minutes.
func (c *Client) Phone(ctx context.Context, code string) (secret.Phone, error) {
	if code == "" || len(code) > longest {
		return secret.Phone{}, ErrPhoneCode
	}
	const path = "/wxa/business/getuserphonenumber"
	var got phoneAnswer
	if err := c.post(ctx, path, map[string]string{"code": code}, &got, ErrPhoneCode); err != nil {
		return secret.Phone{}, err
	}
	info := got.Info
	if info.Mark.AppID != c.appID { // a code of another mini-program proves nothing to ours
		return secret.Phone{}, c.busy(path, "the watermark is another program's")
	}
	if country := strings.TrimPrefix(strings.Trim(string(info.Country), `"`), "+"); country != "86" {
		return secret.Phone{}, ErrForeign
	}
	number, err := secret.ParsePhone(info.Number)
	if err != nil || !number.Mobile() {
		return secret.Phone{}, c.busy(path, "the answer has no mobile number")
	}
	return number, nil
}
