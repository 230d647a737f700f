package offline

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/store"
)

// A clerk's phone makes a call by itself, loses the line before the answer, and queues the same act under the same key; or the other way
// round. Whichever way comes second is told what the first one did. So both take the key in the table of keys, which makes two at the same
// moment wait for each other, and both leave a row here, which stays when that table has forgotten.

// Watch makes the claim of a call by itself one that knows of queued acts. form is what is asked, as Alone.Form has it. Calls without login
// have no row: they are known as long as their answer is kept.
func (d *Desk) Watch(claim *store.Claim, actor access.Actor, form []byte) {
	claim.Content = d.content(actor, claim.Caller, claim.Operation, form)
	if actor.Role == access.Clerk {
		claim.Keeper = &single{desk: d, actor: actor, claim: claim}
	}
}

// content is a keyed digest of what is asked. It belongs to the post in which it is asked, where there is one.
func (d *Desk) content(actor access.Actor, caller, name string, form []byte) string {
	post := actor.Post
	if caller != actor.Person {
		post = ""
	}
	return hex.EncodeToString(d.store.Keys().MAC("offline.content", []byte(caller), []byte(post), []byte(name), form))
}

// single keeps the key of a call that was made by itself.
type single struct {
	desk  *Desk
	actor access.Actor
	claim *store.Claim
	row   Row
}

// Stake inserts the row.
func (s *single) Stake(tx *store.Tx) error {
	s.row = Row{
		ID: tx.NewID(), Person: s.actor.Person, ActKey: s.claim.Key, Line: s.claim.Key, Village: s.actor.Area, Act: s.claim.Operation,
		Content: s.claim.Content, DoneAt: tx.Now,
	}
	return tx.Create(&s.row).Error
}

// Settle keeps what the verb answered.
func (s *single) Settle(tx *store.Tx, answer any) error {
	done, err := doneOf(answer)
	if err != nil {
		return err
	}
	return s.desk.settle(tx, &s.row, done)
}

// Replayed: as long as the answer is kept, that one; then only that it was done.
func (s *single) Replayed(ctx context.Context, told error) error {
	if told != nil {
		return told
	}
	var rows []Row
	err := s.desk.store.Read(ctx).Where("person = ? AND act_key = ?", s.actor.Person, s.claim.Key).Limit(1).Find(&rows).Error
	switch {
	case err != nil || len(rows) == 0:
		return err
	case rows[0].Village != s.actor.Area || rows[0].Act != s.claim.Operation || rows[0].Content != s.claim.Content:
		return store.ErrOtherContent
	case s.desk.store.Clock().Now().Sub(rows[0].DoneAt) < s.claim.Keep:
		return nil // it came between the two looks, and its answer is kept: the next look finds it
	}
	return ErrDoneBefore
}

// enter gives an act its place in its line that was done by itself, and answers a *store.Replay.
func (k *keeper) enter(ctx context.Context, how func(*store.Tx) error) error {
	err := k.desk.store.Write(store.WithClaim(ctx, nil), k.actor, how)
	if errors.Is(err, gorm.ErrDuplicatedKey) || errors.Is(err, store.ErrLost) { // another phone of his was faster, or the place has another act
		var own []Row
		if err := k.desk.seenBy(k.actor)(k.desk.store.Read(ctx)).Where("act_key = ? AND seq > 0", k.act.Key).Limit(1).Find(&own).Error; err != nil {
			return err
		}
		if len(own) == 0 {
			return ErrPlaceTaken
		}
		k.row = own[0]
		return k.desk.again(k.actor, k.act, k.row)
	}
	if err != nil {
		return err
	}
	return &store.Replay{}
}

// said is when the phone says that the act was done by itself, where that is before what the row says: what is behind it in the line is held
// against it.
func (k *keeper) said(kept time.Time) *time.Time {
	if k.act.DoneAt == nil {
		return nil
	}
	if at := k.act.DoneAt.UTC().Truncate(time.Second); at.Before(kept) {
		return &at
	}
	return nil
}

// moveIn moves the row of the call by itself into the line.
func (k *keeper) moveIn(tx *store.Tx) error {
	k.row.Line, k.row.Seq, k.row.Digest, k.row.SaidAt = k.act.Line, k.act.Seq, k.desk.digest(k.actor, k.act), k.said(k.row.DoneAt)
	moved := tx.Table("offline_acts").Where("id = ? AND seq = 0", k.row.ID).
		UpdateColumns(map[string]any{"line": k.row.Line, "seq": k.row.Seq, "digest": k.row.Digest, "said_at": k.row.SaidAt})
	if moved.Error == nil && moved.RowsAffected != 1 {
		return store.ErrLost
	}
	return moved.Error
}

// writeDown makes a row of what the call by itself was answered.
func (k *keeper) writeDown(tx *store.Tx, answer store.Answer) error {
	done, err := k.act.Alone.Heard(answer)
	if err != nil {
		return err
	}
	k.row = k.place(tx)
	k.row.SaidAt = k.said(tx.Now)
	if err := tx.Create(&k.row).Error; err != nil {
		return err
	}
	return k.desk.settle(tx, &k.row, done)
}
