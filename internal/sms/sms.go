// Package sms asks the county's SMS gateway to send one-time codes.
//
// The request is a POST of {"id","phone","code","minutes"} as JSON. X-Tongban-Timestamp holds the seconds since 1970, and
// X-Tongban-Signature the hex HMAC-SHA-256 of "TIMESTAMP.BODY" under the shared key. The gateway refuses timestamps that
// are more than five minutes away and ids that it has seen. It answers HTTP 200 with {"ok":true} when it took the message.
package sms

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/outbound"
)

// ErrBusy says that no message went out, as far as we know.
var ErrBusy = fault.New(fault.Unavailable, "sms.busy", "短信现在发不出去，请稍后再试，或到村便民服务站办理")

// The headers of a request.
const (
	TimestampHeader = "X-Tongban-Timestamp"
	SignatureHeader = "X-Tongban-Signature"
)

// ShortestKey in bytes of the key that is shared with the gateway.
const ShortestKey = 32

const patience = 8 * time.Second // within the request's ten seconds

// Client speaks with one gateway.
type Client struct {
	server *outbound.Client
	key    []byte
	clock  *clock.Clock
	log    *slog.Logger
}

// New makes a client for the gateway at url.
func New(url, key string, c *clock.Clock, log *slog.Logger) (*Client, error) {
	if len(key) < ShortestKey {
		return nil, fmt.Errorf("SMS: the key needs %d characters", ShortestKey)
	}
	server, err := outbound.New(url, outbound.Limits{Patience: patience, Most: 64 << 10})
	if err != nil {
		return nil, fmt.Errorf("SMS: %w", err)
	}
	return &Client{server, []byte(key), c, log}, nil
}

// Message is what the gateway gets.
type Message struct {
	ID      string `json:"id"`
	Phone   string `json:"phone"`
	Code    string `json:"code"`
	Minutes int    `json:"minutes"` // how long the code is good
}

// SendCode hands a code over. It is not tried again: the person asks for another one.
func (c *Client) SendCode(ctx context.Context, phone, code string, life time.Duration) error {
	body, err := json.Marshal(Message{rand.Text(), phone, code, int(life / time.Minute)})
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(c.clock.Now().Unix(), 10)
	header := http.Header{"Content-Type": {"application/json"}}
	header.Set(TimestampHeader, stamp)
	header.Set(SignatureHeader, Signature(c.key, stamp, body))
	answer, err := c.server.Call(ctx, http.MethodPost, "", header, body)
	var taken struct {
		OK bool `json:"ok"`
	}
	switch {
	case err != nil:
	case json.Unmarshal(answer, &taken) != nil || !taken.OK:
		err = errors.New("the gateway did not take the message")
	default:
		return nil
	}
	c.log.WarnContext(ctx, "no SMS was sent", "why", err.Error())
	return ErrBusy.Because(err)
}

// Signature is what the header of that name holds.
func Signature(key []byte, stamp string, body []byte) string {
	sum := hmac.New(sha256.New, key)
	sum.Write([]byte(stamp + "."))
	sum.Write(body)
	return hex.EncodeToString(sum.Sum(nil))
}
