// Package family knows who belongs together and who may act for whom: friends and kin (亲友代办), by the wish of both;
// guardians (监护人) of minors and wards, by law; and households (户), from which alone no right follows.
//
// A right is a row of actings and nothing else; it is asked for at each act, in SQL.
package family

import (
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Desk is where relations between residents are made, ended and looked up.
type Desk struct {
	store  *store.Store
	people *account.Desk
}

// New opens the desk.
func New(s *store.Store, people *account.Desk) *Desk {
	d := &Desk{s, people}
	people.CarriedBy(d.Carry)
	return d
}

func (d *Desk) now() time.Time { return d.store.Clock().Now() }

func (d *Desk) today() clock.Date { return clock.DateOf(d.now()) }

// served is a resident whom the actor sees, if he is a clerk who serves nobody else, but for those whose matter it is too: who sees and may not
// is told so, who does not see finds nobody.
func (d *Desk) served(db *gorm.DB, actor access.Actor, id string, others ...string) (account.Known, error) {
	p, err := d.people.KnownTo(db, actor, id)
	if err == nil && !p.Resident {
		err = fault.NotFound
	}
	if err == nil {
		err = actor.Must(access.Clerk)
	}
	if err == nil {
		err = account.Attends(db, actor, append(others, p.ID)...)
	}
	return p, err
}
