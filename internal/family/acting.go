package family

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
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

// Kind is by what right somebody acts for another.
type Kind string

// The kinds.
const (
	Friend   Kind = "friend"   // 亲友代办, because both want it
	Guardian Kind = "guardian" // 监护, by law
)

// actingRow lets helper act for principal while it is active, from and until its days. Before somebody confirms there is no
// helper, only the blind index of the phone that was named: so nobody learns by asking whose phone is known here.
type actingRow struct {
	ID         string `gorm:"primaryKey"`
	Principal  string
	Helper     string
	AskedIndex *string
	Kind       Kind
	Relation   string // of a guardian, how he stands to the principal, and by which paper the clerk saw it
	Proof      string
	Scope      Scope
	Status     flow.State
	Version    int
	OpenPair   *string // principal and helper, or the phone's index, while it is not over; unique
	Consent    string  // id of the principal's consent
	ValidFrom  clock.Date
	ValidUntil clock.Date
	EndedBy    string // person id; kept as evidence, no view tells it
	Why        string // of a guardian, coded
	EndedAt    *time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

func (actingRow) TableName() string { return "actings" }

// Acting is a relation as one of the two, or the clerk, may know it; names are masked.
type Acting struct {
	ID                        string
	Kind                      Kind
	Relation                  Relation // of a guardian
	Proof                     Proof
	Principal, Helper         string // ids; no helper while nobody has confirmed
	PrincipalName, HelperName secret.Name
	Scope                     Scope
	Status                    flow.State
	StatusText                string
	ValidFrom, ValidUntil     clock.Date
	Offers                    []flow.Offer
}

// HelperAsked is what a resident writes who wants to be helped: a phone, or a member of his household; the clerk names a resident.
type HelperAsked struct {
	Phone   string
	Helper  string // id
	Scope   Scope
	Until   clock.Date
	Consent account.Consent
}

func (d *Desk) checkAsked(in HelperAsked) error {
	today := d.today()
	switch {
	case !slices.Contains([]Scope{ScopeFiled, ScopeAll}, in.Scope):
		return fault.Wrong("body.scope", "请选择只看代办的，还是全部")
	case in.Until.Before(today) || today.AddDays(longestActing).Before(in.Until):
		return fault.Wrong("body.valid_until", "最长一年，从今天算起")
	}
	return nil
}

// AskHelper: the resident names his helper by phone number, and whoever has this number here confirms; or by id, if he is of
// his household, and that one confirms. A child under fourteen asks nobody: his guardian acts for him.
func (d *Desk) AskHelper(ctx context.Context, actor access.Actor, in HelperAsked) (Acting, error) {
	if err := actor.Must(access.Resident); err != nil {
		return Acting{}, err
	}
	in.Consent.How = account.OnScreen
	if err := errors.Join(d.checkAsked(in), in.Consent.Check(account.OnScreen)); err != nil {
		return Acting{}, fault.Of(err)
	}
	switch {
	case (in.Phone == "") == (in.Helper == ""):
		return Acting{}, fault.Wrong("body.phone", "请填代办人的电话，或者选自己户里的一个人")
	case in.Helper != "":
		return d.makeActing(ctx, actor, in, func(tx *store.Tx) (actingRow, error) { return d.askMember(tx, actor, in.Helper) })
	}
	phone, err := secret.ParsePhone(in.Phone)
	if err != nil {
		return Acting{}, err
	}
	index := phone.Index(d.store.Keys())
	return d.makeActing(ctx, actor, in, func(tx *store.Tx) (actingRow, error) {
		me, err := d.grown(tx, actor.Person)
		if err == nil && me.PhoneIndex != nil && *me.PhoneIndex == index {
			err = ErrActingYourself
		}
		pair := me.ID + "|" + index[:min(40, len(index))]
		return actingRow{Principal: me.ID, AskedIndex: &index, Status: ActingAsked, OpenPair: &pair}, err
	})
}

// askMember asks somebody of the actor's own household.
func (d *Desk) askMember(tx *store.Tx, actor access.Actor, helper string) (actingRow, error) {
	me, err := d.grown(tx, actor.Person)
	if err != nil {
		return actingRow{}, err
	}
	if helper == me.ID {
		return actingRow{}, ErrActingYourself
	}
	together, err := sameHousehold(tx.DB, me.ID, helper)
	if err == nil && !together {
		err = fault.Wrong("body.helper", "只能选自己户里的人；别人请填他的电话")
	}
	pair := me.ID + "|" + helper
	return actingRow{Principal: me.ID, Helper: helper, Status: ActingAsked, OpenPair: &pair}, err
}

// grown is somebody who may agree for himself.
func (d *Desk) grown(tx *store.Tx, id string) (account.Known, error) {
	p, err := d.people.Known(tx.DB, id)
	if err == nil && p.Born.Under(account.OwnConsent, clock.DateOf(tx.Now)) {
		err = account.ErrGuardianMust
	}
	return p, err
}

// SetHelper: the clerk writes down what a resident without a phone agreed to before him. The helper is registered too.
func (d *Desk) SetHelper(ctx context.Context, actor access.Actor, principal string, in HelperAsked) (Acting, error) {
	if _, err := d.people.KnownTo(d.store.Read(ctx), actor, principal); err != nil {
		return Acting{}, err
	}
	if err := actor.Must(access.Clerk); err != nil {
		return Acting{}, err
	}
	if err := d.checkAsked(in); err != nil {
		return Acting{}, err
	}
	if err := in.Consent.Check(account.Signed, account.Fingerprint, account.Spoken); err != nil {
		return Acting{}, err
	}
	if in.Consent.GivenBy != "" {
		return Acting{}, fault.Wrong("body.consent.given_by", "请人代办要本人同意；孩子由监护人办，不用另请")
	}
	if principal == in.Helper {
		return Acting{}, ErrActingYourself
	}
	return d.makeActing(ctx, actor, in, func(tx *store.Tx) (actingRow, error) {
		p, err := d.people.KnownTo(tx.DB, actor, principal)
		if err == nil {
			err = account.Attends(tx.DB, actor, p.ID) // who asks for help agrees himself, and so stands here
		}
		if err != nil {
			return actingRow{}, err
		}
		if _, err := d.people.KnownTo(tx.DB, actor, in.Helper); errors.Is(err, fault.NotFound) {
			return actingRow{}, fault.Wrong("body.helper", "请先在本村登记代办人")
		} else if err != nil {
			return actingRow{}, err
		}
		for _, id := range []string{p.ID, in.Helper} {
			if _, err := d.grown(tx, id); err != nil {
				return actingRow{}, err
			}
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
		if row.Kind == "" {
			row.Kind = Friend
		}
		if err := account.Hold(tx, row.Principal); err != nil {
			return err
		}
		if row.Helper != "" {
			if err := account.Hold(tx, row.Helper); err != nil {
				return err
			}
		}
		row.ID, row.Scope, row.Version, row.CreatedAt, row.UpdatedAt = tx.NewID(), in.Scope, 1, tx.Now, tx.Now
		row.ValidFrom, row.ValidUntil = clock.DateOf(tx.Now), in.Until
		if err := room(tx, row.OpenPair); err != nil {
			return err
		}
		if row.Consent, err = in.Consent.KeepAs(tx, account.ToActing, row.Principal); err != nil {
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

// room: a relation whose last day is past stands in no new one's way.
func room(tx *store.Tx, pair *string) error {
	return tx.Model(&actingRow{}).Where("open_pair = ? AND valid_until < ?", pair, clock.DateOf(tx.Now)).UpdateColumn("open_pair", nil).Error
}

// ConfirmHelping: whoever has the phone that was named agrees to help.
func (d *Desk) ConfirmHelping(ctx context.Context, actor access.Actor, id string) (Acting, error) {
	return d.moveActing(ctx, actor, id, ConfirmActing, func(tx *store.Tx, row actingRow) (map[string]any, error) {
		if _, err := d.grown(tx, actor.Person); err != nil {
			return nil, err
		}
		if row.Principal == actor.Person {
			return nil, ErrNotYourConfirming
		}
		if err := account.Hold(tx, actor.Person); err != nil {
			return nil, err
		}
		pair := row.Principal + "|" + actor.Person
		return map[string]any{"helper": actor.Person, "open_pair": pair, "asked_index": nil}, room(tx, &pair)
	})
}

// EndHelping ends it at once: from now on the helper sees nothing and does nothing in the principal's name.
func (d *Desk) EndHelping(ctx context.Context, actor access.Actor, id string) (Acting, error) {
	return d.moveActing(ctx, actor, id, EndActing, endWith(""))
}

// endWith ends a relation together with the consent to it, and says how its withdrawal was told.
func endWith(how string) func(*store.Tx, actingRow) (map[string]any, error) {
	return func(tx *store.Tx, row actingRow) (map[string]any, error) {
		_, err := account.WithdrawConsent(tx, row.Consent, how)
		return ended(tx), err
	}
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
		if row.Kind == Guardian {
			return ErrGuardianAtCounter
		}
		if row, err = d.step(tx, row, do, set); err != nil {
			return err
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

// step asks the flow, then moves the row.
func (d *Desk) step(tx *store.Tx, row actingRow, do flow.Act, set func(*store.Tx, actingRow) (map[string]any, error)) (actingRow, error) {
	table := flowOf(row.Kind)
	if _, err := table.Next(row.Status, do, tx.Actor.Role); err != nil {
		return row, err
	}
	change, err := set(tx, row)
	if err != nil {
		return row, err
	}
	row.Status, err = tx.Move(table, store.Move{
		Table: "actings", ID: row.ID, Area: tx.Actor.Area, From: row.Status, Version: row.Version, Do: do, Set: change,
	})
	if helper, ok := change["helper"].(string); ok {
		row.Helper = helper
	}
	return row, err
}
