package account

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"

	"tongban/internal/fault"
)

var (
	// ErrShortPassword and ErrWeakPassword refuse a new password. There is no rule of capitals and signs: length is what counts.
	ErrShortPassword = fault.New(fault.Invalid, "password.too_short", "新密码太短，请设长一些")
	ErrWeakPassword  = fault.New(fault.Invalid, "password.weak", "新密码太容易被猜到，请换一个")
	errLongPassword  = fault.New(fault.Invalid, "password.too_long", "新密码太长，请设短一些")
)

// guessed are words that lists of common passwords are made of. A password is judged by what it has besides them.
var guessed = []string{
	"passw0rd", "password", "p@ssw0rd", "p@ssword", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh", "zxcvbnm", "zxcvbn",
	"1q2w3e4r5t", "1q2w3e4r", "1qaz2wsx3edc", "1qaz2wsx", "qazwsxedc", "qazwsx", "administrator", "admin", "root", "user", "test", "guest",
	"welcome", "letmein", "iloveyou", "woaini", "5201314", "1314520", "tongban", "abc123", "a123456", "111111", "888888", "666666", "000000",
	"changeme", "default", "secret", "login", "mima",
}

// fit judges a new password of the user with that name.
func (p *passwords) fit(password, username string) error {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password) || len(password) > longestPassword:
		return errLongPassword
	case n < p.least:
		return ErrShortPassword.With("至少要 %d 个字符", p.least)
	}
	rest := cases.Fold().String(password)
	if len(username) >= 3 {
		rest = strings.ReplaceAll(rest, username, "")
	}
	for _, word := range guessed {
		rest = strings.ReplaceAll(rest, word, "")
	}
	// Half of the least length must be left, of several characters that do not just follow each other.
	if surprises(rest) < p.least/2 {
		return ErrWeakPassword
	}
	return nil
}

// surprises counts the characters that do not follow from the one before: not the same, the next, the previous, nor one
// that came two before (as in abababab).
func surprises(text string) int {
	runes := []rune(text)
	n := 0
	for i, r := range runes {
		if i > 0 && r-runes[i-1] >= -1 && r-runes[i-1] <= 1 || i > 1 && r == runes[i-2] {
			continue
		}
		n++
	}
	return n
}
