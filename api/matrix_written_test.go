package api

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// unheeded are the tables that a refused call may write, each with the reason.
var unheeded = map[string]string{
	"tries": "guesses and other attempts are counted, whatever comes of them",
}

// events are the ways in which a row is written.
var events = []string{"UPDATE", "DELETE", "INSERT"}

// countWrites has the database itself count from now on how often rows of each table are written: inserted, deleted, or changed in whatever
// column. It is exact, and to ask for it costs one query, where reading all rows would cost more than the calls. What is rolled back takes its
// count along.
func (m *matrix) countWrites(t *testing.T) {
	t.Helper()
	tables, err := m.Store.Read(t.Context()).Migrator().GetTables()
	if err != nil {
		t.Fatal(err)
	}
	for table := range unheeded {
		if !slices.Contains(tables, table) {
			t.Errorf("%s is no table", table)
		}
	}
	count := func(db *gorm.DB) error {
		const table = "CREATE TABLE written (name VARCHAR(64) PRIMARY KEY, times BIGINT NOT NULL)"
		return errors.Join(append([]error{db.Exec(table).Error}, countIn(db, tables)...)...)
	}
	if storetest.OnMySQL() { // each trigger is written through to the disk there: no transaction may last as long. Made at once, some would leave a file behind
		err = count(m.Store.Read(t.Context()))
	} else {
		err = m.Store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { return count(tx.DB) })
	}
	if err != nil {
		t.Fatal(err)
	}
}

// countIn makes the triggers of these tables.
func countIn(db *gorm.DB, tables []string) (wrong []error) {
	for _, table := range tables {
		if strings.HasPrefix(table, "sqlite_") || unheeded[table] != "" {
			continue
		}
		wrong = append(wrong, db.Exec("INSERT INTO written VALUES (?, 0)", table).Error)
		for _, event := range events {
			trigger := fmt.Sprintf("CREATE TRIGGER written_%s_%s AFTER %s ON %s FOR EACH ROW BEGIN UPDATE written SET times = times + 1 WHERE name = '%s'; END", table, event, event, table, table)
			wrong = append(wrong, db.Exec(trigger).Error)
		}
	}
	return wrong
}

// written is how often each table was written.
func (m *matrix) written(t *testing.T) map[string]int64 {
	t.Helper()
	var rows []struct {
		Name  string
		Times int64
	}
	if err := m.Store.Read(t.Context()).Table("written").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	times := map[string]int64{}
	for _, row := range rows {
		times[row.Name] = row.Times
	}
	return times
}

// noticesWrites: what is written, taken out or put in is noticed, each row and even with the values that it has, in every table that has rows;
// most have by now. The others are told of by as many triggers.
func (m *matrix) noticesWrites(t *testing.T) {
	t.Helper()
	filled, before, watched := 0, m.written(t), m.watched(t)
	tables, err := m.Store.Read(t.Context()).Migrator().GetTables()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if strings.HasPrefix(table, "sqlite_") || table == "written" || unheeded[table] != "" {
			continue
		}
		if watched[table] != len(events) {
			t.Errorf("%s: %d triggers", table, watched[table])
		}
		var rows int64
		if err := m.Store.Read(t.Context()).Table(table).Count(&rows).Error; err != nil {
			t.Fatal(err)
		}
		if rows == 0 {
			continue
		}
		filled++
		for i, n := range m.rewritten(t, table) {
			if want := before[table] + rows*int64(i+1); n != want {
				t.Errorf("%s: of %d rows %d were noticed at %s", table, rows, rows+n-want, events[i])
			}
		}
	}
	if filled*3 < len(before)*2 {
		t.Errorf("only %d of %d tables have rows", filled, len(before))
	}
}

// rewritten is how often the table was written after each of its rows was given the values that it has, taken out, and put in again. All of it is
// undone.
func (m *matrix) rewritten(t *testing.T, table string) (after []int64) {
	t.Helper()
	undo, columns := errors.New("undone"), m.columns(t, table)
	all := strings.Join(columns, ", ")
	err := m.Store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		after = nil // it may be tried again
		if storetest.OnMySQL() {
			if err := tx.Exec("DROP TEMPORARY TABLE IF EXISTS aside").Error; err != nil {
				return err
			}
		}
		if err := tx.Exec("CREATE TEMPORARY TABLE aside AS SELECT " + all + " FROM " + table).Error; err != nil {
			return err
		}
		for _, write := range []string{
			"UPDATE " + table + " SET " + columns[0] + " = " + columns[0], "DELETE FROM " + table, "INSERT INTO " + table + " (" + all + ") SELECT " + all + " FROM aside",
		} {
			var times int64
			if err := errors.Join(tx.Exec(write).Error, tx.Table("written").Where("name = ?", table).Pluck("times", &times).Error); err != nil {
				return err
			}
			after = append(after, times)
		}
		if storetest.OnMySQL() { // else it goes with the transaction
			return cmp.Or(tx.Exec("DROP TEMPORARY TABLE aside").Error, undo)
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Fatalf("%s: %v", table, err)
	}
	return after
}

// columns are those of the table that are not reckoned from others, quoted.
func (m *matrix) columns(t *testing.T, table string) (names []string) {
	t.Helper()
	ask := "SELECT name FROM pragma_table_info(?)" // it leaves out what is reckoned
	if storetest.OnMySQL() {
		ask = "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? AND extra NOT LIKE '%GENERATED%'"
	}
	if err := m.Store.Read(t.Context()).Raw(ask, table).Scan(&names).Error; err != nil || len(names) == 0 {
		t.Fatalf("%s has the columns %v, %v", table, names, err)
	}
	for i, name := range names {
		names[i] = "`" + name + "`"
	}
	return names
}

// watched is how many kinds of writing are noticed, by table.
func (m *matrix) watched(t *testing.T) map[string]int {
	t.Helper()
	ask := "SELECT tbl_name AS name, COUNT(*) AS kinds FROM sqlite_schema WHERE type = 'trigger' GROUP BY tbl_name"
	if storetest.OnMySQL() {
		ask = "SELECT event_object_table AS name, COUNT(DISTINCT event_manipulation) AS kinds FROM information_schema.triggers WHERE trigger_schema = DATABASE() GROUP BY event_object_table"
	}
	var rows []struct {
		Name  string
		Kinds int
	}
	if err := m.Store.Read(t.Context()).Raw(ask).Scan(&rows).Error; err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, row := range rows {
		kinds[row.Name] = row.Kinds
	}
	return kinds
}
