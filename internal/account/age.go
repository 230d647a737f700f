package account

import (
	"errors"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// The ages of the law, in full years (周岁).
const (
	OwnConsent = 14 // PIPL 31: until then the guardian consents, and everything known of the child is sensitive (PIPL 28)
	FullAge    = 18 // 民法典 17
)

// ErrGuardianMust refuses the consent of a child itself.
var ErrGuardianMust = fault.New(fault.Invalid, "consent.guardian_needed",
	"不满十四周岁，要由父母或者其他监护人同意：请监护人带上户口簿或出生证，到村便民服务站登记监护人、一起办理")

// born is the birth date that the ID number says, else the one that was told; zero when neither is known.
func (p personRow) born(keys *secret.Keys) (secret.BirthDate, error) {
	number, err := secret.OpenIDNumber(keys, sealedAt("id_number", p.ID), p.IDNumber)
	if err != nil || !number.IsZero() {
		return number.Born(), err
	}
	return secret.OpenBirthDate(keys, sealedAt("born", p.ID), p.Born)
}

// readBorn takes a birth date that was told beside an ID number, which must say the same.
func readBorn(told, today clock.Date, number secret.IDNumber) (secret.BirthDate, error) {
	born, err := secret.NewBirthDate(told, today)
	if err == nil && !born.IsZero() && !number.IsZero() && !born.Equal(number.Born()) {
		err = fault.Wrong("body.birth_date", "出生日期和证件号码里的不一样，请照证件核对")
	}
	return born, err
}

// born is what the number says, else what was told.
func (g details) born() secret.BirthDate {
	if !g.number.IsZero() {
		return g.number.Born()
	}
	return g.told
}

// giver looks at who consents for somebody born then: for a child under fourteen a guardian, whom the clerk sees and who is
// not known to be under age; from fourteen on everybody himself.
func (d *Desk) giver(db *gorm.DB, actor access.Actor, c Consent, born secret.BirthDate, today clock.Date) error {
	child := born.Under(OwnConsent, today)
	switch {
	case child && c.GivenBy == "":
		return ErrGuardianMust.At(fault.Field{Location: "body.consent.given_by", Message: "请写明是哪位监护人同意的"})
	case c.GivenBy == "":
		return nil
	case born.IsZero():
		return fault.Wrong("body.birth_date", "由监护人同意的，请写明孩子的出生日期或证件号码")
	case !child:
		return fault.Wrong("body.consent.given_by", "年满十四周岁的，要由本人同意")
	}
	_, err := d.adult(db, actor, c.GivenBy, today)
	if errors.Is(err, fault.NotFound) {
		return fault.Wrong("body.consent.given_by", "请先在本村登记监护人")
	} else if errors.Is(err, errMinor) {
		return fault.Wrong("body.consent.given_by", "监护人要年满十八周岁")
	}
	return err
}

var errMinor = errors.New("account: under age")

// adult is a resident whom the actor sees, and of whom it is not known that he is under age.
func (d *Desk) adult(db *gorm.DB, actor access.Actor, id string, today clock.Date) (personRow, error) {
	p, err := onePerson(seenBy(actor)(db).Where("id = ? AND kind = ? AND disabled_at IS NULL", id, residentKind))
	if err != nil {
		return p, err
	}
	born, err := p.born(d.store.Keys())
	if err == nil && born.Under(FullAge, today) {
		err = errMinor
	}
	return p, err
}

// TellBorn keeps a birth date that was told, unless one is known; then it must be the same.
func (d *Desk) TellBorn(tx *store.Tx, id string, told clock.Date) (secret.BirthDate, error) {
	p, err := personByID(tx.DB, id)
	if err != nil {
		return secret.BirthDate{}, err
	}
	keys := d.store.Keys()
	known, err := p.born(keys)
	if err != nil || told.IsZero() {
		return known, err
	}
	born, err := secret.NewBirthDate(told, today(tx))
	switch {
	case err != nil:
		return born, fault.Wrong("body.birth_date", secret.ErrBorn.Title)
	case !known.IsZero() && !known.Equal(born):
		return born, fault.Wrong("body.birth_date", "和登记的出生日期不一样，请照证件核对")
	case !known.IsZero():
		return known, nil
	}
	tx.Trail(store.Entry{Act: "person.tell", Kind: "person", Object: p.ID, Area: access.Area(p.Village), Fields: []string{"birth_date"}})
	return born, changePerson(tx, p, map[string]any{"born": born.Seal(keys, sealedAt("born", p.ID)), "version": p.Version + 1, "updated_at": tx.Now})
}
