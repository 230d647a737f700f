package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tongban/config"
	"tongban/internal/clock"
	"tongban/internal/county"
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

// TestFakeCountyTellsTheProgram is a rehearsal as docs/county.md has it: a case is handed over to a county that does not answer the first time, and tells its
// news twice, forged and repeated. Each piece of news is kept once, and the case ends as the county decided it.
func TestFakeCountyTellsTheProgram(t *testing.T) {
	in, moveTo := rehearsal(t)
	const key = "k1:0123456789abcdef0123456789abcdef"
	listen := freeAddress(t)
	in = in.with("TONGBAN_COUNTY_KEYS", key, "TONGBAN_COUNTY_URL", "http://"+listen, "TONGBAN_COUNTY_PLATFORM", "rehearsal")
	s := in.serve(t)
	password := in.givePasswords(t)
	script := filepath.Join(t.TempDir(), "script.json")
	text := `{"requests":[{"do":"status","status":503,"retry_after":"120"}],"callbacks":[{"do":"doubled"},{"do":"forged"},{"do":"replayed"}]}`
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	in.playCounty(t, "--listen", listen, "--script", script, "--callbacks", s.url+base+"/county/callbacks")

	clerk := s.as(t, "clerk-xinglin", password)
	id := handInByClerk(t, clerk, "万里春")
	if err := await(func() bool { return strings.Contains(s.log.String(), "county.again") }); err != nil {
		t.Error("the script's 503 is missing")
	}
	clerk.get(t, "/cases/"+id).is(t, "handing_over", "waiting", "county_number", "")
	for _, minute := range []int{2, 4, 6, 8, 10} { // the two programs do not see it at the same moment: a greater step would be a forged signature
		moveTo(time.Date(2026, 11, 23, 9, minute, 0, 0, clock.Shanghai))
		time.Sleep(1500 * time.Millisecond)
	}
	if err := await(func() bool { return clerk.get(t, "/cases/"+id).at(t, "status") == "granted" }); err != nil {
		t.Fatalf("the case did not end: %s", clerk.get(t, "/cases/"+id).body)
	}
	clerk.get(t, "/cases/"+id).is(t, "handing_over", "sent", "county_number", "XZ00000001")
	admin := s.as(t, "system-admin", password)
	admin.get(t, "/county/events?status=applied").is(t, "items.#", 4, "items.3.act", "receive", "items.0.act", "grant", "items.0.seq", 5)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if logged := s.log.String(); strings.Contains(logged, "0123456789abcdef0") || strings.Contains(logged, "万里春") {
		t.Error("the log tells the key, or a name")
	}
}

// TestTheCountyIsSwitchedOff: what is on its way when the program starts again without the county's address is a person's, and not lost.
func TestTheCountyIsSwitchedOff(t *testing.T) {
	in, moveTo := rehearsal(t)
	s := in.with("TONGBAN_COUNTY_KEYS", "k1:0123456789abcdef0123456789abcdef", "TONGBAN_COUNTY_URL", "http://"+freeAddress(t)).serve(t)
	password := in.givePasswords(t)
	id := handInByClerk(t, s.as(t, "clerk-xinglin", password), "万里春")
	if err := await(func() bool { return strings.Contains(s.log.String(), "county.again") }); err != nil {
		t.Error("nobody tried to tell the county")
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	moveTo(time.Date(2026, 11, 23, 9, 30, 0, 0, clock.Shanghai))
	s = in.serve(t)
	clerk := s.as(t, "clerk-xinglin", password)
	if err := await(func() bool { return clerk.get(t, "/cases/"+id).at(t, "handing_over") == "needs_person" }); err != nil {
		t.Fatalf("nobody is told to tell the county: %s", clerk.get(t, "/cases/"+id).body)
	}
	clerk.post(t, "/cases/"+id+"/county-number", 200, map[string]any{"number": "XZ2026-1"}).is(t, "handing_over", "by_hand", "county_number", "XZ2026-1")
	other := handInByClerk(t, clerk, "万里秋") // a county without a platform tells nobody anything
	clerk.get(t, "/cases/"+other).is(t, "handing_over", "")
	clerk.get(t, "/cases?queue=by_hand").is(t, "items.#", 0)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
}

// claimItem is 待遇申领, of the demo county.
const claimItem = "01932f00-4c00-7000-8000-000000000003"

// freeAddress is one on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// handInByClerk registers a resident of 杏林村, and submits a case for him.
func handInByClerk(t *testing.T, clerk caller, name string) (id string) {
	t.Helper()
	resident := clerk.post(t, "/residents", 201, map[string]any{
		"name": name, "village": xinglin, "consent": map[string]string{"text_version": ofVillages, "how": "signed"},
	}).text(t, "id")
	id = clerk.post(t, "/cases", 201, map[string]any{
		"item_id": claimItem, "answers": map[string]string{"age": "yes", "other": "none", "years": "full", "card": "ready"}, "applicant": resident,
		"papers": []map[string]any{{"material": "id_card"}, {"material": "hukou_book"}, {"material": "ss_card"}, {"material": "application_form"}},
	}).text(t, "id")
	errand := "/errands/" + clerk.post(t, "/errands", 201, map[string]any{
		"case": id, "scope": "代我申领待遇", "powers": []string{"file"}, "valid_until": "2026-12-31", "method": "fingerprint", "witnesses": []string{"王守田", "李春生"},
	}).text(t, "id")
	clerk.post(t, errand+"/identify", 200, map[string]any{"how": "in_person", "document": "id_card"})
	clerk.post(t, errand+"/check", 200, map[string]any{})
	clerk.post(t, errand+"/file", 200, map[string]any{})
	return id
}

// TestFakeCountyAnswersLookUps: its registers answer at an address of their own, under keys of their own, and fail by the script.
func TestFakeCountyAnswersLookUps(t *testing.T) {
	const key = "k1:fedcba9876543210fedcba9876543210"
	script := filepath.Join(t.TempDir(), "script.json")
	text := `{"holds":[{"id_number":"*","material":"hukou_book","ref":"HK/2026-17"}],"look_ups":[{"do":"garbage"}]}`
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	address, out := install(t, "TONGBAN_REGISTERS_KEYS", key, "TONGBAN_REGISTERS_URL", "http://127.0.0.1:9").playCounty(t, "--script", script)
	if !strings.Contains(out.String(), "registers "+address+"/look-up\n") || strings.Contains(out.String(), "TONGBAN_REGISTERS_KEYS") {
		t.Errorf("%s", out)
	}
	keys, err := county.ParseKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	client, err := county.NewRegisters(county.Options{URL: address + "/look-up", Keys: keys, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	q := county.Inquiry{ID: "i1", Item: "item", Material: "hukou_book", Name: county.Revealed("示例人"), IDNumber: county.Revealed("110101190001010015"), Consent: "c1"}
	if got, err := client.LookUp(t.Context(), q); !errors.Is(err, county.ErrNoFinding) {
		t.Errorf("the script's page is missing: %+v, %v", got, err)
	}
	if got, err := client.LookUp(t.Context(), q); err != nil || got != (county.Finding{Found: true, Ref: "HK/2026-17"}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFakeCountyMakesItsOwnKeys(t *testing.T) {
	_, out := install(t).playCounty(t)
	for _, setting := range []string{"COUNTY", "REGISTERS"} {
		if !regexp.MustCompile(`(?m)^TONGBAN_` + setting + `_KEYS=k1:\S{32,}$`).MatchString(out.String()) {
			t.Errorf("%s", out)
		}
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
