package errand

import (
	"context"
	"strings"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/queue"
	"tongban/internal/store"
)

// Filter narrows a list; the zero Filter is everything that the actor sees, newest first.
type Filter struct {
	Status []flow.State
	Case   string
	Mine   bool   // a clerk: he is the agent
	Queue  string // one of the work lists of his role
	After  string // id
	Limit  int    // 1 to 101; one more than shown tells whether there is a next page
}

// List is what the actor sees, without what belongs to the single errand.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]Seen, error) {
	db := seenBy(actor)(d.store.Read(ctx))
	if f.Queue != "" {
		q, found := queues.Find(actor.Role, f.Queue)
		if !found {
			return nil, fault.Wrong("query.queue", "没有这个工作列表")
		}
		db = queues.Narrow(db, q, queue.Asked{Actor: actor, Now: moment(d.store.Clock().Now())})
	}
	for _, s := range f.Status {
		if Flow.Text(s) == "" {
			return nil, fault.Wrong("query.status", "没有这个状态")
		}
	}
	if len(f.Status) > 0 {
		db = db.Where("errands.status IN ?", f.Status)
	}
	if f.Case != "" {
		db = db.Where("errands.case_id = ?", f.Case)
	}
	if f.Mine && actor.Role == access.Clerk {
		db = db.Where("errands.agent = ?", actor.Person)
	}
	page := store.Page
	if Flow.Under(queues.States(actor.Role, f.Queue)) || actor.Role == access.Clerk && Flow.Under(f.Status) {
		page = store.PageOfFew
	}
	var rows []Errand
	if err := page(db, f.After, f.Limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	ids := make([]string, 0, 3*len(rows))
	for i := range rows {
		ids = append(ids, rows[i].Agent, rows[i].Deputy, rows[i].Principal)
	}
	names, err := d.people.PersonNames(ctx, ids...)
	if err != nil {
		return nil, err
	}
	list := make([]Seen, 0, len(rows))
	for i := range rows {
		s := view(&rows[i], actor)
		if name, known := names[rows[i].Agent]; known {
			s.FiledBy = &casework.Filer{ID: rows[i].Agent, Name: name}
		}
		if name, known := names[rows[i].Deputy]; known {
			s.Deputy = &casework.Filer{ID: rows[i].Deputy, Name: name}
		}
		if name, known := names[rows[i].Principal]; known {
			s.FiledFor = &casework.Filer{ID: rows[i].Principal, Name: name}
		}
		list = append(list, s)
	}
	return list, nil
}

// Get is one errand whole.
func (d *Desk) Get(ctx context.Context, actor access.Actor, id string) (Seen, error) {
	db := d.store.Read(ctx)
	row, err := d.load(db, actor, id)
	if err != nil {
		return Seen{}, err
	}
	return d.whole(ctx, db, row, actor)
}

// Rounds fetches results that came while an errand was paused, and archives what was handed over long enough ago, unless
// originals are still here. It answers how many errands it moved.
func (d *Desk) Rounds(ctx context.Context) (changed int, err error) {
	now := moment(d.store.Clock().Now())
	due := store.Sweep[Errand]{
		Condition: "next_at <= ? AND NOT (status = ? AND originals_held = ?)", Args: []any{now, HandedOver, true}, Order: "next_at, id", Do: d.goOn,
	}
	return due.Run(ctx, d.store)
}

func (d *Desk) goOn(ctx context.Context, e *Errand) (err error) {
	switch e.Status {
	case SentIn:
		_, err = d.TakeResult(ctx, access.Round(e.Village), e.ID, Plain{e.Version})
	case HandedOver:
		_, err = d.Archive(ctx, access.Round(e.Village), e.ID, Plain{e.Version})
	default:
		err = store.ErrStays
	}
	return err
}

// Told says which resident a letter of the outbox concerns, and the sentence that his inbox gets; both empty when nobody is told.
func (d *Desk) Told(ctx context.Context, letter store.Letter) (person, text string, err error) {
	act, found := strings.CutPrefix(letter.Topic, kind+".")
	words := inbox[flow.Act(act)]
	if !found || letter.Kind != kind || words == "" {
		return "", "", nil
	}
	var rows []Errand
	if err := d.store.Read(ctx).Select("number, principal, powers, valid_until, refusal").Where("id = ?", letter.Object).Limit(1).Find(&rows).Error; err != nil {
		return "", "", err
	}
	if len(rows) == 0 || rows[0].Principal == "" {
		return "", "", nil
	}
	if flow.Act(act) == TakeResult && !rows[0].receivable(clock.DateOf(d.store.Clock().Now())) {
		words = fetchYourself
	}
	if flow.Act(act) == HandOver && len(rows[0].Refusal) > 0 {
		words = leftThere
	}
	return rows[0].Principal, "您委托的代办（编号 " + rows[0].Number + "）" + words + "。", nil
}
