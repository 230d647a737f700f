// Package clock is the only place that knows what time it is.
//
// Everything else takes a *Clock, so that one test clock governs due dates, token lives, ids and rounds alike.
package clock

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a container without zone files must still know Asia/Shanghai
)

// Shanghai is the zone of every date that a person reads and of every legal limit.
var Shanghai = mustLoad("Asia/Shanghai")

func mustLoad(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // tzdata is embedded: this cannot happen
	}
	return zone
}

// Clock tells the time. Make one with System, At or FromFile.
type Clock struct {
	mu sync.RWMutex
	// ahead is added to the machine's time; a standing clock answers fixed instead.
	ahead time.Duration
	fixed time.Time
	stand bool
	moved bool // somebody set it
}

// System is the machine's own clock.
func System() *Clock { return &Clock{} }

// At is a clock for tests: it stands still at t until Set or Advance moves it.
func At(t time.Time) *Clock { return &Clock{fixed: t, stand: true} }

// Now is the present moment in UTC.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.stand {
		return c.fixed.UTC()
	}
	return time.Now().Add(c.ahead).UTC()
}

// Since is the time passed since t.
func (c *Clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// Set moves the clock to t. A standing clock stays there, a running one runs on from there.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = true
	if c.stand {
		c.fixed = t
		return
	}
	c.ahead = time.Until(t)
}

// Advance moves the clock by d.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = true
	if c.stand {
		c.fixed = c.fixed.Add(d)
		return
	}
	c.ahead += d
}

// FromFile is the clock of a rehearsal: it is set to the RFC 3339 time in the file at path, runs on from there,
// and is set again, within a second, whenever the file's content changes. It follows the file until ctx ends.
func FromFile(ctx context.Context, path string) (*Clock, error) {
	c := System()
	last, err := c.setFrom(path, "")
	if err != nil {
		return nil, err
	}
	go func() {
		ticks := time.NewTicker(time.Second)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
				// A half-written file is read again at the next tick.
				if seen, err := c.setFrom(path, last); err == nil {
					last = seen
				}
			}
		}
	}()
	return c, nil
}

// setFrom sets the clock when the file says something new, and answers what it said.
func (c *Clock) setFrom(path, last string) (string, error) {
	content, err := os.ReadFile(path) // the path is a setting of the operator
	if err != nil {
		return "", fmt.Errorf("test clock: %w", err)
	}
	said := strings.TrimSpace(string(content))
	if said == last && said != "" { // an empty file says no time, not even at first
		return last, nil
	}
	t, err := time.Parse(time.RFC3339, said)
	if err != nil {
		return "", fmt.Errorf("test clock: %w", err)
	}
	c.Set(t)
	return said, nil
}

// Took measures how long something ran by the machine's clock: a length of time, which no test clock moves.
func Took(begin time.Time) time.Duration { return time.Since(begin) }

// Reading is one look at the machine's clock: what it shows, and how long the program has run by a clock that nobody sets.
// Of two readings both differ by the same, unless the machine's clock was set in between or the machine slept.
type Reading struct {
	Shows time.Time
	Ran   time.Duration
}

var started = time.Now()

// Machine reads the machine's clock; ours is false for a clock that stands or was set, which nothing can be told about.
func (c *Clock) Machine() (r Reading, ours bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	now := time.Now()
	return Reading{now.Round(0).UTC(), now.Sub(started)}, !c.stand && !c.moved
}

// Ahead is how much further the clock went from one reading to the other than time did.
func (r Reading) Ahead(of Reading) time.Duration { return r.Shows.Sub(of.Shows) - (r.Ran - of.Ran) }
