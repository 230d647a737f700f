package clock

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

var noonOfTheDay = time.Date(2026, 11, 23, 12, 0, 0, 0, Shanghai)

func TestAStandingClock(t *testing.T) {
	c := At(noonOfTheDay)
	if now := c.Now(); !now.Equal(noonOfTheDay) || now.Location() != time.UTC {
		t.Errorf("it shows %v", now)
	}
	c.Advance(36 * time.Hour)
	if got := c.Since(noonOfTheDay); got != 36*time.Hour {
		t.Errorf("advanced by %v", got)
	}
	c.Advance(-time.Hour)
	if got := c.Since(noonOfTheDay); got != 35*time.Hour {
		t.Errorf("after a step back it is %v later", got)
	}
	c.Set(noonOfTheDay)
	if !c.Now().Equal(noonOfTheDay) {
		t.Errorf("set back, it shows %v", c.Now())
	}
}

func TestARunningClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := System()
		if now := c.Now(); !now.Equal(time.Now()) || now.Location() != time.UTC {
			t.Errorf("it shows %v", now)
		}
		c.Set(noonOfTheDay)
		time.Sleep(5 * time.Second)
		if got := c.Since(noonOfTheDay); got != 5*time.Second {
			t.Errorf("five seconds after it was set it runs %v behind", got)
		}
		c.Advance(time.Hour)
		time.Sleep(time.Second)
		if got := c.Since(noonOfTheDay); got != time.Hour+6*time.Second {
			t.Errorf("advanced by an hour it is %v later", got)
		}
	})
}

func TestTook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		time.Sleep(3 * time.Second)
		if got := Took(begin); got != 3*time.Second {
			t.Errorf("three seconds took %v", got)
		}
	})
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFromFileFollowsTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "now")
	synctest.Test(t, func(t *testing.T) {
		shows := func(want string, c *Clock) {
			t.Helper()
			if got := c.Now().In(Shanghai).Format(time.RFC3339); got != want {
				t.Errorf("it shows %s, want %s", got, want)
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		write(t, path, "2026-11-23T12:00:00+08:00\n")
		c, err := FromFile(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		shows("2026-11-23T12:00:00+08:00", c)
		// It is looked at half a second off the ticks, so that no look races with one.
		time.Sleep(2500 * time.Millisecond)
		shows("2026-11-23T12:00:02+08:00", c)

		write(t, path, "2027-01-01T00:00:00Z")
		time.Sleep(time.Second) // the tick is halfway
		shows("2027-01-01T08:00:00+08:00", c)

		write(t, path, "2027-01-0") // half written
		time.Sleep(time.Second)
		shows("2027-01-01T08:00:01+08:00", c)
		write(t, path, "2026-11-23T12:00:00+08:00")
		time.Sleep(time.Second)
		shows("2026-11-23T12:00:00+08:00", c)

		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		shows("2026-11-23T12:00:01+08:00", c)

		write(t, path, "2026-11-23T12:00:00+08:00") // back again, nothing new: the clock runs on
		time.Sleep(time.Second)
		shows("2026-11-23T12:00:02+08:00", c)

		stop()
		synctest.Wait() // the bubble itself fails when the follower stays behind
		write(t, path, "2030-01-01T00:00:00Z")
		time.Sleep(2 * time.Second)
		shows("2026-11-23T12:00:04+08:00", c)
	})
}

func TestFromFileRefusesABadFile(t *testing.T) {
	folder := t.TempDir()
	if _, err := FromFile(t.Context(), filepath.Join(folder, "missing")); err == nil {
		t.Error("a missing file was taken")
	}
	for _, text := range []string{"", "\n", "2026-11-23", "2026-11-23 12:00:00", "2026-11-23T12:00:00", "2026-02-30T12:00:00Z", "soon"} {
		path := filepath.Join(folder, "now")
		write(t, path, text)
		if _, err := FromFile(t.Context(), path); err == nil {
			t.Errorf("%q was taken for a time", text)
		}
	}
}
