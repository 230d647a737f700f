package offline

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/errand"
	"tongban/internal/notice"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// keeper keeps one act's key and what came of it, in the commit of the verb's own work.
type keeper struct {
	desk  *Desk
	actor access.Actor
	act   Act
	row   Row // as written, or as found
	done  Done
	kept  bool
}

func (k *keeper) claim() *store.Claim {
	return &store.Claim{Caller: k.actor.Person, Key: k.act.Key, Operation: "offline." + k.act.Name, View: k.view, Keeper: k}
}

// Stake inserts the row before anything else: whoever sends the same act at this moment waits here.
func (k *keeper) Stake(tx *store.Tx) error {
	k.row = Row{
		ID: tx.NewID(), Person: k.actor.Person, ActKey: k.act.Key, Line: k.act.Line, Seq: k.act.Seq, Village: k.actor.Area,
		Act: k.act.Name, Digest: k.desk.digest(k.actor, k.act), DoneAt: tx.Now,
	}
	return tx.Create(&k.row).Error
}

// view takes down what the verb answered. It may run more than once, in transactions that are tried again.
func (k *keeper) view(answer any) (store.Answer, error) {
	done, err := doneOf(answer)
	if err != nil {
		return store.Answer{}, err
	}
	k.done = done
	body, err := json.Marshal(done)
	return store.Answer{Body: body}, err
}

// Settle keeps it on the row.
func (k *keeper) Settle(tx *store.Tx, answer store.Answer) error {
	k.row.ThingKind, k.row.Thing, k.row.Part = k.done.Kind, k.done.ID, k.done.Part
	k.row.Answer = k.desk.store.Keys().Seal(sealed(k.row.ID), answer.Body)
	k.kept = true
	return tx.Table("offline_acts").Where("id = ?", k.row.ID).UpdateColumns(map[string]any{
		"thing_kind": k.row.ThingKind, "thing": k.row.Thing, "part": k.row.Part, "answer": k.row.Answer,
	}).Error
}

// Replayed looks for the committed row that stood in the way: of this act, or of another one in its place of the line.
func (k *keeper) Replayed(ctx context.Context) error {
	db := k.desk.store.Read(ctx)
	var own, others []Row
	if err := k.desk.seenBy(k.actor)(db).Where("act_key = ?", k.act.Key).Limit(1).Find(&own).Error; err != nil {
		return err
	}
	if len(own) == 1 {
		k.row = own[0]
		return k.desk.again(k.actor, k.act, own[0])
	}
	held := "(act_key = ? OR (line = ? AND seq = ?))"
	if err := db.Select("id", "act_key").Where("person = ?", k.actor.Person).Where(held, k.act.Key, k.act.Line, k.act.Seq).Find(&others).Error; err != nil {
		return err
	}
	switch {
	case slices.ContainsFunc(others, func(other Row) bool { return other.ActKey == k.act.Key }):
		return store.ErrOtherContent // done in another village, of which he is clerk no more
	case len(others) > 0:
		return ErrPlaceTaken
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

func (row Row) thing() Thing { return Thing{row.ThingKind, row.Thing, row.Part} }

func (d *Desk) digest(actor access.Actor, a Act) string {
	return hex.EncodeToString(d.store.Keys().MAC("offline", []byte(actor.Person), []byte(a.Line), []byte(strconv.Itoa(a.Seq)), []byte(a.Name), a.Content))
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
