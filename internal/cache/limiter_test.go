package cache_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"pgregory.net/rapid"

	"tongban/internal/cache"
	"tongban/internal/cache/cachetest"
	"tongban/internal/clock"
)

var (
	morning = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	sixAMin = cache.Rate{Burst: 6, Per: time.Minute}
	guesses = cache.Rate{Burst: 6, Per: time.Minute, Strict: true}
)

// allowed counts how many of n acts at once go through.
func allowed(t *testing.T, c cache.Limiter, n int, who string, rate cache.Rate) (ok int) {
	t.Helper()
	for range n {
		if yes, _ := c.Allow(t.Context(), "login", who, rate); yes {
			ok++
		}
	}
	return ok
}

func TestMemoryAllowsBurstThenOneByOne(t *testing.T) {
	c := clock.At(morning)
	limit := cachetest.Open(t, "", c)
	if got := allowed(t, limit, 20, "a", sixAMin); got != 6 {
		t.Fatalf("%d of 20 at once, want 6", got)
	}
	if _, wait := limit.Allow(t.Context(), "login", "a", sixAMin); wait != 10*time.Second {
		t.Fatalf("wait %v, want 10s", wait)
	}
	if got := allowed(t, limit, 20, "b", sixAMin); got != 6 {
		t.Fatalf("another visitor got %d, want 6", got)
	}
	if ok, _ := limit.Allow(t.Context(), "track", "a", sixAMin); !ok {
		t.Fatal("another class must count by itself")
	}
	c.Advance(10*time.Second - time.Millisecond)
	if got := allowed(t, limit, 1, "a", sixAMin); got != 0 {
		t.Fatal("too early")
	}
	c.Advance(time.Millisecond)
	if got := allowed(t, limit, 5, "a", sixAMin); got != 1 {
		t.Fatalf("%d after ten seconds, want 1", got)
	}
	c.Advance(time.Hour)
	if got := allowed(t, limit, 20, "a", sixAMin); got != 6 {
		t.Fatalf("%d after an hour, want 6", got)
	}
}

func TestClockSetBackLocksNobodyOut(t *testing.T) {
	c := clock.At(morning)
	limit := cachetest.Open(t, "", c)
	allowed(t, limit, 20, "a", sixAMin)
	c.Set(morning.AddDate(0, 0, -30))
	if got := allowed(t, limit, 20, "a", sixAMin); got != 6 {
		t.Fatalf("%d, want 6", got)
	}
}

// However the acts fall, no window of Per sees more than twice the burst, and a wait that was told is enough.
func TestMemoryKeepsTheRate(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := clock.At(morning)
		limit, err := cache.Open("", c, nil)
		if err != nil {
			r.Fatal(err)
		}
		defer limit.Close()
		rate := cache.Rate{Burst: rapid.IntRange(1, 9).Draw(r, "burst"), Per: time.Duration(rapid.IntRange(1, 90).Draw(r, "per")) * time.Second}
		var passed []time.Time
		for range rapid.IntRange(1, 60).Draw(r, "acts") {
			c.Advance(time.Duration(rapid.IntRange(0, 20_000).Draw(r, "pause")) * time.Millisecond)
			ok, wait := limit.Allow(t.Context(), "x", "a", rate)
			if !ok {
				c.Advance(wait)
				if ok, _ = limit.Allow(t.Context(), "x", "a", rate); !ok {
					r.Fatalf("refused after the wait of %v", wait)
				}
			}
			passed = append(passed, c.Now())
			within := 0
			for _, at := range passed {
				if c.Now().Sub(at) < rate.Per {
					within++
				}
			}
			if within > 2*rate.Burst {
				r.Fatalf("%d within %v", within, rate.Per)
			}
		}
	})
}

func TestRedisCountsForAllReplicas(t *testing.T) {
	url, c := cachetest.Redis(t), clock.System()
	one, two := cachetest.Open(t, url, c), cachetest.Open(t, url, c)
	sixAnHour := cache.Rate{Burst: 6, Per: time.Hour} // Redis goes by its own clock, and nothing shall come back meanwhile
	var ok atomic.Int32
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			replica := []*cache.Cache{one, two}[i%2]
			if yes, _ := replica.Allow(t.Context(), "login", "a", sixAnHour); yes {
				ok.Add(1)
			}
		})
	}
	all.Wait()
	if ok.Load() != 6 {
		t.Fatalf("two replicas allowed %d together, want 6", ok.Load())
	}
	yes, wait := two.Allow(t.Context(), "login", "a", sixAnHour)
	if yes || wait <= 0 || wait > 10*time.Minute {
		t.Fatalf("ok %v, wait %v", yes, wait)
	}
}

func TestFlushedRedisForgetsNoLimit(t *testing.T) {
	server := miniredis.RunT(t)
	limit := cachetest.Open(t, "redis://"+server.Addr(), clock.At(morning))
	allowed(t, limit, 10, "a", sixAMin)
	server.FlushAll()
	if got := allowed(t, limit, 10, "a", sixAMin); got != 0 {
		t.Fatalf("%d allowed after a flush", got)
	}
}

// A Redis that is frozen, gone, read-only or full: the requests go on, guesses at half the rate.
func TestBrokenRedisIsReplacedByMemory(t *testing.T) {
	broken := map[string]func(t *testing.T) string{
		"frozen": func(t *testing.T) string { return cachetest.Frozen(t) },
		"gone":   func(*testing.T) string { return "redis://127.0.0.1:1" },
	}
	for _, answer := range []string{"READONLY You can't write against a read only replica.", "OOM command not allowed", "NOAUTH Authentication required."} {
		broken[answer[:5]] = func(t *testing.T) string {
			server := miniredis.RunT(t)
			server.SetError(answer)
			return "redis://" + server.Addr()
		}
	}
	for name, start := range broken {
		t.Run(name, func(t *testing.T) {
			limit := cachetest.Open(t, start(t), clock.At(morning))
			if got := allowed(t, limit, 20, "reader", sixAMin); got != 6 {
				t.Errorf("%d readings, want 6", got)
			}
			if got := allowed(t, limit, 20, "thief", guesses); got != 3 {
				t.Errorf("%d guesses, want 3", got)
			}
		})
	}
}

func TestFrozenRedisCostsOnceASecond(t *testing.T) {
	c := clock.At(morning) // stands still: the second of rest lasts until we move it
	limit := cachetest.Open(t, cachetest.Frozen(t), c)
	ask := func() time.Duration {
		begin := clock.System().Now()
		limit.Allow(t.Context(), "page", fmt.Sprint(rand.Int64()), sixAMin)
		limit.Publish(t.Context(), "catalog")
		return clock.System().Since(begin)
	}
	if took := ask(); took < 100*time.Millisecond || took > 8*time.Second { // a busy machine may stand still for some of that
		t.Errorf("the first question took %v, want about 0.2 s and never the library's own 10 s", took)
	}
	begin := clock.System().Now()
	for range 200 { // asking each time would cost 40 s; a busy machine costs a few
		ask()
	}
	if took := clock.System().Since(begin); took > 20*time.Second {
		t.Errorf("200 questions while it rests took %v", took)
	}
	c.Advance(time.Second)
	if took := ask(); took < 100*time.Millisecond {
		t.Errorf("after a second nobody tried again: %v", took)
	}
}

func TestAFarRedisIsGivenItsTime(t *testing.T) {
	limit := cachetest.Open(t, cachetest.Frozen(t)+"?read_timeout=700ms", clock.At(morning))
	begin := clock.System().Now()
	limit.Allow(t.Context(), "page", "a", sixAMin)
	if took := clock.System().Since(begin); took < 600*time.Millisecond {
		t.Errorf("the question took %v, want 0.7 s", took)
	}
}

func TestRedisIsAskedAgainWhenItIsBack(t *testing.T) {
	server, c := miniredis.RunT(t), clock.At(morning)
	limit := cachetest.Open(t, cachetest.Unhurried(t, "redis://"+server.Addr()), c)
	server.SetError("LOADING")
	allowed(t, limit, 1, "a", sixAMin)
	server.SetError("")
	allowed(t, limit, 1, "b", sixAMin)
	if n := len(server.Keys()); n != 0 {
		t.Fatalf("%d keys while it rests", n)
	}
	c.Advance(time.Second)
	allowed(t, limit, 1, "c", sixAMin)
	if keys := server.Keys(); len(keys) != 1 {
		t.Fatalf("keys %v, want one", keys)
	}
}

func TestCallerWhoHangsUpDoesNotTripTheBreaker(t *testing.T) {
	server := miniredis.RunT(t)
	limit := cachetest.Open(t, cachetest.Unhurried(t, "redis://"+server.Addr()), clock.At(morning))
	ctx, cancel := contextCancelled(t)
	cancel()
	limit.Allow(ctx, "page", "a", sixAMin)
	limit.Allow(t.Context(), "page", "b", sixAMin)
	if n := len(server.Keys()); n != 2 {
		t.Fatalf("Redis counted %d visitors, want 2", n)
	}
}

// Of a generous rate each replica asks for some acts ahead. Together they allow no more than the rate, and miss no more than
// what the others keep.
func TestGenerousRatesAreAskedForAhead(t *testing.T) {
	server := miniredis.RunT(t)
	server.SetTime(morning) // stands still, so that nothing comes back while we count
	url, c := cachetest.Unhurried(t, "redis://"+server.Addr()), clock.At(morning)
	many := cache.Rate{Burst: 1000, Per: time.Minute}
	one, two := cachetest.Open(t, url, c), cachetest.Open(t, url, c)
	first := allowed(t, one, 700, "a village", many)
	words := server.CommandCount()
	if first != 700 || words >= 700 { // what the script itself calls is counted too
		t.Fatalf("%d of 700, with %d words to Redis", first, words)
	}
	if second := allowed(t, two, 700, "a village", many); second < 295 || second > 300 {
		t.Errorf("the other replica allowed %d, want 300 or what the first one keeps less", second)
	}
	if more := allowed(t, one, 700, "a village", many); more > 5 {
		t.Errorf("the first one allowed %d more", more)
	}
	if ok, wait := two.Allow(t.Context(), "login", "a village", many); ok || wait <= 0 {
		t.Errorf("%v, wait %v", ok, wait)
	}
	if ok, _ := two.Allow(t.Context(), "login", "another village", many); !ok {
		t.Error("another village has nothing left")
	}
}
