package appeal

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/workday"
)

// Saying is an act that mainly says something.
type Saying struct {
	Version  int
	Text     string
	OnBehalf string // id of the petitioner, when his helper says it
}

// Withdraw takes the appeal back (撤回): the petitioner himself, or a clerk for somebody whose appeal was filed by his
// village. Not while others' appeals are merged into it: they would lose it with him.
func (d *Desk) Withdraw(ctx context.Context, actor access.Actor, id string, in Saying) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Withdraw, func(s *step) error {
		if err := d.Behalf(s.tx, s.row, in.OnBehalf); err != nil {
			return err
		}
		s.change(stopped(s.row, s.now))
		s.after(func() error { return d.alone(s.tx, s.row.ID) })
		return s.say("body.text", in.Text, spoken(actor))
	})
}

// spoken: a clerk writes down what the petitioner told him; the petitioner himself owes no reason.
func spoken(actor access.Actor) int {
	if actor.Role == clerk {
		return shortestText
	}
	return 0
}

// The most that one appeal takes in a day from the petitioner's side and its helpers: more says nothing new, and every one
// is a line of history and a message. Supervisors may urge as they see fit.
const (
	mostUrges       = 3
	mostSupplements = 20
)

// bounded refuses the act when the appeal had as many of them today. The move that follows is refused to all but one of
// several at once, so that none slips through.
func (s *step) bounded(do flow.Act, most int64, over *fault.Fault) error {
	today := clock.DateOf(s.now)
	var n int64
	err := s.tx.Model(&Event{}).Where("appeal = ? AND act = ? AND role <> ? AND at >= ?", s.row.ID, do, supervisor, whole(today.Start())).Count(&n).Error
	if err == nil && n >= most {
		return over.After(today.End().Sub(s.now))
	}
	return err
}

// Urge asks to hurry (催办).
func (d *Desk) Urge(ctx context.Context, actor access.Actor, id string, in Saying) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Urge, func(s *step) error {
		if err := d.Behalf(s.tx, s.row, in.OnBehalf); err != nil {
			return err
		}
		if actor.Role != supervisor {
			if err := s.bounded(Urge, mostUrges, ErrUrgedEnough); err != nil {
				return err
			}
		}
		s.set["urges"] = s.row.Urges + 1
		return s.say("body.text", in.Text, 0)
	})
}

// Supervision is numbered and has a date of its own (督办).
type Supervision struct {
	Version int
	DueOn   clock.Date
	Text    string
}

// longestSupervision in days: a later date is a slip of the pen.
const longestSupervision = 366

// Supervise puts pressure on the office.
func (d *Desk) Supervise(ctx context.Context, actor access.Actor, id string, in Supervision) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Supervise, func(s *step) error {
		today := clock.DateOf(s.now)
		if in.DueOn.Before(today) || today.AddDays(longestSupervision).Before(in.DueOn) {
			return fault.Wrong("body.due_on", "督办期限从今天起，最长一年")
		}
		s.supervised(in.DueOn)
		s.detail.Number, s.detail.DueOn = s.row.Supervisions+1, in.DueOn
		return s.say("body.text", in.Text, shortestText)
	})
}

func (s *step) supervised(on clock.Date) {
	s.change(map[string]any{"supervisions": s.row.Supervisions + 1, "supervise_on": on})
}

// Addition is what somebody adds to an appeal (补充).
type Addition struct {
	Version     int
	Text        string
	Attachments []string
	OnBehalf    string // id of the petitioner, when his helper adds it
}

// Supplement adds facts or photos.
func (d *Desk) Supplement(ctx context.Context, actor access.Actor, id string, in Addition) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Supplement, func(s *step) error {
		if err := d.Behalf(s.tx, s.row, in.OnBehalf); err != nil {
			return err
		}
		if err := s.bounded(Supplement, mostSupplements, ErrSupplementedEnough); err != nil {
			return err
		}
		s.files = in.Attachments
		return s.say("body.text", in.Text, shortestText)
	})
}

// Note is written for colleagues only (记录).
func (d *Desk) Note(ctx context.Context, actor access.Actor, id string, in Saying) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Note, func(s *step) error {
		return s.say("body.text", in.Text, shortestText)
	})
}

// Escalation is the program's telling the supervisors of a red light (升级).
type Escalation struct{ Version int }

// Escalate is done once for each time that a running clock passes its due date.
func (d *Desk) Escalate(ctx context.Context, actor access.Actor, id string, in Escalation) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Escalate, func(s *step) error {
		running := s.row.LateAt != nil && s.row.Light != workday.Red
		if !running || s.row.LightAt(s.now) != workday.Red {
			return ErrTooEarly
		}
		s.set["light"] = string(workday.Red)
		s.after(func() error {
			s.tx.Emit(s.desk.docket.Lit(s.row, workday.Red))
			return nil
		})
		return nil
	})
}
