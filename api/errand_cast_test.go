package api

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/errand"
	"tongban/internal/flow"
)

// entrusted is an entrustment by fingerprint before two witnesses.
const entrusted = `"scope":"代我申请待遇","powers":["file","papers","correct","receive"],"valid_until":"2027-06-30","method":"fingerprint","witnesses":["王见证","李见证"]`

// entrust begins the errand of a draft.
func (h *house) entrust(t testing.TB, m *matter) ErrandView {
	t.Helper()
	return read[ErrandView](t, h.must(t, m.by, http.StatusCreated, "POST", "/errands", `{"case":"`+m.id+`",`+entrusted+`}`))
}

// readyToFile entrusts the clerk with a draft, has the identity of who entrusts looked at, and the papers; once.
func (h *house) readyToFile(t testing.TB, m *matter) string {
	t.Helper()
	if m.errand == "" {
		m.errand = h.entrust(t, m).ID
		h.must(t, m.by, http.StatusOK, "POST", "/errands/"+m.errand+"/identify", `{"how":"in_person","document":"id_card"}`)
		h.must(t, m.by, http.StatusOK, "POST", "/errands/"+m.errand+"/check", `{}`)
	}
	return "/errands/" + m.errand + "/file"
}

// file is how a clerk hands a case in: entrusted with it, the identity and the papers looked at. It answers whatever comes.
func (h *house) file(t testing.TB, m *matter) *httptest.ResponseRecorder {
	t.Helper()
	w := h.send(t, m.by, "POST", base+h.readyToFile(t, m), `{"papers":`+m.papers+`}`, keyHeader, uuid.NewString())
	if w.Code == http.StatusOK {
		v := read[filedView](t, w)
		m.number, m.queryCode = v.CaseNumber, v.QueryCode
	}
	return w
}

// fileWith files a draft that the clerk of 杏林村 began.
func (h *house) fileWith(t testing.TB, draft, papers string) {
	t.Helper()
	m := &matter{by: "clerk-xinglin", id: draft, papers: papers}
	if w := h.file(t, m); w.Code != http.StatusOK {
		t.Fatalf("filed: %d %s", w.Code, w.Body)
	}
}

var errandBodies = map[flow.Act]string{
	errand.Check: `{}`, errand.File: `{"papers":{papers}}`, errand.Pause: `{"text":"委托人住院了。"}`, errand.GoOn: `{}`, errand.TakeResult: `{}`,
	errand.HandOver: `{"relation":"family","receiver":"张家人","proof":"签字"}`, errand.Archive: `{}`,
	errand.Stop: `{"reason":"other","text":"群众说不办了。"}`, errand.Revoke: `{}`,
}

// anErrandCase is an errand of a test with its case.
type anErrandCase struct {
	id string
	*matter
}

// onErrandAct does the act as somebody, and answers whatever comes.
func (h *house) onErrandAct(t testing.TB, who string, do flow.Act, e anErrandCase) *httptest.ResponseRecorder {
	t.Helper()
	path := base + "/errands/" + e.id + "/" + strings.ReplaceAll(string(do), "_", "-")
	return h.send(t, who, "POST", path, fill(errandBodies[do], map[string]string{"papers": e.papers}), keyHeader, uuid.NewString())
}

// errandPlayer is who plays a role; whoever revokes does so through another clerk than his agent.
func errandPlayer(role access.Role, do flow.Act, e anErrandCase) string {
	if role == access.Clerk && do == errand.Revoke {
		return "deputy-xinglin"
	}
	return playerOf(role, e.matter)
}

// errandWay is the shortest way to each state, in acts; byCounty stands for the county's decision.
const byCounty flow.Act = "byCounty"

var errandWay = map[flow.State][]flow.Act{
	errand.Entrusted: {}, errand.Checked: {errand.Check}, errand.SentIn: {errand.Check, errand.File}, errand.Paused: {errand.Check, errand.File, errand.Pause},
	errand.ResultReceived: {errand.Check, errand.File, byCounty}, errand.HandedOver: {errand.Check, errand.File, byCounty, errand.HandOver},
	errand.Archived: {errand.Check, errand.File, byCounty, errand.HandOver, errand.Archive}, errand.Stopped: {errand.Stop}, errand.Revoked: {errand.Revoke},
}

func (h *house) walkErrand(t testing.TB, e anErrandCase, acts ...flow.Act) {
	t.Helper()
	for _, do := range acts {
		if do == byCounty {
			h.walkCase(t, e.matter, casework.Receive, casework.Accept, casework.Review, casework.Grant)
			continue
		}
		if w := h.onErrandAct(t, errandPlayer(access.Clerk, do, e), do, e); w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", do, w.Code, w.Body)
		}
	}
}

// errandAt is a new errand in that state.
func (h *house) errandAt(t *testing.T, state flow.State) anErrandCase {
	t.Helper()
	m := h.draft(t, filed())
	e := anErrandCase{h.entrust(t, m).ID, m}
	h.must(t, m.by, http.StatusOK, "POST", "/errands/"+e.id+"/identify", `{"how":"in_person","document":"id_card"}`)
	h.walkErrand(t, e, errandWay[state]...)
	return e
}

// errandStands is the errand as who entrusted it sees it.
func (h *house) errandStands(t *testing.T, e anErrandCase) ErrandView {
	t.Helper()
	return read[ErrandView](t, h.must(t, "zhang", http.StatusOK, "GET", "/errands/"+e.id, ""))
}

func hasErrandRow(do flow.Act, is func(flow.Row) bool) bool {
	return slices.ContainsFunc(errand.Flow.Rows, func(r flow.Row) bool { return r.Do == do && is(r) })
}

// entrust has an errand in each relation.
func (m *matrix) entrust(t *testing.T) {
	t.Helper()
	m.keepLedgers()
	m.rateCases(t)
	for rel, of := range map[relation]matter{
		his: {by: "clerk-xinglin", whose: "zhang", item: claim}, neighbours: {by: "clerk-xinglin", whose: "li", item: claim},
		elsewhere: {by: "clerk-hewan", whose: "wang", item: claim}, faraway: {by: "clerk-songling", whose: "zhao", item: relief},
	} {
		m.place(anErrand, rel, "", m.house.entrust(t, m.draft(t, &of)).ID)
	}
	m.queuesUp(t)
}

// onAnErrand is the rule of an act on an errand, and notingErrand for what a clerk records.
func onAnErrand(body string, by ...access.Role) []rule {
	return []rule{{who: person, of: anErrand, by: by, deny: notByYou, want: staleErrand, body: atVersion(staleVersion, body)}}
}

func notingErrand(body string) []rule {
	return []rule{{who: staff, of: anErrand, by: roles(clerk), deny: notForYou, want: staleErrand, body: atVersion(staleVersion, body)}}
}
