package page

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAnswersStandInNoAddress: what somebody says of himself goes in a form's body, which neither a proxy's log nor a shared phone's
// history keeps. Only searches and links go by an address.
func TestAnswersStandInNoAddress(t *testing.T) {
	h := open(t)
	pages := []string{h.get("/"), h.get("/?village=" + string(xinglin)), h.get("/track")}
	for _, g := range h.Catalog.Now().Guides() {
		pages = append(pages, h.get("/items/"+g.ID), h.list(g.ID, firstOf(g.Item).Encode()+"&have="+g.Materials[0].ID))
	}
	form := answered(h)
	form.Set("name", "12345")
	pages = append(pages, h.post(noticePath, form, 422))
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
			if _, query, _ := strings.Cut(attr(tag, "href"), "?"); query != "" && !strings.HasPrefix(query, "village=") && query != "print=1" {
				t.Errorf("a link tells %s", query)
			}
		}
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
