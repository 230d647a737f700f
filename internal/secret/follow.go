package secret

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// followed is a key file that may change while the program runs.
type followed struct {
	path string
	now  atomic.Pointer[ring]
	mu   sync.Mutex
	seen fs.FileInfo
}

// Follow is Load for a program that runs on: the keys are those that stand in the file by and by. Watch looks at the file at
// intervals; a value or a token made with a key that is not known makes it be looked at on the spot.
func Follow(path string) (*Keys, error) {
	f := &followed{path: path}
	if _, err := f.look(); err != nil {
		return nil, err
	}
	return &Keys{ring: f.now.Load, look: f.look}, nil
}

// look reads the file when it is another one than last time. A file that cannot be used changes nothing. Save replaces the
// file, so that another one shows by its place on the disk even within one tick of the disk's clock.
func (f *followed) look() (changed bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err != nil {
		return false, err
	}
	if f.seen != nil && os.SameFile(f.seen, info) && f.seen.ModTime().Equal(info.ModTime()) && f.seen.Size() == info.Size() {
		return false, nil
	}
	keys, err := Load(f.path)
	if err != nil {
		return false, err
	}
	fresh := keys.ring()
	if last := f.now.Load(); last != nil {
		if err := fresh.sameHouse(last); err != nil {
			return false, err
		}
	}
	f.now.Store(fresh)
	f.seen = info
	return true, nil
}

// renewed reports whether the key file brought other keys just now.
func (k *Keys) renewed() bool {
	if k.look == nil {
		return false
	}
	changed, err := k.look()
	return changed && err == nil
}

// Watch looks at the followed file at every interval until ctx ends. While the file cannot be used the last keys serve on, and
// the log says why, once.
func (k *Keys) Watch(ctx context.Context, every time.Duration, log *slog.Logger) {
	if k.look == nil {
		return
	}
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		switch changed, err := k.look(); {
		case err == nil && changed:
			r := k.ring()
			log.InfoContext(ctx, "the key file has changed", "data", r.file.Data.Current, "signing", r.file.Signing.Current)
			said = ""
		case err != nil && err.Error() != said:
			said = err.Error()
			log.WarnContext(ctx, "the key file cannot be used: the last keys serve on", "err", said)
		}
	}
}
