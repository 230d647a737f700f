package appeal

import (
	"sync"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store/storetest"
)

// Of 200 dispatches at once, from two replicas, exactly one wins; the others learn how it stands.
func TestOfManyDispatchesOneWins(t *testing.T) {
	h, o := fresh(t)
	twin, _ := desk(t, storetest.Again(t, o), holidays(t))
	id := h.to(Accepted, h.submit().ID)
	offices := []string{h.office("civil-affairs"), h.office("water")}
	actor := h.dispatcher()

	var wait sync.WaitGroup
	errs := make([]error, 200)
	for i := range errs {
		wait.Go(func() {
			d := h.Desk
			if i%2 == 1 {
				d = twin
			}
			_, errs[i] = d.Dispatch(t.Context(), actor, id, Order{Version: 2, Office: offices[i%2]})
		})
	}
	wait.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		want(t, err, ErrNotNow)
		now := fault.Of(err).Current
		if now == nil || now.Status != "dispatched" || now.Version != 3 || len(now.Offers.([]flow.Offer)) == 0 {
			t.Fatalf("told %+v", now)
		}
	}
	if won != 1 || h.letters("appeal.dispatch", id) != 1 || h.row(id).Version != 3 {
		t.Errorf("%d won, %d letters", won, h.letters("appeal.dispatch", id))
	}
	h.sound()
}

func TestAnOldVersionIsToldHowItStands(t *testing.T) {
	h := open_(t)
	id := h.submit().ID
	must(t, h.do(Urge, h.resident, id))
	_, err := h.Accept(t.Context(), h.dispatcher(), id, Acceptance{Version: 1})
	want(t, err, ErrNotNow)
	if now := fault.Of(err).Current; now == nil || now.Version != 2 || now.Status != "submitted" {
		t.Errorf("told %+v", now)
	}
	_, err = h.Accept(t.Context(), h.dispatcher(), id, Acceptance{Version: 2})
	must(t, err)
}

func TestWhereAnAppealMayGo(t *testing.T) {
	h := open_(t)
	about := h.as("officer-liuquan", officer)
	for name, c := range map[string]struct {
		order  Order
		change func(*Submission)
		fault  error
		field  string
	}{
		"a department":         {Order{Office: "civil-affairs"}, nil, nil, ""},
		"the town":             {Order{Office: "liuquan-centre", CoOffices: []string{"civil-affairs", "civil-affairs", "liuquan-centre"}}, nil, nil, ""},
		"another town":         {Order{Office: "shiqiao-centre"}, nil, ErrElsewhere, ""},
		"another town helps":   {Order{Office: "civil-affairs", CoOffices: []string{"shiqiao-centre"}}, nil, ErrElsewhere, ""},
		"the village leads":    {Order{Office: "xinglin-station"}, nil, ErrVillageNotLead, ""},
		"the village's own":    {Order{Office: "xinglin-station", VillageAffair: true}, nil, nil, ""},
		"the village helps":    {Order{Office: "liuquan-centre", CoOffices: []string{"xinglin-station"}}, nil, nil, ""},
		"office complained of": {Order{Office: "civil-affairs"}, func(s *Submission) { s.AboutOffice = h.office("civil-affairs") }, ErrComplainedOf, ""},
		"it helps":             {Order{Office: "liuquan-centre", CoOffices: []string{"civil-affairs"}}, func(s *Submission) { s.AboutOffice = h.office("civil-affairs") }, ErrComplainedOf, ""},
		"the person's office":  {Order{Office: "liuquan-centre"}, func(s *Submission) { s.AboutPerson = about.Person }, ErrComplainedOf, ""},
		"nowhere":              {Order{Office: ""}, nil, nil, "body.office"},
		"six helpers":          {Order{Office: "civil-affairs", CoOffices: []string{"water", "housing", "health", "forestry", "justice", "veterans"}}, nil, nil, "body.co_offices"},
	} {
		t.Run(name, func(t *testing.T) {
			id := h.to(Accepted, h.submit(func(s *Submission) {
				if c.change != nil {
					c.change(s)
				}
			}).ID)
			order := c.order
			if order.Office != "" {
				order.Office = h.office(order.Office)
			}
			order.CoOffices = nil
			for _, code := range c.order.CoOffices {
				order.CoOffices = append(order.CoOffices, h.office(code))
			}
			seen, err := h.Dispatch(t.Context(), h.dispatcher(), id, order)
			switch {
			case c.fault != nil:
				want(t, err, c.fault)
			case c.field != "":
				wrongField(t, err, c.field)
			case err != nil:
				t.Error(detailed(err))
			case seen.Office != order.Office:
				t.Errorf("went to %s", seen.Office)
			}
		})
	}
	h.sound()
}

func TestCoHandlersLookOnAndNote(t *testing.T) {
	h := open_(t)
	id := h.to(Accepted, h.submit().ID)
	water := h.as("officer-water", officer)
	_, err := h.Get(t.Context(), water, id)
	want(t, err, fault.NotFound)
	seen, err := h.Dispatch(t.Context(), h.dispatcher(), id, Order{Office: h.office("civil-affairs"), CoOffices: []string{h.office("water")}, Note: "请水利局配合。"})
	must(t, err)
	if len(seen.CoOffices) != 1 {
		t.Errorf("co-handlers %v", seen.CoOffices)
	}
	want(t, h.do(Acknowledge, water, id), ErrNotLead)
	want(t, h.do(AskSendBack, water, id), ErrNotLead)
	must(t, h.do(Note, water, id))
	must(t, h.do(Acknowledge, h.officer(), id))
	want(t, h.do(Contact, water, id), ErrNotOwner)
	seen, err = h.Get(t.Context(), water, id)
	must(t, err)
	if len(seen.Offers) != 1 || seen.Offers[0].Do != Note {
		t.Errorf("a co-handler is offered %v", seen.Offers)
	}
	// Reassigned, it is gone from both.
	_, err = h.Reassign(t.Context(), h.supervisor(), id, Order{Office: h.office("housing")})
	must(t, err)
	for _, actor := range []access.Actor{water, h.officer()} {
		_, err = h.Get(t.Context(), actor, id)
		want(t, err, fault.NotFound)
	}
	if row := h.row(id); row.Owner != "" || row.AcknowledgedAt != nil {
		t.Error("reassigned with its old owner")
	}
	h.sound()
}

func TestSendBackWithinItsLimits(t *testing.T) {
	h := open_(t)
	id := h.to(Accepted, h.submit().ID)
	civil, county := h.office("civil-affairs"), h.supervisor()
	town := access.Actor{Person: "town-supervisor", Post: "p", Role: supervisor, Office: h.office("liuquan-centre"), Area: "219901101"}
	for range 2 {
		must(t, h.do(Dispatch, h.dispatcher(), id))
		must(t, h.do(AskSendBack, h.officer(), id))
		_, err := h.AgreeSendBack(t.Context(), h.dispatcher(), id, SendBackDecision{Office: civil})
		wrongField(t, err, "body.office")
		must(t, h.do(AgreeSendBack, h.dispatcher(), id))
		_, err = h.Get(t.Context(), h.officer(), id)
		want(t, err, fault.NotFound)
	}
	must(t, h.do(Dispatch, h.dispatcher(), id))
	must(t, h.do(AskSendBack, h.officer(), id))
	for _, actor := range []access.Actor{h.dispatcher(), town} {
		_, err := h.AgreeSendBack(t.Context(), actor, id, SendBackDecision{Office: civil})
		want(t, err, ErrCountyDecides)
	}
	_, err := h.AgreeSendBack(t.Context(), county, id, SendBackDecision{})
	wrongField(t, err, "body.office")
	_, err = h.AgreeSendBack(t.Context(), county, id, SendBackDecision{Office: h.office("xinglin-station")})
	want(t, err, ErrVillageNotLead)
	_, err = h.AgreeSendBack(t.Context(), county, id, SendBackDecision{Office: civil})
	must(t, err)

	_, err = h.Dispatch(t.Context(), h.dispatcher(), id, Order{Office: h.office("water")})
	want(t, err, ErrOfficeDecided)
	must(t, h.do(Dispatch, h.dispatcher(), id))
	want(t, h.do(AskSendBack, h.officer(), id), ErrOfficeDecided)
	_, err = h.Reassign(t.Context(), h.dispatcher(), id, Order{Office: h.office("water")})
	want(t, err, ErrOfficeDecided)
	_, err = h.Reassign(t.Context(), county, id, Order{Office: h.office("water")})
	must(t, err)
	if row := h.row(id); row.SendBacks != 3 || row.DecidedOffice != h.office("water") {
		t.Errorf("%d send-backs, decided for %s", row.SendBacks, row.DecidedOffice)
	}
	h.sound()
}

func TestSendBackWithinOneWorkingDay(t *testing.T) {
	h := open_(t)
	h.shanghai("2026-11-27 16:00") // Friday
	id := h.to(Dispatched, h.submit().ID)
	h.shanghai("2026-11-30 23:59")
	must(t, h.do(AskSendBack, h.officer(), id))
	must(t, h.do(RefuseSendBack, h.dispatcher(), id))
	h.shanghai("2026-12-01 00:00")
	err := h.do(AskSendBack, h.officer(), id)
	want(t, err, ErrSendBackLate)
	if now := fault.Of(err).Current; now == nil || now.Status != "dispatched" {
		t.Errorf("told %+v", now)
	}
}

func TestMergeKeepsFollowersInTheKnow(t *testing.T) {
	h := open_(t)
	merge := func(id, master string) error {
		_, err := h.Merge(t.Context(), h.dispatcher(), id, Merger{Master: master})
		return err
	}
	master, done := h.submit().ID, h.to(Withdrawn, h.submit().ID)
	in := submission()
	receipt, err := h.Submit(t.Context(), h.other, in)
	must(t, err)
	follower := receipt.Appeal.ID
	for _, wrong := range []string{"x", follower, done} {
		want(t, merge(follower, wrong), ErrMaster)
	}
	elsewhere := access.Actor{Person: "d2", Post: "p", Role: dispatcher, Office: "o", Area: "219901201"}
	_, err = h.Merge(t.Context(), elsewhere, follower, Merger{Master: master})
	want(t, err, fault.NotFound)
	must(t, merge(follower, master))
	want(t, merge(h.submit().ID, follower), ErrMaster)
	want(t, merge(master, h.submit().ID), ErrHasFollowers)
	want(t, h.do(Withdraw, h.resident, master), ErrHasFollowers)

	h.to(Replied, master)
	if h.letters("appeal.master_reply", follower) != 1 || h.letters("appeal.master_accept", follower) != 0 {
		t.Error("the follower was not told of the reply, or of too much")
	}
	tracked, err := h.Track(t.Context(), "192.0.2.1", receipt.Appeal.Number, receipt.QueryCode)
	must(t, err)
	if tracked.StatusText != "已并单，一起办的那件：已答复" {
		t.Errorf("%q", tracked.StatusText)
	}
	h.sound()
}

// Two mergers that would make a circle, or a chain, at once: never both.
func TestMergersAtOnceMakeNoChain(t *testing.T) {
	h := open_(t)
	actor := h.dispatcher()
	for range 5 {
		ids := []string{h.submit().ID, h.submit().ID, h.submit().ID}
		var wait sync.WaitGroup
		for i, id := range ids {
			wait.Go(func() {
				// Who loses is refused; that is the point.
				_, err := h.Merge(t.Context(), actor, id, Merger{Master: ids[(i+1)%3]})
				if k := fault.Of(err).Kind; err != nil && k != fault.Conflict && k != fault.Invalid {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		var chained int64
		must(t, h.store.Read(t.Context()).Table("appeals a").Joins("JOIN appeals m ON m.id = a.master").Where("m.master <> ''").Count(&chained).Error)
		if chained != 0 {
			t.Fatal("a master is merged itself")
		}
		h.pass(time.Second)
	}
	h.sound()
}
