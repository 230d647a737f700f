package account

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// ErrSMSChoice refuses a choice that is used or over, or names somebody else.
var ErrSMSChoice = fault.New(fault.Invalid, "login.sms_choice", "选择已失效，请重新获取验证码登录")

// choiceLife is how long somebody may think about who he is.
const choiceLife = 5 * time.Minute

// SMSLogin is the answer to a right code: tokens, or the question which of several he is.
type SMSLogin struct {
	Tokens Tokens
	Choice string // empty with tokens
	People []Self // names are masked
}

// LoginSMS logs a resident in by the code that was sent to his phone. Whoever comes for the first time is registered with
// the proven phone. A family may share one phone: then each is asked for.
func (d *Desk) LoginSMS(ctx context.Context, typed, code, device string) (SMSLogin, error) {
	phone, err := mobile(typed)
	if err != nil {
		return SMSLogin{}, err
	}
	if _, err := d.deviceMark(device); err != nil {
		return SMSLogin{}, err // before the code is used up
	}
	var found SMSLogin
	var p personRow
	var refused error
	err = d.write(ctx, access.Stranger(), func(tx *store.Tx) error {
		found, p, refused = SMSLogin{}, personRow{}, nil
		right, err := d.spendSMSCode(tx, phone.Index(d.store.Keys()), code)
		if err != nil {
			return err
		}
		if !right {
			refused = ErrSMSWrong // the try stays counted
			return nil
		}
		people, shut, err := d.reachedBy(tx.DB, phone)
		switch {
		case err != nil:
			return err
		case len(people) == 0 && shut:
			refused = ErrDisabled
		case len(people) == 0:
			p, err = d.registerPhone(tx, phone)
		case len(people) == 1:
			p, err = people[0], d.provenBySMS(tx, people[0], phone)
		default:
			found, err = d.askWho(tx, phone, people)
		}
		return err
	})
	switch {
	case err != nil:
		return SMSLogin{}, err
	case refused != nil:
		return SMSLogin{}, refused
	case found.Choice != "":
		return found, nil
	}
	tokens, err := d.begin(ctx, p, device)
	return SMSLogin{Tokens: tokens}, err
}

// reachedBy are the residents whom the phone lets in: those who proved it, and those whom a clerk registered with it. A number
// that somebody merely typed into his own WeChat record opens that record to nobody. shut says that one of them is disabled.
func (d *Desk) reachedBy(db *gorm.DB, phone secret.Phone) (people []personRow, shut bool, err error) {
	var rows []personRow
	err = db.Where("phone_index = ? AND kind = ?", phone.Index(d.store.Keys()), residentKind).
		Where("(wechat_index IS NULL OR id IN (SELECT person FROM phone_proofs))").
		Order("id").Limit(mostAtOnePhone).Find(&rows).Error
	for _, p := range rows {
		if p.DisabledAt != nil {
			shut = true
			continue
		}
		people = append(people, p)
	}
	return people, shut, err
}

func (d *Desk) registerPhone(tx *store.Tx, phone secret.Phone) (personRow, error) {
	keys := d.store.Keys()
	p := personRow{ID: tx.NewID(), Kind: residentKind, Version: 1, CreatedAt: tx.Now, UpdatedAt: tx.Now}
	p.Phone, p.PhoneIndex = phone.Seal(keys, sealedAt("phone", p.ID)), orNull(phone.Index(keys))
	if err := tx.Create(&p).Error; err != nil {
		return p, err
	}
	tx.Actor = access.Actor{Person: p.ID, Role: access.Resident}
	tx.Trail(store.Entry{Act: "person.register", Kind: "person", Object: p.ID, Fields: []string{"phone"}})
	return d.prove(tx, p, phone, viaSMS)
}

func (d *Desk) provenBySMS(tx *store.Tx, p personRow, phone secret.Phone) error {
	tx.Actor = access.Actor{Person: p.ID, Role: access.Resident, Area: access.Area(p.Village)}
	_, err := d.prove(tx, p, phone, viaSMS)
	return err
}

// askWho makes a choice that is good once.
func (d *Desk) askWho(tx *store.Tx, phone secret.Phone, people []personRow) (SMSLogin, error) {
	token := rand.Text()
	asked := SMSLogin{Choice: token}
	for _, p := range people {
		name, err := p.name(d.store.Keys())
		if err != nil {
			return SMSLogin{}, err
		}
		asked.People = append(asked.People, Self{p.ID, name.String()})
	}
	err := tx.Table("sms_codes").Where("phone = ?", phone.Index(d.store.Keys())).
		UpdateColumns(map[string]any{"choice": d.choiceMAC(token), "choice_until": tx.Now.Add(choiceLife)}).Error
	return asked, err
}

func (d *Desk) choiceMAC(token string) string {
	return hex.EncodeToString(d.store.Keys().MAC("sms_choice", []byte(token)))
}

// ChooseSMS logs in as one of those who were asked for.
func (d *Desk) ChooseSMS(ctx context.Context, token, person, device string) (Tokens, error) {
	if _, err := d.deviceMark(device); err != nil {
		return Tokens{}, err
	}
	var self personRow
	err := d.write(ctx, access.Stranger(), func(tx *store.Tx) error {
		var rows []smsRow
		if err := tx.Where("choice = ?", d.choiceMAC(token)).Limit(1).Find(&rows).Error; err != nil {
			return err
		}
		if len(rows) == 0 {
			return ErrSMSChoice
		}
		used := tx.Table("sms_codes").Where("phone = ? AND choice = ? AND choice_until > ?", rows[0].Phone, d.choiceMAC(token), tx.Now).
			UpdateColumns(map[string]any{"choice": nil, "choice_until": nil})
		if used.Error != nil || used.RowsAffected != 1 {
			return orElse(used.Error, ErrSMSChoice)
		}
		p, err := onePerson(tx.Where("id = ? AND phone_index = ? AND kind = ?", person, rows[0].Phone, residentKind))
		if err != nil {
			return ErrSMSChoice.Because(err)
		}
		phone, err := p.phone(d.store.Keys())
		if err != nil {
			return err
		}
		people, _, err := d.reachedBy(tx.DB, phone)
		if err != nil {
			return err
		}
		for _, q := range people {
			if q.ID == p.ID {
				self = q
				return d.provenBySMS(tx, q, phone)
			}
		}
		return ErrSMSChoice
	})
	if err != nil {
		return Tokens{}, err
	}
	return d.begin(ctx, self, device)
}

func orElse(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
