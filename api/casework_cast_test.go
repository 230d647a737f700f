package api

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/flow"
)

// Items of the demo county.
const (
	claim    = "01932f00-4c00-7000-8000-000000000003" // 待遇申领, ten working days
	legalAid = "01932f00-4c00-7000-8000-000000000036" // lapses without its correction
	relief   = "01932f00-4c00-7000-8000-000000000016" // 临时救助, decided by the town
)

// caseAnswers keep the lists of papers short.
var caseAnswers = map[string]string{
	pension:  `{"who":"self","hukou":"here","job":"never","aid":"no","pay":"self"}`,
	claim:    `{"age":"yes","other":"none","years":"full","card":"making"}`,
	legalAid: `{"who":"self","matter":"wage"}`,
	relief:   `{}`,
}

// caseBodies are right for each act on an ordinary case; caseWords fills the {variables}.
var caseBodies = map[flow.Act]string{
	casework.Submit:        `{"papers":{papers}}`,
	casework.Discard:       `{}`,
	casework.Receive:       `{}`,
	casework.Accept:        `{"note":"材料齐全"}`,
	casework.AskCorrection: `{"defects":[{"material":"id_card","reason":"illegible","text":"请重新拍清楚身份证正反面。"}]}`,
	casework.Correct:       `{"papers":[{"material":"id_card"}]}`,
	casework.Refuse:        `{"reason":"not_our_power","text":"这件事归县医保局办，请到医保窗口。"}`,
	casework.Dismiss:       `{"reason":"automatic","text":"不用申请，到时自动发放。"}`,
	casework.Review:        `{}`,
	casework.Suspend:       `{"procedure":"testing","until_on":"{soon}","text":"要到县里鉴定。"}`,
	casework.Resume:        `{}`,
	casework.Extend:        `{"days":5,"approver":"县局负责人","text":"要到外县核实情况。"}`,
	casework.Grant:         `{"text":"符合条件，从下个月起发放。"}`,
	casework.Deny:          `{"reason":"conditions_not_met","text":"还没有满六十周岁。"}`,
	casework.Terminate:     `{"reason":"applicant_gone","text":"申请人已经去世。"}`,
	casework.Withdraw:      `{"text":"先不办了，明年再办。"}`,
	casework.Deliver:       `{"method":"in_person","relation":"self","proof":"本人签字"}`,
	casework.Conclude:      `{}`,
}

// caseWay is the shortest way to each state, in acts.
var caseWay = map[flow.State][]flow.Act{
	casework.Draft:       {},
	casework.Discarded:   {casework.Discard},
	casework.Submitted:   {casework.Submit},
	casework.Received:    {casework.Submit, casework.Receive},
	casework.Correcting:  {casework.Submit, casework.Receive, casework.AskCorrection},
	casework.Accepted:    {casework.Submit, casework.Receive, casework.Accept},
	casework.Reviewing:   {casework.Submit, casework.Receive, casework.Accept, casework.Review},
	casework.Suspended:   {casework.Submit, casework.Receive, casework.Accept, casework.Review, casework.Suspend},
	casework.Granted:     {casework.Submit, casework.Receive, casework.Accept, casework.Review, casework.Grant},
	casework.Denied:      {casework.Submit, casework.Receive, casework.Accept, casework.Review, casework.Deny},
	casework.Delivered:   {casework.Submit, casework.Receive, casework.Accept, casework.Review, casework.Grant, casework.Deliver},
	casework.Concluded:   {casework.Submit, casework.Receive, casework.Accept, casework.Review, casework.Grant, casework.Deliver, casework.Conclude},
	casework.Refused:     {casework.Submit, casework.Receive, casework.Refuse},
	casework.NotRequired: {casework.Submit, casework.Receive, casework.Dismiss},
	casework.Terminated:  {casework.Submit, casework.Receive, casework.Accept, casework.Terminate},
	casework.Withdrawn:   {casework.Submit, casework.Withdraw},
}

// matter is a case of a test.
type matter struct {
	by    string // who drafts and submits it: a villager, or a clerk
	whose string // the villager for whom a clerk does it
	item  string
	photo string // id, of its identity card; optional

	id, number, queryCode string
	papers                string // all of them, as JSON
	errand                string // id, of a clerk who is entrusted with it
}

// filed is a pension claim that the clerk of 杏林村 files for 张杏花.
func filed() *matter { return &matter{by: "clerk-xinglin", whose: "zhang", item: claim} }

// draft begins it.
func (h *house) draft(t testing.TB, m *matter) *matter {
	t.Helper()
	applicant := ""
	if m.whose != "" {
		applicant = `,"applicant":"` + h.actor(t, m.whose).Person + `"`
	}
	v := read[CaseView](t, h.must(t, m.by, http.StatusCreated, "POST", "/cases", `{"item_id":"`+m.item+`","answers":`+caseAnswers[m.item]+applicant+`}`))
	m.id = v.ID
	var papers []string
	for _, p := range v.Materials {
		switch {
		case p.State == casework.LookedUp:
		case m.photo != "" && p.Material == "id_card":
			papers = append(papers, `{"material":"id_card","files":["`+m.photo+`"]}`)
		default:
			papers = append(papers, `{"material":"`+p.Material+`"}`)
		}
	}
	m.papers = "[" + strings.Join(papers, ",") + "]"
	return m
}

// bodyOfCase is the act's body for this case.
func (h *house) bodyOfCase(t testing.TB, do flow.Act, m *matter) string {
	t.Helper()
	body, known := caseBodies[do]
	if !known {
		t.Fatalf("no body for %s", do)
	}
	return fill(body, map[string]string{"papers": m.papers, "soon": clock.DateOf(h.clock.Now()).AddDays(7).String()})
}

// actOn does the act as somebody by the call on cases, and answers whatever comes.
func (h *house) actOn(t testing.TB, who string, do flow.Act, m *matter) *httptest.ResponseRecorder {
	t.Helper()
	path := base + "/cases/" + m.id + "/" + strings.ReplaceAll(string(do), "_", "-")
	w := h.send(t, who, "POST", path, h.bodyOfCase(t, do, m), keyHeader, uuid.NewString())
	if do == casework.Submit && w.Code == http.StatusOK {
		v := read[submittedView](t, w)
		m.number, m.queryCode = v.Number, v.QueryCode
	}
	return w
}

// moveCase does the act as who may: a clerk hands in what he was entrusted with.
func (h *house) moveCase(t testing.TB, who string, do flow.Act, m *matter) *httptest.ResponseRecorder {
	t.Helper()
	if do == casework.Submit && m.whose != "" && who == m.by {
		return h.file(t, m)
	}
	return h.actOn(t, who, do, m)
}

// officials are who of the county plays a role in the life of a case of the county's hall.
var officials = map[access.Role]string{
	access.Window: "window-hall", access.Reviewer: "reviewer", access.Decider: "decider", access.Supervisor: "supervisor",
}

// playerOf is who plays a role in the life of a case.
func playerOf(role access.Role, m *matter) string {
	switch role {
	case access.Resident:
		return cmp.Or(m.whose, m.by)
	case access.Clerk:
		return "clerk-xinglin"
	}
	return cmp.Or(officials[role], players[role], others[role])
}

// usualFor is who does the act: whoever drafted it, for the applicant's side.
func usualFor(do flow.Act, m *matter) string {
	for _, r := range casework.Flow.Rows {
		if r.Do == do {
			if r.By[0] == access.Clerk {
				return m.by
			}
			return playerOf(r.By[0], m)
		}
	}
	return ""
}

// walkCase leads a case along acts, each done by whoever does it in the county.
func (h *house) walkCase(t testing.TB, m *matter, acts ...flow.Act) *matter {
	t.Helper()
	for _, do := range acts {
		if w := h.moveCase(t, usualFor(do, m), do, m); w.Code != http.StatusOK {
			t.Fatalf("%s by %s: %d %s", do, usualFor(do, m), w.Code, w.Body)
		}
	}
	return m
}
