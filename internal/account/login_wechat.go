package account

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

var (
	errNoWeChat = fault.New(fault.Unavailable, "login.no_wechat", "这里没有开通微信登录，请到村便民服务站办理")
	// ErrNotBound is told to whoever wants to be staff with a WeChat that no account has.
	ErrNotBound = fault.New(fault.Forbidden, "login.not_bound", "这个微信还没有绑定工作人员账号，请向系统管理员要一个绑定码")
)

// One WeChat may be both a villager's and a clerk's; these say as whom he comes.
const (
	AsResident = residentKind
	AsStaff    = staffKind
)

// WeChatLogin is what the mini-program sends after wx.login.
type WeChatLogin struct {
	Code   string // of wx.login, good once
	As     string // AsResident or AsStaff; empty for the resident, or for staff where only that is known
	OTP    string // the staff member's one-time code, where he needs one; empty otherwise
	Device string // the client's own random name for itself; may be empty
}

// LoginWeChat logs in by the code of wx.login, as a resident or as a member of the staff. A resident who comes for the first time
// is registered without name or village, which he tells by UpdateMe; staff is bound by BindStaff before. A code works once: after
// an error the client gets a new one.
func (d *Desk) LoginWeChat(ctx context.Context, l WeChatLogin) (Tokens, error) {
	openID, err := d.openID(ctx, l.Code, l.Device)
	if err != nil {
		return Tokens{}, err
	}
	index, keys := d.store.Keys().Index("wechat", openID), d.store.Keys()
	member, bound, err := d.withWeChat(ctx, staffKind, keys.Index(staffWeChat, openID))
	if err != nil {
		return Tokens{}, err
	}
	_, known, err := d.withWeChat(ctx, residentKind, index)
	if err != nil {
		return Tokens{}, err
	}
	if l.As == AsStaff || l.As == "" && bound && !known {
		if !bound {
			return Tokens{}, ErrNotBound
		}
		tokens, err := d.loginMember(ctx, member, l)
		tokens.As, tokens.Both = AsStaff, known
		return tokens, err
	}
	p, err := d.ofWeChat(ctx, index)
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		p, err = d.ofWeChat(ctx, index) // two first log-ins at once: the other one has registered him
	}
	if err != nil {
		return Tokens{}, err
	}
	tokens, err := d.begin(ctx, p, l.Device)
	tokens.As, tokens.Both = AsResident, bound
	return tokens, err
}

// openID is whose WeChat the code is of.
func (d *Desk) openID(ctx context.Context, code, device string) (string, error) {
	if d.wechat == nil {
		return "", errNoWeChat
	}
	if _, err := d.deviceMark(device); err != nil {
		return "", err // before the code is used up
	}
	openID, _, err := d.wechat.CodeToSession(ctx, code)
	return openID, err
}

func (d *Desk) withWeChat(ctx context.Context, kind, index string) (p personRow, found bool, err error) {
	p, err = onePerson(d.store.Read(ctx).Where("wechat_index = ? AND kind = ?", index, kind))
	if errors.Is(err, fault.NotFound) {
		return p, false, nil
	}
	return p, err == nil, err
}

// loginMember is held to what a log-in by password is held to: the second factor, and a password that is his own. Otherwise a
// WeChat would be a way around them.
func (d *Desk) loginMember(ctx context.Context, p personRow, l WeChatLogin) (Tokens, error) {
	if p.DisabledAt != nil {
		return Tokens{}, ErrDisabled
	}
	if err := d.countedFactor(ctx, p, l.OTP, l.Device); err != nil {
		return Tokens{}, err
	}
	if p.MustChange {
		return Tokens{}, ErrMustChange
	}
	if err := d.mustEnrol(ctx, p); err != nil {
		return Tokens{}, err
	}
	return d.begin(ctx, p, l.Device)
}

// countedFactor counts a one-time code as a guess before it is looked at, together with those at his password.
func (d *Desk) countedFactor(ctx context.Context, p personRow, code, device string) error {
	if code == "" {
		return d.secondFactor(ctx, p, "")
	}
	mark, err := d.deviceMark(device)
	if err != nil {
		return err
	}
	known, err := d.knowsDevice(ctx, p.ID, mark)
	if err != nil {
		return err
	}
	counts := d.guesses(*p.Username, mark, known)
	if err := d.admit(ctx, counts); err != nil {
		return err
	}
	err = d.secondFactor(ctx, p, code)
	if errors.Is(err, ErrWrong) {
		return ErrWrong.With("动态口令不对，请核对后再试")
	}
	if err != nil {
		return err
	}
	return d.forgive(ctx, counts)
}

// ofWeChat finds the resident by the blind index of his openid, or registers one.
func (d *Desk) ofWeChat(ctx context.Context, index string) (p personRow, err error) {
	err = d.write(ctx, access.Stranger(), func(tx *store.Tx) (err error) {
		if p, err = onePerson(tx.Where("wechat_index = ?", index)); !errors.Is(err, fault.NotFound) {
			return err
		}
		p = personRow{ID: tx.NewID(), Kind: residentKind, WechatIndex: &index, Version: 1, CreatedAt: tx.Now, UpdatedAt: tx.Now}
		tx.Actor = access.Actor{Person: p.ID, Role: access.Resident}
		tx.Trail(store.Entry{Act: "person.register", Kind: "person", Object: p.ID, Fields: []string{"wechat"}})
		return tx.Create(&p).Error
	})
	return p, err
}
