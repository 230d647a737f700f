package account

import (
	"context"
	"slices"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Resident (群众) as somebody may know him: whoever serves him, and he himself, sees the name in full; phone and ID number
// stay masked.
type Resident struct {
	ID        string
	Name      string
	Phone     secret.Phone
	IDNumber  secret.IDNumber
	Village   access.Area
	Grid      access.Area // empty when it is not known
	WeChat    bool        // can log in by himself
	Child     bool        // under fourteen: all that is known of him is sensitive (PIPL 28), and his guardian consents
	Version   int
	CreatedAt time.Time
}

// Search looks residents up, by at most one exact value; without one it is the list, newest first.
type Search struct {
	Phone    string
	IDNumber string
	After    string // id
	Limit    int
}

// Residents lists those whom the actor may see. Whoever sees full names is written into the trail for each of them. While a clerk's session
// serves somebody, the others have masked names: the list is how he finds whom to serve next, and the client looks on.
func (d *Desk) Residents(ctx context.Context, actor access.Actor, q Search) ([]Resident, error) {
	db := seenBy(actor)(d.store.Read(ctx)).Where("kind = ?", residentKind)
	var wrong wrongs
	if q.Phone != "" {
		phone, err := secret.ParsePhone(q.Phone)
		wrong.at("body.phone", err)
		db = db.Where("phone_index = ?", phone.Index(d.store.Keys()))
	}
	if q.IDNumber != "" {
		number, err := secret.ParseIDNumber(q.IDNumber, clock.DateOf(d.now()))
		wrong.at("body.id_number", err)
		db = db.Where("id_index = ?", number.Index(d.store.Keys()))
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	var rows []personRow
	if err := store.Page(db, q.After, q.Limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	client, _, err := served(d.store.Read(ctx), actor.Session)
	if err != nil {
		return nil, err
	}
	if err := d.found(ctx, actor, rows, q, client); err != nil {
		return nil, err
	}
	return d.shown(ctx, actor, rows, client, "查看群众名单")
}

// found trails that somebody was looked up by his number by whoever does not serve him now: though he sees only masks, he has learnt
// whose number it is, and where that one lives. Of whom he serves he reads the name, and that is trailed by itself.
func (d *Desk) found(ctx context.Context, actor access.Actor, rows []personRow, q Search, client string) error {
	var by []string
	if q.Phone != "" {
		by = append(by, "phone")
	}
	if q.IDNumber != "" {
		by = append(by, "id_number")
	}
	masked := slices.DeleteFunc(slices.Clone(rows), func(p personRow) bool { return readsName(actor, client, p) })
	if len(by) == 0 || len(masked) == 0 {
		return nil
	}
	return d.write(ctx, actor, func(tx *store.Tx) error {
		for _, p := range masked {
			tx.Trail(store.Entry{Act: "person.find", Kind: "person", Object: p.ID, Area: p.area().Village(), Fields: by})
		}
		return nil
	})
}

// serves: clerk and grid worker work with the residents whom they see.
func serves(actor access.Actor) bool {
	return actor.Role == access.Clerk || actor.Role == access.GridWorker
}

// readsName: he works with them, and nobody else is his client at this moment.
func readsName(actor access.Actor, client string, p personRow) bool {
	return serves(actor) && (client == "" || client == p.ID)
}

// Resident is the one with that id; not seen by the actor is not there.
func (d *Desk) Resident(ctx context.Context, actor access.Actor, id string) (Resident, error) {
	p, err := onePerson(seenBy(actor)(d.store.Read(ctx)).Where("id = ? AND kind = ?", id, residentKind))
	if err != nil {
		return Resident{}, err
	}
	client, _, err := served(d.store.Read(ctx), actor.Session)
	if err != nil {
		return Resident{}, err
	}
	list, err := d.shown(ctx, actor, []personRow{p}, client, "查看群众信息")
	if err != nil {
		return Resident{}, err
	}
	return list[0], nil
}

// shown makes views of rows that the actor may see.
func (d *Desk) shown(ctx context.Context, actor access.Actor, rows []personRow, client, reason string) ([]Resident, error) {
	named := func(p personRow) bool { return readsName(actor, client, p) }
	if !slices.ContainsFunc(rows, named) {
		return d.views(actor, rows, client, nil, reason)
	}
	var list []Resident
	err := d.write(ctx, actor, func(tx *store.Tx) (err error) {
		list, err = d.views(actor, rows, client, tx, reason)
		return err
	})
	return list, err
}

// views shows names in full to a recorder whose actor reads them, or to the person himself; else masked.
func (d *Desk) views(actor access.Actor, rows []personRow, client string, rec secret.Recorder, reason string) ([]Resident, error) {
	list := make([]Resident, 0, len(rows))
	for _, p := range rows {
		r, err := d.masked(p)
		if err != nil {
			return nil, err
		}
		switch {
		case p.ID == actor.Person:
			r.Name, err = plainName(d.store.Keys(), unrecorded{}, p, "本人")
		case rec != nil && readsName(actor, client, p):
			r.Name, err = plainName(d.store.Keys(), rec, p, reason)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

func (d *Desk) masked(p personRow) (Resident, error) {
	keys := d.store.Keys()
	r := Resident{
		ID: p.ID, Village: access.Area(p.Village), Grid: access.Area(p.Grid),
		WeChat: p.WechatIndex != nil, Version: p.Version, CreatedAt: p.CreatedAt,
	}
	name, err := p.name(keys)
	if err != nil {
		return r, err
	}
	r.Name = name.String()
	if r.Phone, err = p.phone(keys); err != nil {
		return r, err
	}
	if r.IDNumber, err = secret.OpenIDNumber(keys, sealedAt("id_number", p.ID), p.IDNumber); err != nil {
		return r, err
	}
	born, err := p.born(keys)
	r.Child = born.Under(OwnConsent, clock.DateOf(d.now()))
	return r, err
}
