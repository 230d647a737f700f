package casework

import (
	"slices"
	"time"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/flow"
)

// offers are the acts that the actor may do now: the flow's, less those that the row itself already forbids him. A helper gets
// none: he says each time for whom he acts. Neither does who sees what a colleague has in hand, or on what he is only asked for an opinion.
func (d *Desk) offers(c *Case, actor access.Actor) []flow.Offer {
	if c.barred || c.asked || actor.Role == resident && c.Applicant != actor.Person {
		return []flow.Offer{}
	}
	now := d.store.Clock().Now()
	beside := actor.Role == clerk && slices.ContainsFunc(d.beside, func(b Beside) bool { return b.Files })
	return slices.DeleteFunc(Flow.Offers(c.Status, actor.Role), func(o flow.Offer) bool {
		return o.Do == Submit && beside || idle(c, actor, o.Do, now)
	})
}

// idle: the verb would refuse this act to this actor, as the row alone shows.
func idle(c *Case, actor access.Actor, do flow.Act, now time.Time) bool {
	switch do {
	case Grant, Deny:
		if c.Status == Received {
			return c.CaseType != catalog.Instant || c.TwoPersons
		}
		return c.TwoPersons && c.Reviewer == actor.Person
	case Extend:
		due := c.dues().Binding()
		return c.Extensions > 0 || due.None() || due.Overdue(now)
	}
	return false
}
