package appeal

import (
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/queue"
	"tongban/internal/store"
)

// wayTo says how the rows of a list are found, however long the history is: a work list by whose it is and its states, what is under way in one
// village or at one office by its states, and everything else from the newest on.
func (d *Desk) wayTo(actor access.Actor, f Filter) (func(*gorm.DB) *gorm.DB, func(*gorm.DB, string, int) *gorm.DB) {
	switch {
	case Flow.Under(queues.States(actor.Role, f.Queue)):
		return d.seenBy(actor), store.PageOfFew
	case slices.Contains(by(clerk, gridWorker, officer), actor.Role) && Flow.Under(f.Status):
		return d.underWay(actor), store.PageOfFew
	case actor.Role == officer:
		return d.seenBy(actor), pageOfOffice(actor.Office)
	}
	return d.seenBy(actor), store.Page
}

// pageOfOffice is store.Page for what lies with an office: it walks back along the office's own rows, not along the county's or all that it ever had.
func pageOfOffice(office string) func(*gorm.DB, string, int) *gorm.DB {
	return func(db *gorm.DB, after string, limit int) *gorm.DB {
		return store.PageBy(db.Joins("JOIN appeal_offices lies ON lies.appeal = appeals.id AND lies.office = ?", office), "lies.appeal", after, limit)
	}
}

// underWay is seenBy for what is looked for by its state. What lies with an office stands in a table that knows no state, so an officer's is found
// among what is under way in his county, not among all that his office ever had.
func (d *Desk) underWay(actor access.Actor) func(*gorm.DB) *gorm.DB {
	seen := d.seenBy(actor)
	if actor.Role != officer {
		return seen
	}
	return func(db *gorm.DB) *gorm.DB { return seen(db).Where("appeals.county = ?", actor.Area.County()) }
}

// inCounty is underWay for one condition of a work list that does not say whose the appeal is: who owns it or which office leads it is found by itself.
func inCounty(a queue.Asked, c queue.Condition) queue.Condition {
	if a.Actor.Role != officer {
		return c
	}
	return queue.Where("appeals.county = ?", a.Actor.Area.County()).And(c)
}
