package catalog

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
)

func TestGuideIsAMapLookUp(t *testing.T) {
	d := &Desk{}
	d.snapshot.Store(demoSnapshot(t))
	const id = "01932f00-4c00-7000-8000-000000000014"
	var size int
	allocations := testing.AllocsPerRun(100, func() {
		guide, err := d.Guide(id)
		if err != nil {
			t.Fatal(err)
		}
		size += len(guide.Gzip)
	})
	if allocations != 0 || size == 0 {
		t.Errorf("%v allocations for %d bytes", allocations, size)
	}
	_, err := d.Guide("01932f00-4c00-7000-8000-000000000099")
	wantFault(t, err, ErrItemUnknown)
}

func TestEncodedTellsItsTwoFormsApart(t *testing.T) {
	p := NewPacker()
	seen := map[string]bool{}
	for i := range 3 {
		plain := bytes.Repeat(fmt.Appendf(nil, "办事指南%d", i), 200)
		e, err := p.Pack(plain)
		if err != nil {
			t.Fatal(err)
		}
		r, err := gzip.NewReader(bytes.NewReader(e.Gzip))
		if err != nil {
			t.Fatal(err)
		}
		back, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(back, plain) || len(e.Gzip) >= len(plain)/4 {
			t.Errorf("%d bytes became %d, %v", len(plain), len(e.Gzip), err)
		}
		for _, tag := range []string{e.ETag, e.GzipETag} {
			if seen[tag] || len(tag) < 20 || tag[0] != '"' || tag[len(tag)-1] != '"' {
				t.Errorf("%s is no strong tag of its own", tag)
			}
			seen[tag] = true
		}
		if again, err := NewPacker().Pack(plain); err != nil || !cmp.Equal(e, again) {
			t.Errorf("another replica packs it otherwise: %v", err)
		}
	}
}

func TestCodesOfASnapshot(t *testing.T) {
	s := demoSnapshot(t)
	const id = "01932f00-4c00-7000-8000-000000000014"
	wide, local := s.CodeOf(id, ""), s.CodeOf(id, village)
	if wide == "" || local == "" || wide == local || s.CodeOf("nobody", village) != "" {
		t.Errorf("codes %q and %q", wide, local)
	}
	code, err := s.Code(s.VillageCode(village))
	if err != nil || code.Kind != CodeVillage || code.Village != village || code.ID != "" {
		t.Errorf("the village's code is %+v, %v", code, err)
	}
	_, err = s.Code("ZZZZZZZZZZ")
	wantFault(t, err, ErrCodeMistyped)
	fresh := NewCode(9)
	_, err = s.Code(fresh)
	wantFault(t, err, ErrCodeUnknown)
}

func TestPlacesInTheVillage(t *testing.T) {
	s := demoSnapshot(t)
	guide, err := s.Guide("01932f00-4c00-7000-8000-000000000001")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range s.PlacesIn(guide.Item, village) {
		got = append(got, p.Name)
	}
	if diff := cmp.Diff([]string{"杏林村便民服务站", "柳泉镇便民服务中心"}, got); diff != "" {
		t.Error(diff)
	}
	if all := s.PlacesIn(guide.Item, ""); len(all) != 3 {
		t.Errorf("without a village there are %d places", len(all))
	}
}

// A county with hundreds of stations names them as one; each village still has its own.
func TestManyPlacesAreNamedAsOne(t *testing.T) {
	it := &Item{Offices: []PlaceKind{"village_station", "county_hall"}}
	places := []Place{{Kind: "county_hall", Name: "县政务服务大厅", Area: "219901", Hours: "工作日", Phone: "0000-1"}}
	for i := range 200 {
		area := access.Area(fmt.Sprintf("219901101%03d", i))
		places = append(places, Place{Kind: "village_station", Name: "站", Area: area, Hours: "上午", Phone: fmt.Sprint(i)})
	}
	it.settle(places)
	if len(it.Places) != 2 || it.Places[0].Name != "各村便民服务站（到您自己的村就行）" || it.Hours != "上午" || len(it.Phones) != 1 {
		t.Errorf("places %+v, phones %+v", it.Places, it.Phones)
	}
	s := &Snapshot{places: places}
	if near := s.PlacesIn(it, "219901101007"); len(near) != 2 || near[0].Phone != "7" {
		t.Errorf("near are %+v", near)
	}
}

// A body as the first release stored it: notices quote versions for years, so its names must go on being read.
func TestStoredBodiesStayReadable(t *testing.T) {
	it, err := decodeBody(versionRow{Item: lowID, Version: 7, Body: readTest(t, "testdata/body-1.json")})
	if err != nil {
		t.Fatal(err)
	}
	want := *lowItem(t)
	want.Version = 7
	want.Materials[2].Sample = "" // came later
	if diff := cmp.Diff(&want, it); diff != "" {
		t.Error(diff)
	}
}
