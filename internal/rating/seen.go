package rating

import (
	"gorm.io/gorm"

	"tongban/internal/access"
)

// seenBy keeps a query on redresses to the rows that exist for the actor: whoever works at an office sees what its work was
// rated for, officers on appeals and the hall's on cases, for neither sees the other's; follow-up and supervisor see those of their area;
// the rounds see all. Of an appeal that complains of the actor, or of
// an office of his, nothing is there (回避). To everybody else a redress is not there: the rater reads the answer on his case.
func (d *Desk) seenBy(actor access.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		switch actor.Role {
		case access.System:
			return db
		case access.Window, access.Reviewer, access.Decider, access.Officer:
			db = db.Where("redresses.office = ? AND redresses.office <> ''", actor.Office)
			db = db.Where("redresses.kind = ?", kindFor(actor.Role))
		case access.FollowUp, access.Supervisor:
			condition, code := actor.Scope()
			db = db.Where("redresses."+condition, code)
		default:
			return db.Where("1 = 0")
		}
		return d.appeals.HideAbout(db, "redresses.object", actor)
	}
}

// kindFor is what somebody of an office works on.
func kindFor(role access.Role) string {
	if role == access.Officer {
		return OfAnAppeal
	}
	return OfACase
}
