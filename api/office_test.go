package api

import (
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
)

// TestAnOfficesLife: made, given a post and an appeal, changed, and closed only when neither is left; its history is kept, and the
// county's files do not undo it.
func TestAnOfficesLife(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	const key = "0190aaaa-0000-4000-8000-000000000031"
	made := `{"code":"river-office","area":"219901","name":"青禾县河道办","kind":"department","hours":"工作日 8:30-16:30","phone":"0400-5550140",` + byDocument + `}`
	changed := `{"name":"青禾县河湖中心","kind":"department","address":"青禾县城青山路18号",` + byDocument + `}`
	in := func(name, who, method, path, body string, status int, code string) scenario {
		return scenario{name: name, who: who, method: method, path: path, body: body, status: status, code: code}
	}
	wrong := func(name, body, at string) scenario {
		s := in(name, "system-admin", "POST", "/offices", body, 422, "request.invalid")
		s.at = at
		return s
	}
	saved := in("made", "system-admin", "POST", "/offices", made, 201, "")
	saved.key, saved.saves, saved.fields = key, map[string]string{"office": "id"}, map[string]any{"code": "river-office", "name": "青禾县河道办", "area": "219901"}
	again := in("sent twice", "system-admin", "POST", "/offices", made, 201, "")
	again.key, again.fields = key, map[string]any{"id": "{office}"}
	as := func(s scenario, fields map[string]any) scenario { s.fields = fields; return s }
	vars := h.play(t, nil,
		in("by a dispatcher", "dispatcher", "POST", "/offices", made, 403, "request.forbidden"),
		wrong("a code in capitals", strings.Replace(made, "river-office", "River", 1), "body.code"),
		wrong("an area that is not", strings.Replace(made, `"219901"`, `"219902"`, 1), "body.area"),
		wrong("a department of a village", strings.Replace(made, `"219901"`, `"`+xinglin+`"`, 1), "body.kind"),
		wrong("no name", strings.Replace(made, "青禾县河道办", " ", 1), "body.name"),
		wrong("no document", strings.Replace(made, "青政发〔2026〕12号", " ", 1), "body.document"),
		wrong("from tomorrow", strings.Replace(made, "2026-11-23", "2026-11-24", 1), "body.day"),
		in("a code that is taken", "system-admin", "POST", "/offices", strings.Replace(made, "river-office", "county-hall", 1), 409, "office.known"),
		saved, again,
		as(in("everybody sees it", "", "GET", "/offices/{office}", "", 200, ""), map[string]any{"hours": "工作日 8:30-16:30", "closed_on": absent}),
	)
	h.clock.Advance(time.Second)
	vars = h.play(t, vars,
		in("unknown", "system-admin", "POST", "/offices/"+someID+"/change", changed, 404, "request.not_found"),
		as(in("changed", "system-admin", "POST", "/offices/{office}/change", changed, 200, ""), map[string]any{"name": "青禾县河湖中心", "hours": "", "phone": "", "address": "青禾县城青山路18号"}),
		in("of a kind that does not stand there", "system-admin", "POST", "/offices/{office}/change", strings.Replace(changed, "department", "village_station", 1), 422, "request.invalid"),
		as(in("how it was", "", "GET", "/offices/{office}/history", "", 200, ""), map[string]any{
			"items.#": 2, "items.0.kind": "change", "items.0.name": "青禾县河道办", "items.0.phone": "0400-5550140", "items.1.kind": "make", "items.1.document": "青政发〔2026〕12号", "items.0.person": absent,
		}),
	)
	listed := func(want bool) {
		t.Helper()
		if got := strings.Contains(h.must(t, "", 200, "GET", "/offices?area=219901&limit=100", "").Body.String(), vars["office"]); got != want {
			t.Errorf("the public list has it: %t, want %t", got, want)
		}
	}
	listed(true)
	h.clock.Advance(time.Second)

	// An officer and an appeal keep it open.
	hired := h.must(t, "system-admin", 201, "POST", "/staff", `{"username":"river","name":"何清","post":{"role":"officer","title":"河道承办人","office":"`+vars["office"]+`","area":"219901"}}`)
	post := read[newStaffView](t, hired).Posts[0].ID
	s := h.hand(t, ordinary())
	h.walk(t, s, "", way[appeal.Accepted]...)
	h.must(t, "dispatcher", 200, "POST", "/appeals/"+s.id+"/dispatch", `{"office":"`+vars["office"]+`"}`)
	closing := func(parts ...string) {
		t.Helper()
		w := h.must(t, "system-admin", 409, "POST", "/offices/"+vars["office"]+"/close", `{`+byDocument+`}`)
		for _, part := range append(parts, "office.in_use") {
			if !strings.Contains(w.Body.String(), part) {
				t.Errorf("the refusal does not say %s: %s", part, w.Body)
			}
		}
	}
	closing("还有 1 个岗位：河道承办人", "还有 1 件没办完的诉求："+s.number)
	h.must(t, "system-admin", 200, "POST", "/posts/"+post+"/end", `{"why":"机构撤销"}`)
	closing("还有 1 件没办完的诉求")
	h.must(t, "dispatcher", 200, "POST", "/appeals/"+s.id+"/reassign", `{"office":"`+h.officeID(t, "water")+`"}`)
	vars["village"], vars["day"] = xinglin, "2026-11-23"
	other := h.hand(t, ordinary())
	h.walk(t, other, "", way[appeal.Accepted]...)
	vars["other"] = other.id
	h.play(t, vars,
		in("by another", "security-admin", "POST", "/offices/{office}/close", `{`+byDocument+`}`, 403, "request.forbidden"),
		in("closed", "system-admin", "POST", "/offices/{office}/close", `{`+byDocument+`}`, 200, ""),
		in("closed twice", "system-admin", "POST", "/offices/{office}/close", `{`+byDocument+`}`, 409, "office.closed"),
		in("changed no more", "system-admin", "POST", "/offices/{office}/change", changed, 409, "office.closed"),
		as(in("still known", "", "GET", "/offices/{office}", "", 200, ""), map[string]any{"closed_on": "{day}", "name": "青禾县河湖中心"}),
		as(in("its history", "", "GET", "/offices/{office}/history", "", 200, ""), map[string]any{"items.#": 3, "items.0.kind": "close"}),
		in("nothing is dispatched there", "dispatcher", "POST", "/appeals/{other}/dispatch", `{"office":"{office}"}`, 422, "request.invalid"),
		in("nobody is given a post there", "system-admin", "POST", "/staff", `{"username":"river2","name":"何清","post":{"role":"officer","title":"承办人","office":"{office}","area":"219901"}}`, 422, "request.invalid"),
	)
	listed(false)
	h.wantRows(t, 1, "trail", "act = 'office.close' AND object = ? AND body LIKE '%〔2026〕12号%'", vars["office"])
	h.wantRows(t, 3, "trail", "kind = 'office' AND object = ?", vars["office"])
}

// TestFilesDoNotUndoCallsToOffices: an office that the file lists, and that a call changed or closed, stays so when the file is loaded.
func TestFilesDoNotUndoCallsToOffices(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	water, veterans := h.officeID(t, "water"), h.officeID(t, "veterans")
	h.must(t, "system-admin", 200, "POST", "/offices/"+water+"/change", `{"name":"青禾县水务局","kind":"department","phone":"0400-5550999",`+byDocument+`}`)
	h.must(t, "system-admin", 200, "POST", "/offices/"+veterans+"/close", `{`+byDocument+`}`)
	before := h.rows(t, "trail", "act = 'office.load'")
	files := withStaff{demoCounty, crew[1:] + "late,迟来人,officer,承办人,veterans,219901,2025-01-01,\n"}
	if _, err := h.Accounts.Load(t.Context(), access.Round(""), account.Source{FS: files, Demo: true}); err != nil {
		t.Fatal(err)
	}
	h.wantRows(t, before, "trail", "act = 'office.load'")
	h.wantRows(t, 1, "offices", "id = ? AND name = '青禾县水务局' AND phone = '0400-5550999' AND hours = ''", water)
	h.wantRows(t, 0, "posts", "office = ?", veterans)
	if body := h.must(t, "", 200, "GET", "/offices?area=219901&limit=100", "").Body.String(); strings.Contains(body, veterans) || !strings.Contains(body, "青禾县水务局") {
		t.Errorf("the public list: %s", body)
	}
}
