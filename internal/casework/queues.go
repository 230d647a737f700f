package casework

import (
	"context"
	"slices"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	"tongban/internal/deputy"
	"tongban/internal/flow"
	"tongban/internal/queue"
)

// works are the states in which a role of the county has the next step; in those of waits it is somebody else's: the
// applicant's, a special procedure's or a colleague's.
var (
	works = map[access.Role][]flow.State{
		window:   {Submitted, Received, Granted, Denied, Delivered},
		reviewer: {Accepted, Reviewing},
		decider:  {Received, Accepted, Reviewing},
	}
	waits = map[access.Role][]flow.State{
		window:     {Correcting, Accepted, Reviewing, Suspended},
		reviewer:   {Correcting, Suspended},
		decider:    {Correcting, Suspended},
		supervisor: {Correcting, Suspended},
		clerk:      beforeCorrection,
		resident:   beforeCorrection,
	}
	// beforeCorrection are those in which the applicant's side waits for the county.
	beforeCorrection = []flow.State{Submitted, Received, Accepted, Reviewing, Suspended}
	// watched are all in which a submitted case is under way.
	watched = slices.Concat(beforeDecision, []flow.State{Granted, Denied, Delivered})
)

// queues are the work lists; each belongs to the roles that work on it. API clients know them by name.
var queues = queue.Table{Name: "cases", Queues: slices.Concat(
	[]queue.Queue{
		{Name: "drafts", Title: "草稿", By: by(resident, clerk), In: []flow.State{Draft}},
		{Name: "to_correct", Title: "待补正", By: by(resident, clerk), In: []flow.State{Correcting}},
		{Name: "to_receive", Title: "待收件", By: by(window), In: []flow.State{Submitted}},
		{Name: "to_accept", Title: "待受理", By: by(window), In: []flow.State{Received}},
		{Name: "to_review", Title: "待审查", By: by(reviewer), In: []flow.State{Accepted}},
		{Name: "in_review", Title: "审查中", By: by(reviewer), In: []flow.State{Reviewing, Suspended}},
		{Name: "to_decide", Title: "待决定", By: by(decider), In: []flow.State{Reviewing}},
		{Name: "instant", Title: "即办", By: by(decider), In: []flow.State{Received}, Also: onTheSpot},
		{Name: "by_hand", Title: "要手工报送县级平台", By: by(clerk, window, supervisor), Also: stuckThere},
		{Name: "asking", Title: "等其他单位意见的", By: by(reviewer, decider), In: []flow.State{Reviewing, Suspended}, Also: waitsForOpinions},
		{Name: "suspended", Title: "特别程序中", By: by(reviewer, decider, supervisor), In: []flow.State{Suspended}},
		{Name: "to_deliver", Title: "待送达", By: by(window, clerk), In: []flow.State{Granted, Denied}},
		{Name: "to_file", Title: "待归档", By: by(window), In: []flow.State{Delivered}},
	},
	usual(window), usual(reviewer), usual(decider),
	[]queue.Queue{
		{Name: "mine", Title: "我代办的", By: by(clerk), In: slices.Concat([]flow.State{Draft}, watched), Also: byAgent},
		{Name: "office", Title: "本村的", By: by(clerk), In: watched},
		{Name: "office", Title: "在办的", By: by(supervisor), In: watched},
	},
	clocked(watched, clerk, supervisor),
	waiting(clerk), waiting(resident), waiting(supervisor),
)}

// usual are the queues that a role of the county's offices has beside its steps.
func usual(role access.Role) []queue.Queue {
	in := works[role]
	whole := slices.Concat(in, []flow.State{Suspended}) // what is in hand may be under a special procedure
	list := []queue.Queue{
		{Name: "mine", Title: "我手里的", By: by(role), In: whole, Also: inHand},
		{Name: "deputized", Title: "我替班的", By: by(role), In: whole, Also: inOthersHand},
		{Name: "unclaimed", Title: "没有人认领的", By: by(role), In: in, Also: forDecider(free)},
		{Name: "office", Title: "本单位待办", By: by(role), In: in, Also: forDecider(nil)},
	}
	return slices.Concat(list, clocked(in, role), waiting(role))
}

// clocked are the two queues that go by the clock: the limits', where the decision is to be delivered that of the delivery, and where
// the applicant is to correct something his own last day.
func clocked(in []flow.State, roles ...access.Role) []queue.Queue {
	return []queue.Queue{
		{Name: "due_today", Title: "今天到期", By: roles, In: in, Also: forDecider(dueToday)},
		{Name: "red", Title: "已经超期", By: roles, In: in, Also: forDecider(late)},
	}
}

func waiting(role access.Role) []queue.Queue {
	return []queue.Queue{{Name: "waiting", Title: "等别人的", By: by(role), In: waits[role]}}
}

// onTheSpot: instant items, which a decider accepts and decides in one act.
func onTheSpot(queue.Asked) queue.Condition {
	return queue.Where("(cases.case_type = ? AND NOT cases.two_persons)", catalog.Instant)
}

// forDecider leaves out what was received and is not to be decided on the spot: it is the window's.
func forDecider(also func(queue.Asked) queue.Condition) func(queue.Asked) queue.Condition {
	return func(asked queue.Asked) queue.Condition {
		c := queue.Where("1 = 1")
		if also != nil {
			c = also(asked)
		}
		if asked.Actor.Role != decider {
			return c
		}
		return c.And(queue.Where("cases.status <> ?", Received).Either(onTheSpot(asked)))
	}
}

// inHand: he claimed it, or he is its reviewer.
func inHand(asked queue.Asked) queue.Condition {
	today := clock.DateOf(asked.Now)
	c := queue.Where("cases.holder = ?", asked.Actor.Person).And(queue.Where(account.HeldPost("cases.holder_post"), today, today))
	if asked.Actor.Role == reviewer {
		c = c.Either(queue.Where("(cases.reviewer = ? AND cases.status IN ?)", asked.Actor.Person, []flow.State{Reviewing, Suspended}))
	}
	return c
}

// inOthersHand is the same of those for whom he stands in.
func inOthersHand(asked queue.Asked) queue.Condition {
	today := clock.DateOf(asked.Now)
	c := deputy.PostIn("cases.holder_post", asked.Actor, today).And(queue.Where(account.HeldPost("cases.holder_post"), today, today))
	if asked.Actor.Role == reviewer {
		c = c.Either(queue.Where("cases.status IN ?", []flow.State{Reviewing, Suspended}).And(deputy.PersonIn("cases.reviewer", asked.Actor, today)))
	}
	return c
}

// free: nobody has it in hand who still holds the post in which he claimed it.
func free(asked queue.Asked) queue.Condition {
	today := clock.DateOf(asked.Now)
	return queue.Where("NOT "+account.HeldPost("cases.holder_post"), today, today)
}

func byAgent(asked queue.Asked) queue.Condition {
	return queue.Where("cases.agent = ?", asked.Actor.Person)
}

func dueToday(asked queue.Asked) queue.Condition {
	today := clock.DateOf(asked.Now)
	return queue.Where("(cases.late_at > ? AND cases.late_at <= ?)", asked.Now, whole(today.End())).
		Either(queue.Where("(cases.status IN ? AND cases.deliver_on = ?)", []flow.State{Granted, Denied}, today)).
		Either(queue.Where("(cases.status = ? AND cases.correct_on = ?)", Correcting, today))
}

func late(asked queue.Asked) queue.Condition {
	today := clock.DateOf(asked.Now)
	return queue.Where("cases.late_at <= ?", asked.Now).
		Either(queue.Where("(cases.status IN ? AND cases.deliver_on < ?)", []flow.State{Granted, Denied}, today)).
		Either(queue.Where("(cases.status = ? AND cases.correct_on < ?)", Correcting, today))
}

// stuckThere are those that the county must be told of by hand: few, and found from their letters.
func stuckThere(queue.Asked) queue.Condition {
	return queue.Where("cases.id IN (SELECT x.case_id FROM case_handovers x WHERE x.id IN (" + stuckHandovers + "))")
}

// waitsForOpinions: another office was asked, and has not answered. Counted, for of EXISTS MariaDB makes a join over all questions.
func waitsForOpinions(queue.Asked) queue.Condition {
	return queue.Where("(SELECT COUNT(1) FROM case_opinions q WHERE q.case_id = cases.id AND q.status = ?) > 0", OpinionAsked)
}

// QueueNames are all of them, for the test that asks for the plan of each.
func QueueNames() (names []string) {
	for _, q := range queues.Queues {
		if !slices.Contains(names, q.Name) {
			names = append(names, q.Name)
		}
	}
	return names
}

// Queues are the work lists of the actor's role and how many cases wait in each; one statement counts them all.
func (d *Desk) Queues(ctx context.Context, actor access.Actor) ([]queue.Count, error) {
	return queues.Count(d.store.Read(ctx), d.seenBy(actor), queue.Asked{Actor: actor, Now: whole(d.store.Clock().Now())})
}
