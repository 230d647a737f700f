package store

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"math/big"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
)

// Allowance bounds guessing: at most Most tries of a subject within Window. It is counted in the database, so that
// neither a restart nor a flushed cache nor a second replica gives more.
type Allowance struct {
	Kind   string // such as login
	Most   int
	Window time.Duration
}

type triesRow struct {
	Kind    string `gorm:"primaryKey"`
	Subject string `gorm:"primaryKey"`
	Since   time.Time
	Used    int
}

func (triesRow) TableName() string { return "tries" }

// check panics on an allowance that would be swept before its window is over.
func (a Allowance) check() {
	if a.Most < 1 || a.Window > longestWindow && a.Kind != known.Kind {
		panic("store: malformed allowance " + a.Kind)
	}
}

// Try uses up one try before the guess is looked at. wait is 0 when it was granted, else how long until there are tries again.
// The subject is a name, a number or a keyed hash of an address; never a plain address.
func (s *Store) Try(ctx context.Context, a Allowance, subject string) (wait time.Duration, err error) {
	err = s.Write(aside(ctx), access.Stranger(), func(tx *Tx) error {
		wait, err = tx.Try(a, subject)
		return err
	})
	return wait, err
}

// Try counts in this transaction: what rolls back, and what an idempotency key answers again, uses nothing up. Others wait
// for the row, so call it late.
func (tx *Tx) Try(a Allowance, subject string) (wait time.Duration, err error) {
	a.check()
	row := tx.Table("tries").Where("kind = ? AND subject = ?", a.Kind, subject)
	fresh := row.Session(&gorm.Session{}).Where("since <= ?", tx.Now.Add(-a.Window)).UpdateColumns(map[string]any{"since": tx.Now, "used": 1})
	if fresh.Error != nil || fresh.RowsAffected == 1 {
		return 0, fresh.Error
	}
	used := row.Session(&gorm.Session{}).Where("used < ?", a.Most).UpdateColumn("used", gorm.Expr("used + 1"))
	if used.Error != nil || used.RowsAffected == 1 {
		return 0, used.Error
	}
	var now triesRow
	found := tx.Where("kind = ? AND subject = ?", a.Kind, subject).Limit(1).Find(&now)
	if found.Error != nil {
		return 0, found.Error
	}
	if found.RowsAffected == 0 {
		return 0, tx.Again(tx.Create(&triesRow{a.Kind, subject, tx.Now, 1}).Error)
	}
	if now.Used < a.Most { // another transaction made the row between our looks
		return 0, ErrAgain
	}
	return max(now.Since.Add(a.Window).Sub(tx.Now), time.Second), nil
}

// Refund gives one try back, for a right answer that should not count as a guess.
func (s *Store) Refund(ctx context.Context, a Allowance, subject string) error {
	return s.Write(aside(ctx), access.Stranger(), func(tx *Tx) error { return tx.refund(a, subject) })
}

func (tx *Tx) refund(a Allowance, subject string) error {
	return tx.Table("tries").Where("kind = ? AND subject = ? AND used > 0", a.Kind, subject).UpdateColumn("used", gorm.Expr("used - 1")).Error
}

// Forget gives all tries of a subject back, after a right answer.
func (s *Store) Forget(ctx context.Context, a Allowance, subject string) error {
	return s.Write(aside(ctx), access.Stranger(), func(tx *Tx) error {
		return tx.Where("kind = ? AND subject = ?", a.Kind, subject).Delete(&triesRow{}).Error
	})
}

// SweepTries drops what no allowance looks back at any more: all but the known addresses after a week.
func (s *Store) SweepTries(ctx context.Context) error {
	return s.Write(ctx, access.Round(""), func(tx *Tx) error {
		err := tx.Where("since < ? AND kind <> ?", tx.Now.Add(-longestWindow), known.Kind).Delete(&triesRow{}).Error
		if err != nil {
			return err
		}
		return tx.Where("since < ?", tx.Now.Add(-known.Window)).Delete(&triesRow{}).Error
	})
}

// longestWindow is more than any allowance but known looks back.
const longestWindow = 7 * 24 * time.Hour

var (
	// ErrNoMatch is the one answer to a wrong query code, an unknown number and a locked number.
	ErrNoMatch = fault.New(fault.Missing, "track.no_match", "编号或查询码不对，请核对单子上的数字再试")
	// ErrSlowDown refuses an address that tries too often.
	ErrSlowDown = fault.New(fault.TooMany, "track.too_many", "查询太频繁了，请过一分钟再试")

	// ErrTooManyWrong refuses an address from which too many numbers were guessed at.
	ErrTooManyWrong = fault.New(fault.TooMany, "track.too_many_wrong", "这个网络今天查错的次数太多了，请登录后查看，或明天再试")

	perAddress = Allowance{"track_address", 10, time.Minute}
	perPlace   = Allowance{"track_wrong", 60, 24 * time.Hour} // at numbers that the address never opened
	perNumber  = Allowance{"track_number", 5, 24 * time.Hour}
	perFriend  = Allowance{"track_friend", 20, 24 * time.Hour}
	// known remembers the addresses that once gave the right code of a number: a stranger's guesses do not shut them out.
	known = Allowance{"track_known", 1, 180 * 24 * time.Hour}
)

// QueryCode makes the six random digits that open a public number without login, and what is kept of them: a keyed MAC,
// since a plain hash of a million values is none.
func (tx *Tx) QueryCode(number string) (code, kept string, err error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", "", err
	}
	code = fmt.Sprintf("%06d", n)
	return code, tx.store.queryMAC(number, code), nil
}

func (s *Store) queryMAC(number, code string) string {
	return hex.EncodeToString(s.keys.MAC("query_code", []byte(number), []byte(code)))
}

// CheckCode lets somebody who is not logged in at a thing by its number and query code. kept is what QueryCode kept,
// empty for an unknown number: the same work is done and the same answer given. A person guessing from one address has
// ten tries a minute; five wrong ones lock a number for a day for addresses that never opened it, and twenty for one that did.
// Wrong ones at numbers that it never opened are counted for the address too, so that one address locks twelve numbers a day for
// their owners, and not all there are.
func (s *Store) CheckCode(ctx context.Context, address, number, kept, code string) error {
	from := hex.EncodeToString(s.keys.MAC("track_address", []byte(address)))
	knows, friend, err := s.opened(ctx, from, number)
	if err != nil {
		return err
	}
	guess := []counted{{perPlace, from}, {perNumber, number}}
	if knows { // others may share the address: it has tries of its own, not endless ones
		guess = []counted{{perFriend, friend}}
	}
	if err := s.tryCode(ctx, append([]counted{{perAddress, from}}, guess...)); err != nil {
		return err
	}
	given := s.queryMAC(number, plainDigits(code))
	s.compared.Add(1)
	if kept == "" || subtle.ConstantTimeCompare([]byte(given), []byte(kept)) != 1 {
		return ErrNoMatch
	}
	return s.Write(aside(ctx), access.Stranger(), func(tx *Tx) error {
		for _, c := range guess {
			if err := tx.refund(c.Allowance, c.subject); err != nil {
				return err
			}
		}
		if knows {
			return nil
		}
		_, err := tx.Try(known, friend)
		return err
	})
}

// counted is a try and whose it is.
type counted struct {
	Allowance
	subject string
}

// tryCode uses up a try of each, as far as it comes.
func (s *Store) tryCode(ctx context.Context, each []counted) (refused error) {
	err := s.Write(aside(ctx), access.Stranger(), func(tx *Tx) error {
		refused = nil
		for _, c := range each {
			wait, err := tx.Try(c.Allowance, c.subject)
			if err != nil {
				return err
			}
			if wait > 0 {
				refused = c.over(wait)
				return nil // what was used up stays so
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return refused
}

func (c counted) over(wait time.Duration) error {
	switch c.Kind {
	case perAddress.Kind:
		return ErrSlowDown.After(wait)
	case perPlace.Kind:
		return ErrTooManyWrong.After(wait)
	}
	return ErrNoMatch // that a number is locked is not told
}

// Opened reports whether the right code of the number was once given from the address.
func (s *Store) Opened(ctx context.Context, address, number string) (bool, error) {
	knows, _, err := s.opened(ctx, hex.EncodeToString(s.keys.MAC("track_address", []byte(address))), number)
	return knows, err
}

// opened also answers the subject under which such an address counts.
func (s *Store) opened(ctx context.Context, from, number string) (knows bool, friend string, err error) {
	friend = number + "|" + from[:32]
	var n int64
	err = s.Read(ctx).Model(&triesRow{}).Where("kind = ? AND subject = ?", known.Kind, friend).Count(&n).Error
	return n > 0, friend, err
}

// aside is for counting beside a request: the count stands even if the caller leaves, and takes no part in its claim.
func aside(ctx context.Context) context.Context {
	return WithClaim(context.WithoutCancel(ctx), nil)
}
