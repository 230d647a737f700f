package wechat

import (
	"context"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// SealedColumns are the columns in which the inbox seals: `tongban reseal` goes through them, and no data key retires that still seals there.
var SealedColumns = []store.Sealed{{Table: "wechat_pushes", Column: "body"}}

// events are what we keep, because somebody will ask for it: what villagers agreed to be told, and whether it reached them.
// Of anything else, such as what somebody writes to the mini-program's customer service, nothing is kept.
var events = map[string]bool{
	"subscribe_msg_popup_event":  true,
	"subscribe_msg_change_event": true,
	"subscribe_msg_sent_event":   true,
}

// pushRow is an event as it came.
type pushRow struct {
	ID        string `gorm:"primaryKey"`
	Mark      string // keyed MAC of what makes two pushes the same event
	Event     string
	Person    string    // blind index of the openid, as at the log-in; empty for none
	Body      []byte    // sealed: it holds the openid
	SentAt    time.Time // as WeChat says; kept as evidence beside when it came
	CreatedAt time.Time
	DoneAt    *time.Time // when whoever needs it has read it
}

func (pushRow) TableName() string { return "wechat_pushes" }

// Inbox keeps what WeChat pushed until it is needed. WeChat repeats what was not answered in time, so each event is kept once.
type Inbox struct{ store *store.Store }

// NewInbox opens the inbox.
func NewInbox(s *store.Store) *Inbox { return &Inbox{s} }

// Keep keeps an event, the first time that it comes. When it returns nil WeChat need not send it again.
func (b *Inbox) Keep(ctx context.Context, p Pushed) error {
	if !events[p.Event] {
		return nil
	}
	keys := b.store.Keys()
	row := pushRow{Mark: hex.EncodeToString(keys.MAC("wechat_push", p.mark()...)), Event: p.Event, SentAt: p.Sent}
	if p.From != "" {
		row.Person = keys.Index("wechat", p.From)
	}
	err := b.store.Write(store.WithClaim(ctx, nil), access.Round(""), func(tx *store.Tx) error {
		var known int64
		if err := tx.Model(&pushRow{}).Where("mark = ?", row.Mark).Count(&known).Error; err != nil || known > 0 {
			return err
		}
		row.ID, row.CreatedAt = tx.NewID(), tx.Now
		row.Body = keys.Seal(bodyOf(row.ID), p.Body)
		tx.Trail(store.Entry{Act: "wechat.push", Kind: "wechat_push", Object: row.ID, To: p.Event})
		return tx.Create(&row).Error
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil // it came twice at once
	}
	return err
}

// Forget removes the events of somebody whose account is being closed: they hold his openid.
func (b *Inbox) Forget(tx *store.Tx, person string) error {
	return tx.Where("person IN (SELECT wechat_index FROM persons WHERE id = ? AND wechat_index IS NOT NULL)", person).Delete(&pushRow{}).Error
}

// mark is what two pushes of the same event have in common: the trace id, or who, when and what.
func (p Pushed) mark() [][]byte {
	if p.TraceID != "" {
		return [][]byte{[]byte("trace"), []byte(p.TraceID)}
	}
	return [][]byte{[]byte(p.From), strconv.AppendInt(nil, p.Sent.Unix(), 10), []byte(p.Event)}
}

func bodyOf(id string) secret.Where {
	return secret.Where{Table: "wechat_pushes", Column: "body", Row: id}
}
