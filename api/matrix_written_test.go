package api

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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
	err = m.Store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		if err := tx.Exec("CREATE TABLE written (name VARCHAR(64) PRIMARY KEY, times BIGINT NOT NULL)").Error; err != nil || storetest.OnMySQL() {
			return err
		}
		return errors.Join(countIn(tx.DB, tables)...)
	})
	if err == nil && storetest.OnMySQL() { // each trigger is written through to the disk there: no transaction may last as long, but many go at once
		var all sync.WaitGroup
		wrong := make([]error, len(tables))
		for i := range tables {
			all.Go(func() { wrong[i] = errors.Join(countIn(m.Store.Read(t.Context()), tables[i:i+1])...) })
		}
		all.Wait()
		err = errors.Join(wrong...)
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
		for _, event := range []string{"INSERT", "UPDATE", "DELETE"} {
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

// noticesWrites: a row that is written is noticed, even with the value that it has, in every table that has rows; most have by now.
func (m *matrix) noticesWrites(t *testing.T) {
	t.Helper()
	undo, filled := errors.New("undone"), 0
	before := m.written(t)
	for table, times := range before {
		var rows int64
		columns, err := m.Store.Read(t.Context()).Migrator().ColumnTypes(table)
		if err == nil {
			err = m.Store.Read(t.Context()).Table(table).Count(&rows).Error
		}
		if err != nil {
			t.Fatal(err)
		}
		if rows == 0 {
			continue
		}
		filled++
		var after int64
		err = m.Store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
			same := "`" + columns[0].Name() + "`"
			if err := tx.Exec("UPDATE " + table + " SET " + same + " = " + same).Error; err != nil {
				return err
			}
			if err := tx.Table("written").Where("name = ?", table).Pluck("times", &after).Error; err != nil {
				return err
			}
			return undo
		})
		if !errors.Is(err, undo) || after != times+rows {
			t.Errorf("%s: %d of %d rows were noticed, %v", table, after-times, rows, err)
		}
	}
	if filled*3 < len(before)*2 {
		t.Errorf("only %d of %d tables have rows", filled, len(before))
	}
}
