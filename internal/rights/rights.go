// Package rights (当事人权利, PIPL 44–50) is the desk of what a resident may demand about his own data: who read it, a copy of
// it, its correction, and its end.
//
// It keeps little itself. Each desk tells and forgets its own part; here the parts are put together, in one transaction
// where something ends.
package rights

import (
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/store"
)

// Forget removes in tx what another desk keeps of somebody whose account is closed, and of nobody else.
type Forget func(tx *store.Tx, person string) error

// Desk is where a resident's rights are used.
type Desk struct {
	store   *store.Store
	people  *account.Desk
	appeals *appeal.Desk
	forgets []Forget
}

// New opens the desk.
func New(s *store.Store, people *account.Desk, appeals *appeal.Desk) *Desk {
	return &Desk{store: s, people: people, appeals: appeals}
}

// ForgottenBy registers another desk's part. Call it while the program is put together.
func (d *Desk) ForgottenBy(f Forget) { d.forgets = append(d.forgets, f) }
