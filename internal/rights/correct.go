package rights

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/secret"
	"tongban/internal/store"
)

var (
	// ErrAskedAlready refuses a second open correction of the same field.
	ErrAskedAlready = fault.New(fault.Conflict, "rights.asked_already", "这一项您已经申请过更正，正在等村里核对")
	// ErrAskedOften bounds what one resident gives his clerk to do.
	ErrAskedOften = fault.New(fault.TooMany, "rights.asked_often", "您今天申请更正的次数太多了，请明天再来")
	// ErrPapersDiffer refuses what the clerk typed from the papers, when it is not what was asked for.
	ErrPapersDiffer = fault.New(fault.Invalid, "rights.papers_differ", "您照证件填写的和群众申请的不一样，请再核对；确实不一样就选“不同意”并说明理由")
	errNoVillage    = fault.Wrong("body.field", "您还没有填写住在哪个村，请先补填")
)

var asks = store.Allowance{Kind: "correction", Most: 10, Window: 24 * time.Hour}

// correctionRow is what a resident asks to have corrected. Value, reason and answer are sealed: each may say who somebody is.
type correctionRow struct {
	ID        string `gorm:"primaryKey"`
	Person    string
	Village   access.Area // whose clerk decides
	Field     account.Field
	Value     []byte
	Reason    []byte
	Answer    []byte
	Status    flow.State
	Version   int
	OpenField *string // person and field while it is open; unique
	DecidedBy string  // person id; kept as evidence, no view tells it
	DecidedAt *time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
}

func (correctionRow) TableName() string { return "corrections" }

// Correction is one as its two sides know it. The value is masked: the clerk has the papers before him.
type Correction struct {
	ID, Person       string
	PersonName       secret.Name
	Field            account.Field
	FieldText, Value string
	Reason, Answer   string
	Status           flow.State
	StatusText       string
	Version          int
	CreatedAt        time.Time
	DecidedAt        *time.Time
	Offers           []flow.Offer
}

const longestReason = 200

// AskCorrection is done by the resident for what he cannot change himself.
func (d *Desk) AskCorrection(ctx context.Context, actor access.Actor, field account.Field, value, reason string) (Correction, error) {
	if err := actor.Must(access.Resident); err != nil {
		return Correction{}, err
	}
	if _, err := d.People.ReadCorrection(field, value); err != nil {
		return Correction{}, err
	}
	reason, err := words("body.reason", reason)
	if err != nil {
		return Correction{}, err
	}
	if actor.Area == "" {
		return Correction{}, errNoVillage
	}
	var done Correction
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		if err := account.Hold(tx, actor.Person); err != nil {
			return err
		}
		open := actor.Person + "|" + string(field)
		row := correctionRow{
			ID: tx.NewID(), Person: actor.Person, Village: actor.Area, Field: field, Status: Asked, Version: 1, OpenField: &open, CreatedAt: tx.Now, UpdatedAt: tx.Now,
		}
		row.Value = d.store.Keys().Seal(sealedAt("value", row.ID), []byte(value))
		row.Reason = d.store.Keys().Seal(sealedAt("reason", row.ID), []byte(reason))
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if wait, err := tx.Try(asks, actor.Person); err != nil {
			return err
		} else if wait > 0 {
			return ErrAskedOften.After(wait)
		}
		tx.Trail(store.Entry{Act: "correction.ask", Kind: "correction", Object: row.ID, Area: row.Village, To: string(row.Status), Fields: []string{string(field)}})
		if done, err = d.shown(ctx, actor, row); err != nil {
			return err
		}
		tx.Answer(done)
		return nil
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		err = ErrAskedAlready
	}
	return done, err
}

// words are a reason in somebody's own words.
func words(field, typed string) (string, error) {
	text, err := secret.CleanText(typed, longestReason)
	if err != nil || len([]rune(text)) < 2 {
		return "", fault.Wrong(field, "请写明理由，最多 200 个字")
	}
	return text, nil
}

// Corrections lists those that the actor sees, the newest first; of a clerk, if he wants, only those that wait for him.
func (d *Desk) Corrections(ctx context.Context, actor access.Actor, open bool, after string, limit int) ([]Correction, error) {
	if err := actor.Must(access.Resident, access.Clerk); err != nil {
		return nil, err
	}
	db := seenBy(actor)(d.store.Read(ctx))
	if open {
		db = db.Where("status = ?", Asked)
	}
	var rows []correctionRow
	if err := store.Page(db, after, limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]Correction, 0, len(rows))
	for _, row := range rows {
		c, err := d.shown(ctx, actor, row)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func (d *Desk) shown(ctx context.Context, actor access.Actor, row correctionRow) (Correction, error) {
	c := Correction{
		ID: row.ID, Person: row.Person, Field: row.Field, FieldText: fieldTexts[string(row.Field)], Status: row.Status, StatusText: CorrectionFlow.Text(row.Status),
		Version: row.Version, CreatedAt: row.CreatedAt, DecidedAt: row.DecidedAt, Offers: CorrectionFlow.Offers(row.Status, actor.Role),
	}
	var err error
	if c.PersonName, err = d.People.PersonName(ctx, row.Person); err != nil {
		return c, err
	}
	if c.Reason, err = d.opened("reason", row.ID, row.Reason); err != nil {
		return c, err
	}
	if c.Answer, err = d.opened("answer", row.ID, row.Answer); err != nil || len(row.Value) == 0 {
		return c, err
	}
	right, err := d.asked(row)
	c.Value = right.Mask()
	return c, err
}

func (d *Desk) opened(column, id string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	text, err := d.store.Keys().Open(sealedAt(column, id), sealed)
	return string(text), err
}

// asked is the value that was asked for.
func (d *Desk) asked(row correctionRow) (account.Corrected, error) {
	value, err := d.opened("value", row.ID, row.Value)
	if err != nil {
		return account.Corrected{}, err
	}
	return d.People.ReadCorrection(row.Field, value)
}

// AgreeCorrection: the clerk types the value from the papers that he has before him. Only if it is what was asked for it is
// written, in the same transaction.
func (d *Desk) AgreeCorrection(ctx context.Context, actor access.Actor, id, value, evidence string) (Correction, error) {
	evidence, err := account.Noted("body.evidence", evidence)
	if err != nil {
		return Correction{}, err
	}
	return d.decide(ctx, actor, id, Agree, func(tx *store.Tx, row correctionRow) (map[string]any, error) {
		typed, err := d.People.ReadCorrection(row.Field, value)
		if err != nil {
			return nil, err
		}
		right, err := d.asked(row)
		if err != nil {
			return nil, err
		}
		if !typed.Equal(right) {
			return nil, ErrPapersDiffer
		}
		_, err = d.correct(tx, row.Person, right, evidence, row.ID)
		return nil, err
	})
}

// RefuseCorrection gives the resident the reason (PIPL 50).
func (d *Desk) RefuseCorrection(ctx context.Context, actor access.Actor, id, reason string) (Correction, error) {
	reason, err := words("body.reason", reason)
	if err != nil {
		return Correction{}, err
	}
	return d.decide(ctx, actor, id, Refuse, func(_ *store.Tx, row correctionRow) (map[string]any, error) {
		return map[string]any{"answer": d.store.Keys().Seal(sealedAt("answer", row.ID), []byte(reason))}, nil
	})
}

// WithdrawCorrection is the resident's own, before anybody has decided.
func (d *Desk) WithdrawCorrection(ctx context.Context, actor access.Actor, id string) (Correction, error) {
	return d.decide(ctx, actor, id, Withdraw, func(*store.Tx, correctionRow) (map[string]any, error) { return nil, nil })
}

// decide carries every act: the value is not needed any more, so it goes.
func (d *Desk) decide(ctx context.Context, actor access.Actor, id string, do flow.Act, set func(*store.Tx, correctionRow) (map[string]any, error)) (Correction, error) {
	var done Correction
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		row, err := d.correctionByID(tx.DB, actor, id)
		if err != nil {
			return err
		}
		if _, err := CorrectionFlow.Next(row.Status, do, actor.Role); err != nil {
			return err
		}
		change, err := set(tx, row)
		if err != nil {
			return err
		}
		if change == nil {
			change = map[string]any{}
		}
		change["open_field"], change["value"], change["decided_by"], change["decided_at"] = nil, nil, actor.Person, tx.Now
		if _, err = tx.Move(CorrectionFlow, store.Move{
			Table: "corrections", ID: row.ID, Area: row.Village, From: row.Status, Version: row.Version, Do: do, Set: change,
		}); err != nil {
			return err
		}
		if row, err = d.correctionByID(tx.DB, actor, id); err != nil {
			return err
		}
		if done, err = d.shown(ctx, actor, row); err != nil {
			return err
		}
		tx.Answer(done)
		return nil
	})
	d.People.ForgetStandings() // his village may be another one
	return done, err
}

func (d *Desk) correctionByID(db *gorm.DB, actor access.Actor, id string) (correctionRow, error) {
	var rows []correctionRow
	if err := seenBy(actor)(db).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil {
		return correctionRow{}, err
	}
	if len(rows) == 0 {
		return correctionRow{}, fault.NotFound
	}
	return rows[0], account.Attends(db, actor, rows[0].Person)
}

// CorrectFor is done by the clerk at once, for somebody who stands before him with his papers.
func (d *Desk) CorrectFor(ctx context.Context, actor access.Actor, person string, field account.Field, value, evidence string) (account.Resident, error) {
	right, err := d.People.ReadCorrection(field, value)
	if err != nil {
		return account.Resident{}, err
	}
	evidence, err = account.Noted("body.evidence", evidence)
	if err != nil {
		return account.Resident{}, err
	}
	var done account.Resident
	err = d.store.Write(ctx, actor, func(tx *store.Tx) (err error) {
		if done, err = d.correct(tx, person, right, evidence, ""); err != nil {
			return err
		}
		tx.Answer(done)
		return nil
	})
	d.People.ForgetStandings()
	return done, err
}

// correct writes the value. Who belongs to another village from now on has the rest of what he asked for decided there; who was born
// on another day has his guardians until another one. decided is the correction that is carried out, if there is one.
func (d *Desk) correct(tx *store.Tx, person string, right account.Corrected, evidence, decided string) (account.Resident, error) {
	was, err := d.People.Known(tx.DB, person)
	if err != nil {
		return account.Resident{}, err
	}
	done, err := d.People.Correct(tx, person, right, evidence)
	if err != nil {
		return account.Resident{}, err
	}
	now, err := d.People.Known(tx.DB, person)
	if err == nil {
		err = d.Families.BornAnew(tx, person, was.Born, now.Born)
	}
	if err != nil {
		return account.Resident{}, err
	}
	return done, tx.Table("corrections").Where("person = ? AND status = ? AND id <> ?", person, Asked, decided).UpdateColumn("village", done.Village).Error
}

// forgetCorrections takes the words and values of somebody whose account is closed away, and ends what is open.
func forgetCorrections(tx *store.Tx, person string) error {
	err := tx.Table("corrections").Where("person = ? AND status = ?", person, Asked).
		UpdateColumns(map[string]any{"status": Withdrawn, "version": gorm.Expr("version + 1"), "open_field": nil, "updated_at": tx.Now}).Error
	if err != nil {
		return err
	}
	return tx.Table("corrections").Where("person = ?", person).
		UpdateColumns(map[string]any{"value": nil, "reason": nil, "answer": nil, "village": ""}).Error
}

// perCarry is how many corrections go over in one transaction.
const perCarry = 100

// Carry takes the open corrections of a village that ended over to the one where it goes on; it is an account.Carrier.
func (d *Desk) Carry(ctx context.Context, old, to access.Area) (n int, err error) {
	if old.Level() != access.VillageLevel {
		return 0, nil
	}
	err = d.store.Write(store.WithClaim(ctx, nil), access.Round(to.Village()), func(tx *store.Tx) error {
		var ids []string
		err := tx.Model(&correctionRow{}).Where("village = ? AND status = ?", old, Asked).Order("id").Limit(perCarry).Pluck("id", &ids).Error
		if err != nil || len(ids) == 0 {
			n = 0
			return err
		}
		n = len(ids)
		for _, id := range ids {
			tx.Trail(store.Entry{Act: "correction.carry", Kind: "correction", Object: id, Area: to.Village(), From: string(old), To: string(to), Fields: []string{"area"}})
		}
		return tx.Table("corrections").Where("id IN ?", ids).UpdateColumn("village", to.Village()).Error
	})
	return n, err
}
