package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"tongban/internal/fault"
)

// errCrowded refuses a log-in while too many passwords are being checked: each takes 19 MiB.
var errCrowded = fault.New(fault.TooMany, "login.crowded", "现在登录的人多，请过几秒再试")

// cost of argon2id: OWASP's second choice (19 MiB, two passes, one lane), about 25 ms.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

var ourCost = cost{memory: 19 * 1024, passes: 2, threads: 1}

func costOf(easy bool) cost {
	if easy {
		return cost{memory: 8, passes: 1, threads: 1}
	}
	return ourCost
}

const (
	saltSize = 16
	hashSize = 32
	// longestPassword in bytes: nobody types more, and hashing more would be work for free.
	longestPassword = 1024
	// turn is how long a log-in may wait for one of the slots.
	turn = 500 * time.Millisecond
)

// passwords hashes and checks passwords, as many at once as there are cores.
type passwords struct {
	least int // characters of a new password
	cost  cost
	slots chan struct{}
	dummy string       // checked in place of the password that an unknown user has not
	spent atomic.Int64 // how often the costly work was done
}

func newPasswords(least int, c cost) *passwords {
	p := &passwords{least: least, cost: c, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
	// The hash of nothing anybody knows; made without the work, which only checking it must cost.
	p.dummy = phc(c, random(saltSize), random(hashSize))
	return p
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// enter waits a moment for a slot; leave gives it back.
func (p *passwords) enter(ctx context.Context) (leave func(), err error) {
	wait := time.NewTimer(turn)
	defer wait.Stop()
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots }, nil
	case <-wait.C:
		return nil, errCrowded.After(2 * time.Second)
	case <-ctx.Done():
		return nil, errCrowded.Because(ctx.Err())
	}
}

// hash of a new password, as a PHC string. The caller holds a slot.
func (p *passwords) hash(password string) string {
	p.spent.Add(1)
	salt := random(saltSize)
	return phc(p.cost, salt, derive(password, salt, p.cost, hashSize))
}

// matches checks a password against what is stored; nothing stored costs the same and never matches. The caller holds a slot.
func (p *passwords) matches(stored, password string) bool {
	p.spent.Add(1)
	known := stored != "" && len(password) <= longestPassword
	if !known {
		stored, password = p.dummy, ""
	}
	c, salt, want, err := readPHC(stored)
	if err != nil {
		return false
	}
	same := subtle.ConstantTimeCompare(derive(password, salt, c, len(want)), want) == 1
	return same && known
}

// derive takes the password in NFC: keyboards disagree about how to send é.
func derive(password string, salt []byte, c cost, size int) []byte {
	text := []byte(norm.NFC.String(password))
	return argon2.IDKey(text, salt, c.passes, c.memory, c.threads, uint32(size)) // a hash has 32 bytes
}

// phc writes $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
func phc(c cost, salt, hash []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.threads,
		b.EncodeToString(salt), b.EncodeToString(hash))
}

func readPHC(stored string) (c cost, salt, hash []byte, err error) {
	part := strings.Split(stored, "$")
	if len(part) != 6 || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, fmt.Errorf("account: not a password hash of ours")
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.threads); err != nil {
		return c, nil, nil, err
	}
	if c.memory > 1<<20 || c.passes == 0 || c.passes > 20 || c.threads == 0 {
		return c, nil, nil, fmt.Errorf("account: a password hash of unheard-of cost")
	}
	if salt, err = base64.RawStdEncoding.Strict().DecodeString(part[4]); err != nil {
		return c, nil, nil, err
	}
	hash, err = base64.RawStdEncoding.Strict().DecodeString(part[5])
	if err == nil && len(hash) < 16 {
		err = fmt.Errorf("account: a password hash that is cut off")
	}
	return c, salt, hash, err
}
