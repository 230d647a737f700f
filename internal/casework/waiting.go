package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	"tongban/internal/store"
)

// WaitingRule is of how many months people are told how long others waited, and how many must have been decided in them: of
// fewer nothing is told, for it would say little, and too much of somebody (个人信息保护法 25).
type WaitingRule struct {
	Months int `yaml:"months"`
	Least  int `yaml:"least"`
}

const (
	leastDecided = 3 // below this a figure tells of single persons
	mostMonths   = 12
)

// waitRow is the roll-up of an item. It holds the figures also of few; what is told is decided by the rule.
type waitRow struct {
	Item      string `gorm:"primaryKey"`
	Months    int
	UntilOn   clock.Date // the day after the last that was counted
	Decided   int
	Median    int
	P90       int
	CountedAt time.Time
}

func (waitRow) TableName() string { return "case_waits" }

// told is the row as people may know it.
func (r WaitingRule) told(w waitRow) catalog.Waiting {
	if w.Decided < r.Least {
		return catalog.Waiting{Months: w.Months}
	}
	return catalog.Waiting{Months: w.Months, Enough: true, Decided: w.Decided, Median: w.Median, P90: w.P90}
}

// waits are the roll-ups as the catalogue shows them.
func (d *Desk) waits(db *gorm.DB) (map[string]catalog.Waiting, error) {
	var rows []waitRow
	if err := db.Order("item").Find(&rows).Error; err != nil {
		return nil, err
	}
	all := make(map[string]catalog.Waiting, len(rows))
	for _, r := range rows {
		all[r.Item] = d.rules.Waiting.told(r)
	}
	return all, nil
}

// CountWaits brings the roll-up of each item up to the last midnight in Shanghai, all in one commit: the catalogue is built anew once, and
// only where people are told something else than before. It answers how many were counted; what is of today is left alone. An item that fails keeps no
// other waiting: it is told of, and tried again with the next round.
func (d *Desk) CountWaits(ctx context.Context) (counted int, err error) {
	rule, today := d.rules.Waiting, clock.DateOf(d.store.Clock().Now())
	var rows []waitRow
	if err := d.store.Read(ctx).Order("item").Find(&rows).Error; err != nil {
		return 0, err
	}
	before := map[string]waitRow{}
	for _, r := range rows {
		before[r.Item] = r
	}
	var fresh []waitRow
	var faults []error
	for _, g := range d.items.Now().Guides() {
		if last, known := before[g.ID]; known && last.UntilOn == today && last.Months == rule.Months {
			continue
		}
		waits, err := d.waitsOf(ctx, g.ID, monthsBefore(today, rule.Months).Start(), today.Start())
		switch {
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case err != nil:
			faults = append(faults, fmt.Errorf("the waits of item %s: %w", g.ID, err))
			continue
		}
		fresh = append(fresh, rolledUp(g.ID, rule.Months, today, waits))
	}
	if len(fresh) == 0 {
		return 0, errors.Join(faults...)
	}
	err = d.store.Write(ctx, access.Round(""), func(tx *store.Tx) error {
		news := false
		for i := range fresh {
			fresh[i].CountedAt = tx.Now
			news = news || rule.told(fresh[i]) != rule.told(before[fresh[i].Item])
		}
		if news {
			if err := catalog.Refresh(tx); err != nil {
				return err
			}
		}
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&fresh).Error
	})
	if err != nil {
		return 0, errors.Join(append(faults, err)...)
	}
	return len(fresh), errors.Join(faults...)
}

func rolledUp(item string, months int, until clock.Date, waits []int) waitRow {
	row := waitRow{Item: item, Months: months, UntilOn: until, Decided: len(waits)}
	if len(waits) > 0 {
		slices.Sort(waits)
		row.Median, row.P90 = Rank(waits, 50), Rank(waits, 90)
	}
	return row
}

// Rank is the nearest rank among sorted waits: one that somebody really had, and that so many percent did not exceed.
func Rank(sorted []int, percent int) int { return sorted[(len(sorted)*percent+99)/100-1] }

// monthsBefore is the same day so many months earlier, and the last of that month where it has no such day.
func monthsBefore(day clock.Date, n int) clock.Date {
	month := int(day.Month) - 1 - n
	there := clock.Date{Year: day.Year + floorDiv(month, 12), Month: time.Month((month%12+12)%12 + 1), Day: 1}
	last := clock.Date{Year: there.Year, Month: there.Month, Day: 28}
	for next := last.AddDays(1); next.Month == there.Month; next = next.AddDays(1) {
		last = next
	}
	there.Day = min(day.Day, last.Day)
	return there
}

func floorDiv(a, b int) int {
	if a < 0 {
		return (a - b + 1) / b
	}
	return a / b
}

// piece is how many decisions are read at once.
const piece = 1000

// waitsOf are the working days that people waited whose case was decided in the time, read from the index in pieces.
func (d *Desk) waitsOf(ctx context.Context, item string, from, before time.Time) (waits []int, err error) {
	for at, after := whole(from), ""; ; {
		var rows []struct {
			ID                   string
			AppliedAt, DecidedAt time.Time
		}
		found := d.store.Read(ctx).Table("cases").Select("id, applied_at, decided_at").
			Where("item = ? AND decided_at >= ? AND decided_at < ? AND (decided_at > ? OR id > ?)", item, at, whole(before), at, after)
		if err := found.Order("decided_at, id").Limit(piece).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, r := range rows {
			waits = append(waits, d.Workdays(r.AppliedAt, r.DecidedAt))
		}
		if len(rows) < piece {
			return waits, nil
		}
		at, after = whole(rows[piece-1].DecidedAt), rows[piece-1].ID
	}
}
