package api

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

const keyHeader = "Idempotency-Key"

var (
	errKeyMissing = fault.New(fault.Malformed, "idempotency.missing", "缺少提交编号（Idempotency-Key）")
	errKeyShape   = fault.New(fault.Malformed, "idempotency.malformed", "提交编号（Idempotency-Key）不正确")

	keyShape  = regexp.MustCompile(`^[\x21-\x7e]{8,64}$`)
	uuidShape = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
)

// claimOf reads the Idempotency-Key; the hash follows when the body is in. A key belongs to the person, and its content to
// the post in which he sent it: another post never gets the answer of this one. Without
// login it belongs to the operation, so it must be a UUID that nobody guesses, and only the very same content ever gets the
// stored answer.
func claimOf(c *gin.Context, r *Route, actor access.Actor) (*store.Claim, error) {
	given := c.Request.Header.Values(keyHeader)
	if len(given) == 0 {
		return nil, errKeyMissing
	}
	key := given[0]
	if len(given) > 1 || !keyShape.MatchString(key) {
		return nil, errKeyShape
	}
	caller := actor.Person
	if !actor.Signed() {
		caller = "open:" + r.Name
		key = strings.ToLower(key)
		if !uuidShape.MatchString(key) || strings.Trim(key, "0-") == "" {
			return nil, errKeyShape.With("未登录时应为 UUID")
		}
	}
	return &store.Claim{Caller: caller, Key: key, Operation: r.Name, Keep: r.Keep}, nil
}

// hashOf puts each part's length before it, so that no two lists of parts look alike.
func hashOf(parts ...[]byte) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil))
}
