package account

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/fault"
)

// Area is a division: county, town, village or grid.
type Area struct {
	Code   access.Area `gorm:"primaryKey"`
	Name   string
	Level  access.Level
	Parent access.Area // empty for the county
	Sort   int         // among its siblings, as the county's file lists them
}

func (Area) TableName() string { return "areas" }

// Areas lists what lies directly in parent; without a parent the county. An unknown parent has nothing in it.
func (d *Desk) Areas(ctx context.Context, parent access.Area) ([]Area, error) {
	var list []Area
	err := d.store.Read(ctx).Where("parent = ? AND code NOT IN ("+closed+")", parent).Order("sort, code").Find(&list).Error
	return list, err
}

// Area is the division with that code.
func (d *Desk) Area(ctx context.Context, code access.Area) (Area, error) {
	var list []Area
	if err := d.store.Read(ctx).Where("code = ?", code).Limit(1).Find(&list).Error; err != nil {
		return Area{}, err
	}
	if len(list) == 0 {
		return Area{}, fault.NotFound
	}
	return list[0], nil
}

// Villages lists the villages of a county or town in the order of their codes; of a village, itself.
func (d *Desk) Villages(ctx context.Context, in access.Area) ([]Area, error) {
	if in.Level() == "" || in.Level() == access.GridLevel {
		return nil, nil
	}
	var list []Area
	// All codes of an area lie between it and it followed by the highest digits.
	err := d.store.Read(ctx).Where("level = ? AND code >= ? AND code <= ? AND code NOT IN ("+closed+")", access.VillageLevel, in, in+"99999999").
		Order("code").Find(&list).Error
	return list, err
}
