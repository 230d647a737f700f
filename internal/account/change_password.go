package account

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/store"
)

// ChangePassword (改密码) sets a new password for whoever knows the old one, and logs him in: all his sessions end, and one begins.
// It is also how a password that an administrator gave is made one's own. Guesses count as those at log-in do.
func (d *Desk) ChangePassword(ctx context.Context, username, old, fresh, device string) (Tokens, error) {
	p, err := d.credentials(ctx, username, old, device)
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
		return setPassword(tx, p, hashed, false)
	})
	d.standing.forget()
	if err != nil {
		return Tokens{}, err
	}
	return d.begin(ctx, p.ID, device)
}

// IssuePassword gives a staff member a random password that he must change before he can log in; an administrator of the
// county does it, or the operator at the machine (as access.Round). It is told once: only its hash is kept.
func (d *Desk) IssuePassword(ctx context.Context, actor access.Actor, username string) (password string, err error) {
	if err := actor.Must(access.SystemAdmin, access.System); err != nil {
		return "", err
	}
	password = readable(random(24))
	hashed, err := d.hashed(ctx, password)
	if err != nil {
		return "", err
	}
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		people := tx.DB
		if actor.Role != access.System {
			people = seenBy(actor)(tx.DB)
		}
		p, err := onePerson(people.Where("username = ? AND kind = ?", normalUsername(username), staffKind))
		if err != nil {
			return err
		}
		if err := setPassword(tx, p, hashed, true); err != nil {
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

func setPassword(tx *store.Tx, p personRow, hashed string, mustChange bool) error {
	err := changePerson(tx, p, map[string]any{
		"password": hashed, "must_change": mustChange, "token_version": p.TokenVersion + 1, "version": p.Version + 1, "updated_at": tx.Now,
	})
	if err == nil {
		tx.Trail(store.Entry{Act: "person.password", Kind: "person", Object: p.ID, Area: p.area(), Fields: []string{"password"}})
	}
	return err
}
