package secret

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tongban/internal/fault"
)

// The faults of a typed name.
var (
	ErrName        = fault.New(fault.Invalid, "name.invalid", "姓名写法不对，请照证件填写")
	ErrNameTooLong = fault.New(fault.Invalid, "name.too_long", "姓名太长，最多 40 个字")
	ErrNameEmpty   = fault.New(fault.Invalid, "name.empty", "请填写姓名")
)

// Name (姓名) is a person's name as his papers have it. 𠮷 and 吉, 𡈽 and 土 are different names and stay so.
// Only its first character is shown.
type Name struct{ hidden }

// longestName in characters; the longest minority names on ID cards stay below it.
const longestName = 40

var (
	// People type one of several dots between the parts of a minority name (买买提·艾力); GB 18030's is U+00B7.
	dots   = regexp.MustCompile(` *[·•・･‧⋅∙⸱] *`)
	spaces = regexp.MustCompile(`[\p{Z}]+`)
	// In tables 王芳 is spread to 王　芳, so that short names are as wide as long ones.
	besideHan = regexp.MustCompile(`(\p{Han}) | (\p{Han})`)
)

// ParseName reads a typed name and brings its written forms into one.
func ParseName(typed string) (Name, error) {
	text, err := legibleLine(typed)
	if err != nil {
		return Name{}, err
	}
	text = spaces.ReplaceAllString(norm.NFC.String(text), " ")
	text = dots.ReplaceAllString(text, "·")
	// Twice: a match eats the character that the next one begins with.
	text = besideHan.ReplaceAllString(besideHan.ReplaceAllString(text, "$1$2"), "$1$2")
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return Name{}, ErrNameEmpty
	case utf8.RuneCountInString(text) > longestName:
		return Name{}, ErrNameTooLong
	case strings.HasPrefix(text, "·"), strings.HasSuffix(text, "·"), strings.Contains(text, "··"),
		strings.ContainsRune(text, utf8.RuneError), !strings.ContainsFunc(text, lettered):
		return Name{}, ErrName
	}
	return name(text), nil
}

// lettered leaves figures, signs and marks out. Whatever is unassigned or private counts as a letter: characters for
// rare names come into Unicode late, and the police keep some of them in the private area.
func lettered(r rune) bool {
	return !unicode.In(r, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.M)
}

func name(text string) Name {
	if text == "" {
		return Name{}
	}
	return Name{hide(text, mask(text, 1, 0))}
}

// MaskName is what may be shown of a text that stands for a name, however it was typed.
func MaskName(text string) string { return name(text).String() }

// ClosedName stands where the name of somebody stood whose account is closed (已注销). It has no value.
func ClosedName() Name { return Name{hide("", "已注销")} }

// Equal reports whether both are the same name.
func (n Name) Equal(other Name) bool { return n == other }

// Index is the blind index for finding the name; "" for none.
func (n Name) Index(keys *Keys) string { return n.index(keys, "name") }

// OpenName opens what Seal made; no bytes are no name.
func OpenName(keys *Keys, where Where, sealed []byte) (Name, error) {
	text, err := open(keys, where, sealed)
	return name(text), err
}
