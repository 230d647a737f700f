package casework

import (
	"context"
	"errors"
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

// CountWaits brings the roll-up of each item up to the last midnight in Shanghai. Each is a transaction of its own, and is left
// alone when it is of today: whoever dies in the middle goes on where he stopped. It answers how many were counted.
func (d *Desk) CountWaits(ctx context.Context) (counted int, err error) {
	today := clock.DateOf(d.store.Clock().Now())
	var rows []waitRow
	if err := d.store.Read(ctx).Order("item").Find(&rows).Error; err != nil {
		return 0, err
	}
	before := map[string]waitRow{}
	for _, r := range rows {
		before[r.Item] = r
	}
	var faults []error
	for _, g := range d.items.Now().Guides() {
		last, known := before[g.ID]
		if known && last.UntilOn == today && last.Months == d.rules.Waiting.Months {
			continue
		}
		if err := d.countWait(ctx, g.ID, today, last); err != nil {
			faults = append(faults, err)
			if ctx.Err() != nil {
				break
			}
			continue
		}
		counted++
	}
	return counted, errors.Join(faults...)
}

// countWait counts one item. Only where people are told something else than before is the catalogue built anew.
func (d *Desk) countWait(ctx context.Context, item string, today clock.Date, last waitRow) error {
	months := d.rules.Waiting.Months
	waits, err := d.waitsOf(ctx, item, monthsBefore(today, months).Start(), today.Start())
	if err != nil {
		return err
	}
	slices.Sort(waits)
	return d.store.Write(ctx, access.Round(""), func(tx *store.Tx) error {
		row := waitRow{Item: item, Months: months, UntilOn: today, Decided: len(waits), CountedAt: tx.Now}
		if len(waits) > 0 {
			row.Median, row.P90 = rank(waits, 50), rank(waits, 90)
		}
		if d.rules.Waiting.told(row) != d.rules.Waiting.told(last) {
			if err := catalog.Refresh(tx); err != nil {
				return err
			}
		}
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
	})
}

// rank is the nearest rank among sorted waits: one that somebody really had.
func rank(sorted []int, percent int) int { return sorted[(len(sorted)*percent+99)/100-1] }

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
