package file

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"runtime"
	"slices"
	"testing"
	"time"

	"tongban/internal/fault"
)

// fresh checks that a photo is what we promise to serve, and answers its picture.
func fresh(t testing.TB, p *Photo) image.Image {
	t.Helper()
	eachSegment(p.Bytes, func(marker byte, _ []byte) bool {
		if marker >= 0xE0 && marker <= 0xEF || marker == 0xFE {
			t.Errorf("segment %X holds metadata", marker)
		}
		return true
	})
	m, err := jpeg.Decode(bytes.NewReader(p.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	if m.Bounds().Dx() != p.Width || m.Bounds().Dy() != p.Height || max(p.Width, p.Height) > longestSide {
		t.Fatalf("%v, told %d × %d", m.Bounds(), p.Width, p.Height)
	}
	if !bytes.HasSuffix(p.Bytes, []byte{0xFF, eoi}) || p.SHA256Stored != sum(p.Bytes) {
		t.Fatal("something follows the picture, or the sum is wrong")
	}
	return m
}

func TestPhoneSideways(t *testing.T) {
	sent := withEXIF(asJPEG(t, quarters(160, 120)), tiff(binary.LittleEndian, 6))
	if !bytes.Contains(sent, []byte(position)) {
		t.Fatal("the sample has no position")
	}
	p, err := NewDarkroom().Take(t.Context(), bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	m := fresh(t, p)
	if p.Width != 120 || p.Height != 160 {
		t.Errorf("%d × %d, want 120 × 160", p.Width, p.Height)
	}
	// Turned right by a quarter: what was below left is above left.
	for i, want := range []color.RGBA{blue, red, white, green} {
		if got := corners(m)[i]; !near(got, want) {
			t.Errorf("corner %d is %v, want %v", i, got, want)
		}
	}
	if bytes.Contains(p.Bytes, []byte(position)) || bytes.Contains(p.Bytes, []byte("Exif")) {
		t.Error("the position survived")
	}
	if p.SHA256Sent != sum(sent) || p.SHA256Sent == p.SHA256Stored {
		t.Error("the sums are not those of what was sent and what is stored")
	}
}

// What each orientation means, from the EXIF standard: at which side the stored first row and first column belong.
func TestEveryOrientation(t *testing.T) {
	const w, h = 7, 4
	raw := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			raw.SetRGBA(x, y, color.RGBA{uint8(x), uint8(y), 0, 255})
		}
	}
	sides := [9][2]string{1: {"top", "left"}, {"top", "right"}, {"bottom", "right"}, {"bottom", "left"}, {"left", "top"}, {"right", "top"}, {"right", "bottom"}, {"left", "bottom"}}
	for how := 1; how <= 8; how++ {
		got := turn(raw, how)
		for y := range h {
			for x := range w {
				at := map[string]int{}
				far := map[string]int{"right": got.Rect.Dx() - 1, "bottom": got.Rect.Dy() - 1}
				for i, offset := range [2]int{y, x} { // rows count away from the first row's side, columns alike
					switch side := sides[how][i]; side {
					case "top", "left":
						at[side] = offset
					default:
						at[map[string]string{"right": "left", "bottom": "top"}[side]] = far[side] - offset
					}
				}
				if got.RGBAAt(at["left"], at["top"]) != raw.RGBAAt(x, y) {
					t.Fatalf("orientation %d: pixel %d,%d is not at %d,%d", how, x, y, at["left"], at["top"])
				}
			}
		}
	}
}

func TestEveryFormatBecomesAFreshJPEG(t *testing.T) {
	cases := []struct {
		name string
		sent []byte
		w, h int
	}{
		{"progressive", sample(t, "progressive.jpg"), 8, 6},
		{"cmyk", sample(t, "cmyk.jpg"), 8, 6},
		{"gray", sample(t, "gray.jpg"), 8, 6},
		{"interlaced", sample(t, "interlaced.png"), 8, 6},
		{"lossy webp", sample(t, "lossy.webp"), 8, 6},
		{"lossless webp", sample(t, "lossless.webp"), 8, 6},
		{"webp with alpha", sample(t, "alpha.webp"), 8, 6},
		{"scaled", asPNG(t, image.NewGray(image.Rect(0, 0, 5000, 40))), 2560, 20},
		{"thin", asPNG(t, image.NewRGBA(image.Rect(0, 0, 6000, 1))), 2560, 1},
		{"one pixel", asPNG(t, quarters(1, 1)), 1, 1},
		{"turned and scaled", withEXIF(asJPEG(t, quarters(3200, 80)), tiff(binary.BigEndian, 8)), 64, 2560},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := NewDarkroom().Take(t.Context(), bytes.NewReader(c.sent))
			if err != nil {
				t.Fatal(err)
			}
			fresh(t, p)
			if p.Width != c.w || p.Height != c.h {
				t.Errorf("%d × %d, want %d × %d", p.Width, p.Height, c.w, c.h)
			}
		})
	}
}

func TestTransparentBecomesWhite(t *testing.T) {
	for _, size := range []int{64, 2600} { // drawn as it is, and scaled
		p, err := NewDarkroom().Take(t.Context(), bytes.NewReader(asPNG(t, image.NewNRGBA(image.Rect(0, 0, size, 64)))))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range corners(fresh(t, p)) {
			if !near(c, white) {
				t.Errorf("%d wide: %v, want white", size, c)
			}
		}
	}
}

// What hides behind a picture is not kept: phones put films and second pictures there, others put archives and pages.
func TestNothingBehindThePictureSurvives(t *testing.T) {
	for _, behind := range []string{"PK\x03\x04 archive", "<script>alert(1)</script>", "\x00\x00\x00\x18ftypmp42"} {
		for _, picture := range [][]byte{asJPEG(t, quarters(16, 16)), asPNG(t, quarters(16, 16)), sample(t, "lossy.webp")} {
			p, err := NewDarkroom().Take(t.Context(), bytes.NewReader(append(slices.Clone(picture), behind...)))
			if err != nil {
				t.Fatalf("%q: %v", behind, err)
			}
			fresh(t, p)
			if bytes.Contains(p.Bytes, []byte(behind)) {
				t.Errorf("%q survived", behind)
			}
		}
	}
}

func TestHostileFilesAreRefused(t *testing.T) {
	good := asJPEG(t, quarters(64, 64))
	start := slices.Index(good, sos) - 1
	scan := good[start : len(good)-2]
	cases := []struct {
		name string
		sent []byte
		want *fault.Fault
	}{
		{"empty", nil, ErrUnsupported},
		{"text", []byte("hello"), ErrUnsupported},
		{"svg", sample(t, "script.svg"), ErrUnsupported},
		{"pdf that is no whole one", sample(t, "plain.pdf"), ErrDamaged},
		{"gif", sample(t, "plain.gif"), ErrUnsupported},
		{"page", []byte("<!DOCTYPE html><script>alert(1)</script>"), ErrUnsupported},
		{"page before a picture", append([]byte("<html>"), good...), ErrUnsupported},
		{"pdf before a picture", append(sample(t, "plain.pdf"), good...), ErrDamaged},
		{"picture that opens as pdf too", append(slices.Clone(asPNG(t, quarters(4, 4))), sample(t, "plain.pdf")...), ErrDamaged},
		{"gif head before a picture", append([]byte("GIF89a"), good...), ErrUnsupported},
		{"jpeg cut in half", good[:len(good)/2], ErrDamaged},
		{"jpeg without its end", good[:len(good)-2], ErrDamaged},
		{"jpeg head only", good[:20], ErrDamaged},
		{"png cut", asPNG(t, quarters(64, 64))[:100], ErrDamaged},
		{"webp cut", sample(t, "lossy.webp")[:60], ErrDamaged},
		{"png with a wrong checksum", append(slices.Clone(asPNG(t, quarters(8, 8))[:40]), 0), ErrDamaged},
		{"tiny png claiming 50,000 × 50,000", bomb(50_000, 50_000), ErrTooManyPixels},
		{"long side", bomb(12_001, 1), ErrTooManyPixels},
		{"too many pixels", bomb(8000, 5001), ErrTooManyPixels},
		{"just few enough, but nothing there", bomb(8000, 10), ErrDamaged},
		{"jpeg with a hundred scans", slices.Concat(good[:start], bytes.Repeat(scan, 100), good[len(good)-2:]), ErrDamaged},
		{"too large", append(slices.Clone(good), make([]byte, maxSent)...), ErrTooLarge},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := NewDarkroom().Take(t.Context(), bytes.NewReader(c.sent))
			if p != nil || !errors.Is(err, c.want) {
				t.Errorf("got %v, want %s", err, c.want.Code)
			}
		})
	}
}

// The bomb of 74 bytes once took 9.5 GB.
func TestBombCostsNothing(t *testing.T) {
	sent := bomb(50_000, 50_000)
	if len(sent) != 74 {
		t.Fatalf("the bomb has %d bytes", len(sent))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := NewDarkroom().Take(t.Context(), bytes.NewReader(sent))
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; !errors.Is(err, ErrTooManyPixels) || grown > 1<<20 {
		t.Errorf("%v after %d bytes", err, grown)
	}
}

func TestTwoSeatsAndNoMore(t *testing.T) {
	room, sent := NewDarkroom(), asJPEG(t, quarters(16, 16))
	for range seats {
		if err := room.seats.Acquire(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	ctx, done := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer done()
	if _, err := room.Take(ctx, bytes.NewReader(sent)); !errors.Is(err, fault.Busy) {
		t.Errorf("a third one was decoded: %v", err)
	}
	// A bad file is refused without waiting for a seat.
	if _, err := room.Take(t.Context(), bytes.NewReader(bomb(50_000, 50_000))); !errors.Is(err, ErrTooManyPixels) {
		t.Error(err)
	}
	room.seats.Release(1)
	if _, err := room.Take(t.Context(), bytes.NewReader(sent)); err != nil {
		t.Errorf("with a free seat: %v", err)
	}
	if !room.hands.TryAcquire(hands) {
		t.Error("a hand was not given back")
	}
}

// An upload that stops on a slow line holds no seat.
func TestSlowUploadsDoNotStopOthers(t *testing.T) {
	room := NewDarkroom()
	ended := make(chan error, 5)
	var lines []*io.PipeWriter
	for range cap(ended) {
		from, to := io.Pipe()
		lines = append(lines, to)
		go func() { _, err := room.Take(context.Background(), from); ended <- err }()
		_, _ = to.Write([]byte{0xFF, 0xD8}) // answered once it is being read
	}
	if _, err := room.Take(t.Context(), bytes.NewReader(asJPEG(t, quarters(16, 16)))); err != nil {
		t.Error(err)
	}
	for _, line := range lines {
		_ = line.CloseWithError(io.ErrUnexpectedEOF)
		if err := <-ended; !errors.Is(err, ErrDamaged) {
			t.Errorf("a broken upload: %v", err)
		}
	}
}
