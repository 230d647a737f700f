// Package catalogtest opens stores that hold a whole county: its areas, offices and staff, who know their demo password, and its
// items, published.
package catalogtest

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"testing"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

var quiet = slog.New(slog.DiscardHandler)

// County is the folder of a county, loaded once per process and copied.
type County struct {
	FS fs.FS
	*storetest.Filling
	encode    Encode
	published atomic.Pointer[catalog.Snapshot] // nil until it is loaded
}

// Encode makes the answer that readers of a guide get.
type Encode func(*catalog.Item) ([]byte, error)

// Of is the county of that folder. What is read of an item is its name.
func Of(files fs.FS) *County {
	return Telling(files, func(it *catalog.Item) ([]byte, error) { return json.Marshal(it.Name) })
}

// Telling is the county of that folder, whose items are read as encode tells them.
func Telling(files fs.FS, encode Encode) *County {
	c := &County{FS: files, encode: encode}
	c.Filling = storetest.Filled(c.load)
	return c
}

// Open gives a store of the test's own with the county in it.
func (c *County) Open(t testing.TB) *store.Store {
	t.Helper()
	s, _ := c.Fresh(t)
	return s
}

// load does what the program does at its start.
func (c *County) load(ctx context.Context, s *store.Store) error {
	people := account.New(s, account.Options{EasyPasswords: true})
	if _, err := people.Load(ctx, access.Round(""), account.Source{FS: c.FS, Demo: true}); err != nil {
		return err
	}
	if err := people.SetDemoPasswords(ctx); err != nil {
		return err
	}
	source, err := Source(ctx, people, c.FS)
	if err != nil {
		return err
	}
	items := catalog.New(s, nil, quiet, c.encode)
	if _, err = items.Publish(ctx, access.Round(""), source); err == nil {
		c.published.Store(items.Now())
	}
	return err
}

// Source is what a county publishes: its items, and its offices as the places where they are done.
func Source(ctx context.Context, people *account.Desk, files fs.FS) (catalog.Source, error) {
	source := catalog.Source{FS: files, Demo: true}
	roots, err := people.Areas(ctx, "")
	if err != nil {
		return source, err
	}
	for _, root := range roots {
		offices, err := people.Offices(ctx, root.Code)
		if err != nil {
			return source, err
		}
		for _, o := range offices {
			source.Places = append(source.Places, catalog.Place{
				Kind: catalog.PlaceKind(o.Kind), Name: o.Name, Area: o.Area, Address: o.Address, Hours: o.Hours, Phone: o.Phone,
			})
		}
	}
	return source, nil
}

// Desk is the desk of a copy of the county, before its first Reload.
func (c *County) Desk(s *store.Store, log *slog.Logger) *catalog.Desk {
	desk := catalog.New(s, nil, log, c.encode)
	if published := c.published.Load(); published != nil {
		desk.Begin(published)
	}
	return desk
}

// Items is the catalogue of a copy of the county.
func (c *County) Items(t testing.TB, s *store.Store) *catalog.Desk {
	t.Helper()
	items := c.Desk(s, quiet)
	if err := items.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	return items
}
