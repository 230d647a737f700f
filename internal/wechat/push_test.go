package wechat

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	neturl "net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/clock"
)

const (
	pushToken = "AAAAA"
	pushAppID = "wxba5fad812f8e6fb9"
	// The last letter sets bits that no byte holds.
	pushKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

var pushNow = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

func openPush(t testing.TB) *Push {
	t.Helper()
	p, err := NewPush(pushToken, pushKey, pushAppID, clock.At(pushNow))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wrap encrypts as WeChat does; pad may spoil the padding.
func (p *Push) wrap(message []byte, appID string, pad func([]byte) []byte) string {
	plain := binary.BigEndian.AppendUint32([]byte("0123456789abcdef"), uint32(len(message)))
	plain = pad(slices.Concat(plain, message, []byte(appID)))
	sealed := make([]byte, len(plain))
	cipher.NewCBCEncrypter(p.block, p.iv).CryptBlocks(sealed, plain)
	return base64.StdEncoding.EncodeToString(sealed)
}

func padded(plain []byte) []byte {
	n := pushBlock - len(plain)%pushBlock
	return append(plain, bytes.Repeat([]byte{byte(n)}, n)...)
}

// sign makes the query and the body of a push.
func (p *Push) sign(encrypt, timestamp string) (neturl.Values, []byte) {
	body, _ := json.Marshal(map[string]string{"ToUserName": "gh_97417a04a28d", "Encrypt": encrypt})
	return neturl.Values{
		"timestamp": {timestamp}, "nonce": {"415670741"}, "encrypt_type": {"aes"}, "openid": {"o9AgO5Kd5ggOC-bXrbNODIiE3bGY"},
		"msg_signature": {signature(p.token, timestamp, "415670741", encrypt)},
	}, body
}

const event = `{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1795395600,"MsgType":"event",` +
	`"Event":"subscribe_msg_popup_event","List":[{"TemplateId":"t","SubscribeStatusString":"accept","PopupScene":"0"}]}`

// The signatures are WeChat's own examples.
func TestWeChatsOwnExamples(t *testing.T) {
	for _, c := range [][3]string{
		{"1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"},
		{"1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"},
	} {
		if got := signature(pushToken, c[0], c[1]); got != c[2] {
			t.Errorf("%v: %s", c, got)
		}
	}
}

func TestTheAddressIsChecked(t *testing.T) {
	p := openPush(t)
	p.clock.Set(time.Unix(1714036504, 0))
	good := neturl.Values{"signature": {"f464b24fc39322e44b38aa78f5edd27bd1441696"}, "timestamp": {"1714036504"}, "nonce": {"1514711492"}, "echostr": {"4375120948345356249"}}
	if echo, err := p.Greet(good); err != nil || echo != "4375120948345356249" {
		t.Errorf("%q, %v", echo, err)
	}
	for name, value := range map[string]string{"signature": "f464b24fc39322e44b38aa78f5edd27bd1441697", "timestamp": "1714036505", "nonce": "1514711493"} {
		bad := neturl.Values{}
		for k, v := range good {
			bad[k] = v
		}
		for _, v := range []string{value, ""} {
			bad.Set(name, v)
			if echo, err := p.Greet(bad); !errors.Is(err, ErrPush) || echo != "" {
				t.Errorf("%s %q: %q, %v", name, v, echo, err)
			}
		}
	}
	for age, fresh := range map[time.Duration]bool{pushAge: true, pushAge + time.Second: false, -pushAge: true, -pushAge - time.Second: false} {
		p.clock.Set(time.Unix(1714036504, 0).Add(age))
		if _, err := p.Greet(good); (err == nil) != fresh {
			t.Errorf("%v old: %v", age, err)
		}
	}
}

func TestAPushIsOpened(t *testing.T) {
	p := openPush(t)
	for name, message := range map[string]string{
		"as written": event, "time in quotes": strings.Replace(event, "1795395600", `"1795395600"`, 1),
		"with plain fields of nobody": event, "of 32 bytes less or more": event + " ", "Chinese": strings.Replace(event, `"t"`, `"办件进度"`, 1),
	} {
		query, body := p.sign(p.wrap([]byte(message), pushAppID, padded), "1795395600")
		if name == "with plain fields of nobody" {
			body = append([]byte(`{"FromUserName":"somebody else","Event":"subscribe_msg_sent_event",`), body[1:]...)
		}
		got, err := p.Open(query, body)
		if err != nil || got.Event != "subscribe_msg_popup_event" || got.From != "o9AgO5Kd5ggOC-bXrbNODIiE3bGY" || !got.Sent.Equal(pushNow) || string(got.Body) != message {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	// every length of padding
	for n := range 2 * pushBlock {
		query, body := p.sign(p.wrap([]byte(event+strings.Repeat(" ", n)), pushAppID, padded), "1795395600")
		if _, err := p.Open(query, body); err != nil {
			t.Errorf("%d bytes more: %v", n, err)
		}
	}
}

// Whatever is not WeChat's, not ours, not fresh or not whole gets one answer.
func TestOtherPushesAreRefused(t *testing.T) {
	p := openPush(t)
	good := p.wrap([]byte(event), pushAppID, padded)
	lying := func(length uint32) func([]byte) []byte {
		return func(plain []byte) []byte {
			binary.BigEndian.PutUint32(plain[pushRandom:], length)
			return padded(plain)
		}
	}
	last := func(n byte) func([]byte) []byte {
		return func(plain []byte) []byte {
			plain = padded(plain)
			plain[len(plain)-1] = n
			return plain
		}
	}
	flipped := []byte(good)
	flipped[5] ^= 1
	for name, encrypt := range map[string]string{
		"another appid":        p.wrap([]byte(event), "wx0000000000000000", padded),
		"no appid":             p.wrap([]byte(event), "", padded),
		"a longer appid":       p.wrap([]byte(event), pushAppID+"1", padded),
		"a length too long":    p.wrap([]byte(event), pushAppID, lying(uint32(len(event)+len(pushAppID)+1))),
		"a length beyond all":  p.wrap([]byte(event), pushAppID, lying(1<<32-1)),
		"a length too short":   p.wrap([]byte(event), pushAppID, lying(3)),
		"padding of nothing":   p.wrap([]byte(event), pushAppID, last(0)),
		"padding of 33":        p.wrap([]byte(event), pushAppID, last(33)),
		"padding of 255":       p.wrap([]byte(event), pushAppID, last(255)),
		"uneven padding":       p.wrap([]byte(event), pushAppID, last(1+pushBlock/2)),
		"nothing but padding":  p.wrap(nil, "", func([]byte) []byte { return bytes.Repeat([]byte{pushBlock}, pushBlock) }),
		"half a block":         p.wrap([]byte(event), pushAppID, func(b []byte) []byte { return padded(b)[:pushBlock+aes.BlockSize] }),
		"no base64":            "%%%%",
		"half of it":           good[:len(good)/2],
		"changed":              string(flipped),
		"no JSON in it":        p.wrap([]byte("<xml></xml>"), pushAppID, padded),
		"a list in it":         p.wrap([]byte("[]"), pushAppID, padded),
		"no time":              p.wrap([]byte(`{"Event":"x"}`), pushAppID, padded),
		"a time beyond all":    p.wrap([]byte(`{"CreateTime":253402300800}`), pushAppID, padded),
		"a time before all":    p.wrap([]byte(`{"CreateTime":-1}`), pushAppID, padded),
		"an event without end": p.wrap([]byte(`{"CreateTime":1,"Event":"`+strings.Repeat("x", longestName+1)+`"}`), pushAppID, padded),
	} {
		query, body := p.sign(encrypt, "1795395600") // signed well
		if got, err := p.Open(query, body); !errors.Is(err, ErrPush) || got.Body != nil {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, spoil := range map[string]func(neturl.Values, []byte) []byte{
		"no signature": func(q neturl.Values, b []byte) []byte { q.Del("msg_signature"); return b },
		"the other signature": func(q neturl.Values, b []byte) []byte {
			q.Set("msg_signature", signature(p.token, q.Get("timestamp"), q.Get("nonce")))
			return b
		},
		"in capitals": func(q neturl.Values, b []byte) []byte {
			q.Set("msg_signature", strings.ToUpper(q.Get("msg_signature")))
			return b
		},
		"another nonce":        func(q neturl.Values, b []byte) []byte { q.Set("nonce", "1"); return b },
		"another time":         func(q neturl.Values, b []byte) []byte { q.Set("timestamp", "1795395601"); return b },
		"changed on the way":   func(_ neturl.Values, b []byte) []byte { return bytes.Replace(b, []byte(good[:8]), flipped[:8], 1) },
		"not encrypted at all": func(neturl.Values, []byte) []byte { return []byte(event) },
		"nothing":              func(neturl.Values, []byte) []byte { return nil },
		"too large":            func(_ neturl.Values, b []byte) []byte { return append(b, bytes.Repeat([]byte(" "), MostPush)...) },
	} {
		query, body := p.sign(good, "1795395600")
		if _, err := p.Open(query, spoil(query, body)); !errors.Is(err, ErrPush) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, timestamp := range []string{"1795394999", "1795396201", "x", "", "-1", "99999999999999999999"} {
		if _, err := p.Open(p.sign(good, timestamp)); !errors.Is(err, ErrPush) {
			t.Errorf("at %s: %v", timestamp, err)
		}
	}
	for _, timestamp := range []string{"1795395000", "1795396200"} {
		if _, err := p.Open(p.sign(good, timestamp)); err != nil {
			t.Errorf("at %s: %v", timestamp, err)
		}
	}
}

func TestPushNeedsItsKey(t *testing.T) {
	for _, key := range []string{"", pushKey[1:], pushKey + "A", strings.Repeat("!", 43)} {
		if _, err := NewPush(pushToken, key, pushAppID, clock.System()); err == nil {
			t.Errorf("%q is taken", key)
		}
	}
	if _, err := NewPush("", pushKey, pushAppID, clock.System()); err == nil {
		t.Error("no token is taken")
	}
}

// FuzzPush: whatever is signed and pushed, what opens is exactly one message for our appid; nothing else opens, and nothing breaks.
// The fuzzer writes the plain text behind the cipher and the signature, where it would never come by itself.
func FuzzPush(f *testing.F) {
	p := openPush(f)
	frame := func(message, appID string) []byte {
		plain := binary.BigEndian.AppendUint32([]byte("0123456789abcdef"), uint32(len(message)))
		return padded(slices.Concat(plain, []byte(message), []byte(appID)))
	}
	for _, plain := range [][]byte{nil, frame(event, pushAppID), frame(event, "wx0"), frame("", pushAppID), frame("{}", pushAppID), bytes.Repeat([]byte{32}, 32), make([]byte, 64)} {
		f.Add(plain, []byte(nil))
	}
	f.Add([]byte(nil), []byte(`{"Encrypt":"AAAA"}`))
	f.Add([]byte(nil), []byte(`{"Encrypt":1}`))
	f.Fuzz(func(t *testing.T, plain, raw []byte) {
		if _, err := p.Open(neturl.Values{}, raw); !errors.Is(err, ErrPush) {
			t.Errorf("unsigned: %v", err)
		}
		plain = plain[:len(plain)-len(plain)%aes.BlockSize]
		sealed := bytes.Clone(plain)
		cipher.NewCBCEncrypter(p.block, p.iv).CryptBlocks(sealed, sealed)
		got, err := p.Open(p.sign(base64.StdEncoding.EncodeToString(sealed), "1795395600"))
		if err != nil {
			if !errors.Is(err, ErrPush) {
				t.Errorf("%q: %v", plain, err)
			}
			return
		}
		if again := frame(string(got.Body), pushAppID); len(again) != len(plain) || !bytes.Equal(again[pushRandom:], plain[pushRandom:]) {
			t.Errorf("%q opened as %q", plain, got.Body)
		}
	})
}
