package casework

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/flow"
	"tongban/internal/workday"
)

// Plain is the input of an act that needs nothing but the version that was seen.
type Plain struct{ Version int }

// Receive (收件) starts the five days. A window does it by hand; the program does it at the moment of submission, if that lay
// within office hours, else at the next opening, however late its round comes.
func (d *Desk) Receive(ctx context.Context, actor access.Actor, id string, in Plain) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Receive, (*step).receive)
}

func (s *step) receive() error {
	at := s.now
	if s.tx.Actor.Role == system {
		if s.row.NextAt == nil || s.now.Before(*s.row.NextAt) {
			return ErrTooEarly
		}
		at = *s.row.NextAt
	}
	s.change(s.desk.noticing(at, workday.Green, s.now))
	s.change(map[string]any{"received_at": whole(at), "window_person": s.tx.Actor.Person})
	return nil
}

// Acceptance accepts a case.
type Acceptance struct {
	Version int
	Note    string // for colleagues
}

// Accept (受理) starts the item's limits. The program does it only after five working days without an act: silence
// accepts, as of the receipt, so that days are used already (行政许可法 32).
func (d *Desk) Accept(ctx context.Context, actor access.Actor, id string, in Acceptance) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Accept, func(s *step) error {
		if actor.Role == system && !s.silent() {
			return ErrTooEarly
		}
		s.accept()
		return s.say("body.note", in.Note, 0)
	})
}

// silent: the five days are over, and nobody has told the applicant anything.
func (s *step) silent() bool {
	return s.row.NoticedFrom != nil && !s.now.Before(s.row.NoticeOn.End())
}

// accept sets what the acceptance decides. Whoever comes when the five days are over, a moment before the program, finds the
// case accepted by the law already.
func (s *step) accept() {
	at := s.now
	if s.silent() {
		at = *s.row.NoticedFrom
		s.set["deemed"], s.detail.Deemed = true, true
	}
	both := s.desk.counted(s.row, at, nil)
	s.change(s.desk.handlingClock(at, both, workday.Green, s.now))
	s.change(map[string]any{"accepted_at": whole(at), "next_at": nil})
	s.detail.DueOn = both.Binding().On
}

// Reasoned is the input of an act that says why, by code and in words.
type Reasoned struct {
	Version int
	Reason  string // one of the words that belong to the act
	Text    string // the applicant reads it
}

// Refuse (不予受理) says why, and where to go instead.
func (d *Desk) Refuse(ctx context.Context, actor access.Actor, id string, in Reasoned) (Seen, error) {
	return d.because(ctx, actor, id, in, Refuse, RefuseReasons)
}

// Dismiss (不受理) says that nothing need be applied for.
func (d *Desk) Dismiss(ctx context.Context, actor access.Actor, id string, in Reasoned) (Seen, error) {
	return d.because(ctx, actor, id, in, Dismiss, DismissReasons)
}

// Terminate (终止) ends a case without a decision.
func (d *Desk) Terminate(ctx context.Context, actor access.Actor, id string, in Reasoned) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Terminate, func(s *step) error { return s.terminate(in) })
}

func (s *step) terminate(in Reasoned) error {
	if s.row.Status == Suspended {
		s.after(func() error { return s.endSuspension() })
	}
	return s.because(in, TerminateReasons)
}

// Saying is an act that mainly says something.
type Saying struct {
	Version  int
	Text     string
	OnBehalf string // id of the applicant, when his helper says it
}

// Withdraw takes the case back (撤回): the applicant himself or his helper, or a clerk who is entrusted, or who writes down
// what he was told.
func (d *Desk) Withdraw(ctx context.Context, actor access.Actor, id string, in Saying) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Withdraw, func(s *step) error {
		if err := d.Behalf(s.tx, s.row, in.OnBehalf); err != nil {
			return err
		}
		if err := s.mayAct(Withdraw, s.tx.When(nil)); err != nil {
			return err
		}
		if s.row.Status == Suspended {
			s.after(func() error { return s.endSuspension() })
		}
		s.handOver(toldWithdraw, func(*sheet) error { return nil })
		least := 0
		if actor.Role == clerk {
			least = shortestText
		}
		return s.say("body.text", in.Text, least)
	})
}

func (d *Desk) because(ctx context.Context, actor access.Actor, id string, in Reasoned, do flow.Act, words []Word) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, do, func(s *step) error { return s.because(in, words) })
}

func (s *step) because(in Reasoned, words []Word) error {
	if err := s.choose("body.reason", in.Reason, words); err != nil {
		return err
	}
	return s.say("body.text", in.Text, shortestText)
}
