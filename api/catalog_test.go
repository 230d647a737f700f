package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/cache"
	"tongban/internal/catalog"
	"tongban/internal/clock"
)

const (
	pension     = "01932f00-4c00-7000-8000-000000000001" // 城乡居民基本养老保险参保登记
	pensionWide = "EQ4KX4RQB3"                           // its county-wide code
	pensionHere = "9N5A4GA8SG"                           // its code on xinglin's wall
)

func TestCodes(t *testing.T) {
	h := openHouse(t)
	code := func(typed string, status int, refusal string, fields map[string]any) scenario {
		return scenario{name: typed, method: "GET", path: "/codes/" + url.PathEscape(typed), status: status, code: refusal, fields: fields}
	}
	here := map[string]any{"code": pensionHere, "kind": "item", "id": pension, "village": xinglin, "url": "http://tongban.test/q/" + pensionHere}
	h.play(t, nil,
		code(pensionHere, 200, "", here),
		code("9n5a4-ga8sg", 200, "", here),
		code("９Ｎ５Ａ４ ＧＡ８ＳＧ", 200, "", here),
		code(pensionWide, 200, "", map[string]any{"kind": "item", "id": pension, "village": ""}),
		code("KBRX5D0YNV", 200, "", map[string]any{"kind": "village", "id": "", "village": xinglin}),
		code("9N5A4GA8SH", 404, "catalog.code_mistyped", nil),
		code("9N5A4AG8SG", 404, "catalog.code_mistyped", nil),
		code("码", 404, "catalog.code_mistyped", nil),
		code("../../etc/passwd", 404, "request.not_found", nil),
		code(strings.Repeat("9", 65), 404, "request.not_found", nil),
		code("0123456789", 404, "catalog.code_mistyped", nil),
	)
	unknown := catalog.NewCode(9)
	h.play(t, nil, code(unknown, 404, "catalog.code_unknown", nil))
	if err := h.Catalog.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	today := clock.DateOf(h.clock.Now())
	if n, err := h.Catalog.Scans(t.Context(), pensionHere, today, today); err != nil || n != 3 {
		t.Errorf("%d scans counted, %v", n, err)
	}
}

func TestNoticesHaveCodesToo(t *testing.T) {
	var paper string
	for paper == "" { // twelve characters, as on a notice
		for _, check := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
			if code, err := catalog.ParseCode("0123456789A" + string(check)); err == nil {
				paper = code
			}
		}
	}
	h := openHouse(t, func(d *Deps) {
		d.CodeOf = func(_ context.Context, code string) (catalog.Code, error) {
			if code != paper {
				return catalog.Code{}, catalog.ErrCodeUnknown
			}
			return catalog.Code{Code: code, Kind: "notice", ID: someID, Village: hewan}, nil
		}
	})
	h.play(t, nil,
		scenario{name: "a notice", method: "GET", path: "/codes/" + strings.ToLower(paper), status: 200,
			fields: map[string]any{"code": paper, "kind": "notice", "id": someID, "village": hewan, "url": "http://tongban.test/q/" + paper}},
		scenario{name: "a wall's code", method: "GET", path: "/codes/" + pensionHere, status: 200, fields: map[string]any{"kind": "item"}},
		scenario{name: "neither", method: "GET", path: "/codes/" + catalog.NewCode(9), status: 404, code: "catalog.code_unknown"},
	)
}

func TestItemList(t *testing.T) {
	h := openHouse(t)
	find := func(query string, fields map[string]any) scenario {
		return scenario{name: query, method: "GET", path: "/items?" + query, status: 200, fields: fields}
	}
	bad := func(query, at string) scenario {
		return scenario{name: query, method: "GET", path: "/items?" + query, status: 422, code: "request.invalid", at: at}
	}
	h.play(t, nil,
		find("", map[string]any{"items.#": 20, "next": filled, "items.0.id": pension, "items.0.code": pensionWide, "items.0.theme": "社会保险",
			"items.0.department": "县人力资源和社会保障局", "items.0.case_type": "instant", "items.0.county_wide": true, "items.0.clerk_can_file": "full",
			"items.0.in_person": "none", "items.0.summary": filled, "items.0.materials": absent}),
		find("limit=100", map[string]any{"items.#": 39, "next": ""}),
		find("village="+xinglin, map[string]any{"items.0.code": pensionHere}),
		find("village=219901999999", map[string]any{"items.0.code": pensionWide}),
		find("q=dibao", map[string]any{"items.0.name": "最低生活保障审核确认"}),
		find("q="+url.QueryEscape("低保"), map[string]any{"items.0.name": "最低生活保障审核确认"}),
		find("q="+url.QueryEscape("低\u200b保"), map[string]any{"items.0.name": "最低生活保障审核确认"}),
		find("q="+url.QueryEscape("量子𠮷"), map[string]any{"items.#": 0, "next": ""}),
		find("q="+url.QueryEscape("' OR 1=1 --"), map[string]any{"items.#": 0}),
		find("theme="+url.QueryEscape("教育"), map[string]any{"items.#": 1}),
		find("county_wide=true&limit=100", map[string]any{"items.#": 21}),
		find("county_wide=false&limit=100", map[string]any{"items.#": 18}),
		find("county_wide=", map[string]any{"items.#": 20}),
		bad("county_wide=maybe", "query.county_wide"), bad("village=1", "query.village"), bad("limit=0", "query.limit"), bad("after=x", "query.after"),
		bad("q="+strings.Repeat("a", 61), "query.q"), bad("q=%00", "query.q"), bad("q=%ff", "query.q"), bad("Q=1", "query.Q"), bad("q=1&q=2", "query.q"),
		scenario{name: "no query at all", method: "GET", path: "/items?q=%zz", status: 400, code: "request.malformed"},
	)
	var ids []string
	for after := ""; ; {
		page := read[list[ItemView]](t, h.send(t, "", "GET", "/api/v1/items?limit=7&after="+after, ""))
		for _, it := range page.Items {
			ids = append(ids, it.ID)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if slices.Sort(ids); len(ids) != 39 || len(slices.Compact(ids)) != 39 {
		t.Errorf("the pages hold %d items", len(ids))
	}
}

func TestGuide(t *testing.T) {
	h := openHouse(t)
	guide := func(name, id string, status int, code string, fields map[string]any) scenario {
		return scenario{name: name, method: "GET", path: "/items/" + id, status: status, code: code, fields: fields}
	}
	h.play(t, nil,
		guide("as the contract says", pension, 200, "", map[string]any{
			"id": pension, "code": pensionWide, "name": "城乡居民基本养老保险参保登记", "version": 1, "conditions.#": 3, "materials.#": 6,
			"materials.0.id": "id_card", "materials.0.kind": "original", "materials.0.form": "either", "materials.0.originals": 1, "materials.0.copies": 0,
			"materials.0.necessity": "required", "materials.0.source": "self", "materials.0.hint": filled, "materials.1.county_looks_up": true,
			"materials.0.sample": absent, "materials.0.why_brought": absent,
			"steps.0.title": filled, "steps.0.text": filled, "steps.0.place": "村便民服务站",
			"situations.0.id": "who", "situations.0.type": "one", "situations.0.question": "给谁参保？", "situations.0.options.0.id": "self", "situations.0.options.0.text": "给我自己",
			"legal_limit": absent, "promised_limit.value": 0, "promised_limit.unit": "workday", "promised_limit.text": "当场办结", "promised_limit.note": "当场办完",
			"fee": like("^登记不收费。"), "result": "参保登记成功，当场告知", "basis.#": 3, "hours": filled, "faq.#": 3, "faq.0.q": filled, "faq.0.a": filled,
			"places.0.kind": "village_station", "places.0.name": filled, "places.0.address": filled, "places.0.hours": filled, "places.0.phone": filled, "places.0.area": like("^[0-9]{12}$"),
			"phones.0.name": filled, "phones.0.number": filled, "checked_on": "2026-11-02",
		}),
		guide("with a paper that is looked up elsewhere, and a form", claim, 200, "", map[string]any{
			"materials.1.id": "hukou_book", "materials.1.why_brought": like("以原件核验"), "materials.4.id": "application_form", "materials.4.sample": like("^姓名、身份证号"),
		}),
		guide("with a legal limit", "01932f00-4c00-7000-8000-000000000011", 200, "", map[string]any{"version": 1}),
		guide("unknown", someID, 404, "catalog.item_unknown", nil),
		guide("no id", "1", 404, "catalog.item_unknown", nil),
		guide("NUL", "a%00b", 404, "request.not_found", nil),
		guide("bad UTF-8", "%ff", 404, "request.not_found", nil),
	)
	legal := 0
	for _, g := range h.Catalog.Now().Guides() {
		w := h.send(t, "", "GET", "/api/v1/items/"+g.ID, "")
		v := read[guideView](t, w)
		if w.Code != 200 || v.ID != g.ID || v.Code == "" || v.Fee == "" || v.Result == "" || v.Hours == "" || len(v.Places) == 0 || len(v.Phones) == 0 {
			t.Errorf("%s: %d %s", g.Name, w.Code, w.Body)
		}
		if (v.LegalLimit != nil) != (g.LegalLimit != nil) {
			t.Errorf("%s: the legal limit is %v", g.Name, v.LegalLimit)
		}
		if v.LegalLimit != nil {
			legal++
		}
	}
	if legal == 0 {
		t.Error("no item has a legal limit")
	}
}

// TestGuideFields keeps the list of names that outside clients read: the white list.
func TestGuideFields(t *testing.T) {
	h := openHouse(t)
	names := jsonNames(t, h.send(t, "", "GET", "/api/v1/items/"+h.withLegalLimit(t), ""))
	want := strings.Fields("basis case_type checked_on clerk_can_file code conditions county_wide department faq fee hours id in_person legal_limit materials name phones places promised_limit result situations steps summary theme version waiting")
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}

func (h *house) withLegalLimit(t *testing.T) string {
	t.Helper()
	for _, g := range h.Catalog.Now().Guides() {
		if g.LegalLimit != nil {
			return g.ID
		}
	}
	t.Fatal("no item has a legal limit")
	return ""
}

func jsonNames(t *testing.T, w *httptest.ResponseRecorder) []string {
	t.Helper()
	return keysOf(read[any](t, w))
}

func TestGuideRepresentations(t *testing.T) {
	h := openHouse(t)
	const path = "/api/v1/items/" + pension
	plain := h.send(t, "", "GET", path, "")
	etag := plain.Header().Get("ETag")
	if plain.Code != 200 || len(etag) < 20 || plain.Header().Get("Vary") != "Accept-Encoding" || plain.Header().Get("Cache-Control") != "public, no-cache" ||
		plain.Header().Get("Content-Type") != "application/json" || plain.Header().Get("Content-Length") != strconv.Itoa(plain.Body.Len()) {
		t.Fatalf("%d %v", plain.Code, plain.Header())
	}
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept-Encoding", "gzip, deflate, br")
	zipped := httptest.NewRecorder()
	h.http.ServeHTTP(zipped, r)
	gtag := zipped.Header().Get("ETag")
	if zipped.Header().Get("Content-Encoding") != "gzip" || gtag == etag || zipped.Header().Get("Content-Length") != strconv.Itoa(zipped.Body.Len()) {
		t.Errorf("%v", zipped.Header())
	}
	unzip, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if whole, err := io.ReadAll(unzip); err != nil || !bytes.Equal(whole, plain.Body.Bytes()) {
		t.Error("the compressed guide is another one")
	}
	for _, c := range []struct {
		asked, accepts string
		status         int
	}{
		{etag, "", 304}, {gtag, "gzip", 304}, {etag, "gzip", 200}, {gtag, "", 200}, {"*", "", 304}, {`"x", W/` + etag, "", 304}, {"x", "", 200}, {`""`, "gzip;q=0", 200},
	} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("If-None-Match", c.asked)
		r.Header.Set("Accept-Encoding", c.accepts)
		w := httptest.NewRecorder()
		h.http.ServeHTTP(w, r)
		if w.Code != c.status || w.Header().Get("ETag") == "" || c.status == 304 && (w.Body.Len() > 0 || w.Header().Get("Content-Length") != "") {
			t.Errorf("%+v: %d %v", c, w.Code, w.Header())
		}
	}
	if w := h.send(t, "", "GET", path, "", "If-None-Match", etag); w.Code != 304 {
		t.Errorf("%d", w.Code)
	}
}

func TestChecklist(t *testing.T) {
	h := openHouse(t)
	list := func(name, body string, fields map[string]any) scenario {
		return scenario{name: name, method: "POST", path: "/items/" + pension + "/checklist", body: body, status: 200, fields: fields}
	}
	bad := func(name, body string, status int, code, at string) scenario {
		return scenario{name: name, method: "POST", path: "/items/" + pension + "/checklist", body: body, status: status, code: code, at: at}
	}
	all := map[string]any{"item_id": pension, "version": 1, "eligible": true, "reason": "", "materials.#": 6, "open.#": 5}
	h.play(t, nil,
		list("nothing said", `{}`, all),
		list("empty", `{"answers":{},"have":[]}`, all),
		list("for oneself, who has his card", `{"answers":{"who":"self","hukou":"here","job":"never","aid":"no","pay":"self"},"have":["id_card","grandmother"]}`, map[string]any{
			"eligible": true, "materials.#": 2, "materials.0.id": "id_card", "materials.0.state": "have", "materials.1.state": "county_looks_up", "materials.0.name": filled,
			"materials.0.kind": "original", "steps.#": 3, "open.#": 0}),
		list("as lists", `{"answers":{"who":["family"],"pay":["auto"]},"have":[]}`, map[string]any{"materials.2.id": "agent_id", "materials.2.state": "bring"}),
		list("who cannot", `{"answers":{"who":"young"}}`, map[string]any{"eligible": false, "reason": like("16周岁"), "materials.#": 0, "steps.#": 0}),
		bad("unknown question", `{"answers":{"where":"here"}}`, 422, "catalog.answer_unknown", "body.answers"),
		bad("unknown option", `{"answers":{"who":"me"}}`, 422, "catalog.answer_unknown", "body.answers.who"),
		bad("two of one", `{"answers":{"who":["self","family"]}}`, 422, "catalog.answer_unknown", "body.answers.who"),
		bad("a number", `{"answers":{"who":1}}`, 422, "request.invalid", "body.answers.who"),
		bad("null", `{"answers":{"who":null}}`, 422, "request.invalid", "body.answers.who"),
		bad("a list of numbers", `{"answers":{"who":[1]}}`, 422, "request.invalid", "body.answers.who"),
		bad("an object", `{"answers":{"who":{"a":1}}}`, 422, "request.invalid", "body.answers.who"),
		bad("a list for the answers", `{"answers":[]}`, 422, "request.invalid", "body.answers"),
		bad("have is no list", `{"have":"id_card"}`, 422, "request.invalid", "body.have"),
		bad("have is a name", `{"have":["居民身份证"]}`, 422, "request.invalid", "body.have"),
		bad("a hundred and one things", `{"have":[`+strings.TrimSuffix(strings.Repeat(`"x",`, 101), ",")+`]}`, 422, "request.invalid", "body.have"),
		bad("the same question twice", `{"answers":{"who":"self","who":"family"}}`, 400, "request.malformed", "body.answers.who"),
		bad("capitals", `{"ANSWERS":{}}`, 422, "request.invalid", ""),
		bad("a village too many", `{"village":"219901101201"}`, 422, "request.invalid", "body.village"),
		bad("deep", `{"answers":`+strings.Repeat(`{"a":`, 30)+`1`+strings.Repeat(`}`, 31), 400, "request.malformed", ""),
		bad("text after it", `{} {}`, 400, "request.malformed", "body"),
		bad("no body", ``, 400, "request.malformed", "body"),
		bad("10 MB", `{"have":["`+strings.Repeat("x", 10<<20)+`"]}`, 413, "request.too_large", ""),
		scenario{name: "unknown item", method: "POST", path: "/items/" + someID + "/checklist", body: `{}`, status: 404, code: "catalog.item_unknown"},
		scenario{name: "no id", method: "POST", path: "/items/x/checklist", body: `{}`, status: 404, code: "request.not_found"},
	)
	w := h.send(t, "", "POST", "/api/v1/items/"+pension+"/checklist", `{"answers":{"110101199003070011":"self"}}`)
	if strings.Contains(w.Body.String(), "110101199003070011") || w.Code != 422 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestTheWicket: a guide passes fewer checks than other calls, but it is counted, checked and logged like them.
func TestTheWicket(t *testing.T) {
	counter, err := cache.Open("", clock.System(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer counter.Close()
	h := openHouse(t, func(d *Deps) { d.Limiter = counter })
	const path = "/api/v1/items/" + pension
	h.play(t, nil, scenario{name: "no text in the query", method: "GET", path: "/items/" + pension + "?x=%00", status: 422, code: "request.invalid", at: "query.x"})
	w := h.send(t, "", "GET", path, "", "Authorization", "nonsense", "Referer", "https://servicewechat.com/wx0123456789abcdef/7/page-frame.html")
	lines := strings.Split(strings.TrimSpace(h.log.String()), "\n")
	var line map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil || len(lines) != 2 {
		t.Fatalf("%d lines for two requests: %s", len(lines), h.log)
	}
	for key, want := range map[string]any{
		"msg": "request", "level": "INFO", "method": "GET", "route": "/api/v1/items/:id", "name": "readGuide", "status": 200.0,
		"bytes": float64(w.Body.Len()), "request_id": w.Header().Get(requestIDHeader), "mini_program": "wx0123456789abcdef/7",
	} {
		if line[key] != want {
			t.Errorf("%s is %v, want %v", key, line[key], want)
		}
	}
	refused := httptest.NewRecorder()
	for range 2 * reads.Rate.Burst { // a few come back while we count
		refused = httptest.NewRecorder()
		if h.http.ServeHTTP(refused, httptest.NewRequest("GET", path, nil)); refused.Code != 200 {
			break
		}
	}
	if p := problemOf(t, refused); p.Code != "request.too_many" || refused.Header().Get("Retry-After") != "1" || refused.Header().Get("Cache-Control") != "no-store" || refused.Header().Get("ETag") != "" {
		t.Errorf("%d %s %v", refused.Code, refused.Body, refused.Header())
	}
}
