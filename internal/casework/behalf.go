package casework

import (
	"context"
	"errors"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/family"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Acting for somebody (亲友代办): a resident does in another's name what that one could do himself, while he is his helper.
// He says for whom each time, so that nobody mistakes another's matter for his own.

const behalfField = "body.on_behalf_of_resident_id"

// Behalf: whoever acts on this case says for whom, if it is not his own, and is that one's helper at this moment. Both are
// in the trail then.
func (d *Desk) Behalf(tx *store.Tx, c *Case, principal string) error {
	_, err := d.relation(tx, c, principal)
	return err
}

// relation is Behalf, and tells by which relation the helper acts; empty for whoever acts on his own case, or by his office.
func (d *Desk) relation(tx *store.Tx, c *Case, principal string) (id string, err error) {
	own := tx.Actor.Role != resident || c.Applicant == tx.Actor.Person
	switch {
	case own && principal == "":
		return "", nil
	case own:
		return "", fault.Wrong(behalfField, "只有代亲友办的才填")
	case principal != c.Applicant:
		return "", fault.Wrong(behalfField, "这件事不是您本人的，请写明您替谁办")
	}
	return family.ActsFor(tx, c.Applicant, c.Village)
}

// applicant decides whose case it is, and where he lives.
func (d *Desk) applicant(ctx context.Context, actor access.Actor, c *Case, in Opening) error {
	if in.Applicant != "" && actor.Role != clerk {
		return fault.Wrong("body.applicant", "只有村办事员可以代别人申请")
	}
	switch {
	case actor.Role == clerk && in.OnBehalf != "", actor.Role == resident && in.OnBehalf == actor.Person:
		return fault.Wrong(behalfField, "只有代亲友办的才填")
	case actor.Role == clerk:
		served, err := d.people.Resident(ctx, actor, in.Applicant)
		if errors.Is(err, fault.NotFound) {
			return fault.Wrong("body.applicant", "请先在本村登记这位群众")
		} else if err != nil {
			return err
		}
		if err := account.Attends(d.store.Read(ctx), actor, served.ID); err != nil {
			return err
		}
		c.Applicant, c.Agent, c.Village, c.Grid = served.ID, actor.Person, served.Village, served.Grid
	case actor.Role == resident && in.OnBehalf != "":
		home, err := family.Helped(d.store.Read(ctx), d.people, actor, clock.DateOf(d.store.Clock().Now()), in.OnBehalf)
		if errors.Is(err, fault.NotFound) {
			return fault.Wrong(behalfField, "您现在不是这位群众的代办人")
		} else if err != nil {
			return err
		}
		c.Applicant, c.Helper, c.Village, c.Grid = in.OnBehalf, actor.Person, home.Village(), home.Grid()
	case actor.Role == resident && actor.Signed():
		self, err := d.people.Resident(ctx, actor, actor.Person)
		if err != nil {
			return err
		}
		c.Applicant, c.Village, c.Grid = self.ID, self.Village, self.Grid
	default:
		return fault.NotYours
	}
	if c.Village.Level() != access.VillageLevel {
		return ErrNoVillage
	}
	c.County, c.Town = c.Village.County(), c.Village.Town()
	return nil
}
