package cache

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	neturl "net/url"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"tongban/internal/clock"
)

// patience is all that one question to Redis may cost, unless the address says otherwise. With the library's own settings a frozen
// server costs 10 s.
const patience = 200 * time.Millisecond

// The library writes its complaints to standard error beside our JSON log; the breaker reports what matters.
func init() { redis.SetLogger(silence{}) }

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

func openRedis(url string, c *clock.Clock, log *slog.Logger) (*Cache, error) {
	options, prefix, err := readURL(url)
	if err != nil {
		return nil, err
	}
	client := redis.NewClient(options)
	fuse := &breaker{clock: c, log: log}
	words := newSpread(client, prefix, fuse)
	counts := &shared{memory: newMemory(c), redis: redis_rate.NewLimiter(client), within: options.ReadTimeout, fuse: fuse, prefix: prefix, held: newShelf[string, int](perClass)}
	return &Cache{counts, words, func() error { return errors.Join(words.close(), client.Close()) }}, nil
}

// Readable says whether Open understands the address; it asks no server.
func Readable(url string) bool {
	_, _, err := readURL(url)
	return err == nil
}

// readURL never repeats the url in an error: it holds the password.
func readURL(url string) (*redis.Options, string, error) {
	at, err := neturl.Parse(url)
	if err != nil {
		return nil, "", errors.New("the Redis address cannot be read")
	}
	query := at.Query()
	prefix := query.Get("prefix")
	if prefix == "" {
		prefix = "tongban"
	}
	query.Del("prefix")
	at.RawQuery = query.Encode()
	options, err := redis.ParseURL(at.String())
	if err != nil {
		return nil, "", errors.New("the Redis address must look like redis://:password@host:6379/0")
	}
	within := patience
	if options.ReadTimeout > 0 {
		within = options.ReadTimeout
	}
	if within > time.Minute { // the library takes a number without a unit for seconds
		return nil, "", errors.New("the Redis address gives a question more than a minute; its read_timeout may be such as 500ms")
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout, options.PoolTimeout = within, within, within, within
	options.ContextTimeoutEnabled = true
	options.MaxRetries, options.DialerRetries = -1, 1
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return options, prefix, nil
}

// shared counts in Redis for all replicas, and in memory beside it. What this process saw is part of what Redis saw, so
// memory refuses nothing that Redis would allow; but it holds when Redis is flushed, and is warm when Redis is away.
type shared struct {
	memory *memory
	redis  *redis_rate.Limiter
	within time.Duration // one question
	fuse   *breaker
	prefix string

	mu   sync.Mutex
	held *shelf[string, int] // acts that Redis granted ahead, by key
}

func (s *shared) Allow(ctx context.Context, class, who string, rate Rate) (bool, time.Duration) {
	visitor := digestOf(who)
	if ok, wait := s.memory.count(class, visitor, rate, false); !ok {
		return false, wait // somebody who hammers does not cost Redis anything
	}
	ok, wait, err := s.ask(ctx, fmt.Sprintf("%s:%s:%s", s.prefix, class, hex.EncodeToString(visitor[:])), rate)
	switch {
	case err != nil && rate.Strict:
		return s.memory.count(class, visitor, rate.half(), true)
	case err == nil && !ok:
		return false, wait
	}
	return s.memory.count(class, visitor, rate, true)
}

var errResting = errors.New("redis is left alone for a second")

func (s *shared) ask(ctx context.Context, key string, rate Rate) (bool, time.Duration, error) {
	if rate.ahead() > 1 && s.spend(key) {
		return true, 0, nil
	}
	if !s.fuse.may() {
		return false, 0, errResting
	}
	// A caller who hangs up is no fault of Redis: his leaving must not trip the breaker.
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), s.within)
	defer done()
	result, err := s.redis.AllowAtMost(ctx, key, redis_rate.Limit{Rate: rate.Burst, Burst: rate.Burst, Period: rate.Per}, rate.ahead())
	s.fuse.report(err)
	if err != nil {
		return false, 0, err
	}
	if result.Allowed > 1 {
		s.lay(key, result.Allowed-1)
	}
	return result.Allowed > 0, max(0, result.RetryAfter), nil
}

// spend takes one of the acts that were granted ahead.
func (s *shared) spend(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	left, _ := s.held.find(key)
	if left < 1 {
		return false
	}
	s.held.keep(key, left-1)
	return true
}

// lay keeps what was granted ahead for the next ones. Two who asked at once both lay down theirs.
func (s *shared) lay(key string, granted int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left, _ := s.held.find(key)
	s.held.keep(key, left+granted)
}
