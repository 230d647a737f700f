package page

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"
)

// quiet is the white margin in modules that a reader needs around a code (ISO/IEC 18004).
const quiet = 4

// drawQR draws the code of a text as SVG for inlining: crisp on every printer, and no request of its own. Error correction
// is Q: paper gets creased, and walls get dirty.
func drawQR(text, label string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.Q)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	whole := code.Size + 2*quiet
	fmt.Fprintf(&b, `<svg class="qr" viewBox="0 0 %d %d" role="img" aria-label="%s" shape-rendering="crispEdges">`,
		whole, whole, template.HTMLEscapeString(label))
	fmt.Fprintf(&b, `<path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="`, whole, whole)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil // numbers and an escaped label
}

// qrOf draws the code that opens /q/{code} here.
func (p *Pages) qrOf(code, label string) (template.HTML, error) {
	return drawQR(p.BaseURL+"/q/"+code, label)
}
