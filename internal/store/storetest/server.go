package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	sqldriver "github.com/go-sql-driver/mysql"

	"tongban/internal/store"
)

// server holds the scratch databases of this process on a MySQL-protocol server. To migrate one takes a second and more, to
// empty one a hundredth of it: so a test that leaves the tables as they were made hands its database to the next.
type server struct {
	mu      sync.Mutex
	admin   *sql.DB
	made    int
	free    []string // names
	filled  []string // names of those that are copied
	shape   string   // of a database just migrated
	running bool     // Dropping runs the tests
}

var scratch server

// tooMany rows in a table are not worth deleting, and leave statistics behind that mislead the plans of the next test.
const tooMany = 5000

// Main runs the tests of a package as its TestMain, and drops their scratch databases.
func Main(m *testing.M) { os.Exit(Dropping{m}.Run()) }

// Dropping is the tests of a package, for a TestMain that has more to do.
type Dropping struct{ *testing.M }

// Run runs them and drops their scratch databases.
func (d Dropping) Run() int {
	scratch.mu.Lock()
	scratch.running = true
	scratch.mu.Unlock()
	code := d.M.Run()
	if err := scratch.drop(); err != nil {
		fmt.Fprintln(os.Stderr, "a scratch database is left behind:", err)
		return 1
	}
	return code
}

// onServer is a migrated database of the test's own, with what stands in the filled one; empty for the name of none.
func onServer(t testing.TB, filled func() (name string, err error)) string {
	t.Helper()
	name, address, err := scratch.open(serverDSN())
	if err != nil {
		t.Fatalf("TONGBAN_TEST_MYSQL is set, but it gives no migrated database: %v", err)
	}
	t.Cleanup(func() {
		if err := scratch.giveBack(name, t.Failed()); err != nil {
			t.Error(err)
		}
	})
	from, err := filled()
	if err == nil && from != "" {
		err = scratch.copy(from, name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// emptyOnServer is a database of the test's own with nothing in it.
func emptyOnServer(t testing.TB) string {
	t.Helper()
	name, address, err := scratch.blank(serverDSN())
	if err != nil {
		t.Fatalf("TONGBAN_TEST_MYSQL is set, but it gives no database: %v", err)
	}
	t.Cleanup(func() {
		if err := scratch.dropOne(name); err != nil {
			t.Error(err)
		}
	})
	return address
}

// blank makes an empty database.
func (s *server) blank(dsn string) (name, address string, err error) {
	config, err := read(dsn)
	if err != nil {
		return "", "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.connect(config); err != nil {
		return "", "", err
	}
	name, err = s.create()
	config.DBName = name
	return name, "mysql:" + config.FormatDSN(), err
}

func read(dsn string) (*sqldriver.Config, error) {
	config, err := sqldriver.ParseDSN(dsn)
	if err != nil {
		return nil, errors.New("it is no DSN") // which holds a password
	}
	return config, nil
}

// open is a migrated database.
func (s *server) open(dsn string) (name, address string, err error) {
	config, err := read(dsn)
	if err != nil {
		return "", "", err
	}
	name, fresh, err := s.take(config)
	if err != nil {
		return "", "", err
	}
	config.DBName = name
	address = "mysql:" + config.FormatDSN()
	if !fresh {
		return name, address, nil
	}
	err = within(address, migrate)
	if err == nil {
		err = s.measure(name)
	}
	if err != nil {
		return "", "", errors.Join(err, s.giveBack(name, true))
	}
	return name, address, nil
}

// fill makes a database to be copied.
func (s *server) fill(dsn string, do func(context.Context, *store.Store) error) (name string, err error) {
	name, address, err := s.open(dsn)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	s.filled = append(s.filled, name)
	s.mu.Unlock()
	return name, within(address, do)
}

// copy puts every row of one database into another of the same shape: what took the program a second takes the server a hundredth. Cases
// cannot be among them: the server itself fills in a column of theirs.
func (s *server) copy(from, to string) error {
	s.mu.Lock()
	tables := tablesOf(s.shape)
	s.mu.Unlock()
	if len(tables) == 0 {
		return errors.New("nobody knows the tables of a migrated database")
	}
	for _, table := range tables {
		var some int
		switch err := s.admin.QueryRow("SELECT 1 FROM `" + from + "`.`" + table + "` LIMIT 1").Scan(&some); {
		case errors.Is(err, sql.ErrNoRows):
			continue
		case err != nil:
			return err
		}
		for _, q := range []string{"DELETE FROM `" + to + "`.`" + table + "`", "INSERT INTO `" + to + "`.`" + table + "` SELECT * FROM `" + from + "`.`" + table + "`"} {
			if _, err := s.admin.Exec(q); err != nil {
				return err
			}
		}
	}
	return nil
}

// take finds a free database, or makes one.
func (s *server) take(config *sqldriver.Config) (name string, fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.connect(config); err != nil {
		return "", false, err
	}
	if n := len(s.free); n > 0 {
		name, s.free = s.free[n-1], s.free[:n-1]
		return name, false, nil
	}
	name, err = s.create()
	return name, true, err
}

func (s *server) connect(config *sqldriver.Config) (err error) {
	if !s.running {
		return errors.New("the package has no TestMain that ends with storetest.Main, so nobody would drop its databases")
	}
	if s.admin == nil {
		s.admin, err = sql.Open("mysql", config.FormatDSN())
	}
	return err
}

func (s *server) create() (name string, err error) {
	s.made++
	name = fmt.Sprintf("tongban_test_%d_%d", os.Getpid(), s.made)
	_, err = s.admin.Exec("CREATE DATABASE " + name)
	return name, err
}

// measure notes what a migrated database looks like.
func (s *server) measure(name string) error {
	shape, err := s.shapeOf(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && s.shape != "" && s.shape != shape {
		return errors.New("two migrations made different databases")
	}
	if err == nil {
		s.shape = shape
	}
	return err
}

// giveBack empties a database for the next test, or drops it: when the test has failed or changed the tables, or filled them.
func (s *server) giveBack(name string, failed bool) error {
	clean := false
	if !failed {
		var err error
		if clean, err = s.empty(name); err != nil {
			return err
		}
	}
	if !clean {
		return s.dropOne(name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, name)
	return nil
}

func (s *server) dropOne(name string) error {
	_, err := s.admin.Exec("DROP DATABASE IF EXISTS " + name)
	return err
}

func (s *server) empty(name string) (clean bool, err error) {
	shape, err := s.shapeOf(name)
	s.mu.Lock()
	changed := shape != s.shape
	s.mu.Unlock()
	if err != nil || changed {
		return false, err
	}
	for _, table := range tablesOf(shape) {
		in := "`" + name + "`.`" + table + "`"
		var some int
		switch err := s.admin.QueryRow("SELECT 1 FROM " + in + " LIMIT 1").Scan(&some); {
		case errors.Is(err, sql.ErrNoRows):
			continue
		case err != nil:
			return false, err
		}
		done, err := s.admin.Exec("DELETE FROM " + in)
		if err != nil {
			return false, err
		}
		if n, err := done.RowsAffected(); err != nil || n > tooMany {
			return false, err
		}
	}
	return true, nil
}

// shapeOf is a line for each column and index of a database, and for each version that was migrated to.
func (s *server) shapeOf(name string) (string, error) {
	rows, err := s.admin.Query(`
		SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, collation_name, column_default) FROM information_schema.columns WHERE table_schema = ?
		UNION ALL SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name, non_unique) FROM information_schema.statistics WHERE table_schema = ?
		UNION ALL SELECT CONCAT_WS(' ', '`+versions+`', version_id, is_applied) FROM `+name+`.`+versions+` ORDER BY 1`, name, name)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return "", err
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n"), rows.Err()
}

// versions is the migrations' own table, which stays as it is.
const versions = "goose_db_version"

func tablesOf(shape string) (names []string) {
	for line := range strings.Lines(shape) {
		name, _, _ := strings.Cut(line, " ")
		if name != versions {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// drop drops what is free and what is copied; every other was dropped when its test ended.
func (s *server) drop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.admin == nil {
		return nil
	}
	for _, name := range slices.Concat(s.free, s.filled) {
		if _, err := s.admin.Exec("DROP DATABASE " + name); err != nil {
			return err
		}
	}
	return s.admin.Close()
}
