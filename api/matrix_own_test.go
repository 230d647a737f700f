package api

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"tongban/internal/access"
	"tongban/internal/store"
)

// What is somebody's own: photos that he hands in, whom he stands in for, who looked at him, the copy of all that is held of him.

const (
	aHandedPhoto thing = "photo of nothing yet, to be handed in"
	aPrincipal   thing = "resident in whose name a helper files"
	aPDF         thing = "PDF, where only photos belong"
)

func init() {
	relations[aHandedPhoto] = []relation{his, neighbours, elsewhere, faraway, unknown}
	relations[aPDF] = relations[aHandedPhoto]
	relations[aPrincipal] = []relation{neighbours, elsewhere, faraway, unknown}
	seenBy[aPrincipal] = map[access.Role][]relation{villager: {elsewhere}} // for the neighbour it was ended, for the faraway one its last day is past
	wrongField, inHisName := told{422, "request.invalid"}, `"on_behalf_of_resident_id":"{object}"}`
	rules["putMyPaper"] = []rule{{who: resident, of: aHandedPhoto, unseen: wrongField, want: madeIt,
		body: `{"kind":"id_card","files":["{object}"],"consent_until":"2027-06-30","consent":{"text_version":"` + consentVersion + `"}}`}}
	rules["openCase"] = append(rules["openCase"], rule{who: person, of: aPrincipal, first: roles(villager, clerk), deny: notForYou, unseen: wrongField, want: madeIt,
		body: `{"item_id":"` + pension + `",` + inHisName})
	rules["submitAppeal"] = append(rules["submitAppeal"], rule{who: optional, of: aPrincipal, unseen: wrongField, want: madeIt,
		body: `{"class":"report","text":"有人夜里往河沟倒废油。","identity":"{identity}",` + inHisName})
	// Whose it is learns why it does not belong there; everybody else learns what he does of one that is not there.
	rules["submitAppeal"] = append(rules["submitAppeal"], rule{who: optional, of: aPDF, first: roles(villager, clerk, ""), deny: notForYou, unseen: wrongField, want: wrongField,
		body: `{"class":"report","text":"有人夜里往河沟倒废油。","identity":"{identity}","attachments":["{object}"]}`})
	rules["listReads"] = []rule{{who: resident, want: ok, query: "?limit=100", proof: isReadOfMe}}
	rules["listLocker"] = []rule{{who: staff, of: aResident, first: roles(clerk), deny: notForYou, want: ok, query: "?limit=100", proof: isHisLocker}}
	rules["printCopy"] = []rule{{who: staff, of: aResident, by: roles(clerk), deny: notForYou, want: ok, body: `{"reason":"本人没有手机，来看登记得对不对"}`, proof: isHisCopy}}
}

// own leaves behind photos and papers that are not handed in, looks at the villagers' phones, and a letter of another county that is stuck.
func (m *matrix) own(t *testing.T) {
	t.Helper()
	for rel, v := range map[relation][2]string{his: {"zhang", "clerk-xinglin"}, neighbours: {"li", "clerk-xinglin"}, elsewhere: {"wang", "clerk-hewan"}, faraway: {"zhao", "clerk-songling"}} {
		person := m.actor(t, v[0]).Person
		m.place(aHandedPhoto, rel, "", m.keep(t, v[0]))
		m.place(aPDF, rel, "", read[fileView](t, m.upload(t, v[0], smallPDF())).ID)
		m.place(aPrincipal, rel, "", person)
		m.must(t, v[1], 200, "POST", "/residents/"+person+"/reveal", `{"fields":["phone"],"cause":"contact","note":"通知参保"}`)
	}
	err := m.Store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		id := tx.NewID()
		m.place(aLetter, faraway, "", id)
		return tx.Table("outbox").Create(map[string]any{
			"id": id, "topic": "toy.make", "kind": "toy", "object": someID, "area": "219902", "data": "", "status": store.LetterStuck, "attempts": 9,
			"next_at": tx.Now, "lease_owner": "", "last_error": "", "created_at": tx.Now,
		}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

// isReadOfMe: exactly the looks at the caller are told, and not those at his neighbour.
func isReadOfMe(t *testing.T, m *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	me := m.actor(t, c.caller.name).Person
	var all, found []string
	err := m.Store.Read(t.Context()).Table("trail").Where("act = ? AND object = ? AND person <> ?", "person.read", me, me).Order("id DESC").Pluck("id", &all).Error
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range itemsOf(t, w) {
		found = append(found, item["id"].(string))
	}
	if !slices.Equal(found, all) || len(all) == 0 || m.rows(t, "trail", "act = ? AND object = ?", "person.read", m.object(aResident, neighbours, c.caller)) == 0 {
		t.Errorf("%s reads of %d looks, of %d", c.caller.name, len(found), len(all))
	}
}

// isHisLocker: the papers of the one who was named, and no others that the caller may see.
func isHisLocker(t *testing.T, m *matrix, r rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	items := itemsOf(t, w)
	if len(items) == 0 && (c.rel == his || c.rel == neighbours) {
		t.Errorf("%s sees nothing in the locker that is %q", c.caller.name, c.rel)
	}
	for _, item := range items {
		if item["person"] != m.object(r.of, c.rel, c.caller) {
			t.Errorf("%s sees somebody else's paper in the locker that is %q", c.caller.name, c.rel)
		}
	}
}

// isHisCopy: the page holds numbers of the one for whom it is printed, and none of anybody else's; nor of others' papers.
func isHisCopy(t *testing.T, m *matrix, r rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	page, of := strings.ReplaceAll(w.Body.String(), " ", ""), m.object(r.of, c.rel, c.caller)
	for table, column := range map[string]string{"appeals": "applicant", "cases": "applicant", "errands": "principal"} {
		var rows []struct{ Number, Whose string }
		if err := m.Store.Read(t.Context()).Table(table).Select("number, " + column + " AS whose").Where("number <> ''").Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		own := 0
		for _, row := range rows {
			switch {
			case !strings.Contains(page, row.Number):
			case row.Whose != of:
				t.Errorf("the copy that is %q has somebody else's %s %s", c.rel, table, row.Number)
			default:
				own++
			}
		}
		if own == 0 && c.rel == his {
			t.Errorf("the copy has nothing of his own %s", table)
		}
	}
	for _, rel := range []relation{his, neighbours, elsewhere, faraway} {
		if strings.Contains(page, m.object(aPage, rel, c.caller)) != (rel == c.rel) {
			t.Errorf("the copy that is %q has the paper that is %q: %t", c.rel, rel, rel != c.rel)
		}
	}
}

// isMyCopy: the copy is of the caller, and of what is his alone.
func isMyCopy(t *testing.T, m *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	v, me := read[copyView](t, w), m.actor(t, c.caller.name).Person
	if v.Person.ID != me || !v.Complete {
		t.Errorf("%s got a copy of %s", c.caller.name, v.Person.ID)
	}
	all := func(table, column string, n int, id func(int) string) {
		t.Helper()
		ids := make([]string, n)
		for i := range ids {
			ids[i] = id(i)
		}
		if foreign := m.rows(t, table, "id IN ? AND "+column+" <> ?", ids, me); n == 0 || foreign > 0 {
			t.Errorf("%s got a copy with %d %s, of which %d are not his", c.caller.name, n, table, foreign)
		}
	}
	all("appeals", "applicant", len(v.Appeals), func(i int) string { return v.Appeals[i].Appeal.ID })
	all("cases", "applicant", len(v.Cases), func(i int) string { return v.Cases[i].ID })
	all("errands", "principal", len(v.Errands), func(i int) string { return v.Errands[i].ID })
	all("locker_papers", "person", len(v.Locker), func(i int) string { return v.Locker[i].ID })
	all("files", "owner", len(v.Photos), func(i int) string { return v.Photos[i].File.ID })
	all("inbox", "person", len(v.Messages), func(i int) string { return v.Messages[i].ID })
	all("sessions", "person", len(v.Sessions), func(i int) string { return v.Sessions[i].ID })
	all("trail", "object", len(v.Reads), func(i int) string { return v.Reads[i].ID })
}
