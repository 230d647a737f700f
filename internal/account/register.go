package account

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// ErrAlreadyHere refuses a second registration of an ID number in one village. Of other villages' residents nothing is said.
var ErrAlreadyHere = fault.New(fault.Conflict, "person.already_here", "这个证件号码在本村已经登记过，请直接查找这位群众，不用再登记")

// Registration is what a clerk writes down for a resident who has no phone of his own, or does not use one.
type Registration struct {
	Name     string
	Phone    string // optional
	IDNumber string // optional
	// BirthDate is for whom no ID number says it, and optional too; a child under fourteen needs the consent of a guardian.
	BirthDate clock.Date
	Village   access.Area
	Grid      access.Area // optional
	Consent   Consent
}

// details are the typed values once they were found right.
type details struct {
	name   secret.Name
	phone  secret.Phone
	number secret.IDNumber
	told   secret.BirthDate
	area   access.Area // village or grid
}

// RegisterResident (登记群众) is done by a clerk of that village, with the resident's consent. When the ID number is
// registered there already, that resident is answered beside the fault, with his name masked.
func (d *Desk) RegisterResident(ctx context.Context, actor access.Actor, r Registration) (Resident, error) {
	if err := actor.Must(access.Clerk); err != nil {
		return Resident{}, err
	}
	given, err := d.read(r)
	if err != nil {
		return Resident{}, err
	}
	if !actor.Area.Contains(r.Village) {
		return Resident{}, fault.NotYours
	}
	if err := r.Consent.Check(Signed, Fingerprint, Spoken); err != nil {
		return Resident{}, err
	}
	var done Resident
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		p := personRow{ID: tx.NewID(), Kind: residentKind, Version: 1, CreatedAt: tx.Now, UpdatedAt: tx.Now}
		given.fill(&p, d.store.Keys())
		if err := d.giver(tx.DB, actor, r.Consent, given.born(), today(tx)); err != nil {
			return err
		}
		if err := placed(tx.DB, given.area); err != nil {
			return err
		}
		if err := tx.Create(&p).Error; err != nil {
			return err
		}
		if err := r.Consent.keep(tx, p.ID); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "person.register", Kind: "person", Object: p.ID, Area: given.area.Village(), Fields: given.fields()})
		if done, err = d.masked(p); err != nil {
			return err
		}
		// The clerk has just typed it.
		if done.Name, err = plainName(d.store.Keys(), unrecorded{}, p, "登记"); err != nil {
			return err
		}
		tx.Answer(done)
		return nil
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return d.alreadyHere(ctx, actor, given)
	}
	return done, err
}

func (d *Desk) alreadyHere(ctx context.Context, actor access.Actor, given details) (Resident, error) {
	p, err := onePerson(seenBy(actor)(d.store.Read(ctx)).
		Where("village = ? AND id_index = ?", given.area.Village(), given.number.Index(d.store.Keys())))
	if err != nil {
		return Resident{}, err
	}
	there, err := d.masked(p)
	if err != nil {
		return Resident{}, err
	}
	return there, ErrAlreadyHere.With("已登记的是%s", there.Name)
}

// read checks what was typed, and tells everything that is wrong with it.
func (d *Desk) read(r Registration) (given details, err error) {
	var wrong wrongs
	given.name, err = secret.ParseName(r.Name)
	wrong.at("body.name", err)
	if r.Phone != "" {
		given.phone, err = secret.ParsePhone(r.Phone)
		wrong.at("body.phone", err)
	}
	if r.IDNumber != "" {
		given.number, err = secret.ParseIDNumber(r.IDNumber, clock.DateOf(d.now()))
		wrong.at("body.id_number", err)
	}
	given.told, err = readBorn(r.BirthDate, clock.DateOf(d.now()), given.number)
	wrong.at("body.birth_date", err)
	given.area, err = living(r.Village, r.Grid)
	wrong.at("body.village", err)
	return given, wrong.err()
}

// living is where somebody lives: his grid when it is known, else his village.
func living(village, grid access.Area) (access.Area, error) {
	switch {
	case village.Level() != access.VillageLevel:
		return "", fault.Wrong("body.village", "请选择村")
	case grid == "":
		return village, nil
	case grid.Level() != access.GridLevel || grid.Village() != village:
		return "", fault.Wrong("body.grid", "请选择本村的网格")
	}
	return grid, nil
}

// placed finds the area among the county's.
func placed(db *gorm.DB, area access.Area) error {
	var n int64
	if err := db.Table("areas").Where("code = ? AND code NOT IN ("+closed+")", area).Count(&n).Error; err != nil {
		return err
	}
	if n == 0 {
		return fault.Wrong("body.village", "没有这个村或网格，请重新选择")
	}
	return nil
}

// fill seals the values into the row and puts their indexes beside them.
func (g details) fill(p *personRow, keys *secret.Keys) {
	p.Name = g.name.Seal(keys, sealedAt("name", p.ID))
	p.Phone = g.phone.Seal(keys, sealedAt("phone", p.ID))
	p.IDNumber = g.number.Seal(keys, sealedAt("id_number", p.ID))
	if g.number.IsZero() {
		p.Born = g.told.Seal(keys, sealedAt("born", p.ID))
	}
	p.PhoneIndex, p.IDIndex = orNull(g.phone.Index(keys)), orNull(g.number.Index(keys))
	p.live(g.area)
}

// fields names what was told, for the trail.
func (g details) fields() []string {
	var names []string
	if !g.name.IsZero() {
		names = append(names, "name")
	}
	if !g.phone.IsZero() {
		names = append(names, "phone")
	}
	if !g.number.IsZero() {
		names = append(names, "id_number")
	}
	if g.number.IsZero() && !g.told.IsZero() {
		names = append(names, "birth_date")
	}
	if g.area != "" {
		names = append(names, "village")
	}
	return names
}
