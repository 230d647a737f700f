// Package retention gives up personal data when its time is over (到期清理; PIPL 19: no longer than necessary). How long each class is kept
// is a rule in the county's folder, never below what law demands (floor.go); which rows those are is told by the desks that keep them
// (store.Perishable). Rounds do the work; the command looks first and changes nothing unless told to.
package retention

import (
	"context"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tongban/internal/access"
	"tongban/internal/store"
)

// batch is how many rows go in one transaction.
const batch = 500

// Keeper applies the rules.
type Keeper struct {
	store    *store.Store
	rules    []Rule
	disputes map[string]store.Dispute
}

// New opens it. disputes tell, desk by desk and by kind of thing, what is under dispute: nothing about it is touched.
func New(s *store.Store, rules []Rule, disputes ...map[string]store.Dispute) *Keeper {
	return &Keeper{s, rules, together(disputes...)}
}

// together: what any desk calls disputed is.
func together(desks ...map[string]store.Dispute) map[string]store.Dispute {
	all := map[string]store.Dispute{}
	for _, desk := range desks {
		for kind, says := range desk {
			if before := all[kind]; before != nil {
				all[kind] = func(id string) string { return "(" + before(id) + " OR " + says(id) + ")" }
			} else {
				all[kind] = says
			}
		}
	}
	return all
}

// Standing is how a class stands now.
type Standing struct {
	Code, Text, Basis string
	Keep              Keep
	Since, SinceText  string // from which moment its time counts
	Do                string // delete: the rows go; clear: personal fields of theirs
	Due               int64  // rows whose time is over
	Oldest            *time.Time
}

// Look counts what is due, and changes nothing.
func (k *Keeper) Look(ctx context.Context) ([]Standing, error) {
	now := k.now()
	list := make([]Standing, 0, len(k.rules))
	for _, r := range k.rules {
		s := Standing{
			Code: r.class.Code, Text: r.Text, Basis: r.Basis, Keep: r.Keep, Since: r.class.Since, SinceText: moments[r.class.Since],
			Do: deeds[r.class.Deletes()],
		}
		if !r.Keep.Forever() {
			if err := k.count(ctx, r, now, &s); err != nil {
				return nil, err
			}
		}
		list = append(list, s)
	}
	return list, nil
}

// Rules is Look for the system administrator.
func (k *Keeper) Rules(ctx context.Context, actor access.Actor) ([]Standing, error) {
	if err := actor.Must(access.SystemAdmin); err != nil {
		return nil, err
	}
	return k.Look(ctx)
}

func (k *Keeper) now() time.Time { return k.store.Clock().Now().Truncate(time.Second) }

func (k *Keeper) count(ctx context.Context, r Rule, now time.Time, s *Standing) error {
	if err := k.due(k.store.Read(ctx), r, now).Count(&s.Due).Error; err != nil || s.Due == 0 {
		return err
	}
	var oldest []time.Time
	if err := k.due(k.store.Read(ctx), r, now).Order(r.class.At).Limit(1).Pluck(r.class.At, &oldest).Error; err != nil {
		return err
	}
	if len(oldest) > 0 {
		s.Oldest = &oldest[0]
	}
	return nil
}

// due are the rows of a class whose time is over and that are under no dispute.
func (k *Keeper) due(db *gorm.DB, r Rule, now time.Time) *gorm.DB {
	db = r.class.Due(db.Table(r.class.Table), r.Keep.Before(now))
	for _, about := range r.class.About {
		if disputed := k.disputes[about.Of]; disputed != nil {
			db = db.Where("NOT " + disputed(r.class.Table+"."+about.Column))
		}
	}
	return db
}

// Cleared is what was done with a class.
type Cleared struct {
	Code string
	Rows int64
}

// Apply gives up what is due now, a batch in a transaction, each with its row in the trail. It may be cut off at any point and done again,
// and any number may do it at once. What it answers beside an error was done.
func (k *Keeper) Apply(ctx context.Context) (done []Cleared, err error) {
	now := k.now()
	all := int64(0)
	for _, r := range k.rules {
		if r.Keep.Forever() {
			continue
		}
		rows, err := k.clear(ctx, r, now)
		done = append(done, Cleared{r.class.Code, rows})
		if all += rows; err != nil {
			return done, err
		}
	}
	if all > 0 {
		err = k.store.Scrub(ctx)
	}
	return done, err
}

// Round is Apply as the courier does it.
func (k *Keeper) Round(ctx context.Context) error {
	_, err := k.Apply(ctx)
	return err
}

// clear goes through a class from its first key on, so that what was cleared is not looked at again.
func (k *Keeper) clear(ctx context.Context, r Rule, now time.Time) (rows int64, err error) {
	after := ""
	for {
		if err := ctx.Err(); err != nil {
			return rows, err
		}
		var last string
		var n int64
		err := k.store.Write(ctx, access.Round(""), func(tx *store.Tx) error {
			n, last = 0, ""
			keys, err := k.some(tx, r, now, after)
			if err != nil || len(keys) == 0 {
				return err
			}
			last = keys[len(keys)-1][0]
			if n, err = give(tx, r.class, keys); err != nil {
				return err
			}
			tx.Trail(store.Entry{Act: "retention." + deeds[r.class.Deletes()], Kind: "retention", Object: r.class.Code, To: strconv.FormatInt(n, 10), Why: r.Keep.String()})
			return nil
		})
		if err != nil {
			return rows, err
		}
		if rows += n; last == "" {
			return rows, nil
		}
		if len(r.class.Keys) == 1 {
			after = last
		}
	}
}

// some are the keys of a batch, locked.
func (k *Keeper) some(tx *store.Tx, r Rule, now time.Time, after string) (keys [][]string, err error) {
	db := k.due(tx.DB, r, now).Select(r.class.Keys).Clauses(clause.Locking{Strength: "UPDATE"}).Order(strings.Join(r.class.Keys, ", ")).Limit(batch)
	if after != "" {
		db = db.Where(r.class.Table+"."+r.class.Keys[0]+" > ?", after)
	}
	rows, err := db.Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		key, targets := make([]string, len(r.class.Keys)), make([]any, len(r.class.Keys))
		for i := range key {
			targets[i] = &key[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

// give clears or deletes the rows with these keys, and what goes together with them.
func give(tx *store.Tx, p store.Perishable, keys [][]string) (n int64, err error) {
	first := make([]string, len(keys))
	for i, key := range keys {
		first[i] = key[0]
	}
	for _, part := range p.With {
		if err := tx.Exec("DELETE FROM "+part.Of+" WHERE "+part.Column+" IN ?", first).Error; err != nil {
			return 0, err
		}
	}
	switch {
	case !p.Deletes():
		done := tx.Table(p.Table).Where(p.Keys[0]+" IN ?", first).UpdateColumns(p.Set)
		return done.RowsAffected, done.Error
	case len(p.Keys) == 1:
		done := tx.Exec("DELETE FROM "+p.Table+" WHERE "+p.Keys[0]+" IN ?", first)
		return done.RowsAffected, done.Error
	}
	where := strings.Join(p.Keys, " = ? AND ") + " = ?"
	for _, key := range keys {
		values := make([]any, len(key))
		for i, v := range key {
			values[i] = v
		}
		done := tx.Exec("DELETE FROM "+p.Table+" WHERE "+where, values...)
		if done.Error != nil {
			return 0, done.Error
		}
		n += done.RowsAffected
	}
	return n, nil
}
