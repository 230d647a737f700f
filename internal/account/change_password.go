package account

import (
	"context"
	"slices"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// ChangePassword (改密码) sets a new password for whoever knows the old one, and logs him in: all his sessions end, and one begins.
// It is also how a password that an administrator gave is made one's own. Guesses count as those at log-in do, and whoever has a
// second factor needs it here too.
func (d *Desk) ChangePassword(ctx context.Context, username, old, fresh, code, device string) (Tokens, error) {
	p, err := d.credentials(ctx, username, old, code, device)
	if err != nil {
		return Tokens{}, err
	}
	if err := d.passwords.fit(fresh, *p.Username); err != nil {
		return Tokens{}, err
	}
	if old == fresh {
		return Tokens{}, ErrWeakPassword.With("新密码不能和旧密码一样")
	}
	hashed, err := d.hashed(ctx, fresh)
	if err != nil {
		return Tokens{}, err
	}
	err = d.write(ctx, access.Actor{Person: p.ID, Area: p.area()}, func(tx *store.Tx) error {
		return setPassword(tx, p, hashed, false, "")
	})
	d.standing.forget()
	if err == nil {
		err = d.mustEnrol(ctx, p)
	}
	if err != nil {
		return Tokens{}, err
	}
	p.TokenVersion++ // all that began before has ended
	return d.begin(ctx, p, device)
}

// IssuePassword gives a staff member a random password that he must change before he can log in: the operator at the machine
// does so (as access.Round), by name. It is told once: only its hash is kept.
func (d *Desk) IssuePassword(ctx context.Context, actor access.Actor, username string) (password string, err error) {
	if err := actor.Must(access.System); err != nil {
		return "", err
	}
	return d.issue(ctx, actor, "", func(tx *store.Tx) (personRow, error) {
		return onePerson(tx.Where("username = ? AND kind = ?", normalUsername(username), staffKind))
	})
}

// ErrNeedsOperator refuses the password of an administrator who has no second factor: with it alone one could act as him.
var ErrNeedsOperator = fault.New(fault.Conflict, "staff.needs_operator",
	"他是管理员，还没有绑定动态口令，临时密码要由运维人员在服务器上给")

// RenewPassword (重置密码) is the same by the system administrator, for somebody of his county who has forgotten his own. Of
// an administrator it is half of what is needed, the second factor being the other; who has none goes to the operator.
func (d *Desk) RenewPassword(ctx context.Context, actor access.Actor, id, why string) (password string, err error) {
	why, unclean := whyOf(why)
	return d.issue(ctx, actor, why, func(tx *store.Tx) (personRow, error) {
		p, held, err := staffOf(tx, actor, id)
		if err != nil {
			return p, err
		}
		if err := actor.Must(access.SystemAdmin); err != nil {
			return p, err
		}
		if unclean != nil {
			return p, unclean
		}
		return p, d.halfOnly(tx, p, running(held, clock.DateOf(tx.Now)))
	})
}

// halfOnly fails when a password is all that is needed to act as an administrator.
func (d *Desk) halfOnly(tx *store.Tx, p personRow, held []Post) error {
	if !slices.ContainsFunc(held, func(post Post) bool { return slices.Contains(administrators, post.Role) }) {
		return nil
	}
	row, err := d.totpOf(tx.DB, p.ID)
	if err == nil && (row == nil || row.ConfirmedAt == nil) {
		err = ErrNeedsOperator
	}
	return err
}

func (d *Desk) issue(ctx context.Context, actor access.Actor, why string, find func(*store.Tx) (personRow, error)) (password string, err error) {
	password = readable(random(24))
	hashed, err := d.hashed(ctx, password)
	if err != nil {
		return "", err
	}
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		p, err := find(tx)
		if err != nil {
			return err
		}
		if err := setPassword(tx, p, hashed, true, why); err != nil {
			return err
		}
		tx.Answer(password)
		return nil
	})
	d.standing.forget()
	if err != nil {
		return "", err
	}
	return password, nil
}

func (d *Desk) hashed(ctx context.Context, password string) (string, error) {
	leave, err := d.passwords.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return d.passwords.hash(password), nil
}

func setPassword(tx *store.Tx, p personRow, hashed string, mustChange bool, why string) error {
	err := changePerson(tx, p, map[string]any{
		"password": hashed, "must_change": mustChange, "token_version": p.TokenVersion + 1, "version": p.Version + 1, "updated_at": tx.Now,
	})
	if err == nil {
		tx.Trail(store.Entry{Act: "person.password", Kind: "person", Object: p.ID, Area: p.area(), Fields: []string{"password"}, Why: why})
	}
	return err
}
