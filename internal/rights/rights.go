// Package rights (当事人权利, PIPL 44–50) is the desk of what a resident may demand about his own data: who read it, a copy of
// it, its correction, and its end.
//
// It keeps little itself. Each desk tells and forgets its own part; here the parts are put together, in one transaction
// where something ends.
package rights

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/audit"
	"tongban/internal/casework"
	"tongban/internal/errand"
	"tongban/internal/family"
	"tongban/internal/file"
	"tongban/internal/locker"
	"tongban/internal/rating"
	"tongban/internal/store"
)

// Forget removes in tx what a desk that stands later keeps of somebody whose account is closed, and of nobody else.
type Forget func(tx *store.Tx, person string) error

// Messages lists the actor's own messages for a copy of his data, the newest first.
type Messages func(ctx context.Context, actor access.Actor, after string, limit int) ([]Message, error)

// Message is news that he was sent.
type Message struct {
	ID     string
	At     time.Time
	Text   string
	ReadAt *time.Time
}

// Parts are the desks that hold something of a resident.
type Parts struct {
	People   *account.Desk
	Families *family.Desk
	Appeals  *appeal.Desk
	Cases    *casework.Desk
	Errands  *errand.Desk
	Locker   *locker.Desk
	Ratings  *rating.Desk
	Files    *file.Desk
	Trail    *audit.Desk
}

// Desk is where a resident's rights are used.
type Desk struct {
	store *store.Store
	Parts
	forgets  []Forget
	messages Messages
}

// New opens the desk.
func New(s *store.Store, p Parts) *Desk {
	d := &Desk{store: s, Parts: p}
	d.forgets = []Forget{forgetCorrections, p.Errands.Forget, p.Locker.Forget}
	p.People.CarriedBy(d.Carry)
	return d
}

// ForgottenBy registers another desk's part in closing. Call it while the program is put together.
func (d *Desk) ForgottenBy(f Forget) { d.forgets = append(d.forgets, f) }

// MessagesBy registers who tells the messages.
func (d *Desk) MessagesBy(m Messages) { d.messages = m }
