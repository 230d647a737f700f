package file

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"tongban/internal/fault"
)

// seeds are the samples of testdata and what the other tests send.
func seeds(f *testing.F) [][]byte {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	var all [][]byte
	for _, e := range entries {
		if !e.IsDir() {
			all = append(all, sample(f, e.Name()))
		}
	}
	phone := withEXIF(asJPEG(f, quarters(16, 12)), tiff(binary.BigEndian, 6))
	return append(all, phone, phone[:len(phone)/2], asPNG(f, quarters(5, 3)), bomb(50_000, 50_000), bomb(200, 200))
}

// Whatever is sent, the answer is a fresh photo, a PDF that was looked through, or one of our faults.
func FuzzTake(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	room := NewDarkroom()
	room.maxPixels = 1 << 16 // so that a finding is about logic and not about patience
	f.Fuzz(func(t *testing.T, sent []byte) {
		p, err := room.Take(t.Context(), bytes.NewReader(sent))
		if err != nil {
			if code := fault.Of(err).Code; !strings.HasPrefix(code, "file.") {
				t.Fatalf("%s: %v", code, err)
			}
			return
		}
		if p.Media == JPEG {
			fresh(t, p)
		}
	})
}

// Whatever is sent, the readers of metadata stay inside it and answer an orientation.
func FuzzOrientation(f *testing.F) {
	formats := []string{formatJPEG, formatPNG, formatWebP}
	for _, seed := range append(seeds(f), tiff(binary.LittleEndian, 3), tiff(binary.BigEndian, 8)) {
		for i := range formats {
			f.Add(uint8(i), seed)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, sent []byte) {
		before := slices.Clone(sent)
		for _, how := range []int{orientation(formats[int(which)%len(formats)], sent), fromTIFF(sent)} {
			if how < 1 || how > 8 {
				t.Fatalf("orientation %d", how)
			}
		}
		if n := scans(sent); n < 0 || n > len(sent)/4 {
			t.Fatalf("%d scans in %d bytes", n, len(sent))
		}
		if !bytes.Equal(before, sent) {
			t.Fatal("the upload was changed")
		}
	})
}

// A decoder that panics must not take the program with it.
func TestDecoderThatStumbles(t *testing.T) {
	for _, format := range []string{formatJPEG, formatPNG, formatWebP} {
		if _, err := decode(format, nil); err == nil {
			t.Errorf("%s: nothing was decoded without error", format)
		}
	}
	if _, err := NewDarkroom().Take(t.Context(), brokenLine{}); !errors.Is(err, ErrDamaged) {
		t.Errorf("a broken line: %v", err)
	}
}

type brokenLine struct{}

func (brokenLine) Read([]byte) (int, error) { return 0, errors.New("connection reset") }
