package secret

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tongban/internal/fault"
)

// The faults of typed text.
var (
	ErrTextInvalid = fault.New(fault.Invalid, "text.invalid", "文字里有无法识别的字符，请删去后再试")
	ErrTextTooLong = fault.New(fault.Invalid, "text.too_long", "文字太长，请删减后再试")
	ErrTextEmpty   = fault.New(fault.Invalid, "text.empty", "请填写内容")
)

// CleanText brings typed free text into its one form: NFC, without invisible characters, trimmed, lines ended by \n.
// It refuses bad UTF-8 and control characters other than \n and \t, and more than limit characters (runes).
// Nothing left is ErrTextEmpty; for an optional text ask before, or let that one pass.
func CleanText(typed string, limit int) (string, error) {
	// Forms in a browser send \r\n; U+2028 and U+2029 are line ends too, and break scripts and logs.
	text, err := legible(strings.NewReplacer("\r\n", "\n", "\u2028", "\n", "\u2029", "\n").Replace(typed))
	if err != nil {
		return "", err
	}
	text = strings.TrimSpace(norm.NFC.String(text))
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return "", ErrTextEmpty
	case n > limit:
		return "", ErrTextTooLong.With("最多 %d 个字，现在有 %d 个字", limit, n)
	}
	return text, nil
}

// legible drops what cannot be seen and refuses what is no text.
func legible(typed string) (string, error) {
	if !utf8.ValidString(typed) {
		return "", ErrTextInvalid
	}
	var kept strings.Builder
	for _, r := range typed {
		switch {
		case r == '\n' || r == '\t':
		case unicode.IsControl(r) || unicode.Is(unicode.Noncharacter_Code_Point, r):
			return "", ErrTextInvalid
		case invisible(r):
			continue
		}
		kept.WriteRune(r)
	}
	return kept.String(), nil
}

// invisible characters join, divide, fill or turn the direction of text and make two equal-looking texts differ:
// zero-width ones, bidi controls, the byte order mark, Hangul fillers, tags. A few Arabic signs of their class are seen.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) ||
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// foldCode brings a typed number into its one form: half-width capitals, without spaces, dashes and brackets.
// A Roman ten stands for the X of an ID number, as GB 11643 means it.
func foldCode(typed string) (string, error) {
	text, err := legibleLine(typed)
	if err != nil {
		return "", err
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Dash, r), r == '(', r == ')':
			return -1
		case r == 'Ⅹ', r == 'ⅹ':
			return 'X'
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, text), nil
}

// legibleLine is the part that numbers and names share: one line, trimmed, half-width, without variation selectors.
func legibleLine(typed string) (string, error) {
	text, err := legible(strings.TrimSpace(typed))
	if err != nil {
		return "", err
	}
	text = strings.TrimSpace(text)
	if strings.ContainsAny(text, "\n\t") {
		return "", ErrTextInvalid
	}
	return strings.Map(halfWidth, text), nil
}

// halfWidth turns ！ to ～ into ASCII and the ideographic space into a space, and drops variation selectors:
// they choose the drawing of a character, not the character.
func halfWidth(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '\u3000':
		return ' '
	case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF:
		return -1
	}
	return r
}
