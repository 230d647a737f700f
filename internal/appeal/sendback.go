package appeal

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/fault"
)

// SendBackRequest is an office's asking to be rid of an appeal (申请退单).
type SendBackRequest struct {
	Version int
	Reason  string // one of SendBackReasons
	Text    string // why, in words
}

// AskSendBack is possible for a short time after the dispatch, and never against the county's decision.
func (d *Desk) AskSendBack(ctx context.Context, actor access.Actor, id string, in SendBackRequest) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, AskSendBack, func(s *step) error {
		if err := s.led(actor); err != nil {
			return err
		}
		switch {
		case s.row.DecidedOffice == s.row.Office:
			return ErrOfficeDecided
		case d.sendBackOver(s.row, s.now):
			return ErrSendBackLate
		}
		if err := s.choose("body.reason", in.Reason, SendBackReasons); err != nil {
			return err
		}
		return s.say("body.text", in.Text, shortestText)
	})
}

// SendBackDecision is the decision on it.
type SendBackDecision struct {
	Version int
	Office  string // when the county's supervisor decides: where it goes now, for good
	Text    string // why; optional when it is agreed to
}

// AgreeSendBack takes the appeal back to be dispatched anew. After as many as the county allows only its supervisor
// decides, and names the office.
func (d *Desk) AgreeSendBack(ctx context.Context, actor access.Actor, id string, in SendBackDecision) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, AgreeSendBack, func(s *step) error {
		s.change(map[string]any{"office": "", "owner": "", "dispatched_at": nil, "acknowledged_at": nil, "send_backs": s.row.SendBacks + 1})
		s.after(func() error { return give(s.tx, s.row.ID, "", nil) })
		switch {
		case d.countyDecides(s.row):
			if err := s.decide(actor, in.Office); err != nil {
				return err
			}
		case in.Office != "":
			return fault.Wrong("body.office", "这次退单不用指定单位，受理后再派单")
		}
		return s.say("body.text", in.Text, 0)
	})
}

// decide names the office that must take the appeal.
func (s *step) decide(actor access.Actor, id string) error {
	if !countySupervisor(actor) {
		return ErrCountyDecides
	}
	if id == "" {
		return fault.Wrong("body.office", "退单次数已到上限，请指定承办单位")
	}
	office, err := s.fit("body.office", id)
	if err != nil {
		return err
	}
	if office.Kind == account.VillageStation {
		return ErrVillageNotLead
	}
	s.after(func() error { return account.OpenOffices(s.tx, id) })
	s.after(func() error { return s.desk.spared(s.ctx, s.tx, s.row.ID, []string{id}) })
	s.set["decided_office"], s.detail.Office = id, id
	return nil
}

// RefuseSendBack leaves the appeal with the office; the time for asking goes on.
func (d *Desk) RefuseSendBack(ctx context.Context, actor access.Actor, id string, in SendBackDecision) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, RefuseSendBack, func(s *step) error {
		return s.say("body.text", in.Text, shortestText)
	})
}
