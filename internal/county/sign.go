package county

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tongban/internal/fault"
)

// The headers of a signed message.
const (
	KeyHeader       = "X-Tongban-Key"       // id of the key
	TimestampHeader = "X-Tongban-Timestamp" // seconds since 1970
	NonceHeader     = "X-Tongban-Nonce"     // never used before
	SignatureHeader = "X-Tongban-Signature" // hex HMAC-SHA-256
)

const (
	// Window is how far a timestamp may be away from our clock.
	Window = 300 * time.Second
	// nonceLife is how long a nonce is remembered: a timestamp may be Window ahead, and is good until Window behind.
	nonceLife = 2 * Window
	// ShortestKey in characters of the secret that is shared with the platform.
	ShortestKey = 32
)

// The faults of a message that proves nothing.
var (
	// ErrSignature: unsigned, signed with another key, or changed on its way.
	ErrSignature = fault.New(fault.Unauthenticated, "county.signature", "签名不对，没有接收")
	// ErrStale: rightly signed, but not now.
	ErrStale = fault.New(fault.Unauthenticated, "county.stale", "时间戳和本系统的时间相差太多，没有接收，请校准时钟后重新签名")
	// ErrReplayed: this very message came before. A repetition is signed anew, with a nonce of its own.
	ErrReplayed = fault.New(fault.Conflict, "county.replayed", "这个随机数用过了，重发时请换一个并重新签名")
)

// Key is one secret shared with the platform. The secret is behind a function because fmt prints fields, and looks into no function.
type Key struct {
	ID     string
	secret func() []byte
}

// Keys are those in force: the first signs, all verify, so that either side can change to a new one first.
type Keys []Key

var (
	keyID      = regexp.MustCompile(`^[A-Za-z0-9_-]{1,16}$`)
	nonceShape = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)
	stampShape = regexp.MustCompile(`^[0-9]{1,11}$`)
)

// ParseKeys reads ID:SECRET, or two of them with a comma between. The error quotes nothing.
func ParseKeys(text string) (Keys, error) {
	var keys Keys
	for part := range strings.SplitSeq(text, ",") {
		id, secret, _ := strings.Cut(strings.TrimSpace(part), ":")
		switch {
		case !keyID.MatchString(id) || len(secret) < ShortestKey:
			return nil, fmt.Errorf("ID:SECRET, the secret with at least %d characters, or two of them with a comma between", ShortestKey)
		case len(keys) == 1 && (keys[0].ID == id || string(keys[0].secret()) == secret):
			return nil, errors.New("two keys that differ in id and secret")
		case len(keys) == 2:
			return nil, errors.New("at most two keys: the new one and the one before")
		}
		keys = append(keys, Key{id, func() []byte { return []byte(secret) }})
	}
	return keys, nil
}

// Message is what is signed: the method, the target of the request line (path, and query if there is one), and the body.
type Message struct {
	Method, Target string
	Body           []byte
}

// Signature is the hex HMAC-SHA-256 of TIMESTAMP.NONCE.METHOD.TARGET.SHA256(BODY) under the key.
func (k Key) Signature(timestamp, nonce string, m Message) string {
	body := sha256.Sum256(m.Body)
	sum := hmac.New(sha256.New, k.secret())
	sum.Write([]byte(strings.Join([]string{timestamp, nonce, m.Method, m.Target, hex.EncodeToString(body[:])}, ".")))
	return hex.EncodeToString(sum.Sum(nil))
}

// Sign gives the headers that prove the message, with a fresh nonce.
func (ks Keys) Sign(now time.Time, m Message) http.Header {
	timestamp, nonce := strconv.FormatInt(now.Unix(), 10), rand.Text()
	header := http.Header{}
	header.Set(KeyHeader, ks[0].ID)
	header.Set(TimestampHeader, timestamp)
	header.Set(NonceHeader, nonce)
	header.Set(SignatureHeader, ks[0].Signature(timestamp, nonce, m))
	return header
}

// Stamp is when a message was signed, and its nonce.
type Stamp struct {
	At    time.Time
	Nonce string
}

// Verify answers the stamp of a message that is rightly signed. Whether it is of now, and new, is asked next: the time only of
// who holds a key, and the nonce only of the database.
func (ks Keys) Verify(header http.Header, m Message) (Stamp, error) {
	var values [4]string
	for i, name := range []string{KeyHeader, TimestampHeader, NonceHeader, SignatureHeader} {
		given := header.Values(name)
		if len(given) != 1 { // two readers of two values could read two things
			return Stamp{}, ErrSignature
		}
		values[i] = given[0]
	}
	id, timestamp, nonce, signature := values[0], values[1], values[2], values[3]
	if !stampShape.MatchString(timestamp) || !nonceShape.MatchString(nonce) {
		return Stamp{}, ErrSignature
	}
	for _, k := range ks {
		if k.ID == id && hmac.Equal([]byte(k.Signature(timestamp, nonce, m)), []byte(signature)) {
			seconds, err := strconv.ParseInt(timestamp, 10, 64)
			return Stamp{time.Unix(seconds, 0).UTC(), nonce}, err
		}
	}
	return Stamp{}, ErrSignature
}

// Fresh answers ErrStale unless the message was signed within Window of now.
func (s Stamp) Fresh(now time.Time) error {
	if away := now.Unix() - s.At.Unix(); away > int64(Window/time.Second) || -away > int64(Window/time.Second) {
		return ErrStale
	}
	return nil
}
