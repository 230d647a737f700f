package appeal

import (
	"context"
	"slices"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/flow"
)

// handling are the acts that make somebody a handler of the appeal.
var handling = []flow.Act{Answer, Acknowledge, AskSendBack, Contact, Resume, Reply}

// handledBy: the person had a hand in what the follow-up is to judge.
func handledBy(events []Event, person string) bool {
	return slices.ContainsFunc(events, func(e Event) bool {
		return e.Actor == person && (e.Role == officer || slices.Contains(handling, e.Act) && e.Role != supervisor)
	})
}

// apart: whoever follows up had no hand in the handling, in whichever post (回访与办理分开). Anonymous petitioners are not followed up.
func (s *step) apart(actor access.Actor) error {
	if s.row.Identity == Anonymous {
		return ErrNoFollowUp
	}
	if actor.Role != followUp {
		return nil
	}
	var events []Event
	if err := s.tx.Where("appeal = ? AND actor = ?", s.row.ID, actor.Person).Find(&events).Error; err != nil {
		return err
	}
	if handledBy(events, actor.Person) {
		return ErrOwnHandling
	}
	return nil
}

// FollowUpStart opens the follow-up.
type FollowUpStart struct{ Version int }

// StartFollowUp is done by somebody who did not handle the appeal; by the program when nobody has by the time it opens.
func (d *Desk) StartFollowUp(ctx context.Context, actor access.Actor, id string, in FollowUpStart) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, StartFollowUp, func(s *step) error {
		if actor.Role == system && !s.due() {
			return ErrTooEarly
		}
		closes := d.until(s.now, d.limits.FollowUp.Closes)
		if s.row.ratedThisReply() {
			closes = s.now
		}
		s.change(map[string]any{"followed_up_at": s.now, "next_at": closes})
		return s.apart(actor)
	})
}

// due: the moment at which a round was to look at the row has come.
func (s *step) due() bool { return s.row.NextAt != nil && !s.now.Before(*s.row.NextAt) }

// ratedThisReply: the petitioner has rated since the last reply; a rating before a redo does not end the second follow-up.
func (a *Appeal) ratedThisReply() bool {
	return a.RatedAt != nil && a.RepliedAt != nil && !a.RatedAt.Before(*a.RepliedAt)
}

// Try is one attempt to reach the petitioner (回访记录).
type Try struct {
	Version int
	Result  string // one of AttemptResults
	Note    string // optional
}

// Attempt counts the failed ones; after as many as the county says the program concludes.
func (d *Desk) Attempt(ctx context.Context, actor access.Actor, id string, in Try) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Attempt, func(s *step) error {
		if err := s.choose("body.result", in.Result, AttemptResults); err != nil {
			return err
		}
		s.detail.Result = in.Result
		if in.Result != "reached" {
			s.set["attempts"] = s.row.Attempts + 1
			if s.row.Attempts+1 >= d.limits.FollowUp.Attempts {
				s.set["next_at"] = s.now
			}
		}
		if err := s.apart(actor); err != nil {
			return err
		}
		return s.say("body.note", in.Note, 0)
	})
}

// Conclusion is what the follow-up found (办结).
type Conclusion struct {
	Version int
	Solved  *bool  // what the petitioner says; needed unless he has rated or could not be reached
	Text    string // optional, for colleagues
}

// Conclude ends the appeal. The program does it when the petitioner has rated, the follow-up's time is over, or the attempts
// failed; and of an anonymous one, whom nobody can ask, straight after the reply.
func (d *Desk) Conclude(ctx context.Context, actor access.Actor, id string, in Conclusion) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Conclude, func(s *step) error {
		s.set["concluded_at"] = s.now
		if actor.Role == system {
			return d.concludable(s)
		}
		if err := s.apart(actor); err != nil {
			return err
		}
		reachable := s.row.Attempts < d.limits.FollowUp.Attempts && !s.row.ratedThisReply()
		if in.Solved == nil && reachable {
			return fault.Wrong("body.solved", "请写明群众说解决了没有")
		}
		if in.Solved != nil {
			s.set["solved"], s.detail.Solved = *in.Solved, in.Solved
		}
		return s.say("body.text", in.Text, 0)
	})
}

// concludable says whether the program may conclude now.
func (d *Desk) concludable(s *step) error {
	switch {
	case s.row.Status == Replied && s.row.Identity != Anonymous:
		return ErrTooEarly
	case s.due(), s.row.ratedThisReply(), s.row.Attempts >= d.limits.FollowUp.Attempts:
		return nil
	}
	return ErrTooEarly
}

// Redoing sends the appeal back to be handled again (重办).
type Redoing struct {
	Version int
	Office  string // the unit at fault; empty: the lead
	Text    string // what is not done
}

// Redo gives the appeal a new clock. Above the county's number it is supervised as well.
func (d *Desk) Redo(ctx context.Context, actor access.Actor, id string, in Redoing) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Redo, func(s *step) error {
		if err := s.apart(actor); err != nil {
			return err
		}
		if in.Office == "" {
			in.Office = s.row.Office
		}
		if err := s.atFault(in.Office); err != nil {
			return err
		}
		due := d.calendar.Due(s.now, d.limits.clock(s.row.Class, s.row.Urgency).Result)
		s.change(d.running(s.now, due, "", s.now))
		s.change(map[string]any{"redos": s.row.Redos + 1, "replied_at": nil, "followed_up_at": nil, "solved": nil, "attempts": 0, "next_at": nil})
		s.detail.Office, s.detail.DueOn = in.Office, due.On
		if s.row.Redos+1 > d.limits.Redo.Times {
			s.supervised(due.On)
			s.after(func() error {
				return s.also(Supervise, Handling, "", Detail{Number: s.row.Supervisions + 1, DueOn: due.On})
			})
		}
		return s.say("body.text", in.Text, shortestText)
	})
}

// atFault: one of the offices that had the appeal; none when the dispatcher answered it himself.
func (s *step) atFault(office string) error {
	if office == s.row.Office {
		return nil
	}
	var n int64
	err := s.tx.Model(&partRow{}).Where("appeal = ? AND office = ?", s.row.ID, office).Count(&n).Error
	if err == nil && n == 0 {
		err = fault.Wrong("body.office", "请选择承办过这件诉求的单位")
	}
	return err
}
