package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Broken is what Verify found: the first row or head of the trail that is not as it was written.
type Broken struct {
	Area string
	Day  string
	Seq  int // 0: the day's head or the area's list of days
	What string
}

func (b *Broken) Error() string {
	return fmt.Sprintf("trail of %s on %s, row %d: %s", b.Area, b.Day, b.Seq, b.What)
}

// Verify reads the whole trail and answers how many rows it holds. The error is a *Broken when somebody touched it.
func (s *Store) Verify(ctx context.Context) (rows int, err error) {
	err = s.snapshot(ctx, func(db *gorm.DB) error {
		rows, err = s.verify(db)
		return err
	})
	return rows, err
}

func (s *Store) verify(db *gorm.DB) (rows int, err error) {
	var areas []areaRow
	if err := db.Order("area").Find(&areas).Error; err != nil {
		return 0, err
	}
	if err := s.verifyRoll(db, areas); err != nil {
		return 0, err
	}
	days := 0
	for _, a := range areas {
		n, err := s.verifyArea(db, a)
		if rows += n; err != nil {
			return rows, err
		}
		days += a.Days
	}
	return rows, verifyNothingElse(db, areas, days, rows)
}

// snapshot reads everything as it stood at one moment, while others go on writing.
func (s *Store) snapshot(ctx context.Context, fn func(*gorm.DB) error) error {
	db := s.reader.WithContext(ctx).Begin(&sql.TxOptions{Isolation: s.engine.snapshot, ReadOnly: true})
	if db.Error != nil {
		return db.Error
	}
	defer db.Rollback()
	return fn(db)
}

// verifyArea walks the days of an area backwards from the last one, then each day's rows forwards.
func (s *Store) verifyArea(db *gorm.DB, a areaRow) (rows int, err error) {
	if a.Mac != s.areaMAC(a) {
		return 0, &Broken{Area: a.Area, Day: a.LastDay, What: "the area's list of days was changed"}
	}
	day, grown := a.LastDay, "" // grown: the hash that the day after this one was built on
	for n := a.Days; n > 0; n-- {
		var head headRow
		err := db.Where("area = ? AND day = ?", a.Area, day).Take(&head).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return rows, &Broken{Area: a.Area, Day: day, What: "the whole day is missing"}
		}
		if err != nil {
			return rows, err
		}
		if head.Mac != s.headMAC(head) {
			return rows, &Broken{Area: a.Area, Day: day, What: "the day's head was changed"}
		}
		if err := s.verifyDay(db, head); err != nil {
			return rows, err
		}
		if n < a.Days && head.Hash != grown {
			return rows, &Broken{Area: a.Area, Day: day, Seq: head.Length + 1, What: "the day's end is not the one that the next day was built on"}
		}
		grown = head.Start
		rows += head.Length
		if n == 1 && head.PrevDay != "" || n > 1 && head.PrevDay == "" {
			return rows, &Broken{Area: a.Area, Day: day, What: "the chain of days does not close"}
		}
		day = head.PrevDay
	}
	if grown != "" {
		return rows, &Broken{Area: a.Area, Day: a.LastDay, What: "the first day was built on something that is not there"}
	}
	return rows, nil
}

func (s *Store) verifyDay(db *gorm.DB, head headRow) error {
	prev, expected := head.Start, 0
	at := func(seq int, what string) error {
		return &Broken{Area: head.Area, Day: head.Day.String(), Seq: seq, What: what}
	}
	for {
		var rows []TrailRow
		err := db.Where("area = ? AND day = ? AND seq > ?", head.Area, head.Day, expected).Order("seq").Limit(1000).Find(&rows).Error
		if err != nil {
			return err
		}
		for _, r := range rows {
			expected++
			switch {
			case r.Seq != expected:
				return at(expected, "the row is missing")
			case r.Hash != s.rowHash(prev, r.Body):
				return at(expected, "the row was changed, added or moved")
			case !r.agrees():
				return at(expected, "the row's columns do not agree with its text")
			}
			prev = r.Hash
		}
		if len(rows) == 0 {
			break
		}
	}
	if expected != head.Length {
		return at(expected+1, "the end of the day is cut off")
	}
	if prev != head.Hash {
		return at(expected, "the last row is not the one that was written")
	}
	return nil
}

// agrees compares the columns that queries use with the text that was hashed.
func (r TrailRow) agrees() bool {
	var b TrailBody
	if json.Unmarshal([]byte(r.Body), &b) != nil {
		return false
	}
	return b.ID == r.ID && b.Area == r.Area && b.Day == r.Day.String() && b.Seq == r.Seq && b.At == r.At.UTC().Format(time.RFC3339) &&
		b.Person == r.Person && b.Act == r.Act && b.Kind == r.Kind && b.Object == r.Object
}

// verifyNothingElse finds heads and rows that no area leads to.
func verifyNothingElse(db *gorm.DB, areas []areaRow, days, rows int) error {
	var heads, stored int64
	if err := errors.Join(db.Model(&headRow{}).Count(&heads).Error, db.Model(&TrailRow{}).Count(&stored).Error); err != nil {
		return err
	}
	if int(heads) != days {
		return strayHead(db, areas)
	}
	if int(stored) != rows {
		return strayRow(db)
	}
	return nil
}

// strayHead names the first head that is no day of its area. A later day than all would be written on, as if it were the newest.
func strayHead(db *gorm.DB, areas []areaRow) error {
	var heads []headRow
	if err := db.Select("area, day, prev_day").Order("area, day").Find(&heads).Error; err != nil {
		return err
	}
	type day struct{ area, day string }
	before := make(map[day]string, len(heads))
	for _, h := range heads {
		before[day{h.Area, h.Day.String()}] = h.PrevDay
	}
	ours := make(map[day]bool, len(heads))
	for _, a := range areas {
		at := day{a.Area, a.LastDay}
		for range a.Days {
			ours[at] = true
			at.day = before[at]
		}
	}
	for _, h := range heads {
		if !ours[day{h.Area, h.Day.String()}] {
			return &Broken{Area: h.Area, Day: h.Day.String(), What: "the day was added"}
		}
	}
	return &Broken{Area: "*", What: "days were changed while they were looked at"}
}

// strayRow names the first row that stands in no day. Each head is one of ours: strayHead comes before.
func strayRow(db *gorm.DB) error {
	var rows []TrailRow
	err := db.Table("trail AS t").Select("t.area, t.day, t.seq").Joins("LEFT JOIN trail_heads h ON h.area = t.area AND h.day = t.day").
		Where("(h.area IS NULL OR t.seq < 1 OR t.seq > h.length)").Order("t.area, t.day, t.seq").Limit(1).Scan(&rows).Error
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return &Broken{Area: "*", What: "rows were changed while they were looked at"}
	}
	return &Broken{Area: rows[0].Area, Day: rows[0].Day.String(), Seq: rows[0].Seq, What: "the row was added"}
}
