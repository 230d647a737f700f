package appeal

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
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

// Queues are the work lists by name; each belongs to the roles that work on it.
var queues = map[string]struct {
	by     []access.Role
	narrow func(*gorm.DB, access.Actor) *gorm.DB
}{
	"to_accept":    {by(dispatcher), inStates(Submitted)},
	"to_dispatch":  {by(dispatcher), inStates(Accepted)},
	"send_backs":   {by(dispatcher, supervisor), inStates(SendBackAsked)},
	"shelved":      {by(supervisor), inStates(Shelved)},
	"to_follow_up": {by(followUp), notAnonymous(Replied)},
	"following_up": {by(followUp), notAnonymous(FollowingUp)},
	"to_acknowledge": {by(officer), func(db *gorm.DB, actor access.Actor) *gorm.DB {
		return inStates(Dispatched)(db, actor).Where("appeals.office = ?", actor.Office)
	}},
	"in_hand": {by(officer), func(db *gorm.DB, actor access.Actor) *gorm.DB {
		return inStates(Acknowledged, Handling, Shelved)(db, actor).Where("appeals.owner = ?", actor.Person)
	}},
}

func inStates(states ...flow.State) func(*gorm.DB, access.Actor) *gorm.DB {
	return func(db *gorm.DB, _ access.Actor) *gorm.DB { return db.Where("appeals.status IN ?", states) }
}

// notAnonymous: there is nobody to call.
func notAnonymous(states ...flow.State) func(*gorm.DB, access.Actor) *gorm.DB {
	return func(db *gorm.DB, actor access.Actor) *gorm.DB {
		return inStates(states...)(db, actor).Where("appeals.identity <> ?", Anonymous)
	}
}

// List is what the actor sees, without history, files and petitioners.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]Seen, error) {
	db, err := f.narrow(d.seenBy(actor)(d.store.Read(ctx)), actor, d.store.Clock().Now())
	if err != nil {
		return nil, err
	}
	var rows []Appeal
	if err := store.Page(db, f.After, f.Limit).Find(&rows).Error; err != nil {
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
		q, found := queues[f.Queue]
		if !found || !slices.Contains(q.by, actor.Role) {
			return nil, fault.Wrong("query.queue", "没有这个工作列表")
		}
		db = q.narrow(db, actor)
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
		if !slices.Contains(Classes(), f.Class) {
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
	return lightIs(db, f.Light, whole(now))
}

// lightIs is Appeal.LightAt as a condition.
func lightIs(db *gorm.DB, light workday.Light, now time.Time) (*gorm.DB, error) {
	switch light {
	case "":
		return db, nil
	case workday.Red:
		return db.Where("(appeals.late_at <= ? OR (appeals.late_at IS NULL AND appeals.light = 'red'))", now), nil
	case workday.Amber:
		return db.Where("((appeals.late_at > ? AND appeals.warn_at <= ?) OR (appeals.late_at IS NULL AND appeals.light = 'amber'))", now, now), nil
	case workday.Green:
		return db.Where("((appeals.late_at > ? AND appeals.warn_at > ?) OR (appeals.late_at IS NULL AND appeals.light = 'green'))", now, now), nil
	}
	return nil, fault.Wrong("query.light", "请选择 green、amber 或 red")
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

// Counts says how many appeals of each state the actor sees; states without any are 0.
func (d *Desk) Counts(ctx context.Context, actor access.Actor) (map[flow.State]int, error) {
	var rows []struct {
		Status flow.State
		N      int
	}
	err := d.seenBy(actor)(d.store.Read(ctx).Model(&Appeal{})).Select("appeals.status, COUNT(1) AS n").Group("appeals.status").Scan(&rows).Error
	counts := map[flow.State]int{}
	for _, s := range Flow.States {
		counts[s.Name] = 0
	}
	for _, r := range rows {
		counts[r.Status] = r.N
	}
	return counts, err
}
