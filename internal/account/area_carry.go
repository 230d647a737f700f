package account

import (
	"context"
	"errors"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

func forUpdate(db *gorm.DB) *gorm.DB { return db.Clauses(clause.Locking{Strength: "UPDATE"}) }

func today(tx *store.Tx) clock.Date { return clock.DateOf(tx.Now) }

// Carrier carries what another desk keeps of an area over to the one that follows it, at most some of it at a time; it answers
// how many there were. Done again it finds none.
type Carrier func(ctx context.Context, old, to access.Area) (int, error)

// CarriedBy registers another desk's. Call it while the program is put together.
func (d *Desk) CarriedBy(c Carrier) { d.carriers = append(d.carriers, c) }

// carryNow begins at once; what it does not finish, a round does.
func (d *Desk) carryNow(ctx context.Context, a Area, err error) (Area, error) {
	if err != nil {
		return a, err
	}
	// the change itself is made and answered; the rounds go on with the rest
	_ = errors.Join(d.NoticeAreas(ctx), d.CarryAreas(context.WithoutCancel(ctx)))
	d.standing.forget()
	return a, nil
}

// straggler is how long after a change somebody may still be found who registered while it was made.
const straggler = time.Hour

// CarryAreas carries over who lives in areas that ended, a batch in a transaction. It may be cut off and done again.
func (d *Desk) CarryAreas(ctx context.Context) error {
	var open []AreaChange
	err := d.store.Read(ctx).Where("closes IS NOT NULL AND (carried_at IS NULL OR created_at > ?)", d.now().Add(-straggler)).Order("LENGTH(old) DESC, id").Find(&open).Error
	if err != nil {
		return err
	}
	carriers := append([]Carrier{d.carryPeople}, d.carriers...)
	for _, c := range open { // grids first, as long as it is known who lives in which
		for _, carry := range carriers {
			for {
				n, err := carry(ctx, c.Old, c.New)
				if err != nil {
					return err
				}
				if n == 0 {
					break
				}
			}
		}
		if c.CarriedAt != nil {
			continue
		}
		err := d.write(ctx, access.Round(wide(c.New)), func(tx *store.Tx) error {
			return tx.Model(&AreaChange{}).Where("id = ?", c.ID).UpdateColumn("carried_at", tx.Now).Error
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// carryPeople moves some of those who live in an area. Who is registered in both villages under one ID number is two records
// afterwards as he was before; the carried one is found by its name and phone, the other by the number too.
func (d *Desk) carryPeople(ctx context.Context, old, to access.Area) (n int, err error) {
	err = d.write(ctx, access.Round(wide(to)), func(tx *store.Tx) error {
		var people []personRow
		err := forUpdate(tx.DB).Select("id, village, grid, id_index, version").
			Where(string(old.Level())+" = ?", old).Order("id").Limit(perWrite).Find(&people).Error
		if err != nil {
			return err
		}
		n = len(people)
		for _, p := range people {
			set := personRow{}
			set.live(to)
			change := map[string]any{
				"county": set.County, "town": set.Town, "village": set.Village, "grid": set.Grid, "version": p.Version + 1, "updated_at": tx.Now,
			}
			twice, err := registered(tx.DB, set.Village, p.IDIndex)
			if err != nil {
				return err
			}
			if twice {
				change["id_index"] = nil
			}
			if err := changePerson(tx, p, change); err != nil {
				return err
			}
			tx.Trail(store.Entry{Act: "person.carry", Kind: "person", Object: p.ID, Area: to.Village(), From: string(old), To: string(to), Fields: []string{"area"}})
		}
		return nil
	})
	return n, err
}

func registered(db *gorm.DB, village string, number *string) (bool, error) {
	if number == nil {
		return false, nil
	}
	var n int64
	err := db.Model(&personRow{}).Where("village = ? AND id_index = ?", village, *number).Count(&n).Error
	return n > 0, err
}

// Successor is where an area goes on: itself, or what it was merged into or moved to, however often.
func (d *Desk) Successor(ctx context.Context, code access.Area) (access.Area, error) {
	next, err := successors(d.store.Read(ctx))
	return follow(next, code), err
}

func successors(db *gorm.DB) (map[access.Area]access.Area, error) {
	var changes []AreaChange
	err := db.Select("old, new").Where("closes IS NOT NULL").Find(&changes).Error
	next := make(map[access.Area]access.Area, len(changes))
	for _, c := range changes {
		next[c.Old] = c.New
	}
	return next, err
}

func follow(next map[access.Area]access.Area, code access.Area) access.Area {
	for range len(next) { // a chain cannot be longer, even if somebody made it a ring
		to, ended := next[code]
		if !ended {
			break
		}
		code = to
	}
	return code
}

// followed is the memory of a replica: which areas ended, where each goes on, and the mark of the changes that it knows.
type followed struct {
	mark string
	next map[access.Area]access.Area
}

// markOf differs after every change that is written down in the table; empty when there is none. It is their number: an id is of the
// moment at which its transaction began, and one that waited comes after others with a smaller one.
func markOf(db *gorm.DB, changes any) (string, error) {
	var n int64
	if err := db.Model(changes).Count(&n).Error; err != nil || n == 0 {
		return "", err
	}
	return strconv.FormatInt(n, 10), nil
}

// NoticeAreas looks for changes. Every replica does so every few seconds, since scans and pages ask no database.
func (d *Desk) NoticeAreas(ctx context.Context) error {
	db := d.store.Read(ctx)
	mark, err := markOf(db, &AreaChange{})
	if err != nil || mark == "" {
		return err
	}
	if known := d.followed.Load(); known != nil && known.mark == mark {
		return nil
	}
	next, err := successors(db)
	if err != nil {
		return err
	}
	for old := range next {
		next[old] = follow(next, old)
	}
	d.followed.Store(&followed{mark, next})
	return nil
}

// Ended are the areas that ended, with where each goes on, and a mark that differs after every change to any area.
func (d *Desk) Ended() (mark string, next map[access.Area]access.Area) {
	known := d.followed.Load()
	if known == nil {
		return "", nil
	}
	return known.mark, known.next
}

// Follow is where an area goes on, as far as this replica knows; itself while it has not ended.
func (d *Desk) Follow(code access.Area) access.Area {
	_, next := d.Ended()
	return follow(next, code)
}

// Live is the area with that code, if it has not ended.
func (d *Desk) Live(ctx context.Context, code access.Area) (Area, error) {
	a, err := d.Area(ctx, code)
	if err != nil {
		return a, err
	}
	to, err := d.Successor(ctx, code)
	if err == nil && to != code {
		return Area{}, fault.NotFound
	}
	return a, err
}

// AreaHistory lists what happened to an area, the newest first: how it came to be, its names, what was merged into it, its end.
func (d *Desk) AreaHistory(ctx context.Context, code access.Area, after string, limit int) ([]AreaChange, error) {
	if _, err := d.Area(ctx, code); err != nil {
		return nil, err
	}
	var list []AreaChange
	err := store.Page(d.store.Read(ctx).Where("(old = ? OR new = ?)", code, code), after, limit).Find(&list).Error
	return list, err
}
