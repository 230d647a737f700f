package offline

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/errand"
	"tongban/internal/notice"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// keeper keeps one act's key and what came of it, in the commit of the verb's own work.
type keeper struct {
	desk    *Desk
	actor   access.Actor
	act     Act
	content string
	row     Row // as written, or as found
	kept    bool
}

func (k *keeper) claim() *store.Claim {
	caller, view := k.act.Alone.Caller, k.act.Alone.Answer
	if caller == "" {
		caller = k.actor.Person
	}
	if view == nil {
		view = func(any) (store.Answer, error) { return store.Answer{}, nil }
	}
	return &store.Claim{Caller: caller, Key: k.act.Key, Operation: k.act.Name, Content: k.content, Keep: k.act.Alone.Keep, View: view, Keeper: k}
}

// Stake inserts the row before anything else: whoever sends the same act at this moment, either way, waits here.
func (k *keeper) Stake(tx *store.Tx) error {
	k.row = k.place(tx)
	if at := tx.When(nil); at.Before(tx.Now) {
		k.row.SaidAt = &at
	}
	return tx.Create(&k.row).Error
}

// place is the act's row in its line, before anything was done.
func (k *keeper) place(tx *store.Tx) Row {
	return Row{
		ID: tx.NewID(), Person: k.actor.Person, ActKey: k.act.Key, Line: k.act.Line, Seq: k.act.Seq, Village: k.actor.Area,
		Act: k.act.Name, Content: k.content, Digest: k.desk.digest(k.actor, k.act), DoneAt: tx.Now,
	}
}

// Settle keeps on the row what the verb answered.
func (k *keeper) Settle(tx *store.Tx, answer any) error {
	done, err := doneOf(answer)
	if err == nil {
		err = k.desk.settle(tx, &k.row, done)
	}
	k.kept = err == nil
	return err
}

func (d *Desk) settle(tx *store.Tx, row *Row, done Done) error {
	body, err := json.Marshal(done)
	if err != nil {
		return err
	}
	row.ThingKind, row.Thing, row.Part = done.Kind, done.ID, done.Part
	row.Answer = d.store.Keys().Seal(sealed(row.ID), body)
	return tx.Model(&Row{}).Where("id = ?", row.ID).UpdateColumns(map[string]any{
		"thing_kind": row.ThingKind, "thing": row.Thing, "part": row.Part, "answer": row.Answer,
	}).Error
}

// Replayed looks for the committed row that stood in the way: of this act, queued or by itself, or of another one in its place of the line.
func (k *keeper) Replayed(ctx context.Context, told error) error {
	db := k.desk.store.Read(ctx)
	var own, others []Row
	if err := k.desk.seenBy(k.actor)(db).Where("act_key = ?", k.act.Key).Limit(1).Find(&own).Error; err != nil {
		return err
	}
	if len(own) == 1 {
		if k.row = own[0]; k.row.Seq > 0 {
			return k.desk.again(k.actor, k.act, k.row)
		}
		if k.row.Act != k.act.Name || k.content == "" || k.row.Content != k.content {
			return store.ErrOtherContent
		}
		return k.enter(ctx, k.moveIn)
	}
	held := "(act_key = ? OR (line = ? AND seq = ?))"
	if err := db.Select("id", "act_key", "village").Where("person = ?", k.actor.Person).Where(held, k.act.Key, k.act.Line, k.act.Seq).Find(&others).Error; err != nil {
		return err
	}
	before, made := errors.AsType[*store.Replay](told)
	switch {
	case slices.ContainsFunc(others, func(other Row) bool { return other.ActKey == k.act.Key && other.Village == k.actor.Area }):
		return k.Replayed(ctx, told) // it came between the two looks, and stays
	case slices.ContainsFunc(others, func(other Row) bool { return other.ActKey == k.act.Key }):
		return store.ErrOtherContent // done in another village, of which he is clerk no more
	case len(others) > 0:
		return ErrPlaceTaken
	case made && k.act.Alone.Heard != nil:
		return k.enter(ctx, func(tx *store.Tx) error { return k.writeDown(tx, before.Answer) })
	case told != nil:
		return store.ErrOtherContent
	}
	return nil
}

// again is the answer to an act that is on that row: a *store.Replay, or that its content was another.
func (d *Desk) again(actor access.Actor, a Act, row Row) error {
	if !hmac.Equal([]byte(d.digest(actor, a)), []byte(row.Digest)) {
		return store.ErrOtherContent
	}
	return &store.Replay{}
}

// doneOn is what the row tells. Of an old one only what was made, by its id.
func (d *Desk) doneOn(row Row) (Done, error) {
	done := Done{Thing: row.thing()}
	if len(row.Answer) == 0 {
		return done, nil
	}
	plain, err := d.store.Keys().Open(sealed(row.ID), row.Answer)
	if err == nil {
		err = json.Unmarshal(plain, &done)
	}
	return done, err
}

// when it was done, as far as anybody said.
func (row Row) when() time.Time {
	if row.SaidAt != nil {
		return *row.SaidAt
	}
	return row.DoneAt
}

func (row Row) thing() Thing { return Thing{row.ThingKind, row.Thing, row.Part} }

func (d *Desk) digest(actor access.Actor, a Act) string {
	parts := [][]byte{[]byte(actor.Person), []byte(a.Line), []byte(strconv.Itoa(a.Seq)), []byte(a.Name), a.Content}
	if a.DoneAt != nil {
		parts = append(parts, []byte(a.DoneAt.UTC().Format(time.RFC3339)))
	}
	return hex.EncodeToString(d.store.Keys().MAC("offline", parts...))
}

// doneOf reads the answer of a desk's verb.
func doneOf(answer any) (Done, error) {
	switch v := answer.(type) {
	case notice.Made:
		return Done{Thing: Thing{Kind: "notice", ID: v.ID}, Number: v.Number, QueryCode: v.QueryCode, Code: v.Code}, nil
	case casework.Seen:
		return Done{Thing: Thing{Kind: "case", ID: v.ID}, Number: v.Number, Version: v.Version}, nil
	case casework.Receipt:
		done, err := doneOf(v.Case)
		done.QueryCode = v.QueryCode
		return done, err
	case errand.Seen:
		done := Done{Thing: Thing{Kind: "errand", ID: v.ID}, Number: v.Number, CaseNumber: v.CaseNumber, Version: v.Version}
		if n := len(v.Papers); n > 0 {
			done.Part = v.Papers[n-1].ID
		}
		return done, nil
	case errand.Filed:
		done, err := doneOf(v.Errand)
		done.QueryCode = v.QueryCode
		return done, err
	}
	return Done{}, fmt.Errorf("offline: a verb answered %T", answer)
}

func sealed(id string) secret.Where {
	return secret.Where{Table: "offline_acts", Column: "answer", Row: id}
}
