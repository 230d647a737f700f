package wechat

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1" // WeChat's protocol
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	neturl "net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/clock"
	"tongban/internal/fault"
)

// Message push (消息推送, JSON in 安全模式): WeChat calls us when something happens, such as a villager who agrees to be
// told of news. The order is signature, age, cipher, appid: nothing unsigned is decrypted.

// ErrPush is the one answer to a push that is not WeChat's, or not for us, or not fresh. Why stands in the log only.
var ErrPush = fault.New(fault.Forbidden, "wechat.push_refused", "消息推送没有通过核对")

const (
	// pushAge is how far the timestamp may be from now: longer than WeChat's three repetitions take.
	pushAge = 10 * time.Minute
	// MostPush in bytes of a push's body.
	MostPush = 64 << 10

	pushBlock  = 32 // of the padding: PKCS7, but with two blocks of AES
	pushRandom = 16
	pushLength = 4
)

// Push opens what WeChat pushes to one mini-program. It is safe for many goroutines.
type Push struct {
	token, appID string
	iv           []byte
	block        cipher.Block
	clock        *clock.Clock
}

// NewPush takes the token and the EncodingAESKey that were entered at WeChat's console.
func NewPush(token, aesKey, appID string, c *clock.Clock) (*Push, error) {
	// Its last two bits may be set, so it is not decoded strictly.
	key, err := base64.StdEncoding.DecodeString(aesKey + "=")
	if err != nil || len(key) != 32 || len(aesKey) != 43 {
		return nil, errors.New("WeChat's EncodingAESKey has 43 letters and digits")
	}
	if token == "" || appID == "" {
		return nil, errors.New("WeChat's message push needs a token and an appid")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return &Push{token, appID, key[:aes.BlockSize], block, c}, nil
}

// Pushed is one message, checked and opened.
type Pushed struct {
	Event   string // such as subscribe_msg_popup_event; empty for a message of another kind
	From    string // openid
	Sent    time.Time
	TraceID string // of an event that has one
	Body    []byte // the message as WeChat wrote it
}

// Greet answers the echostr of the call by which WeChat's console checks the address.
func (p *Push) Greet(query neturl.Values) (string, error) {
	if err := p.signed(query, "signature"); err != nil {
		return "", err
	}
	return query.Get("echostr"), nil
}

// Open checks and opens a push. The body is read for Encrypt alone: in the compatible mode it also holds everything in plain,
// which nobody signed.
func (p *Push) Open(query neturl.Values, body []byte) (Pushed, error) {
	var sent struct{ Encrypt string }
	if len(body) > MostPush || json.Unmarshal(body, &sent) != nil || sent.Encrypt == "" {
		return Pushed{}, refusedPush("the body holds no Encrypt")
	}
	if err := p.signed(query, "msg_signature", sent.Encrypt); err != nil {
		return Pushed{}, err
	}
	message, err := p.decrypt(sent.Encrypt)
	if err != nil {
		return Pushed{}, err
	}
	return readPushed(message)
}

// signed demands that the parameter is the sha1 of token, timestamp, nonce and more, sorted and joined, and that it is fresh.
func (p *Push) signed(query neturl.Values, parameter string, more ...string) error {
	timestamp := query.Get("timestamp")
	expected := signature(append([]string{p.token, timestamp, query.Get("nonce")}, more...)...)
	if subtle.ConstantTimeCompare([]byte(query.Get(parameter)), []byte(expected)) != 1 {
		return refusedPush("the signature is wrong")
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || seconds < 0 || seconds > lastSecond {
		return refusedPush("the timestamp is none")
	}
	if age := p.clock.Since(time.Unix(seconds, 0)); age > pushAge || age < -pushAge {
		return refusedPush("the timestamp is too far away")
	}
	return nil
}

// lastSecond of the year 9999, which the databases still know.
const lastSecond = 253402300799

func signature(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) // WeChat's protocol
	return hex.EncodeToString(sum[:])
}

// decrypt answers the message in 16 random bytes, its length in four, itself and the appid, padded to blocks of 32.
func (p *Push) decrypt(encrypted string) ([]byte, error) {
	plain, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil || len(plain) == 0 || len(plain)%pushBlock != 0 {
		return nil, refusedPush("the cipher text is none")
	}
	cipher.NewCBCDecrypter(p.block, p.iv).CryptBlocks(plain, plain)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > pushBlock || !bytes.Equal(plain[len(plain)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, refusedPush("the padding is wrong")
	}
	plain = plain[:len(plain)-pad]
	if len(plain) < pushRandom+pushLength {
		return nil, refusedPush("the message is cut off")
	}
	length := binary.BigEndian.Uint32(plain[pushRandom:])
	rest := plain[pushRandom+pushLength:]
	if uint64(length) > uint64(len(rest)) {
		return nil, refusedPush("the message is cut off")
	}
	if subtle.ConstantTimeCompare(rest[length:], []byte(p.appID)) != 1 {
		return nil, refusedPush("it is for another appid")
	}
	return rest[:length], nil
}

func readPushed(message []byte) (Pushed, error) {
	var m struct {
		From    string      `json:"FromUserName"`
		Sent    json.Number `json:"CreateTime"` // written with or without quotes
		Event   string
		TraceID string `json:"trace_id"`
	}
	if err := json.Unmarshal(message, &m); err != nil {
		return Pushed{}, refusedPush("the message cannot be read")
	}
	seconds, err := m.Sent.Int64()
	if err != nil || seconds < 0 || seconds > lastSecond || len(m.From) > longestName || len(m.Event) > longestName || len(m.TraceID) > longestName {
		return Pushed{}, refusedPush("the message cannot be read")
	}
	return Pushed{Event: m.Event, From: m.From, Sent: time.Unix(seconds, 0).UTC(), TraceID: m.TraceID, Body: message}, nil
}

// longestName in bytes of what names somebody or something; theirs have about thirty.
const longestName = 64

func refusedPush(why string) error { return ErrPush.Because(errors.New("wechat push: " + why)) }
