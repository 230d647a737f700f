package family

import (
	"context"
	"slices"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

var (
	// ErrWithdrawn refuses to withdraw twice.
	ErrWithdrawn = fault.New(fault.Conflict, "consent.withdrawn", "这一项同意已经撤回过了")
	// ErrMeansClosing: without consent to registration there is no account (PIPL 15, 47).
	ErrMeansClosing = fault.New(fault.Conflict, "consent.means_closing", "撤回登记同意就是注销账户：以后不能再登录，已经办过的事不受影响。确定的话，请用“注销账户”办理")
	// ErrRegisterFirst: whoever has told nothing of himself has nothing to agree to; he does both at once.
	ErrRegisterFirst = fault.New(fault.Conflict, "consent.register_first", "请先填写姓名和村，填的时候一起同意")
	// ErrNotYourConsent: what a guardian agreed to for a child, he alone withdraws.
	ErrNotYourConsent = fault.New(fault.Forbidden, "consent.by_guardian", "这是监护人替您同意的，要由那位监护人撤回")
)

// closing is how an account is closed, for programs.
const closing = "注销账户：POST /me/close"

// Agree: a resident agrees on his own screen, such as somebody who is fourteen by now and for whom his guardian had agreed, or to a newer
// privacy notice.
func (d *Desk) Agree(ctx context.Context, actor access.Actor, c account.Consent) (account.Given, error) {
	if err := actor.Must(access.Resident); err != nil {
		return account.Given{}, err
	}
	c.How = account.OnScreen
	if err := c.Check(account.OnScreen); err != nil {
		return account.Given{}, err
	}
	return d.agree(ctx, actor, actor.Person, c)
}

// RecordConsent: the clerk writes down what a resident agreed to before him; for a child under fourteen, what its guardian did.
func (d *Desk) RecordConsent(ctx context.Context, actor access.Actor, resident string, c account.Consent) (account.Given, error) {
	if _, err := d.served(d.store.Read(ctx), actor, resident); err != nil {
		return account.Given{}, err
	}
	if err := c.Check(account.Signed, account.Fingerprint, account.Spoken); err != nil {
		return account.Given{}, err
	}
	return d.agree(ctx, actor, resident, c)
}

func (d *Desk) agree(ctx context.Context, actor access.Actor, resident string, c account.Consent) (done account.Given, err error) {
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		if err := d.MayAgree(tx, resident, c.GivenBy); err != nil {
			return err
		}
		if done, err = d.people.Agreed(tx, resident, c); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "consent.give", Kind: "consent", Object: done.ID, Area: actor.Area, To: done.Person})
		tx.Answer(done)
		return nil
	})
	return done, err
}

// MayAgree says whether the resident, or who gives it for him, can consent to something: until fourteen one of the guardians, then everybody himself.
func (d *Desk) MayAgree(tx *store.Tx, resident, giver string) error {
	p, err := d.people.Known(tx.DB, resident)
	if err != nil {
		return err
	}
	if p.Area == "" {
		return ErrRegisterFirst
	}
	today := clock.DateOf(tx.Now)
	child := p.Born.Under(account.OwnConsent, today)
	switch {
	case child && giver == "":
		return account.ErrGuardianMust
	case child:
		if is, err := guards(tx.DB, giver, p.ID, today); err != nil || is {
			return err
		}
		return fault.Wrong("body.consent.given_by", "请先登记他是孩子的监护人")
	case giver != "":
		return fault.Wrong("body.consent.given_by", "年满十四周岁的，要由本人同意")
	}
	return nil
}

// Withdraw (撤回同意) is a resident's own act, or a guardian's on what he agreed to for a child. What was done before stays (PIPL 15).
func (d *Desk) Withdraw(ctx context.Context, actor access.Actor, consent string) (account.Given, error) {
	if err := actor.Must(access.Resident); err != nil {
		return account.Given{}, err
	}
	return d.withdraw(ctx, actor, actor.Person, consent, account.OnScreen)
}

// WithdrawFor: the clerk writes down that somebody without a phone withdrew before him, and how he said so.
func (d *Desk) WithdrawFor(ctx context.Context, actor access.Actor, resident, consent, how string) (account.Given, error) {
	if _, err := d.served(d.store.Read(ctx), actor, resident); err != nil {
		return account.Given{}, err
	}
	if !slices.Contains([]string{account.Signed, account.Fingerprint, account.Spoken}, how) {
		return account.Given{}, fault.Wrong("body.how", "请写明本人怎样表示撤回：签字、按手印或口头")
	}
	return d.withdraw(ctx, actor, resident, consent, how)
}

func (d *Desk) withdraw(ctx context.Context, actor access.Actor, who, consent, how string) (done account.Given, err error) {
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		given, err := d.people.ConsentOf(tx, who, consent)
		if err != nil {
			return err
		}
		if err := withdrawable(given, who); err != nil {
			return err
		}
		if err := d.undo(tx, given, how); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "consent.withdraw", Kind: "consent", Object: given.ID, Area: actor.Area, From: given.Kind, To: who, Why: how})
		if done, err = d.people.ConsentOf(tx, who, consent); err != nil {
			return err
		}
		tx.Answer(done)
		return nil
	})
	return done, err
}

func withdrawable(g account.Given, who string) error {
	switch {
	case g.WithdrawnAt != nil:
		return ErrWithdrawn
	case g.Kind == account.ToGuardian:
		return ErrGuardianAtCounter
	case g.ForChild() && g.GivenBy != who && !g.Lapsed:
		return ErrNotYourConsent
	case g.Kind == account.ToRegistration && (!g.ForChild() || g.GivenBy != who):
		return ErrMeansClosing.With(closing)
	}
	return nil
}

// undo withdraws; with the consent to be helped, the help ends. A request that nobody answered is given up after its time, while the
// consent to it stays as proof: then there is no help to end.
func (d *Desk) undo(tx *store.Tx, g account.Given, how string) error {
	var rows []actingRow
	if g.Kind == account.ToActing {
		if err := tx.Where("consent = ?", g.ID).Limit(1).Find(&rows).Error; err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		withdrawn, err := account.WithdrawConsent(tx, g.ID, how)
		if err == nil && !withdrawn { // somebody was faster
			err = ErrWithdrawn
		}
		return err
	}
	_, err := d.step(tx, rows[0], EndActing, endWith(how))
	return err
}
