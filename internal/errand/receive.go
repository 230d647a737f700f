package errand

import (
	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/clock"
)

// receives says why the entrustment does not let the actor take the result for the principal on that day (民法典 162, 173: 代理权限内、期间内).
// That it had begun was asked when it was filed.
func (e *Errand) receives(actor access.Actor, day clock.Date) error {
	switch {
	case e.Agent != actor.Person:
		return ErrReceiver
	case e.ValidUntil.Before(day):
		return ErrReceiveLate
	case !e.may(MayReceive):
		return ErrReceiveScope
	}
	return nil
}

// broughtBy is how the result came to who signed for it on that day. Brought home it is by the clerk who may take it for the principal. Else
// the principal took it himself, which any clerk of the village writes down; or the county had delivered it already, and to whom is its matter.
func (s *step) broughtBy(relation string, day clock.Date) (method string, err error) {
	refused := s.row.receives(s.tx.Actor, day)
	if refused == nil {
		return casework.ByClerk, nil
	}
	c, err := casework.Known(s.tx.DB, s.row.CaseID)
	if err != nil {
		return "", err
	}
	if relation == casework.Self || c.DeliveredAt != nil {
		return casework.InPerson, nil
	}
	return "", refused
}
