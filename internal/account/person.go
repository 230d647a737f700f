package account

import (
	"context"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

const (
	residentKind = "resident"
	staffKind    = "staff"
)

// personRow is a person as stored. An index is NULL where there is no value, so that it may be unique.
type personRow struct {
	ID           string `gorm:"primaryKey"`
	Kind         string // resident or staff
	Name         []byte // sealed, like phone and ID number
	Phone        []byte
	IDNumber     []byte
	Born         []byte  // likewise; a birth date that was told, where no ID number says it
	PhoneIndex   *string // blind indexes
	IDIndex      *string
	WechatIndex  *string
	County       string
	Town         string
	Village      string
	Grid         string
	Username     *string // normal form; staff only
	Password     string  // PHC string, empty for none
	MustChange   bool    // the password was given by somebody else
	TokenVersion int     // raising it ends all sessions of the person
	Demo         bool
	DisabledAt   *time.Time
	ClosedAt     *time.Time // of a resident; nothing personal is left then
	Version      int
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

func (personRow) TableName() string { return "persons" }

func sealedAt(column, id string) secret.Where {
	return secret.Where{Table: "persons", Column: column, Row: id}
}

func orNull(index string) *string {
	if index == "" {
		return nil
	}
	return &index
}

func (p *personRow) live(area access.Area) {
	p.County, p.Town, p.Village, p.Grid = string(area.County()), string(area.Town()), string(area.Village()), string(area.Grid())
}

// area is the deepest one that the row names.
func (p personRow) area() access.Area {
	for _, code := range []string{p.Grid, p.Village, p.Town, p.County} {
		if code != "" {
			return access.Area(code)
		}
	}
	return ""
}

func (p personRow) name(keys *secret.Keys) (secret.Name, error) {
	if p.ClosedAt != nil {
		return secret.ClosedName(), nil
	}
	return secret.OpenName(keys, sealedAt("name", p.ID), p.Name)
}

func (p personRow) phone(keys *secret.Keys) (secret.Phone, error) {
	return secret.OpenPhone(keys, sealedAt("phone", p.ID), p.Phone)
}

// unrecorded lets out a name that is no secret to its reader: one's own, one that he has just typed, and that of a staff
// member, which stands on the office's door. Nothing else may use it.
type unrecorded struct{}

func (unrecorded) Read(string, string, string, string) error { return nil }

// plainName is the full name; what rec is decides whether the reading is trailed. Empty where no name is known.
func plainName(keys *secret.Keys, rec secret.Recorder, p personRow, reason string) (string, error) {
	name, err := p.name(keys)
	if err != nil || name.IsZero() {
		return "", err
	}
	if p.ClosedAt != nil {
		return name.String(), nil
	}
	return name.Reveal(rec, "person", p.ID, "name", reason)
}

// personByID answers request.not_found for an unknown id.
func personByID(db *gorm.DB, id string) (personRow, error) {
	return onePerson(db.Where("id = ?", id))
}

func onePerson(db *gorm.DB) (personRow, error) {
	var list []personRow
	if err := db.Limit(1).Find(&list).Error; err != nil {
		return personRow{}, err
	}
	if len(list) == 0 {
		return personRow{}, fault.NotFound
	}
	return list[0], nil
}

// PersonName is the name of whoever it is, for a desk that has already decided who may know it; it stays masked until revealed.
func (d *Desk) PersonName(ctx context.Context, id string) (secret.Name, error) {
	p, err := personByID(d.store.Read(ctx), id)
	if err != nil {
		return secret.Name{}, err
	}
	return p.name(d.store.Keys())
}

// PersonNames likewise of several, for lists; who is not there is left out.
func (d *Desk) PersonNames(ctx context.Context, ids ...string) (map[string]secret.Name, error) {
	var list []personRow
	if err := d.store.Read(ctx).Select("id", "name").Where("id IN ?", ids).Find(&list).Error; err != nil {
		return nil, err
	}
	names := make(map[string]secret.Name, len(list))
	for _, p := range list {
		name, err := p.name(d.store.Keys())
		if err != nil {
			return nil, err
		}
		names[p.ID] = name
	}
	return names, nil
}

// PersonPhone likewise; the zero Phone for somebody without one.
func (d *Desk) PersonPhone(ctx context.Context, id string) (secret.Phone, error) {
	p, err := personByID(d.store.Read(ctx), id)
	if err != nil {
		return secret.Phone{}, err
	}
	return p.phone(d.store.Keys())
}

// StaffName is the full name of a staff member; request.not_found for a resident.
func (d *Desk) StaffName(ctx context.Context, id string) (string, error) {
	names, err := d.StaffNames(ctx, id)
	if err == nil && names[id] == "" {
		err = fault.NotFound
	}
	return names[id], err
}

// StaffNames are the full names of staff members by id, for lists; residents and unknown ids are left out.
func (d *Desk) StaffNames(ctx context.Context, ids ...string) (map[string]string, error) {
	var list []personRow
	if err := d.store.Read(ctx).Where("id IN ? AND kind = ?", ids, staffKind).Find(&list).Error; err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, p := range list {
		name, err := plainName(d.store.Keys(), unrecorded{}, p, "工作人员姓名")
		if err != nil {
			return nil, err
		}
		names[p.ID] = name
	}
	return names, nil
}

// changePerson writes what was decided from p, unless somebody else changed the row since p was read. Nothing is written into
// the row of a closed account.
func changePerson(tx *store.Tx, p personRow, set map[string]any) error {
	if p.ClosedAt != nil {
		return ErrClosed
	}
	done := tx.Table("persons").Where("id = ? AND version = ?", p.ID, p.Version).UpdateColumns(set)
	if done.Error == nil && done.RowsAffected != 1 {
		return store.ErrLost
	}
	return done.Error
}
