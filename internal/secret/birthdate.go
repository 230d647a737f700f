package secret

import (
	"tongban/internal/clock"
	"tongban/internal/fault"
)

// ErrBorn is the fault of a birth date that cannot be.
var ErrBorn = fault.New(fault.Invalid, "birth_date.invalid", "出生日期不对，请照户口簿或出生证核对")

// BirthDate (出生日期) is when somebody was born, told or read off his ID number. Nothing of it is shown.
type BirthDate struct{ hidden }

// NewBirthDate takes a date that was told; none is no date. A day later than today or too long ago is refused.
func NewBirthDate(born, today clock.Date) (BirthDate, error) {
	if today.Before(born) || !born.IsZero() && today.Year-born.Year > oldest {
		return BirthDate{}, ErrBorn
	}
	return birthDate(born), nil
}

func birthDate(born clock.Date) BirthDate {
	if born.IsZero() {
		return BirthDate{}
	}
	text := born.String()
	return BirthDate{hide(text, mask(text, 0, 0))}
}

// Born is the birth date that the number says.
func (n IDNumber) Born() BirthDate { return birthDate(n.BirthDate()) }

// Date may be asked without a record: it is for the rules of age, never for showing.
func (b BirthDate) Date() clock.Date {
	born, err := clock.ParseDate(b.value())
	if err != nil {
		return clock.Date{}
	}
	return born
}

// Under reports whether fewer years than that are full today (周岁): somebody is fourteen from his birthday on. Of nobody
// whose birth date is not known.
func (b BirthDate) Under(years int, today clock.Date) bool {
	return !b.IsZero() && today.Before(b.Date().AddYears(years))
}

// Equal reports whether both are the same day.
func (b BirthDate) Equal(other BirthDate) bool { return b == other }

// OpenBirthDate opens what Seal made; no bytes are no date.
func OpenBirthDate(keys *Keys, where Where, sealed []byte) (BirthDate, error) {
	text, err := open(keys, where, sealed)
	if err != nil || text == "" {
		return BirthDate{}, err
	}
	born, err := clock.ParseDate(text)
	return birthDate(born), err
}
