package account

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// large is a county of 200 villages and 2,000 staff members; neighbours in the file serve in different villages.
func large() fstest.MapFS {
	var areas, staff strings.Builder
	areas.WriteString("code,name\n219901,青禾县\n")
	var villages []string
	for town := range 10 {
		fmt.Fprintf(&areas, "219901%03d,第%d镇\n", town+101, town)
		for village := range 20 {
			code := fmt.Sprintf("219901%03d%03d", town+101, village+201)
			fmt.Fprintf(&areas, "%s,第%d村\n", code, village)
			villages = append(villages, code)
		}
	}
	staff.WriteString(staffHead)
	for n := range 2000 {
		fmt.Fprintf(&staff, "w%d,王一,clerk,办事员,hall,%s,2026-01-01,\n", n, villages[n%len(villages)])
	}
	return folder(areas.String(), "code,name,kind,area,address,hours,phone\nhall,大厅,county_hall,219901,,,\n", staff.String())
}

// ledger counts the statements of each transaction.
type ledger struct {
	mu   sync.Mutex
	each map[gorm.ConnPool]int
	stop int // after so many statements the database is away; 0 for never
}

var errAway = errors.New("the database is away")

func (l *ledger) count(db *gorm.DB) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.each[db.Statement.ConnPool]++
	if l.stop > 0 {
		if l.stop--; l.stop == 0 {
			_ = db.AddError(errAway)
		}
	}
}

func (l *ledger) longest() (most int) {
	for _, n := range l.each {
		most = max(most, n)
	}
	return most
}

func watched(t *testing.T, s *store.Store) *ledger {
	t.Helper()
	l := &ledger{each: map[gorm.ConnPool]int{}}
	must(t, s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		c := tx.Callback()
		return errors.Join(
			c.Create().Before("*").Register("test:count", l.count), c.Query().Before("*").Register("test:count", l.count),
			c.Update().Before("*").Register("test:count", l.count), c.Row().Before("*").Register("test:count", l.count),
			c.Raw().Before("*").Register("test:count", l.count),
		)
	}))
	return l
}

// A transaction has eight seconds. With a database ten milliseconds away a county is loaded all the same; and when the
// database goes away in the middle, what was loaded stays, and loading again does the rest.
func TestLargeCountyIsLoadedInPieces(t *testing.T) {
	s := storetest.Open(t)
	d := New(s, Options{})
	source := Source{FS: large()}
	l := watched(t, s)
	l.stop = 5000
	first, err := d.Load(t.Context(), access.Round(""), source)
	if !errors.Is(err, errAway) || first.Areas != 211 || first.Persons == 0 || first.Persons == 2000 {
		t.Fatalf("%+v, %v", first, err)
	}
	if n := rows(t, d, "persons"); n != first.Persons {
		t.Errorf("%d people, told %d", n, first.Persons)
	}
	rest, err := d.Load(t.Context(), access.Round(""), source)
	must(t, err)
	if rest.Areas != 0 || first.Persons+rest.Persons != 2000 || first.Posts+rest.Posts != 2000 || rows(t, d, "posts") != 2000 {
		t.Errorf("%+v, then %+v", first, rest)
	}
	if most := l.longest(); most < 100 || time.Duration(most)*10*time.Millisecond > 8*time.Second {
		t.Errorf("%d statements in one transaction", most)
	}
	if again, err := d.Load(t.Context(), access.Round(""), source); err != nil || again != (Loaded{}) {
		t.Errorf("%+v, %v", again, err)
	}
	verified(t, d)
}
