package account

import (
	"context"
	"encoding/hex"
	"time"

	"gorm.io/gorm/clause"

	"tongban/internal/fault"
	"tongban/internal/store"
)

// ErrLocked refuses further guesses. It says nothing about whether there is such a user.
var ErrLocked = fault.New(fault.TooMany, "login.locked", "试错次数太多，请稍后再试，或者请管理员帮忙")

// Guessing is bounded per username: strangers' devices share five tries, each device that logged in before has five of
// its own, and all together get no more than ten. So a stranger's guesses never shut the right person out of his own device.
var (
	strangers = store.Allowance{Kind: "login", Most: 5, Window: 15 * time.Minute}
	ownDevice = store.Allowance{Kind: "login_device", Most: 5, Window: 15 * time.Minute}
	together  = store.Allowance{Kind: "login_all", Most: 10, Window: 15 * time.Minute}
)

const (
	// familiar is how long a device is remembered after its last log-in.
	familiar = 180 * 24 * time.Hour
	// longestDevice in bytes, of what a client calls its device: a random id that it keeps.
	longestDevice = 128
)

// deviceRow remembers a device from which a person has logged in.
type deviceRow struct {
	Person string `gorm:"primaryKey"`
	Device string `gorm:"primaryKey"` // keyed MAC
	LastAt time.Time
}

func (deviceRow) TableName() string { return "devices" }

// deviceMark is what is kept of a client's name for its device; empty for none.
func (d *Desk) deviceMark(device string) (string, error) {
	switch {
	case len(device) > longestDevice:
		return "", fault.Wrong("body.device", "设备标识太长")
	case device == "":
		return "", nil
	}
	return hex.EncodeToString(d.store.Keys().MAC("device", []byte(device))), nil
}

func (d *Desk) knowsDevice(ctx context.Context, person, mark string) (bool, error) {
	var n int64
	err := d.store.Read(ctx).Table("devices").
		Where("person = ? AND device = ? AND last_at > ?", person, mark, d.now().Add(-familiar)).Count(&n).Error
	return n > 0 && mark != "", err
}

func rememberDevice(tx *store.Tx, person, mark string) error {
	if mark == "" {
		return nil
	}
	return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&deviceRow{person, mark, tx.Now}).Error
}

// guess is one of the counts that a log-in uses up.
type guess struct {
	store.Allowance
	subject string
}

func (d *Desk) guesses(username, mark string, known bool) []guess {
	subject := func(parts ...string) string {
		raw := make([][]byte, 0, len(parts))
		for _, p := range parts {
			raw = append(raw, []byte(p))
		}
		return hex.EncodeToString(d.store.Keys().MAC("login", raw...))
	}
	if known {
		return []guess{{ownDevice, subject(username, mark)}, {together, subject(username)}}
	}
	return []guess{{strangers, subject(username)}, {together, subject(username)}}
}

// admit uses up one try of each count, before the password is looked at.
func (d *Desk) admit(ctx context.Context, counts []guess) error {
	return d.admitAll(ctx, ErrLocked, counts...)
}

// admitAll is admit with a refusal of its own.
func (d *Desk) admitAll(ctx context.Context, refusal *fault.Fault, counts ...guess) error {
	for _, g := range counts {
		wait, err := d.store.Try(ctx, g.Allowance, g.subject)
		if err != nil {
			return err
		}
		if wait > 0 {
			return refusal.After(wait)
		}
	}
	return nil
}

// hashedAddress is what is kept of a network address.
func (d *Desk) hashedAddress(address string) string {
	return hex.EncodeToString(d.store.Keys().MAC("address", []byte(address)))
}

// forgive takes back what a right password used up. His own device starts anew; what strangers guessed stays counted,
// so that a success of the right person gives them no fresh tries.
func (d *Desk) forgive(ctx context.Context, counts []guess) error {
	for _, g := range counts {
		back := d.store.Refund
		if g.Kind == ownDevice.Kind {
			back = d.store.Forget
		}
		if err := back(ctx, g.Allowance, g.subject); err != nil {
			return err
		}
	}
	return nil
}
