package account

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

const (
	// crockford has no I, L, O, U, so nothing reads like something else.
	crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	bindChars = 8
	bindLife  = 3 * 24 * time.Hour
)

// bindRow is the one code that is good for a person; a new one replaces it.
type bindRow struct {
	Person    string `gorm:"primaryKey"`
	MAC       string
	MadeBy    string
	MadeAt    time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
}

func (bindRow) TableName() string { return "bind_codes" }

// BindCode is what the clerk prints for the resident. It is told once and kept by nobody.
type BindCode struct {
	Code      string // in two groups, for reading
	ExpiresAt time.Time
}

// MakeBindCode (开绑定码) is done by the clerk of the resident's village, who has seen his papers.
func (d *Desk) MakeBindCode(ctx context.Context, actor access.Actor, id string) (BindCode, error) {
	code := newBindCode()
	var made BindCode
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		p, err := onePerson(seenBy(actor)(tx.DB).Where("id = ? AND kind = ?", id, residentKind))
		if err != nil {
			return err
		}
		if err := actor.Must(access.Clerk); err != nil {
			return err
		}
		if err := Attends(tx.DB, actor, p.ID); err != nil {
			return err
		}
		switch {
		case p.WechatIndex != nil:
			return ErrHasWeChat
		case p.DisabledAt != nil:
			return ErrDisabled
		}
		row := bindRow{Person: p.ID, MAC: d.bindMAC(code), MadeBy: actor.Person, MadeAt: tx.Now, ExpiresAt: tx.Now.Add(bindLife)}
		if err := keepBindCode(tx, row); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "person.bind_code", Kind: "person", Object: p.ID, Area: access.Area(p.Village)})
		made = BindCode{code[:bindChars/2] + "-" + code[bindChars/2:], row.ExpiresAt}
		tx.Answer(made)
		return nil
	})
	return made, err
}

func keepBindCode(tx *store.Tx, row bindRow) error {
	seen := tx.Table("bind_codes").Where("person = ?", row.Person).UpdateColumns(map[string]any{
		"mac": row.MAC, "made_by": row.MadeBy, "made_at": row.MadeAt, "expires_at": row.ExpiresAt, "used_at": nil,
	})
	if seen.Error != nil || seen.RowsAffected == 1 {
		return seen.Error
	}
	err := tx.Create(&row).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) { // two clerks at once
		return store.ErrLost
	}
	return err
}

// BindByCode binds to the resident for whom a clerk has made the code.
func (d *Desk) BindByCode(ctx context.Context, actor access.Actor, typed, address string) (Resident, error) {
	if err := actor.Must(access.Resident); err != nil {
		return Resident{}, err
	}
	code := readBindCode(typed)
	if code == "" {
		return Resident{}, fault.Wrong("body.bind_code", "绑定码是 8 位字母和数字，请照单子填写")
	}
	return d.bind(ctx, actor, address, func(tx *store.Tx, _ personRow) (personRow, error) {
		return d.redeem(tx, code)
	})
}

func (d *Desk) redeem(tx *store.Tx, code string) (personRow, error) {
	var rows []bindRow
	if err := tx.Where("mac = ?", d.bindMAC(code)).Limit(1).Find(&rows).Error; err != nil {
		return personRow{}, err
	}
	if len(rows) == 0 {
		return personRow{}, ErrBindCode
	}
	used := tx.Table("bind_codes").Where("person = ? AND mac = ? AND used_at IS NULL AND expires_at > ?", rows[0].Person, rows[0].MAC, tx.Now).
		UpdateColumn("used_at", tx.Now)
	if used.Error != nil {
		return personRow{}, used.Error
	}
	p, err := personByID(tx.DB, rows[0].Person)
	if err != nil {
		return personRow{}, err
	}
	if used.RowsAffected != 1 || p.WechatIndex != nil || p.DisabledAt != nil {
		return personRow{}, ErrBindCode
	}
	return p, nil
}

func (d *Desk) bindMAC(code string) string {
	return hex.EncodeToString(d.store.Keys().MAC("bind_code", []byte(code)))
}

func newBindCode() string {
	var random [bindChars]byte
	rand.Read(random[:]) // never fails
	code := make([]byte, bindChars)
	for i, r := range random {
		code[i] = crockford[r%32]
	}
	return string(code)
}

// readBindCode reads a code as a person types it: any case, full width, with blanks and hyphens, I and L for 1, O for 0.
// Empty for what can be none.
func readBindCode(typed string) string {
	if len(typed) > 64 {
		return ""
	}
	code := strings.NewReplacer(" ", "", "-", "", "—", "", "I", "1", "L", "1", "O", "0").Replace(strings.ToUpper(norm.NFKC.String(typed)))
	if len(code) != bindChars || strings.Trim(code, crockford) != "" {
		return ""
	}
	return code
}
