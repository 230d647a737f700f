package secret

import (
	"regexp"

	"tongban/internal/clock"
	"tongban/internal/fault"
)

// The faults of a typed ID number.
var (
	ErrIDNumber   = fault.New(fault.Invalid, "id_number.invalid", "证件号码的位数或写法不对，请照证件逐位核对")
	ErrCheckDigit = fault.New(fault.Invalid, "id_number.check_digit", "证件号码里有一位写错了，请照证件逐位核对")
	ErrBirthDate  = fault.New(fault.Invalid, "id_number.birth_date", "证件号码里的出生日期不对，请照证件逐位核对")
)

// IDNumber (证件号码) is a citizen's number (公民身份号码, GB 11643), or one of the same shape: the residence permits of
// Hong Kong (81), Macao (82) and Taiwan (83) residents and the foreigner's permanent residence card of 2023 on (first digit 9);
// or that card's older number of 15 characters. Only its last four characters are shown.
type IDNumber struct{ hidden }

var (
	shape18    = regexp.MustCompile(`^[1-9][0-9]{16}[0-9X]$`)
	shape15    = regexp.MustCompile(`^[1-9][0-9]{14}$`)
	shapeAlien = regexp.MustCompile(`^[A-Z]{3}[0-9]{12}$`) // nationality, place (4), birth YYMMDD, 2 more
)

// oldest is the age in years beyond which a birth date is taken for a slip of the pen.
const oldest = 150

// ParseIDNumber reads a typed number in any of its written forms. A citizen's number of 15 digits becomes that of 18.
// A birth date later than today is refused.
func ParseIDNumber(typed string, today clock.Date) (IDNumber, error) {
	number, err := foldCode(typed)
	if err != nil {
		return IDNumber{}, err
	}
	switch {
	case shape15.MatchString(number):
		number = lengthen(number)
	case shape18.MatchString(number):
		if number[17] != checkDigit(number[:17]) {
			return IDNumber{}, ErrCheckDigit
		}
	case shapeAlien.MatchString(number):
	default:
		return IDNumber{}, ErrIDNumber
	}
	id := idNumber(number)
	born := id.BirthDate()
	if born.IsZero() || today.Before(born) || today.Year-born.Year > oldest {
		return IDNumber{}, ErrBirthDate
	}
	return id, nil
}

func idNumber(number string) IDNumber {
	if number == "" {
		return IDNumber{}
	}
	return IDNumber{hide(number, mask(number, 0, 4))}
}

// lengthen makes 18 digits of 15: the century and the check digit are added. In the old numbers the orders 996 to 999
// were kept for people then over a hundred, born in the 1800s.
func lengthen(number string) string {
	century := "19"
	if number[12:] >= "996" {
		century = "18"
	}
	body := number[:6] + century + number[6:]
	return body + string(checkDigit(body))
}

// checkDigit of the first 17 digits: GB 11643, which is ISO 7064 MOD 11-2.
func checkDigit(body string) byte {
	sum := 0
	for i := range len(body) {
		sum = (sum + int(body[i]-'0')) * 2 % 11
	}
	return "0123456789X"[(12-sum)%11]
}

// BirthDate that the number says; it may be asked without revealing the number.
func (n IDNumber) BirthDate() clock.Date {
	number := n.value()
	var text string
	switch len(number) {
	case 18:
		text = number[6:14]
	case 15:
		// The older foreigner's cards were given out from 2004 to 2023 and leave the century out. A child is likelier
		// than somebody of a hundred.
		text = "19" + number[7:13]
		if number[7:9] <= "23" {
			text = "20" + number[7:13]
		}
	default:
		return clock.Date{}
	}
	born, err := clock.ParseDate(text[:4] + "-" + text[4:6] + "-" + text[6:])
	if err != nil {
		return clock.Date{}
	}
	return born
}

// Equal reports whether both are the same number.
func (n IDNumber) Equal(other IDNumber) bool { return n == other }

// Index is the blind index for finding the number; "" for none.
func (n IDNumber) Index(keys *Keys) string { return n.index(keys, "id_number") }

// OpenIDNumber opens what Seal made; no bytes are no number.
func OpenIDNumber(keys *Keys, where Where, sealed []byte) (IDNumber, error) {
	number, err := open(keys, where, sealed)
	return idNumber(number), err
}
