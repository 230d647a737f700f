package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	sqlitedriver "github.com/glebarez/go-sqlite"
	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
)

// openSQLite opens one file twice: a pool of readers, and exactly one writer.
// More writers would meet SQLITE_BUSY; synchronous FULL is the only level that survives a power cut.
func (s *Store) openSQLite(ctx context.Context, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	s.engine = engine{
		name:     "sqlite",
		database: path,
		now:      "strftime('%Y-%m-%d %H:%M:%S+00:00','now')",
		soon:     "strftime('%Y-%m-%d %H:%M:%S+00:00','now', ? || ' seconds')",
		retry:    sqliteConflict,
		snapshot: sql.LevelDefault,
		writers:  1,
		migrator: func() (gorm.Dialector, error) {
			return sqlite.Open(sqliteDSN(path, "immediate", "foreign_keys(1)", "synchronous(FULL)")), nil
		},
	}
	var err error
	if s.writer, err = s.gorm(sqlite.Open(sqliteDSN(path, "immediate", "foreign_keys(1)", "synchronous(FULL)", "secure_delete(1)"))); err != nil {
		return err
	}
	pool, err := s.writer.DB()
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(1)
	if err := pool.PingContext(ctx); err != nil {
		return err
	}
	if s.reader, err = s.gorm(sqlite.Open(sqliteDSN(path, "deferred", "query_only(1)"))); err != nil {
		return err
	}
	if pool, err = s.reader.DB(); err != nil {
		return err
	}
	pool.SetMaxOpenConns(8)
	pool.SetMaxIdleConns(8)
	return s.checkSQLite(ctx)
}

// checkSQLite trusts what the file says, not what was asked of the driver.
func (s *Store) checkSQLite(ctx context.Context) error {
	var journal string
	var sync, keys int
	db := s.writer.WithContext(ctx)
	if err := errors.Join(
		db.Raw("PRAGMA journal_mode").Scan(&journal).Error,
		db.Raw("PRAGMA synchronous").Scan(&sync).Error,
		db.Raw("PRAGMA foreign_keys").Scan(&keys).Error,
	); err != nil {
		return err
	}
	s.durable = "full"
	if journal != "wal" || sync < 2 || keys != 1 {
		s.durable = "weak: journal_mode is not WAL or synchronous is not FULL"
	}
	return nil
}

func sqliteDSN(path, lock string, pragmas ...string) string {
	query := url.Values{"_txlock": {lock}}
	// busy_timeout comes first, so that the pragmas behind it may wait too.
	for _, p := range append([]string{"busy_timeout(5000)", "journal_mode(WAL)", "temp_store_directory(" + spillsInto(path) + ")"}, pragmas...) {
		query.Add("_pragma", p)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}

// spillsInto is where SQLite sorts what does not fit into memory: beside the database file, where it may write wherever it
// runs. An image without /tmp, or a root that is read-only, has no other place, and there a new index on a grown table failed.
func spillsInto(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // where its log lies, too
	}
	return "'" + strings.ReplaceAll(filepath.Dir(path), "'", "''") + "'"
}

// SQLite result codes, https://www.sqlite.org/rescode.html
const (
	sqliteBusy      = 5
	sqliteLocked    = 6
	sqliteInterrupt = 9
)

// sqliteStopped: the statement was over its time, or its caller left.
func sqliteStopped(err error) bool {
	e, ok := errors.AsType[*sqlitedriver.Error](err)
	return ok && e.Code()&0xff == sqliteInterrupt
}

func sqliteConflict(err error) bool {
	if e, ok := errors.AsType[*sqlitedriver.Error](err); ok {
		code := e.Code() & 0xff
		return code == sqliteBusy || code == sqliteLocked
	}
	return err != nil && strings.Contains(err.Error(), "database is locked")
}

func (s *Store) gorm(d gorm.Dialector) (*gorm.DB, error) {
	db, err := gorm.Open(d, &gorm.Config{
		TranslateError:         true,
		SkipDefaultTransaction: true, // every write stands in a transaction of ours
		DisableAutomaticPing:   true,
		QueryFields:            true, // columns are named, so that an older program survives a newer schema
		NowFunc:                s.clock.Now,
		Logger:                 sqlLog{s.log},
	})
	if err != nil {
		return nil, err
	}
	return db, watchErrors(db)
}

// Scrub empties the write-ahead log after something was given up for good: what was deleted still stood in it. Deleted rows themselves
// are overwritten where they lay (secure_delete). Where a long reader is in the way, the next one does it. InnoDB has no such
// call: it overwrites freed pages when it needs them.
func (s *Store) Scrub(ctx context.Context) error {
	if s.engine.name != "sqlite" {
		return nil
	}
	return s.writer.WithContext(ctx).Exec("PRAGMA wal_checkpoint(TRUNCATE)").Error
}
