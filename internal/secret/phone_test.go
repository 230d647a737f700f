package secret

import (
	"errors"
	"testing"
)

func TestParsePhone(t *testing.T) {
	for _, c := range []struct {
		what, typed, number, mask string
		mobile                    bool
	}{
		{"mobile", "13800138000", "13800138000", "138****8000", true},
		{"in groups", " 138 0013-8000 ", "13800138000", "138****8000", true},
		{"full-width", "１３８００１３８０００", "13800138000", "138****8000", true},
		{"+86", "+8613800138000", "13800138000", "138****8000", true},
		{"+86 with a space", "＋86 138-0013-8000", "13800138000", "138****8000", true},
		{"0086", "008613800138000", "13800138000", "138****8000", true},
		{"86 alone", "8613800138000", "13800138000", "138****8000", true},
		{"dialled with a zero", "013800138000", "13800138000", "138****8000", true},
		{"invisible characters", "\u202a13800138000\u202c\ufeff", "13800138000", "138****8000", true},
		{"a new range", "19912345678", "19912345678", "199****5678", true},
		{"landline of 7", "0421-7654321", "0421-7654321", "0421-*****21", false},
		{"landline of 8", "04317654321 0", "0431-76543210", "0431-******10", false},
		{"landline in brackets", "（010）87654321", "010-87654321", "010-******21", false},
		{"landline of a 02 area", "02487654321", "024-87654321", "024-******21", false},
		{"landline from abroad", "+86 421 7654321", "0421-7654321", "0421-*****21", false},
		{"landline from abroad, zero kept", "+86 (0421) 7654321", "0421-7654321", "0421-*****21", false},
	} {
		t.Run(c.what, func(t *testing.T) {
			phone, err := ParsePhone(c.typed)
			if err != nil {
				t.Fatal(err)
			}
			if phone.value() != c.number || phone.String() != c.mask || phone.Mobile() != c.mobile {
				t.Errorf("%s, shown %s, mobile %v", phone.value(), phone, phone.Mobile())
			}
		})
	}
}

func TestParsePhoneRefuses(t *testing.T) {
	for what, c := range map[string]struct {
		typed string
		want  error
	}{
		"nothing":              {"", ErrPhone},
		"ten digits":           {"1380013800", ErrPhone},
		"twelve digits":        {"138001380000", ErrPhone},
		"starts with 12":       {"12800138000", ErrPhone},
		"no area code":         {"7654321", ErrPhone},
		"area code of nowhere": {"0121-7654321", ErrPhone},
		"six digits":           {"0421-765432", ErrPhone},
		"nine digits":          {"0421-765432100", ErrPhone},
		"abroad":               {"+1 202 555 0100", ErrPhone},
		"letters":              {"1380013800O", ErrPhone},
		"Arabic digits":        {"١٣٨٠٠١٣٨٠٠٠", ErrPhone},
		"two numbers":          {"13800138000,13800138001", ErrPhone},
		"bad UTF-8":            {"1380013800\xff", ErrTextInvalid},
		"NUL inside":           {"138\x0000138000", ErrTextInvalid},
		"line end inside":      {"138\n00138000", ErrTextInvalid},
	} {
		if phone, err := ParsePhone(c.typed); !errors.Is(err, c.want) || !phone.IsZero() {
			t.Errorf("%s: %v, %v", what, phone, err)
		}
	}
}

func FuzzParsePhone(f *testing.F) {
	for _, seed := range []string{
		"13800138000", "+86 138 0013 8000", "００８６１３８００１３８０００", "013800138000", "0421-7654321", "(010) 87654321", "+86 421 7654321",
		"+86+8613800138000", "8686", "+", "0", "\u200e13800138000", "", "\xff", "\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		phone, err := ParsePhone(typed)
		if err != nil {
			promised(t, err)
			return
		}
		again, err := ParsePhone(phone.value())
		if err != nil || again != phone {
			t.Errorf("the kept form %q is not read as itself: %v", phone.value(), err)
		}
	})
}
