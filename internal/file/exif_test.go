package file

import (
	"bytes"
	"encoding/binary"
	"testing"
)

func TestOrientationIsFoundInEveryFormat(t *testing.T) {
	picture := asPNG(t, quarters(4, 4))
	const afterIHDR = 8 + 25
	for how := 1; how <= 8; how++ {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			block := tiff(order, how)
			webp := append([]byte("RIFF\x00\x00\x00\x00WEBPJUNK\x01\x00\x00\x00z\x00EXIF"), binary.LittleEndian.AppendUint32(nil, uint32(len(block)))...)
			for format, sent := range map[string][]byte{
				formatJPEG: withEXIF(asJPEG(t, quarters(4, 4)), block),
				formatPNG:  bytes.Join([][]byte{picture[:afterIHDR], chunk("eXIf", block), picture[afterIHDR:]}, nil),
				formatWebP: append(webp, block...),
			} {
				if got := orientation(format, sent); got != how {
					t.Errorf("%s, %s: %d, want %d", format, order, got, how)
				}
			}
		}
	}
}

func TestDoubtfulOrientationIsUpright(t *testing.T) {
	good := tiff(binary.LittleEndian, 6)
	cases := map[string][]byte{
		"nothing":             nil,
		"no block":            []byte("II*"),
		"neither byte order":  append([]byte("XX*\x00"), good[4:]...),
		"directory outside":   append([]byte("II*\x00\xFF\xFF\xFF\xFF"), good[8:]...),
		"count beyond block":  append([]byte("II*\x00\x08\x00\x00\x00\xFF\xFF"), good[10:20]...),
		"value 0":             tiff(binary.LittleEndian, 0),
		"value 9":             tiff(binary.BigEndian, 9),
		"cut before the note": good[:20],
	}
	for name, block := range cases {
		if got := orientation(formatJPEG, withEXIF(asJPEG(t, quarters(4, 4)), block)); got != upright {
			t.Errorf("%s: %d", name, got)
		}
	}
	if got := orientation("image/gif", good); got != upright {
		t.Errorf("other format: %d", got)
	}
}

func TestScansAreCounted(t *testing.T) {
	if got := scans(asJPEG(t, quarters(64, 64))); got != 1 {
		t.Errorf("a baseline photo has %d scans", got)
	}
	if got := scans(sample(t, "progressive.jpg")); got < 5 || got > maxScans {
		t.Errorf("a progressive photo has %d scans", got)
	}
	// Junk between segments does not hide a scan: the decoder passes over it too.
	plain := asJPEG(t, quarters(64, 64))
	hidden := bytes.ReplaceAll(plain, []byte{0xFF, sos}, []byte{'j', 'u', 'n', 'k', 0xFF, 0x00, 0xFF, 0xFF, sos})
	if got := scans(hidden); got != 1 {
		t.Errorf("behind junk %d scans are seen", got)
	}
	if _, err := decode(formatJPEG, hidden); err != nil {
		t.Errorf("the decoder is less lenient than we think: %v", err)
	}
}
