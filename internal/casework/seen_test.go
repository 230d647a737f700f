package casework

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	"tongban/internal/family"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

func in(role access.Role, area access.Area, office string) access.Actor {
	return access.Actor{Person: "p-" + string(role) + string(area), Post: "post", Role: role, Office: office, Area: area}
}

func TestWhoSeesWhat(t *testing.T) {
	h := open(t)
	draft := h.file(claim)
	filed := h.to(Submitted, h.file(claim))
	own := h.to(Reviewing, h.own(claim))
	hall := h.window().Office
	town, err := h.people.OfficeByCode(t.Context(), "liuquan-centre")
	must(t, err)
	for _, c := range []struct {
		name              string
		actor             access.Actor
		draft, filed, own bool
	}{
		{"the applicant", h.resident, true, true, true},
		{"another resident", h.other, false, false, false},
		{"a stranger", access.Stranger(), false, false, false},
		{"a resident without id", access.Actor{Role: resident, Area: xinglin}, false, false, false},
		{"the village's clerk", h.clerk(), true, true, false},
		{"its deputy", in(clerk, xinglin, ""), true, true, false},
		{"another village's clerk", h.as("clerk-hewan", clerk), false, false, false},
		{"the grid's worker", h.as("clerk-xinglin", access.GridWorker), false, false, false},
		{"the office's window", h.window(), false, true, true},
		{"its reviewer", h.reviewer(), false, true, true},
		{"its decider", h.decider(), false, true, true},
		{"another office's window", in(window, "219901101", town.ID), false, false, false},
		{"another office's reviewer", in(reviewer, "219901101", town.ID), false, false, false},
		{"another office's decider", in(decider, "219901101", town.ID), false, false, false},
		{"a window without office", in(window, "219901", ""), false, false, false},
		{"the supervisor", h.supervisor(), false, true, true},
		{"the town's supervisor", in(supervisor, "219901101", ""), false, true, true},
		{"another town's supervisor", in(supervisor, "219901201", ""), false, false, false},
		{"the county's platform", h.county(), false, true, true},
		{"another county's platform", access.Actor{Role: county, Area: "219902"}, false, false, false},
		{"an officer of the hall", in(access.Officer, "219901", hall), false, false, false},
		{"a dispatcher", h.as("dispatcher", access.Dispatcher), false, false, false},
		{"a follow-up", h.as("follow-up", access.FollowUp), false, false, false},
		{"an editor", h.as("editor", access.Editor), false, false, false},
		{"the system administrator", h.as("system-admin", access.SystemAdmin), false, false, false},
		{"the audit administrator", h.as("audit-admin", access.AuditAdmin), false, false, false},
	} {
		list, err := h.List(t.Context(), c.actor, Filter{Limit: 10})
		must(t, err)
		counts, err := h.Counts(t.Context(), c.actor)
		must(t, err)
		total := 0
		for id, sees := range map[string]bool{draft: c.draft, filed: c.filed, own: c.own} {
			_, err := h.Get(t.Context(), c.actor, id)
			listed := slices.ContainsFunc(list, func(s Seen) bool { return s.ID == id })
			if (err == nil) != sees || listed != sees {
				t.Errorf("%s: get %v, listed %v, want %v", c.name, err, listed, sees)
			}
			if !sees {
				want(t, err, fault.NotFound)
			} else {
				total++
			}
		}
		sum := 0
		for _, n := range counts {
			sum += n
		}
		if sum != total {
			t.Errorf("%s counts %d and sees %d", c.name, sum, total)
		}
	}
}

// help makes the other resident a helper of the resident now, as his clerk may.
func (h *house) help(scope family.Scope, until string) (end func()) {
	h.t.Helper()
	day, err := clock.ParseDate(until)
	must(h.t, err)
	a, err := family.New(h.store, h.people).SetHelper(h.t.Context(), h.clerk(), h.resident.Person, family.HelperAsked{
		Helper: h.other.Person, Scope: scope, Until: day, Consent: account.Consent{TextVersion: "2026-01", How: account.Signed},
	})
	must(h.t, err)
	return func() {
		_, err := family.New(h.store, h.people).EndHelping(h.t.Context(), h.clerk(), a.ID)
		must(h.t, err)
	}
}

func TestAHelperDoesWhatTheApplicantCould(t *testing.T) {
	h := open(t)
	before := h.to(Submitted, h.own(claim))
	_, err := h.Open(t.Context(), h.other, Opening{Item: claim, Answers: answers[claim], OnBehalf: h.resident.Person})
	wrongField(t, err, behalfField)
	end := h.help(family.ScopeFiled, "2026-12-31")
	seen, err := h.Open(t.Context(), h.other, Opening{Item: claim, Answers: answers[claim], OnBehalf: h.resident.Person})
	must(t, err)
	if seen.OnBehalfOf != h.resident.Person || seen.Mine || len(seen.Offers) != 0 || seen.Applicant.ID != h.resident.Person || seen.Helper.ID != h.other.Person {
		t.Errorf("the helper is told %+v", seen)
	}
	sees := func(actor access.Actor, id string, want bool) {
		t.Helper()
		if got, err := h.CanSee(t.Context(), actor, id); err != nil || got != want {
			t.Errorf("sees it: %t, %v", got, err)
		}
	}
	sees(h.other, seen.ID, true)
	sees(h.other, before, false) // he helps only with what he hands in
	sees(h.resident, seen.ID, true)
	papers := h.allPapers(seen.ID)
	_, err = h.Submit(t.Context(), h.other, seen.ID, Submission{Papers: papers})
	wrongField(t, err, behalfField)
	_, err = h.Submit(t.Context(), h.resident, seen.ID, Submission{Papers: papers, OnBehalf: h.resident.Person})
	wrongField(t, err, behalfField)
	_, err = h.Submit(t.Context(), h.other, seen.ID, Submission{Papers: papers, OnBehalf: h.resident.Person})
	must(t, err)
	mine, err := h.Get(t.Context(), h.resident, seen.ID)
	must(t, err)
	if last := mine.History[len(mine.History)-1]; last.Act != Submit || !last.ByHelper {
		t.Errorf("the applicant is told %+v", last)
	}
	end()
	sees(h.other, seen.ID, false)
	_, err = h.Withdraw(t.Context(), h.other, seen.ID, Saying{OnBehalf: h.resident.Person})
	want(t, err, fault.NotFound)

	h.help(family.ScopeAll, "2026-12-31")
	sees(h.other, before, true)
	h.shanghai("2027-01-01 09:00")
	sees(h.other, before, false)
	h.sound()
}

func TestWorkLists(t *testing.T) {
	h := open(t)
	at := map[flow.State]string{}
	for _, state := range []flow.State{Draft, Submitted, Received, Correcting, Accepted, Reviewing, Suspended, Granted, Delivered} {
		at[state] = h.to(state, h.file(claim))
	}
	instant := h.to(Received, h.file(enrolment))
	for _, c := range []struct {
		actor access.Actor
		queue string
		want  []string
	}{
		{h.clerk(), "drafts", []string{at[Draft]}},
		{h.clerk(), "to_correct", []string{at[Correcting]}},
		{h.clerk(), "to_deliver", []string{at[Granted]}},
		{h.resident, "to_correct", []string{at[Correcting]}},
		{h.window(), "to_receive", []string{at[Submitted]}},
		{h.window(), "to_accept", []string{instant, at[Received]}},
		{h.window(), "to_deliver", []string{at[Granted]}},
		{h.window(), "to_file", []string{at[Delivered]}},
		{h.reviewer(), "to_review", []string{at[Accepted]}},
		{h.reviewer(), "in_review", []string{at[Suspended], at[Reviewing]}},
		{h.decider(), "to_decide", []string{at[Reviewing]}},
		{h.decider(), "instant", []string{instant}},
		{h.supervisor(), "suspended", []string{at[Suspended]}},
	} {
		list, err := h.List(t.Context(), c.actor, Filter{Queue: c.queue, Limit: 100})
		must(t, err)
		var got []string
		for _, s := range list {
			got = append(got, s.ID)
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s of %s: %v", c.queue, c.actor.Role, got)
		}
	}
	for _, f := range []Filter{{Queue: "to_accept"}, {Queue: "x"}} {
		_, err := h.List(t.Context(), h.decider(), f)
		wrongField(t, err, "query.queue")
	}
	for field, f := range map[string]Filter{"query.status": {Status: []flow.State{"x"}}, "query.light": {Light: "blue"}} {
		_, err := h.List(t.Context(), h.window(), f)
		wrongField(t, err, field)
	}
	list, err := h.List(t.Context(), h.clerk(), Filter{Item: enrolment, Mine: true, Status: []flow.State{Received}, Limit: 10})
	must(t, err)
	if len(list) != 1 || list[0].ID != instant || list[0].Applicant.Name.String() != "田**" || !list[0].Applicant.Phone.IsZero() {
		t.Errorf("%d of one item are mine", len(list))
	}
	none, err := h.List(t.Context(), in(clerk, xinglin, ""), Filter{Mine: true, Limit: 10})
	must(t, err)
	if len(none) != 0 {
		t.Errorf("%d are his deputy's", len(none))
	}
	first, err := h.List(t.Context(), h.window(), Filter{Limit: 4})
	must(t, err)
	rest, err := h.List(t.Context(), h.window(), Filter{Limit: 100, After: first[3].ID})
	must(t, err)
	if len(first) != 4 || len(rest) != 5 {
		t.Errorf("pages of %d and %d", len(first), len(rest))
	}
	h.pass(60 * 24 * time.Hour)
	red, err := h.List(t.Context(), h.supervisor(), Filter{Light: workday.Red, Limit: 100})
	must(t, err)
	for _, s := range red {
		if s.Light != workday.Red {
			t.Errorf("%s is listed as red", s.Light)
		}
	}
	if len(red) != 4 { // received twice, accepted, reviewing
		t.Errorf("%d are red", len(red))
	}
}

// Neither answers nor reasons nor names lie open in any table.
func TestNothingTypedLiesOpen(t *testing.T) {
	h := open(t)
	id := h.to(Reviewing, h.own(claim))
	must(t, h.do(Suspend, h.reviewer(), id))
	must(t, h.do(Resume, h.reviewer(), id))
	must(t, h.do(Extend, h.decider(), id))
	must(t, h.do(Deny, h.decider(), id))
	_, err := h.Deliver(t.Context(), h.window(), id, Delivery{Method: "post", Relation: "family", Receiver: "田大娘", Proof: "邮件号12345签收"})
	must(t, err)
	corrected := h.to(Correcting, h.own(claim))
	seen, err := h.Get(t.Context(), h.resident, corrected)
	must(t, err)
	_, err = h.Correct(t.Context(), h.resident, corrected, Correction{Remedies: []Remedy{{seen.Notices[0].Defects[0].ID, "身份证昨天丢了正在补办"}}})
	must(t, err)
	tables, err := h.store.Read(t.Context()).Migrator().GetTables()
	must(t, err)
	looked := 0
	for _, table := range tables {
		if !strings.HasPrefix(table, "case") && table != "trail" && table != "outbox" {
			continue
		}
		var rows []map[string]any
		must(t, h.store.Read(t.Context()).Table(table).Find(&rows).Error)
		looked += len(rows)
		for _, row := range rows {
			text := printedRow(row)
			for _, word := range []string{"making", "鉴定", "外县", "县局负责人", "六十周岁", "行政复议", "田大娘", "邮件号", "重新拍清楚", "昨天丢了"} {
				if strings.Contains(text, word) {
					t.Errorf("%s lies open in %s", word, table)
				}
			}
		}
	}
	if looked < 30 {
		t.Errorf("only %d rows were looked at", looked)
	}
	whole, err := h.Get(t.Context(), h.resident, id)
	must(t, err)
	if whole.Delivery.Receiver != "田大娘" || whole.Decision.Text != "还没有满六十周岁。" || whole.Decision.Remedies != usualRemedies ||
		whole.Periods[1].Approver != "县局负责人" || whole.Answers["card"][0] != "making" {
		t.Errorf("opened wrongly: %+v", whole)
	}
}

func printedRow(row map[string]any) string {
	var b strings.Builder
	for _, value := range row {
		if bytes, ok := value.([]byte); ok {
			value = string(bytes)
		}
		fmt.Fprint(&b, value, "\n")
	}
	return b.String()
}

func TestWhereACaseIsHandled(t *testing.T) {
	h := open(t)
	office := func(level string, places ...catalog.PlaceKind) string {
		t.Helper()
		guide, err := h.items.Guide(claim)
		must(t, err)
		item := *guide.Item
		item.Level, item.Offices = level, places
		id, err := h.officeOf(t.Context(), &item, xinglin)
		must(t, err)
		o, err := h.people.Office(t.Context(), id)
		must(t, err)
		return o.Code
	}
	if got := []string{office("4", "village_station", "county_hall"), office("5", "township_centre"), office("4", "police_station")}; !slices.Equal(got, []string{"county-hall", "liuquan-centre", "liuquan-police"}) {
		t.Errorf("%v", got)
	}
}

func TestTheApplicantIsToldAndNobodyElse(t *testing.T) {
	h := open(t)
	id := h.to(Accepted, h.file(claim))
	row := h.row(id)
	number := row.number()
	person, text, err := h.Told(t.Context(), store.Letter{Topic: "case.accept", Kind: "case", Object: id})
	must(t, err)
	if person != h.resident.Person || text != "您的办件（编号 "+number+"）已受理。" {
		t.Errorf("%s is told %q", person, text)
	}
	for _, letter := range []store.Letter{
		{Topic: "case.review", Kind: "case", Object: id}, {Topic: "case.light", Kind: "case", Object: id},
		{Topic: "appeal.accept", Kind: "appeal", Object: id}, {Topic: "case.accept", Kind: "case", Object: "nothing"},
	} {
		if person, text, err := h.Told(t.Context(), letter); err != nil || person != "" || text != "" {
			t.Errorf("%s: %s is told %q, %v", letter.Topic, person, text, err)
		}
	}
}
