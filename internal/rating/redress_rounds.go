package rating

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/docket"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// Rounds announces each change of a light once, and counts dates again when the calendar changed. It answers how many redresses
// it changed.
func (d *Desk) Rounds(ctx context.Context) (changed int, err error) {
	owed, err := store.Sweep[Rating]{Condition: "redress_owed = ?", Args: []any{true}, Order: "id", Do: d.openOwed}.Run(ctx, d.store)
	changed, failed := d.docket.Rounds(ctx, slices.Concat(docket.Recounts(d.mark, d.recount), d.docket.Lights())...)
	return owed + changed, errors.Join(err, failed)
}

// recount counts the date of the clock under way by today's calendar. What was announced stays announced: the light gets better
// where the new date says so, and where it gets worse the rounds find the row and tell. Where no date differs the redress stays
// as it is: its version too, else whoever works on it would lose to nothing.
func (d *Desk) recount(ctx context.Context, r *Redress) error {
	set := d.clockOf(d.rules.limit(r.Status, r.ReopenedAt != nil), *r.StartedAt, d.store.Clock().Now())
	if docket.Worse(workday.Light(set["light"].(string)), r.Light) {
		set["light"] = string(r.Light)
	}
	fields, was, is := differing(r, set)
	return d.store.Write(ctx, access.Round(r.Village), func(tx *store.Tx) error {
		change := map[string]any{"counted_with": d.mark}
		if len(fields) > 0 {
			change = maps.Clone(set)
			change["version"], change["updated_at"] = r.Version+1, tx.Now
		}
		// A turn of the light raises no version: the light is compared too, else one told meanwhile would be told again.
		done := tx.Table("redresses").Where("id = ? AND version = ? AND light = ?", r.ID, r.Version, string(r.Light)).UpdateColumns(change)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return store.ErrStays
		}
		if len(fields) > 0 {
			tx.Trail(store.Entry{Act: redressKind + ".recount", Kind: redressKind, Object: r.ID, Area: r.Village, From: was, To: is, Fields: fields})
		}
		return nil
	})
}

// differing names what another calendar says otherwise, the date that people look at first, and how the first one was and is.
func differing(r *Redress, set map[string]any) (fields []string, was, is string) {
	for _, c := range []struct {
		column string
		was    any
	}{{"due_on", r.DueOn}, {"provisional", r.Provisional}, {"warn_at", r.WarnAt}, {"late_at", r.LateAt}} {
		before, now := printed(c.was), printed(set[c.column])
		if before == now {
			continue
		}
		if len(fields) == 0 {
			was, is = before, now
		}
		fields = append(fields, c.column)
	}
	return fields, was, is
}

func printed(value any) string {
	switch v := value.(type) {
	case *time.Time:
		if v != nil {
			return printed(*v)
		}
		return ""
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	}
	return fmt.Sprint(value)
}

// openAt counts the redresses under way of an office's work, and names what was rated: such an office is not closed.
func openAt(db *gorm.DB, office string) (n int64, numbers []string, err error) {
	return docket.Some(func() *gorm.DB { return db.Model(&Redress{}).Where("office = ? AND status IN ?", office, Flow.Open()) })
}

// Checks are what must never be found in the tables of this desk, for fsck.
func Checks() []store.Check {
	return []store.Check{
		{Name: "redresses that stand otherwise than their history", Count: "SELECT COUNT(1) FROM redresses r WHERE r.status <> 'opened' AND NOT EXISTS" +
			" (SELECT 1 FROM redress_events e WHERE e.redress = r.id AND e.to_status = r.status)"},
		{Name: "redresses without their rating", Count: "SELECT COUNT(1) FROM redresses r WHERE NOT EXISTS (SELECT 1 FROM ratings g WHERE g.id = r.id)"},
		{Name: "second ratings without a first one", Count: "SELECT COUNT(1) FROM rating_additions a WHERE NOT EXISTS (SELECT 1 FROM ratings g WHERE g.id = a.id)"},
		{Name: "poor second ratings without a redress", Count: "SELECT COUNT(1) FROM rating_additions a JOIN ratings g ON g.id = a.id WHERE a.level >= 4 AND g.level < 4" +
			" AND NOT EXISTS (SELECT 1 FROM redresses r WHERE r.id = a.id)"},
		{Name: "redresses that are over and whose clock runs", Count: "SELECT COUNT(1) FROM redresses WHERE (status = 'closed') <> (late_at IS NULL)"},
	}
}
