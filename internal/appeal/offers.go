package appeal

import (
	"slices"
	"time"

	"tongban/internal/access"
	"tongban/internal/flow"
)

// offers are the acts that the actor may do now: the flow's, less those that the row itself already forbids him.
func (d *Desk) offers(a *Appeal, actor access.Actor) []flow.Offer {
	if actor.Role == resident && a.Applicant != actor.Person {
		return []flow.Offer{}
	}
	now := d.store.Clock().Now()
	return slices.DeleteFunc(Flow.Offers(a.Status, actor.Role), func(o flow.Offer) bool {
		return d.idle(a, actor, o.Do, now)
	})
}

// idle: the verb would refuse this act to this actor, as the row alone shows.
func (d *Desk) idle(a *Appeal, actor access.Actor, do flow.Act, now time.Time) bool {
	switch do {
	case Answer:
		return a.Class != Consult
	case Acknowledge:
		return a.Office != actor.Office
	case AskSendBack:
		return a.Office != actor.Office || a.DecidedOffice == a.Office || d.sendBackOver(a, now)
	case AgreeSendBack:
		return d.countyDecides(a) && !countySupervisor(actor)
	case Contact, Reply:
		return a.Owner != actor.Person
	case Resume:
		return actor.Role == officer && a.Owner != actor.Person
	case Extend:
		return a.Extensions > 0 || a.due().Overdue(now)
	case StartFollowUp, Attempt, Redo:
		return a.Identity == Anonymous || a.Owner == actor.Person
	case Conclude:
		return a.Owner == actor.Person
	}
	return false
}

// countySupervisor is the one who decides after too many send-backs.
func countySupervisor(actor access.Actor) bool {
	return actor.Role == supervisor && actor.Area.Level() == access.CountyLevel
}

// countyDecides: as many send-backs were agreed as whoever dispatches may agree to.
func (d *Desk) countyDecides(a *Appeal) bool { return a.SendBacks >= d.limits.SendBack.Times }

// sendBackOver: the time for asking to send back, which counts from the dispatch, is over.
func (d *Desk) sendBackOver(a *Appeal, now time.Time) bool {
	return a.DispatchedAt != nil && d.calendar.Due(*a.DispatchedAt, d.limits.SendBack.Within).Overdue(now)
}
