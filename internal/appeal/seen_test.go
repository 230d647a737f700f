package appeal

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/queue"
	"tongban/internal/store"
)

func in(role access.Role, area access.Area, office string) access.Actor {
	return access.Actor{Person: "p-" + string(role) + string(area), Post: "post", Role: role, Office: office, Area: area}
}

func TestWhoSeesWhat(t *testing.T) {
	h := open_(t)
	filed := h.to(FollowingUp, h.file())
	own := h.submit().ID
	secret := h.submit(func(s *Submission) { s.Identity = ToHandler }).ID
	civil := h.office("civil-affairs")
	for _, c := range []struct {
		name               string
		actor              access.Actor
		filed, own, secret bool
	}{
		{"the petitioner", h.resident, true, true, true},
		{"another resident", h.other, false, false, false},
		{"a stranger", access.Stranger(), false, false, false},
		{"a resident without id", access.Actor{Role: resident, Area: xinglin}, false, false, false},
		{"the village's clerk", h.clerk(), true, false, false},
		{"its deputy", in(clerk, xinglin, ""), true, false, false},
		{"another village's clerk", h.as("clerk-hewan", clerk), false, false, false},
		{"the grid's worker", h.as("clerk-xinglin", gridWorker), true, true, false},
		{"another grid's worker", h.as("grid-xinglin", gridWorker), false, false, false},
		{"the county's dispatcher", h.dispatcher(), true, true, true},
		{"the town's dispatcher", in(dispatcher, "219901101", ""), true, true, true},
		{"another town's dispatcher", in(dispatcher, "219901201", ""), false, false, false},
		{"another county's dispatcher", in(dispatcher, "219902", ""), false, false, false},
		{"the follow-up", h.followUp(), true, false, false},
		{"another town's follow-up", in(followUp, "219901201", ""), false, false, false},
		{"the supervisor", h.supervisor(), true, true, true},
		{"the office", h.officer(), true, false, false},
		{"a colleague", in(officer, "219901", civil), true, false, false},
		{"another office", h.as("officer-water", officer), false, false, false},
		{"an officer without office", in(officer, "219901", ""), false, false, false},
		{"a window", h.as("window-hall", access.Window), false, false, false},
		{"an editor", h.as("editor", access.Editor), false, false, false},
		{"the system administrator", h.as("system-admin", access.SystemAdmin), false, false, false},
		{"the county's platform", access.Actor{Role: access.County, Area: "219901"}, false, false, false},
	} {
		list, err := h.List(t.Context(), c.actor, Filter{Limit: 10})
		must(t, err)
		counts, err := h.Counts(t.Context(), c.actor)
		must(t, err)
		total := 0
		for id, sees := range map[string]bool{filed: c.filed, own: c.own, secret: c.secret} {
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

// Recusal: who is complained of sees nothing of it, in any of his posts, whatever its state.
func TestRecusal(t *testing.T) {
	h := open_(t)
	miao := h.clerk() // clerk and grid worker in one (一肩挑)
	person := h.submit(func(s *Submission) { s.Class, s.AboutPerson = Report, miao.Person }).ID
	station := h.submit(func(s *Submission) { s.Class, s.AboutOffice = Complaint, h.office("xinglin-station") }).ID
	grid := h.as("clerk-xinglin", gridWorker)
	as := func(role access.Role, office string) access.Actor {
		return access.Actor{Person: miao.Person, Post: "another", Role: role, Office: office, Area: "219901"}
	}
	for _, id := range []string{person, station} {
		for _, actor := range []access.Actor{grid, as(supervisor, h.office("water")), as(dispatcher, "")} {
			_, err := h.Get(t.Context(), actor, id)
			want(t, err, fault.NotFound)
		}
		must(t, h.do(Accept, h.dispatcher(), id))
		_, err := h.Get(t.Context(), h.supervisor(), id)
		must(t, err)
	}
	// The office of the token counts too, whatever the list of posts says.
	_, err := h.Get(t.Context(), in(dispatcher, "219901", h.office("xinglin-station")), station)
	want(t, err, fault.NotFound)
	// A colleague at the station sees what complains of the person, not what complains of the station.
	colleague := h.as("grid-xinglin", gridWorker)
	colleague.Area = xinglin
	_, err = h.Get(t.Context(), colleague, person)
	must(t, err)
	_, err = h.Get(t.Context(), colleague, station)
	want(t, err, fault.NotFound)
}

func TestWhoKnowsThePetitioner(t *testing.T) {
	h := open_(t)
	for _, c := range []struct {
		identity Identity
		knows    []access.Role
	}{
		{Public, []access.Role{dispatcher, supervisor, officer, followUp, clerk, gridWorker}},
		{ToHandler, []access.Role{dispatcher, supervisor, officer, followUp, clerk}},
		{DispatcherOnly, []access.Role{dispatcher, clerk}},
	} {
		in := submission()
		in.Identity, in.Applicant = c.identity, h.resident.Person
		receipt, err := h.Submit(t.Context(), h.clerk(), in)
		must(t, err)
		id := h.to(Acknowledged, receipt.Appeal.ID)
		how := map[Identity]string{DispatcherOnly: "through_dispatcher"}[c.identity]
		if how == "" {
			how = "phone"
		}
		_, err = h.Contact(t.Context(), h.officer(), id, FirstContact{How: how})
		must(t, err)
		must(t, h.do(Reply, h.officer(), id))
		for _, role := range []access.Role{dispatcher, supervisor, officer, followUp, clerk, gridWorker, resident} {
			seen, err := h.Get(t.Context(), h.with(role), id)
			if role == gridWorker && c.identity != Public {
				want(t, err, fault.NotFound)
				continue
			}
			must(t, err)
			if known := seen.Petitioner != nil; known != slices.Contains(c.knows, role) {
				t.Errorf("%s: known to %s: %v", c.identity, role, known)
			}
			if role != resident && !slices.Contains(c.knows, role) && strings.Contains(shownJSON(t, seen), h.resident.Person) {
				t.Errorf("%s: the petitioner's id is told to %s", c.identity, role)
			}
			if p := seen.Petitioner; p != nil && (p.Name.String() != "田**" || p.Phone.String() != "138****8000") {
				t.Errorf("shown as %s %s", p.Name, p.Phone)
			}
		}
	}
}

func shownJSON(t *testing.T, s Seen) string {
	t.Helper()
	text, err := json.Marshal(s)
	must(t, err)
	return string(text)
}

func TestContactIsRevealedToWhoeverCallsNow(t *testing.T) {
	h := open_(t)
	id := h.to(Dispatched, h.file())
	reveal := func(actor access.Actor) error {
		reach, err := h.RevealContact(t.Context(), actor, id, "电话联系")
		if err == nil && (reach != Reach{"田𠮷顺", "13800138000"}) {
			t.Error("revealed somebody else")
		}
		return err
	}
	must(t, reveal(h.clerk()))
	want(t, reveal(in(clerk, xinglin, "")), ErrContactNotYours)
	want(t, reveal(h.officer()), ErrContactNotYours) // not acknowledged yet
	want(t, reveal(h.as("officer-water", officer)), fault.NotFound)
	want(t, reveal(h.dispatcher()), ErrContactNotYours)
	want(t, reveal(h.supervisor()), ErrContactNotYours)
	must(t, h.do(Acknowledge, h.officer(), id))
	must(t, reveal(h.officer()))
	must(t, h.do(Contact, h.officer(), id))
	must(t, h.do(Reply, h.officer(), id))
	want(t, reveal(h.officer()), ErrContactNotYours)
	must(t, reveal(h.followUp()))
	_, err := h.RevealContact(t.Context(), h.followUp(), id, " ")
	wrongField(t, err, "body.reason")
	must(t, h.do(StartFollowUp, h.followUp(), id))
	must(t, h.do(Conclude, h.followUp(), id))
	want(t, reveal(h.followUp()), ErrContactNotYours)

	var trail []store.TrailRow
	must(t, h.store.Read(t.Context()).Where("act = ? AND object = ?", "appeal.reveal_contact", id).Find(&trail).Error)
	if len(trail) != 3 {
		t.Errorf("%d trail rows of three reveals", len(trail))
	}
	secret := h.to(Acknowledged, h.submit(func(s *Submission) { s.Identity = DispatcherOnly }).ID)
	_, err = h.RevealContact(t.Context(), h.officer(), secret, "电话联系")
	want(t, err, ErrContactHidden)
	_, err = h.RevealContact(t.Context(), h.dispatcher(), secret, "转达承办单位的问题")
	must(t, err)
	_, err = h.RevealContact(t.Context(), h.dispatcher(), h.anonymous(), "电话联系")
	want(t, err, ErrContactHidden)
}

// TestWhoSeesThatNobodyHandles: an owner without a post at the office handles nothing, and an answer of the dispatcher's own that is sent back has no owner.
func TestWhoSeesThatNobodyHandles(t *testing.T) {
	t.Parallel()
	h := open_(t)
	owned, answered := h.to(Handling, h.file()), h.to(Accepted, h.file())
	unowned := func(actor access.Actor) (ids []string) {
		t.Helper()
		list, err := h.List(t.Context(), actor, Filter{Queue: "unowned", Limit: 100})
		must(t, err)
		for _, s := range list {
			ids = append(ids, s.ID)
		}
		counts, err := h.Queues(t.Context(), actor)
		must(t, err)
		if at := slices.IndexFunc(counts, func(c queue.Count) bool { return c.Queue == "unowned" }); at < 0 || counts[at].N != int64(len(ids)) {
			t.Errorf("%v with %d on the list", counts, len(ids))
		}
		return ids
	}
	for _, do := range []flow.Act{Answer, StartFollowUp, Redo} {
		must(t, h.do(do, h.usual(do), answered))
	}
	if got := unowned(h.dispatcher()); !slices.Equal(got, []string{answered}) {
		t.Errorf("sent back after an answer of the dispatcher's: %v", got)
	}
	today := clock.DateOf(h.store.Clock().Now())
	h.change("posts", h.officer().Post, map[string]any{"valid_until": today.AddDays(-1)})
	if got := unowned(h.supervisor()); !slices.Equal(got, []string{answered, owned}) {
		t.Errorf("its owner left: %v", got)
	}
	h.change("posts", h.officer().Post, map[string]any{"valid_until": today})
	h.change("persons", h.officer().Person, map[string]any{"disabled_at": h.store.Clock().Now()})
	if got := unowned(h.dispatcher()); len(got) != 2 {
		t.Errorf("its owner is shut out: %v", got)
	}
}

func TestWorkLists(t *testing.T) {
	h := open_(t)
	at := map[flow.State]string{}
	for _, state := range []flow.State{Submitted, Accepted, Dispatched, SendBackAsked, Acknowledged, Handling, Shelved, Replied, FollowingUp} {
		at[state] = h.to(state, h.file())
		h.pass(time.Second)
	}
	for _, c := range []struct {
		actor  access.Actor
		queue  string
		states []flow.State
	}{
		{h.dispatcher(), "to_accept", []flow.State{Submitted}},
		{h.dispatcher(), "to_dispatch", []flow.State{Accepted}},
		{h.dispatcher(), "send_backs", []flow.State{SendBackAsked}},
		{h.supervisor(), "send_backs", []flow.State{SendBackAsked}},
		{h.supervisor(), "shelved", []flow.State{Shelved}},
		{h.officer(), "to_acknowledge", []flow.State{Dispatched}},
		{h.officer(), "in_hand", []flow.State{Shelved, Handling, Acknowledged}},
		{in(officer, "219901", h.officer().Office), "in_hand", nil},
		{h.followUp(), "to_follow_up", []flow.State{Replied}},
		{h.followUp(), "following_up", []flow.State{FollowingUp}},
	} {
		list, err := h.List(t.Context(), c.actor, Filter{Queue: c.queue, Limit: 100})
		must(t, err)
		var got []flow.State
		for _, s := range list {
			got = append(got, s.Status)
		}
		if !slices.Equal(got, c.states) {
			t.Errorf("%s of %s: %v", c.queue, c.actor.Role, got)
		}
	}
	for _, f := range []Filter{{Queue: "in_hand"}, {Queue: "x"}} {
		_, err := h.List(t.Context(), h.dispatcher(), f)
		wrongField(t, err, "query.queue")
	}
	for field, f := range map[string]Filter{"query.status": {Status: []flow.State{"x"}}, "query.class": {Class: "x"}, "query.light": {Light: "blue"}} {
		_, err := h.List(t.Context(), h.dispatcher(), f)
		wrongField(t, err, field)
	}
	first, err := h.List(t.Context(), h.dispatcher(), Filter{Limit: 4})
	must(t, err)
	rest, err := h.List(t.Context(), h.dispatcher(), Filter{Limit: 100, After: first[3].ID})
	must(t, err)
	if len(first) != 4 || len(rest) != 5 || first[0].ID != at[FollowingUp] || rest[4].ID != at[Submitted] {
		t.Errorf("pages of %d and %d", len(first), len(rest))
	}
	mine, err := h.List(t.Context(), h.officer(), Filter{Mine: true, Class: Consult, Status: []flow.State{Handling, Replied}, Limit: 100})
	must(t, err)
	if len(mine) != 2 {
		t.Errorf("%d are mine", len(mine))
	}
	counts, err := h.Counts(t.Context(), h.officer())
	must(t, err)
	if counts[Dispatched] != 1 || counts[Submitted] != 0 || counts[Concluded] != 0 {
		t.Errorf("%v", counts)
	}
}

// Neither texts nor names nor phones lie open in any table.
func TestNothingTypedLiesOpen(t *testing.T) {
	h := open_(t)
	id := h.to(Shelved, h.file())
	must(t, h.do(Supplement, h.resident, id))
	tables, err := h.store.Read(t.Context()).Migrator().GetTables()
	must(t, err)
	for _, table := range tables {
		var rows []map[string]any
		must(t, h.store.Read(t.Context()).Table(table).Find(&rows).Error)
		for _, row := range rows {
			text := printed(row)
			for _, word := range []string{"水压", "井房", "今天又停水了", "等明年资金", "13800138000", "田𠮷顺"} {
				if strings.Contains(text, word) {
					t.Errorf("%s lies open in %s", word, table)
				}
			}
		}
	}
}
