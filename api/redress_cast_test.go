package api

import (
	"testing"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/store"
)

// redress is a granted case that was rated poorly; its id is the rating's.
func (h *house) redress(t testing.TB, m *matter, text string) (id string) {
	t.Helper()
	h.walkCase(t, h.draft(t, m), casework.Submit, casework.Receive, casework.Accept, casework.Review, casework.Grant)
	consent, who := `,"consent":"spoken"`, m.by
	if m.whose == "" {
		consent = ""
	}
	return read[ratingView](t, h.must(t, who, 200, "POST", "/cases/"+m.id+"/rate", `{"level":5,"text":"`+text+`"`+consent+`}`)).ID
}

const aRedress thing = "redress of a poor rating"

// How an appeal stands that was handled as one with another (并案), which complains of the caller.
const (
	underHim  relation = "merged into one that complains of himself"
	overHim   relation = "into which one that complains of himself is merged"
	besideHim relation = "merged together with one that complains of himself"
)

func init() {
	relations[aRedress] = []relation{his, neighbours, elsewhere, faraway, ofHim, ofOffice, underHim, overHim, besideHim, unknown}
	cases := []relation{his, elsewhere} // the neighbour's is of an appeal at the hall, the faraway one of its town's centre
	all := append([]relation{neighbours}, cases...)
	seenBy[aRedress] = map[access.Role][]relation{
		access.Window: cases, access.Reviewer: cases, access.Decider: cases, followUp: all, supervisor: all,
	}
	works := roles(access.Window, access.Reviewer, access.Decider, officer, supervisor)
	checks := roles(followUp, supervisor)
	on := func(body string, by []access.Role) []rule {
		return []rule{{who: staff, of: aRedress, by: by, deny: notByYou, want: told{409, "redress.not_now"}, body: atVersion(staleVersion, body)}}
	}
	rules["listRedresses"] = []rule{{who: staff, of: aRedress, want: ok, query: "?limit=100", proof: lists}}
	rules["listRedressWords"] = []rule{{who: staff, want: ok}}
	rules["readRedress"] = []rule{{who: staff, of: aRedress, want: ok}}
	rules["confirmRedress"] = on(`{"how":"phone","text":"回访核实了，是等得太久。"}`, works)
	rules["unfoundedRedress"] = on(`{"how":"phone","finding":"mistaken","text":"本人说是点错了。"}`, works)
	rules["correctRedress"] = on(`{"text":"窗口加了一个人。"}`, works)
	rules["answerRedress"] = on(`{"text":"给您添麻烦了，窗口已经加人。"}`, works)
	rules["reopenRedress"] = on(`{"text":"答复没有说到点子上。"}`, checks)
	rules["closeRedress"] = on(`{}`, checks)
}

// rateCases leaves poor ratings behind: of a case of the hall in each village, of one of a town's centre, and of appeals that complain
// of whoever works on ratings.
func (m *matrix) rateCases(t *testing.T) {
	t.Helper()
	put := func(rel relation, to, office string, of *matter) {
		id := m.redress(t, of, "等得太久")
		m.place(aRedress, rel, to, id)
		if office != "" {
			m.tamper(t, "redresses", id, map[string]any{"office": office})
		}
	}
	put(his, "", "", filed())
	put(elsewhere, "", "", &matter{by: "clerk-hewan", whose: "wang", item: claim})
	put(faraway, "", m.officeID(t, "shiqiao-centre"), &matter{by: "clerk-songling", whose: "zhao", item: claim})
	put(neighbours, "", "", &matter{by: "clerk-xinglin", whose: "li", item: claim})
	m.tamper(t, "redresses", m.object(aRedress, neighbours, m.callers[0]), map[string]any{"kind": "appeal", "object": m.object(anAppeal, his, m.callers[0])})
	for _, rel := range []relation{ofHim, ofOffice} { // a row as the rating of such an appeal leaves it
		for _, c := range m.callers {
			if c.role != followUp && c.role != supervisor { // of the others no appeal complains
				continue
			}
			id := m.redress(t, filed(), "等得太久")
			m.place(aRedress, rel, c.name, id)
			m.tamper(t, "redresses", id, map[string]any{"kind": "appeal", "object": m.object(anAppeal, rel, c)})
		}
	}
	m.rateMerged(t)
}

// rateMerged leaves poor ratings of appeals that do not complain of the caller, and were handled as one with another that does.
func (m *matrix) rateMerged(t *testing.T) {
	t.Helper()
	over, beside := m.hand(t, ordinary()).id, m.hand(t, ordinary()).id
	m.tamper(t, "appeals", beside, map[string]any{"master": over})
	for _, c := range m.callers {
		if c.role != followUp && c.role != supervisor {
			continue
		}
		complaint, under := m.object(anAppeal, ofHim, c), m.hand(t, ordinary()).id
		m.tamper(t, "appeals", complaint, map[string]any{"master": over})
		m.tamper(t, "appeals", under, map[string]any{"master": complaint})
		for rel, rated := range map[relation]string{overHim: over, besideHim: beside, underHim: under} {
			id := m.redress(t, filed(), "等得太久")
			m.place(aRedress, rel, c.name, id)
			m.tamper(t, "redresses", id, map[string]any{"kind": "appeal", "object": rated})
		}
	}
}

// tamper changes a row past the desk.
func (m *matrix) tamper(t *testing.T, table, id string, set map[string]any) {
	t.Helper()
	err := m.Store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Table(table).Where("id = ?", id).UpdateColumns(set).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}
