package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/secret"
)

// Claim is an Idempotency-Key that a request brought. Registration puts it into the context; Write commits it with the work.
type Claim struct {
	Caller    string                           // person id, or "open:" and the operation on calls without login
	Key       string                           // 8 to 64 visible ASCII characters
	Operation string                           // the route's name
	Hash      string                           // hex SHA-256 of operation, path and body
	Content   string                           // keyed digest of the same, in one form for each way by which it may come; empty where there is one way
	Keep      time.Duration                    // how long a repetition is answered
	View      func(answer any) (Answer, error) // set by the handler before it calls the verb; pure
	Keeper    Keeper                           // keeps it longer than the table of keys, in another one; nil for nowhere

	over time.Time // when the time of the row was over that lies in its place
}

// Keeper keeps keys beside the table of those that are soon forgotten, such as those of acts which a phone may queue without a network:
// they are never forgotten. What it writes is in the commit of the verb's own work.
type Keeper interface {
	Stake(tx *Tx) error                             // inserts the key, before all but the claim; gorm.ErrDuplicatedKey when it came before
	Settle(tx *Tx, answer any) error                // keeps what the verb answered, last of all
	Replayed(ctx context.Context, told error) error // has the last word on what the table of keys told: a *Replay, a fault, or nil when the key was not there
}

// sameAs says whether the row is of this very request.
func (c *Claim) sameAs(row idempotencyRow) bool {
	alike := c.Hash != "" && c.Hash == row.Hash || c.Content != "" && c.Content == row.Content
	return row.Operation == c.Operation && alike
}

// Answer is what the caller was told.
type Answer struct {
	Location string
	Body     []byte // JSON
}

// packed is the answer as it is sealed: a line with the location, then the body byte by byte as it went out.
func (a Answer) packed() []byte { return append([]byte(a.Location+"\n"), a.Body...) }

func unpack(packed []byte) Answer {
	location, body, _ := bytes.Cut(packed, []byte("\n"))
	return Answer{string(location), body}
}

// Replay is the error by which Write says that this request was done before: nothing was done again.
type Replay struct{ Answer }

func (*Replay) Error() string { return "store: done before" }

var (
	// ErrOtherContent refuses a key that came before with another content.
	ErrOtherContent = fault.New(fault.Invalid, "idempotency.other_content", "这个提交编号已经用过，内容却不一样，请重新填写后再提交")
	// ErrInProgress means that the first sender of the key is still at work.
	ErrInProgress = fault.New(fault.Conflict, "idempotency.in_progress", "上一次提交还在处理，请稍等几秒再试")

	errClaimed = errors.New("store: the key was claimed before")
	errHeld    = errors.New("store: another sender of the key is at work")
)

type claimKey struct{}

// WithClaim puts a claim into the context for Write.
func WithClaim(ctx context.Context, c *Claim) context.Context {
	return context.WithValue(ctx, claimKey{}, c)
}

// ClaimFrom is the claim that WithClaim put there, or nil.
func ClaimFrom(ctx context.Context) *Claim {
	c, _ := ctx.Value(claimKey{}).(*Claim)
	return c
}

type idempotencyRow struct {
	Caller    string `gorm:"primaryKey"`
	IdemKey   string `gorm:"primaryKey"`
	Operation string
	Hash      string
	Content   string
	Answer    []byte
	CreatedAt time.Time
	ExpiresAt time.Time
}

func (idempotencyRow) TableName() string { return "idempotency" }

func (c *Claim) where() secret.Where {
	return secret.Where{Table: "idempotency", Column: "answer", Row: c.Caller + "|" + c.Key}
}

// Answer is what the caller is told: the verb's own value. A verb that a keyed request reaches calls it once, last.
func (tx *Tx) Answer(v any) { tx.answer, tx.said = v, true }

// ForgetAnswers drops what is kept to answer this caller's earlier requests again: it may hold his name. The claim under way
// stays.
func (tx *Tx) ForgetAnswers(caller string) error {
	db := tx.Where("caller = ?", caller)
	if tx.claim != nil && tx.claim.Caller == caller {
		db = db.Where("idem_key <> ?", tx.claim.Key)
	}
	return db.Delete(&idempotencyRow{}).Error
}

// stake inserts the claim first of all: a second sender of the same key waits here for the first one's commit. A row whose time is over
// makes room in the same transaction, that very row and no other: of many senders one finds it, and it stays if the verb fails.
func (tx *Tx) stake() error {
	if tx.claim == nil {
		return nil
	}
	if !tx.claim.over.IsZero() {
		err := tx.Where("caller = ? AND idem_key = ? AND expires_at = ?", tx.claim.Caller, tx.claim.Key, tx.claim.over).Delete(&idempotencyRow{}).Error
		if err != nil {
			return tx.held(err)
		}
	}
	row := idempotencyRow{
		Caller: tx.claim.Caller, IdemKey: tx.claim.Key, Operation: tx.claim.Operation, Hash: tx.claim.Hash, Content: tx.claim.Content,
		CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(tx.claim.Keep),
	}
	err := tx.Create(&row).Error
	if k := tx.claim.Keeper; err == nil && k != nil {
		err = k.Stake(tx)
	}
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return errClaimed
	}
	return tx.held(err)
}

// held marks the wait for the first sender of a key, who is not done yet.
func (tx *Tx) held(err error) error {
	if err != nil && tx.store.engine.retry(err) {
		return fmt.Errorf("%w: %w", errHeld, err)
	}
	return err
}

// settle stores the rendered answer, encrypted: it holds names and query codes.
func (tx *Tx) settle() error {
	if tx.claim == nil {
		return nil
	}
	if !tx.said {
		return errors.New("store: a verb under an idempotency key gave no answer")
	}
	answer, err := tx.claim.View(tx.answer)
	if err != nil {
		return err
	}
	if k := tx.claim.Keeper; k != nil {
		if err := k.Settle(tx, tx.answer); err != nil {
			return err
		}
	}
	return tx.Model(&idempotencyRow{}).Where("caller = ? AND idem_key = ?", tx.claim.Caller, tx.claim.Key).
		UpdateColumn("answer", tx.store.keys.Seal(tx.claim.where(), answer.packed())).Error
}

// replay answers from the committed claim. It answers nil when there is none: the first sender rolled back,
// or its time was over and the row has been swept.
func (s *Store) replay(ctx context.Context, c *Claim) error {
	err := s.heard(ctx, c)
	if c.Keeper == nil {
		return err
	}
	_, before := errors.AsType[*Replay](err)
	if err != nil && !before && !errors.Is(err, ErrOtherContent) {
		return err
	}
	return c.Keeper.Replayed(ctx, err)
}

// heard is what the table of keys tells.
func (s *Store) heard(ctx context.Context, c *Claim) error {
	var row idempotencyRow
	err := s.Read(ctx).Where("caller = ? AND idem_key = ?", c.Caller, c.Key).Take(&row).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return nil
	case err != nil:
		return err
	case s.over(ctx, row.ExpiresAt): // as if it had never been
		c.over = row.ExpiresAt
		return nil
	case !c.sameAs(row):
		return ErrOtherContent
	}
	plain, err := s.keys.Open(c.where(), row.Answer)
	if err != nil {
		return err
	}
	return &Replay{unpack(plain)}
}

// over: by a clock that may be wrong nothing is, else what was done would be done twice.
func (s *Store) over(ctx context.Context, at time.Time) bool {
	return !at.After(s.clock.Now()) && s.ClockFits(ctx) == nil
}

// Replayed answers a *Replay when the request in ctx was done before, so that a verb need not do its work, or judge by today's
// rules, what was accepted once. nil decides nothing: Write has the last word.
func (s *Store) Replayed(ctx context.Context) error {
	claim := ClaimFrom(ctx)
	if claim == nil {
		return nil
	}
	return s.replay(ctx, claim)
}

// SweepClaims forgets the keys whose time is over, until there are none or ctx ends, and says how many.
func (s *Store) SweepClaims(ctx context.Context) (swept int64, err error) {
	for ctx.Err() == nil {
		n, err := s.sweepSome(ctx)
		swept += n
		if err != nil || n == 0 {
			return swept, err
		}
	}
	return swept, nil
}

func (s *Store) sweepSome(ctx context.Context) (swept int64, err error) {
	err = s.Write(ctx, access.Round(""), func(tx *Tx) error {
		var old []idempotencyRow
		if err := tx.Select("caller, idem_key").Where("expires_at < ?", tx.Now).Limit(500).Find(&old).Error; err != nil {
			return err
		}
		swept = 0
		for _, row := range old {
			// By its time again: in its place there may be one that was claimed since.
			done := tx.Where("caller = ? AND idem_key = ? AND expires_at < ?", row.Caller, row.IdemKey, tx.Now).Delete(&idempotencyRow{})
			if done.Error != nil {
				return done.Error
			}
			swept += done.RowsAffected
		}
		return nil
	})
	return swept, err
}
