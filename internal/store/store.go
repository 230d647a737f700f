// Package store is how anything is kept: one transaction function, and with each change its trail (留痕), its outbox
// messages and the answer to its idempotency key, all in the same commit.
//
// It opens SQLite (a file, pure Go) and databases that speak the MySQL protocol. Desks write their own SQL through *gorm.DB.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"tongban/internal/clock"
	"tongban/internal/secret"
)

// Options are what a store needs to open.
type Options struct {
	Database string // sqlite:PATH or mysql:DSN
	Clock    *clock.Clock
	Keys     *secret.Keys
	Log      *slog.Logger
	Patient  bool // for a command of the operator's, whose statements may take long; never for requests
	AnyClock bool // the machine's clock is taken as it is: a demo may sleep for months
}

// Store is an open database: readers, and the one way to write.
type Store struct {
	engine engine
	reader *gorm.DB
	writer *gorm.DB
	// slots bounds the transactions under way, so that a caller's deadline counts while it waits and not inside one.
	slots   chan struct{}
	made    atomic.Uint32 // ids, see idMaker
	clock   *clock.Clock
	keys    *secret.Keys
	log     *slog.Logger
	patient bool
	durable string
	watch   clockWatch
	// compared counts how often a query code was looked at, whatever came of it.
	compared atomic.Int64
}

// engine is what differs between SQLite and the MySQL protocol.
type engine struct {
	name     string // sqlite or mysql
	database string // what was opened, without credentials
	now      string // the database's own time, in UTC, as SQL
	soon     string // the same, ? seconds later
	retry    func(error) bool
	snapshot sql.IsolationLevel
	writers  int
	migrator func() (gorm.Dialector, error) // without the time-outs that a request has
}

// Open connects and checks that the database is fit: it does not migrate.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{clock: o.Clock, keys: o.Keys, log: o.Log, patient: o.Patient, watch: clockWatch{read: o.Clock.Machine}}
	if o.AnyClock {
		s.watch.read = func() (clock.Reading, bool) { return clock.Reading{}, false }
	}
	kind, address, found := strings.Cut(o.Database, ":")
	if !found {
		return nil, errors.New("store: the database is sqlite:PATH or mysql:DSN")
	}
	var err error
	switch kind {
	case "sqlite":
		err = s.openSQLite(ctx, address)
	case "mysql":
		err = s.openMySQL(ctx, address)
	default:
		return nil, fmt.Errorf("store: unknown kind of database %q", kind)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("store: open %s: %w", kind, err), s.Close())
	}
	s.slots = make(chan struct{}, s.engine.writers)
	if s.durable != "full" {
		s.log.Warn("the database may lose acknowledged writes at a power cut", "durability", s.durable)
	}
	return s, nil
}

// Readable says whether Open understands the address, before anything is opened.
func Readable(database string) bool {
	kind, address, _ := strings.Cut(database, ":")
	switch kind {
	case "sqlite":
		return address != ""
	case "mysql":
		_, err := readDSN(address)
		return err == nil
	}
	return false
}

// Read is for queries: on SQLite the pool of readers. Nothing may be written through it.
func (s *Store) Read(ctx context.Context) *gorm.DB { return s.reader.WithContext(ctx) }

// Clock is the program's clock.
func (s *Store) Clock() *clock.Clock { return s.clock }

// Keys are the program's keys.
func (s *Store) Keys() *secret.Keys { return s.keys }

// Engine is sqlite or mysql.
func (s *Store) Engine() string { return s.engine.name }

// Durability is "full" when an acknowledged write survives a power cut, else what is missing.
func (s *Store) Durability() string { return s.durable }

// InUse is how many connections serve somebody now.
func (s *Store) InUse() (n int) {
	for _, db := range s.pools() {
		n += db.Stats().InUse
	}
	return n
}

// pools are the readers' and the writers', which on MySQL are one.
func (s *Store) pools() (list []*sql.DB) {
	for _, db := range []*gorm.DB{s.reader, s.writer} {
		if db == nil {
			continue
		}
		if pool, err := db.DB(); err == nil && !slices.Contains(list, pool) {
			list = append(list, pool)
		}
	}
	return list
}

// Ping asks both pools for a row: a node that lost its cluster still answers a mere ping. On a server that takes no writes it fails too.
func (s *Store) Ping(ctx context.Context) error {
	for _, pool := range s.pools() {
		var n int
		err := pool.QueryRowContext(ctx, "SELECT COUNT(1) FROM leases").Scan(&n)
		if err != nil {
			return err
		}
	}
	if s.engine.name != "mysql" {
		return nil
	}
	var name, readOnly string
	err := s.Read(ctx).Raw("SHOW GLOBAL VARIABLES LIKE 'read_only'").Row().Scan(&name, &readOnly)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil && readOnly == "ON" {
		err = errReadOnly
	}
	return err
}

var errReadOnly = errors.New("store: the database takes no writes")

// Close closes the pools.
func (s *Store) Close() error {
	var faults []error
	for _, pool := range s.pools() {
		faults = append(faults, pool.Close())
	}
	return errors.Join(faults...)
}

// Unavailable reports whether err means that the database cannot be asked now, as against a mistake of ours: worth trying
// again later.
func Unavailable(err error) bool {
	if err == nil {
		return false
	}
	_, network := errors.AsType[*net.OpError](err) // not net.Error: a missing file is one too
	return network || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || mysqlAway(err) || sqliteConflict(err) || sqliteStopped(err)
}

// Page limits a list to the limit rows after (older than) the id after. Ids are UUIDv7, so the newest come first.
func Page(db *gorm.DB, after string, limit int) *gorm.DB { return PageBy(db, "id", after, limit) }

// PageBy is Page along another column that holds the same ids, whose index is the shorter way.
func PageBy(db *gorm.DB, id, after string, limit int) *gorm.DB {
	return page(db, id, after, limit, id+" DESC")
}

// PageOfFew is Page for a work list, or for what is under way in one village or at one office: however long the history is, that is few. It is found by its condition
// and then sorted: a planner that walks back in the order of ids instead passes all that has ended since.
func PageOfFew(db *gorm.DB, after string, limit int) *gorm.DB {
	return page(db, "id", after, limit, "LOWER(id) DESC") // no index has that order; ids are in lower case
}

func page(db *gorm.DB, id, after string, limit int, order string) *gorm.DB {
	if after != "" {
		db = db.Where(id+" < ?", after)
	}
	return db.Order(order).Limit(min(max(limit, 1), 101))
}

// statements is the time of one transaction.
func (s *Store) statements() time.Duration {
	if s.patient {
		return time.Hour
	}
	return statementTime
}

// statementTime bounds one transaction's statements; the caller's own deadline only bounds its waiting for a turn.
const statementTime = slowed * 8 * time.Second
