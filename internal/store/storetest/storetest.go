// Package storetest opens a fresh, migrated store for one test: a SQLite file, or a scratch database on the server named by
// TONGBAN_TEST_MYSQL (a mysql DSN without database name, such as root@tcp(127.0.0.1:3306)/). A server that is named but
// cannot be reached fails the test. The TestMain of a package that opens stores ends with Main, or runs its tests by Dropping.
package storetest

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Monday is the moment at which every test store's clock stands: a Monday morning, 2026-11-23 09:00 in Shanghai.
var Monday = time.Date(2026, 11, 23, 9, 0, 0, 0, clock.Shanghai)

// Open gives a store of the test's own, closed and dropped after it.
func Open(t testing.TB) *store.Store {
	t.Helper()
	s, _ := Fresh(t)
	return s
}

// Fresh is Open, and tells the address under which a second store of the same database can be opened.
func Fresh(t testing.TB) (*store.Store, store.Options) {
	t.Helper()
	return fresh(t, Address(t))
}

func fresh(t testing.TB, address string) (*store.Store, store.Options) {
	t.Helper()
	o := store.Options{Database: address, Clock: clock.At(Monday), Keys: Keys(t), Log: slog.New(slog.DiscardHandler)}
	return reopen(t, o), o
}

// Again opens a second store on the same database, as another replica would.
func Again(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	return reopen(t, o)
}

func reopen(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Session is the row of a log-in of that person, in which that client is served; empty for nobody.
func Session(t testing.TB, s *store.Store, person, post, client string) (id string) {
	t.Helper()
	err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		id = tx.NewID()
		return tx.Table("sessions").Create(map[string]any{
			"id": id, "person": person, "post": post, "ver": 1, "device": "a phone", "generation": 1, "refresh_hash": "", "why": "", "sitting": 1,
			"client": client, "rotated_at": tx.Now, "created_at": tx.Now, "seen_at": tx.Now, "idle_until": tx.Now, "ends_at": tx.Now,
		}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// OnMySQL reports whether the tests run on a MySQL-protocol server.
func OnMySQL() bool { return serverDSN() != "" }

func serverDSN() string { return os.Getenv("TONGBAN_TEST_MYSQL") }

// Keys are one set of keys for the whole test process: making them is not free.
func Keys(t testing.TB) *secret.Keys {
	t.Helper()
	keys, err := processKeys()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

var processKeys = sync.OnceValues(secret.Make)

// Address is a migrated scratch database of the test's own.
func Address(t testing.TB) string {
	t.Helper()
	return migrated.address(t)
}

// Empty is the address of a database of the test's own that nobody migrated.
func Empty(t testing.TB) string {
	t.Helper()
	if OnMySQL() {
		return emptyOnServer(t)
	}
	return "sqlite:" + filepath.Join(t.TempDir(), "tongban.db")
}

// File is the path of a SQLite address, for tests that look at the bytes.
func File(address string) string { return strings.TrimPrefix(address, "sqlite:") }
