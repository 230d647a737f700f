package errand

import (
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/deputy"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// A deputy agent (代办替岗) acts on an entrustment that he was not given. That needs the principal's word (民法典 169), which is that his
// entrustment names him; and it needs that the agent is away, which `deputies` says. Neither is enough alone.

// nameDeputy takes him from the other clerks of the village.
func (s *step) nameDeputy(id string, today clock.Date) error {
	if id == "" {
		return nil
	}
	clerks, err := account.Clerks(s.tx.DB, s.row.Village, today, today)
	if err != nil {
		return err
	}
	if id == s.row.Agent || !slices.ContainsFunc(clerks, func(p account.Post) bool { return p.Person == id }) {
		return fault.Wrong("body.deputy", "请选本村另一位在岗的村办事员")
	}
	s.row.Deputy = id
	return nil
}

// standsFor is by which row the actor stands in for the agent on that day; nil when he acts for himself.
func standsFor(db *gorm.DB, actor access.Actor, e *Errand, day clock.Date) (*deputy.Deputy, error) {
	if actor.Role != access.Clerk || e.Deputy == "" || e.Deputy != actor.Person {
		return nil, nil // for himself
	}
	covered, err := deputy.Covered(db, actor, day)
	at := slices.IndexFunc(covered, func(r deputy.Deputy) bool { return r.Person == e.Agent && r.Role == access.Clerk })
	if err != nil || at < 0 {
		return nil, err
	}
	return &covered[at], nil
}

// whom is the agent in whose stead it is done; empty for nobody.
func whom(stead *deputy.Deputy) string {
	if stead == nil {
		return ""
	}
	return stead.Person
}

// trailStead keeps that it was done in somebody's stead.
func trailStead(tx *store.Tx, e *Errand, stead *deputy.Deputy) {
	if stead != nil {
		tx.Trail(store.Entry{Act: "deputy.act", Kind: kind, Object: e.ID, Area: e.Village, From: stead.Person, To: stead.Deputy, Why: stead.ID})
	}
}
