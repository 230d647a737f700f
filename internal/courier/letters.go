package courier

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Letters is the desk of the letters that need a person, for the county's system administrator. It runs in every replica, with a courier or without.
type Letters struct{ store *store.Store }

// NewLetters opens it.
func NewLetters(s *store.Store) *Letters { return &Letters{s} }

// ErrNotStuck refuses to release a letter that is on its way or delivered.
var ErrNotStuck = fault.New(fault.Conflict, "letter.not_stuck", "这条消息没有卡住，不用重新投递")

// lettersSeenBy are those of the system administrator's area, and those of none.
func lettersSeenBy(actor access.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		if actor.Role != access.SystemAdmin || actor.Area == "" {
			return db.Where("1 = 0")
		}
		return db.Where("(outbox.area = '' OR outbox.area >= ? AND outbox.area <= ?)", actor.Area, actor.Area+highest)
	}
}

// highest follows the code of every division below one.
const highest = "99999999"

// Stuck lists the letters that need a person, newest first, older than the id after. What they say stays sealed.
func (d *Letters) Stuck(ctx context.Context, actor access.Actor, after string, limit int) ([]store.Letter, error) {
	if err := actor.Must(access.SystemAdmin); err != nil {
		return nil, err
	}
	var list []store.Letter
	query := d.store.Read(ctx).Scopes(lettersSeenBy(actor)).Omit("data").Where("status = ?", store.LetterStuck)
	err := store.Page(query, after, limit).Find(&list).Error
	return list, err
}

// Release sends a stuck letter on its way again, once a system administrator has mended what was wrong. Channels that have
// delivered it do not do so twice; those that failed have as long as the first time. It stands in the trail.
func (d *Letters) Release(ctx context.Context, actor access.Actor, id string) (store.Letter, error) {
	var l store.Letter
	if err := actor.Must(access.SystemAdmin); err != nil {
		return l, err
	}
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		l = store.Letter{}
		err := tx.Scopes(lettersSeenBy(actor)).Omit("data").Where("id = ?", id).Take(&l).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return fault.NotFound
		}
		if err != nil {
			return err
		}
		freed := tx.Model(&store.Letter{}).Where("id = ? AND status = ?", id, store.LetterStuck).
			UpdateColumns(map[string]any{"status": store.LetterWaiting, "attempts": 0, "next_at": tx.Now})
		if freed.Error != nil {
			return freed.Error
		}
		if freed.RowsAffected != 1 {
			return ErrNotStuck
		}
		l.Status, l.Attempts, l.NextAt = store.LetterWaiting, 0, tx.Now
		tx.Trail(store.Entry{Act: "letter.release", Kind: "letter", Object: id, Area: access.Area(l.Area), From: store.LetterStuck, To: store.LetterWaiting})
		tx.Answer(l)
		return tx.Where("letter = ?", id).Delete(&trouble{}).Error
	})
	return l, err
}
