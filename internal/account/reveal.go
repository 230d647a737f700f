package account

import (
	"context"
	"regexp"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Looks bounds what one person can gather of personal data in a day, whatever his reasons and wherever he looks: at residents
// here, at petitioners at the desk of appeals. It is one quota.
var Looks = store.Allowance{Kind: "reveal", Most: 20, Window: 24 * time.Hour}

// ErrRevealQuota refuses whoever has looked often enough today.
var ErrRevealQuota = fault.New(fault.TooMany, "person.reveal_quota", "您今天查看完整信息的次数已经用完，请明天再看")

// Cause is why a value is looked at in full: one of a closed list, so that the trail can be counted by it.
type Cause string

// The closed list of causes.
const (
	ToContact Cause = "contact" // 联系本人
	ToFile    Cause = "file"    // 代填申请
	ToVerify  Cause = "verify"  // 核对身份
	ToCorrect Cause = "correct" // 核对登记
)

var causes = map[Cause]string{ToContact: "联系本人", ToFile: "代填申请", ToVerify: "核对身份", ToCorrect: "核对登记"}

// revealed are the fields that can be asked for.
var revealed = []string{"name", "phone", "id_number"}

var errFields = fault.Wrong("body.fields", "请选择要看哪几项：姓名、电话、证件号码")

// Look is what somebody wants to see in full, and why.
type Look struct {
	Fields []string // of name, phone, id_number
	Cause  Cause
	Note   string // in his own words
}

// Shown are the values in full; empty is what was not asked for, or is not known.
type Shown struct{ Name, Phone, IDNumber string }

// Reveal tells personal values of a resident in full to the clerk of his village: each field is a read in the trail, all
// together one act. No answer is stored: a look is never repeated without its trail, and the values lie nowhere else.
func (d *Desk) Reveal(ctx context.Context, actor access.Actor, id string, l Look) (Shown, error) {
	if _, err := revealable(d.store.Read(ctx), actor, id); err != nil {
		return Shown{}, err
	}
	l.Fields = slices.Compact(slices.Sorted(slices.Values(l.Fields)))
	reason, err := l.reason()
	if err != nil {
		return Shown{}, err
	}
	// Counted before anything is told, and beside the act: whether it is told is not known before the commit.
	if wait, err := d.store.Try(ctx, Looks, actor.Person); err != nil || wait > 0 {
		if err != nil {
			return Shown{}, err
		}
		return Shown{}, ErrRevealQuota.After(wait)
	}
	var shown Shown
	err = d.write(ctx, actor, func(tx *store.Tx) error {
		p, err := revealable(tx.DB, actor, id)
		if err != nil {
			return err
		}
		if shown, err = d.inFull(tx, p, l.Fields, reason); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "person.reveal", Kind: "person", Object: p.ID, Area: p.area().Village(), Why: reason, Fields: l.Fields})
		return nil
	})
	if err != nil {
		return Shown{}, err
	}
	return shown, nil
}

// revealable is the resident, whom the actor must see and serve, and no other one at this moment.
func revealable(db *gorm.DB, actor access.Actor, id string) (personRow, error) {
	p, err := servable(db, actor, id)
	if err == nil {
		err = Attends(db, actor, p.ID)
	}
	return p, err
}

// servable is the resident, of whose village the actor is a clerk.
func servable(db *gorm.DB, actor access.Actor, id string) (personRow, error) {
	p, err := onePerson(seenBy(actor)(db).Where("id = ? AND kind = ?", id, residentKind))
	if err == nil {
		err = actor.Must(access.Clerk)
	}
	return p, err
}

// inFull opens the fields, each with its row in the trail.
func (d *Desk) inFull(tx *store.Tx, p personRow, fields []string, reason string) (s Shown, err error) {
	keys := d.store.Keys()
	if slices.Contains(fields, "name") {
		if s.Name, err = plainName(keys, tx, p, reason); err != nil {
			return s, err
		}
	}
	if slices.Contains(fields, "phone") {
		phone, err := p.phone(keys)
		if err != nil {
			return s, err
		}
		if !phone.IsZero() {
			if s.Phone, err = phone.Reveal(tx, "person", p.ID, "phone", reason); err != nil {
				return s, err
			}
		}
	}
	if slices.Contains(fields, "id_number") {
		number, err := secret.OpenIDNumber(keys, sealedAt("id_number", p.ID), p.IDNumber)
		if err != nil {
			return s, err
		}
		if !number.IsZero() {
			if s.IDNumber, err = number.Reveal(tx, "person", p.ID, "id_number", reason); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

// longDigits would be a number of somebody's, in whatever digits, with whatever but letters between them.
var longDigits = regexp.MustCompile(`([\p{Nd}〇零一二三四五六七八九][^\p{L}\p{Nd}]*){7}`)

// ErrNumberInReason refuses a reason in which a phone or an ID number seems to stand: the trail keeps reasons for ever, and
// holds no personal values, whoever types them.
var ErrNumberInReason = fault.New(fault.Invalid, "person.number_in_reason", "理由里不要写电话、证件号码")

// Wordy fails when a reason for the trail holds a number of somebody's.
func Wordy(reason string) error {
	if longDigits.MatchString(reason) {
		return ErrNumberInReason
	}
	return nil
}

// whyOf is a reason as the trail keeps it: clean, short, and without a number of anybody's.
func whyOf(typed string) (string, error) {
	why, err := secret.CleanText(typed, 200)
	if err != nil {
		return "", fault.Wrong("body.why", "请写明原因，最多 200 个字")
	}
	return why, Wordy(why)
}

const longestNote = 100

// reason is what the trail says: the cause, and the note.
func (l Look) reason() (string, error) {
	for _, f := range l.Fields {
		if !slices.Contains(revealed, f) {
			return "", errFields
		}
	}
	if len(l.Fields) == 0 || len(l.Fields) > len(revealed) {
		return "", errFields
	}
	label, known := causes[l.Cause]
	if !known {
		return "", fault.Wrong("body.cause", "请选择为什么要看")
	}
	note, err := Noted("body.note", l.Note)
	return label + "：" + note, err
}
