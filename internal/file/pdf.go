package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

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
	mostDecoded = 1 << 20   // bytes of one table or bundle of objects, unpacked; pages and pictures are never unpacked
	mostBundles = 100       // of objects; writers put a hundred or more objects into one
	mostInOne   = 10_000    // objects of one bundle
	mostProlog  = 256 << 10 // bytes of the list at the head of a bundle
	mostPacked  = 16 << 20  // bytes of all bundles together, unpacked; and as many of the objects read from them
	mostReads   = 4         // times that the reader may fetch the whole file, and 4 MB more
	deepest     = 64        // levels of objects within each other
)

// pdfTime is that of the reader and the look.
var pdfTime = 5 * time.Second

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
	if err := atFirstSight(sent); err != nil {
		return 0, err
	}
	whole, cancel := context.WithTimeout(ctx, pdfTime)
	defer cancel()
	read, err := readPDF(whole, cancel, sent)
	if ctx.Err() != nil { // who sent it is gone, or we end: that says nothing about the file
		return 0, fault.Busy.Because(ctx.Err())
	}
	if err != nil {
		return 0, err
	}
	found, err := newLook(whole, read.Table).all()
	if ctx.Err() != nil {
		return 0, fault.Busy.Because(ctx.Err())
	}
	if err != nil {
		return 0, err
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

// atFirstSight is what the bytes tell before any reader opens them.
func atFirstSight(sent []byte) error {
	// Whole from its first byte to its last: nothing that another reader takes for another kind of file.
	if !bytes.HasPrefix(sent, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimRight(sent, " \t\r\n\x00"), []byte("%%EOF")) {
		return ErrDamaged
	}
	// Also what no table names any more lies in the file that is handed out.
	plain := unescaped(sent)
	for _, word := range [][]byte{[]byte("/JavaScript"), []byte("/Launch"), []byte("/EmbeddedFile"), []byte("/RichMedia")} {
		if bytes.Contains(plain, word) {
			return ErrActivePDF.Because(fmt.Errorf("%s", word))
		}
	}
	if bytes.Contains(plain, []byte("/Encrypt")) {
		return ErrActivePDF.Because(errors.New("encrypted"))
	}
	if bytes.Count(plain, []byte("ObjStm")) > mostBundles { // before the reader opens one
		return errBundles
	}
	return nil
}

// readPDF reads the table of a PDF's objects within the limits of memory; end ends ctx, once the reader asks for too much.
func readPDF(ctx context.Context, end context.CancelFunc, sent []byte) (*model.Context, error) {
	conf := model.NewDefaultConfiguration()
	conf.Offline = true
	conf.Limits.MaxStreamBytes, conf.Limits.MaxDecodeBytes = int64(len(sent)), mostDecoded
	conf.Limits.MaxObjectStreamCount, conf.Limits.MaxObjectStreamFirst = mostInOne, mostProlog
	conf.Limits.MaxObjectCount, conf.Limits.MaxXRefEntries, conf.Limits.MaxRecursionDepth = mostObjects, mostObjects, deepest
	from := &metered{Reader: bytes.NewReader(sent), left: mostReads*len(sent) + 4<<20, over: end}
	read, err := pdfcpu.ReadWithContext(ctx, from, conf)
	if from.left < 0 { // the reader may have skipped what it could not read
		return nil, errReads
	}
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	if read.Encrypt != nil || read.E != nil {
		return nil, ErrActivePDF.Because(errors.New("encrypted"))
	}
	if len(read.Table) > mostObjects {
		return nil, ErrDamaged.Because(errors.New("too many objects"))
	}
	return read, nil
}

var errReads = ErrDamaged.Because(errors.New("streams within each other"))

// metered is a file that lends so many bytes and then ends the reading: streams that claim the bytes of each other would be kept many
// times over. It counts what is asked for, because that is what the reader sets memory aside for; small buffers are not kept.
type metered struct {
	*bytes.Reader
	left int // bytes
	over func()
}

func (m *metered) Read(into []byte) (int, error) {
	if len(into) > 4096 {
		m.left -= len(into)
	}
	if m.left < 0 {
		m.over()
		return 0, errReads
	}
	return m.Reader.Read(into)
}
