package rights

import (
	"context"
	"iter"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/errand"
	"tongban/internal/family"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/locker"
	"tongban/internal/rating"
	"tongban/internal/store"
)

// copies bounds how often somebody gets the whole of his data: it costs more than any other call.
var copies = store.Allowance{Kind: "copy", Most: 5, Window: 24 * time.Hour}

// ErrCopies refuses whoever had enough copies today.
var ErrCopies = fault.New(fault.TooMany, "rights.too_many_copies", "您今天已经要过五次副本了，请明天再要")

// batch is how much of a list is in memory at a time.
const batch = 20

// Copy (副本, PIPL 45) is all that is held of a resident. Record is read already; the lists are read while they are walked
// through, a batch at a time, so that a long life costs no memory.
type Copy struct {
	Made        time.Time
	ByClerk     bool // printed by the clerk: then only what he himself may see
	Record      account.Record
	VillageName string
	Consents    iter.Seq2[account.Given, error]
	Households  iter.Seq2[family.Household, error]
	Helping     iter.Seq2[family.Acting, error]
	Appeals     iter.Seq2[Matter, error]
	Cases       iter.Seq2[Application, error]
	Errands     iter.Seq2[errand.Seen, error]
	Papers      iter.Seq2[locker.Paper, error] // kept in the locker
	Corrections iter.Seq2[Correction, error]
	Photos      iter.Seq2[file.File, error]
	Messages    iter.Seq2[Message, error]
	Sessions    iter.Seq2[account.PastSession, error]
	Reads       iter.Seq2[Read, error]
}

// Matter is an appeal with what he said of its handling.
type Matter struct {
	appeal.Seen
	Rating *rating.Seen
}

// Application is a case with what he said of its handling.
type Application struct {
	casework.Copy
	Rating *rating.Seen
}

// CopyMine is the resident's own copy.
func (d *Desk) CopyMine(ctx context.Context, actor access.Actor) (Copy, error) {
	if err := actor.Must(access.Resident); err != nil {
		return Copy{}, err
	}
	if wait, err := d.store.Try(ctx, copies, actor.Person); err != nil || wait > 0 {
		if err != nil {
			return Copy{}, err
		}
		return Copy{}, ErrCopies.After(wait)
	}
	c, err := d.begin(ctx, actor, actor.Person, "本人要副本")
	if err != nil {
		return Copy{}, err
	}
	c.Photos = turned(func(after string, limit int) ([]file.File, error) { return d.Files.Sent(ctx, actor, after, limit) },
		func(f file.File) string { return f.ID })
	c.Messages = turned(func(after string, limit int) ([]Message, error) { return d.messages(ctx, actor, after, limit) },
		func(m Message) string { return m.ID })
	c.Sessions = turned(func(after string, limit int) ([]account.PastSession, error) {
		return d.People.PastSessions(ctx, actor, after, limit)
	}, func(s account.PastSession) string { return s.ID })
	c.Reads = turned(func(after string, limit int) ([]Read, error) { return d.Reads(ctx, actor, after, limit) },
		func(r Read) string { return r.ID })
	return c, nil
}

// CopyFor is printed by the clerk for somebody without a phone who stands before him. It reveals, so it counts as a look. What
// the resident handed in himself is not in it, nor his messages: a clerk must not learn from it who complained of whom.
func (d *Desk) CopyFor(ctx context.Context, actor access.Actor, id, reason string) (Copy, error) {
	if err := d.People.MayReveal(ctx, actor, id); err != nil {
		return Copy{}, err
	}
	reason, err := account.Noted("body.reason", reason)
	if err != nil {
		return Copy{}, err
	}
	if wait, err := d.store.Try(ctx, account.Looks, actor.Person); err != nil || wait > 0 {
		if err != nil {
			return Copy{}, err
		}
		return Copy{}, account.ErrRevealQuota.After(wait)
	}
	return d.begin(ctx, actor, id, "替本人打印副本："+reason)
}

// begin writes into the trail that a copy is made, and reads the record; nothing is told before that is kept.
func (d *Desk) begin(ctx context.Context, actor access.Actor, id, reason string) (Copy, error) {
	c := Copy{
		ByClerk: actor.Person != id, Photos: none[file.File], Messages: none[Message], Sessions: none[account.PastSession], Reads: none[Read],
	}
	err := d.store.Write(store.WithClaim(ctx, nil), actor, func(tx *store.Tx) (err error) {
		c.Made = tx.Now
		c.Record, err = d.People.CopyRecord(tx, id, reason)
		return err
	})
	if err != nil {
		return Copy{}, err
	}
	if c.VillageName, err = named(map[access.Area]string{}, c.Record.Village, d.areaName(ctx)); err != nil {
		return Copy{}, err
	}
	himself := access.Actor{Person: id, Role: access.Resident, Area: c.Record.Village}
	c.Consents = turned(func(after string, limit int) ([]account.Given, error) {
		return d.People.Consents(ctx, himself, after, limit)
	},
		func(g account.Given) string { return g.ID })
	c.Households = turned(func(after string, limit int) ([]family.Household, error) {
		return d.households(ctx, himself, after, limit)
	},
		func(h family.Household) string { return h.ID })
	c.Helping = turned(func(after string, limit int) ([]family.Acting, error) {
		return d.Families.Actings(ctx, himself, after, limit)
	},
		func(a family.Acting) string { return a.ID })
	c.Corrections = turned(func(after string, limit int) ([]Correction, error) {
		return d.Corrections(ctx, himself, false, after, limit)
	}, func(c Correction) string { return c.ID })
	c.Appeals = turned(func(after string, limit int) ([]Matter, error) { return d.matters(ctx, actor, id, after, limit) },
		func(m Matter) string { return m.ID })
	c.Cases = turned(func(after string, limit int) ([]Application, error) {
		return d.applications(ctx, actor, id, after, limit)
	},
		func(a Application) string { return a.ID })
	c.Errands = turned(func(after string, limit int) ([]errand.Seen, error) {
		return d.Errands.Copied(ctx, actor, id, after, limit)
	},
		func(e errand.Seen) string { return e.ID })
	c.Papers = turned(func(after string, limit int) ([]locker.Paper, error) {
		return d.stored(ctx, actor, id, after, limit)
	},
		func(p locker.Paper) string { return p.ID })
	return c, nil
}

// households are told with who lives there; others' names are masked for him.
func (d *Desk) households(ctx context.Context, himself access.Actor, after string, limit int) ([]family.Household, error) {
	list, err := d.Families.Households(ctx, himself, after, limit)
	for i := range list {
		if list[i], err = d.Families.Household(ctx, himself, list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, err
}

// stored are the papers in the locker, each use with the number by which people know the case.
func (d *Desk) stored(ctx context.Context, actor access.Actor, person, after string, limit int) ([]locker.Paper, error) {
	list, err := d.Locker.Copied(ctx, actor, person, after, limit)
	if err != nil {
		return nil, err
	}
	var cases []string
	for _, p := range list {
		for _, u := range p.Uses {
			cases = append(cases, u.Case)
		}
	}
	numbers, err := d.Cases.Numbers(ctx, cases)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		for i := range p.Uses {
			p.Uses[i].Number = numbers[p.Uses[i].Case]
		}
	}
	return list, nil
}

func (d *Desk) matters(ctx context.Context, actor access.Actor, person, after string, limit int) ([]Matter, error) {
	rows, err := d.Appeals.Copied(ctx, actor, person, after, limit)
	if err != nil {
		return nil, err
	}
	himself := access.Actor{Person: person, Role: access.Resident}
	list := make([]Matter, 0, len(rows))
	for _, a := range rows {
		given, err := d.Ratings.OfAppeal(ctx, himself, a.ID) // his clerk may not know by the appeal alone whose it is
		if err != nil {
			return nil, err
		}
		list = append(list, Matter{a, given})
	}
	return list, nil
}

func (d *Desk) applications(ctx context.Context, actor access.Actor, person, after string, limit int) ([]Application, error) {
	rows, err := d.Cases.Copied(ctx, actor, person, after, limit)
	if err != nil {
		return nil, err
	}
	list := make([]Application, 0, len(rows))
	for _, c := range rows {
		given, err := d.Ratings.OfCase(ctx, actor, c.ID)
		if err != nil {
			return nil, err
		}
		list = append(list, Application{c, given})
	}
	return list, nil
}

func none[T any](func(T, error) bool) {}

// turned walks through all pages of a list, and ends with the first error.
func turned[T any](find func(after string, limit int) ([]T, error), id func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for after := ""; ; {
			page, err := find(after, batch)
			if err != nil {
				var nothing T
				yield(nothing, err)
				return
			}
			for _, v := range page {
				if !yield(v, nil) {
					return
				}
			}
			if len(page) < batch {
				return
			}
			after = id(page[len(page)-1])
		}
	}
}
