package appeal

import (
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/family"
)

// seenBy keeps a query on appeals to the rows that exist for the actor. Not yours and not there are the same.
//
// A resident sees his own, and those of whom he helps now (亲友代办) as far as the relation goes. A village clerk sees those that his village filed for somebody, and nothing of what residents
// hand in themselves. A grid worker sees the open ones (公开) of his grid, dispatcher and supervisor their area, the
// follow-up those that are replied to, an officer what lies with his office now, as lead or co-handler. Everybody else
// sees nothing; the program's rounds see all.
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
			db = db.Where("appeals.agent <> ''")
		case gridWorker:
			db = inArea(db, actor)
			db = db.Where("appeals.identity = ?", Public)
		case dispatcher, supervisor:
			db = inArea(db, actor)
		case followUp:
			db = inArea(db, actor)
			db = db.Where("appeals.status IN ?", []string{string(Replied), string(FollowingUp), string(Concluded)})
		case officer:
			db = db.Where("EXISTS (SELECT 1 FROM appeal_offices o WHERE o.appeal = appeals.id AND o.office = ? AND o.office <> '')", actor.Office)
		default:
			return db.Where("1 = 0")
		}
		return recused(db, actor, today)
	}
}

// ownOrHelped: actings is a table of family, whose rows say at this very moment who helps whom; what he handed in for
// somebody stands in appeal_helpers. The list of principals only narrows.
func ownOrHelped(db *gorm.DB, actor access.Actor, today clock.Date) *gorm.DB {
	principals, err := family.PrincipalsOf(db, actor.Person)
	if err != nil {
		_ = db.AddError(err)
		return db
	}
	return db.Where("appeals.applicant IN ?", append(principals, actor.Person)).
		Where("appeals.applicant <> '' AND (appeals.applicant = ? OR EXISTS (SELECT 1 FROM actings r WHERE r.principal = appeals.applicant"+
			" AND r.helper = ?"+
			" AND r.status = 'active'"+
			" AND r.valid_from <= ? AND r.valid_until >= ?"+
			" AND (r.scope = 'all' OR EXISTS (SELECT 1 FROM appeal_helpers h WHERE h.appeal = appeals.id AND h.helper = r.helper))))",
			actor.Person, actor.Person, today, today)
}

// inArea is the actor's own level of county, town, village or grid.
func inArea(db *gorm.DB, actor access.Actor) *gorm.DB {
	condition, code := actor.Scope()
	return db.Where("appeals."+condition, code)
}

// recused (回避) hides from staff what complains of themselves or of an office where they hold a post, also when they
// act in another of their posts just now. posts is a table of account, whose rows say so at this very moment.
func recused(db *gorm.DB, actor access.Actor, today clock.Date) *gorm.DB {
	db = db.Where("appeals.about_person <> ?", actor.Person)
	db = db.Where("(appeals.about_office = '' OR appeals.about_office <> ?)", actor.Office)
	return db.Where("(appeals.about_office = '' OR appeals.about_office NOT IN"+
		" (SELECT office FROM posts WHERE person = ? AND valid_from <= ? AND (valid_until IS NULL OR valid_until >= ?)))", actor.Person, today, today)
}
