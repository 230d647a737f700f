package account

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
)

// ErrToken is the one answer to a token that is forged, expired, foreign, or whose session has ended.
var ErrToken = fault.New(fault.Unauthenticated, "token.bad", "登录已失效，请重新登录")

// ErrOver is why a token that we gave is bad now: its time, its session or its post has ended. Nobody guesses with one.
var ErrOver = errors.New("account: a token of ours that is over")

const (
	accessLife = 15 * time.Minute
	audience   = "tongban-api"
	algorithm  = "EdDSA"
	tokenType  = "at+jwt" // RFC 9068: no other kind of JWT signed with our key is taken for an access token
	// longestToken in bytes; ours have about 500.
	longestToken = 2048
	// skew is how far the clock of another replica may run ahead.
	skew = 5 * time.Second
)

// TokenLife is how long after its last signature a signing key is still needed.
const TokenLife = accessLife + skew

// claims of an access token. The rights are not in it: they are read fresh from the session, the person and the post.
type claims struct {
	jwt.RegisteredClaims
	Session string `json:"sid"`
	Version int    `json:"ver"`
	Post    string `json:"post,omitempty"`

	kid string // of the header
}

type tokenKey [sha256.Size]byte

// Tokens are the answer to a log-in.
type Tokens struct {
	Access    string
	Refresh   string // empty when only the post was switched
	ExpiresIn time.Duration
	Person    Self
	Posts     []Post // held today
	Post      string // id of the one that is acted in; empty for a resident
	As        string // of a log-in by WeChat: AsResident or AsStaff
	Both      bool   // of a log-in by WeChat: this WeChat may log in as either
}

// Self is how somebody is greeted.
type Self struct {
	ID   string
	Name string // empty for a resident who has not told it
}

// tokens signs an access token for the session. The same arguments give the same bytes: Ed25519 needs no randomness.
func (d *Desk) tokens(p personRow, s sessionRow, held []Post, at time.Time) (Tokens, error) {
	name, err := plainName(d.store.Keys(), unrecorded{}, p, "本人")
	if err != nil {
		return Tokens{}, err
	}
	expires := at.Add(accessLife)
	if s.EndsAt.Before(expires) {
		expires = s.EndsAt
	}
	kid, key := d.store.Keys().Signing()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: d.issuer, Subject: p.ID, Audience: jwt.ClaimStrings{audience},
			IssuedAt: jwt.NewNumericDate(at), ExpiresAt: jwt.NewNumericDate(expires),
		},
		Session: s.ID, Version: s.Ver, Post: s.Post,
	})
	token.Header["kid"], token.Header["typ"] = kid, tokenType
	signed, err := token.SignedString(key)
	if err != nil {
		return Tokens{}, err
	}
	return Tokens{Access: signed, ExpiresIn: expires.Sub(at), Person: Self{p.ID, name}, Posts: held, Post: s.Post}, nil
}

func newParser(issuer string, c *clock.Clock) *jwt.Parser {
	return jwt.NewParser(
		jwt.WithValidMethods([]string{algorithm}),
		jwt.WithStrictDecoding(),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(c.Now),
		jwt.WithLeeway(math.MaxInt64), // check looks at the end itself, each time
	)
}

// check is what a token of ours says. Each token's signature is checked once; its end is looked at each time.
func (d *Desk) check(token string) (claims, error) {
	if token == "" || len(token) > longestToken {
		return claims{}, ErrToken
	}
	key := tokenKey(sha256.Sum256([]byte(token)))
	c, seen := d.checked.get(key)
	if !seen {
		parsed, err := d.parser.ParseWithClaims(token, &c, verifying(d.store.Keys()))
		if err != nil {
			return claims{}, ErrToken.Because(err)
		}
		c.kid, _ = parsed.Header["kid"].(string)
		if c.IssuedAt == nil || c.Subject == "" || c.Session == "" || c.ExpiresAt.Sub(c.IssuedAt.Time) > accessLife {
			return claims{}, ErrToken
		}
		d.checked.put(key, c)
	} else if _, held := d.store.Keys().Verifier(c.kid); !held {
		return claims{}, ErrToken // its key was retired since
	}
	now := d.now()
	switch {
	case c.IssuedAt.After(now.Add(skew)):
		return claims{}, ErrToken
	case !now.Before(c.ExpiresAt.Time):
		return claims{}, ErrToken.Because(ErrOver)
	}
	return c, nil
}

// verifying finds the public key. The header must be exactly as we write it: keys that a token brings along (jwk, jku, x5u)
// and extensions (crit) have no place in it.
func verifying(keys *secret.Keys) jwt.Keyfunc {
	return func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		if len(t.Header) != 3 || t.Header["typ"] != tokenType {
			return nil, errors.New("not an access token of ours")
		}
		key, held := keys.Verifier(kid)
		if !held {
			return nil, errors.New("signed with a key that is not held")
		}
		return key, nil
	}
}

// KeySet is the JWK set (RFC 7517, RFC 8037) by which others verify our tokens.
type KeySet struct {
	Keys []Key `json:"keys"`
}

// Key is one public key of it.
type Key struct {
	Type      string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
}

// JWKS is the document at /.well-known/jwks.json.
func (d *Desk) JWKS() KeySet {
	public := d.store.Keys().Verifying()
	set := KeySet{Keys: []Key{}}
	for _, kid := range slices.Sorted(maps.Keys(public)) {
		set.Keys = append(set.Keys, Key{"OKP", "Ed25519", base64.RawURLEncoding.EncodeToString(public[kid]), kid, "sig", algorithm})
	}
	return set
}
