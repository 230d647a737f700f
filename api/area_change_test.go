package api

import (
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
)

// TestAVillageIsMergedIntoAnother: who lived there is the new village's, with what is still open; whoever served there does no
// longer; the wall still opens; what was concluded stays where it was; and the county's files do not undo it.
func TestAVillageIsMergedIntoAnother(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	wang := h.actor(t, "wang").Person
	h.tellMore(t, "wang", "13800000003", hewan+"02")
	s := h.hand(t, &subject{by: "clerk-hewan", whose: "wang", grid: hewan + "02", identity: "public", office: "water", officer: "officer-water"})
	over := h.hand(t, &subject{by: "clerk-hewan", whose: "wang", grid: hewan + "01", identity: "public", office: "water", officer: "officer-water"})
	h.must(t, "clerk-hewan", 200, "POST", "/appeals/"+over.id+"/withdraw", `{"text":"自己解决了"}`)
	code := h.Catalog.Now().VillageCode(hewan)
	old := h.token(t, "clerk-hewan")
	h.token(t, "grid-hewan")
	merge := `{"into":"` + xinglin + `",` + byDocument + `}`
	vars := map[string]string{"wang": wang, "appeal": s.id, "over": over.id, "code": code, "old": hewan, "new": xinglin}
	in := func(who, path string, status int, code string, fields map[string]any) scenario {
		return scenario{name: who + " " + path, who: who, method: "GET", path: path, status: status, code: code, fields: fields}
	}
	h.play(t, vars,
		in("clerk-xinglin", "/residents/{wang}", 404, "request.not_found", nil),
		scenario{name: "by whom it is no business", who: "clerk-hewan", method: "POST", path: "/areas/{old}/merge", body: merge, status: 403, code: "request.forbidden"},
		scenario{name: "without a document", who: "system-admin", method: "POST", path: "/areas/{old}/merge", body: `{"into":"{new}","day":"2026-11-23","document":" "}`, status: 422, code: "request.invalid", at: "body.document"},
		scenario{name: "from tomorrow", who: "system-admin", method: "POST", path: "/areas/{old}/merge", body: `{"into":"{new}","day":"2026-11-24","document":"一号"}`, status: 422, code: "request.invalid", at: "body.day"},
		scenario{name: "into what is not there", who: "system-admin", method: "POST", path: "/areas/{old}/merge", body: `{"into":"219901101299",` + byDocument + `}`, status: 422, code: "request.invalid", at: "body.into"},
		scenario{name: "a town", who: "system-admin", method: "POST", path: "/areas/219901101/merge", body: merge, status: 404, code: "request.not_found"},
		scenario{name: "merged", who: "system-admin", method: "POST", path: "/areas/{old}/merge", key: "0190aaaa-0000-4000-8000-000000000002", body: merge, status: 200, fields: map[string]any{"code": xinglin, "name": "杏林村"}},
		scenario{name: "sent twice", who: "system-admin", method: "POST", path: "/areas/{old}/merge", key: "0190aaaa-0000-4000-8000-000000000002", body: merge, status: 200, fields: map[string]any{"code": xinglin}},
		scenario{name: "done twice", who: "system-admin", method: "POST", path: "/areas/{old}/merge", body: merge, status: 409, code: "area.closed"},
		in("clerk-xinglin", "/residents/{wang}", 200, "", map[string]any{"village": xinglin, "grid": xinglin + "04"}),
		in("clerk-xinglin", "/appeals/{appeal}", 200, "", nil),
		in("clerk-xinglin", "/appeals/{over}", 404, "request.not_found", nil),
		in("dispatcher", "/appeals/{over}", 200, "", map[string]any{"village": hewan}),
		in("", "/areas/{old}", 200, "", map[string]any{"successor": xinglin, "name": "河湾村"}),
		in("", "/areas/{new}", 200, "", map[string]any{"successor": ""}),
		in("", "/areas/{old}/history", 200, "", map[string]any{"items.#": 1, "items.0.kind": "merge", "items.0.new": xinglin, "items.0.document": "青政发〔2026〕12号", "items.0.day": "2026-11-23"}),
		in("", "/areas?parent=219901101", 200, "", map[string]any{"items.#": 1, "items.0.code": xinglin}),
		in("", "/areas?parent={new}", 200, "", map[string]any{"items.#": 4, "items.3.name": "河湾村第二网格"}),
		in("", "/codes/{code}", 200, "", map[string]any{"village": xinglin}),
		scenario{name: "nobody hands in there", method: "POST", path: "/appeals", body: `{"class":"report","text":"有人夜里往河沟倒废油。","identity":"none","village":"` + hewan + `"}`, status: 422, code: "request.invalid", at: "body.village"},
		scenario{name: "no notice is made there", method: "POST", path: "/notices", body: `{"item_id":"` + pension + `","village":"` + hewan + `"}`, status: 422, code: "request.invalid", at: "body.village"},
	)
	h.wantRows(t, 1, "trail", "act = 'area.merge' AND object = ? AND body LIKE '%〔2026〕12号%'", hewan)
	h.wantRows(t, 1, "trail", "act = 'person.carry' AND object = ?", wang)
	h.wantRows(t, 1, "trail", "act = 'appeal.carry'")
	h.wantRows(t, 3, "area_changes", "carried_at IS NOT NULL AND closes IS NOT NULL") // the village and its two grids
	h.clock.Advance(5 * time.Second)
	if w := h.send(t, "", "GET", base+"/residents", "", "Authorization", bearer(old)); w.Code != 401 {
		t.Errorf("the old village's clerk is still there: %d %s", w.Code, w.Body)
	}
	if w := h.send(t, "", "GET", "/q/"+code, ""); w.Code != 200 {
		t.Errorf("the code on the wall opens %d", w.Code)
	}

	posts := h.rows(t, "posts", "valid_until IS NULL")
	if _, err := h.Accounts.Load(t.Context(), access.Round(""), account.Source{FS: demoCounty, Demo: true}); err != nil {
		t.Fatal(err)
	}
	h.wantRows(t, posts, "posts", "valid_until IS NULL")
	h.wantRows(t, 1, "offices", "code = 'hewan-station' AND village = ?", xinglin)
	h.wantRows(t, 0, "persons", "village = ?", hewan)
}

// TestAVillageMovesToAnotherTown under a new code: the town that had it sees no more of it, the town that has it does.
func TestAVillageMovesToAnotherTown(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	s := h.hand(t, ordinary())
	const moved = "219901201299"
	zhang := h.actor(t, "zhang").Person
	h.must(t, "dispatcher-liuquan", 200, "GET", "/appeals/"+s.id, "")
	body := `{"to":"` + moved + `",` + byDocument + `}`
	vars := map[string]string{"appeal": s.id, "new": moved, "old": xinglin}
	h.play(t, vars,
		scenario{name: "under the same town", who: "system-admin", method: "POST", path: "/areas/{old}/move", body: `{"to":"219901101299",` + byDocument + `}`, status: 422, code: "request.invalid", at: "body.to"},
		scenario{name: "under a code that is taken", who: "system-admin", method: "POST", path: "/areas/{old}/move", body: `{"to":"` + songling + `",` + byDocument + `}`, status: 409, code: "area.known"},
		scenario{name: "moved", who: "system-admin", method: "POST", path: "/areas/{old}/move", body: body, status: 200, fields: map[string]any{"code": moved, "name": "杏林村"}},
		scenario{name: "the town that had it", who: "dispatcher-liuquan", method: "GET", path: "/appeals/{appeal}", status: 404, code: "request.not_found"},
		scenario{name: "the county", who: "dispatcher", method: "GET", path: "/appeals/{appeal}", status: 200, fields: map[string]any{"village": moved}},
		scenario{name: "renamed", who: "system-admin", method: "POST", path: "/areas/{new}/rename", body: `{"name":"新杏林村",` + byDocument + `}`, status: 200, fields: map[string]any{"name": "新杏林村"}},
		scenario{name: "how it came to be", method: "GET", path: "/areas/{new}/history", status: 200, fields: map[string]any{"items.#": 2}},
		scenario{name: "a village is made", who: "system-admin", method: "POST", path: "/areas", body: `{"code":"219901201202","name":"新村",` + byDocument + `}`, status: 201, fields: map[string]any{"code": "219901201202"}},
		scenario{name: "in another county", who: "system-admin", method: "POST", path: "/areas", body: `{"code":"219902201202","name":"新村",` + byDocument + `}`, status: 422, code: "request.invalid", at: "body.code"},
		scenario{name: "a grid of what ended", who: "system-admin", method: "POST", path: "/areas", body: `{"code":"21990110120109","name":"新网格",` + byDocument + `}`, status: 422, code: "request.invalid", at: "body.code"},
	)
	h.wantRows(t, 1, "persons", "id = ? AND village = ? AND town = '219901201'", zhang, moved)
	if _, err := h.Accounts.Load(t.Context(), access.Round(""), account.Source{FS: demoCounty, Demo: true}); err != nil {
		t.Fatal(err)
	}
	h.wantRows(t, 1, "areas", "code = ? AND name = '新杏林村'", moved)
}
