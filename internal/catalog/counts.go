package catalog

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"gorm.io/gorm/clause"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/store"
)

// tally adds scans up in memory, so that reading a guide writes nothing. What a crash loses is a few seconds of a statistic.
type tally struct {
	mu    sync.Mutex
	scans map[scanKey]int64
}

type scanKey struct {
	code string
	day  clock.Date
}

func (t *tally) add(key scanKey, n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.scans == nil {
		t.scans = map[scanKey]int64{}
	}
	t.scans[key] += n
}

// Scanned counts one scan of a code, now. Codes that nobody printed are not counted: strangers could fill the memory.
func (d *Desk) Scanned(code string) {
	if _, ok := d.Now().codes[code]; ok {
		d.tally.add(scanKey{code, clock.DateOf(d.store.Clock().Now())}, 1)
	}
}

// Flush writes the scans counted so far. The courier calls it now and then, and once before the program ends.
// When it fails they stay in memory for the next time.
func (d *Desk) Flush(ctx context.Context) error {
	d.tally.mu.Lock()
	counted := d.tally.scans
	d.tally.scans = nil
	d.tally.mu.Unlock()
	if len(counted) == 0 {
		return nil
	}
	// In one order on every replica, so that two flushes wait for each other instead of locking each other out.
	keys := slices.SortedFunc(maps.Keys(counted), func(a, b scanKey) int {
		if c := strings.Compare(a.code, b.code); c != 0 {
			return c
		}
		return strings.Compare(a.day.String(), b.day.String())
	})
	err := d.store.Write(ctx, access.Round(""), func(tx *store.Tx) error {
		for some := range slices.Chunk(keys, 100) {
			var rows []scanRow
			for _, key := range some {
				rows = append(rows, scanRow{Code: key.code, Day: key.day})
			}
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error; err != nil {
				return err
			}
			for _, key := range some {
				err := tx.Exec("UPDATE scans SET scans = scans + ? WHERE code = ? AND day = ?", counted[key], key.code, key.day).Error
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		for key, n := range counted {
			d.tally.add(key, n)
		}
	}
	return err
}

// Scans is how often a code was scanned from one day to another, both included, as far as it was flushed.
func (d *Desk) Scans(ctx context.Context, code string, from, to clock.Date) (int64, error) {
	var total int64
	err := d.store.Read(ctx).Table("scans").Select("COALESCE(SUM(scans), 0)").
		Where("code = ? AND day >= ? AND day <= ?", code, from, to).Scan(&total).Error
	return total, err
}
