package api

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongban/internal/family"
	"tongban/internal/flow"
	"tongban/internal/store"
)

func TestGuardianFlow(t *testing.T) {
	if err := family.GuardianFlow.Check([]flow.Act{family.EndActing, family.CloseActing}); err != nil {
		t.Error(err)
	}
}

// register lets the clerk of xinglin register somebody; more is what stands in the body besides name and village.
func (h *house) register(t testing.TB, name, more string) string {
	t.Helper()
	return read[residentView](t, h.must(t, "clerk-xinglin", 201, "POST", "/residents", `{"name":"`+name+`","village":"`+xinglin+`",`+more+`}`)).ID
}

// consents of a resident by kind, as his clerk sees them.
func (h *house) consents(t testing.TB, id string) map[string]consentView {
	t.Helper()
	all := map[string]consentView{}
	for _, c := range read[list[consentView]](t, h.must(t, "clerk-xinglin", 200, "GET", "/residents/"+id+"/consents", "")).Items {
		if c.Person == id {
			all[c.Kind] = c
		}
	}
	return all
}

func wrongAt(t testing.TB, w *httptest.ResponseRecorder, at string) {
	t.Helper()
	if p := problemOf(t, w); len(p.Errors) != 1 || p.Errors[0].Location != at {
		t.Errorf("want a word on %s, got %s", at, w.Body)
	}
}

// TestHouseholdMembersHelpEachOther is 户 and 亲友代办 in one story: zhang and li live together, which gives neither a right; zhang asks li
// without knowing his phone, li agrees, and it is over after the last day.
func TestHouseholdMembersHelpEachOther(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	mother, son := h.actor(t, "zhang").Person, h.actor(t, "li").Person
	own := read[receiptView](t, h.must(t, "zhang", 201, "POST", "/appeals", somethingWrong+`}`))
	home := read[householdView](t, h.must(t, "clerk-xinglin", 201, "POST", "/households", `{"number":"3组-12","head":"`+mother+`"}`))
	ask := `{"helper":"` + son + `","scope":"all","valid_until":"2026-11-30","consent":{"text_version":"` + consentVersion + `"}}`
	wrongAt(t, h.must(t, "zhang", 422, "POST", "/me/helpers", ask), "body.helper") // not of the household
	home = read[householdView](t, h.must(t, "clerk-xinglin", 200, "POST", "/households/"+home.ID+"/add", `{"person":"`+son+`","relation":"20"}`))
	if len(home.Members) != 2 || home.Members[0].Relation != family.Head || home.Members[1].RelationText != "子" || home.Members[1].Name != "李𠮷" || home.Version != 2 {
		t.Errorf("the clerk sees %+v", home)
	}
	h.must(t, "li", 404, "GET", "/appeals/"+own.ID, "") // living together is no right
	seen := read[householdView](t, h.must(t, "li", 200, "GET", "/households/"+home.ID, ""))
	if seen.HeadName != "张**" || seen.Members[0].Name != "张**" || seen.Members[1].Name != "李𠮷" || seen.Number != "3组-12" {
		t.Errorf("the son sees %+v", seen)
	}
	h.must(t, "wang", 404, "GET", "/households/"+home.ID, "")
	h.must(t, "clerk-hewan", 404, "GET", "/households/"+home.ID, "")
	if n := len(itemsOf(t, h.must(t, "zhang", 200, "GET", "/households", ""))); n != 1 {
		t.Errorf("the mother sees %d households", n)
	}

	wrongAt(t, h.must(t, "zhang", 422, "POST", "/me/helpers", strings.Replace(ask, `{`, `{"phone":"13800000002",`, 1)), "body.phone")
	h.must(t, "zhang", 422, "POST", "/me/helpers", strings.Replace(ask, son, mother, 1))
	asked := read[actingView](t, h.must(t, "zhang", 201, "POST", "/me/helpers", ask))
	h.must(t, "zhang", 409, "POST", "/me/helpers", ask)
	h.must(t, "li", 404, "GET", "/appeals/"+own.ID, "")
	h.must(t, "zhang", 403, "POST", "/actings/"+asked.ID+"/confirm", "")
	h.must(t, "wang", 404, "POST", "/actings/"+asked.ID+"/confirm", "")
	if agreed := read[actingView](t, h.must(t, "li", 200, "POST", "/actings/"+asked.ID+"/confirm", "")); agreed.Kind != family.Friend || agreed.Helper != son {
		t.Errorf("%+v", agreed)
	}
	h.must(t, "li", 200, "GET", "/appeals/"+own.ID, "")

	// Leaving the household ends nothing that both agreed to; the last day does, and then he may ask again.
	h.must(t, "clerk-xinglin", 200, "POST", "/households/"+home.ID+"/remove", `{"person":"`+son+`","why":"split"}`)
	h.must(t, "li", 404, "GET", "/households/"+home.ID, "")
	h.must(t, "li", 200, "GET", "/appeals/"+own.ID, "")
	h.clock.Advance(8 * 24 * time.Hour)
	h.must(t, "li", 404, "GET", "/appeals/"+own.ID, "")
	h.must(t, "clerk-xinglin", 200, "POST", "/households/"+home.ID+"/add", `{"person":"`+son+`","relation":"20"}`)
	h.must(t, "zhang", 201, "POST", "/me/helpers", strings.Replace(ask, "2026-11-30", "2026-12-30", 1))
}

// TestHouseholdIsKept is the clerk's book: one household at a time, a new head with all relations said, and the end.
func TestHouseholdIsKept(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	head, wife, son := h.register(t, "周老汉", spoken), h.register(t, "吴秀兰", spoken), h.register(t, "周小山", spoken)
	made := func(number, head string, status int) *httptest.ResponseRecorder {
		return h.must(t, "clerk-xinglin", status, "POST", "/households", `{"number":"`+number+`","head":"`+head+`"}`)
	}
	do := func(id, act, body string, status int) *httptest.ResponseRecorder {
		return h.must(t, "clerk-xinglin", status, "POST", "/households/"+id+"/"+act, body)
	}
	code := func(w *httptest.ResponseRecorder, want string) {
		t.Helper()
		if got := problemOf(t, w).Code; got != want {
			t.Errorf("want %s, got %s", want, w.Body)
		}
	}
	id := read[householdView](t, made("12", head, 201)).ID
	code(made("12", wife, 409), "household.number_taken")
	code(made("13", head, 409), "household.has_one")
	wrongAt(t, made("13", h.actor(t, "wang").Person, 422), "body.head")
	for _, number := range []string{"一?", "张三家", "13800000001", idNumber1, "-1"} {
		wrongAt(t, made(number, wife, 422), "body.number")
	}
	h.must(t, "window-liuquan", 403, "POST", "/households", `{"number":"13","head":"`+wife+`"}`)
	h.must(t, "window-liuquan", 403, "GET", "/households", "")
	do(id, "add", `{"person":"`+wife+`","relation":"10"}`, 200)
	do(id, "add", `{"person":"`+son+`","relation":"20"}`, 200)
	code(do(id, "add", `{"person":"`+son+`","relation":"20"}`, 409), "household.has_one")
	do(id, "add", `{"person":"`+son+`","relation":"02"}`, 422)
	wrongAt(t, do(id, "add", `{"person":"`+h.actor(t, "wang").Person+`","relation":"99"}`, 422), "body.person")
	code(do(id, "remove", `{"person":"`+head+`","why":"death"}`, 409), "household.head_stays")
	wrongAt(t, do(id, "remove", `{"person":"`+someID+`","why":"death"}`, 422), "body.person")

	wrongAt(t, do(id, "head", `{"head":"`+wife+`","relations":[{"person":"`+head+`","relation":"10"}]}`, 422), "body.relations")
	wrongAt(t, do(id, "head", `{"head":"`+head+`","relations":[]}`, 422), "body.head")
	now := read[householdView](t, do(id, "head", `{"head":"`+wife+`","relations":[{"person":"`+head+`","relation":"10"},{"person":"`+son+`","relation":"20"}]}`, 200))
	if now.Head != wife || now.HeadName != "吴秀兰" || now.Members[0].Relation != family.Head || now.Members[1].Relation != "10" {
		t.Errorf("%+v", now)
	}
	do(id, "remove", `{"person":"`+head+`","why":"death"}`, 200)
	ended := read[householdView](t, do(id, "end", `{"why":"moved"}`, 200))
	if ended.EndedAt == nil || len(ended.Members) != 0 {
		t.Errorf("%+v", ended)
	}
	code(do(id, "end", `{"why":"moved"}`, 409), "household.ended")
	code(do(id, "add", `{"person":"`+head+`","relation":"99"}`, 409), "household.ended")
	again := read[householdView](t, made("12", son, 201)) // number and people are free again
	var history, open int64
	db := h.Store.Read(t.Context()).Table("household_members")
	if err := db.Where("household = ?", id).Count(&history).Error; err != nil {
		t.Fatal(err)
	}
	if err := h.Store.Read(t.Context()).Table("household_members").Where("open_person IS NOT NULL").Count(&open).Error; err != nil {
		t.Fatal(err)
	}
	if history != 3 || open != 1 || len(again.Members) != 1 {
		t.Errorf("%d members are history, %d are open", history, open)
	}
	var read int64
	if err := h.Store.Read(t.Context()).Model(&store.TrailRow{}).Where("act = ? AND object = ?", "person.read", head).Count(&read).Error; err != nil || read == 0 {
		t.Errorf("the clerk has read names, and the trail says nothing of it (%v)", err)
	}
}

// TestGuardianActsForAChild: a mother is the guardian of her daughter of nine. She agrees for her, acts for her as herself could, and
// at fourteen the daughter is asked herself, without losing anything; at eighteen it is over.
func TestGuardianActsForAChild(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	mother := h.actor(t, "zhang").Person
	born := `"birth_date":"2017-05-06",`
	alone := h.must(t, "clerk-xinglin", 422, "POST", "/residents", `{"name":"小燕","village":"`+xinglin+`",`+born+spoken+`}`)
	if p := problemOf(t, alone); p.Code != "consent.guardian_needed" || p.Errors[0].Location != "body.consent.given_by" {
		t.Errorf("%s", alone.Body)
	}
	byMother := `"consent":{"text_version":"2026-01","how":"signed","given_by":"` + mother + `"}`
	child := h.register(t, "张小燕", born+byMother)
	if c := read[residentView](t, h.must(t, "clerk-xinglin", 200, "GET", "/residents/"+child, "")); !c.Child {
		t.Errorf("%+v is no child", c)
	}
	forChild := somethingWrong + `,"on_behalf_of_resident_id":"` + child + `"}`
	h.must(t, "zhang", 422, "POST", "/appeals", forChild) // who agreed is no guardian yet
	guard := `{"guardian":"` + mother + `","relation":"mother","proof":"birth_certificate",` + spoken + `}`
	h.must(t, "clerk-hewan", 404, "POST", "/residents/"+child+"/guardians", guard)
	made := read[actingView](t, h.must(t, "clerk-xinglin", 201, "POST", "/residents/"+child+"/guardians", guard))
	if made.ValidUntil.String() != "2035-05-05" || made.Kind != family.Guardian || made.Relation != "母亲" || made.Proof != "出生医学证明" || made.StatusText != "监护中" {
		t.Errorf("%+v", made)
	}
	h.must(t, "clerk-xinglin", 409, "POST", "/residents/"+child+"/guardians", guard)
	filed := read[receiptView](t, h.must(t, "zhang", 201, "POST", "/appeals", forChild))
	seen := read[appealView](t, h.must(t, "zhang", 200, "GET", "/appeals/"+filed.ID, ""))
	if seen.OnBehalfOf != child {
		t.Errorf("%+v", seen)
	}
	h.must(t, "zhang", 409, "POST", "/actings/"+made.ID+"/end", "")
	for _, a := range itemsOf(t, h.must(t, "zhang", 200, "GET", "/actings", "")) {
		if len(a["offers"].([]any)) != 0 {
			t.Errorf("the guardian is offered %v", a["offers"])
		}
	}

	// The day before she is fourteen her mother's consent holds, on the birthday she is asked herself.
	h.clock.Set(time.Date(2031, 5, 5, 4, 0, 0, 0, time.UTC))
	if c := h.consents(t, child)["registration"]; c.Lapsed || c.GivenBy != mother {
		t.Errorf("the day before: %+v", c)
	}
	h.must(t, "clerk-xinglin", 422, "POST", "/residents/"+child+"/consents", `{`+spoken+`}`)
	h.must(t, "clerk-xinglin", 200, "POST", "/residents/"+child+"/consents", `{`+byMother+`}`)
	h.clock.Set(time.Date(2031, 5, 6, 4, 0, 0, 0, time.UTC))
	if c := h.consents(t, child)["registration"]; !c.Lapsed || !strings.Contains(c.Follows, "十四周岁") {
		t.Errorf("on the birthday: %+v", c)
	}
	wrongAt(t, h.must(t, "clerk-xinglin", 422, "POST", "/residents/"+child+"/consents", `{`+byMother+`}`), "body.consent.given_by")
	h.must(t, "zhang", 200, "GET", "/appeals/"+filed.ID, "") // what was begun goes on
	own := read[consentView](t, h.must(t, "clerk-xinglin", 200, "POST", "/residents/"+child+"/consents", `{`+spoken+`}`))
	if own.GivenBy != child || own.Lapsed {
		t.Errorf("%+v", own)
	}

	// The guardian sees until the day before the eighteenth birthday.
	h.clock.Set(time.Date(2035, 5, 5, 4, 0, 0, 0, time.UTC))
	h.must(t, "zhang", 200, "GET", "/appeals/"+filed.ID, "")
	h.clock.Set(time.Date(2035, 5, 5, 16, 0, 0, 0, time.UTC)) // midnight in Shanghai
	h.must(t, "zhang", 404, "GET", "/appeals/"+filed.ID, "")
}

// TestGuardianIsChanged: the clerk ends a guardianship with a reason, a ward of full age has one for a time that was decided.
func TestGuardianIsChanged(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	aunt := h.actor(t, "li").Person
	child := h.register(t, "小山", `"birth_date":"2012-02-29",`+`"consent":{"text_version":"2026-01","how":"spoken"}`)
	old := h.register(t, "周老汉", `"id_number":"`+idNumber1+`",`+spoken)
	young := h.register(t, "小吴", `"birth_date":"2009-01-01",`+spoken)
	post := func(ward, guardian, rest string, status int) *httptest.ResponseRecorder {
		return h.must(t, "clerk-xinglin", status, "POST", "/residents/"+ward+"/guardians", `{"guardian":"`+guardian+`",`+rest+spoken+`}`)
	}
	const minor, ward = `"relation":"other","proof":"appointed",`, `"relation":"child","proof":"court",`
	wrongAt(t, post(child, young, minor, 422), "body.guardian") // under age
	wrongAt(t, post(child, child, minor, 422), "body.guardian")
	wrongAt(t, post(child, h.actor(t, "wang").Person, minor, 422), "body.guardian") // of another village
	wrongAt(t, post(child, aunt, ward, 422), "body.relation")
	wrongAt(t, post(child, aunt, minor+`"birth_date":"2012-03-01",`, 422), "body.birth_date")
	wrongAt(t, post(old, aunt, ward, 422), "body.valid_until")
	wrongAt(t, post(old, aunt, `"relation":"child","proof":"household_register","valid_until":"2027-01-01",`, 422), "body.proof")
	wrongAt(t, post(old, aunt, ward+`"valid_until":"2031-11-24",`, 422), "body.valid_until")
	unknown := h.register(t, "无名", spoken)
	wrongAt(t, post(unknown, aunt, minor, 422), "body.birth_date")
	if a := read[actingView](t, post(unknown, aunt, minor+`"birth_date":"2020-01-02",`, 201)); a.ValidUntil.String() != "2038-01-01" {
		t.Errorf("%+v", a)
	}
	if a := read[actingView](t, post(old, aunt, ward+`"valid_until":"2031-11-23",`, 201)); a.ValidUntil.String() != "2031-11-23" {
		t.Errorf("%+v", a)
	}
	made := read[actingView](t, post(child, aunt, minor, 201))
	if made.ValidUntil.String() != "2030-02-27" {
		t.Errorf("who was born on 29 February is eighteen on the 28th: %+v", made)
	}
	h.must(t, "clerk-hewan", 404, "POST", "/guardians/"+made.ID+"/end", `{"why":"changed"}`)
	h.must(t, "clerk-xinglin", 422, "POST", "/guardians/"+made.ID+"/end", `{"why":"bored"}`)
	h.must(t, "clerk-xinglin", 200, "POST", "/guardians/"+made.ID+"/end", `{"why":"changed"}`)
	h.must(t, "clerk-xinglin", 409, "POST", "/guardians/"+made.ID+"/end", `{"why":"changed"}`)
	h.must(t, "li", 422, "POST", "/appeals", somethingWrong+`,"on_behalf_of_resident_id":"`+child+`"}`)
	read[actingView](t, post(child, aunt, minor, 201))
	friend := h.askHelp(t, "zhang", "13900000000", "all")
	h.must(t, "clerk-xinglin", 404, "POST", "/guardians/"+friend+"/end", `{"why":"changed"}`)
}

// TestChildrenAgreeToNothingOnAScreen: under fourteen nobody consents by himself, with whatever he says how old he is.
func TestChildrenAgreeToNothingOnAScreen(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	tick := `"consent":{"text_version":"` + consentVersion + `"}}`
	tell := `{"name":"小孩","village":"` + xinglin + `",`
	for date, want := range map[string]string{"2012-11-24": "consent.guardian_needed", "2026-11-24": "birth_date.invalid"} {
		h.refused(t, "newcomer", 422, want, "POST", "/me", tell+`"birth_date":"`+date+`",`+tick)
	}
	h.refused(t, "newcomer", 409, "consent.register_first", "POST", "/me/consents", `{`+tick)
	h.must(t, "newcomer", 200, "POST", "/me", tell+`"birth_date":"2012-11-23",`+tick) // fourteen today
	h.must(t, "newcomer", 409, "POST", "/me", tell+`"birth_date":"2001-11-23",`+tick)

	// A child that has WeChat through the clerk's record.
	id := h.actor(t, "li").Person
	guard := `{"guardian":"` + h.actor(t, "zhang").Person + `","relation":"father","proof":"household_register","birth_date":"2013-01-01",` + spoken + `}`
	h.must(t, "clerk-xinglin", 201, "POST", "/residents/"+id+"/guardians", guard)
	for path, body := range map[string]string{
		"/me": `{"phone":"13800000002",` + tick, "/me/consents": `{` + tick,
		"/me/helpers": `{"phone":"13900000000","scope":"all","valid_until":"2026-11-30",` + tick,
	} {
		h.refused(t, "li", 422, "consent.guardian_needed", "POST", path, body)
	}
	h.must(t, "clerk-xinglin", 422, "POST", "/residents/"+id+"/helpers", `{"helper":"`+h.actor(t, "zhang").Person+`","scope":"all","valid_until":"2027-06-30",`+spoken+`}`)
	h.clock.Set(time.Date(2027, 1, 1, 2, 0, 0, 0, time.UTC))
	delete(h.logins, "li")
	h.must(t, "li", 200, "POST", "/me/consents", `{`+tick)
}

// TestWithdrawal is 撤回同意: of help it ends it at once, of registration it means closing, of a child's it is the guardian's; a clerk writes
// it down for whom has no phone.
func TestWithdrawal(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.tellMore(t, "li", "13800000002", "")
	h.prove(t, "li", "13800000002")
	own := read[receiptView](t, h.must(t, "zhang", 201, "POST", "/appeals", somethingWrong+`}`))
	acting := h.askHelp(t, "zhang", "13800000002", "all")
	h.confirmHelp(t, "li", acting)
	h.must(t, "li", 200, "GET", "/appeals/"+own.ID, "")
	mine := map[string]string{}
	for _, c := range itemsOf(t, h.must(t, "zhang", 200, "GET", "/me/consents", "")) {
		mine[c["kind"].(string)] = c["id"].(string)
	}
	withdraw := func(who, id string, status int, code string) *httptest.ResponseRecorder {
		t.Helper()
		w := h.must(t, who, status, "POST", "/me/consents/"+id+"/withdraw", "")
		if status >= 400 {
			if p := problemOf(t, w); p.Code != code {
				t.Errorf("want %s, got %s", code, w.Body)
			}
		}
		return w
	}
	withdraw("li", mine["acting"], 404, "request.not_found")
	if c := read[consentView](t, withdraw("zhang", mine["acting"], 200, "")); c.WithdrawnAt == nil {
		t.Errorf("%+v", c)
	}
	h.must(t, "li", 404, "GET", "/appeals/"+own.ID, "")
	withdraw("zhang", mine["acting"], 409, "consent.withdrawn")
	h.must(t, "zhang", 409, "POST", "/actings/"+acting+"/end", "")
	if w := withdraw("zhang", mine["registration"], 409, "consent.means_closing"); !strings.Contains(w.Body.String(), "/me/close") {
		t.Errorf("nobody says how: %s", w.Body)
	}

	// By the clerk, for an old man without a phone.
	old := h.register(t, "周老汉", spoken)
	made := read[actingView](t, h.must(t, "clerk-xinglin", 201, "POST", "/residents/"+old+"/helpers",
		`{"helper":"`+h.actor(t, "li").Person+`","scope":"all","valid_until":"2027-06-30",`+spoken+`}`))
	filed := read[receiptView](t, h.must(t, "li", 201, "POST", "/appeals", somethingWrong+`,"on_behalf_of_resident_id":"`+old+`"}`))
	his := h.consents(t, old)
	path := "/residents/" + old + "/consents/" + his["acting"].ID + "/withdraw"
	h.must(t, "clerk-hewan", 404, "POST", path, `{"how":"spoken"}`)
	h.must(t, "grid-xinglin", 404, "POST", path, `{"how":"spoken"}`)
	h.must(t, "clerk-xinglin", 422, "POST", path, `{"how":"on_screen"}`)
	h.must(t, "clerk-xinglin", 404, "POST", strings.Replace(path, old, h.actor(t, "zhang").Person, 1), `{"how":"spoken"}`)
	h.must(t, "clerk-xinglin", 200, "POST", path, `{"how":"spoken"}`)
	h.must(t, "clerk-xinglin", 409, "POST", path, `{"how":"spoken"}`)
	h.must(t, "clerk-xinglin", 409, "POST", "/residents/"+old+"/consents/"+his["registration"].ID+"/withdraw", `{"how":"spoken"}`)
	h.must(t, "li", 404, "GET", "/appeals/"+filed.ID, "")
	var kept struct{ WithdrawnBy, WithdrawnHow string }
	if err := h.Store.Read(t.Context()).Table("consents").Where("id = ?", his["acting"].ID).Take(&kept).Error; err != nil || kept.WithdrawnBy != h.actor(t, "clerk-xinglin").Person || kept.WithdrawnHow != "spoken" {
		t.Errorf("%+v, %v", kept, err)
	}
	h.must(t, "clerk-xinglin", 409, "POST", "/actings/"+made.ID+"/end", "")

	// A guardian's, for a child.
	mother := h.actor(t, "zhang").Person
	child := h.register(t, "小燕", `"birth_date":"2017-05-06","consent":{"text_version":"2026-01","how":"signed","given_by":"`+mother+`"}`)
	h.must(t, "clerk-xinglin", 201, "POST", "/residents/"+child+"/guardians", `{"guardian":"`+mother+`","relation":"mother","proof":"court",`+spoken+`}`)
	for _, c := range itemsOf(t, h.must(t, "zhang", 200, "GET", "/me/consents", "")) {
		switch {
		case c["kind"] == "guardian":
			withdraw("zhang", c["id"].(string), 409, "guardian.at_counter")
		case c["person"] == child:
			h.refused(t, "clerk-xinglin", 403, "consent.by_guardian", "POST", "/residents/"+child+"/consents/"+c["id"].(string)+"/withdraw", `{"how":"spoken"}`) // not by the child
			withdraw("li", c["id"].(string), 404, "request.not_found")
			withdraw("zhang", c["id"].(string), 200, "")
			withdraw("zhang", c["id"].(string), 409, "consent.withdrawn")
		}
	}
	if c := h.consents(t, child)["registration"]; c.WithdrawnAt == nil {
		t.Errorf("%+v", c)
	}
}
