package api

import (
	"net/http/httptest"
	"strings"
	"testing"
)

const staffHead = "username,name,role,title,office,area,valid_from,valid_until\n"

// sendTable sends a table as a browser's form and wx.uploadFile do.
func (h *house) sendTable(t testing.TB, who, query, table, key string) *httptest.ResponseRecorder {
	t.Helper()
	body, kind := form(t, "file", []byte(table))
	return h.send(t, who, "POST", base+"/staff/import"+query, body, "Content-Type", kind, keyHeader, key)
}

// TestStaffListIsImported plays the first day of a county: the list is tried, mended, done, sent again after a lost answer; and the
// first clerk logs in with the password that was told once.
func TestStaffListIsImported(t *testing.T) {
	h := openHouse(t)
	const good = "new.one,新来人,clerk,村办事员,hewan-station," + hewan + ",2026-01-01,\nnew.one,新来人,grid_worker,网格员,hewan-station," + hewan + "01,2026-01-01,\n"
	const bad = "boss,王一,security_admin,安全管理员,county-hall,219901,2026-01-01,\n"

	tried := h.sendTable(t, "system-admin", "", staffHead+good+bad, "key-of-the-first")
	if v := read[importView](t, tried); tried.Code != 200 || !v.DryRun || v.Created != 1 || v.Given != 1 || v.Refused != 1 ||
		v.Lines[2].Line != 4 || !strings.Contains(v.Lines[2].Reason, "安全管理员") || v.Lines[0].Password != "" {
		t.Errorf("tried: %d %s", tried.Code, tried.Body)
	}
	refused := h.sendTable(t, "system-admin", "?dry_run=false", staffHead+good+bad, "key-of-the-second")
	if p := problemOf(t, refused); refused.Code != 422 || p.Code != "staff.import_refused" || len(p.Errors) != 1 || p.Errors[0].Location != "body.file[4]" {
		t.Errorf("refused: %d %s", refused.Code, refused.Body)
	}
	h.play(t, nil, scenario{name: "nothing was done", who: "system-admin", method: "GET", path: "/staff?username=new.one", status: 200, fields: map[string]any{"items.#": 0}})

	done := h.sendTable(t, "system-admin", "?dry_run=false", staffHead+good, "key-of-the-third")
	again := h.sendTable(t, "system-admin", "?dry_run=false", staffHead+good, "key-of-the-third")
	v := read[importView](t, done)
	if done.Code != 200 || v.DryRun || v.Created != 1 || v.Given != 1 || v.Lines[0].Password == "" || v.Lines[1].Password != "" || v.Lines[0].ID != v.Lines[1].ID {
		t.Errorf("done: %d %s", done.Code, done.Body)
	}
	if again.Body.String() != done.Body.String() {
		t.Errorf("repeated: %d %s", again.Code, again.Body)
	}
	if other := h.sendTable(t, "system-admin", "?dry_run=true", staffHead+good, "key-of-the-third"); problemOf(t, other).Code != "idempotency.other_content" {
		t.Errorf("another question under the same key: %d %s", other.Code, other.Body)
	}
	if later := read[importView](t, h.sendTable(t, "system-admin", "?dry_run=false", staffHead+good, "key-of-the-fourth")); later.Unchanged != 2 {
		t.Errorf("later: %+v", later)
	}
	login := func(name, path, body string, status int, code string) scenario {
		return scenario{name: name, method: "POST", path: path, body: body, status: status, code: code}
	}
	h.play(t, map[string]string{"given": v.Lines[0].Password, "id": v.Lines[0].ID},
		login("not with a temporary password", "/login/password", `{"username":"new.one","password":"{given}"}`, 403, "login.must_change"),
		login("his own", "/password", `{"username":"new.one","old":"{given}","new":"井水清清-石桥弯弯-42"}`, 200, ""),
		scenario{name: "he is there", who: "system-admin", method: "GET", path: "/staff/{id}", status: 200, fields: map[string]any{"must_change": false, "posts.#": 2, "name": "新来人"}},
		scenario{name: "no key", who: "system-admin", method: "POST", path: "/staff/import", key: "-", body: "x", status: 400, code: "idempotency.missing"},
		scenario{name: "no form", who: "system-admin", method: "POST", path: "/staff/import", body: `{}`, status: 415, code: "request.unsupported_type"},
	)
	for who, want := range map[string]int{"security-admin": 403, "clerk-xinglin": 403, "zhang": 403} {
		if w := h.sendTable(t, who, "", staffHead+good, "key-of-"+who); w.Code != want {
			t.Errorf("%s: %d %s", who, w.Code, w.Body)
		}
	}
	for name, c := range map[string]struct {
		query, table string
		status       int
		at           string
	}{
		"no table":     {"", "PK\x03\x04\xff\xff\x80", 422, "body.file"},
		"no choice":    {"?dry_run=perhaps", staffHead + good, 422, "query.dry_run"},
		"too long":     {"", staffHead + strings.Repeat("# 很长的一行\n", 40_000), 413, ""},
		"as GBK":       {"", staffHead + "gbk,\xd0\xc2\xc0\xb4\xc8\xcb,window,\xb4\xb0\xbf\xda,county-hall,219901,2026-01-01,\n", 200, ""},
		"another year": {"", staffHead + "gbk,新来人,window,窗口,county-hall,219901,26-1-1,\n", 200, ""},
	} {
		w := h.sendTable(t, "system-admin", c.query, c.table, "key-of-"+strings.ReplaceAll(name, " ", "-"))
		if w.Code != c.status || c.at != "" && problemOf(t, w).Errors[0].Location != c.at {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}
