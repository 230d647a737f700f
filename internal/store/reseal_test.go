package store_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"tongban/internal/access"
	"tongban/internal/secret"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// sealedWords is a column that may hold nothing, in a table with few others.
var sealedWords = store.Sealed{Table: "ratings", Column: "text"}

func wordsAt(id string) secret.Where {
	return secret.Where{Table: sealedWords.Table, Column: sealedWords.Column, Row: id}
}

// rotating is a store whose key file the test changes.
func rotating(t *testing.T) (s *store.Store, keyFile string, old string) {
	t.Helper()
	keyFile = filepath.Join(t.TempDir(), "keys.json")
	keys, err := secret.Make()
	if err == nil {
		err = keys.Save(keyFile)
	}
	if err == nil {
		keys, err = secret.Follow(keyFile)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, o := storetest.Fresh(t)
	o.Keys = keys
	return storetest.Again(t, o), keyFile, keys.List()[0].ID
}

// newDataKey rotates, and waits for nothing: an unknown kid makes the store look at once.
func newDataKey(t *testing.T, s *store.Store, keyFile string, c secret.Cipher) (id string) {
	t.Helper()
	id, err := secret.Add(keyFile, secret.Data, c)
	if err == nil {
		err = secret.Switch(keyFile, id, storetest.Monday)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Keys().Verifier("look")
	return id
}

// say puts a row with words; empty for none.
func say(t *testing.T, s *store.Store, id, words string) {
	t.Helper()
	row := map[string]any{
		"id": id, "kind": "appeal", "object": id, "person": "p1", "county": "219901", "town": "219901101", "village": village,
		"level": 1, "text": nil, "by_agent": "", "consent": "", "created_at": storetest.Monday,
	}
	if words != "" {
		row["text"] = s.Keys().Seal(wordsAt(id), []byte(words))
	}
	err := s.Write(t.Context(), access.Stranger(), func(tx *store.Tx) error { return tx.Table(sealedWords.Table).Create(row).Error })
	if err != nil {
		t.Fatal(err)
	}
}

// change gives a row other words, as a desk would.
func change(t *testing.T, s *store.Store, id, words string) {
	t.Helper()
	err := s.Write(t.Context(), access.Stranger(), func(tx *store.Tx) error {
		return tx.Table(sealedWords.Table).Where("id = ?", id).UpdateColumn("text", s.Keys().Seal(wordsAt(id), []byte(words))).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sealedText(t *testing.T, s *store.Store, id string) []byte {
	t.Helper()
	var texts [][]byte
	if err := s.Read(t.Context()).Table(sealedWords.Table).Where("id = ?", id).Pluck("text", &texts).Error; err != nil || len(texts) != 1 {
		t.Fatalf("%d rows, %v", len(texts), err)
	}
	return texts[0]
}

func words(t *testing.T, s *store.Store, id string) string {
	t.Helper()
	plain, err := s.Keys().Open(wordsAt(id), sealedText(t, s, id))
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

func sealedWith(t *testing.T, s *store.Store, key string) int64 {
	t.Helper()
	n, err := s.SealedWith(t.Context(), sealedWords, key)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestResealFromEachCipherToEach seals 250 rows anew, three batches, each with one trail row; a second run has nothing to do.
func TestResealFromEachCipherToEach(t *testing.T) {
	const rows = 250
	s, file, old := rotating(t)
	for n := range rows {
		say(t, s, fmt.Sprintf("r%03d", n), fmt.Sprint("话", n))
	}
	say(t, s, "r-silent", "")
	for round, c := range []secret.Cipher{secret.SM, secret.SM, secret.AES} {
		next := newDataKey(t, s, file, c)
		if sealedWith(t, s, old) != rows || sealedWith(t, s, next) != 0 {
			t.Fatalf("before: %d and %d", sealedWith(t, s, old), sealedWith(t, s, next))
		}
		for run, want := range []store.Resealed{{Seen: rows, Sealed: rows}, {Seen: rows}} {
			if got, err := s.Reseal(t.Context(), sealedWords); err != nil || got != want {
				t.Errorf("run %d: %+v, %v", run, got, err)
			}
		}
		if sealedWith(t, s, old) != 0 || sealedWith(t, s, next) != rows {
			t.Errorf("after: %d and %d", sealedWith(t, s, old), sealedWith(t, s, next))
		}
		var trail int64
		if err := s.Read(t.Context()).Table("trail").Where("act = ? AND object = ?", "secret.reseal", "ratings.text").Count(&trail).Error; err != nil {
			t.Fatal(err)
		}
		if trail != int64(3*(round+1)) {
			t.Errorf("%d trail rows after round %d", trail, round)
		}
		old = next
	}
	for n := range rows {
		if got := words(t, s, fmt.Sprintf("r%03d", n)); got != fmt.Sprint("话", n) {
			t.Fatalf("row %d: %q", n, got)
		}
	}
	if sealedText(t, s, "r-silent") != nil {
		t.Error("nothing became something")
	}
	if _, err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestResealNeverOverwrites: between its reading and its writing somebody changes the row.
func TestResealNeverOverwrites(t *testing.T) {
	s, file, _ := rotating(t)
	say(t, s, "r1", "旧话")
	read := sealedText(t, s, "r1")
	newDataKey(t, s, file, secret.AES)
	change(t, s, "r1", "新话")
	got, err := s.ResealStale(t.Context(), sealedWords, "r1", read)
	if err != nil || got != (store.Resealed{Changed: 1}) || words(t, s, "r1") != "新话" {
		t.Errorf("%+v, %v, %s", got, err, words(t, s, "r1"))
	}
}

// TestResealTakesUpWhereItStopped: a value that does not open ends the run and is named; what was done stays done.
func TestResealTakesUpWhereItStopped(t *testing.T) {
	s, file, old := rotating(t)
	for n := range 150 {
		say(t, s, fmt.Sprintf("r%03d", n), "话")
	}
	whole := sealedText(t, s, "r120")
	tamper(t, s, "UPDATE ratings SET text = ? WHERE id = 'r120'", sealedText(t, s, "r121"))
	newDataKey(t, s, file, secret.AES)
	if _, err := s.Reseal(t.Context(), sealedWords); err == nil || !bytes.Contains([]byte(err.Error()), []byte("r120")) {
		t.Fatalf("a value from another row: %v", err)
	}
	if n := sealedWith(t, s, old); n != 50 {
		t.Errorf("%d are left", n)
	}
	tamper(t, s, "UPDATE ratings SET text = ? WHERE id = 'r120'", whole)
	if got, err := s.Reseal(t.Context(), sealedWords); err != nil || got.Sealed != 50 || sealedWith(t, s, old) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestResealAmongWriters: while others write, on a replica that is slow to learn of the key as well, every row ends with the
// words that were written last.
func TestResealAmongWriters(t *testing.T) {
	s, file, old := rotating(t)
	const rows, writers = 120, 4
	last := [rows]atomic.Int64{}
	for n := range rows {
		say(t, s, fmt.Sprint("r", n), "0")
	}
	newDataKey(t, s, file, secret.SM)
	stop := make(chan struct{})
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for turn := int64(1); ; turn++ {
				for n := w; n < rows; n += writers {
					select {
					case <-stop:
						return
					default:
					}
					change(t, s, fmt.Sprint("r", n), fmt.Sprint(turn))
					last[n].Store(turn)
				}
			}
		})
	}
	for range 3 {
		if _, err := s.Reseal(t.Context(), sealedWords); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	all.Wait()
	for n := range rows {
		if got, want := words(t, s, fmt.Sprint("r", n)), fmt.Sprint(last[n].Load()); got != want {
			t.Errorf("row %d says %s, and %s was written last", n, got, want)
		}
	}
	if n := sealedWith(t, s, old); n != 0 {
		t.Errorf("%d values are still sealed with the old key", n)
	}
}
