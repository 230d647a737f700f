package secret

import (
	"context"
	"fmt"
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
	if err := f.look(); err != nil {
		return nil, err
	}
	return &Keys{ring: f.now.Load, look: f.look}, nil
}

// look reads the file when it is another one than last time. A file that cannot be used changes nothing. Save replaces the
// file, so that another one shows by its place on the disk even within one tick of the disk's clock.
func (f *followed) look() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	if f.seen != nil && os.SameFile(f.seen, info) && f.seen.ModTime().Equal(info.ModTime()) && f.seen.Size() == info.Size() {
		return nil
	}
	keys, read, err := load(f.path)
	if err != nil {
		return fmt.Errorf("key file %s: %w", f.path, err)
	}
	fresh := keys.ring()
	if last := f.now.Load(); last != nil {
		if err := fresh.sameHouse(last); err != nil {
			return err
		}
	}
	f.now.Store(fresh)
	f.seen = read // not info: another file may have come into its place since
	return nil
}

// renewed looks at the key file for one who missed a key in the ring, and reports whether there is another ring by now, whoever
// brought it: of many who miss the same key at once, one reads the file.
func (k *Keys) renewed(missed *ring) bool {
	if k.look == nil {
		return false
	}
	_ = k.look() // of a file that cannot be used Watch tells; the last keys serve on
	return k.ring() != missed
}

// Watch looks at the followed file at every interval until ctx ends, and logs which keys are current when it has
// changed. While the file cannot be used the last keys serve on, and the log says why, once.
func (k *Keys) Watch(ctx context.Context, every time.Duration, log *slog.Logger) {
	if k.look == nil {
		return
	}
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	told, said := k.ring(), ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		err := k.look()
		if r := k.ring(); r != told { // by this look, or by one who missed a key before it
			log.InfoContext(ctx, "the key file has changed", "data", r.file.Data.Current, "signing", r.file.Signing.Current)
			told = r
		}
		if err == nil {
			said = ""
		} else if err.Error() != said {
			said = err.Error()
			log.WarnContext(ctx, "the key file cannot be used: the last keys serve on", "err", said)
		}
	}
}
