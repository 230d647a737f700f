package secret

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var here = Where{Table: "person", Column: "phone", Row: "row-1"}

// eachCipher plays a test with fresh keys of every family, and with keys that changed from each family to each.
func eachCipher(t *testing.T, play func(*testing.T, *Keys)) {
	t.Helper()
	for name, family := range families {
		t.Run(string(name), func(t *testing.T) {
			keys, err := MakeFor(name)
			if err != nil {
				t.Fatal(err)
			}
			play(t, keys)
		})
		for next, to := range families {
			t.Run(string(name+" to "+next), func(t *testing.T) {
				f := fixed()
				old, fresh := freshSet(family.method.name), freshSet(to.method.name)
				f.Hash, f.Data = family.hash, keySet{fresh.Current, append(old.Keys, fresh.Keys...)}
				play(t, ready(t, f))
			})
		}
	}
}

func TestOnlyTheSamePlaceOpens(t *testing.T) { eachCipher(t, onlyTheSamePlaceOpens) }

func onlyTheSamePlaceOpens(t *testing.T, keys *Keys) {
	sealed := keys.Seal(here, []byte("13800138000"))
	if plain, err := keys.Open(here, sealed); err != nil || string(plain) != "13800138000" {
		t.Fatalf("%q, %v", plain, err)
	}
	for name, there := range map[string]Where{
		"other table":    {"staff", "phone", "row-1"},
		"other column":   {"person", "name", "row-1"},
		"other row":      {"person", "phone", "row-2"},
		"shifted border": {"personp", "hone", "row-1"},
		"no row":         {"person", "phone", ""},
	} {
		if _, err := keys.Open(there, sealed); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnyChangedByteIsSeen(t *testing.T) { eachCipher(t, anyChangedByteIsSeen) }

func anyChangedByteIsSeen(t *testing.T, keys *Keys) {
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed := keys.Seal(here, plain)
		if again, err := keys.Open(here, sealed); err != nil || !bytes.Equal(again, plain) {
			t.Fatalf("opened %x, %v", again, err)
		}
		at := rapid.IntRange(0, len(sealed)-1).Draw(t, "at")
		changed := bytes.Clone(sealed)
		changed[at] ^= rapid.ByteRange(1, 255).Draw(t, "by")
		for name, spoilt := range map[string][]byte{
			"changed": changed, "cut": sealed[:at], "longer": append(bytes.Clone(sealed), 0),
		} {
			if _, err := keys.Open(here, spoilt); !errors.Is(err, ErrUnreadable) {
				t.Fatalf("%s at %d: %v", name, at, err)
			}
		}
	})
}

func TestEqualValuesDoNotLookEqual(t *testing.T) { eachCipher(t, equalValuesDoNotLookEqual) }

func equalValuesDoNotLookEqual(t *testing.T, keys *Keys) {
	a, b := keys.Seal(here, []byte("王芳")), keys.Seal(here, []byte("王芳"))
	if bytes.Equal(a, b) {
		t.Error("two seals of one value are equal")
	}
	if bytes.Contains(a, []byte("王")) {
		t.Error("the sealed value holds the plain one")
	}
}

// The values were sealed by another program (Python's cryptography): what stands in databases must open for ever.
func TestOldSealedValuesOpen(t *testing.T) {
	for name, c := range map[string]struct {
		keys   keyFile
		sealed string
	}{
		"aes": {fixed(), "01" + "086465616462656566" + "000102030405060708090a0b" + "6d6165977a04d8d48cc9f95a6269bd7ccaba5162baab718aa0864d"},
		"sm":  {fixedSM(), "02" + "086465616462656566" + "000102030405060708090a0b" + "e278d729a914ee7d754048148f9eece74421ac2fd102a7b537ce6f"},
	} {
		t.Run(name, func(t *testing.T) {
			sealed, err := hex.DecodeString(c.sealed)
			if err != nil {
				t.Fatal(err)
			}
			phone, err := OpenPhone(ready(t, c.keys), here, sealed)
			if err != nil || phone.value() != "13800138000" {
				t.Errorf("%v, %v", phone, err)
			}
			for _, tag := range []byte{3 - sealed[0], 255} { // the other method, and one that this release does not know
				sealed[0] = tag
				if _, err := OpenPhone(ready(t, c.keys), here, sealed); !errors.Is(err, ErrUnreadable) {
					t.Errorf("method %d: %v", tag, err)
				}
			}
		})
	}
}

// TestFreshKnowsTheCurrentKey also shows that Head begins what its key seals and nothing else.
func TestFreshKnowsTheCurrentKey(t *testing.T) {
	eachCipher(t, func(t *testing.T, keys *Keys) {
		sealed := keys.Seal(here, []byte("x"))
		for _, k := range keys.List() {
			if k.Use != Data {
				continue
			}
			head, held := keys.Head(k.ID)
			if !held || bytes.HasPrefix(sealed, head) != k.Current {
				t.Errorf("%+v: %x begins %x", k, sealed, head)
			}
			if keys.Fresh(append(head, sealed...)) != k.Current {
				t.Errorf("%+v is taken for the current key's", k)
			}
		}
		if _, held := keys.Head("none"); held || keys.Fresh(nil) || keys.Fresh([]byte{1}) {
			t.Error("nothing is sealed with a key")
		}
	})
}

func FuzzOpen(f *testing.F) {
	keys := ready(f, fixed())
	sealed := keys.Seal(here, []byte("13800138000"))
	f.Add([]byte(nil))
	f.Add([]byte{1})
	f.Add([]byte{1, 255, 'd'})
	f.Add([]byte("\x01\x08deadbeef"))
	f.Add([]byte("\x01\x08deadbeef012345678901"))
	f.Add([]byte("\x02\x08deadbeef0123456789010123456789012345"))
	f.Add(sealed[:len(sealed)-1])
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if plain, err := keys.Open(here, sealed); err == nil {
			t.Errorf("a forged value opened as %q", plain)
		}
	})
}

// Whatever stood sealed in a column, no content makes the program panic or show it.
func FuzzOpened(f *testing.F) {
	for _, seed := range []string{"", "1", "138", "13800138000", "0421-1", "0421-", "-", "219901198001010016", "219901198013010016", "ABC123456789012", "王", "\xff\xfe\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, plain string) {
		id, phone, name := idNumber(plain), phone(plain), name(plain)
		_, _ = id.BirthDate(), phone.Mobile()
		for _, mask := range []string{id.String(), phone.String(), name.String()} {
			if plain != "" && mask == plain && !strings.Contains(plain, "*") {
				t.Errorf("%q is shown whole", plain)
			}
		}
	})
}
