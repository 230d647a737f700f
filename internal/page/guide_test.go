package page

import (
	"html"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tongban/internal/catalog"
)

// firstOf are the first answers to each question that let one go on.
func firstOf(it *catalog.Item) url.Values {
	form := url.Values{}
	for _, s := range it.Situations {
		for _, o := range s.Options {
			if o.Stop == "" {
				form.Set(answerField+s.ID, o.ID)
				break
			}
		}
	}
	return form
}

// TestEveryItem shows all guides and lists of the county: nobody answered, somebody answered all, somebody may not apply.
func TestEveryItem(t *testing.T) {
	h := open(t)
	guides := h.Catalog.Now().Guides()
	if len(guides) != 39 {
		t.Fatalf("%d items", len(guides))
	}
	for _, g := range guides {
		for _, village := range []string{"", "&village=" + string(xinglin)} {
			page := html.UnescapeString(h.get("/items/" + g.ID + "?" + strings.TrimPrefix(village, "&")))
			wantText(t, page, g.Name, g.Summary, g.Fee.Text, g.Result.Name, "不会用手机")
			for _, m := range g.Materials {
				wantText(t, page, m.Name, m.Hint, m.Basis, m.WhyBrought, m.Sample)
			}
			for _, s := range g.Steps {
				wantText(t, page, s.Title, s.Text)
			}
			for _, s := range g.Situations {
				wantText(t, page, s.Question)
			}
			for _, q := range g.FAQ {
				wantText(t, page, q.Q, q.A)
			}
			for _, line := range append(g.Conditions, g.Basis...) {
				wantText(t, page, line)
			}
		}
		list := html.UnescapeString(h.list(g.ID, "village="+string(xinglin)))
		for _, m := range g.Materials {
			wantText(t, list, m.Name)
		}
		answered := firstOf(g.Item)
		page := h.list(g.ID, answered.Encode())
		left, err := g.Prune(answersOf(g.Item, answered), nil)
		must(t, err)
		if got := strings.Count(page, `class="no">`) - len(left.Steps); left.Eligible && got != len(left.Materials) {
			t.Errorf("%s: %d materials in the list of %d", g.Name, got, len(left.Materials))
		}
		for _, s := range g.Situations {
			for _, o := range s.Options {
				if o.Stop != "" && s.When == nil {
					stopped := html.UnescapeString(h.list(g.ID, answerField+s.ID+"="+o.ID))
					wantText(t, stopped, "现在还办不了", o.Stop)
					if strings.Contains(stopped, "生成一次性告知单") {
						t.Errorf("%s: a notice is offered to somebody who cannot apply", g.Name)
					}
				}
			}
		}
	}
}

func TestListHasFourStates(t *testing.T) {
	h := open(t)
	page := h.list(pension, "a.who=family&a.hukou=here&a.job=never&a.aid=poor&a.pay=auto&have=id_card&have=<x>")
	wantText(t, page, "要带2样，已有1样（去时带上），县里能查2样", `value="id_card" checked`, `value="family" checked`)
	if strings.Contains(page, "残疾人证 <span") || strings.Contains(page, "个问题没答") {
		t.Error("the answers shortened nothing")
	}
	short := h.list(pension, "a.who=self")
	wantText(t, short, "还有4个问题没答", "看情况")

	village := h.list("01932f00-4c00-7000-8000-000000000002", "")
	wantText(t, village, "村里可开")
}

// A paper that one may do without is counted apart and says so in words, on the screen and on the notice.
func TestOptionalPapersAreCountedApart(t *testing.T) {
	bring, spare := catalog.Needed{State: catalog.Bring}, catalog.Needed{State: catalog.Bring}
	bring.Necessity, spare.Necessity = "deferrable", "optional"
	held := catalog.Needed{Material: spare.Material, State: catalog.Have}
	for want, list := range map[string][]catalog.Needed{
		"要带1样，有就带2样，已有1样（去时带上）": {spare, bring, held, spare}, "有就带1样": {spare}, "要带1样": {bring}, "不用带材料": nil,
	} {
		if got := countOf(list); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	h := open(t)
	const lowIncome = "01932f00-4c00-7000-8000-000000000014"
	page := h.list(lowIncome, "a.hardship=student")
	wantText(t, page, "有就带1样", `学费缴费单 <span class="state optional">有就带</span>`, `value="tuition_papers">这一样我有了`)
	wantText(t, h.list(lowIncome, "a.hardship=student&have=tuition_papers"), "已有1样", `学费缴费单 <span class="state have">有了，带上</span>`)
}

func TestNoneOfTheseIsAnAnswer(t *testing.T) {
	h := open(t)
	const invest = "01932f00-4c00-7000-8000-000000000035" // asks what else was put in; "none" has no option of its own
	guide, err := h.Catalog.Guide(invest)
	must(t, err)
	if s := guide.Situation("invest"); s == nil || s.Type != catalog.Many {
		t.Fatal("the item asks something else now")
	}
	form := firstOf(guide.Item)
	form.Del("a.invest")
	open := h.list(invest, form.Encode())
	form.Set("a.invest", noneOfThese)
	none := h.list(invest, form.Encode())
	wantText(t, open, "还有1个问题没答")
	wantText(t, none, `value="-" checked>以上都没有`, `<input type="hidden" name="a.invest" value="-">`)
	if strings.Contains(none, "个问题没答") {
		t.Error("the tick counts for nothing")
	}
}

func TestQuestionSaysWhoIsAsked(t *testing.T) {
	it := &catalog.Item{Situations: []catalog.Situation{
		{ID: "who", Type: catalog.One, Options: []catalog.Option{{ID: "a", Text: "甲"}, {ID: "b", Text: "乙"}, {ID: "c", Text: "丙", Stop: "不行"}}},
		{ID: "two", Type: catalog.One, When: catalog.When{"who": {"a"}}, Options: []catalog.Option{{ID: "x", Text: "子"}, {ID: "y", Text: "丑"}}},
	}}
	for _, c := range []struct {
		when catalog.When
		want string
	}{
		{nil, ""}, {catalog.When{"who": {"a", "b"}}, ""}, {catalog.When{"who": {"a"}}, "第1题选了“甲”的人才答"},
		{catalog.When{"two": {"y"}, "who": {"b", "c"}}, "第1题选了“乙”或“丙”，并且第2题选了“丑”的人才答"},
	} {
		if got := only(it, c.when); got != c.want {
			t.Errorf("%v: %q", c.when, got)
		}
	}
}

func TestAddressesThatNoFormMakes(t *testing.T) {
	h := open(t)
	for filled, status := range map[string]int{
		"a.who=stranger":                        422,
		"a.who=self&a.who=family":               422,
		"x=" + strings.Repeat("a", largestForm): 413,
		"a.who=%zz":                             400,
		"village=nowhere&a.nothing=x":           200,
	} {
		r := httptest.NewRequest("POST", "/items/"+pension, strings.NewReader(filled))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		h.ask(r, status)
	}
	h.post("/items/none", nil, 404)
	for query, status := range map[string]int{
		"x=" + strings.Repeat("a", longestQuery): 400,
		"village=%zz":                            400,
		"village=%3Cscript%3E":                   200,
		"see=1&a.who=self":                       200, // as forms once made them: the guide, and no answer is read
	} {
		page := h.ask(httptest.NewRequest("GET", "/items/"+pension+"?"+query, nil), status)
		if (status == 400) != strings.Contains(page, errAddress.Title) {
			t.Errorf("%.40s: %s", query, page)
		}
	}
}

// TestNewPublicationShows: the ready pages go when the catalogue changes.
func TestNewPublicationShows(t *testing.T) {
	h := open(t)
	before := h.get("/items/" + pension)
	first := h.ready.Load()
	if h.get("/items/" + pension); h.ready.Load() != first {
		t.Error("the shelf was thrown away for nothing")
	}
	must(t, h.publish(func(text string) string {
		return strings.Replace(text, "材料齐，当场办完。", "材料齐，马上办完。", 1)
	}))
	after := h.get("/items/" + pension)
	wantText(t, before, "材料齐，当场办完。", "第1版")
	wantText(t, after, "材料齐，马上办完。", "第2版")
}
