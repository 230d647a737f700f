package store

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	sqldriver "github.com/go-sql-driver/mysql"
	"github.com/google/uuid"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migration is one file: its number, and the text for this engine.
type migration struct {
	version    int64
	name       string
	statements []string
}

// plan lists the migrations in order. One file serves both engines; where an engine forces another text,
// a twin NNNN_name.mysql.sql or .sqlite.sql stands beside it and is taken instead.
func plan(engine string) ([]migration, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	chosen := map[int64]string{}
	for _, name := range names {
		base := path.Base(name)
		parts := strings.Split(strings.TrimSuffix(base, ".sql"), ".")
		number, _, _ := strings.Cut(base, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s has no number", base)
		}
		if len(parts) == 2 && parts[1] != engine {
			continue
		}
		if len(parts) == 2 || chosen[version] == "" {
			chosen[version] = name
		}
	}
	var list []migration
	for version, name := range chosen {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		list = append(list, migration{version, path.Base(name), statements(string(text))})
	}
	slices.SortFunc(list, func(a, b migration) int { return int(a.version - b.version) })
	return list, nil
}

// statements cuts a file at the semicolons that end a line.
func statements(text string) []string {
	var list []string
	for s := range strings.SplitSeq(text+"\n", ";\n") {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// Migrate brings the schema up to date, forward only. Replicas that start together wait for each other by a lease.
// Every statement may be run again, since these databases commit each one by itself: what exists already is passed over.
// It works on a pool of its own: an index on a large table takes longer than any request may.
func (s *Store) Migrate(ctx context.Context) error { return s.migrate(ctx, 0) }

// MigrateTo is Migrate as far as one of the migrations, by its number, such as the last one of an older program.
func (s *Store) MigrateTo(ctx context.Context, to int64) error {
	list, err := plan(s.engine.name)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(m migration) bool { return m.version == to }) {
		return fmt.Errorf("migrate: there is no migration %d; the newest is %d", to, list[len(list)-1].version)
	}
	return s.migrate(ctx, to)
}

// migrate goes as far as to, or to the end where that is 0.
func (s *Store) migrate(ctx context.Context, to int64) error {
	dialector, err := s.engine.migrator()
	if err != nil {
		return err
	}
	db, err := s.gorm(dialector)
	if err != nil {
		return err
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := s.bootstrap(ctx, pool); err != nil {
		return err
	}
	provider, err := s.provider(pool)
	if err != nil {
		return err
	}
	current, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if to > 0 && to < current {
		return fmt.Errorf("migrate: the schema is at %d, and goes forward only", current)
	}
	if pending, err := provider.HasPending(ctx); err != nil || !pending || to > 0 && to == current {
		return err
	}
	return s.holdingSchema(ctx, pool, func(ctx context.Context) error {
		if _, err := provider.UpTo(ctx, cmp.Or(to, newest)); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		if to > 0 && to < newest {
			return nil // the roll may not be there yet
		}
		return s.callRoll(ctx)
	})
}

// Pending reports how many migrations are still to be run; the program does not serve before there are none,
// nor on a schema from the future.
func (s *Store) Pending(ctx context.Context) (int, error) {
	pool, err := s.writer.DB()
	if err != nil {
		return 0, err
	}
	provider, err := s.provider(pool)
	if err != nil {
		return 0, err
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return 0, err
	}
	if current > target {
		return 0, fmt.Errorf("the database's schema is version %d, this program knows %d: start a newer program", current, target)
	}
	return int(target - current), nil
}

func (s *Store) provider(pool *sql.DB) (*goose.Provider, error) {
	list, err := plan(s.engine.name)
	if err != nil {
		return nil, err
	}
	steps := make([]*goose.Migration, 0, len(list))
	for _, m := range list {
		run := func(ctx context.Context, db *sql.DB) error {
			for _, statement := range m.statements {
				if _, err := db.ExecContext(ctx, statement); err != nil && !existsAlready(err) {
					return fmt.Errorf("%s: %w", m.name, err)
				}
			}
			return nil
		}
		steps = append(steps, goose.NewGoMigration(m.version, &goose.GoFunc{RunDB: run}, nil))
	}
	dialect := goose.DialectSQLite3
	if s.engine.name == "mysql" {
		dialect = goose.DialectMySQL
	}
	return goose.NewProvider(dialect, pool, nil, goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
}

// bootstrap makes what must stand before the first migration: the binary collation of the database, under which 𠮷 and 𡈽,
// or "a" and "a ", stay two names, and the table of leases.
func (s *Store) bootstrap(ctx context.Context, pool *sql.DB) error {
	if s.engine.name == "mysql" {
		if err := s.collate(ctx, pool); err != nil {
			return err
		}
	}
	_, err := pool.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS leases (name VARCHAR(64) NOT NULL PRIMARY KEY,"+
		" owner VARCHAR(64) NOT NULL, fence BIGINT NOT NULL, lease_until DATETIME NULL)")
	return err
}

// collations in order of preference: MariaDB's, MySQL's. Neither ignores trailing spaces.
var collations = []string{"utf8mb4_nopad_bin", "utf8mb4_0900_bin"}

func (s *Store) collate(ctx context.Context, pool *sql.DB) error {
	var current string
	err := pool.QueryRowContext(ctx, "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?", s.engine.database).Scan(&current)
	if err != nil || slices.Contains(collations, current) {
		return err
	}
	var faults []error
	for _, c := range collations {
		_, err := pool.ExecContext(ctx, "ALTER DATABASE `"+strings.ReplaceAll(s.engine.database, "`", "``")+"` CHARACTER SET utf8mb4 COLLATE "+c)
		if err == nil {
			return nil
		}
		faults = append(faults, err)
	}
	return fmt.Errorf("the database has no binary collation: %w", errors.Join(faults...))
}

const (
	schemaLease = "schema"
	schemaTime  = 15 // seconds, prolonged every five while the migration runs
)

// holdingSchema runs fn while this replica, and no other, holds the schema's lease. When the lease is lost, ctx ends.
func (s *Store) holdingSchema(ctx context.Context, pool *sql.DB, fn func(context.Context) error) error {
	owner := uuid.NewString()
	for {
		held, err := s.takeSchema(ctx, pool, owner)
		if err != nil {
			return err
		}
		if held {
			break
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return fmt.Errorf("migrate: another replica holds the schema: %w", err)
		}
	}
	ctx, lost := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for sleep(ctx, 5*time.Second) == nil {
			if held, err := s.takeSchema(ctx, pool, owner); err == nil && !held {
				lost(errors.New("migrate: the schema's lease went to another replica"))
			}
		}
	}()
	err := fn(ctx)
	lost(nil)
	<-done
	s.releaseSchema(pool, owner)
	return err
}

// takeSchema takes the lease, or prolongs it for its owner.
func (s *Store) takeSchema(ctx context.Context, pool *sql.DB, owner string) (bool, error) {
	_, err := pool.ExecContext(ctx, "INSERT INTO leases (name, owner, fence) SELECT ?, '', 0 WHERE NOT EXISTS (SELECT 1 FROM leases WHERE name = ?)", schemaLease, schemaLease)
	if err != nil && !duplicate(err) { // two replicas made the row at once
		return false, err
	}
	done, err := pool.ExecContext(ctx, "UPDATE leases SET owner = ?, fence = fence + 1, lease_until = "+s.engine.soon+
		" WHERE name = ? AND (owner = ? OR lease_until IS NULL OR lease_until < "+s.engine.now+")", owner, schemaTime, schemaLease, owner)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

func (s *Store) releaseSchema(pool *sql.DB, owner string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := pool.ExecContext(ctx, "UPDATE leases SET lease_until = NULL WHERE name = ? AND owner = ?", schemaLease, owner); err != nil {
		s.log.Warn("the schema's lease was not given back; it runs out by itself", "err", err)
	}
}

// duplicate: the row is there.
func duplicate(err error) bool {
	if e, ok := errors.AsType[*sqldriver.MySQLError](err); ok {
		return e.Number == 1062
	}
	return strings.Contains(err.Error(), "UNIQUE constraint failed")
}

// existsAlready: the table, column or key is there from an earlier run that was cut off.
func existsAlready(err error) bool {
	if e, ok := errors.AsType[*sqldriver.MySQLError](err); ok {
		return e.Number == 1050 || e.Number == 1060 || e.Number == 1061
	}
	text := err.Error()
	return strings.Contains(text, "already exists") || strings.Contains(text, "duplicate column name")
}
