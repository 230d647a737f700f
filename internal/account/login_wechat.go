package account

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

var errNoWeChat = fault.New(fault.Unavailable, "login.no_wechat", "这里没有开通微信登录，请到村便民服务站办理")

// LoginWeChat logs a resident in by the code of wx.login. Whoever comes for the first time is registered without name or
// village, which he tells by UpdateMe. A code works once: after an error the client gets a new one.
func (d *Desk) LoginWeChat(ctx context.Context, code, device string) (Tokens, error) {
	if d.wechat == nil {
		return Tokens{}, errNoWeChat
	}
	if _, err := d.deviceMark(device); err != nil {
		return Tokens{}, err // before the code is used up
	}
	openID, _, err := d.wechat.CodeToSession(ctx, code)
	if err != nil {
		return Tokens{}, err
	}
	index := d.store.Keys().Index("wechat", openID)
	id, err := d.ofWeChat(ctx, index)
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		id, err = d.ofWeChat(ctx, index) // two first log-ins at once: the other one has registered him
	}
	if err != nil {
		return Tokens{}, err
	}
	return d.begin(ctx, id, device)
}

// ofWeChat finds the resident by the blind index of his openid, or registers one.
func (d *Desk) ofWeChat(ctx context.Context, index string) (id string, err error) {
	err = d.write(ctx, access.Stranger(), func(tx *store.Tx) error {
		p, err := onePerson(tx.Where("wechat_index = ?", index))
		if !errors.Is(err, fault.NotFound) {
			id = p.ID
			return err
		}
		id = tx.NewID()
		tx.Actor = access.Actor{Person: id, Role: access.Resident}
		tx.Trail(store.Entry{Act: "person.register", Kind: "person", Object: id, Fields: []string{"wechat"}})
		return tx.Create(&personRow{ID: id, Kind: residentKind, WechatIndex: &index, Version: 1, CreatedAt: tx.Now, UpdatedAt: tx.Now}).Error
	})
	return id, err
}
