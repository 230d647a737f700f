package api

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"

	"tongban/internal/fault"
)

// Uploads lie in memory until they are kept: there may be no disk for temporary files.
const (
	trayRoom = 16 * uploadLimit // bytes of all uploads at once
	perHand  = 4                // uploads of one person at once, so that nobody fills the tray alone
)

// tray bounds the uploads under way.
type tray struct {
	room *semaphore.Weighted // bytes
	mu   sync.Mutex
	of   map[string]int // uploads under way by person
}

func newTray() *tray { return &tray{room: semaphore.NewWeighted(trayRoom), of: map[string]int{}} }

// take reserves room for size bytes of an upload, and waits for it until ctx ends. free gives it back.
func (t *tray) take(ctx context.Context, who string, size int64) (free func(), err error) {
	if !t.count(who) {
		return nil, errTooMany.With("请等前几张照片传完再传")
	}
	if err := t.room.Acquire(ctx, size); err != nil {
		t.uncount(who)
		return nil, fault.Busy.Because(err)
	}
	return func() {
		t.room.Release(size)
		t.uncount(who)
	}, nil
}

func (t *tray) count(who string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of[who] >= perHand {
		return false
	}
	t.of[who]++
	return true
}

func (t *tray) uncount(who string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of[who]--; t.of[who] == 0 {
		delete(t.of, who)
	}
}
