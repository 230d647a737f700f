package account

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"tongban/internal/fault"
)

// forge signs claims like ours after change has had its way with them.
func forge(t *testing.T, d *Desk, good claims, method jwt.SigningMethod, key any, change func(header map[string]any, c jwt.MapClaims)) string {
	t.Helper()
	text, err := json.Marshal(good)
	must(t, err)
	c := jwt.MapClaims{}
	must(t, json.Unmarshal(text, &c))
	token := jwt.NewWithClaims(method, c)
	kid, _ := d.store.Keys().Signing()
	token.Header["kid"], token.Header["typ"] = kid, tokenType
	if change != nil {
		change(token.Header, c)
	}
	signed, err := token.SignedString(key)
	must(t, err)
	return signed
}

func TestForgedTokensAskNothing(t *testing.T) {
	d := open(t)
	tokens := login(t, d, "dispatcher", "pc")
	good, err := d.check(tokens.Access)
	must(t, err)
	_, key := d.store.Keys().Signing()
	public := key.Public().(ed25519.PublicKey)
	_, foreign, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	theirs, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	now := d.now()
	eddsa := jwt.SigningMethodEdDSA
	set := func(name string, value any) func(map[string]any, jwt.MapClaims) {
		return func(_ map[string]any, c jwt.MapClaims) { c[name] = value }
	}
	without := func(name string) func(map[string]any, jwt.MapClaims) {
		return func(_ map[string]any, c jwt.MapClaims) { delete(c, name) }
	}
	header := func(name string, value any) func(map[string]any, jwt.MapClaims) {
		return func(h map[string]any, _ jwt.MapClaims) { h[name] = value }
	}
	part := strings.Split(tokens.Access, ".")
	changed := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(decoded(t, part[1]), good.Subject, good.Session, 1)))
	forged := map[string]string{
		"empty":                "",
		"no token":             "abc",
		"bearer in front":      "Bearer " + tokens.Access,
		"alg none":             forge(t, d, good, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"alg none, signature":  base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"at+jwt","kid":"x"}`)) + "." + part[1] + "." + part[2],
		"HS256, public key":    forge(t, d, good, jwt.SigningMethodHS256, []byte(public), nil),
		"HS256, empty":         forge(t, d, good, jwt.SigningMethodHS256, []byte{}, nil),
		"RS256":                forge(t, d, good, jwt.SigningMethodRS256, theirs, nil),
		"PS256":                forge(t, d, good, jwt.SigningMethodPS256, theirs, nil),
		"says where a key is":  forge(t, d, good, eddsa, foreign, header("jku", "https://evil.example/jwks.json")),
		"our key, and a jku":   forge(t, d, good, eddsa, key, header("jku", "https://evil.example/jwks.json")),
		"foreign key":          forge(t, d, good, eddsa, foreign, nil),
		"unknown kid":          forge(t, d, good, eddsa, key, header("kid", "other")),
		"kid is no text":       forge(t, d, good, eddsa, key, header("kid", 7)),
		"brings a key along":   forge(t, d, good, eddsa, foreign, header("jwk", map[string]any{"kty": "OKP", "x": base64.RawURLEncoding.EncodeToString(public)})),
		"critical extension":   forge(t, d, good, eddsa, key, header("crit", []string{"x"})),
		"plain JWT":            forge(t, d, good, eddsa, key, header("typ", "JWT")),
		"expired":              forge(t, d, good, eddsa, key, set("exp", now.Unix())),
		"expired long ago":     forge(t, d, good, eddsa, key, set("exp", now.Add(-time.Hour).Unix())),
		"no end":               forge(t, d, good, eddsa, key, without("exp")),
		"lives too long":       forge(t, d, good, eddsa, key, set("exp", now.Add(time.Hour).Unix())),
		"from the future":      forge(t, d, good, eddsa, key, set("iat", now.Add(time.Minute).Unix())),
		"no beginning":         forge(t, d, good, eddsa, key, without("iat")),
		"other audience":       forge(t, d, good, eddsa, key, set("aud", "another")),
		"no audience":          forge(t, d, good, eddsa, key, without("aud")),
		"other issuer":         forge(t, d, good, eddsa, key, set("iss", "another")),
		"no issuer":            forge(t, d, good, eddsa, key, without("iss")),
		"nobody":               forge(t, d, good, eddsa, key, without("sub")),
		"no session":           forge(t, d, good, eddsa, key, without("sid")),
		"version is text":      forge(t, d, good, eddsa, key, set("ver", "0")),
		"changed":              part[0] + "." + changed + "." + part[2],
		"signature of another": part[0] + "." + part[1] + "." + strings.Split(login(t, d, "supervisor", "").Access, ".")[2],
		"cut off":              tokens.Access[:len(tokens.Access)-2],
		"oversized":            forge(t, d, good, eddsa, key, set("more", strings.Repeat("x", longestToken))),
		"two in one":           tokens.Access + "." + tokens.Access,
		"refresh token":        tokens.Refresh,
	}
	must(t, d.store.Close()) // whoever asks the database now gets another fault
	for name, token := range forged {
		if _, err := d.Identify(t.Context(), token); fault.Of(err).Fault != ErrToken {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.Identify(t.Context(), tokens.Access); fault.Of(err).Fault != fault.Busy {
		t.Errorf("the good token: %v", err)
	}
}

func decoded(t *testing.T, part string) string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	must(t, err)
	return string(text)
}

func TestSignedButUntrueTokensAreRefused(t *testing.T) {
	d := open(t)
	good, err := d.check(login(t, d, "dispatcher", "pc").Access)
	must(t, err)
	_, key := d.store.Keys().Signing()
	other := login(t, d, "supervisor", "pc")
	for name, change := range map[string]func(jwt.MapClaims){
		"another's name":    func(c jwt.MapClaims) { c["sub"] = other.Person.ID },
		"another's post":    func(c jwt.MapClaims) { c["post"] = other.Post },
		"no post":           func(c jwt.MapClaims) { delete(c, "post") },
		"an unknown log-in": func(c jwt.MapClaims) { c["sid"] = other.Post },
		"another version":   func(c jwt.MapClaims) { c["ver"] = good.Version + 1 },
	} {
		token := forge(t, d, good, jwt.SigningMethodEdDSA, key, func(_ map[string]any, c jwt.MapClaims) { change(c) })
		if _, err := d.Identify(t.Context(), token); fault.Of(err).Fault != ErrToken {
			t.Errorf("%s: %v", name, err)
		}
	}
	mine, err := d.LoginWeChat(t.Context(), WeChatLogin{Code: "code-1"})
	must(t, err)
	resident, err := d.check(mine.Access)
	must(t, err)
	for name, change := range map[string]func(jwt.MapClaims){
		"another resident":  func(c jwt.MapClaims) { c["sub"] = other.Person.ID },
		"a post of another": func(c jwt.MapClaims) { c["sub"], c["post"] = other.Person.ID, other.Post },
	} {
		token := forge(t, d, resident, jwt.SigningMethodEdDSA, key, func(_ map[string]any, c jwt.MapClaims) { change(c) })
		if _, err := d.Identify(t.Context(), token); fault.Of(err).Fault != ErrToken {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A clock that runs a little ahead on another replica shuts nobody out.
	ahead := forge(t, d, good, jwt.SigningMethodEdDSA, key, func(_ map[string]any, c jwt.MapClaims) {
		c["iat"], c["exp"] = d.now().Add(3*time.Second).Unix(), d.now().Add(time.Minute).Unix()
	})
	must(t, errOf(d.Identify(t.Context(), ahead)))
}

func TestRememberedTokenStillExpires(t *testing.T) {
	d := open(t)
	tokens := login(t, d, "dispatcher", "pc")
	who(t, d, tokens)
	pass(d, 15*time.Minute-time.Second)
	who(t, d, tokens)
	pass(d, time.Second)
	want(t, errOf(d.Identify(t.Context(), tokens.Access)), ErrToken)
}

func TestMemoryIsBounded(t *testing.T) {
	r := newRecent[int, int](3)
	for i := range 100 {
		r.put(i, i)
		if got, ok := r.get(i); !ok || got != i {
			t.Fatalf("%d was forgotten at once", i)
		}
		if len(r.all) > 3 {
			t.Fatalf("%d are remembered", len(r.all))
		}
	}
	r.forget()
	if _, ok := r.get(99); ok {
		t.Error("99 is still remembered")
	}
}

func TestKeySetVerifiesOurTokens(t *testing.T) {
	d := open(t)
	tokens := login(t, d, "dispatcher", "pc")
	set := d.JWKS()
	text, err := json.Marshal(set)
	must(t, err)
	if len(set.Keys) == 0 || strings.Contains(string(text), `"d"`) {
		t.Fatalf("the key set is %s", text)
	}
	var c claims
	_, err = jwt.ParseWithClaims(tokens.Access, &c, func(token *jwt.Token) (any, error) {
		for _, k := range set.Keys {
			if k.ID == token.Header["kid"] {
				x, err := base64.RawURLEncoding.DecodeString(k.X)
				return ed25519.PublicKey(x), err
			}
		}
		return nil, jwt.ErrTokenUnverifiable
	}, jwt.WithTimeFunc(d.now))
	if err != nil || c.Subject != tokens.Person.ID {
		t.Errorf("a stranger reads %+v, %v", c, err)
	}
}
