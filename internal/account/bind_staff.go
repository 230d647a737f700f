package account

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// A member of the staff who would log in by WeChat gets a code from his administrator and types it into the mini-program. He
// may be a villager there as well: his openid is indexed here under a name of its own, so that the two do not meet, and
// the tables do not tell that they are one.

// staffWeChat is the kind of the blind index of a staff member's openid.
const staffWeChat = "wechat_staff"

// staffBindLife is a working day and a night: the administrator reads the code to somebody who waits for it.
const staffBindLife = 24 * time.Hour

var (
	// ErrStaffBindCode is the one answer to a wrong, used, replaced and outdated code.
	ErrStaffBindCode  = fault.New(fault.Invalid, "staff.bind_code", "绑定码不对、用过了或已过期，请找系统管理员再开一个")
	ErrStaffBindTries = fault.New(fault.TooMany, "staff.bind_tries", "试的次数太多了，请明天再试，或请系统管理员帮忙")
	ErrStaffHasWeChat = fault.New(fault.Conflict, "staff.has_wechat", "这个账号已经绑定了微信；要换一个，请先解绑")
	ErrWeChatTaken    = fault.New(fault.Conflict, "staff.wechat_taken", "这个微信已经绑定了另一个工作人员账号，请先解绑那一个")
)

// One WeChat may try so often a day, and one address as often as residents may.
var staffBindTries = store.Allowance{Kind: "bind_staff", Most: 5, Window: 24 * time.Hour}

// MakeStaffCode (给工作人员开微信绑定码) is done by whoever manages the account: a code is as good as a password for it.
func (d *Desk) MakeStaffCode(ctx context.Context, actor access.Actor, id string) (BindCode, error) {
	code := newBindCode()
	var made BindCode
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		p, held, err := staffOf(tx, actor, id)
		if err != nil {
			return err
		}
		if err := mayManage(actor, running(held, clock.DateOf(tx.Now))); err != nil {
			return err
		}
		switch {
		case p.WechatIndex != nil:
			return ErrStaffHasWeChat
		case p.DisabledAt != nil:
			return ErrDisabled
		}
		row := bindRow{Person: p.ID, MAC: d.staffBindMAC(code), MadeBy: actor.Person, MadeAt: tx.Now, ExpiresAt: tx.Now.Add(staffBindLife)}
		if err := keepBindCode(tx, row); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "staff.wechat_code", Kind: "person", Object: p.ID, Area: p.area()})
		made = BindCode{code[:bindChars/2] + "-" + code[bindChars/2:], row.ExpiresAt}
		tx.Answer(made)
		return nil
	})
	return made, err
}

// staffBindMAC differs from a resident's: the code of one opens no account of the other.
func (d *Desk) staffBindMAC(code string) string {
	return hex.EncodeToString(d.store.Keys().MAC("staff_bind_code", []byte(code)))
}

// BoundStaff tells whoever had the right code which account is his now.
type BoundStaff struct {
	Username   string
	MustChange bool // the password is still one that somebody else gave: no log-in before it is changed
}

// BindStaff (工作人员绑定微信) gives the account for which the code was made to the WeChat of the wx.login code. It logs nobody in.
// After a lost answer it may be asked again. The device is his from now on, so that strangers' guesses do not shut it out.
func (d *Desk) BindStaff(ctx context.Context, wxCode, typed, device, address string) (BoundStaff, error) {
	code := readBindCode(typed)
	if code == "" {
		return BoundStaff{}, fault.Wrong("body.bind_code", "绑定码是 8 位字母和数字，请照管理员给的填写")
	}
	if err := d.admitAll(ctx, ErrStaffBindTries, guess{bindAddresses, d.hashedAddress(address)}); err != nil {
		return BoundStaff{}, err
	}
	openID, err := d.openID(ctx, wxCode, device)
	if err != nil {
		return BoundStaff{}, err
	}
	index := d.store.Keys().Index(staffWeChat, openID)
	mark, err := d.deviceMark(device)
	if err != nil {
		return BoundStaff{}, err
	}
	if err := d.admitAll(ctx, ErrStaffBindTries, guess{staffBindTries, index}); err != nil {
		return BoundStaff{}, err
	}
	var bound BoundStaff
	err = d.write(ctx, access.Stranger(), func(tx *store.Tx) error {
		p, err := d.redeemStaff(tx, code, index)
		if err != nil {
			return err
		}
		bound = BoundStaff{*p.Username, p.MustChange}
		return rememberDevice(tx, p.ID, mark)
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) { // two codes typed into one WeChat at once
		err = ErrWeChatTaken.Because(err)
	}
	if err != nil {
		return BoundStaff{}, err
	}
	return bound, nil
}

func (d *Desk) redeemStaff(tx *store.Tx, code, index string) (personRow, error) {
	var rows []bindRow
	if err := tx.Where("mac = ?", d.staffBindMAC(code)).Limit(1).Find(&rows).Error; err != nil {
		return personRow{}, err
	}
	if len(rows) == 0 {
		return personRow{}, ErrStaffBindCode
	}
	p, err := personByID(tx.DB, rows[0].Person)
	if err != nil {
		return p, err
	}
	if p.WechatIndex != nil && *p.WechatIndex == index && p.DisabledAt == nil { // the answer got lost
		return p, nil
	}
	used := tx.Table("bind_codes").Where("person = ? AND mac = ? AND used_at IS NULL AND expires_at > ?", p.ID, rows[0].MAC, tx.Now).
		UpdateColumn("used_at", tx.Now)
	if used.Error != nil {
		return p, used.Error
	}
	if used.RowsAffected != 1 || p.WechatIndex != nil || p.DisabledAt != nil {
		return p, ErrStaffBindCode
	}
	held, err := postsOn(tx.DB, p.ID, clock.DateOf(tx.Now))
	if err != nil {
		return p, err
	}
	if len(held) == 0 {
		return p, ErrNoPost
	}
	var others int64
	if err := tx.Table("persons").Where("wechat_index = ?", index).Count(&others).Error; err != nil {
		return p, err
	}
	if others > 0 {
		return p, ErrWeChatTaken
	}
	if err := changePerson(tx, p, map[string]any{"wechat_index": index, "version": p.Version + 1, "updated_at": tx.Now}); err != nil {
		return p, err
	}
	tx.Actor = access.Actor{Person: p.ID, Area: p.area()}
	tx.Trail(store.Entry{Act: "staff.bind_wechat", Kind: "person", Object: p.ID, Area: p.area(), Fields: []string{"wechat"}})
	return p, nil
}

// UnbindStaff (解绑工作人员的微信) is the security administrator's act when a phone is lost or somebody else bound it.
func (d *Desk) UnbindStaff(ctx context.Context, actor access.Actor, id, why string) (Staff, error) {
	return d.secure(ctx, actor, id, why, "staff.unbind_wechat", unbound)
}

// UnbindMyWeChat is the same by himself. All his sessions end, as that begun on the lost phone must; without a binding nothing happens.
func (d *Desk) UnbindMyWeChat(ctx context.Context, actor access.Actor) error {
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		p, err := onePerson(tx.Where("id = ? AND kind = ?", actor.Person, staffKind))
		if err != nil || p.WechatIndex == nil {
			return err
		}
		if err := unbound(tx, p); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "staff.unbind_wechat", Kind: "person", Object: p.ID, Area: p.area(), Fields: []string{"wechat"}})
		return changePerson(tx, p, map[string]any{"token_version": p.TokenVersion + 1, "version": p.Version + 1, "updated_at": tx.Now})
	})
	d.standing.forget()
	return err
}

// unbound takes the WeChat away, and a code that was not used yet.
func unbound(tx *store.Tx, p personRow) error {
	if err := tx.Where("person = ?", p.ID).Delete(&bindRow{}).Error; err != nil {
		return err
	}
	return tx.Table("persons").Where("id = ?", p.ID).UpdateColumn("wechat_index", nil).Error
}
