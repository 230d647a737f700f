package audit

import (
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/store"
)

// seenBy keeps a query on the trail to the rows that exist for the actor: of the audit administrator those of his area, and
// for a county's also those that belong to no area. Nobody else sees any.
func (d *Desk) seenBy(actor access.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		if actor.Role != access.AuditAdmin {
			return db.Where("1 = 0")
		}
		db = d.inArea(db, actor)
		for _, hide := range d.hides {
			db = hide(db, actor)
		}
		return db
	}
}

func (d *Desk) inArea(db *gorm.DB, actor access.Actor) *gorm.DB {
	if actor.Area.Level() == access.CountyLevel {
		// Nearly all rows are the county's: found by area, they would all be sorted before a page is shown.
		return db.Where("(COALESCE(area, '') = ? OR COALESCE(area, '') BETWEEN ? AND ?)", store.Nowhere, actor.Area, actor.Area+highest)
	}
	return within(db, actor.Area)
}

// highest follows every code of the areas in an area.
const highest = "99999999"

func within(db *gorm.DB, area access.Area) *gorm.DB {
	return db.Where("area >= ? AND area <= ?", area, area+highest)
}
