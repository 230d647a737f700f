package casework

import (
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/family"
)

// seenBy keeps a query on cases to the rows that exist for the actor. Not yours and not there are the same.
//
// A resident sees his own, and those of whom he helps now (亲友代办) as far as the relation goes. A village clerk sees those that
// his village files for somebody, and nothing of what residents hand in themselves. Window, reviewer and decider see what
// was submitted to their office, a supervisor what was submitted in his area, and the county's platform what was submitted in
// its county: a draft is nobody's business but the applicant's side's. Everybody else sees nothing; the rounds see all.
func (d *Desk) seenBy(actor access.Actor) func(*gorm.DB) *gorm.DB {
	today := clock.DateOf(d.store.Clock().Now())
	return func(db *gorm.DB) *gorm.DB {
		switch actor.Role {
		case system:
			return db
		case resident:
			return ownOrHelped(db, actor, today)
		case clerk:
			db = inArea(db, actor)
			return db.Where("cases.agent <> ''")
		case window, reviewer, decider:
			db = submitted(db)
			return db.Where("cases.office = ? AND cases.office <> ''", actor.Office)
		case supervisor, county:
			db = submitted(db)
			return inArea(db, actor)
		}
		return db.Where("1 = 0")
	}
}

// askedAbout keeps a query on cases to those on which the actor's office is asked for its opinion at this moment: until it is given, the
// question withdrawn or the case decided. It stands beside seenBy, for single cases that are read: lists, counts and acts go by seenBy alone,
// so that nobody who is asked comes to act.
func askedAbout(actor access.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		return db.Where("EXISTS (SELECT 1 FROM case_opinions q WHERE q.case_id = cases.id AND q.office = ? AND q.office <> '' AND q.status = ?)", actor.Office, OpinionAsked)
	}
}

// submitted leaves drafts out, and what was discarded as one.
func submitted(db *gorm.DB) *gorm.DB {
	return db.Where("cases.applied_at IS NOT NULL")
}

// inArea is the actor's own level of county, town or village.
func inArea(db *gorm.DB, actor access.Actor) *gorm.DB {
	condition, code := actor.Scope()
	return db.Where("cases."+condition, code)
}

// ownOrHelped: actings is a table of family, whose rows say at this very moment who helps whom. The list of principals only narrows.
func ownOrHelped(db *gorm.DB, actor access.Actor, today clock.Date) *gorm.DB {
	principals, err := family.PrincipalsOf(db, actor.Person)
	if err != nil {
		_ = db.AddError(err)
		return db
	}
	return db.Where("cases.applicant IN ?", append(principals, actor.Person)).
		Where("cases.applicant <> '' AND (cases.applicant = ? OR EXISTS (SELECT 1 FROM actings r WHERE r.principal = cases.applicant"+
			" AND r.helper = ?"+
			" AND r.status = 'active'"+
			" AND r.valid_from <= ? AND r.valid_until >= ?"+
			" AND (r.scope = 'all' OR cases.helper = r.helper)))",
			actor.Person, actor.Person, today, today)
}
