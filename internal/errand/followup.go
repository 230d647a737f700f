package errand

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/docket"
	"tongban/internal/flow"
)

// FollowUp (回访) asks the principal, after the result was handed over, how it was.
type FollowUp struct {
	Version int
	Result  string // one of FollowUpResults
	Text    string // needed where he is not content
}

// afterwards are the states in which there is something to ask about.
var afterwards = []flow.State{HandedOver, Archived}

// FollowUp records it; the errand stays as it is. It is done by another clerk of the village or a supervisor, again if need be.
func (d *Desk) FollowUp(ctx context.Context, actor access.Actor, id string, in FollowUp) (Seen, error) {
	return d.recordBy(ctx, actor, id, in.Version, followUpAct, by(access.Clerk, access.Supervisor), afterwards, func(s *step) error {
		if err := s.apart(); err != nil {
			return err
		}
		if err := docket.OneOf("body.result", in.Result, FollowUpResults); err != nil {
			return err
		}
		s.code = in.Result
		least := 0
		if in.Result == discontent {
			least = shortestText
		}
		return s.say(in.Text, least)
	})
}

// apart: whoever follows up had no hand in what is asked about (回访与办理分开), but for filing it away.
func (s *step) apart() error {
	if s.row.Agent == s.tx.Actor.Person {
		return ErrOwnErrand
	}
	var n int64
	err := s.tx.Model(&Event{}).Where("errand_id = ? AND actor = ? AND act NOT IN ?", s.row.ID, s.tx.Actor.Person, []flow.Act{followUpAct, Archive}).Count(&n).Error
	if err == nil && n > 0 {
		return ErrOwnErrand
	}
	return err
}
