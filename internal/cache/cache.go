// Package cache holds what may be forgotten: how often somebody came lately, and the word that something changed.
//
// With one program it lives in memory, with several in Redis. Redis is only a help: absent, frozen, flushed, full or
// read-only, nobody sees an error. Nothing here is the only copy of anything.
package cache

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"tongban/internal/clock"
)

// Rate allows Burst acts at once and, when those are used up, one more after each Per/Burst.
type Rate struct {
	Burst int
	Per   time.Duration
	// Strict marks guesses at a secret (log-in, tracking): when replicas cannot count together, each allows only half.
	Strict bool
}

// ahead is how many acts of a generous rate, such as a whole village's, a replica asks for at once: one word with Redis
// for all of them. The others miss what it keeps at most.
func (r Rate) ahead() int { return max(1, r.Burst/200) }

func (r Rate) half() Rate {
	r.Burst = max(1, r.Burst/2)
	return r
}

// check panics, because a rate is written in code: a zero one would let everybody or nobody in.
func (r Rate) check() {
	if r.Burst < 1 || r.Per < time.Duration(r.Burst) {
		panic(fmt.Sprintf("cache: %+v is no rate", r))
	}
}

// Limiter counts acts.
type Limiter interface {
	// Allow counts one act of who (an address, a person, a village) in the class and reports whether it may go on,
	// or how long to wait. Classes are few and named in code; who may be anything a stranger sends.
	Allow(ctx context.Context, class, who string, rate Rate) (ok bool, wait time.Duration)
}

// Broadcast tells all replicas that what a topic names has changed. It may lose a word when Redis is away, so
// whoever must know also looks for himself now and then.
type Broadcast interface {
	// Publish says that the topic changed. It waits for nobody.
	Publish(ctx context.Context, topic string)
	// Subscribe calls fn, one call at a time in a goroutine of its own, after each change until ctx ends. Changes during
	// a call become one further call; after a broken line fn is called once, to be sure.
	Subscribe(ctx context.Context, topic string, fn func(context.Context))
}

// Cache is both.
type Cache struct {
	Limiter
	Broadcast
	close func() error
}

// Close ends all subscriptions and waits for calls that are under way.
func (c *Cache) Close() error { return c.close() }

// Open opens the Redis at url (redis:// or rediss://), or memory when url is empty. The url may carry ?prefix=…, which
// every key and channel then begins with, and ?read_timeout=1s for what a question to a far Redis may cost. A Redis that
// does not answer is no error: it is asked again every second.
func Open(url string, c *clock.Clock, log *slog.Logger) (*Cache, error) {
	if url == "" {
		words := newLocal()
		return &Cache{newMemory(c), words, words.close}, nil
	}
	return openRedis(url, c, log)
}
