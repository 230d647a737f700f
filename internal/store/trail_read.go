package store

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"tongban/internal/clock"
)

// Text is what a row was hashed over, as it was written.
func (r TrailRow) Text() (b TrailBody, err error) { return b, json.Unmarshal([]byte(r.Body), &b) }

// Head is where an area's chain stands at the end of a day, for the log and the export: who holds an older copy can show a
// later cut.
type Head struct {
	Area   string
	Day    clock.Date
	Length int
	Hash   string
}

// Heads lists where each area's chain stands.
func (s *Store) Heads(ctx context.Context) ([]Head, error) { return heads(s.Read(ctx)) }

func heads(db *gorm.DB) ([]Head, error) {
	var list []Head
	err := db.Table("trail_heads AS h").Select("h.area, h.day, h.length, h.hash").
		Joins("JOIN trail_areas a ON a.area = h.area AND a.last_day = h.day").Order("a.area").Scan(&list).Error
	return list, err
}

// Holds reports whether the trail still holds what an older head says: the row that was then its day's last, with the same
// hash. A database that was set back to an older state, with all its MACs in order, does not. The error is a *Broken then.
func (s *Store) Holds(ctx context.Context, older []Head) error {
	return s.snapshot(ctx, func(db *gorm.DB) error {
		for _, h := range older {
			var hashes []string
			err := db.Model(&TrailRow{}).Where("area = ? AND day = ? AND seq = ?", h.Area, h.Day, h.Length).Pluck("hash", &hashes).Error
			if err != nil {
				return err
			}
			at := &Broken{Area: h.Area, Day: h.Day.String(), Seq: h.Length}
			switch {
			case len(hashes) == 0:
				at.What = "the row that an older head names is missing: the trail was cut or the database set back"
				return at
			case hashes[0] != h.Hash:
				at.What = "the row is not the one that an older head names"
				return at
			}
		}
		return nil
	})
}

// Export walks the trail of the days from to until (both included; none is no bound) in the order of its chains, and ends
// with the heads of all areas, as they stood at one moment. The days are those of the acts: a chain whose clock was set back goes on
// under a later day.
func (s *Store) Export(ctx context.Context, from, until clock.Date, row func(TrailRow) error, head func(Head) error) error {
	return s.snapshot(ctx, func(db *gorm.DB) error {
		var last TrailRow
		for {
			page := db.Where("(area > ? OR (area = ? AND (day > ? OR (day = ? AND seq > ?))))", last.Area, last.Area, last.Day, last.Day, last.Seq)
			if last.ID == "" {
				page = db
			}
			if !from.IsZero() {
				page = page.Where("at >= ?", from.Start().UTC())
			}
			if !until.IsZero() {
				page = page.Where("at < ?", until.End().UTC())
			}
			var rows []TrailRow
			if err := page.Order("area, day, seq").Limit(chunk).Find(&rows).Error; err != nil {
				return fmt.Errorf("export: %w", err)
			}
			for _, r := range rows {
				if err := row(r); err != nil {
					return err
				}
			}
			if len(rows) < chunk {
				break
			}
			last = rows[len(rows)-1]
		}
		list, err := heads(db)
		if err != nil {
			return err
		}
		for _, h := range list {
			if err := head(h); err != nil {
				return err
			}
		}
		return nil
	})
}
