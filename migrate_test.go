package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// beforeIndex is the last migration before the one that only makes an index, on case_corrections.
const beforeIndex = "60"

// notMigrated is an installation whose database is empty, on a server, too.
func notMigrated(t *testing.T, more ...string) installation {
	t.Helper()
	in := install(t, more...)
	if storetest.OnMySQL() {
		in["TONGBAN_DATABASE"] = storetest.Empty(t)
	}
	return in
}

// TestMigrateTo goes where an older release ended, from there to the end, and never back.
func TestMigrateTo(t *testing.T) {
	in := notMigrated(t)
	if got := in.must(t, "migrate", "--to", beforeIndex); !strings.HasPrefix(got, "the schema is at 60: ") {
		t.Errorf("%q", got)
	}
	indexes := func() (n int64) {
		s := in.open(t)
		defer s.Close()
		of := s.Read(t.Context()).Table("sqlite_schema").Where("name = ?", "case_corrections_asked")
		if storetest.OnMySQL() {
			of = s.Read(t.Context()).Table("information_schema.statistics").Where("table_schema = DATABASE() AND index_name = ?", "case_corrections_asked")
		}
		if err := of.Count(&n).Error; err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := indexes(); n != 0 {
		t.Fatal("it went further") // and would serve
	}
	_, err := in.with("TONGBAN_ENV", "production", "TONGBAN_COUNTY", ownCounty(t), "TONGBAN_BASE_URL", "https://tongban.example.cn", "TONGBAN_TRUSTED_PROXIES", "127.0.0.1",
		"TONGBAN_WECHAT_APPID", "wx", "TONGBAN_WECHAT_SECRET", "secret").do(t)
	if err == nil || !strings.Contains(err.Error(), "tongban migrate") {
		t.Errorf("it serves half a schema: %v", err)
	}
	for to, want := range map[string]string{"61": "no migration 61", "0": "no migration 0", "-1": "no migration -1", "9999": "no migration 9999", "58": "forward only", "many": "invalid value"} {
		if _, err := in.do(t, "migrate", "--to", to); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("to %s: %v", to, err)
		}
	}
	in.must(t, "migrate", "--to", beforeIndex) // where it is
	if got := in.must(t, "migrate"); got != "the schema is up to date\n" || indexes() != 1 {
		t.Errorf("%q", got)
	}
	if _, err := in.do(t, "migrate", "--to", beforeIndex); err == nil || !strings.Contains(err.Error(), "forward only") {
		t.Errorf("back: %v", err)
	}
	in.must(t, "fsck")
}

// TestSortsBesideTheDatabase: an index on a grown table is sorted on disk, and where the program runs there may be no folder for that but the
// database's own. What is made there is gone from the folder at once, but the folder has changed; nothing else of a migration changes it, as
// long as the log beside the database is held open.
func TestSortsBesideTheDatabase(t *testing.T) {
	if storetest.OnMySQL() {
		return // a server sorts where its own settings say
	}
	in := notMigrated(t, "TONGBAN_DATA", filepath.Join(t.TempDir(), "the county's data"))
	in.must(t, "migrate", "--to", "1")
	link := filepath.Join(t.TempDir(), "tongban.db") // the folder of a link may not be written to
	if err := os.Symlink(filepath.Join(in["TONGBAN_DATA"], "tongban.db"), link); err != nil {
		t.Fatal(err)
	}
	in = in.with("TONGBAN_DATABASE", "sqlite:"+link)
	in.must(t, "migrate", "--to", beforeIndex)
	s := in.open(t)
	defer s.Close()
	err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
			INSERT INTO case_corrections (id, case_id, number, office, asked_by, asked_at, repeated, permit)
			SELECT i, i, 1, '', '', strftime('%Y-%m-%d %H:%M:%S+00:00', 1700000000 + i * 7919 % 100003, 'unixepoch'), FALSE, '' FROM n`).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	nowhere := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(nowhere, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	longAgo := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(in["TONGBAN_DATA"], longAgo, longAgo); err != nil {
		t.Fatal(err)
	}
	migrate := in.command(t, "migrate")
	migrate.Dir = t.TempDir()
	// Not even root writes below a regular file.
	migrate.Env = append(migrate.Env, "TMPDIR="+filepath.Join(nowhere, "tmp"), "SQLITE_TMPDIR="+filepath.Join(nowhere, "tmp"))
	if said, err := migrate.CombinedOutput(); err != nil || string(said) != "the schema is up to date\n" {
		t.Fatalf("%v %s", err, said)
	}
	folder, err := os.Stat(in["TONGBAN_DATA"])
	if err != nil || folder.ModTime().Equal(longAgo) {
		t.Errorf("it was sorted somewhere else, %v", err)
	}
	if left, err := os.ReadDir(in["TONGBAN_DATA"]); err != nil || len(left) != 4 { // database, two files of its log, keys
		t.Errorf("left: %v, %v", left, err)
	}
}
