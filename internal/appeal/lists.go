package appeal

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/queue"
	"tongban/internal/workday"
)

// Filter narrows a list; the zero Filter is everything that the actor sees, newest first.
type Filter struct {
	Status []flow.State
	Class  Class
	Light  workday.Light
	Mine   bool // an officer: he is the owner; a clerk: he filed it
	Queue  string
	After  string // id
	Limit  int    // 1 to 101; one more than shown tells whether there is a next page
}

// queues are the work lists; each belongs to the roles that work on it. API clients know them by name.
var queues = queue.Table{Name: "appeals", Queues: []queue.Queue{
	{Name: "to_accept", Title: "待受理", By: by(dispatcher), In: []flow.State{Submitted}},
	{Name: "to_dispatch", Title: "待派单", By: by(dispatcher), In: []flow.State{Accepted}},
	{Name: "send_backs", Title: "退单", By: by(dispatcher, supervisor), In: []flow.State{SendBackAsked}},
	{Name: "unowned", Title: "没有人在办", By: by(dispatcher, supervisor), In: []flow.State{Acknowledged, Handling}, Also: inNoHand},
	{Name: "shelved", Title: "挂账", By: by(supervisor), In: []flow.State{Shelved}},
	{Name: "to_follow_up", Title: "待回访", By: by(followUp), In: []flow.State{Replied}, Also: notAnonymous},
	{Name: "following_up", Title: "回访中", By: by(followUp), In: []flow.State{FollowingUp}, Also: notAnonymous},
	{Name: "to_acknowledge", Title: "待签收", By: by(officer), In: []flow.State{Dispatched}, Also: func(a queue.Asked) queue.Condition {
		return queue.Where("appeals.office = ?", a.Actor.Office)
	}},
	{Name: "in_hand", Title: "在办", By: by(officer), In: inHand, Also: func(a queue.Asked) queue.Condition {
		return queue.Where("appeals.owner = ?", a.Actor.Person)
	}},
	{Name: "due_today", Title: "今天到期", By: by(dispatcher, officer, supervisor), In: toHandle, Also: func(a queue.Asked) queue.Condition {
		return inCounty(a, queue.Where("(appeals.late_at > ? AND appeals.late_at <= ?)", a.Now, whole(clock.DateOf(a.Now).End())))
	}},
	{Name: "red", Title: "已经超期", By: by(dispatcher, officer, supervisor), In: toHandle, Also: func(a queue.Asked) queue.Condition {
		return inCounty(a, queue.Where("appeals.late_at <= ?", a.Now))
	}},
}}

var (
	inHand = []flow.State{Acknowledged, Handling, Shelved}
	// toHandle are those in which a clock runs for somebody of the county.
	toHandle = []flow.State{Submitted, Accepted, Dispatched, SendBackAsked, Acknowledged, Handling}
)

// inNoHand: whoever signed for it has no post at its office any more, or it was sent back to be handled after an answer of the dispatcher's own.
// Somebody has to reassign it.
func inNoHand(a queue.Asked) queue.Condition {
	today := clock.DateOf(a.Now)
	return queue.Where("NOT "+account.Holds("appeals.owner", "appeals.office"), officer, today, today)
}

// notAnonymous: there is nobody to call.
func notAnonymous(queue.Asked) queue.Condition {
	return queue.Where("appeals.identity <> ?", Anonymous)
}

// Queues are the work lists of the actor's role and how many appeals wait in each; one statement counts them all.
func (d *Desk) Queues(ctx context.Context, actor access.Actor) ([]queue.Count, error) {
	return queues.Count(d.store.Read(ctx), d.underWay(actor), queue.Asked{Actor: actor, Now: whole(d.store.Clock().Now())})
}

// List is what the actor sees, without history, files and petitioners.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]Seen, error) {
	seen, page := d.wayTo(actor, f)
	db, err := f.narrow(seen(d.store.Read(ctx)), actor, d.store.Clock().Now())
	if err != nil {
		return nil, err
	}
	var rows []Appeal
	if err := page(db, f.After, f.Limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]Seen, 0, len(rows))
	for i := range rows {
		s, err := d.view(&rows[i], actor)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func (f Filter) narrow(db *gorm.DB, actor access.Actor, now time.Time) (*gorm.DB, error) {
	if f.Queue != "" {
		q, found := queues.Find(actor.Role, f.Queue)
		if !found {
			return nil, fault.Wrong("query.queue", "没有这个工作列表")
		}
		db = queues.Narrow(db, q, queue.Asked{Actor: actor, Now: whole(now)})
	}
	if len(f.Status) > 0 {
		for _, s := range f.Status {
			if Flow.Text(s) == "" {
				return nil, fault.Wrong("query.status", "没有这个状态")
			}
		}
		db = db.Where("appeals.status IN ?", f.Status)
	}
	if f.Class != "" {
		if !slices.Contains(classes(), f.Class) {
			return nil, fault.Wrong("query.class", "没有这个类别")
		}
		db = db.Where("appeals.class = ?", f.Class)
	}
	if f.Mine {
		switch actor.Role {
		case officer:
			db = db.Where("appeals.owner = ?", actor.Person)
		case clerk:
			db = db.Where("appeals.agent = ?", actor.Person)
		}
	}
	return docket.LightIs(db, "appeals", f.Light, now)
}

// Get is one appeal with its history.
func (d *Desk) Get(ctx context.Context, actor access.Actor, id string) (Seen, error) {
	db := d.store.Read(ctx)
	row, err := d.load(db, actor, id)
	if err != nil {
		return Seen{}, err
	}
	return d.whole(ctx, db, row, actor)
}

// Counts says how many appeals of each state under way the actor sees.
func (d *Desk) Counts(ctx context.Context, actor access.Actor) (map[flow.State]int, error) {
	return docket.CountOpen(d.underWay(actor)(d.store.Read(ctx).Model(&Appeal{})), "appeals", Flow)
}
