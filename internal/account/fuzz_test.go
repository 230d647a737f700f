package account

import (
	"errors"
	"strings"
	"testing"

	"tongban/internal/store/storetest"
)

// FuzzToken: whatever comes as a token, only the very bytes that we signed are asked about in the database. It is closed
// here, so whoever asks gets another fault.
func FuzzToken(f *testing.F) {
	d := New(storetest.Open(f), Options{WeChat: somePhones})
	tokens, err := d.LoginWeChat(f.Context(), WeChatLogin{Code: "code-1"})
	if err != nil {
		f.Fatal(err)
	}
	if err := d.store.Close(); err != nil {
		f.Fatal(err)
	}
	good := tokens.Access
	part := strings.Split(good, ".")
	for _, seed := range []string{
		"", ".", "..", "...", "a.b.c", good, good + "=", good + ".", " " + good, good[:len(good)-1], part[0] + "." + part[1] + ".",
		"eyJhbGciOiJub25lIn0." + part[1] + ".", "eyJhbGciOiJIUzI1NiJ9." + part[1] + "." + part[2], part[0] + "." + part[0] + "." + part[2],
		part[0] + ".e30." + part[2], "bnVsbA." + part[1] + "." + part[2], tokens.Refresh, strings.Repeat("A", longestToken), "中文", "\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		_, err := d.Identify(t.Context(), token)
		if forged := errors.Is(err, ErrToken); forged == (token == good) {
			t.Errorf("%q: %v", token, err)
		}
	})
}

// FuzzRefreshToken likewise.
func FuzzRefreshToken(f *testing.F) {
	d := New(storetest.Open(f), Options{WeChat: somePhones})
	tokens, err := d.LoginWeChat(f.Context(), WeChatLogin{Code: "code-1"})
	if err != nil {
		f.Fatal(err)
	}
	if err := d.store.Close(); err != nil {
		f.Fatal(err)
	}
	good := tokens.Refresh
	for _, seed := range []string{"", good, good + "=", good[1:], "-" + good[1:], strings.Repeat("A", len(good)), tokens.Access, "中文"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		_, err := d.Refresh(t.Context(), token, "")
		if forged := errors.Is(err, ErrToken); forged == (token == good) {
			t.Errorf("%q: %v", token, err)
		}
	})
}

// FuzzBindCode: what is read as a code is one, and comes back as it is.
func FuzzBindCode(f *testing.F) {
	for _, seed := range []string{"", "ABCD-EFGH", "abcd efgh", "ＡＢＣＤＥＦＧＨ", "oil0-oil0", "ABCDEFG", "ABCDEFGHJ", "UUUU-UUUU", "\xff", "ſſſſſſſſ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code := readBindCode(typed)
		if code == "" {
			return
		}
		if len(code) != bindChars || strings.Trim(code, crockford) != "" || readBindCode(code) != code {
			t.Errorf("%q was read as %q", typed, code)
		}
	})
}
