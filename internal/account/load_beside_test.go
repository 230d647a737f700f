package account

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// TestCopiesThatStartTogether load the same files at the same moment: on a new database, and with one name changed.
func TestCopiesThatStartTogether(t *testing.T) {
	s, o := storetest.Fresh(t)
	copies := []*Desk{New(s, Options{})}
	for range 3 {
		copies = append(copies, replica(t, o))
	}
	staff := staffHead + "wang,王一,clerk,办事员,station,219901101201,2026-01-01,\nli,李二,clerk,办事员,station,219901101201,2026-01-01,\n"
	for _, now := range []string{staff, strings.Replace(staff, "王一", "王二", 1)} {
		failed := make([]error, len(copies))
		var all sync.WaitGroup
		for i, d := range copies {
			all.Go(func() {
				failed[i] = errOf(d.Load(t.Context(), access.Round(""), Source{FS: folder(someAreas, someOffices, now)}))
			})
		}
		all.Wait()
		must(t, errors.Join(failed...))
	}
	d := copies[0]
	if areas, offices, persons, posts := rows(t, d, "areas"), rows(t, d, "offices"), rows(t, d, "persons"), rows(t, d, "posts"); areas != 4 || offices != 2 || persons != 2 || posts != 2 {
		t.Errorf("%d areas, %d offices, %d people, %d posts", areas, offices, persons, posts)
	}
	if name, err := d.StaffName(t.Context(), personOf(t, d, "wang")); err != nil || name != "王二" {
		t.Errorf("name is %q, %v", name, err)
	}
	if loads := trailed(t, d, "person.load", personOf(t, d, "wang")); loads != 2 {
		t.Errorf("his account was loaded %d times", loads)
	}
	verified(t, d)
}

// TestACallWhileTheFilesAreLoadedStands: the copies of the program are replaced one by one, and the others go on working.
func TestACallWhileTheFilesAreLoadedStands(t *testing.T) {
	d := open(t)
	admin := as(t, d, "system-admin")
	order := Order{Day: d.today(), Document: "一号"}
	const hewan access.Area = "219901101202"
	station, err := d.OfficeByCode(t.Context(), "xinglin-station")
	must(t, err)
	var called atomic.Bool // the calls look at the changes, too
	calls := func() {
		if called.Swap(true) {
			return
		}
		must(t, errOf(d.RenameArea(t.Context(), admin, xinglin, "杏花村", order)))
		must(t, errOf(d.ChangeOffice(t.Context(), admin, station.ID, OfficeAsked{Name: "杏花村便民服务站", Kind: station.Kind, Hours: "每天"}, order)))
		must(t, errOf(d.MergeVillage(t.Context(), admin, hewan, xinglin, order)))
	}
	// Load looks at the changes once before its first transaction.
	must(t, d.store.Read(t.Context()).Callback().Query().After("*").Register("test:calls", func(db *gorm.DB) {
		if db.Statement.Table == "area_changes" {
			calls()
		}
	}))
	must(t, errOf(d.Load(t.Context(), access.Round(""), demoCounty())))
	must(t, errOf(d.Load(t.Context(), access.Round(""), demoCounty())))
	village, err := d.Area(t.Context(), xinglin)
	if err != nil || village.Name != "杏花村" {
		t.Errorf("the village is called %q, %v", village.Name, err)
	}
	now, err := d.Office(t.Context(), station.ID)
	if err != nil || now.Name != "杏花村便民服务站" || now.Hours != "每天" {
		t.Errorf("the office is %+v, %v", now, err)
	}
	held, err := postsOn(d.store.Read(t.Context()), personOf(t, d, "clerk-hewan"), clock.Date{Year: d.today().Year + 1, Month: 1, Day: 1})
	if err != nil || len(held) != 0 {
		t.Errorf("in the village that ended he holds %+v, %v", held, err)
	}
	verified(t, d)
}

// TestACallWaitsForTheFilesOrTheyForIt: what the files speak of is locked before it is asked what calls have changed.
func TestACallWaitsForTheFilesOrTheyForIt(t *testing.T) {
	if !storetest.OnMySQL() {
		return // one writes after the other
	}
	d := open(t)
	admin := as(t, d, "system-admin")
	order := Order{Day: d.today(), Document: "一号"}
	station, err := d.OfficeByCode(t.Context(), "xinglin-station")
	must(t, err)
	calls := map[string]func() error{
		"areas": func() error { return errOf(d.RenameArea(t.Context(), admin, xinglin, "杏花村", order)) },
		"offices": func() error {
			return errOf(d.ChangeOffice(t.Context(), admin, station.ID, OfficeAsked{Name: "杏花村便民服务站", Kind: station.Kind}, order))
		},
	}
	var at atomic.Value // the table at whose first look there is a call
	at.Store("")
	var all sync.WaitGroup
	defer all.Wait()
	must(t, d.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Callback().Query().After("*").Register("test:calls", func(db *gorm.DB) {
			table := db.Statement.Table
			if table == "" || strings.Contains(db.Statement.SQL.String(), "NULL") || !at.CompareAndSwap(table, "") { // NULL stands for no rows at all
				return
			}
			done := make(chan struct{})
			all.Go(func() {
				defer close(done)
				if err := calls[table](); err != nil {
					t.Error(err)
				}
			})
			select {
			case <-done:
			case <-time.After(300 * time.Millisecond): // it waits, as it should
			}
		})
	}))
	for table := range calls {
		at.Store(table)
		must(t, errOf(d.Load(t.Context(), access.Round(""), demoCounty())))
		all.Wait()
	}
	village, err := d.Area(t.Context(), xinglin)
	if err != nil || village.Name != "杏花村" {
		t.Errorf("the village is called %q, %v", village.Name, err)
	}
	if now, err := d.Office(t.Context(), station.ID); err != nil || now.Name != "杏花村便民服务站" {
		t.Errorf("the office is %+v, %v", now, err)
	}
	verified(t, d)
}

// TestNoChangeIsOverlooked: one that waited for another has a smaller id than what came before it.
func TestNoChangeIsOverlooked(t *testing.T) {
	d := open(t)
	admin := as(t, d, "system-admin")
	must(t, errOf(d.RenameArea(t.Context(), admin, xinglin, "杏花村", Order{Day: d.today(), Document: "一号"})))
	must(t, d.NoticeAreas(t.Context()))
	mark, _ := d.Ended()
	late := AreaChange{ID: "00000000-0000-7000-8000-000000000000", Kind: AreaRenamed, New: xinglin, Day: d.today(), CreatedAt: d.now()}
	must(t, d.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { return tx.Create(&late).Error }))
	must(t, d.NoticeAreas(t.Context()))
	if now, _ := d.Ended(); now == mark {
		t.Error("a change of an area is overlooked")
	}
	before, err := d.OfficesMark(t.Context())
	must(t, err)
	station, err := d.OfficeByCode(t.Context(), "xinglin-station")
	must(t, err)
	for _, id := range []string{"00000000-0000-7000-8000-000000000002", "00000000-0000-7000-8000-000000000001"} {
		change := OfficeChange{ID: id, Kind: OfficeChanged, Office: station.ID, Day: d.today(), CreatedAt: d.now()}
		must(t, d.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { return tx.Create(&change).Error }))
		now, err := d.OfficesMark(t.Context())
		must(t, err)
		if now == before {
			t.Error("a change of an office is overlooked")
		}
		before = now
	}
}
