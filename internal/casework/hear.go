package casework

import (
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	platform "tongban/internal/county"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// What the county's platform tells is carried into the case as the county's act, at the moment at which the county says that it did it. The
// flow and the verbs decide as for everybody: what they do not allow waits while it may still come to its turn, and is late otherwise.

// hear applies one event, in the inbox's transaction.
func (d *Desk) hear(tx *store.Tx, e platform.Event) (platform.Outcome, error) {
	row, outcome, err := heardOf(tx, e)
	if err != nil || row == nil {
		return outcome, err
	}
	do := flow.Act(e.Act)
	err = d.asCounty(tx, row, e.At, do, func(s *step) error {
		s.after(func() error { return keepCountyNumber(tx, s.row.ID, e.Number) })
		return s.hearing(e)
	})
	switch {
	case err == nil:
		return platform.Outcome{Status: platform.Applied}, nil
	case errors.Is(err, flow.NotNow):
		return untimely(tx, row, do)
	case slices.ContainsFunc(tooSoon, func(f error) bool { return errors.Is(err, f) }):
		return platform.Outcome{Status: platform.Waiting, Why: fault.Of(err).Code}, nil
	case slices.ContainsFunc(neverLegal, func(f error) bool { return errors.Is(err, f) }):
		return platform.Outcome{Status: platform.Late, Why: fault.Of(err).Code}, nil
	}
	return platform.Outcome{}, err // a moved row too: it is rolled back, and looked at again
}

var (
	// tooSoon: something that the county did before is not here yet.
	tooSoon = []error{ErrOnlyInstant, ErrTwoPersons, ErrTooEarly}
	// neverLegal: it will never make sense.
	neverLegal = []error{ErrExtended, ErrExtendLate, ErrNothingToMove, ErrNeverLapses}
)

// heardOf is the case that the event is about; with an outcome when there is none. A number of the county's may still be typed in, or typed otherwise.
func heardOf(tx *store.Tx, e platform.Event) (*Case, platform.Outcome, error) {
	if e.Ref == "" {
		found, err := byCountyNumber(tx, e.Number)
		switch {
		case err != nil:
			return nil, platform.Outcome{}, err
		case len(found) == 1:
			return &found[0], platform.Outcome{}, nil
		case len(found) == 0:
			return nil, platform.Outcome{Status: platform.Waiting, Why: "no_case"}, nil
		}
		return nil, platform.Outcome{Status: platform.Waiting, Why: "many_cases"}, nil
	}
	var row Case
	err := tx.Where("number = ?", e.Ref).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, platform.Outcome{Status: platform.Unknown, Why: "no_case"}, nil
	}
	return &row, platform.Outcome{}, err
}

// asCounty does an act of the county's on the case, as of that moment.
func (d *Desk) asCounty(tx *store.Tx, row *Case, at time.Time, do flow.Act, whether func(*step) error) error {
	inbox := tx.Actor
	tx.Actor = access.Actor{Role: county, Area: row.County}
	defer func() { tx.Actor = inbox }()
	s, err := d.begin(tx.Statement.Context, tx, row.ID, 0, do)
	if err != nil {
		return err
	}
	if s.now, err = s.moment(at); err != nil {
		return err
	}
	if err := whether(s); err != nil {
		return err
	}
	return s.move(do)
}

// moment is when the county did it, by its own word: but not after now, nor before what it follows.
func (s *step) moment(told time.Time) (time.Time, error) {
	at := whole(told)
	for _, before := range []*time.Time{s.row.AppliedAt, s.row.ReceivedAt, s.row.AcceptedAt, s.row.DecidedAt} {
		if before != nil && at.Before(*before) {
			at = before.UTC()
		}
	}
	periods, err := periodsOf(s.tx.DB, s.row.ID)
	for _, p := range periods {
		for _, before := range []*time.Time{&p.StartedAt, p.EndedAt} {
			if before != nil && at.Before(*before) {
				at = before.UTC()
			}
		}
	}
	if at.After(s.tx.Now) {
		at = s.tx.Now
	}
	return at, err
}

// untimely is what the flow does not allow now: done by the program itself already, or delivered by somebody here; still to come, or over.
func untimely(tx *store.Tx, row *Case, do flow.Act) (platform.Outcome, error) {
	if slices.Contains([]flow.Act{Receive, Accept, Lapse, Deliver}, do) {
		var last Event // but the filing away, of which the county knows nothing
		err := tx.Where("case_id = ? AND from_status <> to_status AND act <> ?", row.ID, Conclude).Order("version DESC").Limit(1).Take(&last).Error
		if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
			return platform.Outcome{}, err
		}
		if last.Act == do && (last.Role == system || do == Deliver && last.Role != county) {
			return platform.Outcome{Status: platform.Applied, Why: "done_already"}, nil
		}
	}
	if reachable(row.Status, do) {
		return platform.Outcome{Status: platform.Waiting, Why: flow.NotNow.Code}, nil
	}
	return platform.Outcome{Status: platform.Late, Why: flow.NotNow.Code}, nil
}

// reachable: the act may still come to its turn.
func reachable(from flow.State, do flow.Act) bool {
	seen := []flow.State{from}
	for i := 0; i < len(seen); i++ {
		for _, r := range Flow.Rows {
			if r.From != seen[i] {
				continue
			}
			if r.Do == do && slices.Contains(r.By, county) {
				return true
			}
			if !slices.Contains(seen, r.To) {
				seen = append(seen, r.To)
			}
		}
	}
	return false
}

// byCounty is the code where ours are coded and the county's are words.
const byCounty = "by_county"

// hearing does what the event says.
func (s *step) hearing(e platform.Event) error {
	because := Reasoned{Reason: byCounty, Text: countyWords(e, true)}
	switch flow.Act(e.Act) {
	case Receive:
		return s.receive()
	case Accept:
		s.accept()
		return s.say("event.opinion", countyWords(e, false), 0)
	case AskCorrection:
		return s.countyDefects(e.Defects)
	case Refuse:
		return s.because(because, RefuseReasons)
	case Dismiss:
		return s.because(because, DismissReasons)
	case Terminate:
		return s.terminate(because)
	case Lapse:
		s.now = s.tx.Now // the last day is over or not, whenever the county says that it was
		return s.lapse()
	case Review:
		return s.review()
	case Suspend:
		return s.suspend(Suspension{Procedure: "other", UntilOn: countyUntil(e.Until, s.now), Text: because.Text})
	case Resume:
		return s.resume(Resumption{Text: countyWords(e, false)})
	case Extend:
		return s.countyExtends(e.Until, because.Text)
	case Grant:
		return s.grant(Granting{Text: countyWords(e, false)})
	case Deny:
		return s.deny(Denial{Reason: byCounty, Text: because.Text})
	case Deliver:
		s.deliver(s.now, deliveryRow{Method: byCounty, Relation: byCounty}, countyProof, countyProof)
		return nil
	}
	return errors.New("casework: an act that is not the county's")
}

// countyUntil is a day to come, or none.
func countyUntil(until, now time.Time) clock.Date {
	if until.IsZero() || !clock.DateOf(now).Before(clock.DateOf(until)) {
		return clock.Date{}
	}
	return clock.DateOf(until)
}

// countyExtends moves the due dates until the day that the county names, as near as whole days of the item's unit get; where it names none, by
// the most that the item allows. The law's day is what it must keep (行政许可法 42): the promise binds it too, but an extension after that was made.
func (s *step) countyExtends(until time.Time, text string) error {
	due := s.row.dues().Legal
	if due.None() {
		due = s.row.dues().Binding()
	}
	if err := s.extendable(due); err != nil {
		return err
	}
	most, err := s.mostExtension()
	if err != nil {
		return err
	}
	periods, err := periodsOf(s.tx.DB, s.row.ID)
	if err != nil {
		return err
	}
	days := most.Value
	if !until.IsZero() {
		days = 1
		for ; days < longestProcedure; days++ {
			longer := append(slices.Clone(periods), periodRow{Kind: extension, StartedAt: s.now, Days: days, Unit: most.Unit})
			if due := s.desk.counted(s.row, *s.row.AcceptedAt, longer).Binding(); !due.On.Before(clock.DateOf(until)) {
				break
			}
		}
	}
	return s.extend(Extension{Days: days, Approver: countyApprover, Text: text}, most.Unit)
}

// reached: news of the case up to this standing is late from now on.
func (d *Desk) reached(tx *store.Tx, s platform.Standing) error {
	if d.news == nil {
		return nil
	}
	return d.news.Reached(tx, s)
}
