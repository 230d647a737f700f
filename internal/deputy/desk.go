package deputy

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

const kind = "deputy"

// Desk is where deputies are named and ended.
type Desk struct {
	store  *store.Store
	people *account.Desk
}

// New opens the desk.
func New(s *store.Store, people *account.Desk) *Desk { return &Desk{s, people} }

// Naming names a colleague.
type Naming struct {
	Deputy          string // person id
	FirstOn, LastOn clock.Date
}

// Name lets a colleague stand in for the actor in the post in which he acts. For a day there is one deputy at most.
func (d *Desk) Name(ctx context.Context, actor access.Actor, n Naming) (Seen, error) {
	if err := actor.Must(Roles...); err != nil {
		return Seen{}, err
	}
	var seen Seen
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		if err := account.Hold(tx, actor.Person); err != nil { // else two at once would find the day free, and both take it
			return err
		}
		today := clock.DateOf(tx.Now)
		switch {
		case n.FirstOn.Before(today):
			return fault.Wrong("body.first_on", "不能早于今天")
		case n.LastOn.Before(n.FirstOn):
			return fault.Wrong("body.last_on", "不能早于第一天")
		case n.FirstOn.DaysUntil(n.LastOn) >= longest:
			return fault.Wrong("body.last_on", fmt.Sprintf("一次最多替班 %d 天，更久的请调整岗位", longest))
		}
		posts, err := colleagues(tx.DB, actor, n.FirstOn, n.LastOn)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(posts, func(p account.Post) bool { return p.Person == n.Deputy && p.Person != actor.Person })
		if at < 0 {
			return fault.Wrong("body.deputy", "请选本单位同一岗位的同事（村办事员选本村的），这几天都要在岗")
		}
		var taken int64
		err = tx.Model(&Deputy{}).Where("post = ? AND ended_at IS NULL AND first_on <= ? AND last_on >= ?", actor.Post, n.LastOn, n.FirstOn).Count(&taken).Error
		if err != nil {
			return err
		}
		if taken > 0 {
			return ErrNamed
		}
		row := Deputy{
			ID: tx.NewID(), Person: actor.Person, Post: actor.Post, Deputy: n.Deputy, DeputyPost: posts[at].ID, Office: actor.Office, Role: actor.Role,
			FirstOn: n.FirstOn, LastOn: n.LastOn, NamedAt: tx.Now,
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		d.trail(tx, "deputy.name", row)
		return d.told(ctx, tx, row, &seen)
	})
	return seen, err
}

// colleagues are those in the same role at the same office; a clerk's are those of his village, wherever they sit.
func colleagues(db *gorm.DB, actor access.Actor, first, last clock.Date) ([]account.Post, error) {
	if actor.Role == access.Clerk {
		return account.Clerks(db, actor.Area, first, last)
	}
	return account.Colleagues(db, actor.Office, actor.Role, first, last)
}

// End lets it be over at once: whoever named the deputy, he himself, or the supervisor.
func (d *Desk) End(ctx context.Context, actor access.Actor, id string) (Seen, error) {
	var seen Seen
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		var rows []Deputy
		if err := seenBy(actor)(tx.DB).Where("deputies.id = ?", id).Limit(1).Find(&rows).Error; err != nil {
			return err
		}
		if len(rows) == 0 {
			return fault.NotFound
		}
		row := rows[0]
		if row.EndedAt != nil || row.LastOn.Before(clock.DateOf(tx.Now)) {
			return ErrOver
		}
		done := tx.Model(&Deputy{}).Where("id = ? AND ended_at IS NULL", id).UpdateColumn("ended_at", tx.Now)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return ErrOver
		}
		row.EndedAt = &tx.Now
		d.trail(tx, "deputy.end", row)
		return d.told(ctx, tx, row, &seen)
	})
	return seen, err
}

// trail keeps who is stood in for, by whom and when: ids and days.
func (d *Desk) trail(tx *store.Tx, act string, row Deputy) {
	tx.Trail(store.Entry{
		Act: act, Kind: kind, Object: row.ID, Area: tx.Actor.Area, From: row.Person, To: row.Deputy, Why: row.FirstOn.String() + "/" + row.LastOn.String(),
	})
}

func (d *Desk) told(ctx context.Context, tx *store.Tx, row Deputy, seen *Seen) error {
	list, err := d.named(ctx, []Deputy{row})
	if err != nil {
		return err
	}
	*seen = list[0]
	tx.Answer(*seen)
	return nil
}

// List is what the actor sees, the newest first.
func (d *Desk) List(ctx context.Context, actor access.Actor, after string, limit int) ([]Seen, error) {
	var rows []Deputy
	if err := store.Page(seenBy(actor)(d.store.Read(ctx)), after, limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	return d.named(ctx, rows)
}

// named adds the names.
func (d *Desk) named(ctx context.Context, rows []Deputy) ([]Seen, error) {
	ids := make([]string, 0, 2*len(rows))
	for _, r := range rows {
		ids = append(ids, r.Person, r.Deputy)
	}
	names, err := d.people.StaffNames(ctx, ids...)
	if err != nil {
		return nil, err
	}
	today := clock.DateOf(d.store.Clock().Now())
	list := make([]Seen, 0, len(rows))
	for _, r := range rows {
		list = append(list, Seen{r, names[r.Person], names[r.Deputy], r.On(today)})
	}
	return list, nil
}

// Colleagues are those whom the actor may name as his deputy today.
func (d *Desk) Colleagues(ctx context.Context, actor access.Actor) ([]Colleague, error) {
	if err := actor.Must(Roles...); err != nil {
		return nil, err
	}
	today := clock.DateOf(d.store.Clock().Now())
	posts, err := colleagues(d.store.Read(ctx), actor, today, today)
	if err != nil {
		return nil, err
	}
	posts = slices.DeleteFunc(posts, func(p account.Post) bool { return p.Person == actor.Person })
	ids := make([]string, 0, len(posts))
	for _, p := range posts {
		ids = append(ids, p.Person)
	}
	names, err := d.people.StaffNames(ctx, ids...)
	if err != nil {
		return nil, err
	}
	list := make([]Colleague, 0, len(posts))
	for _, p := range posts {
		list = append(list, Colleague{p.Person, names[p.Person], p.Title})
	}
	return list, nil
}

// Checks are what must never be found in the table of this desk, for fsck.
func Checks() []store.Check {
	return []store.Check{
		{Name: "deputies of themselves", Count: "SELECT COUNT(1) FROM deputies WHERE person = deputy OR post = deputy_post"},
		{Name: "deputies in another role, at another office, or of another village", Count: "SELECT COUNT(1) FROM deputies d JOIN posts p ON p.id = d.post JOIN posts b ON b.id = d.deputy_post" +
			" WHERE p.role <> b.role OR p.role <> 'clerk' AND p.office <> b.office OR p.role = 'clerk' AND p.area <> b.area OR p.person <> d.person OR b.person <> d.deputy"},
		{Name: "deputies whose last day is before the first", Count: "SELECT COUNT(1) FROM deputies WHERE last_on < first_on"},
		{Name: "deputies of one post on one day", Count: "SELECT COUNT(1) FROM deputies a JOIN deputies b ON b.post = a.post AND b.id > a.id" +
			" WHERE a.ended_at IS NULL AND b.ended_at IS NULL AND a.first_on <= b.last_on AND b.first_on <= a.last_on"},
	}
}
