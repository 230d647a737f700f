package store

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/width"
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
)

// idMaker makes UUIDv7 (RFC 9562) from the transaction's moment, so that the test clock governs ids too. The 26 bits
// behind the milliseconds count on (RFC 9562, 6.2, method 1): what one program makes at one moment sorts as it was made, and lists tell
// it in that order. The other 48 bits are random, since two replicas may count alike.
type idMaker struct {
	at   time.Time
	made *atomic.Uint32 // of the store
}

func (m idMaker) next() string {
	var id uuid.UUID
	rand.Read(id[:]) // never fails
	ms := uint64(m.at.UnixMilli())
	var head [8]byte
	binary.BigEndian.PutUint64(head[:], ms<<16)
	copy(id[:6], head[:6])
	n := m.made.Add(1)
	binary.BigEndian.PutUint16(id[6:8], 0x7000|uint16(n>>14&0x0fff))
	binary.BigEndian.PutUint16(id[8:10], 0x8000|uint16(n&0x3fff))
	return id.String()
}

// NewID is a fresh UUIDv7 at the transaction's moment.
func (tx *Tx) NewID() string { return tx.ids.next() }

// Number takes the next public number of a kind (BJ case, SQ appeal, GZ notice, DB errand) in a village today:
// kind, town and village digits, yymmdd, a sequence of three digits or more, one check digit.
// Unique, not gapless. The counter's row is locked until commit: take the number as late as the verb can.
func (tx *Tx) Number(kind string, village access.Area) (string, error) {
	if village.Village() == "" {
		return "", fmt.Errorf("store: a number needs a village, not %q", village)
	}
	area, day := string(village.Village()), clock.DateOf(tx.Now)
	row := tx.Table("counters").Where("kind = ? AND area = ? AND day = ?", kind, area, day)
	raised := row.Session(&gorm.Session{}).UpdateColumn("last", gorm.Expr("last + 1"))
	if raised.Error != nil {
		return "", raised.Error
	}
	last := 1
	if raised.RowsAffected == 0 {
		err := tx.Table("counters").Create(map[string]any{"kind": kind, "area": area, "day": day, "last": last}).Error
		if err != nil {
			return "", tx.Again(err)
		}
	} else if err := row.Session(&gorm.Session{}).Select("last").Scan(&last).Error; err != nil {
		return "", err
	}
	body := fmt.Sprintf("%s%s%02d%02d%02d%03d", kind, area[6:], day.Year%100, day.Month, day.Day, last)
	return body + string(checkDigit(body)), nil
}

// Series takes the next number of a series that an office keeps for a year, from 1 on. Gapless: what fails gives its number
// back with everything else. The series is locked until commit: take the number as late as the verb can.
func (tx *Tx) Series(office, series string, year int) (int, error) {
	row := tx.Table("document_series").Where("office = ? AND series = ? AND year = ?", office, series, year)
	raised := row.Session(&gorm.Session{}).UpdateColumn("last", gorm.Expr("last + 1"))
	if raised.Error != nil {
		return 0, raised.Error
	}
	last := 1
	if raised.RowsAffected == 0 {
		err := tx.Table("document_series").Create(map[string]any{"office": office, "series": series, "year": year, "last": last}).Error
		return last, tx.Again(err)
	}
	err := row.Session(&gorm.Session{}).Select("last").Scan(&last).Error
	return last, err
}

// NumberKind reports which kind of thing a public number names, after its check digit is found right;
// spaces and hyphens between groups, small letters and full-width digits do not matter. Empty for anything else.
func NumberKind(number string) (kind, normal string) {
	normal = strings.ToUpper(plainDigits(number))
	if len(normal) < 18 || len(normal) > 24 {
		return "", ""
	}
	for _, r := range normal[2:] {
		if r < '0' || r > '9' {
			return "", ""
		}
	}
	body, check := normal[:len(normal)-1], normal[len(normal)-1]
	if checkDigit(body) != check {
		return "", ""
	}
	return normal[:2], normal
}

// plainDigits takes what people type between and instead of digits: spaces, hyphens, full-width forms.
func plainDigits(typed string) string {
	return strings.NewReplacer(" ", "", "-", "", "—", "").Replace(width.Fold.String(typed))
}

// checkDigit is ISO 7064 MOD 11,10 over letters (A = 10 …) and digits: it finds every single wrong character
// and nearly every pair that changed places.
func checkDigit(body string) byte {
	p := 10
	for i := range len(body) {
		v := int(body[i] - '0')
		if body[i] >= 'A' {
			v = int(body[i]-'A') + 10
		}
		p = (p + v) % 10
		if p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	return byte('0' + (11-p)%10)
}
