package rating

import (
	"strings"
	"testing"
	"testing/fstest"
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

var supervisor = access.Actor{Person: "supervisor", Post: "p", Role: access.Supervisor, Office: "centre", Area: "219901"}

// colleague works at the office whose work was rated, and had no hand in it.
func (c *county) colleague() access.Actor {
	a := c.officer()
	a.Person = "colleague"
	return a
}

// poor is an appeal that was replied to and rated poorly.
func (c *county) poor() string {
	c.t.Helper()
	r, err := c.ratings.RateAppeal(c.t.Context(), c.resident, c.replied(), Input{Level: Unsatisfied, Text: "水压还是上不来"})
	must(c.t, err)
	return r.ID
}

func (c *county) do(do flow.Act, actor access.Actor, id string) error {
	ctx := c.t.Context()
	switch do {
	case Confirm:
		return errOf(c.ratings.Confirm(ctx, actor, id, CallBack{How: "phone", Text: "回访核实了，水压还是低。"}))
	case Unfounded:
		return errOf(c.ratings.FindUnfounded(ctx, actor, id, CallBack{How: "visit", Finding: "mistaken", Text: "本人说是点错了。"}))
	case Correct:
		return errOf(c.ratings.Correct(ctx, actor, id, Said{Text: "换了一台大的水泵。"}))
	case Answer:
		return errOf(c.ratings.Answer(ctx, actor, id, Said{Text: "水泵换了大的，请您再看看。"}))
	case Reopen:
		return errOf(c.ratings.Reopen(ctx, actor, id, Said{Text: "水压今天又低了。"}))
	case Close:
		return errOf(c.ratings.Close(ctx, actor, id, Said{}))
	}
	c.t.Fatalf("no verb for %s", do)
	return nil
}

func (c *county) with(role access.Role) access.Actor {
	switch role {
	case access.Supervisor:
		return supervisor
	case access.FollowUp:
		return followUp
	case access.System:
		return access.Round(village)
	}
	a := c.colleague()
	a.Role = role
	return a
}

// to leads a new redress to a state.
func (c *county) to(state flow.State) string {
	c.t.Helper()
	id := c.poor()
	ways := map[flow.State][]flow.Act{Opened: {}, Correcting: {Confirm}, ToAnswer: {Unfounded}, Answered: {Unfounded, Answer}, Closed: {Unfounded, Answer, Close}}
	for _, do := range ways[state] {
		who := c.colleague()
		if do == Close {
			who = followUp
		}
		must(c.t, c.do(do, who, id))
	}
	return id
}

func (c *county) row(id string) Redress {
	c.t.Helper()
	var r Redress
	must(c.t, c.store.Read(c.t.Context()).Where("id = ?", id).Take(&r).Error)
	return r
}

func TestTheFlowIsSoundAndEveryActHasAVerb(t *testing.T) {
	must(t, Flow.Check(Verbs()))
}

func TestEveryRowByTheRightRole(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, r := range Flow.Rows {
		for _, role := range r.By {
			id := c.to(r.From)
			if kindFor(role) == OfACase && role != access.FollowUp && role != access.Supervisor { // the hall's work, as its rating leaves it
				must(t, c.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
					return tx.Model(&Redress{}).Where("id = ?", id).UpdateColumn("kind", OfACase).Error
				}))
			}
			if err := c.do(r.Do, c.with(role), id); err != nil {
				t.Errorf("%s in %s by %s: %v", r.Do, r.From, role, err)
			} else if now := c.row(id); now.Status != r.To {
				t.Errorf("%s in %s by %s leads to %s", r.Do, r.From, role, now.Status)
			}
		}
	}
	faults, err := c.store.Fsck(t.Context(), Checks())
	must(t, err)
	if len(faults) > 0 {
		t.Errorf("fsck: %v", faults)
	}
}

func TestEveryWrongRoleAndState(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, state := range Flow.States {
		id := c.to(state.Name)
		before := c.row(id)
		for _, act := range Flow.Acts {
			for _, role := range append(access.Roles(), access.System) {
				_, refusal := Flow.Next(state.Name, act.Name, role)
				if refusal == nil {
					continue
				}
				err := c.do(act.Name, c.with(role), id)
				if _, unseen := c.ratings.GetRedress(t.Context(), c.with(role), id); unseen != nil {
					want(t, err, fault.NotFound)
				} else if fault.Of(refusal) == fault.Of(flow.NotNow) {
					want(t, err, ErrRedressNotNow)
				} else {
					want(t, err, refusal)
				}
			}
		}
		if c.row(id).Version != before.Version {
			t.Errorf("refused acts changed the redress in %s", state.Name)
		}
	}
}

// Whoever handled the appeal does nothing about its rating, in whichever post.
func TestWhoHandledIsApart(t *testing.T) {
	t.Parallel()
	c := open(t)
	id := c.poor()
	his := c.officer()
	want(t, c.do(Confirm, his, id), ErrOwnHandling)
	his.Role, his.Office, his.Area = access.Supervisor, "centre", "219901"
	want(t, c.do(Confirm, his, id), ErrOwnHandling)
	must(t, c.do(Confirm, c.colleague(), id))
}

// A poor rating of an appeal that was merged comes to the office that answered its master, and to nobody who had a hand in that.
func TestAMergedOneComesToTheOfficeOfItsMaster(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx, master := t.Context(), c.handling()
	receipt, err := c.appeals.Submit(ctx, c.resident, appeal.Submission{Class: appeal.Help, Text: "我家也没有水了。", Identity: appeal.Public, Village: village})
	must(t, err)
	must(t, errOf(c.appeals.Merge(ctx, dispatcher, receipt.Appeal.ID, appeal.Merger{Master: master})))
	c.reply(master)
	r, err := c.ratings.RateAppeal(ctx, c.resident, receipt.Appeal.ID, Input{Level: VeryUnsatisfied})
	must(t, err)
	if row := c.row(r.ID); row.Office != c.office || row.Object != receipt.Appeal.ID {
		t.Errorf("it is about %s of the office %q", row.Object, row.Office)
	}
	list, err := c.ratings.Redresses(ctx, c.colleague(), RedressFilter{Open: true, Limit: 10})
	must(t, err)
	if len(list) != 1 || list[0].ID != r.ID {
		t.Errorf("the office sees %+v", list)
	}
	want(t, c.do(Confirm, c.officer(), r.ID), ErrOwnHandling)
	must(t, c.do(Confirm, c.colleague(), r.ID))
}

// Exactly one of two colleagues wins.
func TestOneOfTwoWins(t *testing.T) {
	t.Parallel()
	c := open(t)
	id := c.poor()
	errs := make(chan error, 2)
	go func() { errs <- c.do(Confirm, c.colleague(), id) }()
	go func() { errs <- c.do(Unfounded, supervisor, id) }()
	first, second := <-errs, <-errs
	if (first == nil) == (second == nil) {
		t.Errorf("both or none: %v, %v", first, second)
	}
	if now := c.row(id); now.Version != 2 {
		t.Errorf("version %d", now.Version)
	}
}

// The rater's inbox says that there is an answer, and nothing of what was written.
func TestTheRaterIsTold(t *testing.T) {
	t.Parallel()
	c := open(t)
	id := c.to(Answered)
	told := 0
	var letters []store.Letter
	must(t, c.store.Read(t.Context()).Where("kind = ? AND object = ?", redressKind, id).Order("id").Find(&letters).Error)
	for _, l := range letters {
		person, text, err := c.ratings.Told(t.Context(), l)
		must(t, err)
		if person == "" {
			continue
		}
		told++
		if person != c.resident.Person || !strings.Contains(text, c.row(id).Number) || strings.Contains(text, "水泵") || l.Topic != "redress.answer" {
			t.Errorf("%s: %s is told %q", l.Topic, person, text)
		}
	}
	if told != 1 || len(letters) != 3 {
		t.Errorf("of %d letters %d are told", len(letters), told)
	}
}

// Another calendar counts the clock under way again, once; what is over stays.
func TestAnotherCalendarCountsAgain(t *testing.T) {
	t.Parallel()
	c := open(t)
	running, over := c.poor(), c.to(Closed)
	before := c.row(running)
	rest := workday.Day{Date: before.DueOn, Kind: workday.Off, Name: "放假", Notice: "国办发明电〔2026〕1号"}
	another, err := workday.NewCalendar([]workday.Day{rest}, []workday.Year{{Year: 2026, Status: workday.Official}})
	must(t, err)
	fresh := *c.ratings
	fresh.calendar, fresh.mark = another, "another"
	for want := range 2 {
		n, err := fresh.Rounds(t.Context())
		must(t, err)
		if n != 1-want {
			t.Errorf("round %d changed %d", want+1, n)
		}
	}
	if after := c.row(running); after.CountedWith == nil || *after.CountedWith != "another" || after.Version != before.Version+1 || after.Status != before.Status || after.DueOn != before.DueOn.AddDays(1) {
		t.Errorf("counted again: %+v", after)
	}
	if c.row(over).CountedWith != nil {
		t.Error("a closed one has a clock")
	}
}

// told is how many letters and rows of the trail an act on a redress left.
func (c *county) told(id, act string) (letters, trailed int64) {
	c.t.Helper()
	db := c.store.Read(c.t.Context())
	must(c.t, db.Model(&store.Letter{}).Where("object = ? AND topic = ?", id, act).Count(&letters).Error)
	must(c.t, db.Model(&store.TrailRow{}).Where("object = ? AND act = ?", id, act).Count(&trailed).Error)
	return letters, trailed
}

// A late redress was announced once. Another calendar announces it again only when it says another date, on which it is late anew.
func TestAnotherCalendarAnnouncesNothingTwice(t *testing.T) {
	t.Parallel()
	c := open(t)
	id := c.poor()
	rounds := func(d *Desk, light workday.Light, letters, recounts int64) Redress {
		t.Helper()
		for range 2 { // what the first one leaves the second one finds
			must(t, errOf(d.Rounds(t.Context())))
		}
		row := c.row(id)
		told, _ := c.told(id, "redress.light")
		_, trailed := c.told(id, "redress.recount")
		if row.Light != light || told != letters || trailed != recounts || *row.CountedWith != d.mark {
			t.Errorf("by %s it is %s, with %d letters and %d rows of the trail; counted with %s", d.mark, row.Light, told, trailed, *row.CountedWith)
		}
		return row
	}
	c.store.Clock().Advance(96 * time.Hour)
	late := rounds(c.ratings, workday.Red, 1, 0)

	same := *c.ratings
	same.mark = "the same days"
	if row := rounds(&same, workday.Red, 1, 0); row.Version != late.Version || !row.UpdatedAt.Equal(late.UpdatedAt) || row.DueOn != late.DueOn {
		t.Errorf("no date differs, and it was written: %+v", row)
	}

	rest := func(days ...int) *workday.Calendar {
		t.Helper()
		var off []workday.Day
		for _, n := range days {
			off = append(off, workday.Day{Date: late.DueOn.AddDays(n), Kind: workday.Off, Name: "放假", Notice: "国办发明电〔2026〕1号"})
		}
		calendar, err := workday.NewCalendar(off, []workday.Year{{Year: 2026, Status: workday.Official}})
		must(t, err)
		return calendar
	}
	still := *c.ratings // late by this date as by the one before
	still.calendar, still.mark = rest(0), "still late"
	moved := rounds(&still, workday.Red, 1, 1)
	if moved.Version != late.Version+1 || moved.DueOn != late.DueOn.AddDays(1) || moved.Status != late.Status {
		t.Errorf("counted again: %+v", moved)
	}
	var trail store.TrailRow
	must(t, c.store.Read(t.Context()).Where("object = ? AND act = ?", id, "redress.recount").Take(&trail).Error)
	for _, part := range []string{`"from":"` + late.DueOn.String() + `"`, `"to":"` + moved.DueOn.String() + `"`, `"due_on"`} {
		if !strings.Contains(trail.Body, part) {
			t.Errorf("the trail says %s, and not %s", trail.Body, part)
		}
	}

	later := *c.ratings
	later.calendar, later.mark = rest(0, 1, 2, 3), "a later date"
	rounds(&later, workday.Amber, 1, 2)
	c.store.Clock().Advance(96 * time.Hour)
	rounds(&later, workday.Red, 2, 2)
}

// An area that ends takes its open redresses along.
func TestRedressesGoAlong(t *testing.T) {
	t.Parallel()
	c := open(t)
	running, over := c.poor(), c.to(Closed)
	const to access.Area = "219901101202"
	n, err := c.ratings.docket.Carry(t.Context(), village, to)
	must(t, err)
	if n != 1 || c.row(running).Village != to || c.row(over).Village != village {
		t.Errorf("%d went along", n)
	}
}

// What is rated poorly after its village ended is put right where the village goes on.
func TestARedressBeginsWhereTheVillageGoesOn(t *testing.T) {
	t.Parallel()
	c := open(t)
	id, to := c.replied(), access.Area("219901101202")
	must(t, c.store.Write(t.Context(), access.Round(village), func(tx *store.Tx) error {
		ended := village
		return tx.Create(&account.AreaChange{ID: tx.NewID(), Kind: "merge", Old: village, New: to, Closes: &ended, Day: clock.DateOf(tx.Now), Document: "示例〔2026〕1号", Person: "p", CreatedAt: tx.Now}).Error
	}))
	must(t, c.people.NoticeAreas(t.Context()))
	r, err := c.ratings.RateAppeal(t.Context(), c.resident, id, Input{Level: Unsatisfied, Text: "水压还是上不来"})
	must(t, err)
	if at := c.row(r.ID).Village; at != to {
		t.Errorf("it begins in %s", at)
	}
}

func TestSenselessLimitsAreNamed(t *testing.T) {
	for text, key := range map[string]string{
		"contact: {value: 0, unit: workday}": "contact", "correct: {value: 15, unit: hour}": "correct", "answer: {value: -1, unit: workday}": "answer",
		"check: {value: 5, unit: batch}": "check", "again: {value: 0, unit: workday}": "again", "chek: {value: 1, unit: workday}": rulesFile,
		"addition: {days: 0}": "addition.days", "addition: {days: 366}": "addition.days", "addition: {value: 90, unit: day}": rulesFile,
	} {
		if _, err := ReadRules(fstest.MapFS{rulesFile: {Data: []byte(text)}}); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", text, err)
		}
	}
	r, err := ReadRules(fstest.MapFS{})
	if err != nil || r != usualRules || r.Lint() != nil {
		t.Errorf("a folder of before: %+v %v", r, err)
	}
}

// The light turns red once the call-back is late.
func TestTheCallBackIsLate(t *testing.T) {
	t.Parallel()
	c := open(t)
	id := c.poor()
	c.store.Clock().Advance(48 * time.Hour)
	n, err := c.ratings.Rounds(t.Context())
	must(t, err)
	if n != 1 || c.row(id).Light != workday.Red {
		t.Errorf("%d lights turned, it is %s", n, c.row(id).Light)
	}
	list, err := c.ratings.Redresses(t.Context(), c.officer(), RedressFilter{Light: workday.Red, Open: true, Limit: 10})
	must(t, err)
	if len(list) != 1 || list[0].ID != id {
		t.Errorf("the office's red ones: %+v", list)
	}
}

// A redress is found by the light that it shows and by no other: while its clock runs, and when it is over and the clock stands.
func TestTheFilterFindsTheLightThatIsShown(t *testing.T) {
	t.Parallel()
	c := open(t)
	open, over := c.poor(), c.to(Closed)
	for range 6 {
		for _, light := range []workday.Light{workday.Green, workday.Amber, workday.Red} {
			list, err := c.ratings.Redresses(t.Context(), c.officer(), RedressFilter{Light: light, Limit: 10})
			must(t, err)
			found := map[string]bool{}
			for _, r := range list {
				found[r.ID] = true
			}
			for _, id := range []string{open, over} {
				r, err := c.ratings.GetRedress(t.Context(), c.officer(), id)
				must(t, err)
				if found[id] != (r.Light == light) {
					t.Errorf("%s, %s: it shows %s; found by %s: %v", c.store.Clock().Now(), r.Status, r.Light, light, found[id])
				}
			}
		}
		c.store.Clock().Advance(8 * time.Hour)
	}
}
