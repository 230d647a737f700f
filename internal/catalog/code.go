package catalog

import (
	"crypto/rand"
	"strings"

	"golang.org/x/text/unicode/norm"

	"tongban/internal/access"
)

// Code is what a printed two-dimensional code stands for (二维码). A code never changes its meaning: the poster stays on the wall.
type Code struct {
	Code    string      // canonical: capitals, no separators
	Kind    string      // CodeItem …
	ID      string      // of the thing; empty for a village
	Village access.Area // empty for county-wide
}

// The kinds of code that the county's file may hold.
const (
	CodeItem    = "item"
	CodeVillage = "village"
)

// crockford is the alphabet of Crockford's base32: no I, L, O, U, so nothing reads like something else.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// The last character is Crockford's own check symbol, the payload mod 37: a prime, so every single wrong character and every
// swap of neighbours shows. Codes whose symbol would be one of his five extra ones (*~$=U) are never made.
const (
	checkModulus = 37
	codeShortest = 9
	codeLongest  = 12
)

// ParseCode reads a code as a person types it: any case, full-width letters, I and L for 1, O for 0, hyphens and blanks.
// It answers the canonical form, or catalog.code_mistyped.
func ParseCode(typed string) (string, error) {
	if len(typed) > 64 {
		return "", ErrCodeMistyped
	}
	var b strings.Builder
	for _, r := range strings.ToUpper(norm.NFKC.String(typed)) {
		switch r {
		case '-', ' ', '–', '—', '‐', '‑', '\t':
			continue
		case 'I', 'L':
			r = '1'
		case 'O':
			r = '0'
		}
		if !strings.ContainsRune(crockford, r) {
			return "", ErrCodeMistyped
		}
		b.WriteRune(r)
	}
	code := b.String()
	if len(code) < codeShortest || len(code) > codeLongest {
		return "", ErrCodeMistyped
	}
	body, check := code[:len(code)-1], code[len(code)-1]
	if sum := checksum(body); sum >= len(crockford) || crockford[sum] != check {
		return "", ErrCodeMistyped
	}
	return code, nil
}

func checksum(body string) int {
	sum := 0
	for i := range len(body) {
		sum = (sum*32 + strings.IndexByte(crockford, body[i])) % checkModulus
	}
	return sum
}

// NewCode makes a fresh random code with so many characters before the check. Those on walls have 9: short enough to read out on the telephone.
func NewCode(body int) string {
	for {
		made := make([]byte, body)
		rand.Read(made) // never fails since Go 1.24
		for i, r := range made {
			made[i] = crockford[r%32]
		}
		if sum := checksum(string(made)); sum < len(crockford) {
			return string(made) + crockford[sum:sum+1]
		}
	}
}
