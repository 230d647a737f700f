package cache

import (
	"log/slog"
	"sync"
	"time"

	"tongban/internal/clock"
)

// rest is how long a Redis that failed is left alone.
const rest = time.Second

// breaker keeps a broken Redis from costing every request its time-out. After a failure nobody asks for a second; then
// one request tries, while the others go on without.
type breaker struct {
	clock  *clock.Clock
	log    *slog.Logger
	mu     sync.Mutex
	broken bool
	since  time.Time // of the last failure, or of the last try
}

// may reports whether Redis may be asked now. Whoever gets true must report.
func (b *breaker) may() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.broken {
		return true
	}
	// A negative time means that the clock was set back: do not rest until it has caught up.
	if passed := b.clock.Since(b.since); passed >= 0 && passed < rest {
		return false
	}
	b.since = b.clock.Now()
	return true
}

func (b *breaker) report(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		if b.broken {
			b.log.Info("redis answers again")
		}
		b.broken = false
		return
	}
	if !b.broken {
		b.log.Warn("redis failed; counting in memory", "error", err)
	}
	b.broken, b.since = true, b.clock.Now()
}
