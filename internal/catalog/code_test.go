package catalog

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCodesAreReadAsPeopleTypeThem(t *testing.T) {
	const code = "9J1KJMTRBY"
	for _, typed := range []string{
		code, "9j1kjmtrby", " 9J1K-JMTR-BY ", "9jik jmtr by", "9JLKJMTRBY", "９Ｊ１ＫＪＭＴＲＢＹ", "9j1k–jmtr–by",
	} {
		if got, err := ParseCode(typed); err != nil || got != code {
			t.Errorf("%q is read as %q, %v", typed, got, err)
		}
	}
	if got, err := ParseCode("5KFODBGNMC"); err != nil || got != "5KF0DBGNMC" {
		t.Errorf("O for 0 is read as %q, %v", got, err)
	}
	for _, typed := range []string{"", "9J1KJMTR", "9J1KJMTRBU", "9J1KJMTRB*", "低保", "00000000", "0000000000000", strings.Repeat("9", 100), "9J1K/JMTRBY"} {
		if got, err := ParseCode(typed); err == nil {
			t.Errorf("%q passes as %q", typed, got)
		} else {
			wantFault(t, err, ErrCodeMistyped)
		}
	}
}

// One wrong character, or two neighbours swapped, never gives another valid code.
func TestCheckCharacter(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		code := NewCode(9)
		if got, err := ParseCode(code); err != nil || got != code {
			r.Fatalf("the fresh code %s is read as %s, %v", code, got, err)
		}
		i := rapid.IntRange(0, len(code)-1).Draw(r, "place")
		wrong := rapid.SampledFrom([]byte(crockford)).Draw(r, "character")
		if wrong != code[i] {
			if _, err := ParseCode(code[:i] + string(wrong) + code[i+1:]); err == nil {
				r.Errorf("%s passes with %c at %d", code, wrong, i)
			}
		}
		if i > 0 && code[i] != code[i-1] {
			if _, err := ParseCode(code[:i-1] + string(code[i]) + string(code[i-1]) + code[i+1:]); err == nil {
				r.Errorf("%s passes with places %d and %d swapped", code, i-1, i)
			}
		}
	})
}

func TestNewCodesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		seen[NewCode(9)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("only %d of 1000 codes differ", len(seen))
	}
}
