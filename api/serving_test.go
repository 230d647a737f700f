package api

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestSwitchingClients plays the clerk who turns from one villager to the next: nothing of the former is shown or moved while the next one
// stands at the counter, and what was begun waits.
func TestSwitchingClients(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	const by = "clerk-xinglin"
	zhang, li := h.actor(t, "zhang").Person, h.actor(t, "li").Person
	serve := func(id string) servingView {
		return read[servingView](t, h.must(t, by, 200, "POST", "/residents/"+id+"/serve", ""))
	}
	if s := serve(zhang); s.Client != zhang || s.Since == nil || s.Name == "" || strings.Contains(s.Name, "杏花") || s.Former != "" || len(s.Parked) != 0 {
		t.Errorf("%+v", s)
	}
	draft := h.enrol(t, by, zhang)
	paper := h.putPaper(t, "zhang", h.day(100), h.day(200))
	begun := h.enrol(t, by, zhang)
	errand := read[ErrandView](t, h.must(t, by, 201, "POST", "/errands", `{"case":"`+begun+`",`+entrusted+`}`)).ID
	h.must(t, by, 200, "POST", "/errands/"+errand+"/identify", `{"how":"in_person","document":"id_card"}`)
	photo := h.keep(t, by)
	h.must(t, by, 200, "POST", "/cases/"+draft+"/edit", `{"papers":[{"material":"id_card","files":["`+photo+`"]}]}`)
	if s := serve(zhang); s.Former != "" || len(s.Parked) != 0 { // the same one again changes nothing
		t.Errorf("%+v", s)
	}
	h.must(t, by, 200, "GET", "/files/"+photo, "")

	turned := serve(li)
	kinds := map[string]string{}
	for _, p := range turned.Parked {
		kinds[p.ID] = p.Kind
	}
	if turned.Client != li || turned.Former != zhang || len(kinds) != 3 || kinds[draft] != "case" || kinds[begun] != "case" || kinds[errand] != "errand" {
		t.Errorf("%+v", turned)
	}
	if now := read[servingView](t, h.must(t, by, 200, "GET", "/me/serving", "")); now.Client != li || now.Former != "" {
		t.Errorf("%+v", now)
	}
	refused := func(who, method, path, body string) {
		t.Helper()
		if p := problemOf(t, h.must(t, who, http.StatusConflict, method, path, body)); p.Code != "session.other_client" || p.Current != nil {
			t.Errorf("%s %s: %+v", method, path, p)
		}
	}
	refused(by, "GET", "/cases/"+draft, "")
	refused(by, "GET", "/cases/"+draft+"/documents", "")
	refused(by, "GET", "/files/"+photo, "")
	refused(by, "POST", "/cases/"+draft+"/edit", `{"papers":[{"material":"id_card"}]}`)
	refused(by, "POST", "/cases/"+draft+"/discard", `{}`)
	refused(by, "POST", "/cases/"+draft+"/submit", `{}`)
	refused(by, "POST", "/cases/"+draft+"/use-paper", `{"material":"id_card","locker_paper":"`+paper.ID+`"}`)
	refused(by, "POST", "/cases/"+draft+"/look-up", lookUpHukou)
	refused(by, "POST", "/cases/"+draft+"/keep-paper", `{"material":"id_card","consent_until":"`+h.day(10)+`",`+spoken+`}`)
	refused(by, "POST", "/cases", `{"item_id":"`+pension+`","answers":`+caseAnswers[pension]+`,"applicant":"`+zhang+`"}`)
	refused(by, "GET", "/errands/"+errand, "")
	refused(by, "POST", "/errands/"+errand+"/identify", `{"how":"in_person","document":"id_card"}`)
	refused(by, "POST", "/errands/"+errand+"/check", `{}`)
	refused(by, "POST", "/errands/"+errand+"/file", `{}`)
	refused(by, "POST", "/errands", `{"case":"`+draft+`",`+entrusted+`}`)
	refused(by, "GET", "/residents/"+zhang+"/locker", "")
	refused(by, "GET", "/locker/"+paper.ID, "")
	refused(by, "POST", "/locker/"+paper.ID+"/remove", `{"why":"asked"}`)
	refused(by, "POST", "/residents/"+zhang+"/reveal", `{"fields":["name"],"cause":"file","note":"填申请表"}`)
	refused(by, "POST", "/residents/"+zhang+"/export", `{"reason":"老人要核对登记"}`)
	h.wantRows(t, 0, "tries", "kind = 'reveal'") // a refusal costs nothing
	own := h.enrol(t, by, li)                    // while his own goes on
	h.must(t, by, 200, "GET", "/cases/"+own, "")
	h.must(t, "zhang", 200, "GET", "/cases/"+draft, "") // and he himself is served by nobody

	h.must(t, by, 200, "POST", "/me/serving/end", `{}`)
	h.must(t, by, 200, "GET", "/cases/"+draft, "") // who serves nobody is not bound
	serve(zhang)
	h.refused(t, by, 409, "errand.identity_lapsed", "POST", "/errands/"+errand+"/check", `{}`)
	h.wantRows(t, 2, "trail", "act = 'person.serve' AND object = ? AND area = ?", zhang, xinglin)
	h.wantRows(t, 1, "trail", "act = 'person.serve_end' AND object = ?", zhang)

	// Another session is another counter, and a log-out leaves nobody behind.
	h.must(t, by, 204, "DELETE", "/session", "")
	delete(h.logins, by)
	if s := read[servingView](t, h.must(t, by, 200, "GET", "/me/serving", "")); s.Client != "" {
		t.Errorf("%+v", s)
	}
	h.must(t, by, 200, "GET", "/cases/"+own, "")
}

// TestAPersonWhileAnotherIsServed: what is kept of a person, those who belong to him, his appeal and the photos that were sent for him wait for him.
func TestAPersonWhileAnotherIsServed(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	const by = "clerk-xinglin"
	zhang, li := h.actor(t, "zhang").Person, h.actor(t, "li").Person
	h.tellMore(t, "zhang", "13800000001", xinglin+"01")
	h.tellMore(t, "li", "13800000002", xinglin+"01")
	serve := func(id string) { h.must(t, by, 200, "POST", "/residents/"+id+"/serve", "") }
	paper := h.putPaper(t, "zhang", h.day(100), h.day(200))
	old := read[residentView](t, h.must(t, by, 201, "POST", "/residents", `{"name":"王老二","village":"`+xinglin+`",`+spoken+`}`)).ID
	aide := read[residentView](t, h.must(t, by, 201, "POST", "/residents", `{"name":"王小妹","village":"`+xinglin+`",`+spoken+`}`)).ID
	helper := `{"helper":"` + aide + `","scope":"all","valid_until":"` + h.day(100) + `",` + spoken + `}`
	guardian := `{"guardian":"` + aide + `","relation":"other","proof":"court","valid_until":"` + h.day(100) + `",` + spoken + `}`
	home := read[householdView](t, h.must(t, by, 201, "POST", "/households", `{"number":"3组-12","head":"`+zhang+`"}`)).ID
	helped := read[actingView](t, h.must(t, by, 201, "POST", "/residents/"+old+"/helpers", helper)).ID
	guarded := read[actingView](t, h.must(t, by, 201, "POST", "/residents/"+old+"/guardians", guardian)).ID
	wish := read[correctionView](t, h.must(t, "zhang", 201, "POST", "/me/corrections", `{"field":"name","value":"张杏华","reason":"登记时写错了"}`)).ID
	s := h.hand(t, ordinary())
	serve(zhang)
	photo := h.keep(t, by)
	upload := read[uploadView](t, h.must(t, by, 201, "POST", "/uploads", `{"size":10,"sha256":"`+digestOf(nil)+`"}`)).ID
	hers := h.enrol(t, by, zhang)
	serve(li)
	his := h.enrol(t, by, li)
	edit := `{"papers":[{"material":"id_card","files":["` + photo + `"]}]}`
	for _, c := range []struct{ method, path, body string }{
		{"GET", "/files/" + photo, ""},
		{"POST", "/cases/" + his + "/edit", edit},
		{"POST", "/residents/" + li + "/locker", `{"kind":"id_card","files":["` + photo + `"],"valid_until":"` + h.day(100) + `","consent_until":"` + h.day(200) + `",` + spoken + `}`},
		{"GET", "/uploads/" + upload, ""},
		{"POST", "/uploads/" + upload + "/finish", ""},
		{"DELETE", "/uploads/" + upload, ""},
		{"GET", "/residents/" + zhang + "/consents", ""},
		{"POST", "/residents/" + zhang + "/consents", `{` + spoken + `}`},
		{"POST", "/residents/" + zhang + "/consents/" + paper.Consent + "/withdraw", `{"how":"spoken"}`},
		{"POST", "/residents/" + old + "/bind-code", `{}`},
		{"POST", "/residents/" + old + "/helpers", helper},
		{"POST", "/residents/" + old + "/guardians", guardian},
		{"POST", "/actings/" + helped + "/end", ""},
		{"POST", "/guardians/" + guarded + "/end", `{"why":"changed"}`},
		{"POST", "/households", `{"number":"13","head":"` + old + `"}`},
		{"POST", "/households/" + home + "/add", `{"person":"` + old + `","relation":"99"}`},
		{"POST", "/households/" + home + "/end", `{"why":"mistake"}`},
		{"POST", "/residents/" + zhang + "/correct", `{"field":"name","value":"张杏华","evidence":"看了身份证"}`},
		{"POST", "/corrections/" + wish + "/agree", `{"value":"张杏华","evidence":"看了身份证"}`},
		{"POST", "/corrections/" + wish + "/refuse", `{"reason":"身份证上不是这样写的"}`},
		{"POST", "/residents/" + zhang + "/close", `{"cause":"asked","how":"本人到村站提出"}`},
		{"GET", "/appeals/" + s.id, ""},
		{"POST", "/appeals/" + s.id + "/withdraw", `{"text":"不用办了，已经解决。"}`},
		{"POST", "/appeals", `{"class":"consult","text":"村东头的水压一直上不来。","identity":"public","village":"` + xinglin + `","applicant":"` + zhang + `"}`},
	} {
		if p := problemOf(t, h.must(t, by, http.StatusConflict, c.method, c.path, c.body)); p.Code != "session.other_client" || p.Current != nil && !strings.Contains(c.path, his) {
			t.Errorf("%s %s: %+v", c.method, c.path, p)
		}
	}
	heads := func() string {
		return read[list[householdView]](t, h.must(t, by, 200, "GET", "/households", "")).Items[0].HeadName + " " +
			read[householdView](t, h.must(t, by, 200, "GET", "/households/"+home, "")).HeadName
	}
	if masked := heads(); strings.Count(masked, "*") < 2 || strings.Contains(masked, "杏花") {
		t.Errorf("he serves li and reads %s", masked)
	}
	h.must(t, "zhang", 200, "GET", "/appeals/"+s.id, "")
	serve(zhang)
	if full := heads(); strings.Contains(full, "*") {
		t.Errorf("he serves her and reads %s", full)
	}
	h.must(t, by, 200, "GET", "/appeals/"+s.id, "")
	h.must(t, by, 200, "POST", "/cases/"+hers+"/edit", edit)
	h.must(t, by, 200, "POST", "/me/serving/end", "")
	h.must(t, by, 200, "GET", "/residents/"+old+"/consents", "")
	h.must(t, by, 204, "DELETE", "/uploads/"+upload, "")
}

// TestAnIdentityIsCheckedInEachSitting: whoever's identity was checked is looked at again after a log-out, after another client, and by
// another clerk, before his papers count as checked.
func TestAnIdentityIsCheckedInEachSitting(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	const by, other = "clerk-xinglin", "deputy-xinglin"
	zhang, li := h.actor(t, "zhang").Person, h.actor(t, "li").Person
	identified := `{"how":"in_person","document":"id_card"}`
	serve := func(who, id string) { h.must(t, who, 200, "POST", "/residents/"+id+"/serve", "") }
	logOut := func(who string) {
		h.must(t, who, 204, "DELETE", "/session", "")
		delete(h.logins, who)
	}
	for name, c := range map[string]struct {
		by      string // who identifies, and checks in the end
		before  func()
		between func()
	}{
		"a log-out":                         {by, func() {}, func() { logOut(by) }},
		"a log-out while he is served":      {by, func() { serve(by, zhang) }, func() { logOut(by); serve(by, zhang) }},
		"another client":                    {by, func() { serve(by, zhang) }, func() { serve(by, li); serve(by, zhang) }},
		"the end of serving him":            {by, func() { serve(by, zhang) }, func() { h.must(t, by, 200, "POST", "/me/serving/end", "") }},
		"another client of one without":     {by, func() {}, func() { serve(by, li); h.must(t, by, 200, "POST", "/me/serving/end", "") }},
		"another client of who is no agent": {other, func() { serve(other, zhang) }, func() { serve(other, li); serve(other, zhang) }},
		"the end of his session":            {by, func() { serve(by, zhang) }, func() { h.clock.Advance(13 * time.Hour); serve(by, zhang) }},
	} {
		begun := h.enrol(t, by, zhang)
		errand := "/errands/" + read[ErrandView](t, h.must(t, by, 201, "POST", "/errands", `{"case":"`+begun+`",`+entrusted+`}`)).ID
		c.before()
		h.must(t, c.by, 200, "POST", errand+"/identify", identified)
		c.between()
		h.refused(t, c.by, 409, "errand.identity_lapsed", "POST", errand+"/check", `{}`)
		if e := read[ErrandView](t, h.must(t, c.by, 200, "GET", errand, "")); e.IdentityAt == nil || e.Status != "entrusted" {
			t.Errorf("after %s the record of the check is gone: %+v", name, e)
		}
		h.must(t, c.by, 200, "POST", errand+"/identify", identified)
		h.must(t, c.by, 200, "POST", errand+"/check", `{}`)
		h.must(t, c.by, 200, "POST", "/me/serving/end", "")
	}
	begun := h.enrol(t, by, zhang)
	errand := "/errands/" + read[ErrandView](t, h.must(t, by, 201, "POST", "/errands", `{"case":"`+begun+`",`+entrusted+`}`)).ID
	h.must(t, by, 200, "POST", errand+"/identify", identified)
	h.refused(t, other, 409, "errand.identity_lapsed", "POST", errand+"/check", `{}`) // what one clerk saw does not count for another
	h.must(t, by, 200, "POST", errand+"/check", `{}`)
}

// TestFullNamesWhileServing: who stands at the counter reads along, so the others' names are masked in lists, and many full names are not told.
func TestFullNamesWhileServing(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	const by = "clerk-xinglin"
	zhang, li := h.actor(t, "zhang").Person, h.actor(t, "li").Person
	h.tellMore(t, "zhang", "13800000001", xinglin+"01")
	h.tellMore(t, "li", "13800000002", xinglin+"01")
	s := h.hand(t, ordinary())
	names := func() map[string]string {
		got := map[string]string{}
		for _, r := range read[list[residentView]](t, h.must(t, by, 200, "GET", "/residents?limit=100", "")).Items {
			got[r.ID] = r.Name
		}
		return got
	}
	if free := names(); strings.Contains(free[zhang]+free[li], "*") {
		t.Errorf("he serves nobody and reads %v", free)
	}
	h.must(t, by, 200, "POST", "/residents/"+li+"/serve", "")
	reads := h.rows(t, "trail", "act = 'person.read' AND object = ?", zhang)
	if now := names(); strings.Contains(now[li], "*") || !strings.Contains(now[zhang], "*") {
		t.Errorf("he serves li and reads %v", now)
	}
	found := read[list[residentView]](t, h.must(t, by, 200, "POST", "/residents/find", `{"phone":"13800000001"}`)).Items
	if len(found) != 1 || found[0].ID != zhang || !strings.Contains(found[0].Name, "*") {
		t.Errorf("found %+v", found)
	}
	h.wantRows(t, 1, "trail", "act = 'person.find' AND object = ?", zhang) // whose number it is he has learnt all the same
	if one := read[residentView](t, h.must(t, by, 200, "GET", "/residents/"+zhang, "")); !strings.Contains(one.Name, "*") {
		t.Errorf("%+v", one)
	}
	if after := h.rows(t, "trail", "act = 'person.read' AND object = ?", zhang); after != reads {
		t.Error("a masked name is a read in the trail")
	}
	for path, c := range map[string]struct{ body, code string }{
		"/errands/ledger":                      {`{` + thisMonth + `,"names":"full","cause":"file","note":"月底造册"}`, "session.serving"},
		"/appeals/" + s.id + "/reveal-contact": {`{"reason":"电话联系"}`, "session.other_client"},
	} {
		h.refused(t, by, 409, c.code, "POST", path, c.body)
	}
	h.wantRows(t, 0, "tries", "kind IN ('reveal', 'ledger_whole')")
	h.ledger(t, by, thisMonth)
	h.must(t, by, 200, "POST", "/residents/"+zhang+"/serve", "")
	h.must(t, by, 200, "POST", "/appeals/"+s.id+"/reveal-contact", `{"reason":"电话联系"}`)
	h.must(t, by, 200, "POST", "/me/serving/end", "")
	h.ledger(t, by, thisMonth+`,"names":"full","cause":"file","note":"月底造册"`)
}
