package catalog

import (
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
)

// itemRow is an item with its newest version. A retired one stays: cases and notices refer to it.
type itemRow struct {
	ID      string `gorm:"primaryKey"`
	Seq     int
	Version int
	Retired bool
}

func (itemRow) TableName() string { return "items" }

// versionRow is one published version. It is written once and never changed.
type versionRow struct {
	Item        string `gorm:"primaryKey"`
	Version     int    `gorm:"primaryKey;autoIncrement:false"`
	Body        string // the Item as JSON
	PublishedAt time.Time
	Person      string // who published; empty for the program loading its county's folder
}

func (versionRow) TableName() string { return "item_versions" }

// codeRow is a code that was ever printed. Printed says that it still stands in the county's file.
type codeRow struct {
	Code    string `gorm:"primaryKey"`
	Kind    string
	Object  string
	Village string
	Printed bool
}

func (codeRow) TableName() string { return "codes" }

func (r codeRow) code() Code { return Code{r.Code, r.Kind, r.Object, access.Area(r.Village)} }

func rowOfCode(c Code) codeRow { return codeRow{c.Code, c.Kind, c.ID, string(c.Village), true} }

type placeRow struct {
	Seq     int `gorm:"primaryKey;autoIncrement:false"`
	Kind    string
	Name    string
	Area    string
	Address string
	Hours   string
	Phone   string
}

func (placeRow) TableName() string { return "places" }

func (r placeRow) place() Place {
	return Place{PlaceKind(r.Kind), r.Name, access.Area(r.Area), r.Address, r.Hours, r.Phone}
}

func rowOfPlace(seq int, p Place) placeRow {
	return placeRow{seq, string(p.Kind), p.Name, string(p.Area), p.Address, p.Hours, p.Phone}
}

// stateRow is the one row that says which publication is in force: replicas poll it, publishers queue at it.
type stateRow struct {
	ID          int `gorm:"primaryKey;autoIncrement:false"`
	Revision    int64
	PublishedAt time.Time
}

func (stateRow) TableName() string { return "catalog_state" }

const onlyState = 1

// scanRow counts how often a code was scanned on a day in Shanghai.
type scanRow struct {
	Code  string     `gorm:"primaryKey"`
	Day   clock.Date `gorm:"primaryKey"`
	Scans int64
}

func (scanRow) TableName() string { return "scans" }

// revision in force; 0 before the first publication.
func revision(db *gorm.DB) (int64, error) {
	var rows []stateRow
	err := db.Select("id", "revision").Where("id = ?", onlyState).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].Revision, nil
}

// stored is what the tables hold now.
type stored struct {
	items    map[string]itemRow
	versions []versionRow // the newest of each item, in the county's order
	codes    []codeRow
	places   []Place
	waits    map[string]Waiting // by item; not of the catalogue's own tables
}

func readStored(db *gorm.DB) (stored, error) {
	s := stored{items: map[string]itemRow{}}
	var items []itemRow
	if err := db.Select("id", "seq", "version", "retired").Order("seq, id").Find(&items).Error; err != nil {
		return s, err
	}
	for _, row := range items {
		s.items[row.ID] = row
	}
	err := db.Table("item_versions").Select("item_versions.item", "item_versions.version", "item_versions.body").
		Joins("JOIN items ON items.id = item_versions.item AND items.version = item_versions.version").
		Order("items.seq, items.id").Find(&s.versions).Error
	if err != nil {
		return s, err
	}
	if err := db.Select("code", "kind", "object", "village", "printed").Order("code").Find(&s.codes).Error; err != nil {
		return s, err
	}
	var places []placeRow
	if err := db.Select("seq", "kind", "name", "area", "address", "hours", "phone").Order("seq").Find(&places).Error; err != nil {
		return s, err
	}
	for _, row := range places {
		s.places = append(s.places, row.place())
	}
	return s, nil
}

// encodeBody writes an item as it is stored: without what publication adds.
func encodeBody(it *Item) (string, error) {
	plain := *it
	plain.Version, plain.Code, plain.Places, plain.Hours, plain.Phones = 0, "", nil, "", nil
	body, err := json.Marshal(plain)
	return string(body), err
}

func decodeBody(row versionRow) (*Item, error) {
	it := &Item{}
	if err := json.Unmarshal([]byte(row.Body), it); err != nil {
		return nil, err
	}
	it.Version = row.Version
	return it, nil
}
