package audit

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

var (
	auditor = access.Actor{Person: "a", Role: access.AuditAdmin, Area: "219901"}
	ofTown  = access.Actor{Person: "t", Role: access.AuditAdmin, Area: "219901101"}
	maker   = access.Actor{Person: "m", Post: "p", Role: access.Clerk, Office: "o", Area: "219901101201"}
)

// open gives a desk over three days with a row in each of these areas on each.
func open(t *testing.T, hides ...Hide) (*Desk, *store.Store) {
	t.Helper()
	s := storetest.Open(t)
	for day := range 3 {
		for _, area := range []access.Area{"219901", "219901101", "219901101201", "219901201", "219902", ""} {
			err := s.Write(t.Context(), maker, func(tx *store.Tx) error {
				tx.Trail(store.Entry{Act: "toy.make", Kind: "toy", Object: fmt.Sprintf("%s-%d", area, day), Area: area, To: "made", Why: "要用", Fields: []string{"colour"}})
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		s.Clock().Advance(24 * time.Hour)
	}
	return New(s, hides...), s
}

func areasOf(t *testing.T, d *Desk, actor access.Actor, f Filter) (areas []string) {
	t.Helper()
	f.Limit = 100
	list, err := d.Trail(t.Context(), actor, f)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range list {
		if b.Kind == "toy" && !slices.Contains(areas, b.Area) {
			areas = append(areas, b.Area)
		}
	}
	slices.Sort(areas)
	return areas
}

func TestWhoReadsWhichTrail(t *testing.T) {
	d, _ := open(t)
	if got := areasOf(t, d, auditor, Filter{}); !slices.Equal(got, []string{"0", "219901", "219901101", "219901101201", "219901201"}) {
		t.Errorf("the county's: %v", got)
	}
	if got := areasOf(t, d, ofTown, Filter{}); !slices.Equal(got, []string{"219901101", "219901101201"}) {
		t.Errorf("the town's: %v", got)
	}
	if got := areasOf(t, d, ofTown, Filter{Area: "219901201"}); len(got) > 0 {
		t.Errorf("another town's, asked for: %v", got)
	}
	heads := func(actor access.Actor) int {
		list, err := d.Heads(t.Context(), actor)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if heads(auditor) != 5 || heads(ofTown) != 2 {
		t.Errorf("%d heads, the town %d", heads(auditor), heads(ofTown))
	}
	for _, role := range append(access.Roles(), access.System) {
		if role == access.AuditAdmin {
			continue
		}
		other := access.Actor{Person: "x", Role: role, Area: "219901"}
		if _, err := d.Trail(t.Context(), other, Filter{}); !errors.Is(err, fault.NotYours) {
			t.Errorf("%s reads the trail: %v", role, err)
		}
		if _, err := d.Heads(t.Context(), other); !errors.Is(err, fault.NotYours) {
			t.Errorf("%s reads the heads: %v", role, err)
		}
	}
}

func TestTheTrailIsNarrowed(t *testing.T) {
	d, _ := open(t)
	day := clock.Date{Year: 2026, Month: 11, Day: 24}
	for name, c := range map[string]struct {
		f    Filter
		want int
	}{
		"a day":              {Filter{From: day, To: day, Kind: "toy"}, 5},
		"from a day":         {Filter{From: day, Kind: "toy"}, 10},
		"until a day":        {Filter{To: day, Kind: "toy"}, 10},
		"who":                {Filter{Person: "m"}, 15},
		"somebody else":      {Filter{Person: "nobody"}, 0},
		"act":                {Filter{Act: "toy.make"}, 15},
		"another act":        {Filter{Act: "toy.break"}, 0},
		"object":             {Filter{Object: "219901101-1"}, 1},
		"area and below":     {Filter{Area: "219901101", Kind: "toy"}, 6},
		"object and its day": {Filter{Object: "219901101-1", From: day.AddDays(1)}, 0},
	} {
		c.f.Limit = 100
		list, err := d.Trail(t.Context(), auditor, c.f)
		if err != nil || len(list) != c.want {
			t.Errorf("%s: %d rows, %v; want %d", name, len(list), err, c.want)
		}
	}
	if _, err := d.Trail(t.Context(), auditor, Filter{From: day, To: day.AddDays(-1)}); fault.Of(err).Kind != fault.Invalid {
		t.Errorf("days the wrong way round: %v", err)
	}
}

// A clock stepped a month ahead and was set right again: the chain goes on under the later day, and the acts are found on their own.
func TestTheTrailIsNarrowedByWhenItWas(t *testing.T) {
	d, s := open(t)
	today := clock.DateOf(s.Clock().Now())
	act := func(object string) {
		t.Helper()
		err := s.Write(t.Context(), auditor, func(tx *store.Tx) error {
			tx.Trail(store.Entry{Act: "toy.step", Kind: "step", Object: object, Area: "219901101201"})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	s.Clock().Advance(30 * 24 * time.Hour)
	act("ahead")
	s.Clock().Advance(-30 * 24 * time.Hour)
	act("today")
	for day, want := range map[clock.Date]string{today: "today", today.AddDays(30): "ahead"} {
		list, err := d.Trail(t.Context(), auditor, Filter{From: day, To: day, Kind: "step", Limit: 10})
		if err != nil || len(list) != 1 || list[0].Object != want {
			t.Errorf("of %s: %+v, %v", day, list, err)
		}
		var exported []string
		row := func(r store.TrailRow) error {
			if r.Kind == "step" {
				exported = append(exported, r.Object)
			}
			return nil
		}
		err = s.Export(t.Context(), day, day, row, func(store.Head) error { return nil })
		if err != nil || len(exported) != 1 || exported[0] != want {
			t.Errorf("exported of %s: %v, %v", day, exported, err)
		}
	}
	if _, err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheTrailTurnsItsPages(t *testing.T) {
	d, _ := open(t)
	var seen []string
	for after := ""; ; {
		list, err := d.Trail(t.Context(), auditor, Filter{Kind: "toy", After: after, Limit: 4})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range list {
			seen = append(seen, b.ID)
		}
		if len(list) < 4 {
			break
		}
		after = list[3].ID
	}
	if len(seen) != 15 || !slices.IsSortedFunc(seen, func(a, b string) int { return -1 * compare(a, b) }) {
		t.Errorf("%d rows: %v", len(seen), seen)
	}
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Whoever reads the trail is in it, with what he asked for; who may not, reads nothing and is not.
func TestReadingIsTrailed(t *testing.T) {
	d, s := open(t)
	f := Filter{Person: "m", Object: "219901-0", From: clock.Date{Year: 2026, Month: 11, Day: 23}, Limit: 10}
	if _, err := d.Trail(t.Context(), auditor, f); err != nil {
		t.Fatal(err)
	}
	list, err := d.Trail(t.Context(), auditor, Filter{Kind: "trail", Limit: 10})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	b := list[0]
	if b.Act != "trail.read" || b.Person != "a" || b.Area != "219901" || b.Why != "from=2026-11-23 person=m object=219901-0" {
		t.Errorf("trailed as %+v", b)
	}
	var before, after int64
	s.Read(t.Context()).Model(&store.TrailRow{}).Count(&before)
	if _, err := d.Trail(t.Context(), maker, f); err == nil {
		t.Error("a clerk reads the trail")
	}
	if _, err := d.Heads(t.Context(), auditor); err != nil {
		t.Error(err)
	}
	s.Read(t.Context()).Model(&store.TrailRow{}).Count(&after)
	if before != after {
		t.Error("a refusal, or the heads, left a row")
	}
}

func TestWhatIsHiddenIsNotThere(t *testing.T) {
	d, _ := open(t, func(db *gorm.DB, actor access.Actor) *gorm.DB {
		return db.Where("object <> ? OR ? <> 'a'", "219901101-1", actor.Person)
	})
	if list, err := d.Trail(t.Context(), auditor, Filter{Object: "219901101-1", Limit: 10}); err != nil || len(list) > 0 {
		t.Errorf("%v %v", list, err)
	}
	if list, err := d.Trail(t.Context(), ofTown, Filter{Object: "219901101-1", Limit: 10}); err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
}
