package casework

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// Filter narrows a list; the zero Filter is everything that the actor sees, newest first.
type Filter struct {
	Status []flow.State
	Item   string
	Light  workday.Light
	Mine   bool // a clerk: he files it; a window: he received it; reviewer and decider likewise
	Queue  string
	After  string // id
	Limit  int    // 1 to 101; one more than shown tells whether there is a next page
}

// queues are the work lists by name; each belongs to the roles that work on it.
var queues = map[string]struct {
	by     []access.Role
	narrow func(*gorm.DB, access.Actor) *gorm.DB
}{
	"drafts":     {by(resident, clerk), inStates(Draft)},
	"to_correct": {by(resident, clerk), inStates(Correcting)},
	"to_receive": {by(window), inStates(Submitted)},
	"to_accept":  {by(window), inStates(Received)},
	"to_review":  {by(reviewer), inStates(Accepted)},
	"in_review":  {by(reviewer), inStates(Reviewing, Suspended)},
	"to_decide":  {by(decider), inStates(Reviewing)},
	"instant": {by(decider), func(db *gorm.DB, actor access.Actor) *gorm.DB {
		return inStates(Received)(db, actor).Where("cases.case_type = ? AND NOT cases.two_persons", catalog.Instant)
	}},
	"by_hand":    {by(clerk, window, supervisor), stuckThere},
	"suspended":  {by(reviewer, decider, supervisor), inStates(Suspended)},
	"to_deliver": {by(window, clerk), inStates(Granted, Denied)},
	"to_file":    {by(window), inStates(Delivered)},
}

func inStates(states ...flow.State) func(*gorm.DB, access.Actor) *gorm.DB {
	return func(db *gorm.DB, _ access.Actor) *gorm.DB { return db.Where("cases.status IN ?", states) }
}

// stuckThere are those that the county must be told of by hand: few, and found from their letters.
func stuckThere(db *gorm.DB, _ access.Actor) *gorm.DB {
	return db.Where("cases.id IN (SELECT x.case_id FROM case_handovers x WHERE x.id IN (" + stuckHandovers + "))")
}

// List is what the actor sees, without what belongs to the single case; of the applicant it has the masked name.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]Seen, error) {
	db, err := f.narrow(d.seenBy(actor)(d.store.Read(ctx)), actor, d.store.Clock().Now())
	if err != nil {
		return nil, err
	}
	var rows []Case
	if err := store.Page(db, f.After, f.Limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(rows))
	for i := range rows {
		ids = append(ids, rows[i].Applicant, rows[i].Agent)
	}
	names, err := d.people.PersonNames(ctx, ids...)
	if err != nil {
		return nil, err
	}
	list := make([]Seen, 0, len(rows))
	for i := range rows {
		s := d.view(&rows[i], actor)
		if name, known := names[rows[i].Applicant]; known {
			s.Applicant = &Applicant{ID: rows[i].Applicant, Name: name}
		}
		if name, known := names[rows[i].Agent]; known {
			s.FiledBy = &Filer{rows[i].Agent, name}
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
		db = db.Where("cases.status IN ?", f.Status)
	}
	if f.Item != "" {
		db = db.Where("cases.item = ?", f.Item)
	}
	if column := ownColumns[actor.Role]; f.Mine && column != "" {
		db = db.Where(column+" = ?", actor.Person)
	}
	return lightIs(db, f.Light, whole(now))
}

// ownColumns say whose case it is among colleagues.
var ownColumns = map[access.Role]string{
	clerk: "cases.agent", window: "cases.window_person", reviewer: "cases.reviewer", decider: "cases.decider",
}

// lightIs is Case.LightAt as a condition.
func lightIs(db *gorm.DB, light workday.Light, now time.Time) (*gorm.DB, error) {
	switch light {
	case "":
		return db, nil
	case workday.Red:
		return db.Where("(cases.late_at <= ? OR (cases.late_at IS NULL AND cases.light = 'red'))", now), nil
	case workday.Amber:
		return db.Where("((cases.late_at > ? AND cases.warn_at <= ?) OR (cases.late_at IS NULL AND cases.light = 'amber'))", now, now), nil
	case workday.Green:
		return db.Where("((cases.late_at > ? AND cases.warn_at > ?) OR (cases.late_at IS NULL AND cases.light = 'green'))", now, now), nil
	}
	return nil, fault.Wrong("query.light", "请选择 green、amber 或 red")
}

// Get is one case whole.
func (d *Desk) Get(ctx context.Context, actor access.Actor, id string) (Seen, error) {
	db := d.store.Read(ctx)
	row, err := d.load(db, actor, id)
	if err != nil {
		return Seen{}, err
	}
	return d.whole(ctx, db, row, actor)
}

// Counts says how many cases of each state the actor sees; states without any are 0.
func (d *Desk) Counts(ctx context.Context, actor access.Actor) (map[flow.State]int, error) {
	var rows []struct {
		Status flow.State
		N      int
	}
	err := d.seenBy(actor)(d.store.Read(ctx).Model(&Case{})).Select("cases.status, COUNT(1) AS n").Group("cases.status").Scan(&rows).Error
	counts := map[flow.State]int{}
	for _, s := range Flow.States {
		counts[s.Name] = 0
	}
	for _, r := range rows {
		counts[r.Status] = r.N
	}
	return counts, err
}

// Returns is how often an office gave cases back, and how often it broke the one-return rule by that.
type Returns struct {
	Office      string
	Corrections int
	Repeated    int
}

// ReturnsByOffice counts for a supervisor the corrections of the cases that he sees.
func (d *Desk) ReturnsByOffice(ctx context.Context, actor access.Actor) (list []Returns, err error) {
	if err := actor.Must(supervisor); err != nil {
		return nil, err
	}
	db := d.seenBy(actor)(d.store.Read(ctx).Table("case_corrections k").Joins("JOIN cases ON cases.id = k.case_id"))
	err = db.Select("k.office AS office, COUNT(1) AS corrections, SUM(CASE WHEN k.repeated THEN 1 ELSE 0 END) AS repeated").
		Group("k.office").Order("k.office").Scan(&list).Error
	return list, err
}
