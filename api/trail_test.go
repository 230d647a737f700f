package api

import (
	"net/http"
	"strings"
	"testing"
)

// TestTheTrailIsReadByTheAuditAdministrator: he finds who did what, by each filter; nobody else does; nothing personal stands
// there; and his reading is found in turn.
func TestTheTrailIsReadByTheAuditAdministrator(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	zhang, auditor := h.actor(t, "zhang"), h.actor(t, "audit-admin")
	h.tellMore(t, "zhang", "13800000001", "")
	clerk := h.actor(t, "clerk-xinglin")
	s := h.hand(t, ordinary())
	h.must(t, "clerk-xinglin", 200, "GET", "/residents/"+zhang.Person, "")
	vars := map[string]string{"appeal": s.id, "clerk": clerk.Person, "zhang": zhang.Person, "auditor": auditor.Person, "village": xinglin, "today": "2026-11-23"}
	h.play(t, vars,
		scenario{name: "what was done to an appeal", who: "audit-admin", method: "GET", path: "/trail?object={appeal}", status: 200, fields: map[string]any{
			"items.#": 1, "items.0.act": "appeal.submit", "items.0.person": "{clerk}", "items.0.role": "clerk", "items.0.area": "{village}", "items.0.at": "2026-11-23T09:00:00+08:00", "next": "",
		}},
		scenario{name: "who read a name", who: "audit-admin", method: "GET", path: "/trail?object={zhang}&act=person.read&person={clerk}&kind=person", status: 200, fields: map[string]any{
			"items.0.why": filled, "items.0.fields.0": "name", "items.0.seq": absent, "items.0.hash": absent,
		}},
		scenario{name: "of another day", who: "audit-admin", method: "GET", path: "/trail?from=2026-11-24&object={appeal}", status: 200, fields: map[string]any{"items.#": 0}},
		scenario{name: "of another village", who: "audit-admin", method: "GET", path: "/trail?area=219901201&object={appeal}", status: 200, fields: map[string]any{"items.#": 0}},
		scenario{name: "a page of one", who: "audit-admin", method: "GET", path: "/trail?limit=1&kind=person", status: 200, fields: map[string]any{"items.#": 1, "next": filled}, saves: map[string]string{"next": "next", "first": "items.0.id"}},
		scenario{name: "the page after it", who: "audit-admin", method: "GET", path: "/trail?limit=1&kind=person&after={next}", status: 200, fields: map[string]any{"items.#": 1}},
		scenario{name: "his own reading", who: "audit-admin", method: "GET", path: "/trail?kind=trail", status: 200, fields: map[string]any{
			"items.#": 6, "items.0.act": "trail.read", "items.0.person": "{auditor}", "items.5.why": filled,
		}},
		scenario{name: "heads", who: "audit-admin", method: "GET", path: "/trail/heads?limit=100", status: 200, fields: map[string]any{"items.0.hash": filled, "items.0.length": filled}},
		scenario{name: "days the wrong way round", who: "audit-admin", method: "GET", path: "/trail?from=2026-11-24&to=2026-11-23", status: 422, code: "request.invalid", at: "query.to"},
		scenario{name: "no day", who: "audit-admin", method: "GET", path: "/trail?from=yesterday", status: 422, code: "request.invalid", at: "query.from"},
		scenario{name: "no act", who: "audit-admin", method: "GET", path: "/trail?act=%27%20OR%201=1", status: 422, code: "request.invalid", at: "query.act"},
		scenario{name: "the system administrator", who: "system-admin", method: "GET", path: "/trail", status: 403, code: "request.forbidden"},
		scenario{name: "the security administrator", who: "security-admin", method: "GET", path: "/trail/heads", status: 403, code: "request.forbidden"},
		scenario{name: "a resident", who: "zhang", method: "GET", path: "/trail", status: 403, code: "request.forbidden"},
		scenario{name: "nobody", method: "GET", path: "/trail", status: 401, code: "token.missing"},
	)
	all := h.must(t, "audit-admin", 200, "GET", "/trail?limit=100", "")
	for _, personal := range []string{"张杏花", "13800000001", "水压", "苗杏芳", s.queryCode} {
		if strings.Contains(all.Body.String(), personal) {
			t.Errorf("the trail tells %s", personal)
		}
	}
	if got := all.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("it may be kept: %s", got)
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		if w := h.send(t, "audit-admin", method, "/api/v1/trail", ""); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

// TestTheAuditAdministratorComplainedOf finds neither the complaint nor its photo in the trail, nor who sent either.
func TestTheAuditAdministratorComplainedOf(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	complaint := ordinary()
	complaint.by, complaint.whose, complaint.aboutPerson = "zhang", "", "audit-admin"
	complaint.photo = h.keep(t, "zhang")
	h.hand(t, complaint)
	other := ordinary()
	other.by, other.whose, other.photo = "zhang", "", h.keep(t, "zhang")
	h.hand(t, other)
	office := ordinary()
	office.by, office.whose, office.aboutOffice = "zhang", "", "county-hall"
	h.hand(t, office)
	if w := h.must(t, "audit-admin", 200, "GET", "/trail?limit=100&kind=appeal", ""); strings.Contains(w.Body.String(), complaint.id) || !strings.Contains(w.Body.String(), other.id) {
		t.Errorf("the trail of all appeals: %s", w.Body)
	}
	for name, c := range map[string]struct {
		object string
		told   bool
	}{
		"the complaint": {complaint.id, false}, "its photo": {complaint.photo, false}, "about his office": {office.id, false},
		"another appeal": {other.id, true}, "its photo, too": {other.photo, true},
	} {
		w := h.must(t, "audit-admin", 200, "GET", "/trail?object="+c.object, "")
		if told := len(itemsOf(t, w)) > 0; told != c.told {
			t.Errorf("%s: told %t, want %t", name, told, c.told)
		}
	}
}
