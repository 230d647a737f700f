package api

import (
	"testing"

	"tongban/internal/casework"
	"tongban/internal/errand"
)

// TestAfterTheRevocation: whoever revoked is acted for by nobody, by no call and by nothing that comes queued; what she says at the counter is
// written down.
func TestAfterTheRevocation(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	const agent, other = "clerk-xinglin", "deputy-xinglin"
	refused := func(who, path, body, code string) {
		t.Helper()
		h.refused(t, who, 403, code, "POST", path, body)
	}
	e := h.errandAt(t, errand.SentIn)
	h.walkCase(t, e.matter, casework.Receive, casework.AskCorrection)
	at := "/cases/" + e.matter.id
	refused(other, at+"/correct", caseBodies[casework.Correct], "errand.act_not_agent")
	h.must(t, "zhang", 200, "POST", "/errands/"+e.id+"/revoke", `{}`)
	for _, who := range []string{agent, other} {
		refused(who, at+"/correct", caseBodies[casework.Correct], "errand.act_over")
		refused(who, at+"/withdraw", caseBodies[casework.Withdraw], "errand.act_over")
	}
	late := queueUp("after-the-revocation", [3]string{"withdrawCase", at[len("/cases/"):], caseBodies[casework.Withdraw]})
	wantOutcomes(t, h.takeAll(t, agent, late...), "invalid:errand.act_over")
	here := queueUp("she-came", [3]string{"identifyErrand", e.id, `{"how":"in_person","document":"id_card"}`}, [3]string{"correctCase", at[len("/cases/"):], caseBodies[casework.Correct]})
	wantOutcomes(t, h.takeAll(t, agent, here...), "created created")
	h.must(t, other, 200, "POST", "/residents/"+h.actor(t, "zhang").Person+"/serve", "")
	refused(other, at+"/withdraw", caseBodies[casework.Withdraw], "errand.act_over")
	h.must(t, other, 200, "POST", "/errands/"+e.id+"/identify", `{"how":"in_person","document":"id_card"}`)
	h.must(t, other, 200, "POST", at+"/withdraw", caseBodies[casework.Withdraw])
	h.wantRows(t, 2, "trail", "act = 'errand.dictate' AND object = ?", e.id)

	home := h.errandAt(t, errand.ResultReceived)
	h.must(t, "zhang", 200, "POST", "/errands/"+home.id+"/revoke", `{}`)
	deliver := "/cases/" + home.matter.id + "/deliver"
	h.refused(t, agent, 409, "errand.receive_over", "POST", deliver, `{"method":"by_clerk","relation":"other","receiver":"邻居","proof":"签字"}`)
	h.must(t, agent, 200, "POST", deliver, `{"method":"in_person","relation":"self","proof":"本人签字"}`)
}

// TestADeputyFiles: the agent is away, and the clerk whom the entrustment names does it for him; it is told in his name.
func TestADeputyFiles(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	const agent, other = "clerk-xinglin", "deputy-xinglin"
	stand := h.actor(t, other).Person
	m := h.draft(t, filed())
	of := read[ErrandView](t, h.must(t, agent, 201, "POST", "/errands", `{"case":"`+m.id+`","deputy":"`+stand+`",`+entrusted+`}`))
	if of.Deputy == nil || of.Deputy.ID != stand {
		t.Errorf("%+v", of.Deputy)
	}
	e := anErrandCase{of.ID, m}
	h.must(t, other, 200, "POST", "/errands/"+e.id+"/identify", `{"how":"in_person","document":"id_card"}`)
	h.must(t, other, 200, "POST", "/errands/"+e.id+"/check", `{}`)
	if w := h.onErrandAct(t, other, errand.File, e); w.Code != 403 {
		t.Errorf("the agent is here: %d %s", w.Code, w.Body)
	}
	h.must(t, agent, 201, "POST", "/deputies", `{"deputy":"`+stand+`","first_on":"`+h.day(0)+`","last_on":"`+h.day(3)+`"}`)
	if w := h.onErrandAct(t, other, errand.File, e); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	seen := read[ErrandView](t, h.must(t, other, 200, "GET", "/errands/"+e.id, ""))
	if last := seen.History[len(seen.History)-1]; last.Actor != stand || last.For != h.actor(t, agent).Person || !last.Stead {
		t.Errorf("%+v", last)
	}
	h.wantRows(t, 1, "trail", "act = 'deputy.act' AND object = ?", e.id)
	if hers := h.errandStands(t, e).History; hers[len(hers)-1].For != "" || !hers[len(hers)-1].Stead {
		t.Errorf("she reads %+v", hers[len(hers)-1])
	}
}
