package casework

import (
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/store"
)

// ToRate is the case, if its rating is the actor's to give (好差评): the applicant, his helper, or a clerk where his village filed it.
func (d *Desk) ToRate(tx *store.Tx, id string) (Case, error) {
	c, err := d.load(tx.DB, tx.Actor, id)
	if err != nil {
		return Case{}, err
	}
	if err := tx.Actor.Must(access.Resident, access.Clerk); err != nil {
		return Case{}, err
	}
	return *c, nil
}

// Rateable is the case, if the actor may rate it now: from the decision on, while the county's window is open.
func (d *Desk) Rateable(tx *store.Tx, id string) (Case, error) {
	c, err := d.ToRate(tx, id)
	switch {
	case err != nil:
		return Case{}, err
	case c.DecidedAt == nil:
		return Case{}, ErrNotYetRateable
	case !tx.Now.Before(clock.DateOf(*c.DecidedAt).AddDays(d.rules.Rating.Days).End()):
		return Case{}, ErrRatingOver
	}
	return c, nil
}

// HandledBy says whether the person had a hand in the county's handling of the case.
func (d *Desk) HandledBy(db *gorm.DB, id, person string) (bool, error) {
	var n int64
	err := db.Model(&Event{}).Where("case_id = ? AND actor = ? AND role IN ?", id, person, []access.Role{window, reviewer, decider}).Count(&n).Error
	return n > 0, err
}
