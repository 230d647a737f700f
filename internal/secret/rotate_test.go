package secret

import (
	"bytes"
	"encoding/base64"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// kept is a key file of a test's own, followed.
func kept(t *testing.T) (path string, keys *Keys) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "keys.json")
	if err := made(t).Save(path); err != nil {
		t.Fatal(err)
	}
	return path, following(t, path)
}

func following(t *testing.T, path string) *Keys {
	t.Helper()
	keys, err := Follow(path)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func added(t *testing.T, path string, use Use, c Cipher) (id string) {
	t.Helper()
	id, err := Add(path, use, c)
	if err == nil {
		err = Switch(path, id, noon)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestAReplicaThatIsBehind meets values and tokens of a key that it has not loaded yet.
func TestAReplicaThatIsBehind(t *testing.T) {
	path, behind := kept(t)
	added(t, path, Data, SM)
	kid := added(t, path, Signing, AES)
	ahead := following(t, path)
	if got, _ := ahead.Signing(); got != kid {
		t.Fatalf("it signs with %s", got)
	}
	if plain, err := behind.Open(here, ahead.Seal(here, []byte("new"))); err != nil || string(plain) != "new" {
		t.Errorf("%q, %v", plain, err)
	}

	path, behind = kept(t)
	old, _ := behind.Signing()
	kid = added(t, path, Signing, AES)
	if _, held := behind.Verifier(kid); !held {
		t.Error("a token of the new key is refused")
	}
	if _, held := behind.Verifier(old); !held {
		t.Error("a token of the old key is refused")
	}
	if _, held := behind.Verifier("forged"); held {
		t.Error("a forged kid has a key")
	}
}

func TestAPublishedKeyIsNotUsedYet(t *testing.T) {
	path, _ := kept(t)
	id, err := Add(path, Data, SM)
	if err != nil {
		t.Fatal(err)
	}
	keys := following(t, path)
	if got := keys.List(); len(got) != 3 || got[1].ID != id || got[1].Current || got[1].Algorithm != "sm4-gcm" {
		t.Errorf("%+v", got)
	}
	head, _ := keys.Head(id)
	if bytes.HasPrefix(keys.Seal(here, nil), head) {
		t.Error("it seals already")
	}
}

// TestWhoComesLateFindsTheKey misses a key in the ring that another, who missed it as well, has replaced since.
func TestWhoComesLateFindsTheKey(t *testing.T) {
	path, keys := kept(t)
	late := func() *Keys {
		missed := keys.ring()
		return &Keys{look: keys.look, ring: func() *ring {
			r := missed
			missed = keys.ring()
			return r
		}}
	}
	verifying, opening := late(), late()
	kid := added(t, path, Signing, AES)
	added(t, path, Data, SM)
	sealed := following(t, path).Seal(here, []byte("new"))
	if _, held := keys.Verifier(kid); !held {
		t.Fatal("the first does not find it")
	}
	if _, held := verifying.Verifier(kid); !held {
		t.Error("a token is refused whose key another has fetched")
	}
	if plain, err := opening.Open(here, sealed); err != nil || string(plain) != "new" {
		t.Errorf("%q, %v: a value whose key another has fetched", plain, err)
	}
}

// TestWatchTellsOfEachChangeOnce goes by a clock that stands still while a file is written.
func TestWatchTellsOfEachChangeOnce(t *testing.T) { synctest.Test(t, watchTells) }

func watchTells(t *testing.T) {
	path, keys := kept(t)
	all := ""
	var log lines
	go keys.Watch(t.Context(), time.Second, slog.New(slog.NewTextHandler(&log, nil)))
	synctest.Wait()
	news := func(after string, words ...string) {
		t.Helper()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		text := log.take()
		all += text
		if strings.Count(text, "\n") != len(words) {
			t.Errorf("after %s not %d lines:\n%s", after, len(words), text)
		}
		for _, w := range words {
			if !strings.Contains(text, w) {
				t.Errorf("after %s there is no word of %s:\n%s", after, w, text)
			}
		}
	}
	news("nothing")
	kid := added(t, path, Signing, AES)
	news("a change", "signing="+kid)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for content, words := range map[string]string{"damaged": "invalid character", foreign(t): "other keys already"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		news("another file", words)
		if got, _ := keys.Signing(); got != kid {
			t.Errorf("after %s it signs with %s", words, got)
		}
	}
	// As another file: two that are written to one place within a tick of the disk's clock look alike.
	if err := errors.Join(os.WriteFile(path+".new", sound, 0o600), os.Rename(path+".new", path)); err != nil {
		t.Fatal(err)
	}
	news("the file's return", "signing="+kid)
	for range 2 {
		away := path + ".away"
		if err := os.Rename(path, away); err != nil {
			t.Fatal(err)
		}
		news("the file was taken away", "no such file")
		if err := os.Rename(away, path); err != nil {
			t.Fatal(err)
		}
		news("the same file's return")
	}
	fetched := added(t, path, Signing, AES)
	if _, held := keys.Verifier(fetched); !held {
		t.Error("a token of the new key is refused")
	}
	news("a token fetched the key", "signing="+fetched)
	if root := base64.StdEncoding.EncodeToString(keys.ring().file.Root); strings.Contains(all, root) || !strings.Contains(string(sound), root) {
		t.Error("the log holds the keys, or it is looked for what no file holds")
	}
}

// lines is a log that is read while it is written.
type lines struct {
	mu   sync.Mutex
	text []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

// take is what was written since it was asked last.
func (l *lines) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := string(l.text)
	l.text = nil
	return text
}

// foreign is the key file of another house.
func foreign(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := made(t).Save(path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestRetireWaits(t *testing.T) {
	path, keys := kept(t)
	var old []string
	for _, k := range keys.List() {
		old = append(old, k.ID)
		if err := Retire(path, k.ID, noon, 0); !errors.Is(err, ErrCurrent) {
			t.Errorf("%s: %v", k.Use, err)
		}
		added(t, path, k.Use, AES)
		if err := Retire(path, k.ID, noon.Add(time.Hour-time.Second), time.Hour); !errors.Is(err, ErrResting) {
			t.Errorf("%s: %v", k.Use, err)
		}
		if err := Retire(path, k.ID, noon.Add(time.Hour), time.Hour); err != nil {
			t.Errorf("%s: %v", k.Use, err)
		}
		if err := Retire(path, k.ID, noon.Add(time.Hour), 0); !errors.Is(err, ErrNoKey) {
			t.Errorf("%s: %v", k.Use, err)
		}
	}
	sealed := keys.Seal(here, []byte("x"))
	_, held := keys.Verifier("unknown") // makes it look
	if _, err := keys.Open(here, sealed); err == nil || held {
		t.Error("a retired key still opens")
	}
	for _, k := range keys.List() {
		if slices.Contains(old, k.ID) {
			t.Errorf("%s is still held", k.ID)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the key file something was left: %v, %v", entries, err)
	}
}

// TestGoingBack: a key that is current again has not ceased to be.
func TestGoingBack(t *testing.T) {
	path, keys := kept(t)
	first, _ := keys.Signing()
	second := added(t, path, Signing, AES)
	if err := errors.Join(Switch(path, first, noon.Add(time.Hour)), Switch(path, first, noon.Add(2*time.Hour))); err != nil {
		t.Fatal(err)
	}
	for _, k := range following(t, path).List() {
		if k.ID == first && (!k.Current || !k.Until.IsZero()) || k.ID == second && (k.Current || !k.Until.Equal(noon.Add(time.Hour))) {
			t.Errorf("%+v", k)
		}
	}
	if err := Switch(path, "none", noon); !errors.Is(err, ErrNoKey) {
		t.Error(err)
	}
}

// TestChangesAtOnceLoseNoKey: what one says is kept is kept, whatever the others do.
func TestChangesAtOnceLoseNoKey(t *testing.T) {
	path, _ := kept(t)
	var mu sync.Mutex
	var said []string
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if id, err := Add(path, Data, AES); err == nil {
				mu.Lock()
				defer mu.Unlock()
				said = append(said, id)
			}
		})
	}
	all.Wait()
	keys := following(t, path)
	for _, id := range said {
		if _, held := keys.Head(id); !held {
			t.Errorf("key %s is lost", id)
		}
	}
	if len(said) == 0 || len(keys.List()) != 2+len(said) {
		t.Errorf("%d changes, %d keys", len(said), len(keys.List()))
	}
	if err := os.WriteFile(path+".lock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Add(path, Data, AES); err == nil || !strings.Contains(err.Error(), "keys.json.lock") {
		t.Errorf("a cut off change: %v", err)
	}
}

func TestUnknownCipher(t *testing.T) {
	path, _ := kept(t)
	if _, err := MakeFor("des"); err == nil {
		t.Error("keys for DES are made")
	}
	if _, err := Add(path, Data, "des"); err == nil {
		t.Error("a key for DES is added")
	}
}
