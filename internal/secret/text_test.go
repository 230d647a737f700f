package secret

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"tongban/internal/fault"
)

func TestCleanText(t *testing.T) {
	for _, c := range []struct{ what, typed, text string }{
		{"plain", "路灯坏了", "路灯坏了"},
		{"trimmed", " \n\t路灯　\u00a0\n", "路灯"},
		{"lines and tabs stay", "一\n\t二", "一\n\t二"},
		{"line ends of a browser", "一\r\n二", "一\n二"},
		{"line and paragraph separators", "一\u2028二\u2029三", "一\n二\n三"},
		{"four bytes", "𠮷𡈽", "𠮷𡈽"},
		{"composed", "e\u0301", "é"},
		{"composed after dropping", "e\u200b\u0301", "é"},
		{"zero-width and bidi", "a\u200b\u200d\u2060\ufeff\u202eb\u2066c\u2069\u00ad\u061c", "abc"},
		{"full-width stays", "ＡＢ，１", "ＡＢ，１"},
		{"markup stays, it is escaped where it is shown", "<b>=1+1", "<b>=1+1"},
		{"just so long", "一二三四五六七八九十", "一二三四五六七八九十"},
	} {
		if text, err := CleanText(c.typed, 10); err != nil || text != c.text {
			t.Errorf("%s: %q, %v", c.what, text, err)
		}
	}
}

func TestCleanTextRefuses(t *testing.T) {
	for what, c := range map[string]struct {
		typed string
		want  error
	}{
		"nothing":              {"", ErrTextEmpty},
		"spaces":               {" \n\t\u3000", ErrTextEmpty},
		"nothing to be seen":   {"\u200b\ufeff\u3164", ErrTextEmpty},
		"eleven":               {"一二三四五六七八九十一", ErrTextTooLong},
		"eleven of four bytes": {strings.Repeat("𠮷", 11), ErrTextTooLong},
		"bad UTF-8":            {"a\xc0\xaf", ErrTextInvalid},
		"a surrogate":          {"\xed\xa0\x80", ErrTextInvalid},
		"NUL":                  {"a\x00", ErrTextInvalid},
		"escape":               {"\x1b[31m", ErrTextInvalid},
		"carriage return":      {"一\r二", ErrTextInvalid},
		"delete":               {"a\x7f", ErrTextInvalid},
		"C1 control":           {"a\u009b", ErrTextInvalid},
		"noncharacter":         {"a\ufffe", ErrTextInvalid},
	} {
		if text, err := CleanText(c.typed, 10); !errors.Is(err, c.want) || text != "" {
			t.Errorf("%s: %q, %v", what, text, err)
		}
	}
}

func FuzzCleanText(f *testing.F) {
	for _, seed := range []string{
		"路灯坏了", "一\r\n二", "\r\u2028", "\r\u200b\n", "e\u200b\u0301", " \u0301", "\u1100\u200b\u1161", "𠮷", "\u0600\u00ad", "\U000e0001", strings.Repeat("a", 99),
		"", "\xff", "\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		text, err := CleanText(typed, 20)
		if err != nil {
			promised(t, err)
			return
		}
		if again, err := CleanText(text, 20); err != nil || again != text {
			t.Errorf("the kept form %q is not read as itself: %q, %v", text, again, err)
		}
		if n := utf8.RuneCountInString(text); n < 1 || n > 20 || !utf8.ValidString(text) {
			t.Errorf("kept %q", text)
		}
		for _, r := range text {
			if unicode.IsControl(r) && r != '\n' && r != '\t' || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e {
				t.Errorf("kept %U in %q", r, text)
			}
		}
	})
}

// promised demands a declared fault for people to read, of the kind that is answered with 4xx.
func promised(t *testing.T, err error) {
	t.Helper()
	if fault.Of(err).Kind != fault.Invalid {
		t.Errorf("%v is no promised fault", err)
	}
}
