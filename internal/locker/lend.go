package locker

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/store"
)

// Lending is what a paper is wanted for.
type Lending struct {
	Paper    string // id
	Person   string // whose case it is
	Case     string
	Material string // as the case's item names it
}

// Pages are the photos of a paper in their order, to be copied before the transaction of the use; none where the use would be refused,
// which Lend then says why.
func (d *Desk) Pages(ctx context.Context, in Lending) ([]file.File, error) {
	db := d.store.Read(ctx)
	var rows []paperRow
	err := db.Where("id = ? AND person = ? AND removed_at IS NULL", in.Paper, in.Person).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var files []file.File
	err = db.Joins("JOIN locker_pages g ON g.file = files.id").Where("g.paper = ? AND files.object = ?", in.Paper, in.Paper).
		Order("g.place").Find(&files).Error
	return files, err
}

// Lend notes the use of a paper in the transaction of the act that uses it, if it may be used there: it is a paper of the case's own
// applicant, whose clerk or who himself uses it, of the right kind, with his consent, and good today. It is looked for among all papers, not
// only those that the actor sees: who reaches for somebody else's is told so, and the trail tells it to those who watch over that village.
func (d *Desk) Lend(tx *store.Tx, in Lending) error {
	if err := lock(tx, in.Paper); err != nil {
		return err
	}
	row, home, err := d.anywhere(tx.DB, in.Paper)
	if err != nil {
		return err
	}
	given, err := d.people.ConsentsByID(tx.DB, row.Consent)
	if err != nil {
		return err
	}
	fits, err := fits(tx.DB, row.Kind, in.Material)
	if err != nil {
		return err
	}
	refused := row.refuses(given[row.Consent], clock.DateOf(tx.Now))
	switch {
	case tx.Actor.Role == access.Clerk && tx.Actor.Area != home:
		return ErrOtherVillage
	case row.Person != in.Person, tx.Actor.Role == access.Resident && tx.Actor.Person != row.Person:
		return ErrOtherPerson
	case refused != nil:
		return refused
	case !fits:
		return ErrOtherKind
	}
	use := useRow{ID: tx.NewID(), Paper: row.ID, CaseID: in.Case, Material: in.Material, UsedBy: tx.Actor.Person, Role: tx.Actor.Role, UsedAt: tx.Now}
	if err := tx.Create(&use).Error; err != nil {
		return err
	}
	tx.Trail(store.Entry{Act: "locker.use", Kind: kind, Object: row.ID, Area: home, To: in.Case, Why: in.Material})
	return tx.Model(&paperRow{}).Where("id = ?", row.ID).UpdateColumn("uses", gorm.Expr("uses + 1")).Error
}

// refuses is why the paper itself cannot be used on that day; nil when it can.
func (row paperRow) refuses(given account.Given, today clock.Date) *fault.Fault {
	switch {
	case row.RemovedAt != nil:
		return ErrRemoved
	case !agreed(row, given, today):
		return ErrNoConsent
	case !row.ValidUntil.IsZero() && row.ValidUntil.Before(today):
		return ErrExpired
	}
	return nil
}

// anywhere is a paper and the village where its owner lives now.
func (d *Desk) anywhere(db *gorm.DB, id string) (row paperRow, home access.Area, err error) {
	var rows []paperRow
	if err := db.Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil {
		return row, "", err
	}
	if len(rows) == 0 {
		return row, "", fault.Wrong("body.paper", "材料库里没有这份材料")
	}
	p, err := d.people.Known(db, rows[0].Person)
	if errors.Is(err, fault.NotFound) {
		return rows[0], "", nil
	}
	return rows[0], p.Area.Village(), err
}

func fits(db *gorm.DB, kind, material string) (bool, error) {
	var rows []kindRow
	err := db.Where("id = ?", kind).Limit(1).Find(&rows).Error
	return err == nil && len(rows) > 0 && rows[0].fits(material), err
}

// Over are those of the papers which cannot be handed in today, each with its reason. A paper of which the time to keep it is over is one of them.
func (d *Desk) Over(tx *store.Tx, papers ...string) (map[string]*fault.Fault, error) {
	over := map[string]*fault.Fault{}
	if len(papers) == 0 {
		return over, nil
	}
	var rows []paperRow
	if err := tx.Where("id IN ?", papers).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	var consents []string
	for _, row := range rows {
		consents = append(consents, row.Consent)
	}
	given, err := d.people.ConsentsByID(tx.DB, consents...)
	if err != nil {
		return nil, err
	}
	for _, id := range papers {
		at := slices.IndexFunc(rows, func(row paperRow) bool { return row.ID == id })
		if at < 0 {
			over[id] = ErrRemoved
		} else if why := rows[at].refuses(given[rows[at].Consent], clock.DateOf(tx.Now)); why != nil {
			over[id] = why
		}
	}
	return over, nil
}

// Refused keeps in the trail that a use was refused, on the chain of the village where the paper's owner lives; errors that are no refusal
// of a paper leave no row. The refused act itself has left nothing, so this is a transaction of its own; whoever goes away meanwhile is
// written down all the same.
func (d *Desk) Refused(ctx context.Context, actor access.Actor, in Lending, err error) error {
	at := slices.IndexFunc(refusals, func(f *fault.Fault) bool { return errors.Is(err, f) })
	if at < 0 {
		return nil
	}
	ctx = store.WithClaim(context.WithoutCancel(ctx), nil)
	return d.store.Write(ctx, actor, func(tx *store.Tx) error {
		_, home, err := d.anywhere(tx.DB, in.Paper)
		if err != nil && !errors.Is(err, fault.BadField) {
			return err
		}
		if home == "" {
			home = actor.Area
		}
		tx.Trail(store.Entry{Act: "locker.refuse", Kind: kind, Object: in.Paper, Area: home, To: in.Case, Why: refusals[at].Code})
		return nil
	})
}
