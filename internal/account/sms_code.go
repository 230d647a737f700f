package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// SMS sends a one-time code; internal/sms does.
type SMS interface {
	SendCode(ctx context.Context, phone, code string, life time.Duration) error
}

var (
	errNoSMS = fault.New(fault.Unavailable, "login.no_sms", "这里没有开通短信登录，请用微信登录，或到村便民服务站办理")
	// ErrSMSTooMany bounds the messages: each costs money, and one that nobody asked for costs trust.
	ErrSMSTooMany = fault.New(fault.TooMany, "login.sms_too_many", "验证码要得太频繁了，请稍后再试，或到村便民服务站办理")
	// ErrSMSWrong is the one answer to a wrong code, one that is used or over, and one that nobody asked for.
	ErrSMSWrong = fault.New(fault.Invalid, "login.sms_wrong", "验证码不对或已过期，请核对后再试，或重新获取")
)

const (
	// SMSLife is how long a code is good.
	SMSLife   = 5 * time.Minute
	smsTries  = 5
	smsDigits = 6
)

// Codes are counted before they are made. An address comes first, so that a flood from one does not use up a phone's or
// the county's.
var (
	smsAddress = store.Allowance{Kind: "sms_address", Most: 20, Window: time.Hour}
	smsMinute  = store.Allowance{Kind: "sms_minute", Most: 1, Window: time.Minute}
	smsHour    = store.Allowance{Kind: "sms_hour", Most: 5, Window: time.Hour}
	smsDay     = store.Allowance{Kind: "sms_day", Most: 10, Window: 24 * time.Hour}
	smsAll     = store.Allowance{Kind: "sms_all", Most: 5000, Window: 24 * time.Hour}
)

// smsRow is the one code that is good for a phone, by the number's blind index; a new one replaces it.
type smsRow struct {
	Phone       string `gorm:"primaryKey"`
	MAC         string
	ExpiresAt   time.Time
	Tries       int
	UsedAt      *time.Time
	Choice      *string // MAC of what lets the person say which of several he is
	ChoiceUntil *time.Time
}

func (smsRow) TableName() string { return "sms_codes" }

// SendSMSCode sends a code to the phone. Whether anybody here has that phone is not looked at: a known and an unknown one
// get the same work, the same answer and the same message.
func (d *Desk) SendSMSCode(ctx context.Context, typed, address string) error {
	phone, err := mobile(typed)
	if err != nil {
		return err
	}
	if d.sms == nil {
		return errNoSMS
	}
	index := phone.Index(d.store.Keys())
	err = d.admitAll(ctx, ErrSMSTooMany, guess{smsAddress, d.hashedAddress(address)},
		guess{smsMinute, index}, guess{smsHour, index}, guess{smsDay, index}, guess{smsAll, "all"})
	if err != nil {
		return err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return err
	}
	code := fmt.Sprintf("%0*d", smsDigits, n)
	err = d.write(ctx, access.Stranger(), func(tx *store.Tx) error {
		return keepSMSCode(tx, smsRow{Phone: index, MAC: d.smsMAC(index, code), ExpiresAt: tx.Now.Add(SMSLife)})
	})
	if err != nil {
		return err
	}
	number, err := phone.Reveal(unrecorded{}, "phone", index, "phone", "发送登录验证码") // he has just typed it
	if err != nil {
		return err
	}
	// After the commit and beside it: a code that did not go out opens nothing, and is not worth keeping in an outbox.
	return d.sms.SendCode(ctx, number, code, SMSLife)
}

func mobile(typed string) (secret.Phone, error) {
	phone, err := secret.ParsePhone(typed)
	if err == nil && !phone.Mobile() {
		err = fault.Wrong("body.phone", "请填写手机号，座机收不到短信")
	}
	return phone, err
}

func keepSMSCode(tx *store.Tx, row smsRow) error {
	seen := tx.Table("sms_codes").Where("phone = ?", row.Phone).UpdateColumns(map[string]any{
		"mac": row.MAC, "expires_at": row.ExpiresAt, "tries": 0, "used_at": nil, "choice": nil, "choice_until": nil,
	})
	if seen.Error != nil || seen.RowsAffected == 1 {
		return seen.Error
	}
	err := tx.Create(&row).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) { // two first codes at once
		return store.ErrLost
	}
	return err
}

func (d *Desk) smsMAC(index, code string) string {
	return hex.EncodeToString(d.store.Keys().MAC("sms_code", []byte(index), []byte(code)))
}

// spendSMSCode uses up one try, and the code if it is the right one. What it found out must be committed.
func (d *Desk) spendSMSCode(tx *store.Tx, index, code string) (right bool, err error) {
	open := tx.Table("sms_codes").Where("phone = ? AND used_at IS NULL AND expires_at > ? AND tries < ?", index, tx.Now, smsTries)
	tried := open.Session(&gorm.Session{}).UpdateColumn("tries", gorm.Expr("tries + 1"))
	if tried.Error != nil || tried.RowsAffected != 1 {
		return false, tried.Error
	}
	var row smsRow
	if err := tx.Where("phone = ?", index).Take(&row).Error; err != nil {
		return false, err
	}
	if !hmac.Equal([]byte(row.MAC), []byte(d.smsMAC(index, code))) {
		return false, nil
	}
	return true, tx.Table("sms_codes").Where("phone = ?", index).UpdateColumn("used_at", tx.Now).Error
}

// SweepSMSCodes forgets the codes that were over a day ago.
func (d *Desk) SweepSMSCodes(ctx context.Context) error {
	return d.write(ctx, access.Round(""), func(tx *store.Tx) error {
		return tx.Where("expires_at < ?", tx.Now.Add(-24*time.Hour)).Delete(&smsRow{}).Error
	})
}
