package page

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestSheetIsSmallAndOurs(t *testing.T) {
	if len(sheet) >= 10_000 {
		t.Errorf("the sheet has %d bytes", len(sheet))
	}
	for _, foreign := range []string{"url(", "http", "@import", "<", "/*"} {
		if strings.Contains(string(sheet), foreign) {
			t.Errorf("the sheet holds %s", foreign)
		}
	}
}

// TestNumbersStayInOnePiece: a telephone number broken at its hyphen is read out wrong.
func TestNumbersStayInOnePiece(t *testing.T) {
	wantText(t, string(sheet), ".tel{white-space:nowrap;font-size:min(1em,9vw);}")
	h := open(t)
	for _, path := range []string{"/?village=" + string(xinglin), "/items/" + pension + "?village=" + string(xinglin)} {
		page := h.get(path)
		shown, whole := strings.Count(page, "0400-5550211"), strings.Count(page, `<span class="tel">0400-5550211</span>`)
		if whole == 0 || shown != whole {
			t.Errorf("%s: %d of %d numbers may break", path, shown-whole, shown)
		}
	}
}

// TestSheetSuitsOldEyes holds the sheet against the rules of 适老化: sizes that follow the reader's own, text of 18 px and
// more, things to tap of 48 px and more, 4.5 : 1 between every colour of text and every ground that it may stand on.
func TestSheetSuitsOldEyes(t *testing.T) {
	screen, print, _ := strings.Cut(string(sheet), "@media print")
	size := regexp.MustCompile(`font(?:-size)?:(?:\w+ )?([\d.]+)(px|rem|pt|em)`)
	for _, m := range size.FindAllStringSubmatch(screen, -1) {
		if n := float(t, m[1]); m[2] != "rem" || n < 1.125 {
			t.Errorf("text of %s%s", m[1], m[2])
		}
	}
	for _, m := range size.FindAllStringSubmatch(print, -1) {
		if n := float(t, m[1]); m[2] != "pt" || n < 16 {
			t.Errorf("text of %s%s on paper", m[1], m[2])
		}
	}
	for _, m := range regexp.MustCompile(`min-height:([\d.]+)px`).FindAllStringSubmatch(screen, -1) {
		if float(t, m[1]) < 48 {
			t.Errorf("something to tap is %s px high", m[1])
		}
	}
	for _, button := range []string{".btn", ".pick"} {
		_, rule, _ := strings.Cut(screen, button+"{")
		rule, _, _ = strings.Cut(rule, "}")
		if !strings.Contains(rule, "min-height:60px") {
			t.Errorf("%s is lower than 60 px", button)
		}
	}
	text := regexp.MustCompile(`(?:[{;]color|--ink|--soft|--green):(#\w+)`)
	for _, m := range text.FindAllStringSubmatch(screen, -1) {
		if m[1] == "#fff" {
			continue
		}
		for _, ground := range []string{"#fff", "#eef5f0", "#fff6e5", "#fdf0ef"} {
			if c := contrast(t, m[1], ground); c < 4.5 {
				t.Errorf("%s on %s: %.1f", m[1], ground, c)
			}
		}
	}
	for _, ground := range []string{"#0b5d3b", "#8a4b00"} { // of buttons and marks, with white on them
		if c := contrast(t, "#fff", ground); c < 4.5 || !strings.Contains(screen, ground) {
			t.Errorf("white on %s: %.1f", ground, c)
		}
	}
}

func float(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	must(t, err)
	return n
}

// contrast of two colours (WCAG 2.1).
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a)+.05, luminance(t, b)+.05
	return max(x, y) / min(x, y)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	hex = hex[1:]
	if len(hex) == 3 {
		hex = hex[:1] + hex[:1] + hex[1:2] + hex[1:2] + hex[2:] + hex[2:]
	}
	sum := 0.0
	for i, weight := range []float64{.2126, .7152, .0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		must(t, err)
		c := float64(n) / 255
		if c <= .03928 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
