// Package catalogtest opens stores that hold a whole county: its areas, offices and staff, who know their demo password, and its
// items, published.
package catalogtest

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"testing"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// County is the folder of a county, loaded once per process and copied.
type County struct {
	FS fs.FS
	*storetest.Filling
}

// Of is the county of that folder.
func Of(files fs.FS) County {
	return County{files, storetest.Filled(func(ctx context.Context, s *store.Store) error { return load(ctx, s, files) })}
}

// Open gives a store of the test's own with the county in it.
func (c County) Open(t testing.TB) *store.Store {
	t.Helper()
	s, _ := c.Fresh(t)
	return s
}

// load does what the program does at its start.
func load(ctx context.Context, s *store.Store, files fs.FS) error {
	people := account.New(s, account.Options{EasyPasswords: true})
	if _, err := people.Load(ctx, access.Round(""), account.Source{FS: files, Demo: true}); err != nil {
		return err
	}
	if err := people.SetDemoPasswords(ctx); err != nil {
		return err
	}
	source, err := Source(ctx, people, files)
	if err != nil {
		return err
	}
	_, err = catalog.New(s, nil, slog.New(slog.DiscardHandler), encode).Publish(ctx, access.Round(""), source)
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

// Items is the catalogue of a store that holds one; what is read of an item is its name.
func Items(t testing.TB, s *store.Store) *catalog.Desk {
	t.Helper()
	items := catalog.New(s, nil, slog.New(slog.DiscardHandler), encode)
	if err := items.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	return items
}

func encode(it *catalog.Item) ([]byte, error) { return json.Marshal(it.Name) }
