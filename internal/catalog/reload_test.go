package catalog

import (
	"maps"
	"strings"
	"testing"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/store/storetest"
)

// A publication of one item leaves the others' guides as they are in memory; whatever else a guide shows makes it anew.
func TestOnlyWhatChangedIsReadAnew(t *testing.T) {
	st := storetest.Open(t)
	d := deskOn(t, st)
	waits := map[string]Waiting{}
	d.WaitingBy(func(*gorm.DB) (map[string]Waiting, error) { return maps.Clone(waits), nil })
	refresh := func() {
		t.Helper()
		err := st.Write(t.Context(), access.Round(""), Refresh)
		if err == nil {
			err = d.Reload(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	both := func() (low, old *Guide) { return d.Now().byID[lowID], d.Now().byID[oldID] }
	mustPublish(t, d, twoItems(t))
	low, old := both()

	folder := twoItems(t)
	folder["items/01.yaml"].Data = []byte(strings.Replace(lowText(t), "办事员替您填好申请。", "带上身份证。", 1))
	mustPublish(t, d, folder)
	if l, o := both(); l == low || l.Version != 2 || l.Steps[0].Text != "带上身份证。" || o != old {
		t.Errorf("after one item changed: version %d; the other is the same: %t", l.Version, o == old)
	}

	low, old = both()
	waits[oldID] = Waiting{Months: 6, Enough: true, Decided: 9, Median: 2, P90: 4}
	refresh()
	if l, o := both(); l != low || o == old || o.Waiting != waits[oldID] {
		t.Errorf("after one waits otherwise: %+v; the other is the same: %t", o.Waiting, l == low)
	}

	low, _ = both()
	const another = "3V02ZSZ8Y4"
	folder["codes.csv"].Data = []byte(strings.Replace(twoCodes, "5KF0DBGNMC", another, 1))
	mustPublish(t, d, folder)
	if l, o := both(); l != low || o.Code != another {
		t.Errorf("after its code changed: %s; the other is the same: %t", o.Code, l == low)
	}

	low, _ = both()
	moved := append([]Place{{Kind: low.Places[0].Kind, Name: "新大厅", Area: "219901", Hours: "工作日", Phone: "0000-9"}}, offices...)
	if _, err := d.Publish(t.Context(), publisher, Source{FS: folder, Places: moved, Demo: true}); err != nil {
		t.Fatal(err)
	}
	if l, o := both(); l == low || len(l.Places) != len(low.Places)+1 || o.Waiting != waits[oldID] {
		t.Errorf("after an office opened there are %d places, before %d", len(l.Places), len(low.Places))
	}
}

// A desk that begins with another's guides keeps those that its own store tells alike, and no other: not even of one number.
func TestBegunWithAnothersGuides(t *testing.T) {
	first := deskOn(t, storetest.Open(t))
	mustPublish(t, first, twoItems(t))
	folder := twoItems(t)
	folder["items/01.yaml"].Data = []byte(strings.Replace(lowText(t), "办事员替您填好申请。", "带上身份证。", 1))
	st := storetest.Open(t)
	mustPublish(t, deskOn(t, st), folder)

	d := deskOn(t, st)
	d.Begin(first.Now())
	if err := d.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	low, old := d.Now().byID[lowID], d.Now().byID[oldID]
	if d.Now().Revision != 1 || low.Version != 1 || low.Steps[0].Text != "带上身份证。" {
		t.Errorf("revision %d, version %d: %s", d.Now().Revision, low.Version, low.Steps[0].Text)
	}
	if old != first.Now().byID[oldID] {
		t.Error("what both tell alike is decoded again")
	}
}
