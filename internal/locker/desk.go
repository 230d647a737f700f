package locker

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/family"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/store"
)

// Putting is a paper that is to be kept.
type Putting struct {
	Person       string     // whose it is; a clerk names him, nobody else does
	Kind         string     // one of Kinds
	ValidUntil   clock.Date // last day on which the paper is good; zero where it says 长期
	Files        []string   // loose photos of the actor, one a page, in order
	Consent      account.Consent
	ConsentUntil clock.Date // until when he agrees to have it kept and used
	fromCase     string
	doubles      []file.Double
}

// Put keeps a paper: a resident his own, a clerk that of a resident of his village, who agreed to it before him and how. A child's
// guardian agrees for it.
func (d *Desk) Put(ctx context.Context, actor access.Actor, in Putting) (Paper, error) {
	if len(in.Files) == 0 {
		return Paper{}, fault.Wrong("body.files", "请先给材料拍照，一页一张")
	}
	return d.put(ctx, actor, in)
}

// PutFrom keeps copies of pages that were handed in with a case of the person. The desk that asks has found out that the actor sees them.
func (d *Desk) PutFrom(ctx context.Context, actor access.Actor, in Putting, caseID string, pages []file.File) (Paper, error) {
	if len(pages) == 0 {
		return Paper{}, fault.Wrong("body.material", "这份材料没有照片，不能存")
	}
	doubles, err := d.files.Again(ctx, pages)
	if err != nil {
		return Paper{}, err
	}
	in.Files, in.fromCase, in.doubles = nil, caseID, doubles
	kept, err := d.put(ctx, actor, in)
	if err != nil {
		d.files.Undo(ctx, doubles, err)
	}
	return kept, err
}

func (d *Desk) put(ctx context.Context, actor access.Actor, in Putting) (kept Paper, err error) {
	if in.Person, err = d.whose(d.store.Read(ctx), actor, in.Person); err != nil {
		return Paper{}, err
	}
	if in.Consent, err = agreement(actor, in.Consent); err != nil {
		return Paper{}, err
	}
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		if err := d.room(tx, in.Person); err != nil {
			return err
		}
		if _, err := kindOf(tx.DB, in.Kind); err != nil {
			return err
		}
		today := clock.DateOf(tx.Now)
		if !in.ValidUntil.IsZero() && (in.ValidUntil.Before(today) || today.AddYears(longestValid).Before(in.ValidUntil)) {
			return fault.Wrong("body.valid_until", "已经过期的材料不能存；长期有效的不用填")
		}
		row := paperRow{
			ID: tx.NewID(), Person: in.Person, Kind: in.Kind, ValidUntil: in.ValidUntil, FromCase: in.fromCase,
			PutBy: actor.Person, PutRole: actor.Role, CreatedAt: tx.Now,
		}
		if err := d.agree(tx, &row, in.Consent, in.ConsentUntil); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if err := d.pages(tx, row.ID, in); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "locker.put", Kind: kind, Object: row.ID, Area: actor.Area, From: row.FromCase, To: row.Person, Why: row.Kind})
		list, err := d.shown(tx.DB, row)
		if err != nil {
			return err
		}
		kept = list[0]
		tx.Answer(kept)
		return nil
	})
	return kept, err
}

// whose is the person whose locker the actor works on.
func (d *Desk) whose(db *gorm.DB, actor access.Actor, person string) (string, error) {
	if err := actor.Must(access.Resident, access.Clerk); err != nil {
		return "", err
	}
	if actor.Role == access.Resident {
		if person != "" && person != actor.Person {
			return "", fault.NotFound
		}
		return actor.Person, nil
	}
	p, err := d.people.KnownTo(db, actor, person)
	if err == nil && !p.Resident {
		err = fault.NotFound
	}
	if err == nil {
		err = account.Attends(db, actor, p.ID)
	}
	return p.ID, err
}

// agreement is how somebody says yes: on his own screen, or before the clerk.
func agreement(actor access.Actor, c account.Consent) (account.Consent, error) {
	if actor.Role == access.Resident {
		c.How, c.GivenBy = account.OnScreen, ""
		return c, c.Check(account.OnScreen)
	}
	return c, c.Check(account.Signed, account.Fingerprint, account.Spoken)
}

// AgreeTo keeps a consent of that kind, such as to one inquiry, by the same rules as that to keep a paper: the person's on his own screen, or before
// the clerk, who says how; for a child its guardian's.
func (d *Desk) AgreeTo(tx *store.Tx, kind, person string, c account.Consent) (id string, err error) {
	if c, err = agreement(tx.Actor, c); err != nil {
		return "", err
	}
	if err := account.Hold(tx, person); err != nil { // else his account could be closed meanwhile
		return "", err
	}
	if err := account.StillHimself(tx); err != nil {
		return "", err
	}
	if err := d.families.MayAgree(tx, person, c.GivenBy); err != nil {
		return "", err
	}
	if id, err = c.KeepAs(tx, kind, person); err != nil {
		return "", err
	}
	tx.Trail(store.Entry{Act: "consent.give", Kind: "consent", Object: id, Area: tx.Actor.Area, To: person, Why: c.How})
	return id, nil
}

// room holds the person, so that his account is not closed meanwhile, and refuses more papers than anybody has.
func (d *Desk) room(tx *store.Tx, person string) error {
	if err := account.Hold(tx, person); err != nil {
		return err
	}
	if err := account.StillHimself(tx); err != nil {
		return err
	}
	var held int64
	if err := tx.Model(&paperRow{}).Where("person = ? AND removed_at IS NULL", person).Count(&held).Error; err != nil {
		return err
	}
	if held >= mostHeld {
		return ErrFull
	}
	return nil
}

// agree keeps the consent to keep and use this one paper until that day.
func (d *Desk) agree(tx *store.Tx, row *paperRow, c account.Consent, until clock.Date) (err error) {
	today := clock.DateOf(tx.Now)
	if until.Before(today) || today.AddYears(longestConsent).Before(until) {
		return fault.Wrong("body.consent_until", "请填同意到哪一天为止，最长三年，从今天算起")
	}
	if err := d.families.MayAgree(tx, row.Person, c.GivenBy); err != nil {
		return err
	}
	if row.Consent, err = c.KeepAs(tx, account.ToLocker, row.Person); err != nil {
		return err
	}
	row.ConsentUntil, row.OverOn = until, until
	if !row.ValidUntil.IsZero() && row.ValidUntil.Before(until) {
		row.OverOn = row.ValidUntil
	}
	tx.Trail(store.Entry{Act: "consent.give", Kind: "consent", Object: row.Consent, Area: tx.Actor.Area, To: row.Person, Why: c.How})
	return nil
}

// pages attaches the photos to the paper and writes down their order and digests.
func (d *Desk) pages(tx *store.Tx, id string, in Putting) error {
	photos, err := d.files.AttachDoubles(tx, kind, id, 0, in.doubles)
	if err != nil {
		return err
	}
	if len(in.Files) > 0 {
		if err := d.files.Attach(tx, kind, id, in.Files); err != nil {
			return file.Located(err, "body.files")
		}
		attached, err := d.files.Attached(tx.DB, kind, id)
		if err != nil {
			return err
		}
		photos = attached[id]
		slices.SortFunc(photos, func(a, b file.File) int { return slices.Index(in.Files, a.ID) - slices.Index(in.Files, b.ID) })
	}
	rows := make([]pageRow, 0, len(photos))
	for place, f := range photos {
		rows = append(rows, pageRow{id, place, f.ID, f.SHA256Sent, f.SHA256Stored})
	}
	return tx.Create(&rows).Error
}

// Agreeing is a new consent to keep and use a paper.
type Agreeing struct {
	Consent account.Consent
	Until   clock.Date
}

// Agree takes the place of the consent that there is, withdrawn, over or not.
func (d *Desk) Agree(ctx context.Context, actor access.Actor, id string, in Agreeing) (Paper, error) {
	c, err := agreement(actor, in.Consent)
	if err != nil {
		return Paper{}, err
	}
	return d.change(ctx, actor, id, func(tx *store.Tx, row *paperRow) error {
		if _, err := account.WithdrawConsent(tx, row.Consent, c.How); err != nil {
			return err
		}
		if err := d.agree(tx, row, c, in.Until); err != nil {
			return err
		}
		return changed(tx, row, map[string]any{"consent": row.Consent, "consent_until": row.ConsentUntil, "over_on": row.OverOn})
	})
}

// Withdraw (撤回同意): from now on the paper is used for nothing. It stays until somebody takes it out or its time is over; a new consent
// makes it good again. What was handed in with it stays.
func (d *Desk) Withdraw(ctx context.Context, actor access.Actor, id, how string) (Paper, error) {
	if actor.Role == access.Resident {
		how = account.OnScreen
	} else if !slices.Contains([]string{account.Signed, account.Fingerprint, account.Spoken}, how) {
		return Paper{}, fault.Wrong("body.how", "请写明本人怎样表示撤回：签字、按手印或口头")
	}
	return d.change(ctx, actor, id, func(tx *store.Tx, row *paperRow) error {
		withdrawn, err := account.WithdrawConsent(tx, row.Consent, how)
		if err == nil && !withdrawn {
			err = family.ErrWithdrawn
		}
		tx.Trail(store.Entry{Act: "consent.withdraw", Kind: "consent", Object: row.Consent, Area: actor.Area, From: account.ToLocker, To: row.Person, Why: how})
		return err
	})
}

// Remove takes a paper out. Its photos are swept within a day; that it was there, and for what it was used, stays for its time.
func (d *Desk) Remove(ctx context.Context, actor access.Actor, id string, why Removing) (Paper, error) {
	if !slices.Contains([]Removing{Asked, Replaced, Mistake}, why) {
		return Paper{}, fault.Wrong("body.why", "请选择 asked、replaced 或 mistake")
	}
	return d.change(ctx, actor, id, func(tx *store.Tx, row *paperRow) error { return d.remove(tx, row, why) })
}

func (d *Desk) remove(tx *store.Tx, row *paperRow, why Removing) error {
	today := clock.DateOf(tx.Now)
	if row.OverOn.Before(today) {
		today = row.OverOn
	}
	how := account.Spoken
	if tx.Actor.Role == access.Resident {
		how = account.OnScreen
	}
	if _, err := account.WithdrawConsent(tx, row.Consent, how); err != nil {
		return err
	}
	if err := d.files.Release(tx, kind, row.ID); err != nil {
		return err
	}
	tx.Trail(store.Entry{Act: "locker.remove", Kind: kind, Object: row.ID, Area: tx.Actor.Area, From: row.Person, Why: string(why)})
	return changed(tx, row, map[string]any{"removed_at": tx.Now, "removed_by": tx.Actor.Person, "removed_why": why, "over_on": today})
}

// Forget takes out all papers of somebody whose account is closed.
func (d *Desk) Forget(tx *store.Tx, person string) error {
	var rows []paperRow
	if err := tx.Where("person = ? AND removed_at IS NULL", person).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		if err := d.remove(tx, &rows[i], closed); err != nil {
			return err
		}
	}
	return nil
}

// change is an act on a paper that the actor sees. Its row is locked first: what happens at the same time comes before or after.
func (d *Desk) change(ctx context.Context, actor access.Actor, id string, do func(*store.Tx, *paperRow) error) (kept Paper, err error) {
	if err := actor.Must(access.Resident, access.Clerk); err != nil {
		return Paper{}, err
	}
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		if _, err := d.load(tx.DB, actor, id); err != nil {
			return err
		}
		if err := lock(tx, id); err != nil {
			return err
		}
		row, err := d.load(tx.DB, actor, id)
		if err != nil {
			return err
		}
		if err := do(tx, &row); err != nil {
			return err
		}
		list, err := d.shown(tx.DB, row)
		if err != nil {
			return err
		}
		kept = list[0]
		tx.Answer(kept)
		return nil
	})
	return kept, err
}

// lock makes whoever acts on the same paper wait.
func lock(tx *store.Tx, id string) error {
	return tx.Model(&paperRow{}).Where("id = ?", id).UpdateColumn("uses", gorm.Expr("uses")).Error
}

func changed(tx *store.Tx, row *paperRow, set map[string]any) error {
	return tx.Model(&paperRow{}).Where("id = ?", row.ID).UpdateColumns(set).Error
}
