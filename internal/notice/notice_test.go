package notice

import (
	"encoding/json"
	"log/slog"
	"os"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog"
	"tongban/internal/secret"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

const (
	itemID              = "01932f00-4c00-7000-8000-0000000000a1" // 低保, of the catalogue's testdata
	xinglin access.Area = "219901101201"
	hewan   access.Area = "219901101202"
)

var places = []catalog.Place{
	{Kind: "village_station", Name: "杏林村便民服务站", Area: xinglin, Hours: "8:30-16:30", Phone: "0000-1111"},
	{Kind: "village_station", Name: "河湾村便民服务站", Area: hewan, Hours: "8:30-16:30", Phone: "0000-2222"},
	{Kind: "township_centre", Name: "柳泉镇便民服务中心", Area: "219901101", Hours: "8:30-17:00", Phone: "0000-3333"},
}

// forChild answers the questions of the item.
var forChild = map[string][]string{"who": {"child"}, "ill": {"disabled"}}

// open gives a desk in the demo county with one item published.
func open(t *testing.T) (*Desk, *store.Store) {
	t.Helper()
	s := storetest.Open(t)
	accounts := account.New(s, account.Options{EasyPasswords: true})
	if _, err := accounts.Load(t.Context(), access.Round(""), account.Source{FS: os.DirFS("../../config/county"), Demo: true}); err != nil {
		t.Fatal(err)
	}
	items := catalog.New(s, nil, slog.New(slog.DiscardHandler), func(it *catalog.Item) ([]byte, error) { return json.Marshal(it.Name) })
	d := New(s, items, accounts)
	publish(t, d, itemText(t))
	return d, s
}

func itemText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../catalog/testdata/item.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func publish(t *testing.T, d *Desk, text string) {
	t.Helper()
	folder := fstest.MapFS{
		"items/01.yaml": {Data: []byte(text)},
		"codes.csv":     {Data: []byte("code,kind,id,village\n")},
	}
	if _, err := d.items.Publish(t.Context(), access.Round(""), catalog.Source{FS: folder, Places: places, Demo: true}); err != nil {
		t.Fatal(err)
	}
}

func mustMake(t *testing.T, d *Desk, r Request) Made {
	t.Helper()
	made, err := d.Make(t.Context(), access.Stranger(), r)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func materials(n Notice) (ids []string) {
	for _, m := range n.List.Materials {
		ids = append(ids, m.ID+":"+string(m.State))
	}
	return ids
}

func count(t *testing.T, s *store.Store, table string) (n int64) {
	t.Helper()
	if err := s.Read(t.Context()).Table(table).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// same compares notices as their readers see them.
func same(t *testing.T, what string, got, want Notice) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b secret.Name) bool { return a.Equal(b) })); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
