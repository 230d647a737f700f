package page

import (
	"image"
	"image/color"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

var (
	box  = regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`)
	dark = regexp.MustCompile(`fill="#000" d="([^"]*)"`)
	run  = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
)

// scanned draws the SVG, as a printer would, and reads it, as a phone would.
func scanned(t *testing.T, svg string) string {
	t.Helper()
	const scale = 6
	size := number(t, box.FindStringSubmatch(svg)[1])
	picture := image.NewGray(image.Rect(0, 0, size*scale, size*scale))
	for i := range picture.Pix {
		picture.Pix[i] = 0xff
	}
	path := dark.FindStringSubmatch(svg)[1]
	if rest := run.ReplaceAllString(path, ""); rest != "" {
		t.Fatalf("the path holds %q", rest)
	}
	for _, r := range run.FindAllStringSubmatch(path, -1) {
		x, y, wide := number(t, r[1]), number(t, r[2]), number(t, r[3])
		if x < quiet || y < quiet || x+wide > size-quiet || y >= size-quiet {
			t.Fatal("the quiet zone is not quiet")
		}
		for px := x * scale; px < (x+wide)*scale; px++ {
			for py := y * scale; py < (y+1)*scale; py++ {
				picture.SetGray(px, py, color.Gray{})
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	must(t, err)
	// The picture is nothing but the code: the library's search for one in a photo misses some patterns.
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	must(t, err)
	return result.GetText()
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

func TestQRReadsBack(t *testing.T) {
	h := open(t)
	page := h.post(noticePath, answered(h), 201)
	svg := page[strings.Index(page, "<svg"):strings.Index(page, "</svg>")]
	if got := scanned(t, svg); got != base+h.location {
		t.Errorf("the paper's code says %q, want %q", got, base+h.location)
	}
	for _, link := range []string{"http://127.0.0.1:8080/q/EQ4KX4RQB3", "https://zwfw.a-rather-long-name.gov.cn/q/" + strings.Repeat("Z", 12)} {
		svg, err := drawQR(link, `<"&>`)
		must(t, err)
		if got := scanned(t, string(svg)); got != link {
			t.Errorf("%q reads %q", link, got)
		}
		if strings.Contains(string(svg), `<"&>`) {
			t.Error("the label is not escaped")
		}
	}
}
