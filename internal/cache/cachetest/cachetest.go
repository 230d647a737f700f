// Package cachetest gives tests a Redis to talk to.
package cachetest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"tongban/internal/cache"
	"tongban/internal/clock"
)

// Redis is the address of a Redis for this test alone: the one of TONGBAN_TEST_REDIS under a prefix of its own, or one
// in this process. A server that is named but does not answer fails the test. The program waits for its answers as long as it takes.
func Redis(t testing.TB) string {
	t.Helper()
	return Unhurried(t, redisOf(t))
}

// Unhurried is the address of a Redis in good order, whose answers are waited for: on a machine with much else to do it may take
// longer than a visitor would wait, and who counts by himself for that reason counts something else.
func Unhurried(t testing.TB, address string) string {
	t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal("the address of Redis cannot be read")
	}
	query := at.Query()
	query.Set("read_timeout", "1m")
	at.RawQuery = query.Encode()
	return at.String()
}

func redisOf(t testing.TB) string {
	t.Helper()
	named := os.Getenv("TONGBAN_TEST_REDIS")
	if named == "" {
		return "redis://" + miniredis.RunT(t).Addr()
	}
	options, err := redis.ParseURL(named)
	if err != nil {
		t.Fatal("TONGBAN_TEST_REDIS cannot be read")
	}
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	ctx, done := context.WithTimeout(context.Background(), 5*time.Second)
	defer done()
	if err := client.Ping(ctx).Err(); err != nil {
		t.Fatalf("TONGBAN_TEST_REDIS does not answer: %v", err)
	}
	at, err := url.Parse(named)
	if err != nil {
		t.Fatal("TONGBAN_TEST_REDIS cannot be read")
	}
	query := at.Query()
	query.Set("prefix", "tongban-test-"+rand.Text())
	at.RawQuery = query.Encode()
	return at.String()
}

// Frozen is the address of a Redis that takes connections and never says a word.
func Frozen(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return "redis://" + listener.Addr().String()
}

// Open opens a cache at url until the test ends.
func Open(t testing.TB, url string, c *clock.Clock) *cache.Cache {
	t.Helper()
	opened, err := cache.Open(url, c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	return opened
}
