package appeal

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/store"
)

// Recusal (回避) of those who handle: seen.go hides an appeal from whom it complains of; here nobody comes to handle what
// complains of him, neither by itself nor through an appeal that was merged into it.

// acceptable: some dispatcher for the village may see the appeal. What complains of all of them, or of their only office,
// would lie here unseen, and has to go past this county's desk.
func (d *Desk) acceptable(ctx context.Context, a *Appeal) error {
	if a.AboutOffice == "" && a.AboutPerson == "" {
		return nil
	}
	today := d.today()
	valid := "valid_from <= ? AND (valid_until IS NULL OR valid_until >= ?)"
	db := d.store.Read(ctx).Model(&account.Post{}).Where("role = ? AND "+valid, dispatcher, today, today)
	db = db.Where("area IN ?", []access.Area{a.Village.County(), a.Village.Town(), a.Village})
	db = db.Where("person NOT IN (SELECT id FROM persons WHERE disabled_at IS NOT NULL)")
	if a.AboutPerson != "" {
		db = db.Where("person <> ?", a.AboutPerson)
	}
	if a.AboutOffice != "" {
		db = db.Where("person NOT IN (SELECT person FROM posts WHERE office = ? AND "+valid+")", a.AboutOffice, today, today)
	}
	var left int64
	if err := db.Count(&left).Error; err != nil || left > 0 {
		return err
	}
	return ErrNobodyToAccept
}

// complaints are what the appeal and those merged into it complain of.
func complaints(db *gorm.DB, id string) ([]Appeal, error) {
	var rows []Appeal
	err := db.Select("id, about_office, about_person").
		Where("(id = ? OR master = ?) AND (about_office <> '' OR about_person <> '')", id, id).Find(&rows).Error
	return rows, err
}

// spared fails when the appeal, or one merged into it, complains of one of these offices or of somebody who serves there.
// To be asked when the row is locked: a merger at the same time comes before or after, never between.
func (d *Desk) spared(ctx context.Context, tx *store.Tx, id string, offices []string) error {
	rows, err := complaints(tx.DB, id)
	if err != nil {
		return err
	}
	for _, row := range rows {
		for _, office := range offices {
			hit, err := d.concerns(ctx, &row, office, "")
			if err != nil {
				return err
			}
			if hit {
				return ErrComplainedOf
			}
		}
	}
	return nil
}

// apartFrom fails when an appeal merged into this one complains of the actor. He is told no more than if it were somebody
// else's: that there is a complaint is not his to know.
func (s *step) apartFrom(actor access.Actor) error {
	rows, err := complaints(s.tx.DB, s.row.ID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		hit, err := s.desk.concerns(s.ctx, &row, actor.Office, actor.Person)
		if err != nil {
			return err
		}
		if hit {
			return ErrNotOwner
		}
	}
	return nil
}

// concerns: the appeal complains of the office or the person, of somebody who serves there, or of an office where he serves.
func (d *Desk) concerns(ctx context.Context, about *Appeal, office, person string) (bool, error) {
	if about.AboutOffice != "" && about.AboutOffice == office || about.AboutPerson != "" && about.AboutPerson == person {
		return true, nil
	}
	if person != "" {
		return d.serves(ctx, person, about.AboutOffice)
	}
	return d.serves(ctx, about.AboutPerson, office)
}

// impartial: nobody who has or had the master in hand is complained of in the appeal that is to be merged into it. The
// master is locked by now.
func (s *step) impartial(master string) error {
	if s.row.AboutOffice == "" && s.row.AboutPerson == "" {
		return nil
	}
	var m Appeal
	if err := s.tx.Select("id, office, owner, decided_office").Where("id = ?", master).Take(&m).Error; err != nil {
		return err
	}
	var parts, answered []string
	if err := s.tx.Model(&partRow{}).Where("appeal = ?", master).Pluck("office", &parts).Error; err != nil {
		return err
	}
	if err := s.tx.Model(&Event{}).Where("appeal = ? AND act = ?", master, Answer).Pluck("actor", &answered).Error; err != nil {
		return err
	}
	for _, office := range append(parts, m.Office, m.DecidedOffice) {
		if hit, err := s.desk.concerns(s.ctx, s.row, office, ""); err != nil || hit {
			return partial(err)
		}
	}
	for _, person := range slices.Compact(append(answered, m.Owner)) {
		if hit, err := s.desk.concerns(s.ctx, s.row, "", person); err != nil || hit {
			return partial(err)
		}
	}
	return nil
}

func partial(err error) error {
	if err == nil {
		return ErrMasterComplainedOf
	}
	return err
}
