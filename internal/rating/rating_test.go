package rating

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/catalog/catalogtest"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

const village access.Area = "219901101201"

// county is the demo county with one resident.
type county struct {
	t        *testing.T
	store    *store.Store
	people   *account.Desk
	appeals  *appeal.Desk
	ratings  *Desk
	office   string
	resident access.Actor
}

var (
	clerk      = access.Actor{Person: "clerk", Post: "p", Role: access.Clerk, Office: "station", Area: village}
	dispatcher = access.Actor{Person: "dispatcher", Post: "p", Role: access.Dispatcher, Office: "centre", Area: "219901"}
	followUp   = access.Actor{Person: "follow-up", Post: "p", Role: access.FollowUp, Office: "centre", Area: "219901"}
)

var demo = catalogtest.Of(os.DirFS(filepath.Join("..", "..", "config", "county")))

func open(t *testing.T) *county {
	t.Helper()
	s, folder := demo.Open(t), demo.FS
	people := account.New(s, account.Options{EasyPasswords: true})
	limits, err := appeal.ReadLimits(folder)
	must(t, err)
	days, err := folder.Open("holidays.csv")
	must(t, err)
	defer days.Close()
	calendar, err := workday.ReadCalendar(days)
	must(t, err)
	photos, err := file.OpenFolder(t.TempDir(), s.Clock())
	must(t, err)
	t.Cleanup(func() { must(t, photos.Close()) })
	office, err := people.OfficeByCode(t.Context(), "water")
	must(t, err)
	r, err := people.RegisterResident(t.Context(), clerk, account.Registration{
		Name: "田𠮷顺", Village: village, Consent: account.Consent{TextVersion: "2026-01", How: account.Signed},
	})
	must(t, err)
	c := &county{t: t, store: s, people: people, office: office.ID, resident: access.Actor{Person: r.ID, Role: access.Resident, Area: village}}
	c.appeals = appeal.New(s, calendar, limits, file.New(s, photos), people)
	c.ratings = New(s, calendar, usualRules, people, c.appeals, nil)
	return c
}

// handling is an appeal of the resident, filed by the clerk, that the officer handles.
func (c *county) handling() string {
	ctx := c.t.Context()
	receipt, err := c.appeals.Submit(ctx, clerk, appeal.Submission{
		Class: appeal.Help, Text: "村东头的水压一直上不来。", Identity: appeal.Public, Applicant: c.resident.Person, Village: village,
	})
	must(c.t, err)
	id := receipt.Appeal.ID
	must(c.t, errOf(c.appeals.Accept(ctx, dispatcher, id, appeal.Acceptance{})))
	must(c.t, errOf(c.appeals.Dispatch(ctx, dispatcher, id, appeal.Order{Office: c.office})))
	must(c.t, errOf(c.appeals.Acknowledge(ctx, c.officer(), id, appeal.Acknowledgement{})))
	must(c.t, errOf(c.appeals.Contact(ctx, c.officer(), id, appeal.FirstContact{How: "phone"})))
	return id
}

func (c *county) replied() string {
	id := c.handling()
	c.reply(id)
	return id
}

func (c *county) reply(id string) {
	must(c.t, errOf(c.appeals.Reply(c.t.Context(), c.officer(), id, appeal.Response{Text: "水泵已经换好了。", Evidence: "现场试水正常。"})))
}

func (c *county) officer() access.Actor {
	return access.Actor{Person: "officer", Post: "p", Role: access.Officer, Office: c.office, Area: "219901"}
}

func (c *county) rounds() {
	_, err := c.appeals.Rounds(c.t.Context())
	must(c.t, err)
}

func (c *county) state(id string) flow.State {
	seen, err := c.appeals.Get(c.t.Context(), dispatcher, id)
	must(c.t, err)
	return seen.Status
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func errOf[T any](_ T, err error) error { return err }

func want(t testing.TB, err error, is error) {
	t.Helper()
	if !errors.Is(err, is) {
		t.Errorf("got %v, want %v", err, is)
	}
}

func TestRatedOnceFromTheReplyOn(t *testing.T) {
	c := open(t)
	id, yes := c.handling(), true
	rate := func(actor access.Actor) (Rating, error) {
		return c.ratings.RateAppeal(t.Context(), actor, id, Input{Level: VerySatisfied, Solved: &yes, Text: "水来了，谢谢𠮷师傅。"})
	}
	_, err := rate(c.resident)
	want(t, err, appeal.ErrNotYetRateable)
	if now := fault.Of(err).Current; now == nil || now.Status != "handling" {
		t.Errorf("told %+v", now)
	}
	c.reply(id)
	none, err := c.ratings.OfAppeal(t.Context(), c.resident, id)
	must(t, err)
	if none != nil {
		t.Error("an appeal that nobody rated has a rating")
	}
	for _, actor := range []access.Actor{dispatcher, followUp, c.officer()} {
		_, err = rate(actor)
		want(t, err, fault.NotYours)
	}
	for _, actor := range []access.Actor{{Person: "other", Role: access.Resident, Area: village}, access.Stranger()} {
		_, err = rate(actor)
		want(t, err, fault.NotFound)
		_, err = c.ratings.OfAppeal(t.Context(), actor, id)
		want(t, err, fault.NotFound)
	}
	must(t, errOf(rate(c.resident)))
	_, err = rate(c.resident)
	want(t, err, ErrAlready)
	given, err := c.ratings.OfAppeal(t.Context(), followUp, id)
	must(t, err)
	if given.Level != VerySatisfied || given.Text != "水来了，谢谢𠮷师傅。" || given.ByAgent || !*given.Solved {
		t.Errorf("%+v", given)
	}
}

// A rating in the follow-up lets the program conclude; so does one given before the follow-up began.
func TestARatingEndsTheFollowUp(t *testing.T) {
	c := open(t)
	no := false
	early, during := c.replied(), c.replied()
	must(t, errOf(c.ratings.RateAppeal(t.Context(), c.resident, early, Input{Level: Satisfied})))
	for _, id := range []string{early, during} {
		must(t, errOf(c.appeals.StartFollowUp(t.Context(), followUp, id, appeal.FollowUpStart{})))
	}
	c.rounds()
	if c.state(early) != appeal.Concluded || c.state(during) != appeal.FollowingUp {
		t.Fatalf("%s, %s", c.state(early), c.state(during))
	}
	must(t, errOf(c.ratings.RateAppeal(t.Context(), c.resident, during, Input{Level: VeryUnsatisfied, Solved: &no})))
	c.rounds()
	seen, err := c.appeals.Get(t.Context(), dispatcher, during)
	must(t, err)
	if seen.Status != appeal.Concluded || seen.Solved == nil || *seen.Solved || seen.RatedAt == nil {
		t.Errorf("%s, solved %v", seen.Status, seen.Solved)
	}
}

// A rating before a redo does not end the follow-up of the second reply, and stays the only one.
func TestARedoIsFollowedUpAgain(t *testing.T) {
	c := open(t)
	id := c.replied()
	must(t, errOf(c.ratings.RateAppeal(t.Context(), c.resident, id, Input{Level: Unsatisfied})))
	must(t, errOf(c.appeals.StartFollowUp(t.Context(), followUp, id, appeal.FollowUpStart{})))
	must(t, errOf(c.appeals.Redo(t.Context(), followUp, id, appeal.Redoing{Text: "还是没有水，请重办。"})))
	c.store.Clock().Advance(time.Hour)
	c.reply(id)
	must(t, errOf(c.appeals.StartFollowUp(t.Context(), followUp, id, appeal.FollowUpStart{})))
	c.rounds()
	if c.state(id) != appeal.FollowingUp {
		t.Errorf("%s", c.state(id))
	}
	_, err := c.ratings.RateAppeal(t.Context(), c.resident, id, Input{Level: Satisfied})
	want(t, err, ErrAlready)
}

func TestAClerkNeedsConsent(t *testing.T) {
	c := open(t)
	id := c.replied()
	for consent, is := range map[string]error{"": ErrConsent, "guessed": ErrConsent, "spoken": nil} {
		_, err := c.ratings.RateAppeal(t.Context(), clerk, id, Input{Level: Satisfied, Consent: consent})
		if is != nil {
			want(t, err, is)
		}
		if is == nil && err != nil {
			t.Error(err)
		}
	}
	given, err := c.ratings.OfAppeal(t.Context(), c.resident, id)
	must(t, err)
	if !given.ByAgent || given.Consent != "spoken" {
		t.Errorf("%+v", given)
	}
	_, err = c.ratings.RateAppeal(t.Context(), c.resident, c.replied(), Input{Level: Satisfied, Consent: "signed"})
	want(t, err, fault.BadField)
}

func TestTheWindowIsThirtyDays(t *testing.T) {
	c := open(t)
	in, out := c.replied(), c.replied()
	c.store.Clock().Advance(30 * 24 * time.Hour)
	must(t, errOf(c.ratings.RateAppeal(t.Context(), c.resident, in, Input{Level: Acceptable})))
	c.store.Clock().Advance(24 * time.Hour)
	_, err := c.ratings.RateAppeal(t.Context(), c.resident, out, Input{Level: Acceptable})
	want(t, err, appeal.ErrRatingOver)
}

func TestAFollowerRatesItsMastersReply(t *testing.T) {
	c := open(t)
	master := c.handling()
	receipt, err := c.appeals.Submit(t.Context(), c.resident, appeal.Submission{Class: appeal.Help, Text: "我家也没有水了。", Identity: appeal.Public, Village: village})
	must(t, err)
	id := receipt.Appeal.ID
	must(t, errOf(c.appeals.Merge(t.Context(), dispatcher, id, appeal.Merger{Master: master})))
	_, err = c.ratings.RateAppeal(t.Context(), c.resident, id, Input{Level: Satisfied})
	want(t, err, appeal.ErrNotYetRateable)
	c.reply(master)
	must(t, errOf(c.ratings.RateAppeal(t.Context(), c.resident, id, Input{Level: Satisfied})))
	if c.state(id) != appeal.Merged {
		t.Errorf("%s", c.state(id))
	}
}

func TestWrongRatings(t *testing.T) {
	c := open(t)
	id := c.replied()
	for _, in := range []Input{{Level: 0}, {Level: 6}, {Level: 1, Text: "好\x00"}, {Level: 1, Text: string(make([]rune, 501))}} {
		_, err := c.ratings.RateAppeal(t.Context(), c.resident, id, in)
		want(t, err, fault.BadField)
	}
	_, err := c.ratings.RateAppeal(t.Context(), c.resident, id, Input{Level: 1, Version: 1})
	want(t, err, appeal.ErrNotNow)
}

// Of many ratings at once one is kept, and its message, history and trail once each.
func TestOfManyRatingsOneIsKept(t *testing.T) {
	c := open(t)
	id := c.replied()
	var wait sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wait.Go(func() {
			_, errs[i] = c.ratings.RateAppeal(t.Context(), c.resident, id, Input{Level: Level(i%5 + 1)})
		})
	}
	wait.Wait()
	kept := 0
	for _, err := range errs {
		if err == nil {
			kept++
		} else {
			want(t, err, ErrAlready)
		}
	}
	for table, condition := range map[string]string{"ratings": "object = ?", "appeal_events": "act = 'rate' AND appeal = ?", "outbox": "topic = 'rating.give' AND data LIKE ?"} {
		var n int64
		subject := id
		if table == "outbox" {
			subject = "%" + id + "%"
		}
		must(t, c.store.Read(t.Context()).Table(table).Where(condition, subject).Count(&n).Error)
		if n != 1 || kept != 1 {
			t.Errorf("%d in %s, %d kept", n, table, kept)
		}
	}
	faults, err := c.store.Fsck(t.Context(), appeal.Checks())
	must(t, err)
	if len(faults) > 0 {
		t.Errorf("%v", faults)
	}
}
