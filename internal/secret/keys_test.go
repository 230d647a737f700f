package secret

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fixed is a key file whose keys are known: root 0, 1, 2 … 31, data key 32 … 63, signing seed 64 … 95.
func fixed() keyFile {
	run := func(from byte) []byte {
		key := make([]byte, keySize)
		for i := range key {
			key[i] = from + byte(i)
		}
		return key
	}
	return keyFile{
		Version: 1,
		Root:    run(0),
		Data:    keySet{"deadbeef", []keyEntry{{ID: "deadbeef", Algorithm: "aes-256-gcm", Key: run(32)}}},
		Signing: keySet{"sign1", []keyEntry{{ID: "sign1", Algorithm: "ed25519", Key: run(64)}}},
	}
}

// fixedSM is fixed as an installation for 国密 would have it; the data key is 32 … 47.
func fixedSM() keyFile {
	f := fixed()
	f.Hash = "sm3"
	f.Data.Keys[0].Algorithm, f.Data.Keys[0].Key = "sm4-gcm", f.Data.Keys[0].Key[:16]
	return f
}

// rotated is fixed after a change of the data and the signing key.
func rotated() keyFile {
	f := fixed()
	fresh, signer := freshSet("aes-256-gcm"), freshSet("ed25519")
	f.Data = keySet{fresh.Current, append(f.Data.Keys, fresh.Keys...)}
	f.Signing = keySet{signer.Current, append(f.Signing.Keys, signer.Keys...)}
	return f
}

func ready(t testing.TB, f keyFile) *Keys {
	t.Helper()
	keys, err := f.keys()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func made(t testing.TB) *Keys {
	t.Helper()
	keys, err := Make()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestMadeKeysDiffer(t *testing.T) {
	a, b := made(t), made(t)
	if a.Index("phone", "x") == b.Index("phone", "x") {
		t.Error("two root keys are the same")
	}
	if _, err := b.Open(here, a.Seal(here, []byte("x"))); err == nil {
		t.Error("a foreign data key opened a sealed value")
	}
	_, mine := a.Signing()
	_, yours := b.Signing()
	if mine.Equal(yours) {
		t.Error("two signing keys are the same")
	}
}

func TestSavedKeysAreTheSameKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	keys := made(t)
	if err := keys.Save(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v", info.Mode())
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the key file something was left: %v, %v", entries, err)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := loaded.Open(here, keys.Seal(here, []byte("甲"))); err != nil || string(plain) != "甲" {
		t.Errorf("opened %q, %v", plain, err)
	}
	if loaded.Index("phone", "1") != keys.Index("phone", "1") {
		t.Error("the index changed")
	}
	kid, signing := keys.Signing()
	if !ed25519.Verify(loaded.Verifying()[kid], []byte("m"), ed25519.Sign(signing, []byte("m"))) {
		t.Error("a signature does not verify after loading")
	}
}

func TestLoadRefusesOpenFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := made(t).Save(path); err != nil {
		t.Fatal(err)
	}
	for mode, fine := range map[os.FileMode]bool{
		0o600: true, 0o400: true,
		0o644: false, 0o640: false, 0o604: false, 0o620: false, 0o602: false, 0o601: false, 0o700: false, 0o444: false,
	} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); (err == nil) != fine {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
	if _, err := Load(filepath.Dir(path)); err == nil {
		t.Error("a folder was loaded")
	}
	if _, err := Load(path + ".none"); !os.IsNotExist(unwrapped(err)) {
		t.Errorf("a missing file: %v", err)
	}
}

func unwrapped(err error) error {
	if inner, ok := err.(interface{ Unwrap() error }); ok {
		return inner.Unwrap()
	}
	return err
}

func TestLoadRefusesUnsoundKeys(t *testing.T) {
	for name, spoil := range map[string]func(*keyFile){
		"version":              func(f *keyFile) { f.Version = 2 },
		"no root":              func(f *keyFile) { f.Root = nil },
		"short root":           func(f *keyFile) { f.Root = f.Root[:31] },
		"long root":            func(f *keyFile) { f.Root = append(f.Root, 1) },
		"sample root":          func(f *keyFile) { f.Root = make([]byte, keySize) },
		"short data key":       func(f *keyFile) { f.Data.Keys[0].Key = f.Data.Keys[0].Key[:16] },
		"short signing key":    func(f *keyFile) { f.Signing.Keys[0].Key = f.Signing.Keys[0].Key[:31] },
		"one key for two uses": func(f *keyFile) { f.Signing.Keys[0].Key = f.Root },
		"no data keys":         func(f *keyFile) { f.Data = keySet{} },
		"no signing keys":      func(f *keyFile) { f.Signing = keySet{} },
		"current is not there": func(f *keyFile) { f.Data.Current = "gone" },
		"id twice": func(f *keyFile) {
			f.Data.Keys = append(f.Data.Keys, keyEntry{ID: "deadbeef", Algorithm: "aes-256-gcm", Key: random(32)})
		},
		"id of strange shape":      func(f *keyFile) { f.Data.Keys[0].ID, f.Data.Current = "a b", "a b" },
		"unknown hash":             func(f *keyFile) { f.Hash = "md5" },
		"SM4 key for AES":          func(f *keyFile) { f.Data.Keys[0].Key = f.Data.Keys[0].Key[:16] },
		"AES key for SM4":          func(f *keyFile) { f.Data.Keys[0].Algorithm = "sm4-gcm" },
		"sample SM4 key":           func(f *keyFile) { f.Data.Keys[0].Algorithm, f.Data.Keys[0].Key = "sm4-gcm", make([]byte, 16) },
		"unknown cipher":           func(f *keyFile) { f.Data.Keys[0].Algorithm = "aes-256-ecb" },
		"unknown signature":        func(f *keyFile) { f.Signing.Keys[0].Algorithm = "none" },
		"one sound key, untouched": nil,
	} {
		t.Run(name, func(t *testing.T) {
			f := fixed()
			if spoil != nil {
				spoil(&f)
			}
			content, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := loadText(t, string(content)); (err == nil) != (spoil == nil) {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestLoadRefusesStrangeFiles(t *testing.T) {
	sound, err := json.Marshal(fixed())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"empty":         "",
		"no JSON":       "root=AAAA",
		"unknown field": `{"spare":1,` + string(sound[1:]),
		"two values":    string(sound) + string(sound),
		"cut off":       string(sound[:len(sound)-2]),
		"no base64":     strings.Replace(string(sound), `"root":"A`, `"root":"?`, 1),
	} {
		if _, err := loadText(t, content); err == nil {
			t.Errorf("%s was loaded", name)
		}
	}
}

func loadText(t *testing.T, content string) (*Keys, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestSaveNeverLosesKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	first := ready(t, fixed())
	next := ready(t, rotated())
	for _, step := range []struct {
		name string
		keys *Keys
		fine bool
	}{
		{"into an empty folder", first, true},
		{"the same once more", first, true},
		{"foreign keys over them", made(t), false},
		{"more keys over them", next, true},
		{"fewer keys over those", first, false},
	} {
		if err := step.keys.Save(path); (err == nil) != step.fine {
			t.Errorf("%s: %v", step.name, err)
		}
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(next.ring().file, loaded.ring().file); diff != "" {
		t.Error("the file does not hold the last keys that were saved")
	}
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := first.Save(path); err == nil {
		t.Error("a damaged key file, from which keys might be saved, was replaced")
	}
	if err := first.Save(filepath.Join(t.TempDir(), "none", "keys.json")); err == nil {
		t.Error("saved into a folder that is not there")
	}
}

func TestOfTwoFirstStartsOneWins(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	won := make(chan *Keys, 8)
	done := make(chan struct{})
	for range cap(won) {
		keys := made(t)
		go func() {
			if keys.Save(path) == nil {
				won <- keys
			}
			done <- struct{}{}
		}()
	}
	for range cap(won) {
		<-done
	}
	if len(won) != 1 {
		t.Fatalf("%d programs believe that their keys are kept", len(won))
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if winner := <-won; winner.Index("a", "b") != loaded.Index("a", "b") {
		t.Error("the kept keys are not the winner's")
	}
}

func TestChangedKeysStillOpenAndVerify(t *testing.T) {
	old, next := ready(t, fixed()), ready(t, rotated())
	if plain, err := next.Open(here, old.Seal(here, []byte("old"))); err != nil || string(plain) != "old" {
		t.Errorf("sealed before the change: %q, %v", plain, err)
	}
	if _, err := old.Open(here, next.Seal(here, []byte("new"))); err == nil {
		t.Error("after the change it was still sealed with the old key")
	}
	if old.Index("phone", "1") != next.Index("phone", "1") {
		t.Error("the index does not depend on the data key")
	}
	kid, _ := old.Signing()
	newKid, key := next.Signing()
	public := next.Verifying()
	if newKid == kid || public[kid] == nil || !public[newKid].Equal(key.Public()) || len(public) != 2 {
		t.Errorf("verifying keys: %v, signing with %s", public, newKid)
	}
}

// The values were reckoned by another program (Python's hmac): what stands in databases must be found for ever.
func TestIndexAndMACStayAsTheyAre(t *testing.T) {
	for _, c := range []struct {
		name       string
		keys       keyFile
		index, mac string
	}{
		{"SHA-256", fixed(), "db735417a77af84aaea88d2876c9ded07b9129c74fcf02281089b87e2e8f16b3", "e9184e0012e60cb6adda8449730a781209c664cbf8fb3f07b7364d75c9e949d4"},
		{"SM3", fixedSM(), "9325c07c8948e5ced9add60e94381cdfe521480ccdad009344b77ea8d1f54cea", "a1b3835eff6ca1768c5b322eb077d6b7b7df7157d1d9f6032992a03d531cc612"},
	} {
		keys := ready(t, c.keys)
		if got := keys.Index("phone", "13800138000"); got != c.index {
			t.Errorf("%s: index: %s", c.name, got)
		}
		if got := fmt.Sprintf("%x", keys.MAC("trail", []byte("a"), []byte("bc"))); got != c.mac {
			t.Errorf("%s: MAC: %s", c.name, got)
		}
	}
}

func TestIndexAndMACKeepThingsApart(t *testing.T) { eachCipher(t, indexAndMACKeepThingsApart) }

func indexAndMACKeepThingsApart(t *testing.T, keys *Keys) {
	other := made(t)
	seen := map[string]string{}
	for name, sum := range map[string]string{
		"phone":           keys.Index("phone", "1"),
		"id number":       keys.Index("id_number", "1"),
		"other value":     keys.Index("phone", "2"),
		"shifted border":  keys.Index("phone1", ""),
		"other root":      other.Index("phone", "1"),
		"MAC":             fmt.Sprintf("%x", keys.MAC("phone", []byte("1"))),
		"MAC like index":  fmt.Sprintf("%x", keys.MAC("index", []byte("phone"), []byte("1"))),
		"other purpose":   fmt.Sprintf("%x", keys.MAC("trail", []byte("1"))),
		"no part":         fmt.Sprintf("%x", keys.MAC("trail")),
		"an empty part":   fmt.Sprintf("%x", keys.MAC("trail", nil)),
		"two empty parts": fmt.Sprintf("%x", keys.MAC("trail", nil, nil)),
		"ab, c":           fmt.Sprintf("%x", keys.MAC("trail", []byte("ab"), []byte("c"))),
		"a, bc":           fmt.Sprintf("%x", keys.MAC("trail", []byte("a"), []byte("bc"))),
		"abc":             fmt.Sprintf("%x", keys.MAC("trail", []byte("abc"))),
	} {
		if twin, twice := seen[sum]; twice {
			t.Errorf("%s and %s are the same", name, twin)
		}
		seen[sum] = name
	}
	if first, again := keys.Index("phone", "1"), keys.Index("phone", "1"); first != again {
		t.Error("an index is not found again")
	}
}

func TestNamelessUsesPanic(t *testing.T) {
	keys := made(t)
	for name, call := range map[string]func(){
		"index without kind":  func() { keys.Index("", "1") },
		"MAC without purpose": func() { keys.MAC("", []byte("1")) },
		"seal without table":  func() { keys.Seal(Where{"", "c", "r"}, nil) },
		"seal without column": func() { keys.Seal(Where{"t", "", "r"}, nil) },
		"seal without row":    func() { keys.Seal(Where{"t", "c", ""}, nil) },
		"phone without a row": func() { examplePhone(t).Seal(keys, Where{"t", "c", ""}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s passed", name)
				}
			}()
			call()
		}()
	}
}
