package account

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tongban/internal/access"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// How a resident showed that a phone is in his hands.
const (
	viaWeChat = "wechat" // the phone button of the mini-program
	viaSMS    = "sms"    // a code that was sent to it
)

// proofRow says that the phone in the person's row was proven. A phone without one was only told.
type proofRow struct {
	Person   string `gorm:"primaryKey"`
	How      string
	ProvenAt time.Time
}

func (proofRow) TableName() string { return "phone_proofs" }

// Proven is what a resident is told after he has proven a phone.
type Proven struct {
	Resident
	MayBind bool // a clerk has registered somebody with this phone who has no WeChat yet: it may be he himself
}

// ProvePhone keeps the number that the phone button's code gives. What is proven replaces what was only told.
func (d *Desk) ProvePhone(ctx context.Context, actor access.Actor, code string) (Proven, error) {
	if err := actor.Must(access.Resident); err != nil {
		return Proven{}, err
	}
	if d.wechat == nil {
		return Proven{}, errNoWeChat
	}
	phone, err := d.wechat.Phone(ctx, code)
	if err != nil {
		return Proven{}, err
	}
	var done Proven
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		p, err := personByID(seenBy(actor)(tx.DB), actor.Person)
		if err != nil {
			return err
		}
		if p, err = d.prove(tx, p, phone, viaWeChat); err != nil {
			return err
		}
		list, err := d.views(actor, []personRow{p}, "", nil, "")
		if err != nil {
			return err
		}
		waiting, err := d.waiting(tx.DB, phone, "")
		if err != nil {
			return err
		}
		done = Proven{list[0], len(waiting) > 0 && p.Village == ""}
		tx.Answer(done)
		return nil
	})
	return done, err
}

// prove puts the phone into the row, with the proof beside it.
func (d *Desk) prove(tx *store.Tx, p personRow, phone secret.Phone, how string) (personRow, error) {
	keys := d.store.Keys()
	known, err := p.phone(keys)
	if err != nil {
		return p, err
	}
	if !known.Equal(phone) {
		p.Phone, p.PhoneIndex = phone.Seal(keys, sealedAt("phone", p.ID)), orNull(phone.Index(keys))
		set := map[string]any{"phone": p.Phone, "phone_index": p.PhoneIndex, "version": p.Version + 1, "updated_at": tx.Now}
		if err := changePerson(tx, p, set); err != nil {
			return p, err
		}
		p.Version++
	}
	tx.Trail(store.Entry{Act: "person.prove_phone", Kind: "person", Object: p.ID, Area: access.Area(p.Village), To: how, Fields: []string{"phone"}})
	return p, keepProof(tx, proofRow{p.ID, how, tx.Now})
}

func keepProof(tx *store.Tx, proof proofRow) error {
	return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&proof).Error
}

// proofOf is the proof of a person's phone; found is false for a phone that was only told.
func proofOf(db *gorm.DB, person string) (proof proofRow, found bool, err error) {
	var list []proofRow
	err = db.Where("person = ?", person).Limit(1).Find(&list).Error
	if err != nil || len(list) == 0 {
		return proofRow{}, false, err
	}
	return list[0], true, nil
}

// mostAtOnePhone bounds how many residents of one phone are looked at; a family shares one.
const mostAtOnePhone = 20

// waiting are the residents whom a clerk has registered with the phone and who have no WeChat yet; of one village, or of all.
func (d *Desk) waiting(db *gorm.DB, phone secret.Phone, village access.Area) ([]personRow, error) {
	db = db.Where("phone_index = ? AND kind = ? AND wechat_index IS NULL AND disabled_at IS NULL AND village <> ''", phone.Index(d.store.Keys()), residentKind)
	if village != "" {
		db = db.Where("village = ?", village)
	}
	var rows []personRow
	err := db.Limit(mostAtOnePhone).Find(&rows).Error
	return rows, err
}
