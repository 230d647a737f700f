package casework

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
)

func (h *house) civil() access.Actor { return h.as("officer-civil", access.Officer) }
func (h *house) water() access.Actor { return h.as("officer-water", access.Officer) }

// ask asks these people's offices until the third day, and returns the questions in their order.
func (h *house) ask(id string, of ...access.Actor) (questions []Opinion) {
	h.t.Helper()
	in := Asking{Question: "申请人是不是已经在享受同类待遇？", DueOn: clock.DateOf(h.store.Clock().Now()).AddDays(3)}
	for _, a := range of {
		in.Offices = append(in.Offices, a.Office)
	}
	seen, err := h.AskOpinions(h.t.Context(), h.reviewer(), id, in)
	must(h.t, err)
	for _, a := range of {
		at := slices.IndexFunc(seen.Opinions, func(o Opinion) bool { return o.Office == a.Office && o.Status == OpinionAsked })
		if at < 0 {
			h.t.Fatalf("%s was not asked: %+v", a.Office, seen.Opinions)
		}
		questions = append(questions, seen.Opinions[at])
	}
	return questions
}

// An office reads the one case that it is asked about, as long as it is, and acts on none.
func TestWhoIsAskedReadsThatCase(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	id, another := h.to(Reviewing, h.file(claim)), h.to(Reviewing, h.file(claim))
	reads := func(actor access.Actor, want bool) {
		t.Helper()
		seen, err := h.Get(ctx, actor, id)
		if (err == nil) != want || !want && !errors.Is(err, fault.NotFound) {
			t.Errorf("reads it: %v", err)
		}
		if want && (len(seen.Offers) != 0 || len(seen.Opinions) == 0 || seen.Opinions[0].Question == "") {
			t.Errorf("offered %v, told %+v", seen.Offers, seen.Opinions)
		}
		_, err = h.Documents(ctx, actor, id)
		if may, faulty := h.canRead(ctx, actor, id); may != want || (err == nil) != want || faulty != nil {
			t.Errorf("reads its papers: %t, %v, %v", may, err, faulty)
		}
	}
	reviews := in(reviewer, "219901", h.civil().Office)
	decides := in(decider, "219901", h.civil().Office)
	reads(h.civil(), false)
	q := h.ask(id, h.civil(), h.water())
	for _, actor := range []access.Actor{h.civil(), reviews, decides} {
		reads(actor, true)
		if list, err := h.List(ctx, actor, Filter{Limit: 10}); err != nil || len(list) != 0 {
			t.Errorf("lists %d cases, %v", len(list), err)
		}
		if sees, err := h.CanSee(ctx, actor, id); err != nil || sees {
			t.Errorf("sees it: %t, %v", sees, err)
		}
		_, err := h.Get(ctx, actor, another)
		want(t, err, fault.NotFound)
		_, err = h.AskOpinions(ctx, actor, id, Asking{Offices: []string{h.water().Office}, Question: "还有别的情况吗？", DueOn: q[0].DueOn})
		want(t, err, fault.NotFound)
	}
	for _, do := range Flow.Acts {
		if do.Name != Submit { // whose papers nobody lists here
			want(t, h.do(do.Name, decides, id), fault.NotFound)
		}
	}
	for _, actor := range []access.Actor{in(window, "219901", h.civil().Office), in(access.Officer, "219901", ""), h.as("officer-housing", access.Officer), h.other, access.Stranger()} {
		reads(actor, false)
		if list, err := h.Opinions(ctx, actor, OpinionFilter{Limit: 10}); err != nil || len(list) != 0 {
			t.Errorf("%s lists %d questions, %v", actor.Role, len(list), err)
		}
		_, err := h.GiveOpinion(ctx, actor, q[0].ID, Giving{Position: agrees})
		want(t, err, fault.NotFound)
	}
	for name, actor := range map[string]access.Actor{"applicant": h.resident, "clerk": h.clerk(), "supervisor": h.supervisor()} {
		seen, err := h.Get(ctx, actor, id)
		must(t, err)
		if len(seen.Opinions) != 2 || seen.Opinions[0].DueOn != q[0].DueOn || seen.Opinions[0].OfficeName == "" || seen.Opinions[0].Question != "" || seen.Opinions[0].AskedBy != "" {
			t.Errorf("the %s is told %+v", name, seen.Opinions)
		}
	}
	_, err := h.GiveOpinion(ctx, h.civil(), q[1].ID, Giving{Position: agrees})
	want(t, err, fault.NotFound)
	given, err := h.GiveOpinion(ctx, h.civil(), q[0].ID, Giving{Position: disagrees, Text: "他上个月已经在外县领取。"})
	must(t, err)
	if given.Status != OpinionGiven || given.Text == "" || given.Offered || given.GivenBy != h.civil().Person {
		t.Errorf("given %+v", given)
	}
	reads(h.civil(), false)
	_, err = h.GiveOpinion(ctx, h.civil(), q[0].ID, Giving{Position: agrees})
	want(t, err, ErrOpinionOver)
	reads(h.water(), true)
	_, err = h.WithdrawOpinion(ctx, h.reviewer(), id, Questioned{Opinion: q[1].ID})
	must(t, err)
	reads(h.water(), false)
	_, err = h.WithdrawOpinion(ctx, h.reviewer(), id, Questioned{Opinion: q[1].ID})
	want(t, err, ErrOpinionOver)
	if h.trailsOf("case.ask_opinions", id) != 2 || h.trailsOf("case.give_opinion", id) != 1 || h.trailsOf("case.withdraw_opinion", id) != 1 || h.letters("case.ask_opinions", id) != 1 {
		t.Error("not all of it is in the trail, or the applicant is told otherwise than once")
	}
	h.sound()
}

// Outside of the lead office and those asked the history tells that somebody was asked, and no more.
func TestTheHistoryHidesWhatOpinionsHide(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	id := h.to(Reviewing, h.file(claim))
	q := h.ask(id, h.civil(), h.water(), h.as("officer-housing", access.Officer))
	must(t, errOf(h.RemindOpinion(ctx, h.reviewer(), id, Questioned{Opinion: q[0].ID})))
	must(t, errOf(h.GiveOpinion(ctx, h.civil(), q[0].ID, Giving{Position: agrees})))
	must(t, errOf(h.WithdrawOpinion(ctx, h.reviewer(), id, Questioned{Opinion: q[2].ID})))
	for name, c := range map[string]struct {
		actor  access.Actor
		inside bool
	}{
		"reviewer": {h.reviewer(), true}, "window": {h.window(), true}, "office that is asked": {h.water(), true},
		"applicant": {h.resident, false}, "clerk": {h.clerk(), false}, "supervisor": {h.supervisor(), false},
	} {
		seen, err := h.Get(ctx, c.actor, id)
		must(t, err)
		told := map[flow.Act]string{}
		for _, line := range seen.History {
			told[line.Act] = line.Actor
		}
		for _, do := range []flow.Act{remindOpinionAct, giveOpinionAct, withdrawOpinionAct} {
			if who, there := told[do]; there != c.inside || there && who == "" {
				t.Errorf("the %s is told of %s: %t, by %q", name, do, there, who)
			}
		}
		if who, there := told[askOpinionAct]; !there || (who != "") != c.inside {
			t.Errorf("the %s is told that %q asked", name, who)
		}
	}
}

// What makes no sense is refused, each with its field or code.
func TestAskingTakesSense(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	id := h.to(Reviewing, h.file(claim))
	row := h.row(id)
	due := row.dues().Binding().On
	right := Asking{Offices: []string{h.civil().Office}, Question: "是否属实，请核对。", DueOn: due}
	health, err := h.people.OfficeByCode(ctx, "health")
	must(t, err)
	for field, wrong := range map[string][]func(*Asking){
		"body.offices": {
			func(a *Asking) { a.Offices = nil }, func(a *Asking) { a.Offices = []string{h.reviewer().Office} }, func(a *Asking) { a.Offices = []string{"nowhere"} },
			func(a *Asking) { a.Offices = []string{h.civil().Office, h.civil().Office} },
			func(a *Asking) { a.Offices = []string{health.ID} }, // nobody works there
			func(a *Asking) { a.Offices = slices.Repeat([]string{h.civil().Office}, mostOffices+1) },
		},
		"body.due_on": {
			func(a *Asking) { a.DueOn = clock.DateOf(h.store.Clock().Now()) }, func(a *Asking) { a.DueOn = due.AddDays(1) }, func(a *Asking) { a.DueOn = clock.Date{} },
		},
		"body.question": {func(a *Asking) { a.Question = "？" }},
	} {
		for i, spoil := range wrong {
			in := right
			spoil(&in)
			if _, err := h.AskOpinions(ctx, h.reviewer(), id, in); err == nil {
				t.Errorf("%s %d: asked", field, i)
			} else {
				wrongField(t, err, field)
			}
		}
	}
	for _, actor := range []access.Actor{h.window(), h.supervisor(), h.clerk(), h.resident} {
		_, err := h.AskOpinions(ctx, actor, id, right)
		want(t, err, fault.NotYours)
	}
	for _, state := range []flow.State{Received, Accepted, Suspended, Granted} {
		_, err := h.AskOpinions(ctx, h.decider(), h.to(state, h.file(claim)), right)
		want(t, err, ErrNotNow)
	}
	before := h.row(id).Version
	_, err = h.AskOpinions(ctx, h.decider(), id, right)
	must(t, err)
	_, err = h.AskOpinions(ctx, h.reviewer(), id, right)
	want(t, err, ErrAskedAlready)
	right.Version, right.Offices = before, []string{h.water().Office}
	_, err = h.AskOpinions(ctx, h.reviewer(), id, right)
	want(t, err, ErrNotNow)

	seen, err := h.Get(ctx, h.reviewer(), id)
	must(t, err)
	q := Questioned{Opinion: seen.Opinions[0].ID}
	reminded, err := h.RemindOpinion(ctx, h.reviewer(), id, q)
	must(t, err)
	if o := reminded.Opinions[0]; o.Reminders != 1 || o.RemindedAt == nil {
		t.Errorf("reminded %+v", o)
	}
	_, err = h.RemindOpinion(ctx, h.reviewer(), id, q)
	want(t, err, ErrRemindedToday)
	h.pass(24 * time.Hour)
	_, err = h.RemindOpinion(ctx, h.reviewer(), id, q)
	must(t, err)
	_, err = h.RemindOpinion(ctx, h.reviewer(), h.to(Reviewing, h.file(claim)), q)
	wrongField(t, err, "body.opinion")

	_, err = h.GiveOpinion(ctx, h.civil(), q.Opinion, Giving{Position: "perhaps"})
	wrongField(t, err, "body.position")
	for _, position := range []string{disagrees, notOurs} {
		_, err = h.GiveOpinion(ctx, h.civil(), q.Opinion, Giving{Position: position})
		wrongField(t, err, "body.text")
	}
	both := h.civil()
	both.Person = h.decider().Person // who asked holds a post there too
	_, err = h.GiveOpinion(ctx, both, q.Opinion, Giving{Position: agrees})
	want(t, err, ErrOwnQuestion)
	h.sound()
}

// A decision waits for the opinions or for their day, and cites them; silence is no agreement.
func TestADecisionCitesWhatWasSaid(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	for _, do := range []flow.Act{Grant, Deny} {
		id := h.to(Reviewing, h.file(claim))
		q := h.ask(id, h.civil(), h.water(), h.as("officer-housing", access.Officer))
		want(t, h.do(do, h.decider(), id), ErrOpinionsDue)
		_, err := h.GiveOpinion(ctx, h.civil(), q[0].ID, Giving{Position: disagrees, Text: "他的水费还没有交清，秘密。"})
		must(t, err)
		_, err = h.WithdrawOpinion(ctx, h.decider(), id, Questioned{Opinion: q[2].ID})
		must(t, err)
		h.store.Clock().Set(q[1].DueOn.End().Add(-time.Second))
		want(t, h.do(do, h.decider(), id), ErrOpinionsDue)
		h.store.Clock().Set(q[1].DueOn.End())
		must(t, h.do(do, h.decider(), id))
		papers := h.documents(h.clerk(), id)
		text := strings.Join(papers[len(papers)-1].Says.Paragraphs, "\n")
		for _, part := range []string{"青禾县民政局于", "答复“不同意”", "青禾县水利局到", "没有提出意见"} {
			if !strings.Contains(text, part) {
				t.Errorf("the decision lacks %q: %s", part, text)
			}
		}
		if strings.Contains(text, "秘密") || strings.Contains(text, "住房") {
			t.Errorf("the decision tells too much: %s", text)
		}
		seen, err := h.Get(ctx, h.decider(), id)
		must(t, err)
		var states []flow.State
		for _, o := range seen.Opinions {
			states = append(states, o.Status)
		}
		slices.Sort(states)
		if !slices.Equal(states, []flow.State{OpinionGiven, OpinionMissing, OpinionWithdrawn}) {
			t.Errorf("the questions are %v", states)
		}
		_, err = h.Get(ctx, h.water(), id)
		want(t, err, fault.NotFound)
		_, err = h.GiveOpinion(ctx, h.water(), q[1].ID, Giving{Position: agrees})
		want(t, err, ErrOpinionOver)
	}
	for do, by := range map[flow.Act]access.Actor{Withdraw: h.clerk(), Terminate: h.decider(), Grant: h.county()} { // none of these waits
		id := h.to(Reviewing, h.file(claim))
		q := h.ask(id, h.civil())
		must(t, h.do(do, by, id))
		if o, err := h.GetOpinion(ctx, h.civil(), q[0].ID); err != nil || o.Status != OpinionOver || o.EndedAt == nil {
			t.Errorf("after %s: %+v, %v", do, o, err)
		}
	}
	h.sound()
}

// Nobody is asked: the decision says nothing of it.
func TestADecisionWithoutOpinions(t *testing.T) {
	h := open(t)
	papers := h.documents(h.clerk(), h.to(Granted, h.file(claim)))
	if text := strings.Join(papers[len(papers)-1].Says.Paragraphs, "\n"); strings.Contains(text, "意见") {
		t.Error(text)
	}
}

// Answers, withdrawals of the question or of the case, and decisions at one moment: they happen one after another, and each raises the version by one.
func TestOpinionsAndDecisionsHappenInOrder(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	ends := map[flow.State]int{}
	civil, water, first, last, clerk := h.civil(), h.water(), h.reviewer(), h.decider(), h.clerk()
	for range *raceRounds {
		id := h.to(Reviewing, h.file(claim))
		q := h.ask(id, civil, water)
		h.store.Clock().Set(q[0].DueOn.End())
		before := h.row(id).Version
		acts := []func() error{
			func() error { _, err := h.GiveOpinion(ctx, civil, q[0].ID, Giving{Position: agrees}); return err },
			func() error {
				_, err := h.GiveOpinion(ctx, civil, q[0].ID, Giving{Position: notOurs, Text: "这不归我们管。"})
				return err
			},
			func() error { _, err := h.GiveOpinion(ctx, water, q[1].ID, Giving{Position: agrees}); return err },
			func() error { _, err := h.WithdrawOpinion(ctx, first, id, Questioned{Opinion: q[1].ID}); return err },
			func() error { return h.do(Grant, last, id) },
			func() error { return h.do(Withdraw, clerk, id) },
		}
		told := make([]error, len(acts))
		start := make(chan struct{})
		var running sync.WaitGroup
		for i, do := range acts {
			running.Go(func() {
				<-start
				told[i] = do()
			})
		}
		close(start)
		running.Wait()
		won := 0
		for i, err := range told {
			switch {
			case err == nil:
				won++
			case fault.Of(err).Kind != fault.Conflict:
				t.Errorf("act %d: %s", i, detailed(err))
			}
		}
		after := h.row(id)
		if after.Version != before+won || told[0] == nil && told[1] == nil || told[2] == nil && told[3] == nil || told[4] == nil && told[5] == nil {
			t.Errorf("version %d to %d, told %v", before, after.Version, told)
		}
		ends[after.Status]++
	}
	t.Log(ends)
	h.sound()
}

// What must not be is found.
func TestOpinionChecksFind(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	id := h.to(Reviewing, h.file(claim))
	q := h.ask(id, h.civil())
	_, err := h.GiveOpinion(ctx, h.civil(), q[0].ID, Giving{Position: agrees})
	must(t, err)
	must(t, h.do(Grant, h.decider(), id))
	h.sound()
	var row opinionRow
	must(t, h.store.Read(ctx).Where("id = ?", q[0].ID).Take(&row).Error)
	good := map[string]any{"case_id": row.CaseID, "status": string(row.Status), "given_by": row.GivenBy, "decision": row.Decision}
	for name, wrong := range map[string]map[string]any{
		"opinions on no case": {"case_id": "nothing"}, "opinions in a state that there is not": {"status": "lost"},
		"opinions given that nobody gave, or the other way round":      {"given_by": ""},
		"offices asked about a case that is not handled, or their own": {"status": "asked"},
		"decisions that cite what was neither given nor missing":       {"status": "withdrawn"},
		"decisions that do not cite what was given":                    {"decision": ""},
		"opinions missing before their day was over":                   {"status": "missing"},
	} {
		set := func(columns map[string]any) {
			must(t, h.store.Write(ctx, h.system(), func(tx *store.Tx) error {
				return tx.Table("case_opinions").Where("id = ?", q[0].ID).UpdateColumns(columns).Error
			}))
		}
		set(wrong)
		faults, err := h.store.Fsck(ctx, opinionChecks())
		must(t, err)
		if !slices.ContainsFunc(faults, func(f store.Fault) bool { return f.Check == name }) {
			t.Errorf("%s: found %v", name, faults)
		}
		restored := map[string]any{}
		for column := range wrong {
			restored[column] = good[column]
		}
		set(restored)
	}
	h.sound()
}

// A joint item's limits may be extended by up to 15 working days, where the county's rule for others is ten.
func TestAJointItemIsExtendedLonger(t *testing.T) {
	h := open(t)
	item, err := h.items.Version(t.Context(), claim, 1)
	must(t, err)
	more := func(days int) error {
		_, err := h.Extend(t.Context(), h.decider(), h.to(Reviewing, h.file(claim)), Extension{Days: days, Approver: "县人民政府负责人", Text: "几个单位的意见还没有到齐。"})
		return err
	}
	wrongField(t, more(15), "body.days")
	joint := *item
	joint.Joint = true
	was := *item
	*item = joint
	defer func() { *item = was }()
	must(t, more(catalog.JointExtension.Value))
	wrongField(t, more(catalog.JointExtension.Value+1), "body.days")
}
