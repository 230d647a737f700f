package page

import (
	"html"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
)

// answered is the form of somebody who answered all of pension's questions.
func answered(h *house) url.Values {
	h.t.Helper()
	query := "village=" + string(xinglin) + "&a.who=family&a.hukou=here&a.job=never&a.aid=poor&a.pay=auto"
	page := h.list(pension, query)
	form, err := url.ParseQuery(query)
	must(h.t, err)
	form.Set("key", field(h.t, page, "key"))
	form.Set("name", "王小芳")
	return form
}

const noticePath = "/items/" + pension + "/notice"

var queryCode = regexp.MustCompile(`<p class="code">(\d{6})</p>`)

func (h *house) notices() (n int64) {
	h.t.Helper()
	must(h.t, h.store.Read(h.t.Context()).Table("notices").Count(&n).Error)
	return n
}

func TestNoticeIsWrittenOnce(t *testing.T) {
	h := open(t)
	form := answered(h)
	first := h.post(noticePath, form, 201)
	at := h.location
	code := queryCode.FindStringSubmatch(first)
	if code == nil || !strings.HasPrefix(at, "/q/") {
		t.Fatalf("no query code, or no place: %q", at)
	}
	wantText(t, first, "王小芳", "柳泉镇杏林村", "GZ101201 261123 ", "只显示这一次", "第1版", "2026年11月23日 09:00", base+at)

	if again := h.post(noticePath, form, 201); again != first || h.location != at {
		t.Error("the same form again gave something else")
	}
	form.Set("print", "1")
	wantText(t, h.post(noticePath, form, 201), `<body class="paper">`, code[1], "纸张选 A4")
	if n := h.notices(); n != 1 {
		t.Errorf("%d notices", n)
	}
	form.Set("name", "王大芳")
	wantText(t, h.post(noticePath, form, 422), "内容却不一样")

	later := h.get(at)
	wantText(t, later, "王**", base+at)
	if strings.Contains(later, code[1]) || strings.Contains(later, "王小芳") {
		t.Error("whoever scans the notice learns query code or name")
	}
}

func TestSameFormAtOnce(t *testing.T) {
	h := open(t)
	form := answered(h)
	pages := make([]string, 8)
	var all sync.WaitGroup
	for i := range pages {
		all.Go(func() {
			r := httptest.NewRequest("POST", noticePath, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			h.mux.ServeHTTP(w, r)
			pages[i] = w.Body.String()
		})
	}
	all.Wait()
	for _, page := range pages {
		if page != pages[0] || !queryCode.MatchString(page) {
			t.Error("two senders of one form were told different things")
		}
	}
	if n := h.notices(); n != 1 {
		t.Errorf("%d notices", n)
	}
}

// TestPaperHoldsEverything: whatever the checklist says stands on the printed page, numbered and with a box to tick.
func TestPaperHoldsEverything(t *testing.T) {
	h := open(t)
	for _, g := range h.Catalog.Now().Guides() {
		form := firstOf(g.Item)
		list, err := g.Prune(answersOf(g.Item, form), nil)
		must(t, err)
		if !list.Eligible {
			t.Fatalf("%s: the first answers stop", g.Name)
		}
		form.Set("key", uuid.NewString())
		form.Set("village", string(xinglin))
		h.post("/items/"+g.ID+"/notice", form, 201)
		page := html.UnescapeString(h.get(h.location + "?print=1"))
		wantText(t, page, `<body class="paper">`, g.Name, "12345", "0400-5550211")
		ticks := 0
		for i, m := range list.Materials {
			wantText(t, page, m.Name, m.Hint, `<span class="no">`+string(rune('1'+i%9)))
			if m.State != "county_looks_up" {
				ticks++
			}
		}
		if got := strings.Count(page, `class="tick"`); got != ticks {
			t.Errorf("%s: %d boxes for %d papers", g.Name, got, ticks)
		}
		for _, s := range list.Steps {
			wantText(t, page, s.Title, s.Text)
		}
		for _, p := range h.Catalog.Now().PlacesIn(g.Item, xinglin) {
			wantText(t, page, p.Name, p.Address, p.Phone)
		}
	}
}

func TestTypedTextNeverRuns(t *testing.T) {
	h := open(t)
	const evil = `"><script>alert(1)</script><b style="x">&`
	form := answered(h)
	form.Set("name", `王<script>alert(1)</script>`)
	page := h.post(noticePath, form, 201)
	wantText(t, page, "王&lt;script&gt;alert(1)&lt;/script&gt;")
	for _, path := range []string{
		"/?q=" + url.QueryEscape(evil), "/?village=" + url.QueryEscape(evil),
	} {
		if strings.Contains(h.get(path), "<b style") {
			t.Errorf("%s is given back as markup", path)
		}
	}
	if strings.Contains(h.list(pension, "have="+url.QueryEscape(evil)+"&village="+url.QueryEscape(evil)), "<b style") {
		t.Error("a form is given back as markup")
	}
	wantText(t, h.get("/?q="+url.QueryEscape(evil)), "&lt;script&gt;")
	wantText(t, h.post("/track", url.Values{"number": {evil}, "query_code": {"1"}}, 404), "&lt;script&gt;")
	h.ask(httptest.NewRequest("GET", "/q/"+url.PathEscape(evil), nil), 404)
	form = answered(h)
	form.Set("name", evil+strings.Repeat("长", 60))
	wantText(t, h.post(noticePath, form, 422), "姓名太长", "&lt;script&gt;")
}

// TestFormIsAskedAgain: what is wrong stands beside its field, and nothing typed is lost.
func TestFormIsAskedAgain(t *testing.T) {
	h := open(t)
	form := answered(h)
	form.Set("village", "")
	form.Set("have", "id_card")
	page := h.post(noticePath, form, 422)
	wantText(t, page, `name="have" value="id_card"`, `value="id_card" checked`, "没有这个村", `<select id="village"`, `<optgroup label="石桥乡">`, `value="王小芳"`, `name="a.who" value="family"`)
	if field(t, page, "key") == form.Get("key") {
		t.Error("the old key would refuse the corrected form")
	}
	form.Set("key", field(t, page, "key"))
	form.Set("village", string(xinglin))
	form.Set("name", "12345")
	page = h.post(noticePath, form, 422)
	wantText(t, page, "姓名写法不对", `aria-invalid="true"`)
	form.Set("name", "")
	h.post(noticePath, form, 201)
	if n := h.notices(); n != 1 {
		t.Errorf("%d notices", n)
	}
}

func TestFormsThatNoPageMade(t *testing.T) {
	h := open(t)
	for _, key := range []string{"", "x", "00000000-0000-0000-0000-000000000000", strings.Repeat("a", 64)} {
		form := answered(h)
		form.Set("key", key)
		wantText(t, h.post(noticePath, form, 400), errForm.Title)
	}
	form := answered(h)
	form.Set("a.who", "student")
	wantText(t, h.post(noticePath, form, 422), "现在还办不了", "在校学生暂时不用参加")
	form.Set("a.who", "nobody")
	h.post(noticePath, form, 422)
	form.Set("name", strings.Repeat("x", 20<<10))
	wantText(t, h.post(noticePath, form, 413), errLarge.Title)
	wantText(t, h.post("/items/none/notice", answered(h), 404), "没有这个事项")
	r := httptest.NewRequest("POST", noticePath, strings.NewReader("a=%zz"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	h.ask(r, 400)
	if n := h.notices(); n != 0 {
		t.Errorf("%d notices", n)
	}
}

func TestOldNoticeSaysSo(t *testing.T) {
	h := open(t)
	h.post(noticePath, answered(h), 201)
	at := h.location
	must(t, h.publish(func(text string) string {
		return strings.Replace(text, "材料齐，当场办完。", "材料齐，马上办完。", 1)
	}))
	wantText(t, h.get(at), "办事指南改过了", "第1版", `href="/items/`+pension+`?village=219901101201"`)
}
