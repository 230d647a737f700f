package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
)

// Message is news for the courier: it is stored with the change and delivered after the commit, at least once.
type Message struct {
	Topic  string // such as appeal.dispatch
	Kind   string // kind of the object, such as appeal
	Object string // id
	Area   access.Area
	Data   any // JSON; ids only, no personal values
}

// Emit puts a message into the outbox of this transaction.
func (tx *Tx) Emit(m Message) { tx.told = append(tx.told, m) }

// Letter is a message as it lies in the outbox.
type Letter struct {
	ID         string `gorm:"primaryKey"` // also the Idempotency-Key of whatever is sent outside
	Topic      string
	Kind       string
	Object     string
	Area       string
	Data       string // JSON
	Status     string // waiting, done or stuck
	Attempts   int
	NextAt     time.Time // program clock: the back-off
	LeaseOwner string
	LeaseUntil *time.Time // database time
	LastError  string
	CreatedAt  time.Time
	DoneAt     *time.Time
}

func (Letter) TableName() string { return "outbox" }

// The states of a letter.
const (
	LetterWaiting = "waiting"
	LetterDone    = "done"
	LetterStuck   = "stuck" // gave up: needs a person
)

func (tx *Tx) post() error {
	if len(tx.told) == 0 {
		return nil
	}
	letters := make([]Letter, 0, len(tx.told))
	for _, m := range tx.told {
		data, err := json.Marshal(m.Data)
		if err != nil {
			return err
		}
		letters = append(letters, Letter{
			ID: tx.NewID(), Topic: m.Topic, Kind: m.Kind, Object: m.Object, Area: string(m.Area), Data: string(data),
			Status: LetterWaiting, NextAt: tx.Now, CreatedAt: tx.Now,
		})
	}
	return tx.CreateInBatches(&letters, chunk).Error
}

// Due lists letters whose time has come and that nobody holds, oldest first. A held letter is in the list again once its
// lease ran out: its courier died.
func (s *Store) Due(ctx context.Context, most int) ([]Letter, error) {
	var letters []Letter
	err := s.Read(ctx).Where("status = ? AND next_at <= ?", LetterWaiting, s.clock.Now()).
		Where("(lease_until IS NULL OR lease_until < " + s.engine.now + ")").
		Order("next_at, id").Limit(most).Find(&letters).Error
	return letters, err
}

// Undelivered counts the letters that wait and those that need a person, by status.
func (s *Store) Undelivered(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{LetterWaiting: 0, LetterStuck: 0}
	for status := range counts {
		var n int64
		if err := s.Read(ctx).Table("outbox").Where("status = ?", status).Count(&n).Error; err != nil {
			return nil, err
		}
		counts[status] = n
	}
	return counts, nil
}

// Lease takes a letter for owner for the given time, by the database's clock, and says whether it was taken.
func (s *Store) Lease(ctx context.Context, id, owner string, length time.Duration) (bool, error) {
	var taken bool
	err := s.Write(ctx, access.Round(""), func(tx *Tx) error {
		done := tx.Exec("UPDATE outbox SET lease_owner = ?, lease_until = "+s.engine.soon+", attempts = attempts + 1"+
			" WHERE id = ? AND status = ? AND (lease_until IS NULL OR lease_until < "+s.engine.now+")",
			owner, int(length.Seconds()), id, LetterWaiting)
		taken = done.RowsAffected == 1
		return done.Error
	})
	return taken, err
}

// Delivered marks a letter in the transaction that holds the delivery's effect; it fails with ErrLost when the lease
// went to somebody else meanwhile, so that the effect is not kept twice.
func (tx *Tx) Delivered(id, owner string) error {
	done := tx.Table("outbox").Where("id = ? AND lease_owner = ? AND status = ?", id, owner, LetterWaiting).
		UpdateColumns(map[string]any{"status": LetterDone, "done_at": tx.Now, "lease_until": nil, "last_error": ""})
	if done.Error == nil && done.RowsAffected != 1 {
		return ErrLost
	}
	return done.Error
}

// Failed gives a letter back: to be tried again at next, or stuck when next is zero.
func (tx *Tx) Failed(id, owner string, next time.Time, reason string) error {
	set := map[string]any{"lease_until": nil, "last_error": reason[:min(len(reason), 255)]}
	if next.IsZero() {
		set["status"] = LetterStuck
	} else {
		set["next_at"] = next.UTC().Truncate(time.Second)
	}
	return tx.Table("outbox").Where("id = ? AND lease_owner = ?", id, owner).UpdateColumns(set).Error
}

// TakeBack closes stuck letters about these objects, whose business a person has done by hand; ErrLost when one of them is on its way again.
func (tx *Tx) TakeBack(kind string, objects ...string) error {
	done := tx.Table("outbox").Where("kind = ? AND object IN ? AND status = ?", kind, objects, LetterStuck).
		UpdateColumns(map[string]any{"status": LetterDone, "done_at": tx.Now})
	if done.Error == nil && done.RowsAffected != int64(len(objects)) {
		return ErrLost
	}
	return done.Error
}

// forUpdate locks the rows that a transaction is about to change, where the engine has row locks.
func forUpdate(db *gorm.DB) *gorm.DB { return db.Clauses(lockRows) }
