package api

import (
	"strings"
	"testing"
	"time"

	"tongban/internal/store"
)

const (
	idNumber1 = "11010519491231002X" // the specimen of GB 11643
	spoken    = `"consent":{"text_version":"2026-01","how":"spoken"}`
)

func TestRegistration(t *testing.T) {
	h := openHouse(t)
	register := func(name, who, body string, status int, code, at string) scenario {
		return scenario{name: name, who: who, method: "POST", path: "/residents", body: body, status: status, code: code, at: at}
	}
	const in = `"village":"` + xinglin + `",` + spoken + `}`
	done := register("an elder without a phone", "clerk-xinglin", `{"name":"𠮷　𡈽","id_number":"１１０１０５１９４９１２３１００２x","phone":"0421-7654321","grid":"`+xinglin+`02",`+in, 201, "", "")
	done.fields = map[string]any{
		"id": like(uuidShape.String()), "name": "𠮷𡈽", "phone": "0421-*****21", "id_number": like(`^\*{14}002X$`),
		"village": xinglin, "grid": xinglin + "02", "wechat": false, "version": 1,
	}
	done.saves = map[string]string{"elder": "id"}
	vars := h.play(t, nil, done,
		register("twice the same person", "clerk-xinglin", `{"name":"吉土","id_number":"`+idNumber1+`",`+in, 409, "person.already_here", ""),
		register("the same number in another village", "clerk-hewan", `{"name":"吉土","id_number":"`+idNumber1+`","village":"`+hewan+`",`+spoken+`}`, 201, "", ""),
		register("another village", "clerk-hewan", `{"name":"张三",`+in, 403, "request.forbidden", ""),
		register("a window is no clerk", "window-liuquan", `{"name":"张三",`+in, 403, "request.forbidden", ""),
		register("a resident", "zhang", `{"name":"张三",`+in, 403, "request.forbidden", ""),
		register("nobody", "", `{"name":"张三",`+in, 401, "token.missing", ""),
		register("no consent", "clerk-xinglin", `{"name":"张三","village":"`+xinglin+`"}`, 422, "request.invalid", "body.consent"),
		register("consent in no known way", "clerk-xinglin", `{"name":"张三","village":"`+xinglin+`","consent":{"text_version":"2026-01","how":"on_screen"}}`, 422, "request.invalid", "body.consent.how"),
		register("consent to no version", "clerk-xinglin", `{"name":"张三","village":"`+xinglin+`","consent":{"text_version":"","how":"spoken"}}`, 422, "request.invalid", "body.consent.text_version"),
		register("no name", "clerk-xinglin", `{`+in, 422, "request.invalid", "body.name"),
		register("name of nothing", "clerk-xinglin", `{"name":" \u200b ",`+in, 422, "name.empty", "body.name"),
		register("check digit", "clerk-xinglin", `{"name":"张三","id_number":"110105194912310021",`+in, 422, "id_number.check_digit", "body.id_number"),
		register("an impossible birth date", "clerk-xinglin", `{"name":"张三","id_number":"110105199902300015",`+in, 422, "id_number.birth_date", "body.id_number"),
		register("a number of seventeen", "clerk-xinglin", `{"name":"张三","id_number":"11010519491231002",`+in, 422, "id_number.invalid", "body.id_number"),
		register("unknown village", "clerk-xinglin", `{"name":"张三","village":"219901101299",`+spoken+`}`, 403, "request.forbidden", ""),
		register("village in words", "clerk-xinglin", `{"name":"张三","village":"杏林村",`+spoken+`}`, 422, "request.invalid", "body.village"),
		register("an id of his own", "clerk-xinglin", `{"id":"`+someID+`","name":"张三",`+in, 422, "request.invalid", "body.id"),
		scenario{name: "without a key", who: "clerk-xinglin", method: "POST", path: "/residents", key: "-", body: `{"name":"张三",` + in, status: 400, code: "idempotency.missing"},
	)
	h.token(t, "zhang")
	h.clock.Advance(time.Second) // the next one is the newest
	if w := h.send(t, "clerk-xinglin", "POST", "/api/v1/residents", `{"name":"王五",`+in, keyHeader, someKey); w.Header().Get("Location") != "/api/v1/residents/"+read[residentView](t, w).ID {
		t.Errorf("Location %q", w.Header().Get("Location"))
	}
	h.look(t, vars)
}

// look reads the elder of xinglin as everybody.
func (h *house) look(t *testing.T, vars map[string]string) {
	t.Helper()
	one := func(name, who, path string, status int, code string) scenario {
		return scenario{name: name, who: who, method: "GET", path: path, status: status, code: code}
	}
	seen := one("his clerk", "clerk-xinglin", "/residents/{elder}", 200, "")
	seen.fields = map[string]any{"id": "{elder}", "name": "𠮷𡈽", "id_number": like(`^\*{14}002X$`)}
	const foreign, missing = "request.not_found", "request.not_found"
	h.play(t, vars, seen,
		one("his grid worker", "grid-xinglin", "/residents/{elder}", 200, ""),
		one("the worker of another grid", "clerk-xinglin:grid_worker", "/residents/{elder}", 404, foreign),
		one("the clerk of another village", "clerk-hewan", "/residents/{elder}", 404, foreign),
		one("an officer", "officer-civil", "/residents/{elder}", 404, foreign),
		one("another resident", "zhang", "/residents/{elder}", 403, "request.forbidden"),
		one("nobody", "", "/residents/{elder}", 401, "token.missing"),
		one("unknown", "clerk-xinglin", "/residents/"+someID, 404, missing),
		one("no id", "clerk-xinglin", "/residents/1", 404, missing),
		one("a staff member is no resident", "clerk-xinglin", "/residents/"+h.actor(t, "clerk-xinglin").Person, 404, missing),
		scenario{name: "by number", who: "clerk-xinglin", method: "POST", path: "/residents/find", body: `{"id_number":"11010519491231002x"}`, status: 200, fields: map[string]any{"items.#": 1, "items.0.id": "{elder}", "next": ""}},
		scenario{name: "by phone", who: "clerk-xinglin", method: "POST", path: "/residents/find", body: `{"phone":"(0421)7654321"}`, status: 200, fields: map[string]any{"items.#": 1, "items.0.id": "{elder}"}},
		scenario{name: "not by another village's clerk", who: "clerk-songling", method: "POST", path: "/residents/find", body: `{"id_number":"` + idNumber1 + `"}`, status: 200, fields: map[string]any{"items.#": 0}},
		scenario{name: "nobody asked for", who: "clerk-xinglin", method: "POST", path: "/residents/find", body: `{}`, status: 422, code: "request.invalid"},
		scenario{name: "a bad number", who: "clerk-xinglin", method: "POST", path: "/residents/find", body: `{"id_number":"1"}`, status: 422, code: "id_number.invalid"},
		scenario{name: "by name", who: "clerk-xinglin", method: "POST", path: "/residents/find", body: `{"name":"吉"}`, status: 422, code: "request.invalid", at: "body.name"},
		scenario{name: "number in the address", who: "clerk-xinglin", method: "GET", path: "/residents?id_number=" + idNumber1, status: 422, code: "request.invalid"},
		scenario{name: "the first page", who: "clerk-xinglin", method: "GET", path: "/residents?limit=1", status: 200, fields: map[string]any{"items.#": 1, "items.0.name": "王五", "next": filled}, saves: map[string]string{"next": "next"}},
		scenario{name: "the next page", who: "clerk-xinglin", method: "GET", path: "/residents?limit=2&after={next}", status: 200, fields: map[string]any{"items.#": 2, "next": ""}},
		scenario{name: "too many at once", who: "clerk-xinglin", method: "GET", path: "/residents?limit=101", status: 422, code: "request.invalid", at: "query.limit"},
	)
	if strings.Contains(h.log.String(), "002X") || strings.Contains(h.log.String(), "7654321") || strings.Contains(h.log.String(), "𡈽") {
		t.Error("the log holds personal data")
	}
	var trailed int64
	if err := h.Store.Read(t.Context()).Model(&store.TrailRow{}).Where("object = ? AND act = ?", vars["elder"], "person.read").Count(&trailed).Error; err != nil {
		t.Fatal(err)
	}
	if trailed == 0 {
		t.Error("nobody wrote down who read the name")
	}
}

func TestAreasAndOffices(t *testing.T) {
	h := openHouse(t)
	list := func(name, path string, status int, fields map[string]any) scenario {
		return scenario{name: name, method: "GET", path: path, status: status, fields: fields}
	}
	bad := func(path, at string) scenario {
		return scenario{name: path, method: "GET", path: path, status: 422, code: "request.invalid", at: at}
	}
	h.play(t, nil,
		list("the county", "/areas", 200, map[string]any{"items.#": 1, "items.0.code": "219901", "items.0.name": "青禾县", "items.0.level": "county", "next": ""}),
		list("its towns", "/areas?parent=219901", 200, map[string]any{"items.#": 2, "items.0.name": "柳泉镇", "items.1.name": "石桥乡", "items.0.level": "town"}),
		list("villages", "/areas?parent=219901101", 200, map[string]any{"items.#": 2, "items.0.code": xinglin, "items.1.code": hewan}),
		list("grids", "/areas?parent="+xinglin, 200, map[string]any{"items.0.code": xinglin + "01", "items.0.level": "grid"}),
		list("nothing in a grid", "/areas?parent="+xinglin+"01", 200, map[string]any{"items.#": 0}),
		list("nothing in an unknown one", "/areas?parent=999999", 200, map[string]any{"items.#": 0}),
		list("one at a time", "/areas?parent=219901&limit=1", 200, map[string]any{"items.#": 1, "items.0.name": "柳泉镇", "next": filled}),
		bad("/areas?parent=21990", "query.parent"), bad("/areas?parent=qinghe", "query.parent"), bad("/areas?parents=219901", "query.parents"),
		list("offices of a town, with those of its villages", "/offices?area=219901101", 200, map[string]any{"items.#": 4}),
		list("its centre", "/offices?area=219901101&kind=township_centre", 200, map[string]any{"items.#": 1, "items.0.kind": "township_centre", "items.0.area": "219901101", "items.0.phone": filled, "items.0.hours": filled, "items.0.id": like(uuidShape.String())}),
		list("a village's station", "/offices?area="+xinglin, 200, map[string]any{"items.#": 1, "items.0.kind": "village_station"}),
		bad("/offices", "query.area"), bad("/offices?area=219901&kind=palace", "query.kind"), bad("/offices?area="+xinglin+"01", "query.area"),
	)
}

func TestPrivacyNoticeIsReadBeforeItIsAgreedTo(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	notice := read[privacyView](t, h.must(t, "", 200, "GET", "/privacy-notice", ""))
	if notice.Version != "2026-11" || notice.Title == "" || !strings.Contains(notice.Text, "## 您有哪些权利") || len(notice.Versions) != 2 {
		t.Errorf("%+v", notice)
	}
	h.must(t, "", 200, "GET", "/privacy-notice?version="+consentVersion, "")
	h.must(t, "", 404, "GET", "/privacy-notice?version=1999-01", "")
	wrong := h.must(t, "newcomer", 422, "POST", "/me", `{"name":"新来","village":"`+xinglin+`","consent":{"text_version":"1999-01"}}`)
	if at := problemOf(t, wrong).Errors; len(at) != 1 || at[0].Location != "body.consent.text_version" {
		t.Errorf("%s", wrong.Body)
	}
	mine := itemsOf(t, h.must(t, "zhang", 200, "GET", "/me/consents", ""))
	if len(mine) != 1 || mine[0]["text_version"] != consentVersion || mine[0]["how"] != "on_screen" {
		t.Errorf("%v", mine)
	}
}
