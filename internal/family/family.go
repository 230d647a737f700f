// Package family knows who may act for whom: friends and kin (亲友代办), by the wish of both.
//
// A right is a row of actings and nothing else; it is asked for at each act, in SQL.
package family

import (
	"time"

	"tongban/internal/account"
	"tongban/internal/store"
)

// Desk is where relations between residents are made, ended and looked up.
type Desk struct {
	store  *store.Store
	people *account.Desk
}

// New opens the desk.
func New(s *store.Store, people *account.Desk) *Desk { return &Desk{s, people} }

func (d *Desk) now() time.Time { return d.store.Clock().Now() }
