package county_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"tongban/internal/county"
	"tongban/internal/store/storetest"
)

func TestSignatureCoversEverything(t *testing.T) {
	keys := keysOf(t, "new", "old")
	now := storetest.Monday
	m := county.Message{Method: "POST", Target: "/api/v1/county/callbacks?a=1", Body: []byte(`{"a":1}`)}
	good := keys.Sign(now, m)
	if stamp, err := keys.Verify(good, m); err != nil || !stamp.At.Equal(now) || stamp.Fresh(now) != nil {
		t.Fatalf("%+v, %v", stamp, err)
	}
	for name, spoil := range map[string]func(http.Header, *county.Message){
		"another method": func(_ http.Header, m *county.Message) { m.Method = "GET" },
		"another path":   func(_ http.Header, m *county.Message) { m.Target = "/api/v1/county/other?a=1" },
		"another query":  func(_ http.Header, m *county.Message) { m.Target = "/api/v1/county/callbacks?a=2" },
		"another body":   func(_ http.Header, m *county.Message) { m.Body = []byte(`{"a":2}`) },
		"no body":        func(_ http.Header, m *county.Message) { m.Body = nil },
		"another time": func(h http.Header, _ *county.Message) {
			h.Set(county.TimestampHeader, strconv.FormatInt(now.Unix()+1, 10))
		},
		"the time with a sign": func(h http.Header, _ *county.Message) {
			h.Set(county.TimestampHeader, "+"+h.Get(county.TimestampHeader))
		},
		"another nonce":           func(h http.Header, _ *county.Message) { h.Set(county.NonceHeader, strings.Repeat("n", 26)) },
		"a nonce of another kind": func(h http.Header, _ *county.Message) { h.Set(county.NonceHeader, "short") },
		"an unknown key":          func(h http.Header, _ *county.Message) { h.Set(county.KeyHeader, "k9") },
		"the other key":           func(h http.Header, _ *county.Message) { h.Set(county.KeyHeader, "old") },
		"unsigned":                func(h http.Header, _ *county.Message) { h.Del(county.SignatureHeader) },
		"an empty signature":      func(h http.Header, _ *county.Message) { h.Set(county.SignatureHeader, "") },
		"half a signature": func(h http.Header, _ *county.Message) {
			h.Set(county.SignatureHeader, h.Get(county.SignatureHeader)[:32])
		},
		"in capitals": func(h http.Header, _ *county.Message) {
			h.Set(county.SignatureHeader, strings.ToUpper(h.Get(county.SignatureHeader)))
		},
		"two nonces": func(h http.Header, _ *county.Message) { h.Add(county.NonceHeader, h.Get(county.NonceHeader)) },
	} {
		header, changed := good.Clone(), m
		spoil(header, &changed)
		if _, err := keys.Verify(header, changed); !errors.Is(err, county.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSignatureByHand: whoever builds a platform can check himself against this.
func TestSignatureByHand(t *testing.T) {
	keys, err := county.ParseKeys("k1:0123456789abcdef0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	m := county.Message{Method: "POST", Target: "/api/v1/county/callbacks", Body: []byte(`{}`)}
	// printf %s '1795395600.ABCDEFGHIJKLMNOP.POST./api/v1/county/callbacks.'$(printf %s '{}' | sha256sum | cut -d' ' -f1) |
	//   openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
	const want = "b2f1611240ac7dbd6d20b451776fe3d5fb8fe06f22da8c18b0bde9f1955bd804"
	if got := keys[0].Signature("1795395600", "ABCDEFGHIJKLMNOP", m); got != want {
		t.Errorf("%s", got)
	}
}

func TestFreshIsFiveMinutesEitherWay(t *testing.T) {
	for away, good := range map[time.Duration]bool{
		0: true, county.Window: true, -county.Window: true, county.Window + time.Second: false, -county.Window - time.Second: false, 24 * time.Hour: false,
	} {
		err := county.Stamp{At: storetest.Monday.Add(away)}.Fresh(storetest.Monday)
		if (err == nil) != good || err != nil && !errors.Is(err, county.ErrStale) {
			t.Errorf("%v away: %v", away, err)
		}
	}
}

// TestKeysAreChangedOneSideFirst: whichever side gets the new key first, the two understand each other all the time.
func TestKeysAreChangedOneSideFirst(t *testing.T) {
	m := county.Message{Method: "POST", Target: "/x", Body: []byte("b")}
	steps := []string{"old", "old,new", "new,old", "new"}
	for i, ours := range steps {
		for j, theirs := range steps {
			_, err := keysOf(t, strings.Split(theirs, ",")...).Verify(keysOf(t, strings.Split(ours, ",")...).Sign(storetest.Monday, m), m)
			if apart := max(i-j, j-i); apart <= 1 && err != nil {
				t.Errorf("we have %s, they have %s: %v", ours, theirs, err)
			}
		}
	}
}

func TestKeysAreRead(t *testing.T) {
	long := strings.Repeat("s", county.ShortestKey)
	for text, good := range map[string]bool{
		"k1:" + long: true, "k2:" + long + "x, k1:" + long: true, "": false, long: false, "k1:" + long[1:]: false, "k 1:" + long: false, ":" + long: false,
		"k1:" + long + ",k1:" + long + "x": false, "k1:" + long + ",k2:" + long: false, "a:" + long + "1,b:" + long + "2,c:" + long + "3": false,
	} {
		keys, err := county.ParseKeys(text)
		if (err == nil) != good || err != nil && strings.Contains(err.Error(), "sss") {
			t.Errorf("%q: %v", text, err)
		}
		if printed := fmt.Sprintf("%v %+v %#v", keys, keys, keys); strings.Contains(printed, "sss") {
			t.Errorf("the secret is printed: %s", printed)
		}
	}
}

func TestPrivateValuesShowStars(t *testing.T) {
	s := struct {
		p  county.Party
		ps *county.Party
	}{p: county.Party{Name: county.Revealed("王桂兰"), IDNumber: county.Revealed("110101190001010015")}}
	s.ps = &s.p
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if text := fmt.Sprintf(verb, s) + fmt.Sprintf(verb, s.p) + fmt.Sprintf(verb, s.ps); strings.Contains(text, "王") || strings.Contains(text, "19000101") || strings.Contains(text, "e78e8b") {
			t.Errorf("%s shows %s", verb, text)
		}
	}
}
