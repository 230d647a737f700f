package family

import (
	"context"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

const lookedAt = "查看户的信息"

// Households lists those that the actor sees, newest first, without their members.
func (d *Desk) Households(ctx context.Context, actor access.Actor, after string, limit int) ([]Household, error) {
	if err := actor.Must(access.Resident, access.Clerk); err != nil {
		return nil, err
	}
	db := d.store.Read(ctx)
	var rows []householdRow
	if err := store.Page(householdsOf(actor)(db), after, limit).Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	list := make([]Household, 0, len(rows))
	err := d.reading(ctx, actor, func(db *gorm.DB, rec secret.Recorder) error {
		list = list[:0]
		for _, row := range rows {
			h, err := d.household(db, actor, rec, row, nil)
			if err != nil {
				return err
			}
			list = append(list, h)
		}
		return nil
	})
	return list, err
}

// Household is the one with that id, and who is in it; not seen by the actor is not there.
func (d *Desk) Household(ctx context.Context, actor access.Actor, id string) (h Household, err error) {
	row, members, err := d.householdByID(d.store.Read(ctx), actor, id)
	if err != nil {
		return h, err
	}
	err = d.reading(ctx, actor, func(db *gorm.DB, rec secret.Recorder) (err error) {
		h, err = d.household(db, actor, rec, row, members)
		return err
	})
	return h, err
}

// reading reads for a resident, who is shown masks, and in a transaction for a clerk, whose reads are in the trail.
func (d *Desk) reading(ctx context.Context, actor access.Actor, read func(*gorm.DB, secret.Recorder) error) error {
	if actor.Role != access.Clerk {
		return read(d.store.Read(ctx), nil)
	}
	return d.store.Write(store.WithClaim(ctx, nil), actor, func(tx *store.Tx) error { return read(tx.DB, tx) })
}

func (d *Desk) householdByID(db *gorm.DB, actor access.Actor, id string) (householdRow, []memberRow, error) {
	var rows []householdRow
	if err := householdsOf(actor)(db).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil {
		return householdRow{}, nil, err
	}
	if len(rows) == 0 {
		return householdRow{}, nil, fault.NotFound
	}
	members, err := membersOf(db, id)
	return rows[0], members, err
}

// membersOf are those who are in it now: the head, then as the standard orders kin.
func membersOf(db *gorm.DB, household string) ([]memberRow, error) {
	var members []memberRow
	err := db.Where("household = ? AND open_person IS NOT NULL", household).Order("relation, id").Find(&members).Error
	return members, err
}

// sameHousehold reports whether both are in one household now.
func sameHousehold(db *gorm.DB, one, other string) (bool, error) {
	var n int64
	err := db.Model(&memberRow{}).Where("open_person = ? AND household IN (SELECT household FROM household_members WHERE open_person = ?)", other, one).
		Count(&n).Error
	return n > 0, err
}

// household makes the view; rec is nil for who is shown masks.
func (d *Desk) household(db *gorm.DB, actor access.Actor, rec secret.Recorder, row householdRow, members []memberRow) (h Household, err error) {
	h = Household{ID: row.ID, Number: row.Number, Village: row.Village, Head: row.Head, Version: row.Version, EndedAt: row.EndedAt, Members: []Member{}}
	if h.HeadName, err = d.people.NameFor(db, actor, rec, row.Head, lookedAt); err != nil {
		return h, err
	}
	for _, m := range members {
		name := h.HeadName
		if m.Person != row.Head {
			if name, err = d.people.NameFor(db, actor, rec, m.Person, lookedAt); err != nil {
				return h, err
			}
		}
		h.Members = append(h.Members, Member{Person: m.Person, Name: name, Relation: m.Relation, Since: m.Since})
	}
	return h, nil
}
