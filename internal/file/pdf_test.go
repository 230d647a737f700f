package file

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"tongban/internal/access"
	"tongban/internal/store"
)

// aPDF is a file of so many pages with more objects in it, and what its first object, the catalogue, says beside.
func aPDF(pages int, catalog string, objects ...string) []byte {
	all := []string{"<</Type/Catalog/Pages 2 0 R" + catalog + ">>"}
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 3+i)
	}
	all = append(all, fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids, pages))
	for range pages {
		all = append(all, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>")
	}
	return wired(append(all, objects...), "")
}

// wired writes objects with their table.
func wired(objects []string, trailer string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, table)
	return b.Bytes()
}

// stream is a packed stream of so many bytes.
func stream(dict string, content []byte) string {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write(content)
	_ = z.Close()
	return fmt.Sprintf("<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream", dict, packed.Len(), packed.String())
}

// bundled hides an object in a bundle of objects that another reader unpacks, with the table of tables that leads there.
func bundled(hidden string) []byte {
	bundle := stream(fmt.Sprintf("/Type/ObjStm/N 1/First %d", len("4 0 ")), []byte("4 0 "+hidden))
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	objects := []string{"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"}
	row := func(kind, at, n int) []byte { return []byte{byte(kind), byte(at >> 8), byte(at), byte(n)} }
	table := row(0, 0, 255)
	for i, o := range objects {
		table = append(table, row(1, b.Len(), 0)...)
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table = append(table, row(2, 5, 0)...)
	table = append(table, row(1, b.Len(), 0)...)
	fmt.Fprintf(&b, "5 0 obj\n%s\nendobj\n", bundle)
	start := b.Len()
	table = append(table, row(1, start, 0)...)
	fmt.Fprintf(&b, "6 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", stream("/Type/XRef/Size 7/W[1 2 1]/Root 1 0 R", table), start)
	return b.Bytes()
}

func TestAPDFIsKeptAsItWasSent(t *testing.T) {
	h := open(t)
	sent := aPDF(3, "/OpenAction[3 0 R/Fit]", "<</S/Transparency>>")
	f, err := h.Keep(t.Context(), zhang, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	if f.Media != PDF || f.Pages != 3 || f.Width != 0 || f.SHA256Sent != sum(sent) || f.SHA256Stored != sum(sent) || f.Ending() != ".pdf" {
		t.Errorf("%+v", f)
	}
	_, from, err := h.Open(t.Context(), zhang, f.ID)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := io.ReadAll(from)
	if err := errors.Join(err, from.Close()); err != nil || !bytes.Equal(kept, sent) {
		t.Errorf("%d bytes, %v", len(kept), err)
	}
	if faults, err := h.Check(t.Context()); err != nil || len(faults) != 0 {
		t.Errorf("%v %v", faults, err)
	}
	if err := h.attach(zhang, "a1", f.ID); err == nil || h.sees(t, li, f.ID) {
		t.Errorf("it was attached where only photos belong: %v", err)
	}
	h.TakesPDF("appeal")
	if err := h.attach(zhang, "a1", f.ID); err != nil {
		t.Error(err)
	}
	ctx := t.Context()
	again, err := h.Again(ctx, []File{*f})
	if err != nil || !strings.HasSuffix(again[0].name, ".pdf") {
		t.Errorf("%+v %v", again, err)
	}
	if f, err := h.Keep(ctx, zhang, bytes.NewReader(bundled("<</S/GoTo/D[3 0 R/Fit]>>"))); err != nil || f.Pages != 1 {
		t.Errorf("a harmless bundle: %v", err)
	}
}

// TestLinksStay: an address that is opened by a touch is what every printed form has; and neither a circle nor a heading is an action.
func TestLinksStay(t *testing.T) {
	link := "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(http://example.org/)>>>>"
	for name, sent := range map[string][]byte{
		"a link": wired([]string{"<</Type/Catalog/Pages 2 0 R/OpenAction[3 0 R/Fit]>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
			"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Annots[" + link + "4 0 R]>>", link}, ""),
		"a heading": aPDF(1, "/Outlines 4 0 R", "<</Type/Outlines/First 5 0 R/Last 6 0 R/Count 2>>", "<</Title(a)/Parent 4 0 R/Next 6 0 R/A<</S/URI/URI(http://example.org/)>>>>",
			"<</Title(b)/Parent 4 0 R/Prev 5 0 R/A 7 0 R>>", "<</S/URI/URI(http://example.org/)>>"),
		"a circle": aPDF(1, "/OpenAction 4 0 R", "<</S/GoTo/D[3 0 R/Fit]/Next[5 0 R 4 0 R]>>", "[4 0 R 5 0 R 5 0 R 99 0 R]"),
	} {
		if pages, err := pdfPages(t.Context(), sent); err != nil || pages != 1 {
			t.Errorf("%s: %d pages, %v", name, pages, err)
		}
	}
}

func TestHostilePDFsAreRefused(t *testing.T) {
	good := aPDF(1, "")
	page := func(more string, objects ...string) []byte {
		return wired(append([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]" + more + ">>"}, objects...), "")
	}
	for name, c := range map[string]struct {
		sent []byte
		want error
	}{
		"a script":                 {aPDF(1, "/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"), ErrActivePDF},
		"a hidden script":          {aPDF(1, "/OpenAction<</S/J#61vaScript/#4aS(app.alert\\(1\\))>>"), ErrActivePDF},
		"a script in a bundle":     {bundled("<</S/JavaScript/JS(app.alert\\(1\\))>>"), ErrActivePDF},
		"a program in a bundle":    {bundled("<</S/Launch/F(calc.exe)>>"), ErrActivePDF},
		"an orphan script":         {aPDF(1, "", "<</S/#4aavaScript/J#53(app.alert\\(1\\))>>"), ErrActivePDF},
		"a program":                {aPDF(1, "/OpenAction<</S/Launch/F(calc.exe)>>"), ErrActivePDF},
		"another file":             {aPDF(1, "/OpenAction<</S/GoToR/F(//host/x.pdf)>>"), ErrActivePDF},
		"a form that sends":        {page("/AA<</O<</S/SubmitForm/F(http://host/)>>>>"), ErrActivePDF},
		"a form of another kind":   {aPDF(1, "/AcroForm<</XFA(x)>>"), ErrActivePDF},
		"a file in it":             {aPDF(1, "/Names<</Embedded#46iles 4 0 R>>", "<</Names[(a)5 0 R]>>"), ErrActivePDF},
		"a file as a note":         {page("/Annots[<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]>>]"), ErrActivePDF},
		"a film":                   {page("/Annots[<</Type/Annot/Subtype/Screen/Rect[0 0 9 9]>>]"), ErrActivePDF},
		"an address at once":       {aPDF(1, "/OpenAction<</S/URI/URI(http://example.org/)>>"), ErrActivePDF},
		"a hidden address":         {aPDF(1, "/Open#41ction<</#53/U#52I/URI(http://example.org/)>>"), ErrActivePDF},
		"an address elsewhere":     {aPDF(1, "/OpenAction 5 0 R", "<</S/URI/URI(http://example.org/)>>", "4 0 R"), ErrActivePDF},
		"an address in a bundle":   {bundled("<</S/URI/URI(http://example.org/)>>"), ErrActivePDF},
		"its kind elsewhere":       {aPDF(1, "/OpenAction<</S 4 0 R/URI(http://example.org/)>>", "/URI"), ErrActivePDF},
		"a form's kind elsewhere":  {page("/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S 4 0 R/F(http://host/)>>>>]", "/SubmitForm"), ErrActivePDF},
		"an address afterwards":    {aPDF(1, "/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next<</S/URI/URI(http://example.org/)>>>>"), ErrActivePDF},
		"one of many afterwards":   {aPDF(1, "/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next[<</S/GoTo/D[3 0 R/Fit]>>4 0 R]>>", "<</S/URI/URI(http://example.org/)>>"), ErrActivePDF},
		"an address after a link":  {page("/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/GoTo/D[3 0 R/Fit]/Next<</S/URI/URI(http://example.org/)>>>>>>]"), ErrActivePDF},
		"an address with a page":   {page("/AA<</O<</S/URI/URI(http://example.org/)>>>>"), ErrActivePDF},
		"the same elsewhere":       {aPDF(1, "/AA 4 0 R", "<</WC 5 0 R>>", "<</S/URI/URI(http://example.org/)>>"), ErrActivePDF},
		"a thread of another file": {page("/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Thread/F(//host/x.pdf)>>>>]"), ErrActivePDF},
		"a thread in a bundle":     {bundled("<</S/Thread/F(//host/x.pdf)/D 0>>"), ErrActivePDF},
		"encrypted":                {wired([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R>>", "<</Filter/Standard/V 1/R 2/O(0)/U(0)/P -4>>"}, "/Encrypt 4 0 R"), ErrActivePDF},
		"too long":                 {aPDF(mostPages+1, ""), ErrLongPDF},
		"without pages":            {sample(t, "plain.pdf"), ErrDamaged},
		"nothing of one":           {[]byte("%PDF-1.7\n%%EOF"), ErrDamaged},
		"cut off":                  {good[:len(good)-40], ErrDamaged},
		"before a picture":         {append(bytes.Clone(good), asJPEG(t, quarters(8, 8))...), ErrDamaged},
		"before a page of the web": {append(bytes.Clone(good), "<html><script>alert(1)</script>"...), ErrDamaged},
		"a bomb":                   {bundled("<<>>" + strings.Repeat(" ", 64<<20)), ErrDamaged},
		"a bundle that lies":       {bytes.Replace(bundled("<<>>"), []byte("/N 1/"), []byte("/N 0/"), 1), ErrDamaged},
		"between the bundled":      {bundled("<<>> <</S/Java#53cript/J#53(1)>>"), ErrActivePDF},
		"within itself":            {page("/A" + strings.Repeat("[", 5000) + strings.Repeat("]", 5000)), ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := NewDarkroom().Take(t.Context(), bytes.NewReader(c.sent)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// TestThePagesStayInOrder: as they were named, not as they were sent.
func TestThePagesStayInOrder(t *testing.T) {
	h := open(t)
	one, two, three, four := h.keep(t, zhang).ID, h.keep(t, zhang).ID, h.keep(t, zhang).ID, h.keep(t, zhang).ID
	if err := errors.Join(h.attach(zhang, "a1", three, one, three), h.attach(zhang, "a1", four, two)); err != nil {
		t.Fatal(err)
	}
	order := func(object string) (ids []string) {
		list, err := h.Attached(h.store.Read(t.Context()), "appeal", object)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list[object] {
			ids = append(ids, f.ID)
		}
		return ids
	}
	if got := order("a1"); strings.Join(got, " ") != strings.Join([]string{three, one, four, two}, " ") {
		t.Errorf("the pages are %v", got)
	}
	list, err := h.Attached(h.store.Read(t.Context()), "appeal", "a1")
	if err != nil {
		t.Fatal(err)
	}
	doubles, err := h.Again(t.Context(), list["a1"])
	if err != nil {
		t.Fatal(err)
	}
	var made []File
	err = h.store.Write(t.Context(), access.Actor{Person: "zhang", Role: access.Resident, Area: village}, func(tx *store.Tx) (err error) {
		made, err = h.AttachDoubles(tx, "appeal", "a2", 0, doubles)
		return err
	})
	if err != nil || len(made) != 4 || strings.Join(order("a2"), " ") != strings.Join([]string{made[0].ID, made[1].ID, made[2].ID, made[3].ID}, " ") {
		t.Errorf("%v %v", made, err)
	}
}
