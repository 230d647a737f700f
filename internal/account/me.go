package account

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// ErrAlreadyTold refuses to change what was told before: that is a correction, with somebody who looks at the papers.
var ErrAlreadyTold = fault.New(fault.Conflict, "person.already_told", "姓名、电话或村已经登记过，要更改请申请更正，或找村办事员")

// Me is what somebody is told about himself.
type Me struct {
	Self
	Staff    bool
	WeChat   bool              // of staff: may log in by WeChat; a resident's stands with him
	Resident Resident          // of a resident
	Posts    []Post            // of staff, held today
	Duties   map[string][]Duty // by post
	Post     string            // id of the one that is acted in
}

// Me answers who is logged in.
func (d *Desk) Me(ctx context.Context, actor access.Actor) (Me, error) {
	if !actor.Signed() {
		return Me{}, fault.NeedLogin
	}
	db := d.store.Read(ctx)
	p, err := personByID(db, actor.Person)
	if err != nil {
		return Me{}, err
	}
	me := Me{Self: Self{ID: p.ID}, Staff: p.Kind == staffKind, Post: actor.Post}
	if me.Name, err = plainName(d.store.Keys(), unrecorded{}, p, "本人"); err != nil {
		return Me{}, err
	}
	if me.Staff {
		me.WeChat = p.WechatIndex != nil
		if me.Posts, err = postsOn(db, p.ID, clock.DateOf(d.now())); err == nil {
			me.Duties, err = dutiesOf(db, me.Posts)
		}
		return me, err
	}
	me.Resident, err = d.masked(p)
	me.Resident.Name = me.Name
	return me, err
}

// Told is what a resident tells of himself after his first log-in by WeChat. What is empty he leaves as it is.
type Told struct {
	Name        string
	Phone       string
	Village     access.Area
	Grid        access.Area
	BirthDate   clock.Date
	TextVersion string // of the privacy notice that he has agreed to on the screen
}

// UpdateMe keeps what a resident tells of himself; each of name, phone and village once. Name and village are needed to do business.
func (d *Desk) UpdateMe(ctx context.Context, actor access.Actor, t Told) (Resident, error) {
	if err := actor.Must(access.Resident); err != nil {
		return Resident{}, err
	}
	consent := Consent{TextVersion: t.TextVersion, How: OnScreen}
	if err := consent.Check(OnScreen); err != nil {
		return Resident{}, err
	}
	given, err := readTold(t, clock.DateOf(d.now()))
	if err != nil {
		return Resident{}, err
	}
	var done Resident
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		p, err := personByID(seenBy(actor)(tx.DB), actor.Person)
		if err != nil {
			return err
		}
		if err := d.ownAge(p, given, today(tx)); err != nil {
			return err
		}
		news, err := d.news(p, given)
		if err != nil {
			return err
		}
		if p, err = d.add(tx, p, news, consent); err != nil {
			return err
		}
		list, err := d.views(actor, []personRow{p}, "", nil, "")
		if err != nil {
			return err
		}
		done = list[0]
		tx.Answer(done)
		return nil
	})
	d.standing.forget() // his area has changed
	return done, err
}

// ownAge: a child under fourteen agrees to nothing on a screen.
func (d *Desk) ownAge(p personRow, given details, today clock.Date) error {
	born, err := p.born(d.store.Keys())
	if err == nil && (born.Under(OwnConsent, today) || given.told.Under(OwnConsent, today)) {
		err = ErrGuardianMust
	}
	return err
}

func readTold(t Told, today clock.Date) (given details, err error) {
	var wrong wrongs
	if t.Name != "" {
		given.name, err = secret.ParseName(t.Name)
		wrong.at("body.name", err)
	}
	if t.Phone != "" {
		given.phone, err = secret.ParsePhone(t.Phone)
		wrong.at("body.phone", err)
	}
	given.told, err = secret.NewBirthDate(t.BirthDate, today)
	wrong.at("body.birth_date", err)
	if t.Village != "" || t.Grid != "" {
		given.area, err = living(t.Village, t.Grid)
		wrong.at("body.village", err)
	}
	return given, wrong.err()
}

// news is the part of what was given that is not known yet. What differs from what is known is refused.
func (d *Desk) news(p personRow, given details) (details, error) {
	known, err := d.masked(p)
	if err != nil {
		return details{}, err
	}
	name, err := p.name(d.store.Keys())
	if err != nil {
		return details{}, err
	}
	born, err := p.born(d.store.Keys())
	if err != nil {
		return details{}, err
	}
	switch {
	case !born.IsZero() && !given.told.IsZero() && !born.Equal(given.told),
		!name.IsZero() && !given.name.IsZero() && !name.Equal(given.name),
		!known.Phone.IsZero() && !given.phone.IsZero() && !known.Phone.Equal(given.phone),
		known.Village != "" && given.area != "" && known.Village != given.area.Village(),
		known.Grid != "" && given.area.Grid() != "" && known.Grid != given.area.Grid():
		return details{}, ErrAlreadyTold
	case name.IsZero() && given.name.IsZero():
		return details{}, fault.Wrong("body.name", "请填写姓名")
	case known.Village == "" && given.area == "":
		return details{}, fault.Wrong("body.village", "请选择村")
	}
	if !name.IsZero() {
		given.name = secret.Name{}
	}
	if !born.IsZero() {
		given.told = secret.BirthDate{}
	}
	if !known.Phone.IsZero() {
		given.phone = secret.Phone{}
	}
	if known.Village != "" && (known.Grid != "" || given.area.Grid() == "") {
		given.area = ""
	}
	return given, nil
}

// add writes the news with the consent to it; without news nothing is written.
func (d *Desk) add(tx *store.Tx, p personRow, news details, consent Consent) (personRow, error) {
	if len(news.fields()) == 0 {
		return p, nil
	}
	keys := d.store.Keys()
	set := map[string]any{"version": p.Version + 1, "updated_at": tx.Now}
	if !news.name.IsZero() {
		p.Name = news.name.Seal(keys, sealedAt("name", p.ID))
		set["name"] = p.Name
	}
	if !news.phone.IsZero() {
		p.Phone, p.PhoneIndex = news.phone.Seal(keys, sealedAt("phone", p.ID)), orNull(news.phone.Index(keys))
		set["phone"], set["phone_index"] = p.Phone, p.PhoneIndex
	}
	if !news.told.IsZero() {
		p.Born = news.told.Seal(keys, sealedAt("born", p.ID))
		set["born"] = p.Born
	}
	if news.area != "" {
		if err := placed(tx.DB, news.area); err != nil {
			return p, err
		}
		p.live(news.area)
		set["county"], set["town"], set["village"], set["grid"] = p.County, p.Town, p.Village, p.Grid
	}
	if err := changePerson(tx, p, set); err != nil {
		return p, err
	}
	p.Version++
	tx.Trail(store.Entry{Act: "person.tell", Kind: "person", Object: p.ID, Area: access.Area(p.Village), Fields: news.fields()})
	return p, consent.keep(tx, p.ID)
}
