package file

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

var (
	red   = color.RGBA{220, 30, 30, 255}
	green = color.RGBA{30, 180, 30, 255}
	blue  = color.RGBA{30, 30, 220, 255}
	white = color.RGBA{250, 250, 250, 255}
)

// quarters is a picture of four colours: red and green above, blue and white below.
func quarters(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := [2][2]color.RGBA{{red, green}, {blue, white}}[y*2/h][x*2/w]
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// position stands for the GPS position that must not survive.
const position = "GPS-38.914-121.614"

// tiff is an EXIF block as a phone writes it: a maker, the orientation, and a GPS directory.
func tiff(order binary.AppendByteOrder, how int) []byte {
	const directory, entries, entry = 8, 3, 12
	after := uint32(directory + 2 + entries*entry + 4)
	block := []byte("II*\x00")
	if order.String() == "BigEndian" {
		block = []byte("MM\x00*")
	}
	block = order.AppendUint32(block, directory)
	block = order.AppendUint16(block, entries)
	add := func(tag, kind uint16, count, value uint32) {
		block = order.AppendUint16(block, tag)
		block = order.AppendUint16(block, kind)
		block = order.AppendUint32(block, count)
		if kind == 3 {
			block = order.AppendUint16(block, uint16(value))
			block = order.AppendUint16(block, 0)
			return
		}
		block = order.AppendUint32(block, value)
	}
	add(0x010F, 2, uint32(len(position)), after)
	add(0x0112, 3, 1, uint32(how))
	add(0x8825, 4, 1, after)
	block = order.AppendUint32(block, 0)
	return append(block, position...)
}

// withEXIF puts a block behind the start of a JPEG.
func withEXIF(sent, block []byte) []byte {
	payload := append(bytes.Clone(exifMark), block...)
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, app1}, uint16(len(payload)+2))
	return bytes.Join([][]byte{sent[:2], segment, payload, sent[2:]}, nil)
}

// chunk of a PNG.
func chunk(kind string, content []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	body := append([]byte(kind), content...)
	return binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
}

const pngSignature = "\x89PNG\r\n\x1a\n"

// bomb is a PNG of 74 bytes that claims w × h pixels.
func bomb(w, h uint32) []byte {
	header := binary.BigEndian.AppendUint32(nil, w)
	header = binary.BigEndian.AppendUint32(header, h)
	header = append(header, 8, 6, 0, 0, 0)
	return bytes.Join([][]byte{[]byte(pngSignature), chunk("IHDR", header), chunk("IDAT", make([]byte, 17)), chunk("IEND", nil)}, nil)
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// near compares colours as a lossy photo keeps them.
func near(a color.Color, b color.RGBA) bool {
	r, g, bl, _ := a.RGBA()
	off := func(x uint32, y uint8) bool { d := int(x>>8) - int(y); return d > 40 || d < -40 }
	return !off(r, b.R) && !off(g, b.G) && !off(bl, b.B)
}

// corners of a photo, a little inside: above left, above right, below left, below right.
func corners(m image.Image) [4]color.Color {
	b := m.Bounds()
	x, y := max(1, b.Dx()/8), max(1, b.Dy()/8)
	return [4]color.Color{m.At(x, y), m.At(b.Dx()-1-x, y), m.At(x, b.Dy()-1-y), m.At(b.Dx()-1-x, b.Dy()-1-y)}
}
