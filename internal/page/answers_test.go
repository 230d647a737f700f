package page

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// harmless is all that an address may tell besides what somebody searches for.
var harmless = regexp.MustCompile(`^(village=\d{12}|print=1)$`)

// TestAnswersStandInNoAddress: what somebody says of himself goes in a form's body, which neither a proxy's log nor a shared phone's
// history keeps. Only searches and links go by an address.
func TestAnswersStandInNoAddress(t *testing.T) {
	h := open(t)
	of := "village=" + string(xinglin)
	pages := []string{h.get("/"), h.get("/?" + of), h.get("/track")}
	for _, g := range h.Catalog.Now().Guides() {
		filled := firstOf(g.Item).Encode() + "&have=" + g.Materials[0].ID
		pages = append(pages, h.get("/items/"+g.ID), h.get("/items/"+g.ID+"?"+of), h.list(g.ID, filled), h.list(g.ID, filled+"&"+of))
	}
	form := answered(h)
	form.Set("name", "12345")
	pages = append(pages, h.post(noticePath, form, 422))
	form.Set("name", "王小芳")
	pages = append(pages, h.post(noticePath, form, 201))
	form.Set("print", "1")
	pages = append(pages, h.post(noticePath, form, 201))
	at := h.location
	pages = append(pages, h.get(at), h.get(at+"?print=1"))
	told := map[string]int{}
	for _, page := range pages {
		method := ""
		for _, tag := range markup(page) {
			name := attr(tag, "name")
			switch {
			case tag.Data == "form":
				method = attr(tag, "method")
			case name != "" && tag.Data != "meta" && method != "post" && name != "q" && name != "village":
				t.Errorf("a form puts %s into its address", name)
			}
			if attr(tag, "formmethod") != "" {
				t.Errorf("a button sends its form by %s", attr(tag, "formmethod"))
			}
			for _, goes := range []string{"href", "action", "formaction"} {
				_, query, some := strings.Cut(attr(tag, goes), "?")
				if some && !harmless.MatchString(query) {
					t.Errorf("a link tells %s", query)
				}
				name, _, _ := strings.Cut(query, "=")
				told[name]++
			}
		}
	}
	if told["village"] == 0 || told["print"] == 0 {
		t.Errorf("the links told %v", told)
	}
	r := httptest.NewRequest("POST", "/items/"+pension, strings.NewReader("a.who=self"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Location") != "" {
		t.Errorf("answers are kept: %v", w.Header())
	}
}

// TestQuestionsAreNumbered: all stand on one page, so each says how many there are (decision 72).
func TestQuestionsAreNumbered(t *testing.T) {
	h := open(t)
	for _, g := range h.Catalog.Now().Guides() {
		guide := h.get("/items/" + g.ID)
		for _, page := range []string{guide, h.list(g.ID, firstOf(g.Item).Encode())} {
			for i, s := range g.Situations {
				wantText(t, page, fmt.Sprintf("<small>第%d题/共%d题</small> %s", i+1, len(g.Situations), s.Question))
			}
			if n := strings.Count(page, "题</small>"); n != len(g.Situations) {
				t.Errorf("%s: %d numbers for %d questions", g.Name, n, len(g.Situations))
			}
		}
	}
}
