package casework

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/deputy"
	"tongban/internal/fault"
	"tongban/internal/flow"
)

// colleague gives the county's hall one more person in that role.
func (h *house) colleague(username string, role access.Role) access.Actor {
	h.t.Helper()
	admin := h.as("system-admin", access.SystemAdmin)
	_, err := h.people.CreateStaff(h.t.Context(), admin, account.Newcomer{
		Username: username, Name: "同事", Post: account.Term{Role: role, Title: "岗位", Office: h.window().Office, Area: "219901"},
	})
	must(h.t, err)
	return h.as(username, role)
}

// standIn names a deputy for so many days from today on.
func (h *house) standIn(absent, instead access.Actor, days int) deputy.Seen {
	h.t.Helper()
	today := clock.DateOf(h.store.Clock().Now())
	named, err := deputy.New(h.store, h.people).Name(h.t.Context(), absent, deputy.Naming{Deputy: instead.Person, FirstOn: today, LastOn: today.AddDays(days - 1)})
	must(h.t, err)
	return named
}

func (h *house) mustClaim(actor access.Actor, id string) Seen {
	h.t.Helper()
	seen, err := h.Claim(h.t.Context(), actor, id, Plain{})
	must(h.t, err)
	return seen
}

// trailsOf counts the rows of the trail of one act on one object.
func (h *house) trailsOf(act, object string) int {
	h.t.Helper()
	var n int64
	must(h.t, h.store.Read(h.t.Context()).Table("trail").Where("act = ? AND object = ?", act, object).Count(&n).Error)
	return int(n)
}

func TestAClaimKeepsColleaguesOff(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	other, boss := h.colleague("reviewer-2", reviewer), h.colleague("decider-2", decider)
	id := h.to(Accepted, h.file(claim))
	seen := h.mustClaim(h.reviewer(), id)
	if seen.Holder == nil || !seen.Holder.Mine || seen.Holder.Name != "严知微" {
		t.Errorf("held by %+v", seen.Holder)
	}
	if again := h.mustClaim(h.reviewer(), id); again.Version != seen.Version {
		t.Errorf("claimed twice: version %d, then %d", seen.Version, again.Version)
	}
	for _, actor := range []access.Actor{other, boss} {
		_, err := h.Claim(ctx, actor, id, Plain{})
		want(t, err, ErrClaimed)
		want(t, h.do(Review, actor, id), ErrClaimed)
		_, err = h.Release(ctx, actor, id, Releasing{})
		want(t, err, ErrClaimed)
		view, err := h.Get(ctx, actor, id)
		must(t, err)
		if len(view.Offers) != 0 || view.Holder == nil || view.Holder.Mine {
			t.Errorf("%s is offered %v, held by %+v", actor.Role, view.Offers, view.Holder)
		}
	}
	// it is none of the applicant's business, and does not keep him from anything
	view, err := h.Get(ctx, h.clerk(), id)
	must(t, err)
	if len(view.Offers) == 0 || view.Holder == nil {
		t.Errorf("the clerk: %+v", view)
	}
	if view, err = h.Get(ctx, h.resident, id); err != nil || view.Holder != nil {
		t.Errorf("the applicant is told who has it: %+v %v", view.Holder, err)
	}
	// what moves the case on ends the claim
	must(t, h.do(Review, h.reviewer(), id))
	if row := h.row(id); row.Holder != "" || row.HolderPost != "" || row.HeldAt != nil {
		t.Errorf("after the step: %+v", row)
	}
	h.mustClaim(boss, id)
	want(t, h.do(Suspend, h.reviewer(), id), ErrClaimed)
	must(t, h.do(Extend, boss, id)) // the step goes on, and so does the claim
	if h.row(id).Holder != boss.Person {
		t.Error("an extension ended the claim")
	}
	must(t, h.do(Withdraw, h.clerk(), id))
	h.sound()
}

func TestWhoReleases(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	id := h.to(Accepted, h.file(claim))
	_, err := h.Release(ctx, h.reviewer(), id, Releasing{})
	want(t, err, ErrUnclaimed)
	h.mustClaim(h.reviewer(), id)
	_, err = h.Release(ctx, h.supervisor(), id, Releasing{})
	wrongField(t, err, "body.reason")
	_, err = h.Release(ctx, h.reviewer(), id, Releasing{Reason: "tired"})
	wrongField(t, err, "body.reason")
	_, err = h.Release(ctx, h.clerk(), id, Releasing{})
	want(t, err, fault.NotYours)
	_, err = h.Release(ctx, h.reviewer(), id, Releasing{Version: 1})
	want(t, err, ErrNotNow)
	_, err = h.Release(ctx, h.supervisor(), id, Releasing{Reason: "absent"})
	must(t, err)
	h.mustClaim(h.reviewer(), id)
	_, err = h.Release(ctx, h.reviewer(), id, Releasing{})
	must(t, err)
	if n := h.trailsOf("case.release", id); n != 2 || h.trailsOf("case.claim", id) != 2 || h.row(id).Holder != "" {
		t.Errorf("released %d times, held by %q", n, h.row(id).Holder)
	}
	for name, c := range map[string]struct {
		actor access.Actor
		state flow.State
		err   error
	}{
		"a window, what is reviewed":   {h.window(), Reviewing, ErrNotNow},
		"a reviewer, what is received": {h.reviewer(), Received, ErrNotNow},
		"a clerk":                      {h.clerk(), Received, fault.NotYours},
		"a supervisor":                 {h.supervisor(), Received, fault.NotYours},
	} {
		if _, err := h.Claim(ctx, c.actor, h.to(c.state, h.file(claim)), Plain{}); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	h.sound()
}

// A claim ends with the post in which it was made, and with the account.
func TestAClaimEndsWithThePost(t *testing.T) {
	h := open(t)
	for name, end := range map[string]func(access.Actor) error{
		"the post ended": func(a access.Actor) error {
			_, err := h.people.EndPost(t.Context(), h.as("system-admin", access.SystemAdmin), a.Post, account.Ending{Why: "离任"})
			return err
		},
		"the account was disabled": func(a access.Actor) error {
			_, err := h.people.Disable(t.Context(), h.as("system-admin", access.SystemAdmin), a.Person, "离任")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			leaver := h.colleague("leaver-"+strings.ReplaceAll(name[4:8], " ", ""), reviewer)
			id := h.to(Accepted, h.file(claim))
			h.mustClaim(leaver, id)
			want(t, h.do(Review, h.reviewer(), id), ErrClaimed)
			must(t, end(leaver))
			list, err := h.List(t.Context(), h.reviewer(), Filter{Queue: "to_review", Free: true, Limit: 100})
			must(t, err)
			if !slices.ContainsFunc(list, func(s Seen) bool { return s.ID == id && s.Holder == nil && len(s.Offers) > 0 }) {
				t.Errorf("the case is not free: %v", list)
			}
			next, err := h.Next(t.Context(), h.reviewer(), Nexting{})
			must(t, err)
			if next.ID != id {
				t.Errorf("next is %s, not %s", next.ID, id)
			}
			must(t, h.do(Review, h.reviewer(), id))
		})
	}
	h.sound()
}

// The next case is the one whose clock ends first, and never one that somebody has or that the asker reviewed himself.
func TestNextIsTheMostUrgent(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	both := h.colleague("decider-2", decider)
	var ids []string
	for range 4 {
		ids = append(ids, h.to(Reviewing, h.file(claim)))
	}
	base := whole(h.store.Clock().Now())
	for i, hours := range []int{30, 10, 0, 20} {
		at := any(base.Add(time.Duration(hours) * time.Hour))
		if hours == 0 { // no clock at all: behind the others
			at = nil
		}
		h.set(ids[i], map[string]any{"late_at": at})
	}
	h.set(ids[1], map[string]any{"two_persons": true, "reviewer": both.Person})
	order := []string{ids[3], ids[0], ids[2]}
	for i, id := range order {
		next, err := h.Next(ctx, both, Nexting{})
		must(t, err)
		if next.ID != id || next.Holder == nil || !next.Holder.Mine {
			t.Errorf("%d: %s, want %s, held by %+v", i, next.ID, id, next.Holder)
		}
	}
	_, err := h.Next(ctx, both, Nexting{})
	want(t, err, ErrQueueEmpty)
	_, err = h.Claim(ctx, both, ids[1], Plain{})
	want(t, err, ErrTwoPersons)
	next, err := h.Next(ctx, h.decider(), Nexting{Item: claim})
	must(t, err)
	if next.ID != ids[1] {
		t.Errorf("another decider gets %s", next.ID)
	}
	_, err = h.Next(ctx, h.decider(), Nexting{Item: felling})
	want(t, err, ErrQueueEmpty)
	_, err = h.Next(ctx, h.decider(), Nexting{Queue: "to_review"})
	wrongField(t, err, "body.queue")
	_, err = h.Next(ctx, h.clerk(), Nexting{})
	want(t, err, fault.NotYours)

	// the list in the same order, page by page
	var got []string
	after := ""
	for {
		page, err := h.List(ctx, h.decider(), Filter{Queue: "to_decide", Urgent: true, After: after, Limit: 1})
		must(t, err)
		if len(page) == 0 {
			break
		}
		got, after = append(got, page[0].ID), page[0].Place()
	}
	if all := append([]string{ids[1]}, order...); !slices.Equal(got, all) {
		t.Errorf("listed %v, want %v", got, all)
	}
	h.sound()
}

// Many ask for the next case at once: each gets another, and all cases are given.
func TestNobodyGetsTheSameCase(t *testing.T) {
	h := open(t)
	crowd := []access.Actor{h.reviewer()}
	for _, name := range []string{"reviewer-2", "reviewer-3", "reviewer-4"} {
		crowd = append(crowd, h.colleague(name, reviewer))
	}
	waiting := map[string]bool{}
	for range 2 * *raceRounds {
		waiting[h.to(Accepted, h.file(claim))] = true
	}
	var mu sync.Mutex
	taken := map[string]string{}
	var running sync.WaitGroup
	for _, who := range crowd {
		running.Go(func() {
			for {
				seen, err := h.Next(t.Context(), who, Nexting{})
				switch {
				case errors.Is(err, ErrQueueEmpty):
					return
				case fault.Of(err).Kind == fault.Unavailable && err != nil:
					continue
				case err != nil:
					t.Errorf("%s", detailed(err))
					return
				}
				mu.Lock()
				if before, found := taken[seen.ID]; found {
					t.Errorf("%s was given to %s and to %s", seen.ID, before, who.Person)
				}
				taken[seen.ID] = who.Person
				mu.Unlock()
			}
		})
	}
	running.Wait()
	for id := range waiting {
		if row := h.row(id); row.Holder == "" || row.Holder != taken[id] || h.trailsOf("case.claim", id) != 1 {
			t.Errorf("%s is held by %q, was told to %q, claimed %d times", id, row.Holder, taken[id], h.trailsOf("case.claim", id))
		}
	}
	h.sound()
}

// Two claim the same case at the same moment, while a third acts on it: one wins.
func TestClaimsRace(t *testing.T) {
	h := open(t)
	crowd := []access.Actor{h.reviewer(), h.colleague("reviewer-2", reviewer), h.colleague("reviewer-3", reviewer)}
	for range *raceRounds {
		id := h.to(Accepted, h.file(claim))
		var won atomic.Int32
		var running sync.WaitGroup
		for _, who := range crowd {
			running.Go(func() {
				_, err := h.Claim(t.Context(), who, id, Plain{})
				switch {
				case err == nil:
					won.Add(1)
				case fault.Of(err).Kind != fault.Conflict:
					t.Error(detailed(err))
				}
			})
		}
		running.Wait()
		if won.Load() != 1 || h.trailsOf("case.claim", id) != 1 {
			t.Errorf("%d have it, %d rows of the trail", won.Load(), h.trailsOf("case.claim", id))
		}
	}
	h.sound()
}

// A deputy does what the absent one has in hand, by his own post and in his own name, and the trail says for whom.
func TestADeputyActsForAnother(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	b := h.colleague("reviewer-2", reviewer)
	held, assigned := h.to(Accepted, h.file(claim)), h.to(Reviewing, h.file(claim))
	h.mustClaim(h.reviewer(), held)
	named := h.standIn(h.reviewer(), b, 2)
	view, err := h.Get(ctx, b, held)
	must(t, err)
	if len(view.Offers) == 0 {
		t.Error("the deputy is offered nothing")
	}
	list, err := h.List(ctx, b, Filter{Queue: "deputized", Limit: 10})
	must(t, err)
	if len(list) != 2 {
		t.Errorf("he sees %d of two", len(list))
	}
	must(t, h.do(Review, b, held))
	must(t, h.do(Suspend, b, assigned))
	for _, id := range []string{held, assigned} {
		if h.trailsOf("deputy.act", id) != 1 {
			t.Errorf("the trail does not say for whom")
		}
		view, err := h.Get(ctx, h.window(), id)
		must(t, err)
		last := view.History[len(view.History)-1]
		if last.Detail.For != h.reviewer().Person || last.Actor != b.Person {
			t.Errorf("by %s for %s", last.Actor, last.Detail.For)
		}
		if view, err = h.Get(ctx, h.resident, id); err != nil || view.History[len(view.History)-1].Detail.For != "" {
			t.Errorf("the applicant is told: %+v %v", view.History, err)
		}
	}
	if h.row(held).Reviewer != b.Person {
		t.Error("who reviewed is not who did it")
	}

	// he stands in for nobody else, in no other post, and no longer than it lasts
	next := h.to(Accepted, h.file(claim))
	h.mustClaim(h.reviewer(), next)
	as := b
	as.Post = "another post"
	want(t, h.do(Review, as, next), ErrClaimed)
	want(t, h.do(Review, h.colleague("reviewer-3", reviewer), next), ErrClaimed)
	h.pass(48 * time.Hour)
	want(t, h.do(Review, b, next), ErrClaimed)
	_, err = deputy.New(h.store, h.people).End(ctx, h.reviewer(), named.ID)
	want(t, err, deputy.ErrOver)
	again := h.standIn(h.reviewer(), b, 1)
	_, err = h.Claim(ctx, b, next, Plain{}) // he takes it over
	must(t, err)
	_, err = deputy.New(h.store, h.people).End(ctx, b, again.ID)
	must(t, err)
	want(t, h.do(Review, h.reviewer(), next), ErrClaimed)
	h.sound()
}

// Whoever stands in for the decider never decides what he reviewed himself, whatever the item says.
func TestADeputyIsNeverReviewerAndDecider(t *testing.T) {
	h := open(t)
	b := h.colleague("decider-2", decider)
	for _, item := range []string{claim, felling} {
		id := h.to(Accepted, h.file(item))
		must(t, h.do(Review, b, id))
		h.mustClaim(h.decider(), id)
		named := h.standIn(h.decider(), b, 1)
		want(t, h.do(Grant, b, id), ErrTwoPersons)
		want(t, h.do(Deny, b, id), ErrTwoPersons)
		_, err := h.Claim(t.Context(), b, id, Plain{})
		want(t, err, ErrTwoPersons)
		_, err = h.Release(t.Context(), b, id, Releasing{})
		want(t, err, ErrTwoPersons)
		_, err = deputy.New(h.store, h.people).End(t.Context(), h.decider(), named.ID)
		must(t, err)
		must(t, h.do(Grant, h.decider(), id))
	}
	h.sound()
}

// What a window's deputy brings to a relative is brought for the one who is away, as what he gives to the applicant himself is.
func TestADeputyDeliversForAnother(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.colleague("window-2", window)
	h.standIn(h.window(), b, 2)
	for relation, receiver := range map[string]string{"self": "", "family": "张三"} {
		id := h.to(Granted, h.file(claim))
		h.mustClaim(h.window(), id)
		_, err := h.Deliver(t.Context(), b, id, Delivery{Method: InPerson, Relation: relation, Receiver: receiver, Proof: "签字"})
		must(t, err)
		view, err := h.Get(t.Context(), h.supervisor(), id)
		must(t, err)
		if last := view.History[len(view.History)-1]; last.Detail.For != h.window().Person || last.Actor != b.Person {
			t.Errorf("to %s: by %s for %q", relation, last.Actor, last.Detail.For)
		}
	}
	h.sound()
}
