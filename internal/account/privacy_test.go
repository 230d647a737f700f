package account

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// withPrivacy is the demo county with other privacy texts.
func withPrivacy(t *testing.T, texts map[string]string) Source {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range []string{"areas.csv", "offices.csv", "staff.csv", "duties.yaml"} {
		content, err := fs.ReadFile(os.DirFS("../../config/county"), name)
		must(t, err)
		files[name] = &fstest.MapFile{Data: content}
	}
	for name, text := range texts {
		files["privacy/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return Source{FS: files, Demo: true}
}

func demoPrivacy(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../config/county/privacy/2026-01.md")
	must(t, err)
	return string(text)
}

func TestConsentNamesAVersionThatPeopleCouldRead(t *testing.T) {
	d := open(t)
	later := strings.Replace(demoPrivacy(t), "2026-01-01", "2026-12-01", 1)
	must(t, errOf(d.Load(t.Context(), access.Round(""), withPrivacy(t, map[string]string{"2026-12.md": later}))))
	clerk := as(t, d, "clerk-xinglin")
	r := registration("赵六")
	for _, version := range []string{"2025-01", "2026-12"} {
		r.Consent.TextVersion = version
		before := rows(t, d, "persons")
		_, err := d.RegisterResident(t.Context(), clerk, r)
		if at := fault.Of(err).Fields; len(at) != 1 || at[0].Location != "body.consent.text_version" {
			t.Errorf("consent to %s: %v", version, err)
		}
		if rows(t, d, "persons") != before {
			t.Errorf("consent to %s was refused, and the person is there", version)
		}
	}
	pass(d, 8*24*time.Hour) // 2026-12-01
	must(t, errOf(d.RegisterResident(t.Context(), as(t, d, "clerk-xinglin"), r)))
	now, err := d.PrivacyText(t.Context(), "")
	must(t, err)
	if now.Version != "2026-12" {
		t.Errorf("people are shown %s", now.Version)
	}
	if was, err := d.PrivacyText(t.Context(), "2026-01"); err != nil || !strings.Contains(was.Text, "不满十四周岁") {
		t.Errorf("the version that people agreed to is gone: %v", err)
	}
}

func TestPublishedPrivacyTextNeverChanges(t *testing.T) {
	d := open(t)
	changed := strings.Replace(demoPrivacy(t), "不打广告", "也打广告", 1)
	_, err := d.Load(t.Context(), access.Round(""), withPrivacy(t, map[string]string{"2026-01.md": changed}))
	if err == nil || !strings.Contains(err.Error(), "privacy/2026-01.md:1: 这一版已经公布过") {
		t.Fatal(err)
	}
	if text, err := d.PrivacyText(t.Context(), "2026-01"); err != nil || strings.Contains(text.Text, "也打广告") {
		t.Error("it was changed", err)
	}
}

func TestPrivacyTextsAreLinted(t *testing.T) {
	d := open(t)
	good := demoPrivacy(t)
	for name, v := range map[string]struct{ file, text, want string }{
		"version": {"第一版.md", good, "privacy/第一版.md:1: 文件名就是版本"},
		"title":   {"x1.md", strings.TrimPrefix(good, "# "), "privacy/x1.md:1: 第一行应是标题"},
		"date":    {"x2.md", strings.Replace(good, "2026-01-01", "元旦", 1), "privacy/x2.md:3: 日期应写成"},
		"no date": {"x3.md", strings.Replace(good, "施行日期", "日期", 1), "privacy/x3.md:1: 缺少一行 施行日期"},
		"part":    {"x4.md", strings.Replace(good, "## 保存多久", "## 别的", 1), "privacy/x4.md:1: 缺少一段 ## 保存多久"},
		"length":  {"x5.md", good + strings.Repeat("长", longestPrivacy), "privacy/x5.md:1: 太长了"},
	} {
		if _, err := d.Load(t.Context(), access.Round(""), withPrivacy(t, map[string]string{v.file: v.text})); err == nil || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := rows(t, d, "privacy_texts"); n != 2 { // the demo's own
		t.Errorf("%d texts", n)
	}
}

func TestResidentSeesHisConsents(t *testing.T) {
	d := open(t)
	me, other := resident(t, d, "code-1"), resident(t, d, "code-2")
	must(t, errOf(d.UpdateMe(t.Context(), me, Told{Name: "周五福", Village: xinglin, TextVersion: "2026-01"})))
	list, err := d.Consents(t.Context(), me, "", 10)
	must(t, err)
	if len(list) != 1 || list[0].Kind != ToRegistration || list[0].TextVersion != "2026-01" || list[0].How != OnScreen || list[0].KindText == "" || list[0].Follows == "" {
		t.Errorf("%+v", list)
	}
	if list, err := d.Consents(t.Context(), other, "", 10); err != nil || len(list) != 0 {
		t.Errorf("another one is shown %v %v", list, err)
	}
	_, err = d.Consents(t.Context(), as(t, d, "clerk-xinglin"), "", 10)
	want(t, err, fault.NotYours)
}

// How somebody withdrew is told with that he did; of what stands there is nothing to tell.
func TestHowItWasWithdrawnIsTold(t *testing.T) {
	d := open(t)
	clerk := as(t, d, "clerk-xinglin")
	r, err := d.RegisterResident(t.Context(), clerk, registration("王淑芬"))
	must(t, err)
	must(t, d.store.Write(t.Context(), clerk, func(tx *store.Tx) error {
		id, err := Consent{TextVersion: "2026-01", How: Signed}.KeepAs(tx, ToLookUp, r.ID)
		if err != nil {
			return err
		}
		_, err = WithdrawConsent(tx, id, Fingerprint)
		return err
	}))
	list, err := d.ResidentConsents(t.Context(), clerk, r.ID, "", 10)
	must(t, err)
	told := map[string]string{}
	for _, g := range list {
		told[g.Kind] = g.WithdrawnHow
	}
	if len(told) != 2 || told[ToLookUp] != Fingerprint || told[ToRegistration] != "" {
		t.Errorf("told: %v", told)
	}
}

// Whoever closed his account is found closed by the courier, and everybody else is not.
func TestWhoIsClosed(t *testing.T) {
	d := open(t)
	clerk := as(t, d, "clerk-xinglin")
	stays, err := d.RegisterResident(t.Context(), clerk, registration("王淑芬"))
	must(t, err)
	left, err := d.RegisterResident(t.Context(), clerk, registration("赵桂兰"))
	must(t, err)
	must(t, d.store.Write(t.Context(), clerk, func(tx *store.Tx) error {
		leaver, err := d.Leaving(tx, left.ID, Closing{Cause: ClosedDied, How: "村里报来的死亡证明"})
		if err != nil {
			return err
		}
		if _, err := d.Close(tx, leaver); err != nil {
			return err
		}
		for id, want := range map[string]bool{stays.ID: false, left.ID: true} {
			if closed, err := IsClosed(tx, id); err != nil || closed != want {
				t.Errorf("closed %v, want %v, %v", closed, want, err)
			}
		}
		return nil
	}))
}
