package account

import (
	"context"
	"slices"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
)

// OfficeKind is what sort of office it is. The places of a service item name these kinds.
type OfficeKind string

// The closed list of kinds.
const (
	CountyHall     OfficeKind = "county_hall"     // 县政务服务大厅
	TownshipCentre OfficeKind = "township_centre" // 乡镇便民服务中心
	VillageStation OfficeKind = "village_station" // 村便民服务站
	Department     OfficeKind = "department"      // 县直部门
	PoliceStation  OfficeKind = "police_station"  // 派出所
)

// levels at which an office of the kind may stand.
var officeLevels = map[OfficeKind][]access.Level{
	CountyHall:     {access.CountyLevel},
	TownshipCentre: {access.TownLevel},
	VillageStation: {access.VillageLevel},
	Department:     {access.CountyLevel},
	PoliceStation:  {access.CountyLevel, access.TownLevel},
}

// Office is a place where staff work and residents are served.
type Office struct {
	ID        string `gorm:"primaryKey"`
	Code      string // the slug by which the county's files name it
	Name      string
	Kind      OfficeKind
	Area      access.Area
	County    string
	Town      string
	Village   string
	Address   string
	Hours     string
	Phone     string
	CreatedAt time.Time
	UpdatedAt time.Time
}

func (Office) TableName() string { return "offices" }

// Office is the office with that id.
func (d *Desk) Office(ctx context.Context, id string) (Office, error) {
	return d.oneOffice(ctx, "id = ?", id)
}

// OfficeByCode is the office that the county's files call code; the tests of all desks find theirs so.
func (d *Desk) OfficeByCode(ctx context.Context, code string) (Office, error) {
	return d.oneOffice(ctx, "code = ?", code)
}

func (d *Desk) oneOffice(ctx context.Context, condition, value string) (Office, error) {
	var list []Office
	if err := d.store.Read(ctx).Where(condition, value).Limit(1).Find(&list).Error; err != nil {
		return Office{}, err
	}
	if len(list) == 0 {
		return Office{}, fault.NotFound
	}
	return list[0], nil
}

// Offices lists the offices of a county, town or village, those of lower areas included, of all kinds unless some are named.
func (d *Desk) Offices(ctx context.Context, in access.Area, kinds ...OfficeKind) ([]Office, error) {
	var list []Office
	level := in.Level()
	if level == "" || level == access.GridLevel {
		return nil, nil
	}
	err := d.store.Read(ctx).Where(string(level)+" = ? AND id NOT IN ("+closedOffices+")", in).Order("code").Find(&list).Error
	return ofKinds(list, kinds), err
}

// OfficesFor lists where somebody of the area may go: his village's station, his town's offices, the county's,
// the nearest first.
func (d *Desk) OfficesFor(ctx context.Context, area access.Area, kinds ...OfficeKind) ([]Office, error) {
	var list []Office
	err := d.store.Read(ctx).Where("area IN ? AND id NOT IN ("+closedOffices+")", []access.Area{area.County(), area.Town(), area.Village()}).Order("code").Find(&list).Error
	slices.SortStableFunc(list, func(a, b Office) int { return len(b.Area) - len(a.Area) })
	return ofKinds(list, kinds), err
}

func ofKinds(list []Office, kinds []OfficeKind) []Office {
	if len(kinds) == 0 {
		return list
	}
	return slices.DeleteFunc(list, func(o Office) bool { return !slices.Contains(kinds, o.Kind) })
}
