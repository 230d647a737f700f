package errand

import (
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/deputy"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// demand is what an act that a clerk does for the principal rests on (民法典 162, 165, 173): an entrustment that is not over, to him, for
// that day, with one of these powers; or to whom he stands in for (169). Each fault says what is wanting.
type demand struct {
	powers                   []string
	over, agent, late, scope *fault.Fault
	dictated                 bool // or the principal says it himself, and the clerk only writes it down
}

// demands are the acts on a case for which its errand is asked. What is not here a clerk does not do in anybody's name: he drafts, and tells
// what he was told.
var demands = map[flow.Act]demand{
	casework.Correct:         forPrincipal(MayCorrect),
	casework.UsePaper:        forPrincipal(MayHandle, MayCorrect),
	casework.SupplementPaper: forPrincipal(MayHandle, MayCorrect),
	casework.LookUp:          forPrincipal(MayHandle, MayCorrect),
	casework.Withdraw:        forPrincipal(MayFile), // what one may hand in one may take back
	casework.Discard:         forPrincipal(MayFile),
	casework.Deliver:         receiving,
}

var (
	filing    = demand{powers: []string{MayFile}, over: ErrNoEntrustment, agent: ErrNotAgent, late: ErrExpired, scope: ErrOutOfScope}
	receiving = demand{powers: []string{MayReceive}, over: ErrReceiveOver, agent: ErrReceiver, late: ErrReceiveLate, scope: ErrReceiveScope}
)

func forPrincipal(powers ...string) demand {
	return demand{powers: powers, over: ErrActOver, agent: ErrActAgent, late: ErrActLate, scope: ErrActScope, dictated: true}
}

// lastOf is the errand of the case that was entrusted last; nil where none was.
func lastOf(tx *store.Tx, c *casework.Case) (*Errand, error) {
	var rows []Errand
	err := tx.Where("case_id = ?", c.ID).Order("id DESC").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// mayAct: a case that was entrusted is acted on for the principal as far as the entrustment goes, or as he says himself at the counter. One
// that never was is the village's as before.
func (d *Desk) mayAct(tx *store.Tx, c *casework.Case, do flow.Act, at time.Time) (stead string, err error) {
	asked, known := demands[do]
	e, err := lastOf(tx, c)
	if err != nil || e == nil || !known {
		return "", err
	}
	stands, refused := lets(tx, e, asked, at)
	if refused == nil {
		trailStead(tx, e, stands)
		return whom(stands), nil
	}
	if !asked.dictated {
		return "", refused
	}
	here, err := dictates(tx, e)
	if err != nil {
		return "", err
	}
	if !here {
		return "", refused
	}
	tx.Trail(store.Entry{Act: "errand.dictate", Kind: kind, Object: e.ID, Area: e.Village, Why: string(do)})
	return "", nil
}

// lets says why the entrustment does not let the actor do it at that time; else by which row he stands in for the agent, nil when he is the agent.
func lets(tx *store.Tx, e *Errand, asked demand, at time.Time) (stead *deputy.Deputy, err error) {
	over, err := e.overAt(tx.DB, at)
	if err != nil {
		return nil, err
	}
	day := clock.DateOf(at)
	if e.Agent != tx.Actor.Person {
		if stead, err = standsFor(tx.DB, tx.Actor, e, day); err != nil {
			return nil, err
		}
	}
	switch {
	case over:
		return nil, asked.over
	case e.Agent != tx.Actor.Person && stead == nil:
		return nil, asked.agent
	case day.Before(e.ValidFrom):
		return nil, ErrTooEarly
	case e.ValidUntil.Before(day):
		return nil, asked.late
	case !slices.ContainsFunc(asked.powers, e.may):
		return nil, asked.scope
	}
	return stead, nil
}

// overAt: the errand had ended by then. What was done while it ran and is told later, the entrustment carries.
func (e *Errand) overAt(db *gorm.DB, at time.Time) (bool, error) {
	if e.OpenCase != nil {
		return false, nil
	}
	var ends []Event
	err := db.Select("at", "done_at").Where("errand_id = ? AND to_status = ? AND from_status <> to_status", e.ID, e.Status).Limit(1).Find(&ends).Error
	if err != nil || len(ends) == 0 {
		return true, err
	}
	ended := ends[0].At
	if ends[0].DoneAt != nil { // it was told later itself
		ended = *ends[0].DoneAt
	}
	return !at.Before(ended), nil
}

// dictates: the principal is here and says it himself. The clerk serves him, and looked at who he is in this sitting; of what is queued the
// line is the sitting for a day, see sameLine.
func dictates(tx *store.Tx, e *Errand) (bool, error) {
	if e.IdentityAt == nil || e.IdentityBy != tx.Actor.Person {
		return false, nil
	}
	if e.sameLine(tx) {
		return true, nil
	}
	serves, err := account.Serves(tx.DB, tx.Actor, e.Principal)
	if err != nil || !serves {
		return false, err
	}
	sitting, err := account.Sitting(tx.DB, tx.Actor)
	return sitting != "" && e.identifiedIn(sitting), err
}
