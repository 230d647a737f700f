package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tongban/internal/secret"
)

func TestKeysAreMadeOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.json")
	in := install(t, "TONGBAN_KEY_FILE", file)
	in.must(t, "keys")
	before, err := secret.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.do(t, "keys"); err == nil {
		t.Error("the keys were replaced")
	}
	if after, err := secret.Load(file); err != nil || after.Index("phone", "1") != before.Index("phone", "1") {
		t.Errorf("the keys changed: %v", err)
	}
}

// TestProduction puts a county into service as docs/deploy.md says, on its own folder.
func TestProduction(t *testing.T) {
	in := notMigrated(t, "TONGBAN_ENV", "production", "TONGBAN_COUNTY", ownCounty(t), "TONGBAN_BASE_URL", "https://tongban.example.cn", "TONGBAN_TRUSTED_PROXIES", "127.0.0.1",
		"TONGBAN_KEY_FILE", filepath.Join(t.TempDir(), "safe", "keys.json"), "TONGBAN_WECHAT_APPID", "wx", "TONGBAN_WECHAT_SECRET", "secret")
	if _, err := in.do(t, "migrate"); err == nil || !strings.Contains(err.Error(), "tongban keys") {
		t.Errorf("production without keys: %v", err)
	}
	in.must(t, "keys")
	if _, err := in.do(t); err == nil || !strings.Contains(err.Error(), "tongban migrate") {
		t.Errorf("production on an empty database: %v", err)
	}
	in.must(t, "migrate")
	s := in.serve(t)
	if s.out.String() != "listening "+s.url+"\n" {
		t.Errorf("printed: %s", s.out)
	}
	if _, err := in.do(t, "seed"); err == nil {
		t.Error("production is seeded")
	}
	given := regexp.MustCompile(`^dispatcher: (\S+)\n`).FindStringSubmatch(in.must(t, "password", "dispatcher"))[1]
	body := map[string]string{"username": "dispatcher", "old": given, "new": "谷雨种瓜得瓜-春播三行好"}
	nobody := s.stranger()
	if got, err := nobody.send("POST", base+"/login/password", "application/json", []byte(`{"username":"dispatcher","password":"`+given+`"}`), ""); err != nil || got.status != 403 {
		t.Errorf("a temporary password lets in: %d %v %s", got.status, err, got.body)
	}
	nobody.with(t, nobody.post(t, "/password", 200, body)).get(t, "/me").is(t, "name", "谷知路")
	s.as(t, "dispatcher", body["new"])
}

// ownCounty is a county's own folder: the demo's, with one of its items. The others lack what only a real county can write,
// such as the numbers of its own documents, and are refused outside the demo.
func ownCounty(t *testing.T) string {
	t.Helper()
	const kept = "items/01-pension-enrol.yaml"
	demo, county := os.DirFS("config/county"), t.TempDir()
	for _, name := range []string{"areas.csv", "offices.csv", "staff.csv", "duties.yaml", "holidays.csv", "limits.yaml", "codes.csv", "privacy/2026-01.md", kept} {
		text, err := fs.ReadFile(demo, name)
		if err == nil && name == "codes.csv" {
			text = regexp.MustCompile(`(?m)^\w+,item,.*-0{10}(0[2-9]|[1-9]\d),.*\n`).ReplaceAll(text, nil)
		}
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(county, name)), 0o700)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(county, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return county
}

// TestProductionRefusesADemo: the accounts of a demo never become a county's.
func TestProductionRefusesADemo(t *testing.T) {
	in := install(t)
	if err := in.serve(t).stop(); err != nil {
		t.Fatal(err)
	}
	_, err := in.with("TONGBAN_ENV", "production", "TONGBAN_COUNTY", ownCounty(t), "TONGBAN_BASE_URL", "https://tongban.example.cn", "TONGBAN_TRUSTED_PROXIES", "127.0.0.1",
		"TONGBAN_WECHAT_APPID", "wx", "TONGBAN_WECHAT_SECRET", "secret").do(t)
	if err == nil || !strings.Contains(err.Error(), "demo accounts") {
		t.Errorf("production on a demo's database: %v", err)
	}
}
