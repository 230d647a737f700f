package casework

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/queue"
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
	Free   bool   // only what nobody has in hand
	Urgent bool   // whose clock ends first comes first, instead of the newest
	After  string // id; with Urgent the Place of the last one
	Limit  int    // 1 to 101; one more than shown tells whether there is a next page
}

// List is what the actor sees, without what belongs to the single case; of the applicant it has the masked name.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]Seen, error) {
	db, err := f.narrow(d.seenBy(actor)(d.store.Read(ctx)), actor, d.store.Clock().Now())
	if err != nil {
		return nil, err
	}
	page := store.Page
	switch {
	case f.Urgent:
		page = urgent
	case Flow.Under(queues.States(actor.Role, f.Queue)), actor.Role == clerk && Flow.Under(f.Status):
		page = store.PageOfFew
	}
	var rows []Case
	if err := page(db, f.After, f.Limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	all := make([]*Case, 0, len(rows))
	ids := make([]string, 0, 2*len(rows))
	for i := range rows {
		all, ids = append(all, &rows[i]), append(ids, rows[i].Applicant, rows[i].Agent)
	}
	if err := d.weigh(d.store.Read(ctx), actor, all...); err != nil {
		return nil, err
	}
	names, err := d.people.PersonNames(ctx, ids...)
	if err != nil {
		return nil, err
	}
	holders, err := d.holders(ctx, actor, all...)
	if err != nil {
		return nil, err
	}
	whole, err := d.completeness(d.store.Read(ctx), all...)
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
		s.Holder, s.Papers = holders[rows[i].ID], whole[rows[i].ID]
		list = append(list, s)
	}
	return list, nil
}

func (f Filter) narrow(db *gorm.DB, actor access.Actor, now time.Time) (*gorm.DB, error) {
	asked := queue.Asked{Actor: actor, Now: whole(now)}
	if f.Queue != "" {
		q, found := queues.Find(actor.Role, f.Queue)
		if !found {
			return nil, fault.Wrong("query.queue", "没有这个工作列表")
		}
		db = queues.Narrow(db, q, asked)
	}
	if f.Free {
		c := free(asked)
		db = db.Where(c.SQL, c.Args...)
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
	return docket.LightIs(db, "cases", f.Light, now)
}

// never is where a case stands whose clock does not run: behind all others. It is the one of the column urgent_at.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// Place is where the case stands in a list that goes by the clock, for the next page.
func (s Seen) Place() string {
	at := never
	if s.lateAt != nil {
		at = s.lateAt.UTC()
	}
	return at.Format(time.RFC3339) + "|" + s.ID
}

// urgent is store.Page for lists that go by the clock.
func urgent(db *gorm.DB, after string, limit int) *gorm.DB {
	if moment, id, ok := strings.Cut(after, "|"); ok {
		at, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			_ = db.AddError(err)
		}
		// no OR: MariaDB would merge two indexes for it, and sort
		db = db.Where("cases.urgent_at >= ? AND CASE WHEN cases.urgent_at > ? OR cases.id > ? THEN 1 ELSE 0 END = 1", at, at, id)
	}
	return db.Order("cases.urgent_at, cases.id").Limit(min(max(limit, 1), 101))
}

// ownColumns say whose case it is among colleagues.
var ownColumns = map[access.Role]string{
	clerk: "cases.agent", window: "cases.window_person", reviewer: "cases.reviewer", decider: "cases.decider",
}

// Get is one case whole.
func (d *Desk) Get(ctx context.Context, actor access.Actor, id string) (Seen, error) {
	db := d.store.Read(ctx)
	row, err := d.seenOrAsked(db, actor, id)
	if err != nil {
		return Seen{}, err
	}
	return d.whole(ctx, db, row, actor)
}

// Counts says how many cases of each state under way the actor sees.
func (d *Desk) Counts(ctx context.Context, actor access.Actor) (map[flow.State]int, error) {
	return docket.CountOpen(d.seenBy(actor)(d.store.Read(ctx).Model(&Case{})), "cases", Flow)
}

// Returns is how often an office gave cases back, and how often it broke the one-return rule by that.
type Returns struct {
	Office      string
	Corrections int
	Repeated    int
}

// ReturnsByOffice counts for a supervisor what was asked for in a year (of Shanghai; 0 is this one) about the cases that he sees.
func (d *Desk) ReturnsByOffice(ctx context.Context, actor access.Actor, year int) (list []Returns, err error) {
	if err := actor.Must(supervisor); err != nil {
		return nil, err
	}
	if year == 0 {
		year = clock.DateOf(d.store.Clock().Now()).Year
	}
	from, until := clock.Date{Year: year, Month: 1, Day: 1}.Start().UTC(), clock.Date{Year: year + 1, Month: 1, Day: 1}.Start().UTC()
	seen := d.seenBy(actor)(d.store.Read(ctx).Model(&Case{}).Select("1")).Where("cases.id = k.case_id")
	db := d.store.Read(ctx).Table("case_corrections k").Where("k.asked_at >= ? AND k.asked_at < ? AND EXISTS (?)", from, until, seen)
	err = db.Select("k.office AS office, COUNT(1) AS corrections, SUM(CASE WHEN k.repeated THEN 1 ELSE 0 END) AS repeated").
		Group("k.office").Order("k.office").Scan(&list).Error
	return list, err
}
