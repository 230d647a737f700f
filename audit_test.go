package main

import (
	"bufio"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongban/config"
	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/store"
)

// mark leaves a row in the trail of a village.
func mark(t *testing.T, s *store.Store, object string) {
	t.Helper()
	err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		tx.Trail(store.Entry{Act: "toy.make", Kind: "toy", Object: object, Area: xinglin})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func execute(t *testing.T, s *store.Store, text string) {
	t.Helper()
	if err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { return tx.Exec(text).Error }); err != nil {
		t.Fatal(err)
	}
}

// TestAuditExport: every row with the text and the hash that the database has, then the heads; and days narrow it.
func TestAuditExport(t *testing.T) {
	in := install(t)
	in.must(t, "migrate")
	s := in.open(t)
	defer s.Close()
	today := clock.DateOf(s.Clock().Now())
	mark(t, s, "first")
	mark(t, s, "second")
	s.Clock().Advance(24 * time.Hour)
	mark(t, s, "third")

	read := func(args ...string) (rows, heads []exported) {
		lines := bufio.NewScanner(strings.NewReader(in.must(t, append([]string{"audit", "export"}, args...)...)))
		for lines.Scan() {
			var line exported
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			if line.Type == "row" {
				rows = append(rows, line)
			} else {
				heads = append(heads, line)
			}
		}
		return rows, heads
	}
	var stored []store.TrailRow
	if err := s.Read(t.Context()).Order("area, day, seq").Find(&stored).Error; err != nil {
		t.Fatal(err)
	}
	rows, heads := read()
	if len(rows) != len(stored) || len(rows) < 3 {
		t.Fatalf("%d rows are exported, %d are stored", len(rows), len(stored))
	}
	for i, r := range stored {
		if rows[i].Hash != r.Hash || string(rows[i].Body) != r.Body || rows[i].Seq != r.Seq || rows[i].Area != r.Area {
			t.Errorf("row %d: %+v, stored %+v", i, rows[i], r)
		}
	}
	if last := heads[len(heads)-1]; last.Area != xinglin || last.Hash != stored[len(stored)-1].Hash || last.Length != 1 {
		t.Errorf("heads %+v", heads)
	}
	if rows, again := read("--from", today.AddDays(1).String()); len(rows) != 1 || len(again) != len(heads) || !strings.Contains(string(rows[0].Body), `"third"`) {
		t.Errorf("from a day: %+v", rows)
	}
	if rows, _ := read("--to", today.String()); len(rows) != len(stored)-1 {
		t.Errorf("to a day: %d rows", len(rows))
	}
	for _, args := range [][]string{{"--from", "yesterday"}, {"more"}} {
		if _, err := in.do(t, append([]string{"audit", "export"}, args...)...); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}

// TestAuditVerifyAgainstOlderHeads sets the whole database back: in itself it is in order, and only kept heads tell, be they
// of an export or of the file that the round writes.
func TestAuditVerifyAgainstOlderHeads(t *testing.T) {
	in := install(t)
	in.must(t, "migrate")
	s := in.open(t)
	defer s.Close()
	mark(t, s, "first")
	tables := []string{"trail", "trail_heads", "trail_areas", "trail_roll"}
	for _, table := range tables {
		execute(t, s, "CREATE TABLE old_"+table+" AS SELECT * FROM "+table)
	}
	mark(t, s, "second")

	kept := filepath.Join(t.TempDir(), "export.jsonl")
	if err := os.WriteFile(kept, []byte(in.must(t, "audit", "export")), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, err := config.Load(in.getenv)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{store: s, log: slog.New(slog.DiscardHandler), settings: settings}
	for range 2 {
		if err := h.announceHeads(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	written := filepath.Join(h.settings.Data, headsFile)
	info, err := os.Stat(written)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", info, err)
	}
	mark(t, s, "third")
	for _, file := range []string{kept, written} {
		if said := in.must(t, "audit", "verify", "--heads", file); !strings.Contains(said, "all still there") || !strings.HasSuffix(said, " rows, untouched\n") {
			t.Errorf("what has only grown: %s", said)
		}
	}
	for _, table := range tables {
		execute(t, s, "DELETE FROM "+table)
		execute(t, s, "INSERT INTO "+table+" SELECT * FROM old_"+table)
	}
	in.must(t, "audit", "verify")
	for _, file := range []string{kept, written} {
		_, err := in.do(t, "audit", "verify", "--heads", file)
		if err == nil || !strings.Contains(err.Error(), xinglin) || !strings.Contains(err.Error(), "row 2") {
			t.Errorf("set back, and %s says %v", filepath.Base(file), err)
		}
	}
	for name, text := range map[string]string{"nothing": "", "no heads": `{"type":"row","area":"1"}`, "half a line": `{"type":"he`, "something else": `{"type":"head"}`} {
		file := filepath.Join(t.TempDir(), "heads")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := in.do(t, "audit", "verify", "--heads", file); err == nil {
			t.Errorf("%s is taken for heads", name)
		}
	}
	if _, err := in.do(t, "audit", "verify", "--heads", filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there is taken for heads")
	}
}

// TestAuditVerifyOfATrailThrownAway: with its lists the whole trail is gone, and what is left of it is in order.
func TestAuditVerifyOfATrailThrownAway(t *testing.T) {
	in := install(t)
	in.must(t, "seed", "--residents", "1", "--appeals", "0", "--seed", "1")
	in.must(t, "audit", "verify")
	s := in.open(t)
	defer s.Close()
	for _, table := range []string{"trail", "trail_heads", "trail_areas", "trail_roll"} {
		execute(t, s, "DELETE FROM "+table)
	}
	if said, err := in.do(t, "audit", "verify"); err == nil || !strings.Contains(err.Error(), "the whole trail is missing") {
		t.Errorf("%s %v", said, err)
	}
}

func TestHeadsAreAddedToTheEndAsWholeLines(t *testing.T) {
	name := filepath.Join(t.TempDir(), headsFile)
	if err := os.WriteFile(name, []byte("{\"type\":\"he"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"a\n", "b\n"} {
		if err := appendTo(name, []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil || string(text) != "{\"type\":\"he\na\nb\n" {
		t.Errorf("%q %v", text, err)
	}
}
