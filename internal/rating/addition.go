package rating

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Addition is a row of rating_additions, the second rating (追评): said once, beside the first one, which stays as it is. It has the
// id of the first: whatever hides or clears who gave the one does so for the other.
type Addition struct {
	ID        string `gorm:"primaryKey"`
	Kind      string `gorm:"-"` // of the object, as the first one has it
	Object    string `gorm:"-"`
	Level     Level
	Text      []byte // sealed; nil for none
	ByAgent   string // the clerk who wrote it down for him; empty otherwise
	Consent   string
	CreatedAt time.Time
}

func (Addition) TableName() string { return "rating_additions" }

// Added is a second rating as shown.
type Added struct {
	Level     Level
	Text      string
	ByAgent   bool
	Consent   string
	CreatedAt time.Time
}

var (
	// ErrNoneYet refuses a second rating where there is no first one.
	ErrNoneYet      = fault.New(fault.Conflict, "rating.none_yet", "这件事还没有评价过，请先评价")
	ErrAddedAlready = fault.New(fault.Conflict, "rating.added_already", "这件事已经追评过了，谢谢您")
	ErrAdditionOver = fault.New(fault.Conflict, "rating.addition_over", "追评的期限已过")
)

// RateAppealAgain is done once, by whoever may rate the appeal and has, while the county's days for it last.
func (d *Desk) RateAppealAgain(ctx context.Context, actor access.Actor, id string, in Input) (Addition, error) {
	added, err := d.add(ctx, actor, in, OfAnAppeal, id, func(tx *store.Tx) error {
		a, err := d.appeals.ToRate(tx, id)
		if err != nil {
			return err
		}
		if in.Version != 0 && in.Version != a.Version {
			return store.ErrLost
		}
		return d.appeals.Behalf(tx, &a, in.OnBehalf)
	})
	if err != nil {
		return Addition{}, d.appeals.Standing(ctx, actor, id, err)
	}
	return added, nil
}

// RateCaseAgain is the same of a case.
func (d *Desk) RateCaseAgain(ctx context.Context, actor access.Actor, id string, in Input) (Addition, error) {
	added, err := d.add(ctx, actor, in, OfACase, id, func(tx *store.Tx) error {
		c, err := d.cases.ToRate(tx, id)
		if err != nil {
			return err
		}
		if in.Version != 0 && in.Version != c.Version {
			return store.ErrLost
		}
		return d.cases.Behalf(tx, &c, in.OnBehalf)
	})
	if err != nil {
		return Addition{}, d.cases.Standing(ctx, actor, id, err)
	}
	return added, nil
}

// add writes down what is said the second time, once may has said that it is his to say.
func (d *Desk) add(ctx context.Context, actor access.Actor, in Input, kind, object string, may func(*store.Tx) error) (Addition, error) {
	text, err := check(actor, in)
	if err != nil {
		return Addition{}, err
	}
	var added Addition
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		if err := may(tx); err != nil {
			return err
		}
		first, err := d.first(tx, kind, object)
		if err != nil {
			return err
		}
		added = Addition{ID: first.ID, Kind: kind, Object: object, Level: in.Level, CreatedAt: tx.Now}
		if actor.Role == access.Clerk {
			added.ByAgent, added.Consent = actor.Person, in.Consent
		}
		if text != "" {
			added.Text = d.store.Keys().Seal(sealedAddition(added.ID), []byte(text))
		}
		if err := d.keepAddition(tx, first, &added); err != nil {
			return err
		}
		tx.Answer(added)
		return nil
	})
	return added, err
}

// first is the rating that a second one may be put beside now.
func (d *Desk) first(tx *store.Tx, kind, object string) (*Rating, error) {
	var rows []Rating
	if err := tx.Where("kind = ? AND object = ?", kind, object).Limit(1).Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrNoneYet
	}
	first := &rows[0]
	added, err := d.added(tx.DB, first.ID)
	switch {
	case err != nil:
		return nil, err
	case added != nil:
		return nil, ErrAddedAlready
	case !tx.Now.Before(clock.DateOf(first.CreatedAt).AddDays(d.rules.Addition.Days).End()):
		return nil, ErrAdditionOver
	}
	return first, nil
}

// keepAddition adds it, with its row of the trail and its message. A poor one opens the redress that the first one did not; where
// the first was poor there is one, whose workers read this beside it. The appeal or case is not touched: what was counted of it stays.
func (d *Desk) keepAddition(tx *store.Tx, first *Rating, added *Addition) error {
	if err := tx.Create(added).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrAddedAlready
	} else if err != nil {
		return err
	}
	tx.Trail(store.Entry{Act: "rating.add", Kind: "rating", Object: first.ID, Area: first.Village})
	tx.Emit(store.Message{Topic: "rating.add", Kind: "rating", Object: first.ID, Area: first.Village, Data: map[string]any{first.Kind: first.Object, "poor": added.Level.Poor()}})
	if first.Level.Poor() || !added.Level.Poor() {
		return nil
	}
	poor := *first
	poor.Level = added.Level
	number, office, err := rated(tx, first)
	if err != nil {
		return err
	}
	return d.open(tx, &poor, number, office)
}

// added is the second rating beside a first one; nil when there is none.
func (d *Desk) added(db *gorm.DB, rating string) (*Added, error) {
	var rows []Addition
	if err := db.Where("id = ?", rating).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	a := rows[0]
	seen := a.seen()
	if len(a.Text) > 0 {
		text, err := d.store.Keys().Open(sealedAddition(a.ID), a.Text)
		if err != nil {
			return nil, err
		}
		seen.Text = string(text)
	}
	return seen, nil
}

// seen is all of it but the words.
func (a Addition) seen() *Added {
	return &Added{Level: a.Level, ByAgent: a.ByAgent != "", Consent: a.Consent, CreatedAt: a.CreatedAt}
}

// addedTo are the second ratings beside those on a page of a list, without words.
func addedTo(db *gorm.DB, page []Redress) (map[string]*Added, error) {
	ids := make([]string, 0, len(page))
	for _, r := range page {
		ids = append(ids, r.ID)
	}
	found := map[string]*Added{}
	if len(ids) == 0 {
		return found, nil
	}
	var rows []Addition
	err := db.Omit("text").Where("id IN ?", ids).Find(&rows).Error
	for _, a := range rows {
		found[a.ID] = a.seen()
	}
	return found, err
}

func sealedAddition(id string) secret.Where {
	return secret.Where{Table: "rating_additions", Column: "text", Row: id}
}
