package account

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Binding makes a WeChat log-in that is still empty the log-in of a resident whom a clerk has registered. Two things open
// it: a phone that was proven, with the name, or a code that the clerk gave to the resident himself.

var (
	// ErrNotEmpty keeps what somebody has already done here from losing its owner.
	ErrNotEmpty = fault.New(fault.Conflict, "person.not_empty", "您已经用微信登记过或办过事，要合并登记请到村便民服务站")
	// ErrNoBinding is the one answer to an unproven phone, a wrong name, another village and more than one match: it tells nobody
	// who is registered here.
	ErrNoBinding = fault.New(fault.Invalid, "person.no_binding", "对不上村里的登记，请核对姓名和村，或请村办事员开一个绑定码")
	ErrBindCode  = fault.New(fault.Invalid, "person.bind_code", "绑定码不对、用过了或已过期，请找村办事员再开一个")
	// ErrBindTries bounds guessing of names and codes.
	ErrBindTries = fault.New(fault.TooMany, "person.bind_tries", "试的次数太多了，请明天再试，或到村便民服务站办理")
	ErrHasWeChat = fault.New(fault.Conflict, "person.has_wechat", "这位群众已经能用微信登录，不用再绑定")
)

// One log-in, one phone, and one network address with all its log-ins, may try so often a day. A code has 40 bits.
var (
	bindPhones    = store.Allowance{Kind: "bind_phone", Most: 10, Window: 24 * time.Hour}
	bindTries     = store.Allowance{Kind: "bind", Most: 5, Window: 24 * time.Hour}
	bindAddresses = store.Allowance{Kind: "bind_address", Most: 50, Window: 24 * time.Hour}
)

// BindByPhone binds by the proven phone and the name as it was registered in that village, if exactly one resident fits.
func (d *Desk) BindByPhone(ctx context.Context, actor access.Actor, name string, village access.Area, address string) (Resident, error) {
	if err := actor.Must(access.Resident); err != nil {
		return Resident{}, err
	}
	typed, err := secret.ParseName(name)
	if err != nil {
		return Resident{}, err
	}
	if village.Level() != access.VillageLevel {
		return Resident{}, fault.Wrong("body.village", "请选择村")
	}
	return d.bind(ctx, actor, address, func(tx *store.Tx, from personRow) (personRow, error) {
		return d.fitting(tx, from, typed, village)
	})
}

func (d *Desk) fitting(tx *store.Tx, from personRow, typed secret.Name, village access.Area) (personRow, error) {
	_, proven, err := proofOf(tx.DB, from.ID)
	if err != nil {
		return personRow{}, err
	}
	phone, err := from.phone(d.store.Keys())
	if err != nil {
		return personRow{}, err
	}
	if !proven || phone.IsZero() {
		return personRow{}, ErrNoBinding
	}
	there, err := d.waiting(tx.DB, phone, village)
	if err != nil {
		return personRow{}, err
	}
	var fits []personRow
	for _, p := range there {
		registered, err := p.name(d.store.Keys())
		if err != nil {
			return personRow{}, err
		}
		if registered.Equal(typed) {
			fits = append(fits, p)
		}
	}
	if len(fits) != 1 {
		return personRow{}, ErrNoBinding
	}
	return fits[0], nil
}

// bind moves the actor's WeChat to the resident whom find finds. His sessions end: the next log-in by WeChat is that resident's.
func (d *Desk) bind(ctx context.Context, actor access.Actor, address string, find func(*store.Tx, personRow) (personRow, error)) (Resident, error) {
	if err := d.mayBind(ctx, actor, address); err != nil {
		return Resident{}, err
	}
	var done Resident
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		from, err := personByID(seenBy(actor)(tx.DB), actor.Person)
		if err != nil {
			return err
		}
		if err := empty(tx.DB, from); err != nil {
			return err
		}
		to, err := find(tx, from)
		if err != nil {
			return err
		}
		if to, err = d.hand(tx, from, to); err != nil {
			return err
		}
		if err := idle(tx.DB, from); err != nil { // what waited for the row has been done meanwhile
			return err
		}
		if done, err = d.masked(to); err != nil {
			return err
		}
		tx.Answer(done)
		return nil
	})
	d.standing.forget()
	if errors.Is(err, store.ErrLost) { // somebody else was bound a moment before
		err = ErrNoBinding.Because(err)
	}
	return done, err
}

// mayBind uses up one try, before names or codes are looked at. Who could not bind anyway uses none up.
func (d *Desk) mayBind(ctx context.Context, actor access.Actor, address string) error {
	db := d.store.Read(ctx)
	from, err := personByID(seenBy(actor)(db), actor.Person)
	if err != nil {
		return err
	}
	if err := empty(db, from); err != nil {
		return err
	}
	counts := []guess{{bindAddresses, d.hashedAddress(address)}, {bindTries, actor.Person}}
	if from.PhoneIndex != nil { // a number that changed its owner is no way to many names
		counts = append(counts, guess{bindPhones, *from.PhoneIndex})
	}
	return d.admitAll(ctx, ErrBindTries, counts...)
}

// empty refuses a row that says who somebody is, or under which something was done.
func empty(db *gorm.DB, p personRow) error {
	if p.Village != "" || len(p.Name) > 0 || p.WechatIndex == nil {
		return ErrNotEmpty
	}
	return idle(db, p)
}

func idle(db *gorm.DB, p personRow) error {
	var n int64
	if err := db.Table("trail").Where("person = ? AND kind <> ?", p.ID, "person").Count(&n).Error; err != nil {
		return err
	}
	if n > 0 {
		return ErrNotEmpty
	}
	return nil
}

// hand takes WeChat and proven phone from one row and gives them to the other.
func (d *Desk) hand(tx *store.Tx, from, to personRow) (personRow, error) {
	wechat := from.WechatIndex
	phone, err := from.phone(d.store.Keys())
	if err != nil {
		return to, err
	}
	proof, proven, err := proofOf(tx.DB, from.ID)
	if err != nil {
		return to, err
	}
	// Whoever logs in by this WeChat is the other one from now on, so nothing may log in as this one.
	err = changePerson(tx, from, map[string]any{
		"wechat_index": nil, "phone": nil, "phone_index": nil, "disabled_at": tx.Now,
		"token_version": from.TokenVersion + 1, "version": from.Version + 1, "updated_at": tx.Now,
	})
	if err != nil {
		return to, err
	}
	if err := tx.Where("person = ?", from.ID).Delete(&proofRow{}).Error; err != nil {
		return to, err
	}
	if err := changePerson(tx, to, map[string]any{"wechat_index": wechat, "version": to.Version + 1, "updated_at": tx.Now}); err != nil {
		return to, err
	}
	to.WechatIndex = wechat
	to.Version++
	tx.Trail(store.Entry{Act: "person.bind", Kind: "person", Object: to.ID, Area: access.Area(to.Village), From: from.ID, To: to.ID, Fields: []string{"wechat"}})
	if proven {
		return d.prove(tx, to, phone, proof.How)
	}
	return to, nil
}

// StillHimself fails when the resident who acts was shut out a moment ago, or became another one by binding: what he would make
// now had no owner whom anybody can log in as. Of the two at once the later one waits, and sees what the first has done.
func StillHimself(tx *store.Tx) error {
	if tx.Actor.Role != access.Resident {
		return nil
	}
	here := tx.Table("persons").Where("id = ? AND disabled_at IS NULL", tx.Actor.Person).UpdateColumn("version", gorm.Expr("version"))
	if here.Error == nil && here.RowsAffected != 1 {
		return ErrToken
	}
	return here.Error
}
