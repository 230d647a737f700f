package secret

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tongban/internal/clock"
)

var today = clock.Date{Year: 2026, Month: time.March, Day: 2}

func TestParseIDNumber(t *testing.T) {
	for _, c := range []struct {
		what, typed, number, born string
	}{
		{"a citizen", "219901198001010016", "219901198001010016", "1980-01-01"},
		{"the standard's example with X", "11010519491231002X", "11010519491231002X", "1949-12-31"},
		{"the standard's other example", "440524188001010014", "440524188001010014", "1880-01-01"},
		{"small x", "11010519491231002x", "11010519491231002X", "1949-12-31"},
		{"full-width", "１１０１０５１９４９１２３１００２ｘ", "11010519491231002X", "1949-12-31"},
		{"a Roman ten", "11010519491231002Ⅹ", "11010519491231002X", "1949-12-31"},
		{"in groups", " 110105 19491231-002X\t", "11010519491231002X", "1949-12-31"},
		{"invisible characters", "\ufeff1101\u200b0519491231\u202e002X\u200f", "11010519491231002X", "1949-12-31"},
		{"15 digits", "110105491231002", "11010519491231002X", "1949-12-31"},
		{"15 digits of somebody born in the 1800s", "110105991231996", withCheck("11010518991231996"), "1899-12-31"},
		{"a day without a midnight in Shanghai", "219901194006010025", "219901194006010025", "1940-06-01"},
		{"a day of 23 hours", "21990119860504003X", "21990119860504003X", "1986-05-04"},
		{"Hong Kong", "810000199002280010", "810000199002280010", "1990-02-28"},
		{"Macao", "820000199002280127", "820000199002280127", "1990-02-28"},
		{"Taiwan, a leap day", "830000200002290015", "830000200002290015", "2000-02-29"},
		{"a foreigner since 2023", "932682198501010017", "932682198501010017", "1985-01-01"},
		{"a foreigner before", "abc219985010112", "ABC219985010112", "1985-01-01"},
		{"a foreign child before", "ABC219915010112", "ABC219915010112", "2015-01-01"},
	} {
		t.Run(c.what, func(t *testing.T) {
			id, err := ParseIDNumber(c.typed, today)
			if err != nil {
				t.Fatal(err)
			}
			if id.value() != c.number || id.BirthDate().String() != c.born {
				t.Errorf("%s, born %s", id.value(), id.BirthDate())
			}
		})
	}
}

func TestParseIDNumberRefuses(t *testing.T) {
	for _, c := range []struct {
		what, typed string
		want        error
	}{
		{"nothing", "", ErrIDNumber},
		{"17 digits", "21990119800101001", ErrIDNumber},
		{"19 digits", "2199011980010100166", ErrIDNumber},
		{"letters", "21990119800101OO16", ErrIDNumber},
		{"X in the middle", "2199011980X1010016", ErrIDNumber},
		{"first digit 0", "019901198001010016", ErrIDNumber},
		{"Arabic digits", "٢19901198001010016", ErrIDNumber},
		{"two letters", "AB2199850101123", ErrIDNumber},
		{"letters that only look Latin", "ſbc219985010112", ErrIDNumber},
		{"a passport", "E12345678", ErrIDNumber},
		{"one digit wrong", "219901198001010017", ErrCheckDigit},
		{"two digits swapped", "219901198001010061", ErrCheckDigit},
		{"X for a digit", "21990119800101001X", ErrCheckDigit},
		{"13th month", withCheck("21990119801301001"), ErrBirthDate},
		{"30 February", withCheck("21990119800230001"), ErrBirthDate},
		{"29 February of no leap year", withCheck("21990119000229001"), ErrBirthDate},
		{"15 digits with 31 April", "219901800431001", ErrBirthDate},
		{"born tomorrow", withCheck("21990120260303001"), ErrBirthDate},
		{"born 151 years ago", withCheck("21990118750101001"), ErrBirthDate},
		{"born in the year 0", withCheck("21990100000101001"), ErrBirthDate},
		{"a foreigner's 31 June", "ABC219985063112", ErrBirthDate},
		{"bad UTF-8", "21990119800101001\xff", ErrTextInvalid},
		{"NUL", "219901198001\x00010016", ErrTextInvalid},
		{"two lines", "219901198001\n010016", ErrTextInvalid},
	} {
		t.Run(c.what, func(t *testing.T) {
			if id, err := ParseIDNumber(c.typed, today); !errors.Is(err, c.want) || !id.IsZero() {
				t.Errorf("%v, %v", id, err)
			}
		})
	}
	if _, err := ParseIDNumber(withCheck("21990120260302001"), today); err != nil {
		t.Errorf("born today: %v", err)
	}
	if _, err := ParseIDNumber("219901198001010016", clock.Date{}); err == nil {
		t.Error("without a today anybody may be born")
	}
}

// withCheck adds the check digit by the table that GB 11643 prints, other than the program does.
func withCheck(body string) string {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(body[i]-'0')
	}
	return body + "10X98765432"[sum%11:sum%11+1]
}

func TestEverySlipOfThePenIsSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		area := rapid.IntRange(100000, 999999).Draw(t, "area")
		born := clock.Date{Year: 1900, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 46000).Draw(t, "day"))
		order := rapid.IntRange(0, 999).Draw(t, "order")
		number := withCheck(fmt.Sprintf("%06d%04d%02d%02d%03d", area, born.Year, born.Month, born.Day, order))
		id, err := ParseIDNumber(number, today)
		if err != nil || id.value() != number || id.BirthDate() != born {
			t.Fatalf("a true number: %v, born %v", err, id.BirthDate())
		}
		at := rapid.IntRange(0, 16).Draw(t, "at")
		wrong := []byte(number)
		wrong[at] = '0' + (wrong[at]-'0'+rapid.ByteRange(1, 9).Draw(t, "by"))%10
		if _, err := ParseIDNumber(string(wrong), today); err == nil {
			t.Fatalf("digit %d wrong and not seen", at)
		}
		if at < 16 && number[at] != number[at+1] {
			swapped := []byte(number)
			swapped[at], swapped[at+1] = swapped[at+1], swapped[at]
			if _, err := ParseIDNumber(string(swapped), today); err == nil {
				t.Fatalf("digits %d and %d swapped and not seen", at, at+1)
			}
		}
	})
}

func FuzzParseIDNumber(f *testing.F) {
	for _, seed := range []string{
		"219901198001010016", "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", "110105491231002", "110105991231999",
		"810000199002280010", "932682198501010017", "abc219985010112", "ABC219900022912", "\u200b\u202e219901198001010016", "ＡＢＣ219985010112",
		"219901198002300016", "", " ", "x", "\xff", "\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		id, err := ParseIDNumber(typed, today)
		if err != nil {
			promised(t, err)
			return
		}
		again, err := ParseIDNumber(id.value(), today)
		if err != nil || again != id {
			t.Errorf("the kept form %q is not read as itself: %v", id.value(), err)
		}
		if born := id.BirthDate(); born.IsZero() || today.Before(born) {
			t.Errorf("born %v", born)
		}
	})
}
