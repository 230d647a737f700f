package account

import (
	"context"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Record is all that stands in a resident's own row, in full.
type Record struct {
	ID string
	Shown
	BirthDate     clock.Date // zero when it is not known
	Village, Grid access.Area
	WeChat        bool
	Proven        *time.Time // when the phone was proven; nil when it was only told
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// copied are the fields of a copy, as the trail has them.
var copied = []string{"name", "phone", "id_number", "birth_date"}

// CopyRecord tells a resident's row in full for a copy of his data: to himself, or to the clerk of his village who prints it
// for him. Each value is a read in the trail, and the copy is an act.
func (d *Desk) CopyRecord(tx *store.Tx, id, reason string) (Record, error) {
	find := revealable
	if tx.Actor.Role == access.Resident && tx.Actor.Person == id {
		find = func(db *gorm.DB, _ access.Actor, id string) (personRow, error) { return personByID(db, id) }
	}
	p, err := find(tx.DB, tx.Actor, id)
	if err != nil {
		return Record{}, err
	}
	if p.ClosedAt != nil {
		return Record{}, ErrClosed
	}
	r := Record{
		ID: p.ID, Village: access.Area(p.Village), Grid: access.Area(p.Grid), WeChat: p.WechatIndex != nil, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
	}
	if r.Shown, err = d.inFull(tx, p, copied, reason); err != nil {
		return Record{}, err
	}
	born, err := p.born(d.store.Keys())
	if err != nil {
		return Record{}, err
	}
	r.BirthDate = born.Date()
	proof, proven, err := proofOf(tx.DB, p.ID)
	if err != nil {
		return Record{}, err
	}
	if proven {
		r.Proven = &proof.ProvenAt
	}
	tx.Trail(store.Entry{Act: "person.copy", Kind: "person", Object: p.ID, Area: p.area().Village(), Why: reason, Fields: copied})
	return r, nil
}

// MayReveal says whether the actor may have the resident's values in full: the clerk of his village may.
func (d *Desk) MayReveal(ctx context.Context, actor access.Actor, id string) error {
	_, err := revealable(d.store.Read(ctx), actor, id)
	return err
}

// Noted is a reason in somebody's own words, as the trail may keep it.
func Noted(field, typed string) (string, error) {
	note, err := secret.CleanText(typed, longestNote)
	switch {
	case err != nil:
		return "", fault.Wrong(field, "理由里有不能用的字符，或者太长")
	case len([]rune(note)) < 2:
		return "", fault.Wrong(field, "请写明理由")
	}
	return note, Wordy(note)
}

// PastSession is a log-in as the row has it, over or not.
type PastSession struct {
	ID        string
	Begun     time.Time
	Seen      time.Time
	Ends      time.Time
	EndedAt   *time.Time
	HasDevice bool // the client named its device
}

// PastSessions are all log-ins of the actor that are still kept, the newest first.
func (d *Desk) PastSessions(ctx context.Context, actor access.Actor, after string, limit int) ([]PastSession, error) {
	if !actor.Signed() {
		return nil, fault.NeedLogin
	}
	var rows []sessionRow
	if err := store.Page(d.store.Read(ctx).Where("person = ?", actor.Person), after, limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	return pluck(rows, func(s sessionRow) PastSession {
		return PastSession{s.ID, s.CreatedAt, s.SeenAt, s.IdleUntil, s.EndedAt, s.Device != ""}
	}), nil
}
