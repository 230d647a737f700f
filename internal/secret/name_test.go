package secret

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseName(t *testing.T) {
	for _, c := range []struct{ what, typed, name, mask string }{
		{"three characters", "王小芳", "王小芳", "王**"},
		{"two characters", "王芳", "王芳", "王*"},
		{"one character hides itself", "王", "王", "*"},
		{"double surname", "欧阳小芳", "欧阳小芳", "欧***"},
		{"a character of four bytes", "𠮷小芳", "𠮷小芳", "𠮷**"},
		{"another of four bytes", "王𡈽", "王𡈽", "王*"},
		{"a character from the police's private area", "王\ue863", "王\ue863", "王*"},
		{"a character too new for our tables", "王\U000323b0", "王\U000323b0", "王*"},
		{"spread in a table", "王　芳", "王芳", "王*"},
		{"spread wider", " 王 \u00a0 小\u3000芳\r\n", "王小芳", "王**"},
		{"minority name", "买买提·艾力", "买买提·艾力", "买*****"},
		{"bullet", "买买提•艾力", "买买提·艾力", "买*****"},
		{"Japanese dot with spaces", "买买提 ・ 艾力", "买买提·艾力", "买*****"},
		{"half-width Japanese dot", "买买提･艾力", "买买提·艾力", "买*****"},
		{"Latin", "Anna  Smith", "Anna Smith", "A*********"},
		{"full-width Latin", "Ａｎｎａ", "Anna", "A***"},
		{"composed", "Jose\u0301", "José", "J***"},
		{"compatibility character", "\uf90a芳", "金芳", "金*"},
		{"zero-width and bidi", "\ufeff王\u200b\u2060小\u202e芳\u200f", "王小芳", "王**"},
		{"variation selector", "葛\U000e0100芳", "葛芳", "葛*"},
		{"a figure inside", "王二3", "王二3", "王**"},
		{"forty", strings.Repeat("𠮷", 40), strings.Repeat("𠮷", 40), "𠮷" + strings.Repeat("*", 39)},
	} {
		t.Run(c.what, func(t *testing.T) {
			name, err := ParseName(c.typed)
			if err != nil {
				t.Fatal(err)
			}
			if name.value() != c.name || name.String() != c.mask {
				t.Errorf("%q, shown %s", name.value(), name)
			}
		})
	}
}

func TestParseNameRefuses(t *testing.T) {
	for what, c := range map[string]struct {
		typed string
		want  error
	}{
		"nothing":               {"", ErrNameEmpty},
		"spaces":                {" \u3000\t", ErrNameEmpty},
		"only what is not seen": {"\u200b\u3164\u202e", ErrNameEmpty},
		"forty-one":             {strings.Repeat("王", 41), ErrNameTooLong},
		"figures":               {"123", ErrName},
		"full-width figures":    {"１２３", ErrName},
		"a dot":                 {"·", ErrName},
		"signs":                 {"***", ErrName},
		"dot before":            {"·艾力", ErrName},
		"dot behind":            {"艾力•", ErrName},
		"two dots":              {"买买提··艾力", ErrName},
		"replacement character": {"王\ufffd", ErrName},
		"bad UTF-8":             {"王\xe8\x8a", ErrTextInvalid},
		"a surrogate":           {"\xed\xa0\x80王", ErrTextInvalid},
		"NUL":                   {"王\x00芳", ErrTextInvalid},
		"escape":                {"王\x1b[31m芳", ErrTextInvalid},
		"C1 control":            {"王\u0085芳", ErrTextInvalid},
		"tab inside":            {"王\t芳", ErrTextInvalid},
		"line end inside":       {"王\n芳", ErrTextInvalid},
		"noncharacter":          {"王\uffff", ErrTextInvalid},
	} {
		if name, err := ParseName(c.typed); !errors.Is(err, c.want) || !name.IsZero() {
			t.Errorf("%s: %v, %v", what, name, err)
		}
	}
}

func TestRareNamesStayTwo(t *testing.T) {
	keys := made(t)
	seen := map[string]string{}
	for _, typed := range []string{"𠮷芳", "吉芳", "𡈽芳", "土芳", "王芳", "王 芳 a", "王芳芳"} {
		name, err := ParseName(typed)
		if err != nil {
			t.Fatal(err)
		}
		if twin, twice := seen[name.Index(keys)]; twice {
			t.Errorf("%s and %s have one index", typed, twin)
		}
		seen[name.Index(keys)] = typed
	}
}

func FuzzParseName(f *testing.F) {
	for _, seed := range []string{
		"王小芳", "𠮷芳", "王𡈽", "王　芳", "a 王 b 李 c", "买买提 ・ 艾力", "Jose\u0301", "e \u0301", "\u1100 \u1161", "\u200b王\u202e", "葛\U000e0100",
		"·", "12", strings.Repeat("王", 41), "", "\xff", "\x00", "王\u2028芳",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		name, err := ParseName(typed)
		if err != nil {
			promised(t, err)
			return
		}
		kept := name.value()
		again, err := ParseName(kept)
		if err != nil || again != name {
			t.Errorf("the kept form %q is not read as itself: %v", kept, err)
		}
		if n := utf8.RuneCountInString(kept); n < 1 || n > longestName || !utf8.ValidString(kept) {
			t.Errorf("kept %q", kept)
		}
	})
}
