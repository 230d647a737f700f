package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"regexp"
	"strings"
)

//go:embed sheet.css
var sheetText string

// sheet is the one style sheet, as it stands in every page. The file is for people; what goes out has no comments and no
// line breaks.
var sheet = template.CSS(squeeze(sheetText)) // our own file

// policy lets a browser take nothing but this very sheet (reliability: typed text never runs as script).
var policy = contentPolicy(string(sheet))

func contentPolicy(sheet string) string {
	sum := sha256.Sum256([]byte(sheet))
	return "default-src 'self'; script-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; " +
		"img-src 'self' data:; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssSpace   = regexp.MustCompile(`\s+`)
	cssAround  = regexp.MustCompile(` ?([{};,]) ?`)
	cssColon   = regexp.MustCompile(`(\w): `)
)

func squeeze(css string) string {
	css = cssComment.ReplaceAllString(css, "")
	css = cssSpace.ReplaceAllString(css, " ")
	css = cssAround.ReplaceAllString(css, "$1")
	return strings.TrimSpace(cssColon.ReplaceAllString(css, "$1:"))
}
