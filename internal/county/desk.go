package county

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Status is what became of an event.
type Status string

// The statuses of an event.
const (
	Waiting Status = "waiting" // kept, and not yet applied
	Applied Status = "applied"
	Late    Status = "late"    // something newer was applied before, or the case has moved on: kept, and never applied
	Unknown Status = "unknown" // not to be understood, or about nothing that we know: kept, and not applied
)

// Kept is an event as it lies in the inbox. The county's own message is sealed.
type Kept struct {
	ID         string `gorm:"primaryKey"`
	Platform   string
	EventID    string // the county's
	Ref        string // our number of the case; empty when none is named
	Number     string // the county's number
	Act        Act
	Raw        string // the county's own word for the act
	Seq        int
	At         *time.Time // when it happened, as the county says
	Content    string     // MAC of the message, by which a repetition is known
	Payload    []byte     // the message, sealed
	Status     Status
	Why        string // in a word, why it is not applied
	Tries      int
	NextAt     time.Time
	ReceivedAt time.Time
	SettledAt  *time.Time
}

func (Kept) TableName() string { return "county_events" }

// nonce is a random number that a signed message used.
type nonce struct {
	Platform string `gorm:"primaryKey"`
	Nonce    string `gorm:"primaryKey"`
	SeenAt   time.Time
}

func (nonce) TableName() string { return "county_nonces" }

// The faults of a callback that is rightly signed.
var (
	// ErrUnreadable: nothing in it says which event it is.
	ErrUnreadable = fault.New(fault.Invalid, "county.unreadable", "消息看不懂：没有可用的消息编号，请对照接口说明检查")
	// ErrDiffers: the event is known with another content.
	ErrDiffers = fault.New(fault.Conflict, "county.event_differs", "这个消息编号用过了，内容却不一样；新的消息请用新的编号")
)

// Desk is the inbox of one platform's callbacks. A nil desk is switched off.
type Desk struct {
	store    *store.Store
	keys     Keys
	mapping  *Mapping
	platform string
	log      *slog.Logger
	apply    Apply
	find     Find
}

// New opens the inbox for the platform of that name.
func New(s *store.Store, platform string, keys Keys, mapping *Mapping, log *slog.Logger) (*Desk, error) {
	if platform == "" || len(platform) > 32 || len(keys) == 0 || mapping == nil {
		return nil, errors.New("county: the inbox needs a platform, its keys and " + mappingFile)
	}
	return &Desk{store: s, keys: keys, mapping: mapping, platform: platform, log: log}, nil
}

// actor is who changes anything here: the county's platform.
var actor = access.Actor{Role: access.County}

// Take keeps one callback: signature, time, nonce, then the event, unique by platform and id. The same event again, signed anew, is answered
// as the first time. What it says is applied afterwards, so that no trouble with a case makes the county send in vain.
func (d *Desk) Take(ctx context.Context, header http.Header, m Message) (Kept, error) {
	if d == nil {
		return Kept{}, fault.NotFound
	}
	stamp, err := d.keys.Verify(header, m)
	if err == nil {
		err = stamp.Fresh(d.store.Clock().Now())
	}
	if err != nil {
		return Kept{}, err
	}
	event, problem, err := d.mapping.DecodeEvent(m.Body)
	if err != nil {
		return Kept{}, ErrUnreadable.Because(err)
	}
	content, err := d.contentOf(m.Body)
	if err != nil {
		return Kept{}, ErrUnreadable.Because(err)
	}
	var kept Kept
	keep := func(tx *store.Tx) (err error) {
		if err := d.spend(tx, stamp); err != nil {
			return err
		}
		kept, err = d.keep(tx, event, problem, content, m.Body)
		return err
	}
	err = d.store.Write(ctx, actor, keep)
	if errors.Is(err, errJustKept) { // its other copy came at the same moment, and is there by now
		err = d.store.Write(ctx, actor, keep)
	}
	if err != nil {
		return Kept{}, err
	}
	if kept.Status == Waiting {
		d.settleSoon(ctx, kept)
	}
	return kept, nil
}

// contentOf is the same for the same message, however it is spaced and ordered.
func (d *Desk) contentOf(body []byte) (string, error) {
	canonical := jsontext.Value(append([]byte(nil), body...))
	if err := canonical.Canonicalize(); err != nil {
		return "", errors.New("no JSON")
	}
	return hex.EncodeToString(d.store.Keys().MAC("county_event", []byte(d.platform), canonical)), nil
}

// spend uses the nonce up. The time is looked at again: a transaction may have waited for its turn while old nonces were swept.
func (d *Desk) spend(tx *store.Tx, stamp Stamp) error {
	if err := stamp.Fresh(tx.Now); err != nil {
		return err
	}
	err := tx.Create(&nonce{d.platform, stamp.Nonce, tx.Now}).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrReplayed
	}
	return err
}

// errJustKept: the event was not there a moment ago, and is now.
var errJustKept = errors.New("county: the event was kept at the same moment")

func (d *Desk) keep(tx *store.Tx, e Event, problem, content string, body []byte) (Kept, error) {
	var known Kept
	err := tx.Where("platform = ? AND event_id = ?", d.platform, e.ID).Take(&known).Error
	switch {
	case err == nil && known.Content != content:
		return Kept{}, ErrDiffers
	case !errors.Is(err, gorm.ErrRecordNotFound):
		return known, err
	}
	id := tx.NewID()
	row := Kept{
		ID: id, Platform: d.platform, EventID: e.ID, Content: content, Status: Waiting, NextAt: tx.Now, ReceivedAt: tx.Now,
		Payload: d.store.Keys().Seal(secret.Where{Table: "county_events", Column: "payload", Row: id}, body),
	}
	row.fill(e, problem)
	if problem != "" {
		row.SettledAt = &tx.Now
	}
	if err := tx.Create(&row).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return Kept{}, errJustKept
		}
		return Kept{}, err
	}
	tx.Trail(store.Entry{Act: "county_event.keep", Kind: "county_event", Object: id, To: string(row.Status), Why: problem})
	return row, nil
}

// A county's word for an act is kept in the open as long as it can be a code and no identity number or phone.
var (
	harmless   = regexp.MustCompile(`^[A-Za-z0-9._-]{1,24}$`)
	longNumber = regexp.MustCompile(`[0-9]{7}`)
)

// fill writes what may stand beside the sealed message: numbers and codes.
func (k *Kept) fill(e Event, problem string) {
	k.Ref, k.Number, k.Act, k.Why, k.Status = e.Ref, e.Number, e.Act, problem, Waiting
	if k.Raw = ""; harmless.MatchString(e.Raw) && !longNumber.MatchString(e.Raw) {
		k.Raw = e.Raw
	}
	if !e.At.IsZero() {
		k.At = &e.At
	}
	k.Seq = e.Seq
	if problem != "" {
		k.Status, k.Seq = Unknown, max(e.Seq, 0)
	}
}

// open reads the kept message with the mapping of today.
func (d *Desk) open(row Kept) (e Event, problem string, err error) {
	body, err := d.store.Keys().Open(secret.Where{Table: "county_events", Column: "payload", Row: row.ID}, row.Payload)
	if err != nil {
		return Event{}, "", err
	}
	return d.mapping.DecodeEvent(body)
}

// SweepNonces forgets the nonces of messages that are too old by now anyway.
func (d *Desk) SweepNonces(ctx context.Context) error {
	if d == nil {
		return nil
	}
	return d.store.Write(ctx, access.Round(""), func(tx *store.Tx) error {
		return tx.Where("seen_at < ?", tx.Now.Add(-nonceLife)).Delete(&nonce{}).Error
	})
}

// Events lists the inbox for the county's system administrator, newest first, older than the id after; an empty status means all.
func (d *Desk) Events(ctx context.Context, who access.Actor, status Status, after string, limit int) ([]Kept, error) {
	if err := who.Must(access.SystemAdmin); err != nil {
		return nil, err
	}
	if d == nil {
		return nil, fault.NotFound
	}
	query := d.store.Read(ctx).Scopes(seenBy(who))
	if status != "" {
		query = query.Where("status = ?", status)
	}
	var list []Kept
	err := store.Page(query.Omit("payload"), after, limit).Find(&list).Error
	return list, err
}

// seenBy keeps the inbox to the system administrators of the county: news of a case belongs to no village before it is applied.
func seenBy(who access.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		if who.Role != access.SystemAdmin || who.Area.Level() != access.CountyLevel {
			return db.Where("1 = 0")
		}
		return db
	}
}
