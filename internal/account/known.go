package account

import (
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/secret"
)

// Known is somebody as a desk behind this one knows him inside its own transaction. It decides itself who may hear of it.
type Known struct {
	ID         string
	Name       secret.Name // stays masked until revealed
	PhoneIndex *string     // blind; nil without a phone
	Area       access.Area // the deepest that is known
	Born       secret.BirthDate
	Resident   bool // and not shut out
}

// Known is whoever has that id; request.not_found for an unknown one.
func (d *Desk) Known(db *gorm.DB, id string) (Known, error) {
	p, err := personByID(db, id)
	if err != nil {
		return Known{}, err
	}
	return d.known(p)
}

// KnownTo is the same among those whom the actor may look up.
func (d *Desk) KnownTo(db *gorm.DB, actor access.Actor, id string) (Known, error) {
	p, err := personByID(seenBy(actor)(db), id)
	if err != nil {
		return Known{}, err
	}
	return d.known(p)
}

func (d *Desk) known(p personRow) (k Known, err error) {
	k = Known{ID: p.ID, PhoneIndex: p.PhoneIndex, Area: p.area(), Resident: p.Kind == residentKind && p.DisabledAt == nil}
	if k.Born, err = p.born(d.store.Keys()); err != nil {
		return k, err
	}
	k.Name, err = p.name(d.store.Keys())
	return k, err
}

// ProvenPhone is the blind index of the phone that somebody has proven to be his; nil without one.
func (d *Desk) ProvenPhone(db *gorm.DB, person string) (*string, error) {
	var proven []string
	err := db.Table("persons").Where("id = ? AND phone_index IS NOT NULL AND id IN (SELECT person FROM phone_proofs)", person).
		Pluck("phone_index", &proven).Error
	if err != nil || len(proven) == 0 {
		return nil, err
	}
	return &proven[0], nil
}

// NameFor is somebody's name as the actor may be shown it by a desk that has decided that he may know of him: his own in full;
// in full and in the trail to a recorder, if he works with him and nobody else is his client at this moment; else masked.
func (d *Desk) NameFor(db *gorm.DB, actor access.Actor, rec secret.Recorder, id, reason string) (string, error) {
	p, err := personByID(db, id)
	if err != nil {
		return "", err
	}
	serves := false
	if rec != nil && actor.Role == access.Clerk {
		var n int64
		if err := seenBy(actor)(db.Model(&personRow{})).Where("id = ?", id).Count(&n).Error; err != nil {
			return "", err
		}
		client, _, err := served(db, actor.Session)
		if err != nil {
			return "", err
		}
		serves = n > 0 && readsName(actor, client, p)
	}
	switch {
	case p.ID == actor.Person:
		return plainName(d.store.Keys(), unrecorded{}, p, "本人")
	case serves:
		return plainName(d.store.Keys(), rec, p, reason)
	}
	name, err := p.name(d.store.Keys())
	return name.String(), err
}
