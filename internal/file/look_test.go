package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"tongban/internal/fault"
)

// bundles are so many that no table leads to, as another reader would find them, each of so many bytes.
func bundles(n, size int, name string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = stream("/Type/"+name+"/N 1/First 5", []byte("99 0 <<>>"+strings.Repeat(" ", size)))
	}
	return list
}

// nested are streams that each claim all that follows, up to a large one.
func nested(n, size int) []string {
	list := make([]string, n+1)
	for i := range n {
		list[i] = fmt.Sprintf("<</Length %d>>\nstream\nx\nendstream", size)
	}
	list[n] = fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", size, strings.Repeat("x", size))
	return list
}

// repeated is one object in a bundle that the table names many times.
func repeated(times, size int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	row := func(kind, at, n int) []byte { return []byte{byte(kind), byte(at >> 8), byte(at), byte(n)} }
	table := row(0, 0, 255)
	for i, o := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
		stream("/Type/ObjStm/N 1/First 4", []byte("6 0 <<>>"+strings.Repeat(" ", size))),
	} {
		table = append(table, row(1, b.Len(), 0)...)
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	table = append(table, row(1, start, 0)...)
	for range times {
		table = append(table, row(2, 4, 0)...)
	}
	fmt.Fprintf(&b, "5 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", stream(fmt.Sprintf("/Type/XRef/Size %d/W[1 2 1]/Root 1 0 R", 6+times), table), start)
	return b.Bytes()
}

// TestALookIsBounded: a small file may neither hold a seat long nor fill the memory.
func TestALookIsBounded(t *testing.T) {
	for name, c := range map[string]struct {
		sent []byte
		want error
	}{
		"as many bundles as may be":  {aPDF(1, "", bundles(mostBundles, 10, "ObjStm")...), nil},
		"a bundle too many":          {aPDF(1, "", bundles(mostBundles+1, 10, "ObjStm")...), errBundles},
		"a hidden bundle too many":   {aPDF(1, "", bundles(mostBundles+1, 10, "Obj#53tm")...), errBundles},
		"bundles that swell":         {aPDF(1, "", bundles(mostPacked/900_000+1, 900_000, "Obj#53tm")...), errPacked},
		"bundles that fit":           {aPDF(1, "", bundles(mostPacked/900_000-1, 900_000, "ObjStm")...), nil},
		"streams within each other":  {aPDF(1, "", nested(100, 1<<20)...), errReads},
		"two of them":                {aPDF(1, "", nested(1, 1<<20)...), nil},
		"one object named often":     {repeated(100, 10_000), nil},
		"a large object named often": {repeated(mostPacked/900_000+1, 900_000), errPacked},
	} {
		t.Run(name, func(t *testing.T) {
			if pages, err := pdfPages(t.Context(), c.sent); !errors.Is(err, c.want) || err == nil && pages != 1 {
				t.Errorf("%d bytes: %d pages, %v, want %v", len(c.sent), pages, err, c.want)
			}
		})
	}
}

// TestBundlesAreCountedByWhatTheyAre, also where their names cannot be found in the text.
func TestBundlesAreCountedByWhatTheyAre(t *testing.T) {
	table := map[int]*model.XRefTableEntry{}
	for i := range mostBundles {
		table[i] = &model.XRefTableEntry{Object: types.StreamDict{Dict: types.Dict{"Type": types.Name("Obj#53tm")}}}
	}
	if _, err := newLook(t.Context(), table).all(); err != nil {
		t.Fatal(err)
	}
	table[mostBundles] = table[0]
	if _, err := newLook(t.Context(), table).all(); !errors.Is(err, errBundles) {
		t.Errorf("one too many: %v", err)
	}
}

// TestALookEndsInTime: it asks before every object; and who is gone did not send a damaged file.
func TestALookEndsInTime(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	table := map[int]*model.XRefTableEntry{1: {Object: types.Dict{"Type": types.Name("Page")}}}
	if _, err := newLook(over, table).all(); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrDamaged) {
		t.Errorf("it went on: %v", err)
	}
	if _, err := pdfPages(over, aPDF(1, "")); !errors.Is(err, fault.Busy) {
		t.Errorf("the sender is gone: %v", err)
	}
}

func TestUnescaped(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "/JS": "/JS", "/J#53": "/JS", "#4a#53": "JS", "#4A": "J", "#": "#", "a#5": "a#5", "#5g#41": "#5gA", "##41": "#A", "#zz": "#zz", "x#00y": "x\x00y",
	} {
		if got := unescaped([]byte(text)); string(got) != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	long := bytes.Repeat([]byte("#41"), 100_000)
	if n := testing.AllocsPerRun(3, func() { unescaped(long) }); n > 1 {
		t.Errorf("%v pieces of memory", n)
	}
}
