package appeal

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/family"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Acting for somebody (亲友代办): a resident does in another's name what that one could do himself, while he is his helper.
// He says for whom each time, so that nobody mistakes another's matter for his own.

// helperRow says who handed an appeal in for its petitioner, and by which relation.
type helperRow struct {
	Appeal string `gorm:"primaryKey"`
	Helper string
	Acting string
}

func (helperRow) TableName() string { return "appeal_helpers" }

const behalfField = "body.on_behalf_of_resident_id"

// Behalf: whoever acts on this appeal says for whom, if it is not his own, and is that one's helper at this moment. Both
// are in the trail then.
func (d *Desk) Behalf(tx *store.Tx, a *Appeal, principal string) error {
	own := tx.Actor.Role != resident || a.Applicant == tx.Actor.Person
	switch {
	case own && principal == "":
		return nil
	case own:
		return fault.Wrong(behalfField, "只有代亲友办的才填")
	case principal != a.Applicant:
		return fault.Wrong(behalfField, "这件事不是您本人的，请写明您替谁办")
	}
	_, err := family.ActsFor(tx, a.Applicant, a.Village)
	return err
}

// handedInFor notes who handed the appeal in for its petitioner.
func handedInFor(tx *store.Tx, a *Appeal, principal string) error {
	if principal == "" {
		return nil
	}
	id, err := family.ActsFor(tx, principal, a.Village)
	if err != nil {
		return err
	}
	return tx.Create(&helperRow{a.ID, tx.Actor.Person, id}).Error
}

// inTheNameOf makes the appeal the principal's.
func (d *Desk) inTheNameOf(ctx context.Context, actor access.Actor, a *Appeal, in Submission) error {
	if actor.Role != resident || in.OnBehalf == actor.Person {
		return fault.Wrong(behalfField, "只有代亲友办的才填")
	}
	home, err := family.Helped(d.store.Read(ctx), d.people, actor, clock.DateOf(d.store.Clock().Now()), in.OnBehalf)
	if errors.Is(err, fault.NotFound) {
		return fault.Wrong(behalfField, "您现在不是这位群众的代办人")
	} else if err != nil {
		return err
	}
	a.Applicant, a.Village = in.OnBehalf, home.Village()
	if in.Village == "" && in.Grid == "" {
		a.Grid = home.Grid()
	}
	return nil
}

// sides tells a helper for whom it is, and whoever may know the petitioner who handed it in for him.
func (d *Desk) sides(ctx context.Context, db *gorm.DB, a *Appeal, s *Seen, actor access.Actor) (err error) {
	if s.OnBehalfOf != "" {
		if s.Petitioner, err = d.petitioner(ctx, a.Applicant); err != nil {
			return err
		}
	}
	if actor.Role != resident && s.Petitioner == nil {
		return nil
	}
	var rows []helperRow
	if err := db.Where("appeal = ?", a.ID).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return err
	}
	s.Helper, err = d.petitioner(ctx, rows[0].Helper)
	return err
}
