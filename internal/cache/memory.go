package cache

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"tongban/internal/clock"
)

// perClass bounds the visitors remembered in one class: about 4 MB. Each class has its own shelf, so that a flood of
// page readers cannot push out who tried passwords.
const perClass = 1 << 15

// digest stands for a visitor: of fixed length, whatever a stranger sends, and no plain address.
type digest [16]byte

func digestOf(who string) digest {
	sum := sha256.Sum256([]byte(who))
	return digest(sum[:16])
}

// memory counts in this process by GCRA: per visitor it keeps one moment, when all that he used will be given back.
type memory struct {
	clock   *clock.Clock
	mu      sync.Mutex
	classes map[string]*shelf[digest, time.Time]
}

func newMemory(c *clock.Clock) *memory {
	return &memory{clock: c, classes: map[string]*shelf[digest, time.Time]{}}
}

func (m *memory) Allow(_ context.Context, class, who string, rate Rate) (bool, time.Duration) {
	return m.count(class, digestOf(who), rate, true)
}

// count reports whether one more act is allowed, and takes it down if asked to.
func (m *memory) count(class string, who digest, rate Rate, take bool) (bool, time.Duration) {
	rate.check()
	m.mu.Lock()
	defer m.mu.Unlock()
	visitors := m.classes[class]
	if visitors == nil {
		visitors = newShelf[digest, time.Time](perClass)
		m.classes[class] = visitors
	}
	now := m.clock.Now()
	back, _ := visitors.find(who)
	// The second case is a clock that was set back: nobody is locked out until the old time comes again.
	if back.Before(now) || back.Sub(now) > rate.Per {
		back = now
	}
	back = back.Add(rate.Per / time.Duration(rate.Burst))
	if wait := back.Sub(now) - rate.Per; wait > 0 {
		return false, wait
	}
	if take {
		visitors.keep(who, back)
	}
	return true, 0
}
