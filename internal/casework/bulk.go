package casework

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"tongban/internal/access"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// mostAtOnce is how many cases one call decides.
const mostAtOnce = 50

// The outcomes of one case in a call on many.
const (
	BulkDone     = "done"
	BulkConflict = "conflict" // it stands otherwise than the caller saw, or its state forbids the act
	BulkRefused  = "refused"  // it is not his, not there, or the act is wrong
)

// Chosen is one case of a call on many.
type Chosen struct {
	ID      string
	Version int // that the caller saw; 0 when he does not say
}

// InstantGranting grants instant cases together, with the same words.
type InstantGranting struct {
	Cases []Chosen
	Text  string // the applicants read it
}

// BulkLine is what became of one of them.
type BulkLine struct {
	ID      string
	Outcome string
	Code    string // of the fault; empty when done
	Message string // in Chinese
	Status  flow.State
	Version int
}

// GrantInstant accepts and decides instant cases (即办件), each as if by a call of its own: in its own transaction, with its own
// trail and documents, and answered by itself. The call's key stands for these very cases from its beginning, and each line is kept under a
// key of its own, done or not: whoever repeats the call is told line by line what the first one was told, wherever that one broke off and
// even while it is at work, and the rest is done. An error means that the rest was not tried: the caller repeats with the same key.
func (d *Desk) GrantInstant(ctx context.Context, actor access.Actor, in InstantGranting) ([]BulkLine, error) {
	if err := actor.Must(decider); err != nil {
		return nil, err
	}
	if len(in.Cases) == 0 || len(in.Cases) > mostAtOnce {
		return nil, fault.Wrong("body.cases", fmt.Sprintf("一次可以办 1 到 %d 件", mostAtOnce))
	}
	if _, err := docket.Typed("body.text", in.Text, 0, longestText); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i, c := range in.Cases {
		if seen[c.ID] {
			return nil, fault.Wrong(fmt.Sprintf("body.cases.%d.id", i), "写了两次")
		}
		seen[c.ID] = true
	}
	if err := d.beginBulk(ctx, actor); err != nil {
		return nil, err
	}
	lines := make([]BulkLine, 0, len(in.Cases))
	for _, c := range in.Cases {
		line, err := d.grantOne(ctx, actor, c, in.Text)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, d.store.Write(ctx, actor, func(tx *store.Tx) error { // the whole answer, under the call's own key
		tx.Answer(lines)
		return nil
	})
}

// beginBulk commits the call's key before any case is touched: with other cases it is refused then, however far the first call came.
func (d *Desk) beginBulk(ctx context.Context, actor access.Actor) error {
	claim := store.ClaimFrom(ctx)
	if claim == nil {
		return nil
	}
	begun := claimFor(claim, "", func(any) ([]byte, error) { return []byte("{}"), nil })
	err := d.store.Write(store.WithClaim(ctx, begun), actor, func(tx *store.Tx) error {
		tx.Answer(nil)
		return nil
	})
	if _, before := errors.AsType[*store.Replay](err); before {
		return nil
	}
	return err
}

// keepLine keeps under the case's key that nothing was done, and why. A sender of the same call who was faster has the last word.
func (d *Desk) keepLine(ctx context.Context, actor access.Actor, own *store.Claim, line BulkLine) (BulkLine, error) {
	if own == nil {
		return line, nil
	}
	own.View = func(any) (store.Answer, error) {
		body, err := json.Marshal(line)
		return store.Answer{Body: body}, err
	}
	err := d.store.Write(store.WithClaim(ctx, own), actor, func(tx *store.Tx) error {
		tx.Answer(line)
		return nil
	})
	if before, ok := errors.AsType[*store.Replay](err); ok {
		line = BulkLine{}
		err = json.Unmarshal(before.Body, &line)
	}
	return line, err
}

// grantOne decides one of them, under a key of its own that comes from the call's.
func (d *Desk) grantOne(ctx context.Context, actor access.Actor, c Chosen, text string) (BulkLine, error) {
	line := BulkLine{ID: c.ID, Outcome: BulkDone}
	done := func(s Seen) BulkLine {
		l := line
		l.Status, l.Version = s.Status, s.Version
		return l
	}
	own := store.ClaimFrom(ctx)
	if own != nil {
		own = claimFor(own, c.ID, func(v any) ([]byte, error) { return json.Marshal(done(v.(Seen))) })
	}
	granted, err := d.act(store.WithClaim(ctx, own), actor, c.ID, c.Version, Grant, func(s *step) error {
		if s.row.Status != Received {
			return ErrOnlyInstant
		}
		return s.grant(Granting{Text: text})
	})
	if before, ok := errors.AsType[*store.Replay](err); ok {
		line = BulkLine{}
		err = json.Unmarshal(before.Body, &line)
		return line, err
	}
	if err == nil {
		return done(granted), nil
	}
	told := fault.Of(err)
	switch {
	case errors.Is(err, store.ErrInProgress), errors.Is(err, store.ErrOtherContent):
		return line, err
	case told.Kind == fault.Conflict:
		line.Outcome = BulkConflict
	case told.Kind == fault.Forbidden, told.Kind == fault.Missing, told.Kind == fault.Invalid:
		line.Outcome = BulkRefused
	default:
		return line, err
	}
	line.Code, line.Message = told.Code, told.Title
	if told.Current != nil {
		line.Status, line.Version = flow.State(told.Current.Status), told.Current.Version
	}
	return d.keepLine(ctx, actor, own, line)
}

// claimFor is the idempotency key of one case within a call on many: the same call on the same case has the same one.
func claimFor(of *store.Claim, id string, answer func(any) ([]byte, error)) *store.Claim {
	digest := func(text string) string {
		sum := sha256.Sum256([]byte(text + "|" + id))
		return hex.EncodeToString(sum[:])
	}
	return &store.Claim{
		Caller: of.Caller, Key: digest(of.Key), Operation: of.Operation, Hash: digest(of.Hash), Keep: of.Keep,
		View: func(v any) (store.Answer, error) {
			body, err := answer(v)
			return store.Answer{Body: body}, err
		},
	}
}
