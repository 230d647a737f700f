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

// server holds the scratch databases of this process on a MySQL-protocol server. One is migrated, and the others' tables are made like
// its own: a migration makes, changes and indexes them one statement after the other. To empty one takes a hundredth of that: so a test
// that leaves the tables as they were made hands its database to the next.
type server struct {
	mu       sync.Mutex
	admin    *sql.DB
	made     int
	free     []string   // names
	filled   []string   // names of those that are copied
	shape    string     // of a database just migrated
	running  bool       // Dropping runs the tests
	original string     // the name of the migrated one, like which the others are made
	casting  sync.Mutex // held while the original is made; mu guards the rest
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
	err = s.cast(config)
	if err == nil {
		err = s.copyTables(name)
	}
	if err != nil {
		return "", "", errors.Join(err, s.giveBack(name, true))
	}
	return name, address, nil
}

// cast migrates the database like which all others are made.
func (s *server) cast(config *sqldriver.Config) error {
	s.casting.Lock()
	defer s.casting.Unlock()
	if s.original != "" { // which nobody writes who does not hold casting
		return nil
	}
	s.mu.Lock()
	name, err := s.create()
	s.mu.Unlock()
	if err != nil {
		return err
	}
	of := config.Clone()
	of.DBName = name
	shape := ""
	if err = within("mysql:"+of.FormatDSN(), migrate); err == nil {
		err = s.copyable(name)
	}
	if err == nil {
		shape, err = s.shapeOf(name)
	}
	if err != nil {
		return errors.Join(err, s.dropOne(name))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.original, s.shape = name, shape
	return nil
}

// copyable says no when a migration made what CREATE TABLE ... LIKE leaves out.
func (s *server) copyable(name string) error {
	var n int
	err := s.admin.QueryRow(`
		SELECT (SELECT COUNT(*) FROM information_schema.table_constraints WHERE table_schema = ? AND constraint_type = 'FOREIGN KEY')
		     + (SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = ?)`, name, name).Scan(&n)
	if err == nil && n > 0 {
		err = errors.New("a migration made foreign keys or triggers, which are not copied: migrate each scratch database again")
	}
	return err
}

// copyTables makes the tables of the original in another database, and those that a test makes there collate as they would in it.
func (s *server) copyTables(to string) error {
	s.mu.Lock()
	from, shape := s.original, s.shape
	s.mu.Unlock()
	var collation string
	if err := s.admin.QueryRow("SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = ?", from).Scan(&collation); err != nil {
		return err
	}
	if _, err := s.admin.Exec("ALTER DATABASE `" + to + "` COLLATE " + collation); err != nil {
		return err
	}
	for _, table := range append(tablesOf(shape), versions) {
		if _, err := s.admin.Exec("CREATE TABLE `" + to + "`.`" + table + "` LIKE `" + from + "`.`" + table + "`"); err != nil {
			return err
		}
	}
	if _, err := s.admin.Exec("INSERT INTO `" + to + "`.`" + versions + "` SELECT * FROM `" + from + "`.`" + versions + "`"); err != nil {
		return err
	}
	switch alike, err := s.shapeOf(to); {
	case err != nil:
		return err
	case alike != shape:
		return errors.New("the tables that were made like the migrated ones are not")
	}
	return nil
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

// copy puts every row of one database into an empty one of the same shape: what took the program a second takes the server a hundredth. Cases
// cannot be among them: the server itself fills in a column of theirs.
func (s *server) copy(from, to string) error {
	tables, err := s.withRows(from)
	if err != nil {
		return err
	}
	for _, table := range tables {
		if _, err := s.admin.Exec("INSERT INTO `" + to + "`.`" + table + "` SELECT * FROM `" + from + "`.`" + table + "`"); err != nil {
			return err
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
	tables, err := s.withRows(name)
	if err != nil {
		return false, err
	}
	for _, table := range tables {
		done, err := s.admin.Exec("DELETE FROM `" + name + "`.`" + table + "`")
		if err != nil {
			return false, err
		}
		if n, err := done.RowsAffected(); err != nil || n > tooMany {
			return false, err
		}
	}
	return true, nil
}

// withRows lists the tables of a migrated database that are not empty.
func (s *server) withRows(name string) (tables []string, err error) {
	s.mu.Lock()
	var looks []string
	for _, table := range tablesOf(s.shape) {
		looks = append(looks, "(SELECT '"+table+"' FROM `"+name+"`.`"+table+"` LIMIT 1)")
	}
	s.mu.Unlock()
	if len(looks) == 0 {
		return nil, errors.New("nobody knows the tables of a migrated database")
	}
	rows, err := s.admin.Query(strings.Join(looks, " UNION ALL "))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, rows.Err()
}

// shapeOf is a line for each column and index of a database, and for each version that was migrated to.
func (s *server) shapeOf(name string) (string, error) {
	rows, err := s.admin.Query(`
		SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, collation_name, column_default, extra, generation_expression) FROM information_schema.columns WHERE table_schema = ?
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

// drop drops what is free and what is copied from; every other was dropped when its test ended.
func (s *server) drop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.admin == nil {
		return nil
	}
	for _, name := range slices.Concat(s.free, s.filled, []string{s.original}) {
		if name == "" { // nothing could be migrated
			continue
		}
		if _, err := s.admin.Exec("DROP DATABASE " + name); err != nil {
			return err
		}
	}
	return s.admin.Close()
}
