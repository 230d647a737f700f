package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// normalUsername brings the forms of one username into one, so that Ａdmin, "admin " and admin cannot be three persons:
// half-width, case folded, without what cannot be seen. Empty for what is no username.
func normalUsername(typed string) string {
	if len(typed) > 256 || !utf8.ValidString(typed) {
		return ""
	}
	seen := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}, typed)
	// Folding may undo the normal form, hence twice; and it turns the two cases of Cherokee into each other, hence lower.
	name := strings.TrimSpace(norm.NFKC.String(strings.ToLower(cases.Fold().String(norm.NFKC.String(seen)))))
	if n := utf8.RuneCountInString(name); n < 2 || n > 32 {
		return ""
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-", r) {
			return ""
		}
	}
	return name
}
