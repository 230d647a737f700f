package storetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tongban/internal/clock"
	"tongban/internal/store"
)

// Filling is what stands in a store when a test begins. It is made once per process, and copied: to load a county takes longer than
// most of what is tested in it.
type Filling struct {
	file     func() ([]byte, error) // of SQLite
	database func() (string, error) // its name on a server; empty for none
}

// Filled is a migrated store in which fill was done.
func Filled(fill func(context.Context, *store.Store) error) *Filling {
	return &Filling{
		sync.OnceValues(func() ([]byte, error) {
			empty, err := migrated.file()
			if err != nil {
				return nil, err
			}
			return copied(empty, fill)
		}),
		sync.OnceValues(func() (string, error) { return scratch.fill(serverDSN(), fill) }),
	}
}

// migrated is a store with nothing in it.
var migrated = &Filling{
	sync.OnceValues(func() ([]byte, error) { return copied(nil, migrate) }),
	func() (string, error) { return "", nil },
}

func migrate(ctx context.Context, s *store.Store) error { return s.Migrate(ctx) }

// Fresh is a store of the test's own, closed and dropped after it, and the address under which a second one can be opened.
func (f *Filling) Fresh(t testing.TB) (*store.Store, store.Options) {
	t.Helper()
	return fresh(t, f.address(t))
}

func (f *Filling) address(t testing.TB) string {
	t.Helper()
	if OnMySQL() {
		return onServer(t, f.database)
	}
	content, err := f.file()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tongban.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// copied is what a SQLite file holds once something was done in it.
func copied(content []byte, do func(context.Context, *store.Store) error) ([]byte, error) {
	dir, err := os.MkdirTemp("", "tongban-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return nil, err
	}
	if err := within("sqlite:"+path, do); err != nil {
		return nil, err
	}
	return os.ReadFile(path) // a closed file has no write-ahead log left beside it
}

// within does something in the store of an address.
func within(address string, do func(context.Context, *store.Store) error) error {
	keys, err := processKeys()
	if err != nil {
		return err
	}
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Database: address, Clock: clock.At(Monday), Keys: keys, Patient: true})
	if err != nil {
		return err
	}
	if err := do(ctx, s); err != nil {
		s.Close()
		return err
	}
	return s.Close()
}
