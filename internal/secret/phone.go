package secret

import (
	"regexp"
	"strings"

	"tongban/internal/fault"
)

// ErrPhone is the fault of a typed phone number.
var ErrPhone = fault.New(fault.Invalid, "phone.invalid", "电话号码不对：手机号是 11 位，座机请带区号")

// Phone (电话号码) is a mainland mobile number (13800138000) or a landline with its area code (0421-7654321), which
// many elders still have. It is shown as 138****8000 or 0421-*****21.
type Phone struct{ hidden }

var (
	// The zero that is dialled before a far mobile is written by some.
	mobileShape   = regexp.MustCompile(`^0?(1[3-9][0-9]{9})$`)
	landlineShape = regexp.MustCompile(`^(010|02[0-9]|0[3-9][0-9]{2})([1-9][0-9]{6,7})$`)
	countryCode   = regexp.MustCompile(`^(?:\+|00)86`)
	bareCountry   = regexp.MustCompile(`^86(1[3-9][0-9]{9})$`)
)

// ParsePhone reads a typed number in any of its written forms, with or without +86.
func ParsePhone(typed string) (Phone, error) {
	number, err := foldCode(typed)
	if err != nil {
		return Phone{}, err
	}
	if national := countryCode.ReplaceAllString(number, ""); national != number {
		number = "0" + strings.TrimPrefix(national, "0") // abroad the area code is written without its zero
	}
	number = bareCountry.ReplaceAllString(number, "$1")
	if m := mobileShape.FindStringSubmatch(number); m != nil {
		return phone(m[1]), nil
	}
	if m := landlineShape.FindStringSubmatch(number); m != nil {
		return phone(m[1] + "-" + m[2]), nil
	}
	return Phone{}, ErrPhone
}

func phone(number string) Phone {
	if number == "" {
		return Phone{}
	}
	area, local, landline := strings.Cut(number, "-")
	if landline && len(local) > 2 {
		return Phone{hide(number, area+"-"+mask(local, 0, 2))}
	}
	return Phone{hide(number, mask(number, 3, 4))}
}

// Mobile reports whether messages can be sent to it.
func (p Phone) Mobile() bool { return mobileShape.MatchString(p.value()) }

// Equal reports whether both are the same number.
func (p Phone) Equal(other Phone) bool { return p == other }

// Index is the blind index for finding the number; "" for none.
func (p Phone) Index(keys *Keys) string { return p.index(keys, "phone") }

// OpenPhone opens what Seal made; no bytes are no number.
func OpenPhone(keys *Keys, where Where, sealed []byte) (Phone, error) {
	number, err := open(keys, where, sealed)
	return phone(number), err
}
