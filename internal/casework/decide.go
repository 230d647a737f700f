package casework

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/docket"
	"tongban/internal/flow"
	"tongban/internal/workday"
)

// usualRemedies is what a denial tells when nothing else is said (行政复议法, 行政诉讼法).
const usualRemedies = "如果不服这个决定，可以自收到决定书之日起六十日内依法申请行政复议，也可以在六个月内依法向人民法院提起行政诉讼。"

// Granting decides in the applicant's favour (准予).
type Granting struct {
	Version int
	Text    string // optional; the applicant reads it
	Waived  string // why papers that were to come later are not waited for; for colleagues
}

// Grant decides the case (办结). An instant item (即办件) is accepted and decided in one act.
func (d *Desk) Grant(ctx context.Context, actor access.Actor, id string, in Granting) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Grant, func(s *step) error { return s.grant(in) })
}

func (s *step) grant(in Granting) error {
	if err := s.say("body.text", in.Text, 0); err != nil {
		return err
	}
	if err := s.decide(Granted, ""); err != nil {
		return err
	}
	return s.waive(in.Waived)
}

// Denial decides against him (不予), with reasons and remedies (行政许可法 38).
type Denial struct {
	Version  int
	Reason   string // one of DenyReasons
	Text     string
	Remedies string // what he can do about it; the usual ones if not said
}

// Deny decides the case (办结).
func (d *Desk) Deny(ctx context.Context, actor access.Actor, id string, in Denial) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Deny, func(s *step) error { return s.deny(in) })
}

func (s *step) deny(in Denial) error {
	if err := s.because(Reasoned{Reason: in.Reason, Text: in.Text}, DenyReasons); err != nil {
		return err
	}
	remedies, err := docket.Typed("body.remedies", in.Remedies, 0, longestText)
	if err != nil {
		return err
	}
	if remedies == "" {
		remedies = usualRemedies
	}
	return s.decide(Denied, remedies)
}

// decide sets what a decision sets, and keeps its one row.
func (s *step) decide(outcome flow.State, remedies string) error {
	who := s.tx.Actor.Person
	if s.row.TwoPersons && (s.row.Status == Received || s.row.Reviewer != "" && s.row.Reviewer == who) {
		return ErrTwoPersons
	}
	if both(s.stead, s.row, s.tx.Actor) {
		return ErrTwoPersons
	}
	if err := s.heard(); err != nil {
		return err
	}
	if s.row.Status == Received {
		if s.row.CaseType != catalog.Instant {
			return ErrOnlyInstant
		}
		s.accept()
		s.change(map[string]any{"warn_at": nil, "late_at": nil, "light": string(workday.Green)})
	} else {
		s.change(stopped(s.row, s.now))
	}
	until := s.desk.calendar.Due(s.now, s.desk.rules.Delivery)
	s.change(map[string]any{"decider": who, "decided_at": s.now, "deliver_on": until.On, "deliver_provisional": until.Provisional, "next_at": nil, "counted_with": s.desk.mark})
	s.detail.UntilOn = until.On
	s.paper = map[string]string{"remedies": remedies}
	d := decisionRow{ID: s.tx.NewID(), CaseID: s.row.ID, Outcome: outcome, Reason: s.code, Reviewer: s.row.Reviewer, Decider: who, DecidedAt: s.now}
	s.decision = d.ID
	d.Text, d.Remedies = s.seal(sealedDecision("text", d.ID), s.text), s.seal(sealedDecision("remedies", d.ID), remedies)
	s.after(func() error { return s.tx.Create(&d).Error })
	return nil
}
