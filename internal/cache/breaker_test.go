package cache

import (
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tongban/internal/clock"
)

// After the second of rest one request tries; the others do not stand in line behind it.
func TestOneTriesAfterTheRest(t *testing.T) {
	c := clock.At(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	b := &breaker{clock: c, log: slog.New(slog.DiscardHandler)}
	tries := func() int32 {
		var n atomic.Int32
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if b.may() {
					n.Add(1)
				}
			})
		}
		all.Wait()
		return n.Load()
	}
	steps := []struct {
		what string
		do   func()
		want int32
	}{
		{"in order", func() {}, 50},
		{"just failed", func() { b.report(errors.New("time-out")) }, 0},
		{"almost a second later", func() { c.Advance(rest - 1) }, 0},
		{"a second later", func() { c.Advance(1) }, 1},
		{"while one tries", func() {}, 0},
		{"a second later, no report yet", func() { c.Advance(rest) }, 1},
		{"clock set back", func() { c.Advance(-time.Hour) }, 1},
		{"mended", func() { b.report(nil) }, 50},
	}
	for _, s := range steps {
		s.do()
		if got := tries(); got != s.want {
			t.Errorf("%s: %d tried, want %d", s.what, got, s.want)
		}
	}
}

// What one question may cost stands in the address, or is what a visitor hardly notices.
func TestTheTimeOfAQuestion(t *testing.T) {
	for query, want := range map[string]time.Duration{
		"": 200 * time.Millisecond, "?read_timeout=0": 200 * time.Millisecond, "?read_timeout=-1": 200 * time.Millisecond, "?prefix=x&read_timeout=700ms": 700 * time.Millisecond,
		"?dial_timeout=9s": 200 * time.Millisecond, "?read_timeout=200": 0, "?read_timeout=61s": 0,
	} {
		o, _, err := readURL("redis://127.0.0.1:6379/0" + query)
		switch {
		case want == 0 && err == nil, want > 0 && err != nil:
			t.Errorf("%s: %v", query, err)
		case err == nil && (o.DialTimeout != want || o.ReadTimeout != want || o.WriteTimeout != want || o.PoolTimeout != want):
			t.Errorf("%s: %v %v %v %v, want %v", query, o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout, want)
		}
	}
}
