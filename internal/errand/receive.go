package errand

import (
	"time"

	"tongban/internal/casework"
	"tongban/internal/clock"
)

// receivable: the entrustment lets its agent take the result on that day.
func (e *Errand) receivable(day clock.Date) bool {
	return !e.ValidUntil.Before(day) && e.may(MayReceive)
}

// broughtBy is how the result came to who signed for it at that time. Brought home it is by the clerk who may take it for the principal. Else
// the principal took it himself, which any clerk of the village writes down; or the county had delivered it already, and to whom is its matter.
func (s *step) broughtBy(relation string, at time.Time) (method string, err error) {
	stead, refused := lets(s.tx, s.row, receiving, at)
	if refused == nil {
		s.stead = stead
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
