package catalog

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

const (
	lowID   = "01932f00-4c00-7000-8000-0000000000a1" // 低保, of testdata/item.yaml
	oldID   = "01932f00-4c00-7000-8000-0000000000a2" // 养老, made from it
	village = access.Area("219901101201")
	other   = access.Area("219901101202")
)

var publisher = access.Actor{Person: "p1", Role: access.Publisher, Area: "219901"}

func readTest(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func lowText(t testing.TB) string { return readTest(t, "testdata/item.yaml") }

// oldText is a second item: another id, name and procedure.
func oldText(t testing.TB) string {
	return strings.NewReplacer(lowID, oldID, "seq: 1", "seq: 2", "最低生活保障审核确认", "城乡居民养老保险待遇重新核定",
		"低保, 困难补助", "养老金, chong ding", "社会救助\n", "社会保险\n", "county_wide: false", "county_wide: true",
		"入户看一看", "核对年限", "到村站点说情况", "带上存折").Replace(lowText(t))
}

// folderOf is a county's folder with the given files, by name without items/ for the items.
func folderOf(files ...string) fstest.MapFS {
	folder := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		folder[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return folder
}

// twoItems is a valid folder with two items and their codes.
func twoItems(t testing.TB) fstest.MapFS {
	return folderOf("items/01.yaml", lowText(t), "items/02.yaml", oldText(t), "codes.csv", twoCodes)
}

const twoCodes = `code,kind,id,village
EQ4KX4RQB3,item,01932f00-4c00-7000-8000-0000000000a1,
9N5A4GA8SG,item,01932f00-4c00-7000-8000-0000000000a1,219901101201
5KF0DBGNMC,item,01932f00-4c00-7000-8000-0000000000a2,
KBRX5D0YNV,village,,219901101201
`

func lowItem(t testing.TB) *Item {
	t.Helper()
	folder, err := Load(folderOf("items/01.yaml", lowText(t)))
	if err != nil {
		t.Fatal(err)
	}
	return folder.Files[0].Item
}

var offices = []Place{
	{"village_station", "杏林村便民服务站", village, "杏林村口", "周一至周五 8:30-16:30", "0000-1111"},
	{"village_station", "河湾村便民服务站", other, "河湾村口", "周一至周五 8:30-16:30", "0000-2222"},
	{"township_centre", "柳泉镇便民服务中心", "219901101", "镇街1号", "周一至周五 8:30-17:00", "0000-3333"},
}

func encodeName(it *Item) ([]byte, error) {
	return json.Marshal(map[string]any{"id": it.ID, "name": it.Name, "version": it.Version})
}

func deskOn(t testing.TB, st *store.Store) *Desk {
	t.Helper()
	return New(st, nil, slog.New(slog.DiscardHandler), encodeName)
}

func mustPublish(t testing.TB, d *Desk, folder fs.FS) Published {
	t.Helper()
	done, err := d.Publish(t.Context(), publisher, Source{FS: folder, Places: offices, Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	return done
}

// lineOf is the number of the first line that holds mark.
func lineOf(t testing.TB, text, mark string) int {
	t.Helper()
	before, _, found := strings.Cut(text, mark)
	if !found {
		t.Fatalf("%q is not in the text", mark)
	}
	return strings.Count(before, "\n") + 1
}

// wantFault demands the declared fault, and hands back the occurrence.
func wantFault(t testing.TB, err error, want *fault.Fault) *fault.Error {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %s", err, want.Code)
	}
	return fault.Of(err)
}
