package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Scope is how much of the principal's business a helper sees.
type Scope string

const (
	ScopeFiled Scope = "filed" // only what the helper handed in for him
	ScopeAll   Scope = "all"   // all his appeals and cases
)

// longestActing is how long somebody may act for another before he is asked again.
const longestActing = 365

var (
	// ErrActingTwice refuses a second open relation between the same two.
	ErrActingTwice = fault.New(fault.Conflict, "acting.already", "这两个人之间已经有代办关系，请先结束原来的再办")
	// ErrActingYourself refuses to be one's own helper.
	ErrActingYourself = fault.New(fault.Invalid, "acting.yourself", "代办人不能是自己")
	// ErrNotYourConfirming refuses a confirmation by the one who asked.
	ErrNotYourConfirming = fault.New(fault.Forbidden, "acting.not_yours_to_confirm", "要由被请来代办的人确认")
)

// actingRow lets helper act for principal while it is active, from and until its days. Before somebody confirms there is no
// helper, only the blind index of the phone that was named: so nobody learns by asking whose phone is known here.
type actingRow struct {
	ID         string `gorm:"primaryKey"`
	Principal  string
	Helper     string
	AskedIndex *string
	Scope      Scope
	Status     flow.State
	Version    int
	OpenPair   *string // principal and helper, or the phone's index, while it is not over; unique
	Consent    string  // id of the principal's consent
	ValidFrom  clock.Date
	ValidUntil clock.Date
	EndedBy    string
	EndedAt    *time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

func (actingRow) TableName() string { return "actings" }

// Acting is a relation as one of the two, or the clerk, may know it; names are masked.
type Acting struct {
	ID                        string
	Principal, Helper         string // ids; no helper while nobody has confirmed
	PrincipalName, HelperName secret.Name
	Scope                     Scope
	Status                    flow.State
	StatusText                string
	ValidFrom, ValidUntil     clock.Date
	Offers                    []flow.Offer
}

// HelperAsked is what a resident writes who wants to be helped; Helper is for the clerk, Phone for the resident himself.
type HelperAsked struct {
	Phone   string
	Helper  string // id of a registered resident
	Scope   Scope
	Until   clock.Date
	Consent Consent
}

func (d *Desk) checkAsked(in HelperAsked) error {
	today := clock.DateOf(d.now())
	switch {
	case !slices.Contains([]Scope{ScopeFiled, ScopeAll}, in.Scope):
		return fault.Wrong("body.scope", "请选择只看代办的，还是全部")
	case in.Until.Before(today) || today.AddDays(longestActing).Before(in.Until):
		return fault.Wrong("body.valid_until", "最长一年，从今天算起")
	}
	return nil
}

// AskHelper: the resident names his helper by phone number, and whoever has this number here confirms.
func (d *Desk) AskHelper(ctx context.Context, actor access.Actor, in HelperAsked) (Acting, error) {
	if err := actor.Must(access.Resident); err != nil {
		return Acting{}, err
	}
	in.Consent.How = OnScreen
	if err := errors.Join(d.checkAsked(in), in.Consent.check(OnScreen)); err != nil {
		return Acting{}, fault.Of(err)
	}
	phone, err := secret.ParsePhone(in.Phone)
	if err != nil {
		return Acting{}, err
	}
	index := phone.Index(d.store.Keys())
	return d.makeActing(ctx, actor, in, func(tx *store.Tx) (actingRow, error) {
		me, err := personByID(tx.DB, actor.Person)
		if err == nil && me.PhoneIndex != nil && *me.PhoneIndex == index {
			err = ErrActingYourself
		}
		pair := me.ID + "|" + index[:min(40, len(index))]
		return actingRow{Principal: me.ID, AskedIndex: &index, Status: ActingAsked, OpenPair: &pair}, err
	})
}

// SetHelper: the clerk writes down what a resident without a phone agreed to before him. The helper is registered too.
func (d *Desk) SetHelper(ctx context.Context, actor access.Actor, principal string, in HelperAsked) (Acting, error) {
	if _, err := personByID(seenBy(actor)(d.store.Read(ctx)), principal); err != nil {
		return Acting{}, err
	}
	if err := actor.Must(access.Clerk); err != nil {
		return Acting{}, err
	}
	if err := d.checkAsked(in); err != nil {
		return Acting{}, err
	}
	if err := in.Consent.check(Signed, Fingerprint, Spoken); err != nil {
		return Acting{}, err
	}
	if principal == in.Helper {
		return Acting{}, ErrActingYourself
	}
	return d.makeActing(ctx, actor, in, func(tx *store.Tx) (actingRow, error) {
		p, err := personByID(seenBy(actor)(tx.DB), principal)
		if err != nil {
			return actingRow{}, err
		}
		if _, err := personByID(seenBy(actor)(tx.DB), in.Helper); errors.Is(err, fault.NotFound) {
			return actingRow{}, fault.Wrong("body.helper", "请先在本村登记代办人")
		} else if err != nil {
			return actingRow{}, err
		}
		pair := p.ID + "|" + in.Helper
		return actingRow{Principal: p.ID, Helper: in.Helper, Status: ActingActive, OpenPair: &pair}, nil
	})
}

func (d *Desk) makeActing(ctx context.Context, actor access.Actor, in HelperAsked, who func(*store.Tx) (actingRow, error)) (Acting, error) {
	var done Acting
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		row, err := who(tx)
		if err != nil {
			return err
		}
		row.ID, row.Scope, row.Version, row.CreatedAt, row.UpdatedAt = tx.NewID(), in.Scope, 1, tx.Now, tx.Now
		row.ValidFrom, row.ValidUntil = clock.DateOf(tx.Now), in.Until
		if row.Consent, err = in.Consent.keepAs(tx, toActing, row.Principal); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "acting.make", Kind: "acting", Object: row.ID, Area: tx.Actor.Area, To: string(row.Status)})
		if done, err = d.acting(tx.DB, actor, row); err != nil {
			return err
		}
		tx.Answer(done)
		return nil
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		err = ErrActingTwice
	}
	return done, err
}

// ConfirmHelping: whoever has the phone that was named agrees to help.
func (d *Desk) ConfirmHelping(ctx context.Context, actor access.Actor, id string) (Acting, error) {
	return d.moveActing(ctx, actor, id, ConfirmActing, func(tx *store.Tx, row actingRow) (map[string]any, error) {
		if row.Principal == actor.Person {
			return nil, ErrNotYourConfirming
		}
		return map[string]any{"helper": actor.Person, "open_pair": row.Principal + "|" + actor.Person, "asked_index": nil}, nil
	})
}

// EndHelping ends it at once: from now on the helper sees nothing and does nothing in the principal's name.
func (d *Desk) EndHelping(ctx context.Context, actor access.Actor, id string) (Acting, error) {
	return d.moveActing(ctx, actor, id, EndActing, func(tx *store.Tx, row actingRow) (map[string]any, error) {
		err := tx.Table("consents").Where("id = ? AND withdrawn_at IS NULL", row.Consent).UpdateColumns(map[string]any{"withdrawn_at": tx.Now}).Error
		return ended(tx), err
	})
}

func ended(tx *store.Tx) map[string]any {
	return map[string]any{"open_pair": nil, "asked_index": nil, "ended_by": tx.Actor.Person, "ended_at": tx.Now}
}

func (d *Desk) moveActing(ctx context.Context, actor access.Actor, id string, do flow.Act, set func(*store.Tx, actingRow) (map[string]any, error)) (Acting, error) {
	var done Acting
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		row, err := d.actingByID(tx.DB, actor, id)
		if err != nil {
			return err
		}
		if _, err := ActingFlow.Next(row.Status, do, actor.Role); err != nil {
			return err
		}
		change, err := set(tx, row)
		if err != nil {
			return err
		}
		if row.Status, err = tx.Move(ActingFlow, store.Move{
			Table: "actings", ID: row.ID, Area: actor.Area, From: row.Status, Version: row.Version, Do: do, Set: change,
		}); err != nil {
			return err
		}
		if helper, ok := change["helper"].(string); ok {
			row.Helper = helper
		}
		if done, err = d.acting(tx.DB, actor, row); err != nil {
			return err
		}
		tx.Answer(done)
		return nil
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		err = ErrActingTwice
	}
	return done, err
}
