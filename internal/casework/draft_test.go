package casework

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/notice"
	"tongban/internal/store"
)

// states of a case's papers.
func states(s Seen) map[string]MaterialState {
	m := map[string]MaterialState{}
	for _, p := range s.Materials {
		m[p.ID] = p.State
	}
	return m
}

func TestADraftHasThePapersOfTheAnswers(t *testing.T) {
	h := open(t)
	seen, err := h.Open(t.Context(), h.clerk(), Opening{
		Item: enrolment, Applicant: h.resident.Person, Answers: map[string][]string{"who": {"family"}, "hukou": {"here"}, "job": {"never"}, "aid": {"no"}, "pay": {"auto"}},
		Papers: []Paper{{Material: "bank_card", Copies: 1}},
	})
	must(t, err)
	if want := map[string]MaterialState{"id_card": Missing, "hukou_book": LookedUp, "agent_id": Missing, "bank_card": Given}; !maps.Equal(states(seen), want) {
		t.Errorf("%v", states(seen))
	}
	if seen.Number != "" || seen.AppliedAt != nil || !seen.ByAgent || seen.Applicant.Name.String() != "田**" || seen.Village != xinglin || seen.ItemVersion != 1 {
		t.Errorf("%+v", seen)
	}
	// Other answers: what stays on the list stays as it is.
	seen, err = h.Edit(t.Context(), h.clerk(), seen.ID, Editing{
		Version: seen.Version, Answers: map[string][]string{"who": {"self"}, "hukou": {"here"}, "job": {"never"}, "aid": {"poor"}, "pay": {"auto"}}, Papers: []Paper{{Material: "id_card"}},
	})
	must(t, err)
	if want := map[string]MaterialState{"id_card": Given, "hukou_book": LookedUp, "bank_card": Given, "assist_identity_info": LookedUp}; !maps.Equal(states(seen), want) {
		t.Errorf("%v", states(seen))
	}
	if seen.Version != 2 || seen.Answers["aid"][0] != "poor" {
		t.Errorf("version %d, %v", seen.Version, seen.Answers)
	}
	_, err = h.Edit(t.Context(), h.clerk(), seen.ID, Editing{Version: 1, Papers: []Paper{{Material: "id_card"}}})
	want(t, err, ErrNotNow)
	for field, p := range map[string]Paper{
		"body.papers.0.material": {Material: "passport"},
		"body.papers.0.state":    {Material: "id_card", State: Deferred},
		"body.papers.0.taken_as": {Material: "id_card", TakenAs: "fax"},
		"body.papers.0.copies":   {Material: "id_card", Copies: 100},
		"body.papers.0.files":    {Material: "id_card", State: Missing, Files: []string{"x"}},
	} {
		_, err := h.Edit(t.Context(), h.clerk(), seen.ID, Editing{Papers: []Paper{p}})
		wrongField(t, err, field)
	}
	_, err = h.Edit(t.Context(), h.clerk(), seen.ID, Editing{Papers: []Paper{{Material: "id_card", Files: []string{"x"}}}})
	wrongField(t, err, "body.papers.0.files")
	_, err = h.Edit(t.Context(), h.as("clerk-hewan", clerk), seen.ID, Editing{})
	want(t, err, fault.NotFound)
	must(t, h.do(Submit, h.clerk(), seen.ID))
	_, err = h.Edit(t.Context(), h.clerk(), seen.ID, Editing{Papers: []Paper{{Material: "id_card"}}})
	want(t, err, ErrNotNow)
	_, err = h.Edit(t.Context(), h.window(), seen.ID, Editing{})
	want(t, err, fault.NotYours)
	h.sound()
}

func TestWhoMayOpenWhat(t *testing.T) {
	h := open(t)
	far := h.register("远方人", "", hewan)
	for name, c := range map[string]struct {
		actor access.Actor
		in    Opening
		want  *fault.Fault
		field string
	}{
		"a window":                      {h.window(), Opening{Item: claim}, fault.NotYours, ""},
		"a stranger":                    {access.Stranger(), Opening{Item: claim}, fault.NotYours, ""},
		"an unknown item":               {h.resident, Opening{Item: "nothing"}, fault.BadField, "body.item_id"},
		"an unknown answer":             {h.resident, Opening{Item: claim, Answers: map[string][]string{"age": {"100"}}}, catalog.ErrAnswerUnknown, "body.answers.age"},
		"not eligible":                  {h.resident, Opening{Item: claim, Answers: map[string][]string{"age": {"no"}}}, ErrNotEligible, ""},
		"in person only":                {h.resident, Opening{Item: idCard}, ErrInPerson, ""},
		"a resident names somebody":     {h.resident, Opening{Item: claim, Applicant: h.other.Person}, fault.BadField, "body.applicant"},
		"a resident on his own behalf":  {h.resident, Opening{Item: claim, OnBehalf: h.resident.Person}, fault.BadField, behalfField},
		"a clerk without an applicant":  {h.clerk(), Opening{Item: claim}, fault.BadField, "body.applicant"},
		"a clerk for another village's": {h.clerk(), Opening{Item: claim, Applicant: far.Person}, fault.BadField, "body.applicant"},
		"a clerk as a helper":           {h.clerk(), Opening{Item: claim, Applicant: h.other.Person, OnBehalf: h.other.Person}, fault.BadField, behalfField},
		"an unknown notice":             {h.resident, Opening{Notice: catalog.NewCode(9)}, ErrNoNotice, ""},
		"a mistyped notice":             {h.resident, Opening{Notice: "0000-0000-0000"}, ErrNoNotice, ""},
		"whose village nobody knows":    {access.Actor{Person: h.nobody(), Role: resident}, Opening{Item: claim}, ErrNoVillage, ""},
		"for whom nobody is his helper": {h.other, Opening{Item: claim, OnBehalf: h.resident.Person}, fault.BadField, behalfField},
	} {
		_, err := h.Open(t.Context(), c.actor, c.in)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		} else if c.field != "" {
			wrongField(t, err, c.field)
		}
	}
	var n int64
	must(t, h.store.Read(t.Context()).Model(&Case{}).Count(&n).Error)
	if n != 0 {
		t.Errorf("%d cases", n)
	}
}

// TestWhatACountyHasNot: what its catalogue keeps from the clerk the applicant does himself; what no office of its handles nobody begins.
func TestWhatACountyHasNot(t *testing.T) {
	h := open(t)
	h.publish("03-pension-claim.yaml", "clerk_can_file: full", "clerk_can_file: none")
	_, err := h.Open(t.Context(), h.clerk(), Opening{Item: claim, Applicant: h.resident.Person, Answers: answers[claim]})
	want(t, err, ErrClerkCannot)
	own := Opening{Item: claim, Answers: answers[claim]}
	_, err = h.Open(t.Context(), h.resident, own)
	must(t, err)
	must(t, h.store.Write(t.Context(), h.system(), func(tx *store.Tx) error {
		return tx.Table("offices").Where("kind = ?", account.CountyHall).UpdateColumn("kind", account.Department).Error
	}))
	_, err = h.Open(t.Context(), h.resident, own)
	want(t, err, ErrNoOffice)
}

// nobody is a resident who has not said where he lives.
func (h *house) nobody() string {
	h.t.Helper()
	far := h.register("无村人", "", hewan)
	must(h.t, h.store.Write(h.t.Context(), h.system(), func(tx *store.Tx) error {
		return tx.Table("persons").Where("id = ?", far.Person).UpdateColumns(map[string]any{"village": "", "grid": "", "town": "", "county": ""}).Error
	}))
	return far.Person
}

func TestANoticeOpensItsCase(t *testing.T) {
	h := open(t)
	made, err := h.notices.Make(t.Context(), access.Stranger(), notice.Request{ItemID: claim, Village: xinglin, Answers: answers[claim]})
	must(t, err)
	_, err = h.Open(t.Context(), h.clerk(), Opening{Notice: made.Code, Item: enrolment, Applicant: h.resident.Person})
	wrongField(t, err, "body.item_id")
	seen, err := h.Open(t.Context(), h.clerk(), Opening{Notice: made.Code, Applicant: h.resident.Person})
	must(t, err)
	if seen.Item != claim || seen.ItemVersion != 1 || seen.Notice != made.ID || seen.Answers["card"][0] != "making" || seen.Outdated || len(seen.Materials) != 4 {
		t.Errorf("%+v", seen)
	}
}

func TestSubmissionIsComplete(t *testing.T) {
	h := open(t)
	id := h.file(claim)
	_, err := h.Submit(t.Context(), h.clerk(), id, Submission{Papers: []Paper{{Material: "id_card"}}})
	want(t, err, ErrMaterials)
	var lacking []string
	for _, f := range fault.Of(err).Fields {
		lacking = append(lacking, f.Location+" "+f.Message)
	}
	if !slices.Equal(lacking, []string{"body.papers.hukou_book 还缺：户口簿", "body.papers.application_form 还缺：待遇申领表"}) {
		t.Errorf("%v", lacking)
	}
	if row := h.row(id); row.Status != Draft || row.Number != nil {
		t.Errorf("%s %v", row.Status, row.Number)
	}
	receipt, err := h.Submit(t.Context(), h.clerk(), id, Submission{Papers: []Paper{{Material: "id_card"}, {Material: "hukou_book"}, {Material: "application_form", TakenAs: AsElectronic}}})
	must(t, err)
	if states(receipt.Case)["card_receipt"] != Deferred || states(receipt.Case)["id_card"] != Given {
		t.Errorf("%v", states(receipt.Case))
	}
	if letters, normal := store.NumberKind(receipt.Case.Number); letters != "BJ" || normal != receipt.Case.Number || len(receipt.QueryCode) != 6 {
		t.Errorf("%s %s", receipt.Case.Number, receipt.QueryCode)
	}
	tracked, err := h.Track(t.Context(), "1.1.1.1", receipt.Case.Number, receipt.QueryCode)
	must(t, err)
	if tracked.Status != Submitted || tracked.StatusText != "已提交" || !tracked.DueOn.IsZero() || len(tracked.History) != 1 || tracked.History[0].Text != "已提交申请" {
		t.Errorf("%+v", tracked)
	}
	h.rounds()
	tracked, err = h.Track(t.Context(), "1.1.1.1", receipt.Case.Number, receipt.QueryCode)
	must(t, err)
	if tracked.Status != Received || !tracked.Stands {
		t.Errorf("%+v", tracked)
	}
	must(t, h.do(Accept, h.window(), id))
	tracked, err = h.Track(t.Context(), "1.1.1.1", receipt.Case.Number[:2]+" "+receipt.Case.Number[2:], receipt.QueryCode)
	must(t, err)
	if tracked.Status != Accepted || tracked.Stands || tracked.DueOn.String() != "2026-12-07" || len(tracked.History) != 3 {
		t.Errorf("%+v", tracked)
	}
	for _, wrong := range [][2]string{{receipt.Case.Number, "000000x"}, {"BJ1012012611239999", receipt.QueryCode}, {"SQ1012012611230011", receipt.QueryCode}} {
		_, err = h.Track(t.Context(), "1.1.1.2", wrong[0], wrong[1])
		want(t, err, store.ErrNoMatch)
	}
}

func TestDraftsAreRationed(t *testing.T) {
	h := open(t)
	h.own(claim)
	must(t, h.store.Write(t.Context(), h.system(), func(tx *store.Tx) error {
		return tx.Table("tries").Where("kind = ? AND subject = ?", drafts.Kind, h.resident.Person).UpdateColumn("used", drafts.Most).Error
	}))
	_, err := h.Open(t.Context(), h.resident, Opening{Item: claim, Answers: answers[claim]})
	want(t, err, ErrQuota)
	if wait := fault.Of(err).Wait; wait != 24*time.Hour {
		t.Errorf("wait %v", wait)
	}
	h.file(claim) // a clerk works for others
}

func TestTwoPersonsDecide(t *testing.T) {
	h := open(t)
	id := h.to(Accepted, h.file(felling))
	both := h.decider()
	must(t, h.do(Review, both, id))
	seen, err := h.Get(t.Context(), both, id)
	must(t, err)
	if slices.ContainsFunc(seen.Offers, func(o flow.Offer) bool { return o.Do == Grant || o.Do == Deny }) {
		t.Errorf("the reviewer is offered the decision: %v", seen.Offers)
	}
	want(t, h.do(Grant, both, id), ErrTwoPersons)
	want(t, h.do(Deny, both, id), ErrTwoPersons)
	another := in(decider, "219901", both.Office)
	must(t, h.do(Grant, another, id))

	one := h.to(Accepted, h.file(claim)) // no licence: one person will do
	must(t, h.do(Review, both, one))
	must(t, h.do(Grant, both, one))
	h.sound()
}

func TestInstantItemsAreDecidedAtOnce(t *testing.T) {
	h := open(t)
	id := h.to(Received, h.file(enrolment))
	h.pass(10 * time.Minute)
	must(t, h.do(Grant, h.decider(), id))
	row := h.row(id)
	if row.Status != Granted || shanghai(row.AcceptedAt) != "2026-11-23 09:10" || shanghai(row.DecidedAt) != "2026-11-23 09:10" ||
		row.PromisedOn.String() != "2026-11-23" || row.LateAt != nil || row.DeliverOn.String() != "2026-12-07" {
		t.Errorf("%+v", row)
	}
	want(t, h.do(Grant, h.decider(), h.to(Received, h.file(claim))), ErrOnlyInstant)
	two := h.to(Received, h.file(enrolment))
	h.set(two, map[string]any{"two_persons": true})
	want(t, h.do(Grant, h.decider(), two), ErrTwoPersons)
	h.set(two, map[string]any{"two_persons": false})
	h.sound()
}

func TestExtensionOnceBeforeDue(t *testing.T) {
	h := open(t)
	id := h.to(Reviewing, h.file(claim)) // due on 12-07
	extend := func(days int, approver string) error {
		_, err := h.Extend(t.Context(), h.decider(), id, Extension{Days: days, Approver: approver, Text: "要到外县核实情况。"})
		return err
	}
	for _, n := range []int{0, -1, 11} {
		wrongField(t, extend(n, "局长"), "body.days")
	}
	wrongField(t, extend(5, ""), "body.approver")
	h.shanghai("2026-12-07 23:59")
	must(t, extend(10, "局长"))
	if row := h.row(id); row.PromisedOn.String() != "2026-12-21" || row.Light != "green" {
		t.Errorf("due on %s, %s", row.PromisedOn, row.Light)
	}
	want(t, extend(1, "局长"), ErrExtended)
	late := h.to(Reviewing, h.file(claim))
	h.pass(30 * 24 * time.Hour)
	want(t, h.do(Extend, h.decider(), late), ErrExtendLate)
	batch := h.to(Reviewing, h.file(subsidy))
	want(t, h.do(Extend, h.decider(), batch), ErrNothingToMove)
	h.sound()
}

func TestDelivery(t *testing.T) {
	h := open(t)
	id := h.to(Granted, h.file(claim))
	h.pass(2 * time.Hour)
	now := h.store.Clock().Now()
	good := Delivery{Method: "by_clerk", Relation: "family", Receiver: "田大娘", Proof: "按了手印"}
	for field, change := range map[string]func(*Delivery){
		"body.method":   func(d *Delivery) { d.Method = "pigeon" },
		"body.relation": func(d *Delivery) { d.Relation = "neighbour" },
		"body.receiver": func(d *Delivery) { d.Receiver = "" },
		"body.proof":    func(d *Delivery) { d.Proof = "" },
		"body.at":       func(d *Delivery) { early := now.Add(-3 * time.Hour); d.At = &early },
	} {
		in := good
		change(&in)
		_, err := h.Deliver(t.Context(), h.clerk(), id, in)
		wrongField(t, err, field)
	}
	future := now.Add(time.Hour)
	good.At = &future
	_, err := h.Deliver(t.Context(), h.clerk(), id, good)
	wrongField(t, err, "body.at")
	earlier := now.Add(-time.Hour)
	good.At = &earlier
	seen, err := h.Deliver(t.Context(), h.clerk(), id, good)
	must(t, err)
	if shanghai(seen.DeliveredAt) != "2026-11-23 10:00" || seen.Delivery.Receiver != "田大娘" || seen.Delivery.MethodText != "村办事员送到家" {
		t.Errorf("%+v", seen.Delivery)
	}
	h.shanghai("2026-12-23 23:59")
	if h.rounds(); h.row(id).Status != Delivered {
		t.Error("filed away too early")
	}
	h.shanghai("2026-12-24 00:00")
	if h.rounds(); h.row(id).Status != Concluded {
		t.Error("not filed away")
	}
	h.sound()
}

// A phone that is a little slow brings nothing before it was decided; one that is far off is wrong.
func TestASlowPhoneDelivers(t *testing.T) {
	h := open(t)
	good := Delivery{Method: "by_clerk", Relation: "self", Proof: "按了手印"}
	for early, wrong := range map[time.Duration]bool{5 * time.Minute: false, 11 * time.Minute: true} {
		id := h.to(Granted, h.file(claim))
		h.pass(time.Minute)
		decided := *h.row(id).DecidedAt
		said := store.WithSaid(t.Context(), store.Said{At: decided.Add(-early), Skew: 10 * time.Minute})
		seen, err := h.Deliver(said, h.clerk(), id, good)
		if wrong {
			wrongField(t, err, "body.at")
		} else if err != nil || !seen.DeliveredAt.Equal(decided) {
			t.Errorf("%v, delivered at %v, decided at %v", err, seen.DeliveredAt, decided)
		}
	}
	h.sound()
}

// When a village ends, what is open goes on with the other, and what is over stays filed where it was.
func TestCasesOfAVillageThatEnds(t *testing.T) {
	h := open(t)
	open, over := h.to(Received, h.file(claim)), h.to(Refused, h.file(claim))
	if used, numbers, err := openAt(h.store.Read(t.Context()), h.row(open).Office); err != nil || used != 1 || len(numbers) != 1 {
		t.Errorf("the office has %d open cases, %v, %v", used, numbers, err)
	}
	n, err := h.docket.Carry(t.Context(), xinglin, hewan)
	must(t, err)
	again, err := h.docket.Carry(t.Context(), xinglin, hewan)
	must(t, err)
	if n != 1 || again != 0 || h.row(open).Village != hewan || h.row(open).Grid != "" || h.row(over).Village != xinglin {
		t.Errorf("%d and %d carried; open in %s, over in %s", n, again, h.row(open).Village, h.row(over).Village)
	}
	if sees, err := h.CanSee(t.Context(), h.as("clerk-hewan", clerk), open); err != nil || !sees {
		t.Errorf("the other village's clerk sees it: %t, %v", sees, err)
	}
	h.sound()
}
