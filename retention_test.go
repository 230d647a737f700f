package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongban/config"
	"tongban/internal/access"
	"tongban/internal/retention"
	"tongban/internal/store"
)

// TestRetentionCommand looks first, and gives up only when it is told to.
func TestRetentionCommand(t *testing.T) {
	in := install(t)
	in.must(t, "migrate")
	old := time.Now().UTC().AddDate(-2, 0, 0).Truncate(time.Second)
	s := in.open(t)
	err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Table("bind_codes").Create([]map[string]any{
			{"person": "a", "mac": "a", "made_by": "c", "made_at": old, "expires_at": old.AddDate(0, 0, 3)},
			{"person": "b", "mac": "b", "made_by": "c", "made_at": tx.Now, "expires_at": tx.Now.AddDate(0, 0, 3)},
		}).Error
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"retention"}, {"retention", "--dry-run"}, {"retention"}} {
		said := in.must(t, args...)
		for _, part := range []string{"bind_code.over     delete  7d      due 1 ", " oldest " + old.Format("2006-"), "从失效时算起", "个人信息保护法第十九条", "1 rows are due; nothing was changed", "trail              stays   留痕"} {
			if !strings.Contains(said, part) {
				t.Errorf("%v does not say %q:\n%s", args, part, said)
			}
		}
	}
	if said := in.must(t, "retention", "--apply"); !strings.Contains(said, "bind_code.over     1\n") || !strings.Contains(said, "\n1 rows were given up\n") {
		t.Errorf("applied:\n%s", said)
	}
	if said := in.must(t, "retention", "--apply"); !strings.Contains(said, "\n0 rows were given up\n") {
		t.Errorf("applied again:\n%s", said)
	}
	for _, args := range [][]string{{"retention", "--dry-run", "--apply"}, {"retention", "now"}, {"retention", "--all"}} {
		if _, err := in.do(t, args...); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
	in.must(t, "audit", "verify")
}

// TestACountysOwnRetention: a folder may have rules of its own, not below the least; one without any goes by those of the demo.
func TestACountysOwnRetention(t *testing.T) {
	folder := ownCounty(t)
	file := filepath.Join(folder, retention.File)
	in := install(t).with("TONGBAN_COUNTY", folder)
	in.must(t, "migrate")
	rules, err := fs.ReadFile(config.DemoCountyFS(), retention.File)
	if err != nil {
		t.Fatal(err)
	}
	write := func(old, now string) {
		t.Helper()
		if !strings.Contains(string(rules), old) {
			t.Fatalf("%q is not there", old)
		}
		if err := os.WriteFile(file, []byte(strings.Replace(string(rules), old, now, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("keep: 7d", "keep: 9d")
	if said := in.must(t, "retention"); !strings.Contains(said, "bind_code.over     delete  9d") {
		t.Errorf("its own:\n%s", said)
	}
	write("keep: 6m", "keep: 30d")
	if _, err := in.do(t, "retention"); err == nil || !strings.Contains(err.Error(), "retention.yaml:10: session.over 不能少于 6m") {
		t.Errorf("below the law: %v", err)
	}
	if _, err := in.do(t, "serve"); err == nil || !strings.Contains(err.Error(), "session.over 不能少于 6m") {
		t.Errorf("it serves below the law: %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if said := in.must(t, "retention"); !strings.Contains(said, "bind_code.over     delete  7d") {
		t.Errorf("without:\n%s", said)
	}
}
