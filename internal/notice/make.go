package notice

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Request asks for a notice.
type Request struct {
	ItemID  string
	Village access.Area         // where the villager lives; decides the offices
	Answers map[string][]string // question → options chosen
	Name    string              // optional, as typed
}

// What may be made in a day: far more than any village needs, far less than would bury its numbers.
var (
	ofVillage = store.Allowance{Kind: "notice_village", Most: 2000, Window: 24 * time.Hour}
	ofCounty  = store.Allowance{Kind: "notice_county", Most: 20_000, Window: 24 * time.Hour}
)

// MadeBefore answers a *store.Replay when the request in ctx got its notice already.
func (d *Desk) MadeBefore(ctx context.Context) error { return d.store.Replayed(ctx) }

// ration counts a notice in the commit that makes it.
func ration(tx *store.Tx, village access.Area) error {
	for _, part := range []struct {
		of   store.Allowance
		area access.Area
	}{{ofVillage, village}, {ofCounty, village.County()}} {
		wait, err := tx.Try(part.of, string(part.area))
		if err != nil {
			return err
		}
		if wait > 0 {
			return ErrTooMany.After(wait)
		}
	}
	return nil
}

// Make writes a notice for anybody, from the item as published now. Who cannot apply gets none, but the reason:
// nobody shall gather papers for nothing.
func (d *Desk) Make(ctx context.Context, actor access.Actor, r Request) (Made, error) {
	guide, err := d.items.Guide(r.ItemID)
	if err != nil {
		return Made{}, err
	}
	village, name, err := d.check(ctx, r)
	if err != nil {
		return Made{}, err
	}
	answers := catalog.Tidy(r.Answers)
	list, err := guide.Prune(answers, nil)
	if err != nil {
		return Made{}, err
	}
	if !list.Eligible {
		return Made{}, ErrNotEligible.With("%s", list.Reason)
	}
	text, err := json.Marshal(answers)
	if err != nil {
		return Made{}, err
	}
	var made Made
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		keys := d.store.Keys()
		id := tx.NewID()
		n := row{
			ID: id, Code: catalog.NewCode(codeBody), Item: guide.ID, Version: guide.Version,
			Answers: keys.Seal(sealedAnswers(id), text), Name: name.Seal(keys, sealedName(id)),
			County: r.Village.County(), Town: r.Village.Town(), Village: r.Village, CreatedAt: tx.Now,
		}
		tx.Trail(store.Entry{Act: "notice.make", Kind: "notice", Object: id, Area: r.Village})
		if err := ration(tx, r.Village); err != nil {
			return err
		}
		number, err := tx.Number("GZ", r.Village)
		if err != nil {
			return err
		}
		code, kept, err := tx.QueryCode(number)
		if err != nil {
			return err
		}
		n.Number, n.QueryMAC = number, kept
		if err := tx.Create(&n).Error; err != nil {
			return err
		}
		made = Made{Notice: d.assemble(n, village, name, answers, list), QueryCode: code}
		tx.Answer(made)
		return nil
	})
	if err != nil {
		return Made{}, err
	}
	return made, nil
}

// check looks at what can be wrong beside the answers, which the item itself judges.
func (d *Desk) check(ctx context.Context, r Request) (village account.Area, name secret.Name, err error) {
	var wrong []fault.Field
	if r.Village.Level() == access.VillageLevel {
		village, err = d.accounts.Live(ctx, r.Village)
	}
	if err != nil && !errors.Is(err, fault.NotFound) {
		return village, name, err
	}
	if village.Code == "" {
		wrong = append(wrong, fault.Field{Location: "body.village", Message: "没有这个村，请重新选择"})
	}
	if r.Name != "" {
		if name, err = secret.ParseName(r.Name); err != nil {
			wrong = append(wrong, fault.Field{Location: "body.name", Message: fault.Of(err).Title})
		}
	}
	if len(wrong) > 0 {
		return village, name, fault.BadField.At(wrong...)
	}
	return village, name, nil
}

// codeBody makes the code longer than those on walls: who has it opens the notice, and 55 random bits are far beyond guessing.
const codeBody = 11
