package api

import (
	"strings"
	"testing"
	"time"

	"tongban/internal/casework"
)

// TestHowLongOthersWaited: five cases are decided after two working days each; the next day the guide, the list, the page and an
// open case say so. Only the guide that says something else gets another ETag.
func TestHowLongOthersWaited(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	const ours, another = base + "/items/" + claim, base + "/items/" + relief
	count := func() {
		t.Helper()
		if _, err := h.Cases.CountWaits(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := h.Catalog.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	tag := func(path string) string { return h.send(t, "", "GET", path, "").Header().Get("ETag") }
	h.play(t, nil, scenario{name: "nobody counted yet", method: "GET", path: "/items/" + claim, status: 200, fields: map[string]any{"waiting": "", "waiting_time": absent}})
	count()
	h.play(t, nil, scenario{name: "too few", method: "GET", path: "/items/" + claim, status: 200, fields: map[string]any{"waiting": "最近三个月办完的太少，说不准要等多久", "waiting_time": absent}})
	oursBefore, otherBefore := tag(ours), tag(another)

	var waiting []*matter
	for range 5 {
		m := h.draft(t, filed())
		h.walkCase(t, m, casework.Submit, casework.Receive, casework.Accept, casework.Review)
		waiting = append(waiting, m)
	}
	h.clock.Advance(48 * time.Hour)
	for _, m := range waiting {
		h.walkCase(t, m, casework.Grant)
	}
	count() // of today nothing is told until the day is over
	if tag(ours) != oursBefore {
		t.Error("the guide changed within the day")
	}
	h.clock.Advance(24 * time.Hour)
	count()
	const said = "最近三个月，十个人里有九个等了不超过 2 个工作日"
	open := h.draft(t, filed())
	h.play(t, map[string]string{"open": open.id, "decided": waiting[0].id},
		scenario{name: "the guide", method: "GET", path: "/items/" + claim, status: 200, fields: map[string]any{
			"waiting": said, "waiting_time.months": 3, "waiting_time.decided": 5, "waiting_time.median_workdays": 2, "waiting_time.p90_workdays": 2,
		}},
		scenario{name: "the list", method: "GET", path: "/items?q=养老保险待遇申领", status: 200, fields: map[string]any{"items.0.id": claim, "items.0.waiting": said}},
		scenario{name: "an open case", who: "clerk-xinglin", method: "GET", path: "/cases/{open}", status: 200, fields: map[string]any{"waiting": said}},
		scenario{name: "a decided one", who: "clerk-xinglin", method: "GET", path: "/cases/{decided}", status: 200, fields: map[string]any{"waiting": ""}},
	)
	if page := h.send(t, "", "GET", "/items/"+claim, ""); !strings.Contains(page.Body.String(), said) {
		t.Errorf("the page does not say it: %d", page.Code)
	}
	if tag(ours) == oursBefore {
		t.Error("the guide says something else under the same ETag")
	}
	if tag(another) != otherBefore {
		t.Error("a guide that says the same has another ETag")
	}
	if w := h.send(t, "", "GET", another, "", "If-None-Match", otherBefore); w.Code != 304 {
		t.Errorf("whoever has it gets %d", w.Code)
	}
}
