package errand

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/flow"
	"tongban/internal/queue"
)

// underWay are the states in which there is something to do that needs the entrustment.
var underWay = []flow.State{Entrusted, Checked, SentIn, Paused, ResultReceived}

// queues are the work lists of errands. Their clock is the entrustment's: when its last day is over nothing is filed or received any more.
var queues = queue.Table{Name: "errands", Queues: []queue.Queue{
	{Name: "to_collect", Title: "等材料", By: by(access.Clerk), In: []flow.State{Entrusted, SentIn}, Also: waitsForPapers},
	{Name: "to_file", Title: "待报送", By: by(access.Clerk), In: []flow.State{Checked}},
	{Name: "to_hand_over", Title: "待送达签收", By: by(access.Clerk), In: []flow.State{ResultReceived}},
	{Name: "to_return", Title: "待退还原件", By: by(access.Clerk, access.Supervisor), Also: holdsOriginals},
	{Name: "paused", Title: "已中止", By: by(access.Clerk, access.Supervisor), In: []flow.State{Paused}},
	{Name: "mine", Title: "委托给我的", By: by(access.Clerk), In: underWay, Also: entrustedToHim},
	{Name: "office", Title: "本村的", By: by(access.Clerk), In: underWay},
	{Name: "office", Title: "在办的", By: by(access.Supervisor), In: underWay},
	{Name: "due_today", Title: "委托今天到期", By: by(access.Clerk, access.Supervisor), In: underWay, Also: endsToday},
	{Name: "red", Title: "委托已经过期", By: by(access.Clerk, access.Supervisor), In: underWay, Also: ended},
}}

// waitsForPapers: they were not checked yet, or the county asks for more.
func waitsForPapers(queue.Asked) queue.Condition {
	return queue.Where("errands.status = ?", Entrusted).Either(queue.Where("(SELECT c.status FROM cases c WHERE c.id = errands.case_id) = ?", casework.Correcting))
}

// holdsOriginals goes by no state: what is over holds them too.
func holdsOriginals(queue.Asked) queue.Condition {
	return queue.Where("errands.originals_held = ?", true)
}

func entrustedToHim(asked queue.Asked) queue.Condition {
	return queue.Where("errands.agent = ?", asked.Actor.Person)
}

func endsToday(asked queue.Asked) queue.Condition {
	return queue.Where("errands.valid_until = ?", clock.DateOf(asked.Now))
}

func ended(asked queue.Asked) queue.Condition {
	return queue.Where("errands.valid_until < ?", clock.DateOf(asked.Now))
}

// Queues are the work lists of the actor's role and how many errands wait in each; one statement counts them all.
func (d *Desk) Queues(ctx context.Context, actor access.Actor) ([]queue.Count, error) {
	return queues.Count(d.store.Read(ctx), seenBy(actor), queue.Asked{Actor: actor, Now: moment(d.store.Clock().Now())})
}
