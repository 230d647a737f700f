package api

import (
	"strings"
	"testing"
	"time"

	"tongban/internal/family"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// askHelp lets somebody ask whoever has the phone, and answers the relation's id.
func (h *house) askHelp(t testing.TB, who, phone, scope string) string {
	t.Helper()
	body := `{"phone":"` + phone + `","scope":"` + scope + `","valid_until":"2027-06-30","consent":{"text_version":"` + consentVersion + `"}}`
	return read[actingView](t, h.must(t, who, 201, "POST", "/me/helpers", body)).ID
}

func (h *house) confirmHelp(t testing.TB, who, id string) {
	t.Helper()
	h.must(t, who, 200, "POST", "/actings/"+id+"/confirm", "")
}

const somethingWrong = `{"class":"help","text":"家门口的路灯坏了半个月。","identity":"public"`

func TestActingFlow(t *testing.T) {
	if err := family.ActingFlow.Check([]flow.Act{family.ConfirmActing, family.EndActing}); err != nil {
		t.Error(err)
	}
}

// TestHelperActsWhileItLasts plays 亲友代办: the daughter (li) acts for her mother (zhang), both are in the trail, and it is over
// the moment the mother ends it.
func TestHelperActsWhileItLasts(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.tellMore(t, "zhang", "13800000001", "")
	h.tellMore(t, "li", "13800000002", "")
	h.prove(t, "li", "13800000002")
	mother, daughter := h.actor(t, "zhang").Person, h.actor(t, "li").Person
	own := read[receiptView](t, h.must(t, "zhang", 201, "POST", "/appeals", somethingWrong+`}`))
	forMother := somethingWrong + `,"on_behalf_of_resident_id":"` + mother + `"}`
	h.must(t, "li", 422, "POST", "/appeals", forMother)

	id := h.askHelp(t, "zhang", "13800000002", "filed")
	h.must(t, "li", 422, "POST", "/appeals", forMother) // not before she agrees
	h.refused(t, "zhang", 403, "acting.not_yours_to_confirm", "POST", "/actings/"+id+"/confirm", "")
	h.must(t, "wang", 404, "POST", "/actings/"+id+"/confirm", "")
	h.confirmHelp(t, "li", id)
	made := read[receiptView](t, h.must(t, "li", 201, "POST", "/appeals", forMother))

	seen := read[appealView](t, h.must(t, "li", 200, "GET", "/appeals/"+made.ID, ""))
	if seen.Mine || seen.OnBehalfOf != mother || seen.Petitioner == nil || seen.Helper == nil || seen.Helper.ID != daughter || !seen.History[0].Helped || seen.Village != xinglin {
		t.Errorf("the daughter sees %+v", seen)
	}
	seen = read[appealView](t, h.must(t, "zhang", 200, "GET", "/appeals/"+made.ID, ""))
	if !seen.Mine || seen.OnBehalfOf != "" || seen.Helper == nil || seen.Helper.ID != daughter || strings.Contains(seen.Helper.Name, "𠮷") {
		t.Errorf("the mother sees %+v", seen)
	}
	seen = read[appealView](t, h.must(t, "dispatcher", 200, "GET", "/appeals/"+made.ID, ""))
	if seen.Petitioner == nil || seen.Petitioner.ID != mother || seen.Helper == nil || seen.Helper.ID != daughter {
		t.Errorf("the dispatcher sees %+v", seen)
	}
	h.must(t, "li", 404, "GET", "/appeals/"+own.ID, "") // not handed in by her

	add := `"text":"灯杆上写着编号十七。"`
	h.must(t, "li", 422, "POST", "/appeals/"+made.ID+"/supplement", `{`+add+`}`)
	h.must(t, "zhang", 422, "POST", "/appeals/"+made.ID+"/supplement", `{`+add+`,"on_behalf_of_resident_id":"`+mother+`"}`)
	h.must(t, "li", 200, "POST", "/appeals/"+made.ID+"/supplement", `{`+add+`,"on_behalf_of_resident_id":"`+mother+`"}`)
	h.must(t, "li", 200, "POST", "/appeals/"+made.ID+"/urge", `{"on_behalf_of_resident_id":"`+mother+`"}`)
	var used []store.TrailRow
	if err := h.Store.Read(t.Context()).Where("act = ? AND object = ? AND person = ?", "acting.use", mother, daughter).Find(&used).Error; err != nil || len(used) != 3 {
		t.Errorf("%d uses are in the trail, want 3 (%v)", len(used), err)
	}

	h.must(t, "zhang", 200, "POST", "/actings/"+id+"/end", "")
	h.must(t, "li", 404, "GET", "/appeals/"+made.ID, "")
	h.must(t, "li", 404, "POST", "/appeals/"+made.ID+"/withdraw", `{"on_behalf_of_resident_id":"`+mother+`"}`)
	h.must(t, "li", 422, "POST", "/appeals", forMother)
	h.must(t, "li", 409, "POST", "/actings/"+id+"/end", "")
	for _, c := range itemsOf(t, h.must(t, "zhang", 200, "GET", "/me/consents", "")) {
		if (c["withdrawn_at"] != nil) != (c["kind"] == "acting") {
			t.Errorf("after the end the consent is %v", c)
		}
	}
}

func TestHelpingEndsWithItsLastDay(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.prove(t, "li", "13800000002")
	own := read[receiptView](t, h.must(t, "zhang", 201, "POST", "/appeals", somethingWrong+`}`))
	body := `{"phone":"13800000002","scope":"all","valid_until":"2026-11-24","consent":{"text_version":"` + consentVersion + `"}}`
	asked := read[actingView](t, h.must(t, "zhang", 201, "POST", "/me/helpers", body))
	h.refused(t, "zhang", 409, "acting.already", "POST", "/me/helpers", body)
	h.must(t, "zhang", 422, "POST", "/me/helpers", strings.Replace(body, "2026-11-24", "2027-11-24", 1))
	h.must(t, "zhang", 422, "POST", "/me/helpers", strings.Replace(body, "2026-11-24", "2026-11-22", 1))
	h.refused(t, "li", 422, "acting.yourself", "POST", "/me/helpers", body)
	h.confirmHelp(t, "li", asked.ID)
	h.must(t, "li", 200, "GET", "/appeals/"+own.ID, "")
	h.clock.Advance(48 * time.Hour)
	h.must(t, "li", 404, "GET", "/appeals/"+own.ID, "")
	h.must(t, "li", 422, "POST", "/appeals", somethingWrong+`,"on_behalf_of_resident_id":"`+h.actor(t, "zhang").Person+`"}`)
}

// TestWhoMerelyTypedTheNumberIsNobodysHelper: somebody who knows the daughter's number types it into his own record, before or
// after she is asked. He learns nothing of it and does not stand in for her.
func TestWhoMerelyTypedTheNumberIsNobodysHelper(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.tellMore(t, "wang", "13800000002", "")
	id := h.askHelp(t, "zhang", "13800000002", "all")
	h.must(t, "wang", 404, "POST", "/actings/"+id+"/confirm", "")
	h.must(t, "wang", 404, "POST", "/actings/"+id+"/end", "")
	if seen := read[list[actingView]](t, h.must(t, "wang", 200, "GET", "/actings", "")); len(seen.Items) != 0 {
		t.Errorf("he sees %+v", seen.Items)
	}
	h.tellMore(t, "li", "13800000002", "")
	h.must(t, "li", 404, "POST", "/actings/"+id+"/confirm", "")
	h.prove(t, "li", "13800000002")
	h.confirmHelp(t, "li", id)
}

// TestClerkWritesDownAHelper is for an old man without a phone: his neighbour helps from then on.
func TestClerkWritesDownAHelper(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	old := read[residentView](t, h.must(t, "clerk-xinglin", 201, "POST", "/residents", `{"name":"周老汉","village":"`+xinglin+`",`+spoken+`}`)).ID
	body := `{"helper":"` + h.actor(t, "li").Person + `","scope":"all","valid_until":"2027-06-30",` + spoken + `}`
	made := read[actingView](t, h.must(t, "clerk-xinglin", 201, "POST", "/residents/"+old+"/helpers", body))
	h.must(t, "clerk-hewan", 404, "POST", "/residents/"+old+"/helpers", body)
	filed := read[receiptView](t, h.must(t, "li", 201, "POST", "/appeals", somethingWrong+`,"on_behalf_of_resident_id":"`+old+`"}`))
	h.must(t, "clerk-xinglin", 404, "GET", "/appeals/"+filed.ID, "") // the village did not file it
	h.must(t, "clerk-hewan", 404, "POST", "/actings/"+made.ID+"/end", "")
	h.must(t, "clerk-xinglin", 200, "POST", "/actings/"+made.ID+"/end", "")
	h.must(t, "li", 404, "GET", "/appeals/"+filed.ID, "")
}
