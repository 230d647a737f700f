package account

import (
	"tongban/internal/store"
)

// Inform opens what somebody else must know of a person by law, such as the county's platform of an applicant: all of name, phone and id
// number, or the fields asked for. For a desk that has decided so; each value is a read in the trail of this transaction.
func (d *Desk) Inform(tx *store.Tx, id, reason string, fields ...string) (Shown, error) {
	p, err := personByID(tx.DB, id)
	if err != nil {
		return Shown{}, err
	}
	if len(fields) == 0 {
		fields = revealed
	}
	return d.inFull(tx, p, fields, reason)
}
