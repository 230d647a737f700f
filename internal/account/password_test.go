package account

import (
	"context"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tongban/internal/fault"
)

func TestPasswordMatchesOnlyItself(t *testing.T) {
	p := newPasswords(12, ourCost)
	long := strings.Repeat("青山绿水", 16)
	for _, password := range []string{"correct-horse-7", long, "pass word with spaces", "caf\u00e9-au-lait-42"} {
		stored := p.hash(password)
		if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") || len(stored) > 160 {
			t.Errorf("stored as %q", stored)
		}
		if !p.matches(stored, password) || p.matches(stored, password+"x") || p.matches(stored, "") {
			t.Errorf("%q does not match only itself", password)
		}
	}
	if !p.matches(p.hash("caf\u00e9-au-lait-42"), "cafe\u0301-au-lait-42") {
		t.Error("the two ways of sending é are two passwords")
	}
	if p.matches("", "") || p.matches("", "x") || p.matches("$2a$10$abc", "x") {
		t.Error("something matches nothing")
	}
}

func TestUnknownUserCostsTheSame(t *testing.T) {
	p := newPasswords(12, ourCost)
	before := p.spent.Load()
	p.matches("", "whatever")
	if p.spent.Load() != before+1 {
		t.Error("no work was done for an unknown user")
	}
	c, _, hash, err := readPHC(p.dummy)
	if err != nil || c != ourCost || len(hash) != hashSize {
		t.Errorf("the dummy costs %+v for %d bytes, %v", c, len(hash), err)
	}
}

func TestNewPasswordIsJudged(t *testing.T) {
	p := newPasswords(12, ourCost)
	for password, is := range map[string]*fault.Fault{
		"short-7q":                ErrShortPassword,
		"":                        ErrShortPassword,
		"password2024":            ErrWeakPassword,
		"Passw0rd1234":            ErrWeakPassword,
		"aaaaaaaaaaaaaaaa":        ErrWeakPassword,
		"123456789012":            ErrWeakPassword,
		"abcdefghijklmnop":        ErrWeakPassword,
		"ababababababab":          ErrWeakPassword,
		"qwertyuiop123":           ErrWeakPassword,
		"clerk-xinglin123":        ErrWeakPassword,
		"woaini5201314":           ErrWeakPassword,
		"bad\xffutf8-and-more":    errLongPassword,
		strings.Repeat("x", 2000): errLongPassword,
	} {
		if err := p.fit(password, "clerk-xinglin"); !errors.Is(err, is) {
			t.Errorf("%q: %v, want %v", password, err, is)
		}
	}
	for _, password := range []string{"杏花春雨江南又绿了岸边柳", "kettle-7-orchard", "h7kd-29pm-x4wc", strings.Repeat("longer and ", 7)} {
		if err := p.fit(password, "clerk-xinglin"); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func TestCrowdIsRefused(t *testing.T) {
	p := newPasswords(12, ourCost)
	var leaves []func()
	for range cap(p.slots) {
		leave, err := p.enter(t.Context())
		must(t, err)
		leaves = append(leaves, leave)
	}
	_, err := p.enter(t.Context())
	want(t, err, errCrowded)
	if fault.Of(err).Wait <= 0 {
		t.Error("nobody says when to come again")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	want(t, errOf(p.enter(gone)), errCrowded)
	leaves[0]()
	leave, err := p.enter(t.Context())
	must(t, err)
	leave()
}

func TestFormsOfAUsernameAreOne(t *testing.T) {
	for _, typed := range []string{"admin", "Ａdmin", "admin ", " ADMIN", "ad\u200bmin", "ａｄｍｉｎ", "\u3000admin"} {
		if got := normalUsername(typed); got != "admin" {
			t.Errorf("%q is %q", typed, got)
		}
	}
	if small, capital := normalUsername("a\uab70"), normalUsername("A\u13a0"); small != capital || normalUsername(small) != small {
		t.Errorf("two cases of a Cherokee letter are %q and %q", small, capital)
	}
	for _, typed := range []string{"", "a", "a b", "admin\x00", "ad\nmin", "a'--", strings.Repeat("x", 33), "bad\xff"} {
		if got := normalUsername(typed); got != "" {
			t.Errorf("%q is %q", typed, got)
		}
	}
	if normalUsername("𠮷田") == normalUsername("𡈽田") {
		t.Error("two rare names are one")
	}
	rapid.Check(t, func(t *rapid.T) {
		once := normalUsername(rapid.String().Draw(t, "typed"))
		if normalUsername(once) != once {
			t.Fatalf("%q is not its own normal form", once)
		}
	})
}

func TestDemoPasswordFollowsFromTheKeys(t *testing.T) {
	d := open(t)
	if one := DemoPassword(d.store.Keys()); one != DemoPassword(d.store.Keys()) || d.passwords.fit(one, "dispatcher") != nil {
		t.Errorf("the demo password %q is not fit", one)
	}
}
