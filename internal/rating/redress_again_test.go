package rating

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// of is a colleague of that name.
func (c *county) of(person string) access.Actor {
	a := c.colleague()
	a.Person = person
	return a
}

// What is reopened is found again: nothing of the first finding stands, and its history stays.
func TestWhatIsReopenedIsFoundAgain(t *testing.T) {
	t.Parallel()
	c := open(t)
	id := c.poor()
	for _, do := range []flow.Act{Confirm, Correct, Answer} {
		must(t, c.do(do, c.colleague(), id))
	}
	must(t, c.do(Reopen, followUp, id))
	row := c.row(id)
	if row.Status != Opened || row.Finding != "" || row.ContactedAt != nil || row.CorrectedAt != nil || row.AnsweredAt != nil || row.ReopenedAt == nil {
		t.Errorf("reopened as %+v", row)
	}
	seen, err := c.ratings.GetRedress(t.Context(), followUp, id)
	must(t, err)
	if len(seen.History) != 4 {
		t.Errorf("of the history %d lines are left", len(seen.History))
	}
	for _, do := range []flow.Act{Unfounded, Answer} { // otherwise than the first time
		must(t, c.do(do, c.colleague(), id))
	}
	if again := c.row(id); again.Finding != "mistaken" || again.CorrectedAt != nil || again.AnsweredAt == nil {
		t.Errorf("found again: %+v", again)
	}
}

// What is done again has one clock: neither its steps nor another reopening start it anew, and another calendar counts it from the
// same moment.
func TestWhatIsDoneAgainHasOneClock(t *testing.T) {
	t.Parallel()
	c := open(t)
	id := c.to(Answered)
	must(t, c.do(Reopen, followUp, id))
	first := c.row(id)
	if due := c.ratings.calendar.Due(*first.ReopenedAt, usualRules.Again); first.DueOn != due.On {
		t.Errorf("reopened until %s, want %s", first.DueOn, due.On)
	}
	same := func(after string) {
		t.Helper()
		row := c.row(id)
		if row.DueOn != first.DueOn || !row.LateAt.Equal(*first.LateAt) || !row.StartedAt.Equal(*first.StartedAt) || !row.ReopenedAt.Equal(*first.ReopenedAt) {
			t.Errorf("after %s the clock ends on %s instead of %s", after, row.DueOn, first.DueOn)
		}
	}
	for _, do := range []flow.Act{Confirm, Correct} {
		c.store.Clock().Advance(48 * time.Hour)
		must(t, c.do(do, c.colleague(), id))
		same(string(do))
	}
	other := *c.ratings
	other.mark = "the same days"
	must(t, errOf(other.Rounds(t.Context())))
	same("a recount")
	must(t, c.do(Answer, c.colleague(), id))
	if row := c.row(id); row.DueOn == first.DueOn || row.Light != workday.Green {
		t.Errorf("the check runs until %s, %s", row.DueOn, row.Light)
	}
	c.store.Clock().Advance(7 * 24 * time.Hour)
	must(t, errOf(c.ratings.Rounds(t.Context())))
	before, _ := c.told(id, "redress.light")
	must(t, c.do(Reopen, followUp, id))
	same("a second reopening")
	must(t, errOf(c.ratings.Rounds(t.Context())))
	if after, _ := c.told(id, "redress.light"); after != before+1 || c.row(id).Light != workday.Red {
		t.Errorf("it is late at once, and %d letters say so; the row says %s", after-before, c.row(id).Light)
	}
}

// Whoever called back, corrected or answered, now or before it was reopened, neither closes it nor reopens it, nor is offered that.
func TestTheCheckIsApartFromTheWork(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, part := range []flow.Act{Confirm, Correct, Answer} {
		id := c.poor()
		for _, do := range []flow.Act{Confirm, Correct, Answer} {
			who := c.colleague()
			if do == part {
				who = supervisor
			}
			must(t, c.do(do, who, id))
		}
		refused := func() {
			t.Helper()
			want(t, c.do(Close, supervisor, id), ErrOwnPart)
			want(t, c.do(Reopen, supervisor, id), ErrOwnPart)
			if seen, err := c.ratings.GetRedress(t.Context(), supervisor, id); err != nil || len(seen.Offers) != 0 {
				t.Errorf("who did %s is offered %+v (%v)", part, seen.Offers, err)
			}
		}
		refused()
		must(t, c.do(Reopen, followUp, id))
		for _, do := range []flow.Act{Unfounded, Answer} {
			must(t, c.do(do, c.of("third"), id))
		}
		refused()
		must(t, c.do(Close, followUp, id))
	}
}

// An office whose redresses are under way is not closed.
func TestAnOfficeWithARedressIsNotClosed(t *testing.T) {
	t.Parallel()
	c := open(t)
	id := c.poor()
	admin := access.Actor{Person: "admin", Post: "p", Role: access.SystemAdmin, Office: "centre", Area: "219901"}
	must(t, c.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		err := tx.Table("posts").Where("office = ?", c.office).UpdateColumn("valid_until", "2026-01-01").Error
		if err == nil { // the appeal itself is over
			err = tx.Table("appeals").Where("office = ?", c.office).UpdateColumn("status", string(appeal.Concluded)).Error
		}
		return err
	}))
	order := account.Order{Day: clock.DateOf(c.store.Clock().Now()), Document: "青政发〔2026〕12号"}
	closing := func() error { return errOf(c.people.CloseOffice(t.Context(), admin, c.office, order)) }
	if err := closing(); !strings.Contains(fault.Of(err).Detail, "还有 1 件没办完的差评整改："+c.row(id).Number) {
		t.Errorf("closed with a redress under way: %v", err)
	}
	for _, do := range []flow.Act{Unfounded, Answer} {
		must(t, c.do(do, c.colleague(), id))
	}
	must(t, c.do(Close, followUp, id))
	must(t, closing())
}

// complains lets an appeal complain of a person, as its submission would.
func (c *county) complains(id, person string) {
	c.t.Helper()
	must(c.t, c.store.Write(c.t.Context(), access.Round(""), func(tx *store.Tx) error {
		if err := tx.Table("appeals").Where("id = ?", id).UpdateColumn("about_person", person).Error; err != nil {
			return err
		}
		return tx.Table("appeal_about").Create(map[string]any{"appeal": id, "person": person, "office": ""}).Error
	}))
}

// Appeals that were handled as one complain as one: whoever is complained of in the master or in one that was merged into it sees
// the redress of none of them, nor anything of it in the trail.
func TestAMergedComplaintHidesTheRedress(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx, master := t.Context(), c.handling()
	follower := func() string {
		receipt, err := c.appeals.Submit(ctx, c.resident, appeal.Submission{Class: appeal.Help, Text: "我家也没有水了。", Identity: appeal.Public, Village: village})
		must(t, err)
		must(t, errOf(c.appeals.Merge(ctx, dispatcher, receipt.Appeal.ID, appeal.Merger{Master: master})))
		return receipt.Appeal.ID
	}
	one, two := follower(), follower()
	c.reply(master)
	c.complains(master, "of the master")
	c.complains(one, "of one")
	for _, rated := range []string{master, one, two} {
		r, err := c.ratings.RateAppeal(ctx, c.resident, rated, Input{Level: VeryUnsatisfied})
		must(t, err)
		for person, sees := range map[string]bool{"of the master": false, "of one": false, "of none": true} {
			who := supervisor
			who.Person = person
			if _, err := c.ratings.GetRedress(ctx, who, r.ID); (err == nil) != sees {
				t.Errorf("whoever is complained of %s reads the redress of %s: %v", person, rated, err)
			}
			var rows int64
			must(t, c.appeals.HideTrail(c.store.Read(ctx).Model(&store.TrailRow{}), who).Where("object = ?", r.ID).Count(&rows).Error)
			if (rows > 0) != sees {
				t.Errorf("whoever is complained of %s finds %d rows of it in the trail", person, rows)
			}
		}
	}
}

// Poor ratings of before there was any redress get one, once, whose clock starts now; nobody else's does.
func TestPoorRatingsOfBeforeAreOwedARedress(t *testing.T) {
	t.Parallel()
	c := open(t)
	has, owed, nobodys := c.poor(), c.poor(), c.poor()
	good, err := c.ratings.RateAppeal(t.Context(), c.resident, c.replied(), Input{Level: Acceptable})
	must(t, err)
	was := c.row(owed)
	text, err := os.ReadFile(filepath.Join("..", "store", "migrations", "0049_redress_again.sql"))
	must(t, err)
	_, mark, found := strings.Cut(string(text), "UPDATE ratings")
	if !found {
		t.Fatal("the migration marks no ratings")
	}
	must(t, c.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { // as an earlier release left them
		if err := tx.Exec("DELETE FROM redresses WHERE id IN ?", []string{owed, nobodys}).Error; err != nil {
			return err
		}
		if err := tx.Exec("UPDATE ratings SET person = '' WHERE id = ?", nobodys).Error; err != nil {
			return err
		}
		return tx.Exec("UPDATE ratings" + mark).Error
	}))
	c.store.Clock().Advance(30 * 24 * time.Hour)
	now := whole(c.store.Clock().Now())
	var kept int64
	for range 2 {
		must(t, errOf(c.ratings.Rounds(t.Context())))
	}
	row := c.row(owed)
	if row.Status != Opened || row.Number != was.Number || row.Office != was.Office || row.Village != was.Village || row.Object != was.Object || !row.CreatedAt.Equal(now) || !row.StartedAt.Equal(now) {
		t.Errorf("it was owed %+v, and got %+v", was, row)
	}
	must(t, c.store.Read(t.Context()).Model(&Redress{}).Where("id IN ?", []string{has, owed, nobodys, good.ID}).Count(&kept).Error)
	if kept != 2 || c.row(has).Version > 2 { // its light turned, at most
		t.Errorf("%d have a redress", kept)
	}
	if _, trailed := c.told(owed, "redress.open"); trailed != 2 { // the one of the rating itself, and this one
		t.Errorf("%d rows of the trail", trailed)
	}
	must(t, c.do(Confirm, c.colleague(), owed))
}
