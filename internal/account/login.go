package account

import (
	"context"
	"errors"

	"tongban/internal/fault"
)

var (
	// ErrWrong is the one answer to an unknown user and to a wrong password. It is no 401: that is only for tokens.
	ErrWrong = fault.New(fault.Invalid, "login.wrong", "用户名或密码不对，请核对后再试")
	// The following are told only to somebody who has given the right password or WeChat code.
	ErrDisabled   = fault.New(fault.Forbidden, "login.disabled", "这个账号已停用，请联系管理员")
	ErrNoPost     = fault.New(fault.Forbidden, "login.no_post", "您现在没有在任的岗位，请联系管理员")
	ErrMustChange = fault.New(fault.Forbidden, "login.must_change", "这是临时密码，请先设一个自己的新密码")
)

// LoginPassword logs a staff member in by name and password, and by a one-time code if he has one (empty otherwise). device is
// the client's own random name for itself, which may be empty.
func (d *Desk) LoginPassword(ctx context.Context, username, password, code, device string) (Tokens, error) {
	p, err := d.credentials(ctx, username, password, code, device)
	if err != nil {
		return Tokens{}, err
	}
	if p.MustChange {
		return Tokens{}, ErrMustChange
	}
	if err := d.mustEnrol(ctx, p); err != nil {
		return Tokens{}, err
	}
	return d.begin(ctx, p, device)
}

// credentials is the person whose name, password and one-time code these are.
func (d *Desk) credentials(ctx context.Context, username, password, code, device string) (personRow, error) {
	return d.passworded(ctx, username, password, device, func(p personRow) error { return d.secondFactor(ctx, p, code) })
}

// passworded is the person whose name and password these are, once second finds his second factor right: a wrong one is a
// wrong guess like any other. For an unknown user the same work is done in the same order. A slot for the hash comes first:
// whoever is refused because of a crowd has not used up a try.
func (d *Desk) passworded(ctx context.Context, username, password, device string, second func(personRow) error) (personRow, error) {
	mark, err := d.deviceMark(device)
	if err != nil {
		return personRow{}, err
	}
	leave, err := d.passwords.enter(ctx)
	if err != nil {
		return personRow{}, err
	}
	defer leave()

	name := normalUsername(username)
	var found []personRow
	if err := d.store.Read(ctx).Where("username = ? AND kind = ?", name, staffKind).Limit(1).Find(&found).Error; err != nil {
		return personRow{}, err
	}
	var p personRow // of an unknown user: nobody, without a password
	if len(found) == 1 {
		p = found[0]
	}
	known, err := d.knowsDevice(ctx, p.ID, mark)
	if err != nil {
		return personRow{}, err
	}
	if name == "" {
		name = username // malformed: counted as it was typed
	}
	counts := d.guesses(name, mark, known)
	if err := d.admit(ctx, counts); err != nil {
		return personRow{}, err
	}
	if !d.passwords.matches(p.Password, password) {
		return personRow{}, ErrWrong
	}
	short := second(p)
	if errors.Is(short, ErrWrong) {
		return personRow{}, short // the try stays used up
	}
	if err := d.forgive(ctx, counts); err != nil {
		return personRow{}, err
	}
	if short != nil {
		return personRow{}, short
	}
	if p.DisabledAt != nil {
		return personRow{}, ErrDisabled
	}
	return p, nil
}
