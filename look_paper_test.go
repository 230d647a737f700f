//go:build unix && !race

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"golang.org/x/text/unicode/norm"
)

type item struct{ ID, Name string }

// extremes are the items with the shortest and the longest list for whoever answers nothing, and that with the longest name.
func (v *visitor) extremes() (shortest, longest, named item) {
	v.t.Helper()
	var all struct{ Items []item }
	if err := json.Unmarshal(v.s.stranger().get(v.t, "/items?limit=100").body, &all); err != nil || len(all.Items) < 30 {
		v.t.Fatalf("%d items, %v", len(all.Items), err)
	}
	length := map[item]int{}
	for _, i := range all.Items {
		length[i] = len(v.s.stranger().post(v.t, "/items/"+i.ID+"/checklist", 200, with{"answers": with{}}).body)
	}
	slices.SortFunc(all.Items, func(a, b item) int { return cmp.Compare(length[a], length[b]) })
	named = slices.MaxFunc(all.Items, func(a, b item) int { return cmp.Compare(len(a.Name), len(b.Name)) })
	return all.Items[0], all.Items[len(all.Items)-1], named
}

// onPaper answers what is said on paper, and what of it meets the code beside the heading or the edge. Only the code lies beside anything,
// on the first page, so that it is no matter where the pages are cut.
const onPaper = `(() => {
	const code = document.querySelector('.qr').getBoundingClientRect(), range = document.createRange(), texts = [], meets = []
	const met = r => r.right > code.left && r.left < code.right && r.bottom > code.top && r.top < code.bottom
	const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
	for (let node = walk.nextNode(); node; node = walk.nextNode()) {
		range.selectNodeContents(node)
		const lines = [...range.getClientRects()].filter(r => r.width > 0)
		if (!node.data.trim() || !lines.length) continue
		texts.push(node.data)
		if (lines.some(r => met(r) || r.right > innerWidth)) meets.push(node.data)
	}
	for (const box of document.querySelectorAll('.box, .facts div, li')) if (met(box.getBoundingClientRect())) meets.push('the border of ' + box.innerText)
	return {texts, meets, code: code.width}
})()`

// prints puts the page on paper: A4, so many sides at most, with all that is said on it, and the code where nothing else is.
func (p *phone) prints(name string, most int) {
	p.t.Helper()
	var seen struct {
		Texts, Meets []string
		Code         float64
	}
	p.shows(688, "print") // 182 mm, which the margins leave of A4
	err := p.see(onPaper, &seen)
	p.shows(360, "")
	if err != nil || len(seen.Texts) < 30 || len(seen.Meets) > 0 || math.Abs(seen.Code-143.6) > 1 {
		p.t.Errorf("%s: of %d texts these meet the code, which is %v px wide, or the edge: %q; %v", name, len(seen.Texts), seen.Code, seen.Meets, err)
	}
	var made struct{ Data []byte }
	p.must("Page.printToPDF", with{"preferCSSPageSize": true}, &made)
	keepPicture(p.t, "paper-"+name+".pdf", made.Data)
	sides, err := readPaper(made.Data)
	if err != nil || len(sides) < 1 || len(sides) > most {
		p.t.Fatalf("%s fills %d sides: %v", name, len(sides), err)
	}
	for i, side := range sides {
		if len(side) < 50 {
			p.t.Errorf("%s: side %d is as good as empty: %s", name, i+1, side)
		}
	}
	text := strings.Join(sides, "")
	lost := slices.DeleteFunc(seen.Texts, func(said string) bool { return strings.Contains(text, bare(said)) })
	if len(lost) > 0 {
		p.t.Errorf("%s lacks %q of\n%s", name, lost, text)
	}
}

// bare leaves of a text what a reader of the paper gets: lines break anywhere, and a glyph may stand for several characters.
func bare(text string) string { return strings.Join(strings.Fields(norm.NFKC.String(text)), "") }

// readPaper demands sides of A4, and reads what is written on each in the order in which it was drawn.
func readPaper(sent []byte) (sides []string, err error) {
	read, err := pdfcpu.Read(bytes.NewReader(sent), model.NewDefaultConfiguration())
	if err == nil {
		err = read.EnsurePageCount()
	}
	for n := 1; err == nil && n <= read.PageCount; n++ {
		page, _, inherited, wrong := read.PageDict(n, false)
		if wrong != nil {
			return nil, wrong
		}
		if box := inherited.MediaBox; math.Abs(box.Width()-595) > 1 || math.Abs(box.Height()-842) > 1 {
			return nil, fmt.Errorf("side %d is no A4 but %v", n, box)
		}
		drawn, wrong := read.PageContent(page, n)
		if wrong != nil {
			return nil, wrong
		}
		var said strings.Builder
		var glyphs map[string]string
		fonts := page.DictEntry("Resources").DictEntry("Font")
		for _, m := range regexp.MustCompile(`/(\w+) \S+ Tf|<(\w+)> Tj`).FindAllStringSubmatch(string(drawn), -1) {
			if m[1] != "" {
				if glyphs, err = readGlyphs(read, fonts[m[1]]); err != nil {
					return nil, err
				}
				continue
			}
			for code := range slices.Chunk([]byte(m[2]), len(glyphs["any"])) {
				said.WriteString(glyphs[string(code)])
			}
		}
		sides = append(sides, bare(said.String()))
	}
	return sides, err
}

// readGlyphs answers which character each code of a font stands for, and one of the codes as "any": they are equally long.
func readGlyphs(read *model.Context, font types.Object) (map[string]string, error) {
	dict, err := read.DereferenceDict(font)
	if err != nil {
		return nil, err
	}
	table, _, err := read.DereferenceStreamDict(dict["ToUnicode"])
	if err == nil {
		err = table.Decode()
	}
	if err != nil {
		return nil, err
	}
	glyphs := map[string]string{}
	for _, m := range regexp.MustCompile(`<(\w+)>(?: <(\w+)>)? <(\w+)>`).FindAllStringSubmatch(string(table.Content), -1) {
		first, _ := strconv.ParseUint(m[1], 16, 32)
		last, _ := strconv.ParseUint(cmp.Or(m[2], m[1]), 16, 32)
		to, _ := strconv.ParseUint(m[3], 16, 32)
		for i := first; i <= last; i++ {
			glyphs[fmt.Sprintf("%0*X", len(m[1]), i)] = string(rune(to + i - first))
		}
		glyphs["any"] = m[1]
	}
	return glyphs, nil
}
