package api

import (
	"net/http/httptest"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
)

// colleague gives the county's hall one person more in that role, and logs him in under his name.
func (h *house) colleague(t testing.TB, username string, role access.Role) {
	t.Helper()
	vars := map[string]string{"hall": h.officeID(t, "county-hall")}
	made := read[newStaffView](t, h.must(t, "system-admin", 201, "POST", "/staff", fill(`{"username":"`+username+`","name":"同事",`+aPostFor(string(role))+`}`, vars)))
	tokens := h.login(t, base+"/password", map[string]string{"username": username, "old": made.Password, "new": "井水清清流过门前石桥一二三", "device": "device of " + username})
	h.logins[username] = loggedIn{tokens, h.clock.Now().Add(time.Duration(tokens.ExpiresIn) * time.Second)}
}

// hall are the roles of the county's offices.
var hall = roles(access.Window, access.Reviewer, access.Decider)

const aDeputy thing = "deputy, over"

// The hall's lines stand beside the others of the matrix.
func init() {
	relations[aDeputy] = []relation{his, neighbours, unknown}
	seenBy[aDeputy] = map[access.Role][]relation{
		access.Reviewer: {his},
	}
	for name, list := range map[string][]rule{
		"listCaseQueues":   {{who: person, want: ok, proof: queuesAreListed}},
		"listAppealQueues": {{who: person, want: ok, proof: queuesAreListed}},
		"claimCase":        {{who: staff, of: aCase, by: hall, deny: notForYou, want: staleCase, body: `{"version":` + staleVersion + `}`}},
		"releaseCase": {{who: staff, of: aCase, by: append(roles(supervisor), hall...), deny: notForYou, want: staleCase,
			body: `{"version":` + staleVersion + `,"reason":"absent"}`}},
		"nextCase": {{who: staff, by: hall, deny: notForYou, want: told{404, "case.queue_empty"}, body: `{"item":"` + someID + `"}`}},
		"grantInstantCases": {{who: staff, of: aCase, first: roles(access.Decider), deny: notForYou, unseen: ok, want: ok, gone: ok,
			body: `{"cases":[{"id":"{object}","version":` + staleVersion + `}]}`, proof: answersOneByOne}},
		"nameDeputy": {{who: staff, by: append(roles(access.Clerk), hall...), deny: notForYou, want: told{422, "request.invalid"},
			body: `{"deputy":"` + someID + `","first_on":"2026-12-01","last_on":"2026-12-02"}`}},
		"listDeputies":   {{who: staff, of: aDeputy, want: ok, query: "?limit=100", proof: lists}},
		"listColleagues": {{who: staff, by: append(roles(access.Clerk), hall...), deny: notForYou, want: ok}},
		"endDeputy":      {{who: staff, of: aDeputy, want: told{409, "deputy.over"}}},
	} {
		rules[name] = list
	}
}

// deputize has somebody stood in for by a colleague, which is over.
func (m *matrix) deputize(t *testing.T) {
	t.Helper()
	m.colleague(t, "reviewer-2", access.Reviewer)
	m.colleague(t, "reviewer-3", access.Reviewer)
	for rel, pair := range map[relation][2]string{his: {"reviewer", "reviewer-2"}, neighbours: {"reviewer-2", "reviewer-3"}} {
		made := read[deputyView](t, m.must(t, pair[0], 201, "POST", "/deputies",
			`{"deputy":"`+m.actor(t, pair[1]).Person+`","first_on":"2026-12-01","last_on":"2026-12-02"}`))
		m.must(t, pair[0], 200, "POST", "/deputies/"+made.ID+"/end", "")
		m.place(aDeputy, rel, "", made.ID)
	}
}

// queuesAreListed: each queue's list can be asked for, and is as long as it is counted.
func queuesAreListed(t *testing.T, m *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	for _, path := range []string{"/cases", "/appeals"} {
		counted := read[queuesOut](t, m.send(t, c.caller.name, "GET", base+path+"/queues", ""))
		for _, q := range counted.Items {
			listed := m.send(t, c.caller.name, "GET", base+path+"?limit=100&queue="+q.Queue, "")
			if listed.Code != 200 || int64(len(itemsOf(t, listed))) != q.Count {
				t.Errorf("%s: %s of %s counts %d: %d %s", c.caller.name, q.Queue, path, q.Count, listed.Code, listed.Body)
			}
		}
	}
}

// answersOneByOne: whoever sees the case is told how it stands, and to all others it is not there.
func answersOneByOne(t *testing.T, m *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	lines := read[decidedOut](t, w).Items
	outcome, code := casework.BulkRefused, notFound.code
	if sees(aCase, c.caller.role, c.rel, m.state) {
		outcome, code = casework.BulkConflict, staleCase.code
	}
	if len(lines) != 1 || lines[0].Outcome != outcome || lines[0].Code != code || outcome == casework.BulkRefused && (lines[0].Status != "" || lines[0].Version != 0) {
		t.Errorf("%s at what is %s is answered %+v", c.caller.name, c.rel, lines)
	}
}
