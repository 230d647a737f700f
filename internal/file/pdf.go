package file

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"tongban/internal/fault"
)

// A PDF cannot be made anew as a photo is: it is kept as it was sent, so it is looked through first, and what could act when somebody opens
// it is refused. It is never shown by us, but handed out to be saved.

// The media types of what is kept.
const (
	JPEG = formatJPEG
	PDF  = "application/pdf"
)

const (
	mostPages   = 60
	mostObjects = 50_000
	mostDecoded = 2 << 20         // bytes of one table or bundle of objects, unpacked; pages and pictures are never unpacked
	mostBundles = 500             // of objects
	pdfTime     = 5 * time.Second // of the reader
	deepest     = 64              // levels of objects within each other
)

var (
	ErrActivePDF = fault.New(fault.Invalid, "file.active_pdf", "这个 PDF 里有脚本、附件、能自动打开的内容或者加了密，不能上传。请把它打印成普通 PDF，或者拍照上传")
	ErrLongPDF   = fault.New(fault.Invalid, "file.too_many_pages", "PDF 的页数太多，最多 60 页")
)

func init() { model.ConfigPath = "disable" } // else it writes a folder of its own into the user's home

// pdfPages looks through a PDF and answers how many pages it has. It is bounded in time and memory, whatever the bytes claim.
func pdfPages(ctx context.Context, sent []byte) (pages int, err error) {
	defer func() {
		if stumbled := recover(); stumbled != nil {
			pages, err = 0, ErrDamaged.Because(fmt.Errorf("reader: %v", stumbled))
		}
	}()
	// Whole from its first byte to its last: nothing that another reader takes for another kind of file.
	if !bytes.HasPrefix(sent, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimRight(sent, " \t\r\n\x00"), []byte("%%EOF")) {
		return 0, ErrDamaged
	}
	// Also what no table names any more lies in the file that is handed out.
	for _, word := range [][]byte{[]byte("/JavaScript"), []byte("/Launch"), []byte("/EmbeddedFile"), []byte("/RichMedia")} {
		if bytes.Contains(sent, word) {
			return 0, ErrActivePDF.Because(fmt.Errorf("%s", word))
		}
	}
	if bytes.Contains(sent, []byte("/Encrypt")) {
		return 0, ErrActivePDF.Because(errors.New("encrypted"))
	}
	if bytes.Count(sent, []byte("ObjStm")) > mostBundles {
		return 0, ErrDamaged.Because(errors.New("too many bundles of objects"))
	}
	conf := model.NewDefaultConfiguration()
	conf.Offline = true
	conf.Limits.MaxStreamBytes, conf.Limits.MaxDecodeBytes = maxSent, mostDecoded
	conf.Limits.MaxObjectCount, conf.Limits.MaxXRefEntries, conf.Limits.MaxRecursionDepth = mostObjects, mostObjects, deepest
	ctx, cancel := context.WithTimeout(ctx, pdfTime)
	defer cancel()
	read, err := pdfcpu.ReadWithContext(ctx, bytes.NewReader(sent), conf)
	if err != nil {
		return 0, ErrDamaged.Because(err)
	}
	if read.Encrypt != nil || read.E != nil {
		return 0, ErrActivePDF.Because(errors.New("encrypted"))
	}
	if len(read.Table) > mostObjects {
		return 0, ErrDamaged.Because(errors.New("too many objects"))
	}
	found := 0
	for _, entry := range read.Table {
		if entry == nil || entry.Free {
			continue
		}
		if entry.Object == nil && entry.Compressed {
			return 0, ErrDamaged.Because(errors.New("a bundle that cannot be read"))
		}
		object, err := unbundled(ctx, entry.Object)
		if err != nil {
			return 0, ErrDamaged.Because(err)
		}
		if err := harmless(object, 0); err != nil {
			return 0, err
		}
		if d, ok := dictOf(object); ok && nameIn(d, "Type") == "Page" {
			found++
		}
	}
	if err := read.EnsurePageCount(); err != nil {
		return 0, ErrDamaged.Because(err)
	}
	switch {
	case found < 1 || read.PageCount < 1:
		return 0, ErrDamaged.Because(errors.New("no pages"))
	case max(found, read.PageCount) > mostPages:
		return 0, ErrLongPDF
	}
	return read.PageCount, nil
}

var (
	// activeKeys lead to what acts, or lies within; whatever their values are.
	activeKeys = []string{"JS", "JavaScript", "EF", "EmbeddedFiles", "XFA", "RichMediaContent", "RichMediaSettings", "Encrypt"}
	// activeNames are kinds of actions, notes and files, wherever they stand.
	activeNames = []string{
		"JavaScript", "Launch", "SubmitForm", "ImportData", "GoToR", "GoToE", "Rendition", "Movie", "Sound", "RichMedia", "RichMediaExecute",
		"EmbeddedFile", "FileAttachment", "Screen", "3D",
	}
)

// harmless refuses an object in which something could act.
func harmless(o types.Object, level int) error {
	if level > deepest {
		return ErrDamaged.Because(errors.New("objects too deep"))
	}
	switch o := o.(type) {
	case types.Array:
		for _, v := range o {
			if err := harmless(v, level+1); err != nil {
				return err
			}
		}
	case types.Name:
		return nil // a bare name is a colour or a font; kinds stand in dictionaries
	default:
		d, ok := dictOf(o)
		if !ok {
			return nil
		}
		if err := bundle(o, d); err != nil {
			return err
		}
		for key, v := range d {
			if slices.Contains(activeKeys, plainName(key)) {
				return ErrActivePDF.Because(fmt.Errorf("/%s", key))
			}
			if slices.Contains([]string{"S", "Type", "Subtype"}, plainName(key)) && slices.Contains(activeNames, nameIn(d, key)) {
				return ErrActivePDF.Because(fmt.Errorf("/%s /%s", key, nameIn(d, key)))
			}
			if err := harmless(v, level+1); err != nil {
				return err
			}
		}
	}
	return nil
}

var (
	activeWord  = regexp.MustCompile(`/(?:` + strings.Join(slices.Concat(activeKeys, activeNames), "|") + `)[^A-Za-z0-9]`)
	escapedByte = regexp.MustCompile(`#[0-9A-Fa-f]{2}`)
)

// bundle looks into packed objects as text as well: another reader might find objects there where ours finds none.
func bundle(o types.Object, d types.Dict) error {
	if nameIn(d, "Type") != "ObjStm" {
		return nil
	}
	var packed types.StreamDict
	switch o := o.(type) {
	case types.StreamDict:
		packed = o
	case *types.StreamDict:
		packed = *o
	case types.ObjectStreamDict:
		packed = o.StreamDict
	case *types.ObjectStreamDict:
		packed = o.StreamDict
	}
	if err := packed.DecodeWithLimit(mostDecoded); err != nil {
		return ErrDamaged.Because(err)
	}
	plain := escapedByte.ReplaceAllFunc(packed.Content, func(b []byte) []byte {
		raw, _ := hex.DecodeString(string(b[1:])) // it is hex
		return raw
	})
	if word := activeWord.Find(plain); word != nil {
		return ErrActivePDF.Because(fmt.Errorf("%s in a bundle", word))
	}
	return nil
}

// unbundled is the object itself, also of one that lies packed with others and that the reader has not looked at yet.
func unbundled(ctx context.Context, o types.Object) (types.Object, error) {
	if packed, ok := o.(types.LazyObjectStreamObject); ok {
		return packed.DecodedObject(ctx)
	}
	return o, nil
}

// dictOf is the dictionary that an object is, or has.
func dictOf(o types.Object) (types.Dict, bool) {
	switch o := o.(type) {
	case types.Dict:
		return o, true
	case types.StreamDict:
		return o.Dict, true
	case *types.StreamDict:
		return o.Dict, true
	case types.ObjectStreamDict:
		return o.Dict, true
	case *types.ObjectStreamDict:
		return o.Dict, true
	case types.XRefStreamDict:
		return o.Dict, true
	case *types.XRefStreamDict:
		return o.Dict, true
	}
	return nil, false
}

func nameIn(d types.Dict, key string) string {
	if n, ok := d[key].(types.Name); ok {
		return plainName(string(n))
	}
	return ""
}

// plainName undoes the escapes by which a name can be hidden: /J#53 is /JS.
func plainName(name string) string {
	plain, err := types.DecodeName(name)
	if err != nil {
		return name
	}
	return plain
}
