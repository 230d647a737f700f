package docket

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// Running are the columns of a clock that runs from start until due. The light is reckoned from warn_at and late_at whenever
// somebody looks. The light column is what was last announced: where things got better it follows at once; where they got
// worse a round finds the row and tells.
func Running(c *workday.Calendar, start time.Time, due workday.Due, announced workday.Light, now time.Time) map[string]any {
	light := c.Light(start, due, now)
	if Worse(light, announced) {
		light = announced
	}
	return map[string]any{
		"started_at": Whole(start), "warn_at": OrNone(c.Warning(start, due)), "late_at": OrNone(due.Deadline()), "light": string(light),
	}
}

// Stopped are the columns of a clock that stands: the light stays as it is now.
func Stopped(light workday.Light) map[string]any {
	return map[string]any{"warn_at": nil, "late_at": nil, "light": string(light)}
}

// LightAt is how a clock stands at the moment now; one that was stopped stands as it was kept.
func LightAt(warn, late *time.Time, kept workday.Light, now time.Time) workday.Light {
	switch {
	case late == nil:
		return kept
	case !now.Before(*late):
		return workday.Red
	case warn != nil && !now.Before(*warn):
		return workday.Amber
	}
	return workday.Green
}

// Worse compares lights; none is as good as green.
func Worse(a, b workday.Light) bool { return grade(a) > grade(b) }

func grade(l workday.Light) int {
	switch l {
	case workday.Red:
		return 2
	case workday.Amber:
		return 1
	}
	return 0
}

// Whole is the form in which moments are stored: UTC, whole seconds. Any other would not compare as text in SQLite.
func Whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// OrNone is a moment as stored; none for the zero one.
func OrNone(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return Whole(t)
}

// Rounds goes through several sweeps, and answers how many rows were changed. One that fails keeps no other waiting.
func (d *Docket[R, S]) Rounds(ctx context.Context, sweeps ...store.Sweep[R]) (changed int, err error) {
	var faults []error
	for _, s := range sweeps {
		n, err := s.Run(ctx, d.Store)
		changed += n
		faults = append(faults, err)
	}
	return changed, errors.Join(faults...)
}

// Recounts find what was counted by another calendar than that with the mark: two ranges, for an index knows no "differs".
func Recounts[R any](mark string, recount func(context.Context, *R) error) []store.Sweep[R] {
	return []store.Sweep[R]{
		{Condition: "counted_with < ?", Args: []any{mark}, Order: "counted_with, id", Do: recount},
		{Condition: "counted_with > ?", Args: []any{mark}, Order: "counted_with, id", Do: recount},
	}
}

// Lights find the rows whose light is another than what was announced, and announce it.
func (d *Docket[R, S]) Lights() []store.Sweep[R] {
	now := Whole(d.Store.Clock().Now())
	return []store.Sweep[R]{
		{Condition: "light = 'amber' AND late_at <= ?", Args: []any{now}, Order: "late_at, id", Do: d.Turn(workday.Red)},
		{Condition: "light = 'green' AND late_at <= ?", Args: []any{now}, Order: "late_at, id", Do: d.Turn(workday.Red)},
		{Condition: "light = 'green' AND warn_at <= ? AND late_at > ?", Args: []any{now, now}, Order: "warn_at, id", Do: d.Turn(workday.Amber)},
	}
}

// Lit is the message that the light changed: "<flow>.light", with {"light": …} as data.
func (d *Docket[R, S]) Lit(row *R, light workday.Light) store.Message {
	s := (*row).Spine()
	return store.Message{Topic: d.Flow.Name + ".light", Kind: d.Flow.Name, Object: s.ID, Area: s.Village, Data: map[string]string{"light": string(light)}}
}

// Turn announces a light once. It is no act of the flow, and the row stays as it is.
func (d *Docket[R, S]) Turn(light workday.Light) func(context.Context, *R) error {
	return func(ctx context.Context, row *R) error {
		s := (*row).Spine()
		return d.Store.Write(ctx, access.Round(s.Village), func(tx *store.Tx) error {
			done := tx.Table(d.Table).Where("id = ? AND version = ? AND light = ?", s.ID, s.Version, string(s.Light)).UpdateColumn("light", string(light))
			if done.Error != nil {
				return done.Error
			}
			if done.RowsAffected != 1 {
				return store.ErrStays
			}
			tx.Trail(store.Entry{Act: d.Flow.Name + ".light", Kind: d.Flow.Name, Object: s.ID, Area: s.Village, From: string(s.Light), To: string(light)})
			tx.Emit(d.Lit(row, light))
			return nil
		})
	}
}

// LightIs is LightAt as a condition on a table with the columns of a clock; no light narrows nothing.
func LightIs(db *gorm.DB, table string, light workday.Light, now time.Time) (*gorm.DB, error) {
	now = Whole(now)
	runs, args := "", []any{now, now}
	switch light {
	case "":
		return db, nil
	case workday.Red:
		runs, args = "t.late_at <= ?", args[:1]
	case workday.Amber:
		runs = "t.late_at > ? AND t.warn_at <= ?"
	case workday.Green:
		runs = "t.late_at > ? AND t.warn_at > ?"
	default:
		return nil, fault.Wrong("query.light", "请选择 green、amber 或 red")
	}
	condition := "((" + runs + ") OR (t.late_at IS NULL AND t.light = ?))"
	return db.Where(strings.ReplaceAll(condition, "t.", table+"."), append(args, string(light))...), nil
}
