package account

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// The second factor (动态口令): a code of six digits that changes every half minute (TOTP, RFC 6238), from a program on the
// member's own phone. 等保 asks two factors of administrators (GB/T 22239-2019 8.1.4.1).
var (
	// The following are told only to somebody who has given the right password.
	ErrOTPNeeded    = fault.New(fault.Forbidden, "login.otp_needed", "请再输入手机上的动态口令")
	ErrOTPEnrol     = fault.New(fault.Forbidden, "login.otp_enrol", "您的岗位要用动态口令登录，请先绑定")
	errOTPNotBegun  = fault.New(fault.Conflict, "totp.not_begun", "请先开始绑定动态口令，再输入口令")
	errOTPConfirmed = fault.New(fault.Conflict, "totp.already", "动态口令已经绑定好了；要换手机，请安全管理员先解除")
)

const (
	otpStep       = 30 * time.Second
	otpSkew       = 1 // steps that a phone's clock may be off, either way
	recoveryCodes = 10
	issuerName    = "tongban"
)

// SecondFactor are the roles that the setting TONGBAN_TOTP names: admins, deciders (and the administrators), or nobody.
func SecondFactor(setting string) []access.Role {
	switch setting {
	case "admins":
		return administrators
	case "deciders":
		return append(slices.Clone(administrators), access.Decider)
	}
	return nil
}

type totpRow struct {
	ID          string `gorm:"primaryKey"`
	Person      string
	Secret      []byte // sealed
	LastStep    int64  // a code works once: no step up to this one works again
	ConfirmedAt *time.Time
	CreatedAt   time.Time
}

func (totpRow) TableName() string { return "totp" }

type recoveryRow struct {
	Person string `gorm:"primaryKey"`
	Mac    string `gorm:"primaryKey"`
	UsedAt *time.Time
}

func (recoveryRow) TableName() string { return "recovery_codes" }

func totpAt(id string) secret.Where { return secret.Where{Table: "totp", Column: "secret", Row: id} }

// Enrolment is told once, to be put into the phone; the secret is kept sealed.
type Enrolment struct {
	Secret string // base32
	URL    string // otpauth://, for a QR code
}

// BeginTOTP (绑定动态口令) gives whoever knows his password a secret to put into his phone. It is in force only once ConfirmTOTP
// has seen a code of it; begun again, the older secret is void.
func (d *Desk) BeginTOTP(ctx context.Context, username, password, device string) (Enrolment, error) {
	p, err := d.credentials(ctx, username, password, "", device)
	if err == nil && p.MustChange {
		err = ErrMustChange
	}
	if err != nil {
		return Enrolment{}, err
	}
	key := random(20)
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(key)
	err = d.write(ctx, access.Actor{Person: p.ID, Area: p.area()}, func(tx *store.Tx) error {
		if err := tx.Where("person = ? AND confirmed_at IS NULL", p.ID).Delete(&totpRow{}).Error; err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "totp.begin", Kind: "person", Object: p.ID, Area: p.area()})
		id := tx.NewID()
		return tx.Create(&totpRow{ID: id, Person: p.ID, Secret: d.store.Keys().Seal(totpAt(id), []byte(text)), CreatedAt: tx.Now}).Error
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) { // begun twice at once, or confirmed meanwhile
		err = store.ErrLost
	}
	if err != nil {
		return Enrolment{}, err
	}
	return Enrolment{Secret: text, URL: "otpauth://totp/" + issuerName + ":" + *p.Username + "?secret=" + text + "&issuer=" + issuerName}, nil
}

// Enrolled are the tokens of the first log-in with a second factor, and the codes for the day when the phone is lost.
type Enrolled struct {
	Tokens
	Recovery []string // each works once, in the place of a code
}

// ConfirmTOTP puts the second factor in force, once a code shows that the phone has the secret, and logs in.
func (d *Desk) ConfirmTOTP(ctx context.Context, username, password, code, device string) (Enrolled, error) {
	codes := newRecovery()
	p, err := d.passworded(ctx, username, password, device, func(p personRow) error {
		row, err := d.totpOf(d.store.Read(ctx), p.ID)
		switch {
		case err != nil:
			return err
		case p.DisabledAt != nil:
			return ErrDisabled
		case p.MustChange: // somebody else knows it, and could bind his own phone
			return ErrMustChange
		case row == nil:
			return errOTPNotBegun
		case row.ConfirmedAt != nil:
			return errOTPConfirmed
		}
		step, err := d.stepOf(*row, code)
		if err == nil {
			err = d.confirm(ctx, p, row.ID, step, codes)
		}
		return err
	})
	if err != nil {
		return Enrolled{}, err
	}
	tokens, err := d.begin(ctx, p, device)
	return Enrolled{tokens, codes}, err
}

// confirm puts in force the secret of which a code was shown, not one that was begun meanwhile, with its recovery codes.
func (d *Desk) confirm(ctx context.Context, p personRow, id string, step int64, codes []string) error {
	return d.write(ctx, access.Actor{Person: p.ID, Area: p.area()}, func(tx *store.Tx) error {
		done := tx.Table("totp").Where("id = ? AND confirmed_at IS NULL", id).
			UpdateColumns(map[string]any{"confirmed_at": tx.Now, "last_step": step})
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return store.ErrLost
		}
		if err := tx.Where("person = ?", p.ID).Delete(&recoveryRow{}).Error; err != nil {
			return err
		}
		rows := make([]recoveryRow, len(codes))
		for i, code := range codes {
			rows[i] = recoveryRow{Person: p.ID, Mac: d.recoveryMAC(code)}
		}
		tx.Trail(store.Entry{Act: "totp.confirm", Kind: "person", Object: p.ID, Area: p.area()})
		return tx.Create(&rows).Error
	})
}

func newRecovery() []string {
	codes := make([]string, recoveryCodes)
	for i := range codes {
		codes[i] = readable(random(24))
	}
	return codes
}

func (d *Desk) recoveryMAC(code string) string {
	return hex.EncodeToString(d.store.Keys().MAC("recovery", []byte(strings.ToLower(strings.TrimSpace(code)))))
}

// totpOf is somebody's second factor; nil for none.
func (d *Desk) totpOf(db *gorm.DB, person string) (*totpRow, error) {
	var list []totpRow
	if err := db.Where("person = ?", person).Limit(1).Find(&list).Error; err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// stepOf is the time step of which this is the code; ErrWrong when there is none around now that was not used yet.
func (d *Desk) stepOf(row totpRow, code string) (int64, error) {
	key, err := d.store.Keys().Open(totpAt(row.ID), row.Secret)
	if err != nil {
		return 0, err
	}
	now := d.now().Unix() / int64(otpStep/time.Second)
	for step := now - otpSkew; step <= now+otpSkew; step++ {
		ok, err := hotp.ValidateCustom(code, uint64(step), string(key), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}) // after 1970
		if err == nil && ok && step > row.LastStep {
			return step, nil
		}
	}
	return 0, ErrWrong
}

// secondFactor asks whoever has one for a code. A code, like a recovery code, works once, also of two log-ins at the same time.
func (d *Desk) secondFactor(ctx context.Context, p personRow, code string) error {
	row, err := d.totpOf(d.store.Read(ctx), p.ID)
	if err != nil || row == nil || row.ConfirmedAt == nil {
		return err
	}
	if code == "" {
		return ErrOTPNeeded
	}
	step, wrong := d.stepOf(*row, code)
	var used *gorm.DB
	err = d.write(ctx, access.Actor{Person: p.ID, Area: p.area()}, func(tx *store.Tx) error {
		if wrong == nil {
			used = tx.Table("totp").Where("person = ? AND last_step < ?", p.ID, step).UpdateColumn("last_step", step)
			return used.Error
		}
		used = tx.Table("recovery_codes").Where("person = ? AND mac = ? AND used_at IS NULL", p.ID, d.recoveryMAC(code)).UpdateColumn("used_at", tx.Now)
		if used.RowsAffected == 1 {
			tx.Trail(store.Entry{Act: "totp.recovery", Kind: "person", Object: p.ID, Area: p.area()})
		}
		return used.Error
	})
	if err == nil && used.RowsAffected != 1 {
		return ErrWrong
	}
	return err
}

// mustEnrol: does one of the posts that he holds demand a second factor that he has not?
func (d *Desk) mustEnrol(ctx context.Context, p personRow) error {
	if len(d.guarded) == 0 {
		return nil
	}
	db := d.store.Read(ctx)
	held, err := postsOn(db, p.ID, clock.DateOf(d.now()))
	if err != nil {
		return err
	}
	return d.guard(db, p.ID, held...)
}

// guard fails when one of the posts demands a second factor that its holder has not: also of a session that began before he
// was given the post.
func (d *Desk) guard(db *gorm.DB, person string, posts ...Post) error {
	if !slices.ContainsFunc(posts, func(post Post) bool { return slices.Contains(d.guarded, post.Role) }) {
		return nil
	}
	row, err := d.totpOf(db, person)
	if err == nil && (row == nil || row.ConfirmedAt == nil) {
		err = ErrOTPEnrol
	}
	return err
}

// ResetTOTP (解除动态口令) is the security administrator's act for somebody whose phone is gone: he begins anew with his password.
func (d *Desk) ResetTOTP(ctx context.Context, actor access.Actor, id, why string) (Staff, error) {
	return d.secure(ctx, actor, id, why, "totp.reset", func(tx *store.Tx, p personRow) error {
		if err := tx.Where("person = ?", p.ID).Delete(&recoveryRow{}).Error; err != nil {
			return err
		}
		return tx.Where("person = ?", p.ID).Delete(&totpRow{}).Error
	})
}

// EndSessions (强制退出) is the security administrator's act when a token or a phone was stolen.
func (d *Desk) EndSessions(ctx context.Context, actor access.Actor, id, why string) (Staff, error) {
	return d.secure(ctx, actor, id, why, "person.end_sessions", func(*store.Tx, personRow) error { return nil })
}

// secure carries an act of the security administrator upon somebody's account; with each of them all his sessions end.
func (d *Desk) secure(ctx context.Context, actor access.Actor, id, why, act string, do func(*store.Tx, personRow) error) (Staff, error) {
	var now Staff
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		p, _, err := staffOf(tx, actor, id)
		if err != nil {
			return err
		}
		if err := actor.Must(access.SecurityAdmin); err != nil {
			return err
		}
		why, err := whyOf(why)
		if err != nil {
			return err
		}
		if err := do(tx, p); err != nil {
			return err
		}
		err = changePerson(tx, p, map[string]any{"token_version": p.TokenVersion + 1, "version": p.Version + 1, "updated_at": tx.Now})
		if err != nil {
			return err
		}
		if p, err = personByID(tx.DB, p.ID); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: act, Kind: "person", Object: p.ID, Area: p.area(), Why: why})
		now, err = d.staffView(tx.DB, p)
		tx.Answer(now)
		return err
	})
	d.standing.forget()
	return now, err
}
