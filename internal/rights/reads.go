package rights

import (
	"context"
	"errors"

	"tongban/internal/access"
	"tongban/internal/audit"
	"tongban/internal/fault"
)

// Read is that somebody looked at a value of the resident, in words.
type Read struct {
	audit.Reading
	RoleText, OfficeName, AreaName, FieldText string
}

var fieldTexts = map[string]string{"name": "姓名", "phone": "电话", "id_number": "证件号码", "village": "所在村", "locker": "存着的材料"}

// Reads (谁查过我, PIPL 44) lists who looked at the actor's own data, the newest first.
func (d *Desk) Reads(ctx context.Context, actor access.Actor, after string, limit int) ([]Read, error) {
	rows, err := d.Trail.ReadingsOfMe(ctx, actor, after, limit)
	if err != nil {
		return nil, err
	}
	offices, areas := map[string]string{}, map[access.Area]string{}
	list := make([]Read, 0, len(rows))
	for _, row := range rows {
		r := Read{Reading: row, RoleText: row.Role.Label(), FieldText: fieldTexts[row.Field]}
		if r.OfficeName, err = named(offices, row.Office, d.officeName(ctx)); err != nil {
			return nil, err
		}
		if r.AreaName, err = named(areas, row.Area, d.areaName(ctx)); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// named looks a name up once. What is not there any more has none.
func named[K comparable](known map[K]string, key K, find func(K) (string, error)) (string, error) {
	name, found := known[key]
	if found {
		return name, nil
	}
	name, err := find(key)
	if errors.Is(err, fault.NotFound) {
		name, err = "", nil
	}
	known[key] = name
	return name, err
}

func (d *Desk) officeName(ctx context.Context) func(string) (string, error) {
	return func(id string) (string, error) {
		o, err := d.People.Office(ctx, id)
		return o.Name, err
	}
}

func (d *Desk) areaName(ctx context.Context) func(access.Area) (string, error) {
	return func(code access.Area) (string, error) {
		a, err := d.People.Area(ctx, code)
		return a.Name, err
	}
}
