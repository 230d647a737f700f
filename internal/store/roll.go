package store

import (
	"context"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"

	"tongban/internal/access"
)

// The roll is the list of the areas that have a trail, in one row under a MAC: an area that is taken out of the database
// with all its rows, days and heads is still named there. It is written once for each area, when its first day begins.
type rollRow struct {
	ID    int `gorm:"primaryKey"`
	Areas string
	Mac   string
}

func (rollRow) TableName() string { return "trail_roll" }

const theRoll = 1

func (r rollRow) list() []string { return strings.Fields(r.Areas) }

func (s *Store) rollMAC(areas string) string { return s.mac("roll", areas) }

func (s *Store) roll(areas []string) rollRow {
	text := strings.Join(areas, " ")
	return rollRow{ID: theRoll, Areas: text, Mac: s.rollMAC(text)}
}

// enrol puts areas on the roll: last of all, since the row is everybody's.
func (tx *Tx) enrol(areas []string) error {
	if len(areas) == 0 {
		return nil
	}
	var row rollRow
	err := forUpdate(tx.DB).Where("id = ?", theRoll).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		made := tx.store.roll(areas)
		return tx.Again(tx.Create(&made).Error)
	}
	if err != nil {
		return err
	}
	if row.Mac != tx.store.rollMAC(row.Areas) {
		return nil // somebody wrote on it: it stays as it is, Verify tells, and the village's work goes on
	}
	list := row.list()
	for _, area := range areas {
		if !slices.Contains(list, area) {
			list = append(list, area)
		}
	}
	grown := tx.store.roll(list)
	return tx.Model(&rollRow{}).Where("id = ?", theRoll).UpdateColumns(map[string]any{"areas": grown.Areas, "mac": grown.Mac}).Error
}

// callRoll makes the roll of a database that is older than rolls.
func (s *Store) callRoll(ctx context.Context) error {
	return s.Write(ctx, access.Round(""), func(tx *Tx) error {
		var known int64
		if err := tx.Model(&rollRow{}).Count(&known).Error; err != nil || known > 0 {
			return err
		}
		var areas []string
		if err := tx.Model(&areaRow{}).Order("area").Pluck("area", &areas).Error; err != nil || len(areas) == 0 {
			return err
		}
		made := s.roll(areas)
		return tx.Create(&made).Error
	})
}

// ErrForeignKeys refuses to work on a database with keys that are not its own: they would open nothing, and what they seal
// the right ones could not open.
var ErrForeignKeys = errors.New("store: the keys are not those of this database")

// KeysFit answers ErrForeignKeys when the trail has begun and neither its roll nor any of its areas bears our MAC. One that
// does is enough: where somebody wrote on the others, Verify tells, and the villages' work goes on.
func (s *Store) KeysFit(ctx context.Context) error {
	db := s.Read(ctx)
	if !db.Migrator().HasTable(&rollRow{}) {
		return nil // not migrated yet
	}
	var rolls []rollRow
	var areas []areaRow
	if err := errors.Join(db.Find(&rolls).Error, db.Find(&areas).Error); err != nil {
		return err
	}
	ours := func(r rollRow) bool { return r.Mac == s.rollMAC(r.Areas) }
	known := func(a areaRow) bool { return a.Mac == s.areaMAC(a) }
	if len(rolls)+len(areas) > 0 && !slices.ContainsFunc(rolls, ours) && !slices.ContainsFunc(areas, known) {
		return ErrForeignKeys
	}
	return nil
}

// verifyRoll compares the roll with the areas that are there.
func (s *Store) verifyRoll(db *gorm.DB, areas []areaRow) error {
	var rows []rollRow
	if err := db.Find(&rows).Error; err != nil {
		return err
	}
	here := make([]string, 0, len(areas))
	for _, a := range areas {
		here = append(here, a.Area)
	}
	if len(rows) == 0 {
		if len(here) > 0 {
			return &Broken{Area: here[0], Day: areas[0].LastDay, What: "the list of areas is missing"}
		}
		return nil
	}
	if len(rows) > 1 || rows[0].Mac != s.rollMAC(rows[0].Areas) {
		return &Broken{Area: "*", What: "the list of areas was changed"}
	}
	listed := rows[0].list()
	for _, area := range listed {
		if !slices.Contains(here, area) {
			return &Broken{Area: area, What: "the whole area is missing"}
		}
	}
	for _, a := range areas {
		if !slices.Contains(listed, a.Area) {
			return &Broken{Area: a.Area, Day: a.LastDay, What: "the area is on no list"}
		}
	}
	return nil
}
