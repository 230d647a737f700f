package account

import (
	"context"
	"strings"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// legible are digits and letters that nobody mistakes for each other.
const legible = "23456789abcdefghjkmnpqrstuvwxyz"

// readable makes a password of three groups of four from random bytes: nearly 60 bits.
func readable(from []byte) string {
	var b strings.Builder
	for i := range 12 {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(legible[int(from[i])%len(legible)])
	}
	return b.String()
}

// DemoPassword is the password of all demo accounts of this installation: it follows from its keys, so that it can be
// printed at each start and stands nowhere.
func DemoPassword(keys *secret.Keys) string { return readable(keys.MAC("demo_password")) }

// SetDemoPasswords gives it to the demo accounts that have no password yet.
func (d *Desk) SetDemoPasswords(ctx context.Context) error {
	open := "demo = ? AND password = ? AND kind = ?"
	var waiting int64
	if err := d.store.Read(ctx).Table("persons").Where(open, true, "", staffKind).Count(&waiting).Error; err != nil || waiting == 0 {
		return err
	}
	// One hash for all: they share the password anyway, and the start is not slowed by twenty hashes.
	hashed, err := d.hashed(ctx, DemoPassword(d.store.Keys()))
	if err != nil {
		return err
	}
	return d.write(ctx, access.Round(""), func(tx *store.Tx) error {
		var list []personRow
		if err := tx.Where(open, true, "", staffKind).Find(&list).Error; err != nil {
			return err
		}
		for _, p := range list {
			if err := setPassword(tx, p, hashed, false, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// HasDemo reports whether a demo account could log in here. Production refuses to start then.
func (d *Desk) HasDemo(ctx context.Context) (bool, error) {
	var n int64
	err := d.store.Read(ctx).Table("persons").Where("demo = ? AND disabled_at IS NULL", true).Count(&n).Error
	return n > 0, err
}

// DemoAccount is a line of the table that the demo prints at its start.
type DemoAccount struct {
	Username string
	Name     string
	Posts    []Post // those held today
}

// DemoAccounts lists the demo's staff by username.
func (d *Desk) DemoAccounts(ctx context.Context) ([]DemoAccount, error) {
	db := d.store.Read(ctx)
	var people []personRow
	if err := db.Where("demo = ? AND kind = ? AND disabled_at IS NULL", true, staffKind).Order("username").Find(&people).Error; err != nil {
		return nil, err
	}
	accounts := make([]DemoAccount, 0, len(people))
	for _, p := range people {
		name, err := plainName(d.store.Keys(), unrecorded{}, p, "演示账号")
		if err != nil {
			return nil, err
		}
		held, err := postsOn(db, p.ID, clock.DateOf(d.now()))
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, DemoAccount{Username: *p.Username, Name: name, Posts: held})
	}
	return accounts, nil
}
