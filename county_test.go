package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tongban/config"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/store/storetest"
)

// inHouse puts the program together on a fresh database, with the county's folder.
func inHouse(t *testing.T, address, data, county string) *house {
	t.Helper()
	settings := map[string]string{"TONGBAN_DATA": data, "TONGBAN_DATABASE": address, "TONGBAN_COUNTY": county, "TONGBAN_BASE_URL": "http://127.0.0.1"}
	s, err := config.Load(func(name string) string { return settings[name] })
	if err != nil {
		t.Fatal(err)
	}
	p := program{settings: s, log: logger(io.Discard, "error"), out: io.Discard}
	opened, err := p.openStore(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h, err := p.build(t.Context(), opened)
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestEveryGuideSaysWhere: the offices of the county's files reach the guides that people read.
func TestEveryGuideSaysWhere(t *testing.T) {
	guides := inHouse(t, storetest.Address(t), t.TempDir(), "").catalog.Now().Guides()
	if len(guides) != 39 {
		t.Fatalf("%d guides", len(guides))
	}
	for _, g := range guides {
		if g.Hours == "" || len(g.Places) == 0 || len(g.Phones) == 0 {
			t.Errorf("%s: hours %q, %d places, %d phones", g.Name, g.Hours, len(g.Places), len(g.Phones))
		}
		if bytes.Contains(g.Plain, []byte(`"places":[]`)) {
			t.Errorf("%s is answered without a place", g.Name)
		}
	}
}

// TestACountyOfItsOwn: a folder that was edited is published as a new version of what changed; the same folder changes nothing.
func TestACountyOfItsOwn(t *testing.T) {
	address, data, folder := storetest.Address(t), t.TempDir(), ownCounty(t)
	first := inHouse(t, address, data, folder).catalog.Now()
	if again := inHouse(t, address, data, folder).catalog.Now(); again.Revision != first.Revision {
		t.Errorf("the same folder was published as revision %d after %d", again.Revision, first.Revision)
	}
	name := filepath.Join(folder, "items", "01-pension-enrol.yaml")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(text, []byte("checked_on: 2026-11-02"), []byte("checked_on: 2026-11-20"), 1)
	if bytes.Equal(text, changed) {
		t.Fatal("nothing to change")
	}
	if err := os.WriteFile(name, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	h := inHouse(t, address, data, folder)
	now := h.catalog.Now().Guides()[0]
	if now.Version != 2 || now.CheckedOn.Day != 20 {
		t.Errorf("version %d, checked on %v", now.Version, now.CheckedOn)
	}
	if old, err := h.catalog.Version(t.Context(), now.ID, 1); err != nil || old.CheckedOn.Day != 2 {
		t.Errorf("the old version: %v, %v", old, err)
	}
}

// TestGuidesFollowAnOffice that a call changed, without a new start; when nothing changed nothing is published.
func TestGuidesFollowAnOffice(t *testing.T) {
	h := inHouse(t, storetest.Address(t), t.TempDir(), "")
	revision := h.catalog.Now().Revision
	if err := h.showOffices(t.Context()); err != nil || h.catalog.Now().Revision != revision {
		t.Fatalf("published without a change: %v", err)
	}
	admin, err := h.accounts.DemoAccounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(admin, func(a account.DemoAccount) bool { return a.Username == "system-admin" })
	hall, err := h.accounts.OfficeByCode(t.Context(), "county-hall")
	if err != nil {
		t.Fatal(err)
	}
	today := clock.DateOf(h.store.Clock().Now())
	asked := account.OfficeAsked{Name: "青禾县新政务大厅", Kind: hall.Kind, Address: hall.Address, Hours: "每天 7:00-19:00", Phone: hall.Phone}
	if _, err := h.accounts.ChangeOffice(t.Context(), admin[at].Posts[0].Actor(""), hall.ID, asked, account.Order{Day: today, Document: "青政发〔2026〕12号"}); err != nil {
		t.Fatal(err)
	}
	if err := h.showOffices(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := false
	for _, g := range h.catalog.Now().Guides() {
		told = told || bytes.Contains(g.Plain, []byte("青禾县新政务大厅")) && bytes.Contains(g.Plain, []byte("每天 7:00-19:00"))
		if bytes.Contains(g.Plain, []byte(hall.Name)) {
			t.Errorf("%s still names %s", g.Name, hall.Name)
		}
	}
	if !told {
		t.Error("no guide names it")
	}
}

// TestCountyCommand lists what is wrong with the county's folder before anything is started, and makes neither database nor keys.
func TestCountyCommand(t *testing.T) {
	in := install(t)
	told := in.must(t, "county")
	if lines := strings.Split(told, "\n"); len(lines) != 3 || !strings.Contains(lines[0], "规则6（提醒）") || lines[1] != "the county's folder can be published: 1 warnings" {
		t.Errorf("the demo: %q", lines)
	}
	folder := ownCounty(t)
	own := in.with("TONGBAN_COUNTY", folder)
	if told := own.must(t, "county"); told != "the county's folder can be published: 0 warnings\n" {
		t.Error(told)
	}
	edit := func(name, old, new string) {
		t.Helper()
		name = filepath.Join(folder, name)
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, bytes.ReplaceAll(text, []byte(old), []byte(new)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const item = "items/01-pension-enrol.yaml"
	edit(item, "promised_limit: {value: 0,", "promised_limit: {value: 3,")
	edit("offices.csv", ",county_hall,", ",department,")
	told, err := own.do(t, "county")
	if err == nil || err.Error() != "the county's folder is refused:\n1 errors of the publisher's rules" {
		t.Errorf("a folder that breaks a rule: %v", err)
	}
	for _, want := range []string{item + `:\d+: 规则2：`, item + `:\d+: 规则8（提醒）：.*county_hall`} {
		if !regexp.MustCompile("(?m)^" + want).MatchString(told) {
			t.Errorf("%s is not told: %s", want, told)
		}
	}
	edit(item, "name: 城乡居民基本养老保险参保登记", "nam: 参保")
	if told, err = own.do(t, "county"); err == nil || !strings.Contains(told, "没有 nam 这个键") {
		t.Errorf("a misspelt key: %v %s", err, told)
	}
	edit("privacy/2026-01.md", "2026-01-01", "2126-01-01")
	edit("staff.csv", ",dispatcher,", ",dispatch,")
	if told, err = own.do(t, "county"); err == nil || !strings.Contains(told, account.ErrNoPrivacy.Error()) || !strings.Contains(told, "没有 nam 这个键") || !strings.Contains(err.Error(), "staff.csv:") {
		t.Errorf("no privacy notice in force, and a role that there is not: %v %s", err, told)
	}
	edit("offices.csv", ",department,", ",shop,")
	edit("holidays.csv", "2026-", "2026/")
	if _, err = own.do(t, "county"); err == nil || !strings.Contains(err.Error(), "offices.csv:") || !strings.Contains(err.Error(), "holidays.csv") {
		t.Errorf("offices and holidays: %v", err)
	}
	if _, err := os.Stat(in["TONGBAN_DATA"]); !os.IsNotExist(err) {
		t.Errorf("a check left something behind: %v", err)
	}
}
