package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tongban/config"
	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/county/contract"
	"tongban/internal/store/storetest"
)

// playCounty runs tongban fakecounty beside the program, and answers its address.
func (in installation) playCounty(t *testing.T, args ...string) (address string, out *screen) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out = &screen{}
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"fakecounty", "--every", "50ms"}, args...), in.getenv, out, &screen{})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	printed := regexp.MustCompile(`listening (http://\S+)`)
	if err := await(func() bool { return printed.MatchString(out.String()) }); err != nil {
		t.Fatalf("the fake county does not listen: %s", out)
	}
	return printed.FindStringSubmatch(out.String())[1], out
}

// TestFakeCountyTellsTheProgram is a rehearsal as docs/county.md has it: the program takes what a county tells that tells it twice, forges
// and repeats; each piece of news is kept once, and waits for the desk of cases.
func TestFakeCountyTellsTheProgram(t *testing.T) {
	in, _ := rehearsal(t)
	const key = "k1:0123456789abcdef0123456789abcdef"
	in = in.with("TONGBAN_COUNTY_KEYS", key, "TONGBAN_COUNTY_URL", "http://127.0.0.1:9", "TONGBAN_COUNTY_PLATFORM", "rehearsal")
	s := in.serve(t)
	password := in.givePasswords(t)
	script := filepath.Join(t.TempDir(), "script.json")
	text := `{"requests":[{"do":"status","status":503,"retry_after":"120"}],"callbacks":[{"do":"doubled"},{"do":"forged"},{"do":"replayed"}]}`
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	address, _ := in.playCounty(t, "--script", script, "--callbacks", s.url+base+"/county/callbacks")

	keys, err := county.ParseKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	mapping, err := county.ReadMapping(os.DirFS("config/county"))
	if err != nil {
		t.Fatal(err)
	}
	monday := clock.At(time.Date(2026, 11, 23, 9, 0, 0, 0, clock.Shanghai))
	client, err := county.NewClient(county.Options{URL: address, Keys: keys, Mapping: mapping, Clock: monday, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Submit(t.Context(), "letter-1", contract.Submission("BJ1", monday.Now())); err == nil {
		t.Error("the script's 503 is missing")
	}
	if got, err := client.Submit(t.Context(), "letter-1", contract.Submission("BJ1", monday.Now())); err != nil || got.Number == "" {
		t.Fatalf("%+v, %v", got, err)
	}
	admin := s.as(t, "system-admin", password)
	if err := await(func() bool { return admin.get(t, "/county/events").at(t, "items.#").(int) >= 4 }); err != nil {
		t.Fatalf("the news did not come: %s", admin.get(t, "/county/events").body)
	}
	admin.get(t, "/county/events?status=waiting").is(t, "items.#", 4, "items.3.act", "receive", "items.0.act", "grant", "items.0.ref", "BJ1", "items.0.seq", 5)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if logged := s.log.String(); strings.Contains(logged, "0123456789abcdef0") {
		t.Error("the log tells the key")
	}
}

func TestFakeCountyMakesItsOwnKeys(t *testing.T) {
	_, out := install(t).playCounty(t)
	if !regexp.MustCompile(`(?m)^TONGBAN_COUNTY_KEYS=k1:\S{32,}$`).MatchString(out.String()) {
		t.Errorf("%s", out)
	}
	for _, args := range [][]string{{"fakecounty", "more"}, {"fakecounty", "--script", "nowhere.json"}, {"fakecounty", "--every", "0s"}} {
		if printed, err := install(t).do(t, args...); err == nil {
			t.Errorf("%v: %s", args, printed)
		}
	}
	production := install(t, "TONGBAN_ENV", "production", "TONGBAN_BASE_URL", "https://tongban.example.cn", "TONGBAN_COUNTY", ownCounty(t), "TONGBAN_TRUSTED_PROXIES", "none",
		"TONGBAN_WECHAT_APPID", "wx", "TONGBAN_WECHAT_SECRET", "s")
	if _, err := production.do(t, "fakecounty"); err == nil || !strings.Contains(err.Error(), "no fake one") {
		t.Errorf("production: %v", err)
	}
}

// TestAPlatformNeedsItsMapping: a county's folder without one serves as before, until a platform is set; a mapping with a mistake is
// refused with its line in any case.
func TestAPlatformNeedsItsMapping(t *testing.T) {
	folder := ownCounty(t) // it has none
	file := filepath.Join(folder, "exchange.yaml")
	text, err := os.ReadFile("config/county/exchange.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const keys = "k1:0123456789abcdef0123456789abcdef"
	connect := func(keys string) (*house, error) {
		h := &house{settings: config.Settings{CountyKeys: keys, CountyURL: "http://127.0.0.1:9", CountyPlatform: "county"}, log: slog.New(slog.DiscardHandler)}
		return h, h.openPlatform(storetest.Open(t), os.DirFS(folder))
	}
	if h, err := connect(""); err != nil || h.county != nil || h.platform != nil {
		t.Errorf("no platform: %v", err)
	}
	if _, err := connect(keys); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a platform without a mapping: %v", err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if h, err := connect(keys); err != nil || h.county == nil || h.platform == nil {
		t.Errorf("a platform: %v", err)
	}
	if err := os.WriteFile(file, bytes.Replace(text, []byte("    seq: event_seq"), []byte("    sequence: event_seq"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, keys := range []string{"", keys} {
		if _, err := connect(keys); err == nil || !regexp.MustCompile(`exchange\.yaml:\d+: .*sequence`).MatchString(err.Error()) {
			t.Errorf("a mapping with a mistake: %v", err)
		}
	}
}
