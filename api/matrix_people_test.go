package api

import (
	"testing"

	"tongban/internal/account"
)

// houseUp gives each of the villagers a household, a guardian who is not any more, and remembers what they agreed to.
func (m *matrix) houseUp(t *testing.T) {
	t.Helper()
	m.sendPieces(t)
	m.consult(t)
	for rel, v := range map[relation][2]string{
		his: {"zhang", "clerk-xinglin"}, neighbours: {"li", "clerk-xinglin"}, elsewhere: {"wang", "clerk-hewan"}, faraway: {"zhao", "clerk-songling"},
	} {
		person, village := m.actor(t, v[0]).Person, villagers[v[0]].village
		if rel == his { // one that he was the head of before
			m.place(aHousehold, deleted, "", m.former(t, person))
		}
		made := read[householdView](t, m.must(t, v[1], 201, "POST", "/households", `{"number":"1`+v[0]+`","head":"`+person+`"}`))
		m.place(aHousehold, rel, "", made.ID)
		over := m.guard(t, v[1], person, village)
		m.must(t, v[1], 200, "POST", "/guardians/"+over+"/end", `{"why":"changed"}`)
		m.place(aGuardian, rel, "", over)
		m.place(aConsent, rel, "", m.consentOf(t, v[0]))
	}
}

// store puts papers of each of the villagers into the locker, to which they do not agree any more; one more that each caller may take out;
// and what was taken out already.
func (m *matrix) store(t *testing.T) {
	t.Helper()
	put := func(who string) LockerPaperView {
		p := m.putPaper(t, who, "2027-06-30", "2027-06-30")
		m.must(t, who, 200, "POST", "/locker/"+p.ID+"/withdraw", `{}`)
		return p
	}
	for rel, who := range map[relation]string{his: "zhang", neighbours: "li", elsewhere: "wang", faraway: "zhao"} {
		p := put(who)
		m.place(aStored, rel, "", p.ID)
		m.place(aPage, rel, "", p.Pages[0].File)
		m.place(aSpare, rel, "", put(who).ID)
	}
	m.place(aSpare, his, "clerk-xinglin", put("zhang").ID)
	gone := put("zhang")
	m.must(t, "zhang", 200, "POST", "/locker/"+gone.ID+"/remove", `{"why":"asked"}`)
	m.place(aStored, deleted, "", gone.ID)
	m.place(aSpare, deleted, "", gone.ID)
	m.place(aPage, deleted, "", gone.Pages[0].File)
}

// guard gives somebody a guardian.
func (m *matrix) guard(t *testing.T, by, person, village string) (id string) {
	t.Helper()
	guardian := read[residentView](t, m.must(t, by, 201, "POST", "/residents", `{"name":"监护人","village":"`+village+`",`+spoken+`}`)).ID
	return read[actingView](t, m.must(t, by, 201, "POST", "/residents/"+person+"/guardians",
		`{"guardian":"`+guardian+`","relation":"other","proof":"court","valid_until":"2027-06-30",`+spoken+`}`)).ID
}

// former makes a household and ends it.
func (m *matrix) former(t *testing.T, head string) (id string) {
	t.Helper()
	id = read[householdView](t, m.must(t, "clerk-xinglin", 201, "POST", "/households", `{"number":"0","head":"`+head+`"}`)).ID
	m.must(t, "clerk-xinglin", 200, "POST", "/households/"+id+"/end", `{"why":"moved"}`)
	return id
}

// consentOf is what somebody agreed to when he was registered.
func (m *matrix) consentOf(t *testing.T, who string) (id string) {
	t.Helper()
	for _, c := range read[list[consentView]](t, m.must(t, who, 200, "GET", "/me/consents?limit=100", "")).Items {
		if c.Kind == account.ToRegistration {
			id = c.ID
		}
	}
	return id
}
