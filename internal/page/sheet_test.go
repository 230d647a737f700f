package page

import (
	"io/fs"
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
// more, lines and paragraphs that keep apart, things to tap of 48 px and more, 4.5 : 1 between every colour of text and every
// ground that it may stand on.
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
	checkLines(t)
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

// checkLines demands lines (行距) of 1.3 times the letters, and from the last line of a paragraph to the first of the next (段落间距)
// 1.3 times as much as between two lines. A line's own height lies between them anyway, so the margin has to be .3 of it. Of
// two margins that meet the larger counts, so the lower one is asked of each rule that may hit a paragraph, against the highest lines
// that paragraphs have. The standard is for screens: on paper fewer sides count for more, and only the lines are asked.
func checkLines(t *testing.T) {
	t.Helper()
	classes, highest, under := classesOfParagraphs(t), 0.0, map[string][]string{}
	paper := strings.Index(string(sheet), "@media print")
	for _, at := range regexp.MustCompile(`([^{}]+)\{([^{}]+)\}`).FindAllStringSubmatchIndex(string(sheet), -1) {
		selectors, declarations, onPaper := string(sheet[at[2]:at[3]]), string(sheet[at[4]:at[5]]), at[0] > paper
		height, low := spacing(declarations)
		times, err := strconv.ParseFloat(height, 64)
		if height != "" && (err != nil || times < 1.3) {
			t.Errorf("%s: lines of %s", selectors, height)
		}
		for selector := range strings.SplitSeq(selectors, ",") {
			of := isParagraph(selector, classes)
			if of || selector == "body" {
				highest = max(highest, times)
			}
			if of && low != "" && !onPaper && (low != "0" || !strings.HasSuffix(selector, ":last-child")) {
				under[selector] = append(under[selector], low)
			}
		}
	}
	for selector, margins := range under {
		for _, low := range margins {
			em, found := strings.CutSuffix(low, "em")
			if times, err := strconv.ParseFloat(em, 64); !found || err != nil || times < .3*highest {
				t.Errorf("%s: %s under a paragraph, %.2f between its lines", selector, low, highest)
			}
		}
	}
	if len(under["p"]) == 0 || len(under["li"]) == 0 || highest == 0 {
		t.Errorf("not all that there is was read: %v", under)
	}
}

// spacing is the height of lines and the lower margin that a rule sets, empty where it sets none.
func spacing(declarations string) (height, low string) {
	for declaration := range strings.SplitSeq(declarations, ";") {
		name, value, _ := strings.Cut(declaration, ":")
		switch parts := strings.Fields(value); name {
		case "line-height":
			height = value
		case "font":
			if value != "inherit" {
				height = "normal" // unless it says more
				if _, more, found := strings.Cut(value, "/"); found {
					height, _, _ = strings.Cut(more, " ")
				}
			}
		case "margin":
			if low = parts[0]; len(parts) > 2 {
				low = parts[2]
			}
		case "margin-bottom":
			low = value
		case "margin-block", "margin-block-end":
			low = parts[len(parts)-1]
		}
	}
	return height, low
}

// isParagraph tells whether a selector may choose a paragraph, or a line of a list in which sentences stand. Lists with a class have
// boxes, or lines between.
func isParagraph(selector string, classes map[string]bool) bool {
	if selector == "li" {
		return true
	}
	chosen := selector[strings.LastIndexAny(selector, " >+~")+1:]
	m := regexp.MustCompile(`^(?:p|\*)?((?:\.[\w-]+)*)(?::[\w-]+(?:\([^)]*\))?)*$`).FindStringSubmatch(chosen)
	if m == nil {
		return false
	}
	for class := range strings.SplitSeq(strings.TrimPrefix(m[1], "."), ".") {
		if class != "" && !classes[class] {
			return false
		}
	}
	return true
}

// classesOfParagraphs are those that the templates give to a paragraph.
func classesOfParagraphs(t *testing.T) map[string]bool {
	t.Helper()
	classes := map[string]bool{}
	pages, err := fs.Glob(files, "templates/*.html")
	must(t, err)
	for _, name := range pages {
		text, err := files.ReadFile(name)
		must(t, err)
		for _, m := range regexp.MustCompile(`<p\b[^>]*\bclass="([^"]*)"`).FindAllStringSubmatch(string(text), -1) {
			for class := range strings.FieldsSeq(m[1]) {
				classes[class] = true
			}
		}
	}
	if !classes["big"] || !classes["soft"] {
		t.Errorf("the templates were not read: %v", classes)
	}
	return classes
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
