package main

import (
	"strings"
	"testing"

	"tongban/internal/store/storetest"
)

// beforeIndex is the last migration before the one that only makes an index, on case_corrections.
const beforeIndex = "60"

// notMigrated is an installation whose database is empty, or would be: a server's scratch database is migrated already.
func notMigrated(t *testing.T) (in installation, ok bool) {
	t.Helper()
	return install(t), !storetest.OnMySQL()
}

// TestMigrateTo goes where an older release ended, from there to the end, and never back.
func TestMigrateTo(t *testing.T) {
	in, ok := notMigrated(t)
	if !ok {
		return
	}
	if got := in.must(t, "migrate", "--to", beforeIndex); !strings.HasPrefix(got, "the schema is at 60: ") {
		t.Errorf("%q", got)
	}
	indexes := func() (n int64) {
		s := in.open(t)
		defer s.Close()
		if err := s.Read(t.Context()).Table("sqlite_schema").Where("name = ?", "case_corrections_asked").Count(&n).Error; err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := indexes(); n != 0 {
		t.Error("it went further")
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
