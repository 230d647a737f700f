package family

import (
	"context"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// Actings are the relations that the actor knows, newest first.
func (d *Desk) Actings(ctx context.Context, actor access.Actor, after string, limit int) ([]Acting, error) {
	if err := actor.Must(access.Resident, access.Clerk); err != nil {
		return nil, err
	}
	db := d.store.Read(ctx)
	index, err := d.phoneIndexOf(db, actor)
	if err != nil {
		return nil, err
	}
	var rows []actingRow
	if err := store.Page(actingsOf(actor, index)(db), after, limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]Acting, 0, len(rows))
	for _, row := range rows {
		a, err := d.acting(db, actor, row)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// phoneIndexOf is the blind index of the phone that a resident has proven; nil for none, which equals nothing. A number that he
// merely typed would let anybody stand in for the helper who was named, and learn who asked for one.
func (d *Desk) phoneIndexOf(db *gorm.DB, actor access.Actor) (*string, error) {
	if actor.Role != access.Resident {
		return nil, nil
	}
	return d.people.ProvenPhone(db, actor.Person)
}

// actingByID is one that exists for the actor; it is the matter of both of its sides.
func (d *Desk) actingByID(db *gorm.DB, actor access.Actor, id string) (actingRow, error) {
	index, err := d.phoneIndexOf(db, actor)
	if err != nil {
		return actingRow{}, err
	}
	var rows []actingRow
	if err := actingsOf(actor, index)(db).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil {
		return actingRow{}, err
	}
	if len(rows) == 0 {
		return actingRow{}, fault.NotFound
	}
	return rows[0], account.Attends(db, actor, rows[0].Principal, rows[0].Helper)
}

func (d *Desk) acting(db *gorm.DB, actor access.Actor, row actingRow) (Acting, error) {
	a := Acting{
		ID: row.ID, Kind: row.Kind, Relation: Relation(row.Relation), Proof: Proof(row.Proof), Principal: row.Principal, Helper: row.Helper, Scope: row.Scope, Status: row.Status, StatusText: flowOf(row.Kind).Text(row.Status),
		ValidFrom: row.ValidFrom, ValidUntil: row.ValidUntil, Offers: []flow.Offer{},
	}
	for _, o := range flowOf(row.Kind).Offers(row.Status, actor.Role) {
		if o.Do == ConfirmActing && row.Principal != actor.Person || o.Do == EndActing {
			a.Offers = append(a.Offers, o)
		}
	}
	p, err := d.people.Known(db, row.Principal)
	if err != nil {
		return a, err
	}
	a.PrincipalName = p.Name
	if row.Helper == "" {
		return a, nil
	}
	p, err = d.people.Known(db, row.Helper)
	a.HelperName = p.Name
	return a, err
}

// ActsFor is the id of the relation by which the resident may act for the principal today; fault.NotFound without one.
// It is asked in the transaction of the act, so the right ends with the relation and not later; that it was used, for a matter of the
// area, is in the trail then.
func ActsFor(tx *store.Tx, principal string, area access.Area) (id string, err error) {
	today := clock.DateOf(tx.Now)
	var rows []actingRow
	err = tx.Where("helper = ? AND principal = ? AND status = ?", tx.Actor.Person, principal, ActingActive).
		Where("valid_from <= ? AND valid_until >= ?", today, today).Limit(1).Find(&rows).Error
	if err == nil && len(rows) == 0 {
		err = fault.NotFound
	}
	if err != nil {
		return "", err
	}
	tx.Trail(store.Entry{Act: "acting.use", Kind: "person", Object: principal, Area: area, Why: rows[0].ID})
	return rows[0].ID, nil
}

// PrincipalsOf are all whom somebody helps or ever was to help: few, so that every engine finds their matters by the index. They only
// narrow; what counts is the condition on the relation itself behind them.
func PrincipalsOf(db *gorm.DB, helper string) (ids []string, err error) {
	err = db.Session(&gorm.Session{NewDB: true}).Model(&actingRow{}).Where("helper = ?", helper).Pluck("principal", &ids).Error
	return ids, err
}

// Helped is where somebody lives for whom the resident may act today; fault.NotFound for everybody else.
func Helped(db *gorm.DB, people *account.Desk, actor access.Actor, today clock.Date, principal string) (access.Area, error) {
	var helped int64
	err := db.Model(&actingRow{}).Where("helper = ? AND principal = ? AND status = ?", actor.Person, principal, ActingActive).
		Where("valid_from <= ? AND valid_until >= ?", today, today).Count(&helped).Error
	if err == nil && helped == 0 {
		err = fault.NotFound
	}
	if err != nil {
		return "", err
	}
	p, err := people.Known(db, principal)
	return p.Area, err
}
