package cache_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"tongban/internal/cache"
	"tongban/internal/cache/cachetest"
	"tongban/internal/clock"
)

func contextCancelled(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

// listen subscribes and answers a channel that gets something after each call.
func listen(ctx context.Context, c cache.Broadcast, topic string) chan struct{} {
	heard := make(chan struct{}, 100)
	c.Subscribe(ctx, topic, func(context.Context) { heard <- struct{}{} })
	return heard
}

func soon(t *testing.T, heard chan struct{}, what string) {
	t.Helper()
	select {
	case <-heard:
	case <-time.After(time.Minute):
		t.Fatalf("%s: nothing was heard", what)
	}
}

func silent(t *testing.T, heard chan struct{}, what string) {
	t.Helper()
	select {
	case <-heard:
		t.Fatalf("%s: something was heard", what)
	case <-time.After(50 * time.Millisecond):
	}
}

func TestWordsStayInTheirTopic(t *testing.T) {
	c := cachetest.Open(t, "", clock.System())
	ctx, leave := contextCancelled(t)
	items, areas := listen(ctx, c, "catalog"), listen(ctx, c, "areas")
	c.Publish(t.Context(), "catalog")
	soon(t, items, "catalog")
	silent(t, areas, "areas")
	leave()
	silent(t, items, "leaving")
	c.Publish(t.Context(), "catalog")
	silent(t, items, "after leaving")
}

// A publisher never waits for a slow reader, and what came meanwhile is one further call.
func TestManyWordsBecomeOneCall(t *testing.T) {
	c := cachetest.Open(t, "", clock.System())
	begun, goOn := make(chan struct{}, 100), make(chan struct{})
	c.Subscribe(t.Context(), "catalog", func(context.Context) { begun <- struct{}{}; <-goOn })
	c.Publish(t.Context(), "catalog")
	soon(t, begun, "first")
	for range 50 {
		c.Publish(t.Context(), "catalog")
	}
	close(goOn)
	soon(t, begun, "second")
	silent(t, begun, "third")
}

func TestWordsReachTheOtherReplica(t *testing.T) {
	url := cachetest.Redis(t)
	here, there := cachetest.Open(t, url, clock.System()), cachetest.Open(t, url, clock.System())
	mine, theirs := listen(t.Context(), here, "catalog"), listen(t.Context(), there, "catalog")
	// The line is up when a word gets through; until then words may be lost, and one call may come for that reason.
	deadline := time.NewTimer(time.Minute)
	for up := false; !up; {
		here.Publish(t.Context(), "catalog")
		select {
		case <-theirs:
			up = true
		case <-time.After(20 * time.Millisecond):
		case <-deadline.C:
			t.Fatal("the line never came up")
		}
	}
	for quiet := false; !quiet; { // what was said meanwhile may come late
		select {
		case <-mine:
		case <-theirs:
		case <-time.After(time.Second):
			quiet = true
		case <-deadline.C:
			t.Fatal("it is said again and again")
		}
	}
	here.Publish(t.Context(), "catalog")
	soon(t, mine, "own process")
	soon(t, theirs, "other replica")
	silent(t, mine, "own echo")
	silent(t, theirs, "other replica, doubled")
}

func TestBrokenLineIsMendedAndToldOf(t *testing.T) {
	server := miniredis.RunT(t)
	c := cachetest.Open(t, "redis://"+server.Addr(), clock.System())
	heard := listen(t.Context(), c, "catalog")
	soonOrNot := time.After(200 * time.Millisecond) // the first subscription may ring too
	for waiting := true; waiting; {
		select {
		case <-heard:
		case <-soonOrNot:
			waiting = false
		}
	}
	server.Close()
	c.Publish(t.Context(), "catalog")
	soon(t, heard, "own word without Redis")
	// This server takes lines before it knows its commands: whom it refuses then keeps a line on which nothing is heard. It starts again.
	for range 6 {
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-heard:
			return
		case <-time.After(20 * time.Second):
			server.Close()
		}
	}
	t.Fatal("after the line was mended: nothing was heard")
}

func TestBadAddressIsRefusedWithoutRepeatingIt(t *testing.T) {
	for _, url := range []string{"http://:geheim@host", "redis://:geheim@host:99999999/x", "redis://:geheim@ho st", "redis://:geheim@h/0?unknown=1"} {
		c, err := cache.Open(url, clock.System(), nil)
		if err == nil {
			_ = c.Close()
			t.Errorf("%s was taken", url)
			continue
		}
		if got := err.Error(); len(got) == 0 || strings.Contains(got, "geheim") {
			t.Errorf("error tells the password: %s", got)
		}
	}
}
