package catalog

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"tongban/internal/cache"
	"tongban/internal/store"
)

// Desk is the catalogue's desk. Readers take the snapshot in force; only Publish and Reload replace it.
type Desk struct {
	store    *store.Store
	words    cache.Broadcast // nil where nobody else listens, as in a sub-command
	log      *slog.Logger
	encode   func(*Item) ([]byte, error)
	snapshot atomic.Pointer[Snapshot]
	loading  sync.Mutex // so that an older snapshot never replaces a newer one
	tally    tally
	waiting  func(*gorm.DB) (map[string]Waiting, error) // nil where nobody counts
}

// New opens the desk with an empty catalogue: Reload fills it. encode makes the answer that readers of a guide get; it
// belongs to the api, whose views are the white list of what leaves the house.
func New(st *store.Store, words cache.Broadcast, log *slog.Logger, encode func(*Item) ([]byte, error)) *Desk {
	d := &Desk{store: st, words: words, log: log, encode: encode}
	d.snapshot.Store(&Snapshot{})
	return d
}

// Begin lends the guides of another desk's snapshot, for stores that are copies of one another, as tests' are. Called before the first
// Reload, which reads the tables and decodes and packs only what is otherwise in this store.
func (d *Desk) Begin(with *Snapshot) {
	d.snapshot.Store(&Snapshot{Revision: -1, byID: with.byID, places: with.places})
}

// Now is the catalogue in force. Whoever reads several things takes it once, so that they fit together.
func (d *Desk) Now() *Snapshot { return d.snapshot.Load() }

// Guide finds an item in force: a map look-up.
func (d *Desk) Guide(id string) (*Guide, error) { return d.Now().Guide(id) }

// Version reads an item as it was published once, with the offices of today: a notice keeps its version.
func (d *Desk) Version(ctx context.Context, id string, version int) (*Item, error) {
	now := d.Now()
	if guide, ok := now.byID[id]; ok && guide.Version == version {
		return guide.Item, nil
	}
	var rows []versionRow
	err := d.store.Read(ctx).Select("item", "version", "body").
		Where("item = ? AND version = ?", id, version).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrVersionUnknown
	}
	it, err := decodeBody(rows[0])
	if err != nil {
		return nil, err
	}
	it.settle(now.places)
	it.Code = now.CodeOf(it.ID, "")
	return it, nil
}

var errMoving = errors.New("catalog: publications follow each other too fast to read one")

// Reload takes the publication in force into memory. When it is there already, this is one small query.
func (d *Desk) Reload(ctx context.Context) error {
	d.loading.Lock()
	defer d.loading.Unlock()
	db := d.store.Read(ctx)
	before, err := revision(db)
	if err != nil {
		return err
	}
	for range 5 {
		if before == d.Now().Revision {
			return nil
		}
		now, err := readStored(db)
		if err != nil {
			return err
		}
		if err := d.waits(db, &now); err != nil {
			return err
		}
		// The tables are read one after the other: what was published meanwhile would be mixed in.
		after, err := revision(db)
		if err != nil {
			return err
		}
		if after != before {
			before = after
			continue
		}
		fresh, err := build(d.Now(), after, now, d.encode)
		if err != nil {
			return err
		}
		d.snapshot.Store(fresh)
		return nil
	}
	return errMoving
}

// Watch keeps the snapshot up with publications of other replicas until ctx ends: at their word, and by looking every so
// often, because a word may be lost. While the database is away the last snapshot goes on serving.
func (d *Desk) Watch(ctx context.Context, every time.Duration) {
	if d.words != nil {
		d.words.Subscribe(ctx, Topic, d.follow)
	}
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			d.follow(ctx)
		}
	}
}

func (d *Desk) follow(ctx context.Context) {
	if err := d.Reload(ctx); err != nil && ctx.Err() == nil {
		d.log.Warn("the catalogue could not be looked at", "error", err)
	}
}
