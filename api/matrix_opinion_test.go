package api

import (
	"net/http/httptest"
	"slices"
	"testing"

	"tongban/internal/access"
	"tongban/internal/casework"
)

const (
	anOpinion     thing = "question to an office about a case"
	anAskedCase   thing = "case on which an office is asked"
	anAskedPhoto  thing = "photo of a paper of a case on which an office is asked"
	anAskedToMove thing = "case on which an office is asked, to be moved"
)

// The officer's office is asked on his, has answered on the neighbour's, and another office is asked on the one elsewhere.
func init() {
	met := []relation{his, neighbours, elsewhere, unknown}
	for _, of := range []thing{anOpinion, anAskedCase, anAskedPhoto, anAskedToMove} {
		relations[of] = met
	}
	seenBy[anOpinion] = map[access.Role][]relation{officer: {his, neighbours}}
	seenBy[anAskedToMove] = seenBy[aCase]
	seenBy[anAskedCase] = map[access.Role][]relation{officer: {his}}
	for role, rels := range seenBy[aCase] {
		seenBy[anAskedCase][role] = rels
	}
	sameAs[anAskedPhoto] = anAskedCase
	rules["readCase"] = append(rules["readCase"], rule{who: person, of: anAskedCase, want: ok, proof: tellsInsiders})
	for _, name := range []string{"listCaseDocuments", "printCaseDocuments"} {
		rules[name] = append(rules[name], rule{who: person, of: anAskedCase, want: ok})
	}
	rules["readPhoto"] = append(rules["readPhoto"], rule{who: person, of: anAskedPhoto, want: ok})
	rules["listCases"] = append(rules["listCases"], rule{who: person, of: anAskedToMove, want: ok, query: "?limit=100", proof: lists})
	rules["grantCase"] = append(rules["grantCase"], actingOn(casework.Grant, anAskedToMove, access.Decider)...)
	asking := func(body string) []rule {
		return []rule{{who: staff, of: aCase, by: roles(access.Reviewer, access.Decider), deny: notForYou, want: staleCase, body: atVersion(staleVersion, body)}}
	}
	rules["askOpinionsCase"] = append(asking(`{"offices":["`+someID+`"],"question":"是否属实，请核对。","due_on":"2026-11-27"}`),
		rule{who: staff, of: anAskedToMove, by: roles(access.Reviewer, access.Decider), deny: notForYou, want: staleCase,
			body: `{"version":` + staleVersion + `,"offices":["` + someID + `"],"question":"是否属实，请核对。","due_on":"2026-11-27"}`})
	rules["remindOpinionCase"] = asking(`{"opinion":"` + someID + `"}`)
	rules["withdrawOpinionCase"] = asking(`{"opinion":"` + someID + `"}`)
	rules["listOpinions"] = []rule{{who: staff, of: anOpinion, want: ok, query: "?limit=100", proof: lists}}
	rules["listOpinionQueues"] = []rule{{who: staff, want: ok}}
	rules["readOpinion"] = []rule{{who: staff, of: anOpinion, want: ok}}
	rules["giveOpinion"] = []rule{{who: staff, of: anOpinion, want: told{422, "request.invalid"}, body: `{"position":"disagree"}`}} // without a reason
}

// tellsInsiders: who was asked is told to everybody who sees the case, and what to the lead office and those that are asked.
func tellsInsiders(t *testing.T, _ *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	inside := slices.Contains(append(roles(officer), hall...), c.caller.role)
	seen := read[CaseView](t, w)
	if list := seen.Opinions; len(list) != 1 || list[0].Office == "" || (list[0].Question != "") != inside {
		t.Errorf("%s is told %+v", c.caller.name, list)
	}
	told := opinionActs(seen)
	if _, given := told["give_opinion"]; (told["ask_opinions"] != "") != inside || given && !inside {
		t.Errorf("%s reads in the history %v", c.caller.name, told)
	}
}

// consult has the reviewer ask offices about three cases.
func (m *matrix) consult(t *testing.T) {
	t.Helper()
	for rel, of := range map[relation]matter{
		his: {by: "clerk-xinglin", whose: "zhang", item: claim}, neighbours: {by: "li", item: claim}, elsewhere: {by: "clerk-hewan", whose: "wang", item: claim},
	} {
		of.photo = m.keep(t, of.by)
		m.walkCase(t, m.draft(t, &of), caseWay[casework.Reviewing]...)
		office := "civil-affairs"
		if rel == elsewhere {
			office = "water"
		}
		asked := read[CaseView](t, m.must(t, "reviewer", 200, "POST", "/cases/"+of.id+"/ask-opinions",
			`{"offices":["`+m.officeID(t, office)+`"],"question":"是否属实，请核对。","due_on":"2026-11-27"}`))
		opinion := asked.Opinions[0].ID
		if rel == neighbours {
			m.must(t, "officer-civil-2", 200, "POST", "/opinions/"+opinion+"/give", `{"position":"agree"}`)
		}
		m.place(anOpinion, rel, "", opinion)
		m.place(anAskedCase, rel, "", of.id)
		m.place(anAskedToMove, rel, "", of.id)
		m.place(anAskedPhoto, rel, "", of.photo)
	}
}
