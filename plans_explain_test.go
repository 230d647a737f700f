//go:build !race

package main

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/store"
)

// statement is what a call of the product sent to the database.
type statement struct {
	call, sql string
	values    []any
}

// recorder keeps each statement once for each call, in the words of the desks themselves: no SQL is written down twice.
type recorder struct {
	mu   sync.Mutex
	call string // under way; nothing is kept while it is empty
	seen map[string]bool
	list []statement
}

// record listens at both pools of a store.
func record(t *testing.T, s *store.Store) *recorder {
	t.Helper()
	r := &recorder{seen: map[string]bool{}}
	if err := r.listen(s.Read(t.Context())); err != nil {
		t.Fatal(err)
	}
	err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		if s.Engine() == "mysql" { // it has one pool for both
			return nil
		}
		return r.listen(tx.DB)
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// listen hears whatever reads rows, to answer them or to change them. Inserts find nothing and are left out.
func (r *recorder) listen(db *gorm.DB) error {
	c := db.Callback()
	return errors.Join(
		c.Query().After("*").Register("test:plans", r.note),
		c.Row().After("*").Register("test:plans", r.note),
		c.Raw().After("*").Register("test:plans", r.note),
		c.Update().After("*").Register("test:plans", r.note),
		c.Delete().After("*").Register("test:plans", r.note),
	)
}

var (
	finds = regexp.MustCompile(`^(SELECT|UPDATE|DELETE)\b`)
	// several values in brackets are found like two of them.
	several = regexp.MustCompile(`\(\?(,\?)+\)`)
)

func (r *recorder) note(db *gorm.DB) {
	if db.DryRun { // a part of a statement, that stands for nothing by itself
		return
	}
	text := db.Statement.SQL.String()
	r.mu.Lock()
	defer r.mu.Unlock()
	key := r.call + "|" + several.ReplaceAllString(text, "(?…)")
	if r.call == "" || r.seen[key] || !finds.MatchString(text) {
		return
	}
	r.seen[key] = true
	r.list = append(r.list, statement{r.call, text, slices.Clone(db.Statement.Vars)})
}

// during names the call under way.
func (r *recorder) during(call string, do func() error) error {
	r.name(call)
	defer r.name("")
	return do()
}

func (r *recorder) name(call string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.call = call
}

// smallTables do not grow with what people do: whoever reads them whole reads little.
var smallTables = map[string]string{
	"areas": "one county's divisions", "offices": "one county's offices", "posts": "one county's staff", "duties": "one county's list", "post_duties": "one county's staff",
	"items": "the county's items", "item_versions": "their versions", "codes": "their printed codes", "places": "where they are handled",
	"case_waits": "one row an item", "catalog_state": "one row", "rounds": "one row a round", "leases": "one row a round",
	"area_changes": "one row a village that was merged or moved", "office_changes": "one row a change to an office", "privacy_texts": "one row an edition",
	"trail_areas": "one row a village", "a": "trail_areas by its other name",
}

// faultsOf reads a plan and says what in it grows with the tables: a table or an index that is read from end to end, rows
// that are sorted before the first of them is shown, or ids that are all collected before the first is looked at.
func faultsOf(engine string, plan []map[string]string) (faults []string) {
	sorted, large, collects := false, false, false
	for _, step := range plan {
		table, fault, sorts := sqliteStep(step["detail"])
		if collects && sqliteOfArea.MatchString(step["detail"]) {
			fault = "collect"
		}
		collects = strings.HasPrefix(step["detail"], "LIST SUBQUERY")
		if engine == "mysql" {
			table, fault, sorts = mysqlStep(step)
		}
		large = large || table != "" && smallTables[table] == ""
		sorted = sorted || sorts
		if fault != "" && smallTables[table] == "" {
			faults = append(faults, fault+" "+table)
		}
	}
	if sorted && large {
		faults = append(faults, "sort")
	}
	return faults
}

var (
	sqliteReads = regexp.MustCompile(`^(SCAN|SEARCH) (\w+)`)
	// sqliteWalks is a search with no other bound than where the last page ended.
	sqliteWalks = regexp.MustCompile(`^SEARCH \w+( EXISTS)? USING .*\((id|rowid)[<>]\?\)$`)
	// sqliteOfArea is a search for all that an area or an office ever had.
	sqliteOfArea = regexp.MustCompile(`^SEARCH \w+( EXISTS)? USING .*\((county|town|village|grid|office)=\?\)$`)
)

var (
	asksForStates = regexp.MustCompile(`\b(cases|errands|appeals)\.status IN \(`)
	// knowsNoState is an index of an area or an office without the state of the rows.
	knowsNoState = regexp.MustCompile(`USING INDEX (cases|errands|appeals)_(\w+)_all \(\w+=\?( AND id[<>]\?)?\)`)
)

// pastHistory: a work list, and what is under way in a village or at an office, is found without passing all that has ended. SQLite says so; the others count for
// themselves. Several states of a county by another way are dense enough to be walked to.
func pastHistory(s statement, plan []map[string]string) []string {
	for _, step := range plan {
		walked := knowsNoState.FindStringSubmatch(step["detail"])
		if walked == nil || !asksForStates.MatchString(s.sql) {
			continue
		}
		if strings.Contains(s.call, "queue") || strings.Contains(s.sql, "LOWER(id)") || walked[2] == "village" || walked[2] == "grid" {
			return []string{"history " + walked[1]}
		}
	}
	return nil
}

// sqliteStep reads one line of SQLite's plan.
func sqliteStep(detail string) (table, fault string, sorts bool) {
	reads := sqliteReads.FindStringSubmatch(detail)
	switch {
	case reads == nil:
		return "", "", strings.HasPrefix(detail, "USE TEMP B-TREE")
	case reads[1] == "SCAN":
		fault = "scan"
	case sqliteWalks.MatchString(detail):
		fault = "walk"
	}
	return reads[2], fault, false
}

// mysqlStep reads one line of MariaDB's or MySQL's EXPLAIN.
func mysqlStep(step map[string]string) (table, fault string, sorts bool) {
	rows, _ := strconv.Atoi(step["rows"])
	switch kind := step["type"]; {
	case strings.HasPrefix(step["table"], "<"): // what a sub-query made
	case kind == "ALL" || kind == "index" && step["key"] != "PRIMARY":
		table, fault = step["table"], "scan"
	case kind == "index", kind == "range" && step["key"] == "PRIMARY" && rows > 500: // fewer are a list of ids
		table, fault = step["table"], "walk"
	default:
		table = step["table"]
	}
	return table, fault, mysqlSorts.MatchString(step["Extra"])
}

var mysqlSorts = regexp.MustCompile(`filesort|temporary`)

// explain asks the database how it would run a statement; it does not run it.
func explain(pool *sql.DB, engine string, s statement) ([]map[string]string, error) {
	words := map[string]string{"sqlite": "EXPLAIN QUERY PLAN ", "mysql": "EXPLAIN "}
	rows, err := pool.Query(words[engine]+s.sql, s.values...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var plan []map[string]string
	for rows.Next() {
		cells, targets := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range cells {
			targets[i] = &cells[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		step := map[string]string{}
		for i, name := range columns {
			step[name] = cells[i].String
		}
		plan = append(plan, step)
	}
	return plan, rows.Err()
}

// written is a plan on a few lines.
func written(plan []map[string]string) string {
	var b strings.Builder
	for _, step := range plan {
		if step["detail"] != "" {
			fmt.Fprintf(&b, "\n\t%s", step["detail"])
		} else {
			fmt.Fprintf(&b, "\n\t%s: %s by %s, %s rows, %s", step["table"], step["type"], step["key"], step["rows"], step["Extra"])
		}
	}
	return b.String()
}
