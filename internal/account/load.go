package account

import (
	"context"
	"io/fs"
	"slices"

	"tongban/internal/access"
	"tongban/internal/store"
)

// Source is a county's folder with areas.csv, offices.csv, staff.csv, privacy/ and perhaps duties.yaml.
type Source struct {
	FS   fs.FS
	Demo bool // staff loaded for the first time are marked as demo accounts, for good
}

// Loaded counts what was new or different.
type Loaded struct{ Areas, Offices, Persons, Posts, Privacy, Duties int }

// perWrite bounds the lines of one transaction: a county has thousands, a transaction has seconds, and each line in a village
// of its own costs some six statements.
const perWrite = 100

// Load brings the tables up to the files, a batch in a transaction: areas, then offices, then people with their posts.
// Loading the same files again changes nothing, so after an error one loads again. What is missing in the files stays as
// it is: a post ends by its valid_until, an account by Disable. The error names file and line of every mistake, and then
// nothing is written.
func (d *Desk) Load(ctx context.Context, actor access.Actor, from Source) (done Loaded, err error) {
	county, err := readCounty(from.FS)
	if err != nil {
		return Loaded{}, err
	}
	defer d.standing.forget()
	if err := d.NoticeAreas(ctx); err != nil {
		return Loaded{}, err
	}
	if err := inBatches(ctx, d, actor, county.areas, &done.Areas, keepAreas); err != nil {
		return done, err
	}
	if err := inBatches(ctx, d, actor, county.offices, &done.Offices, keepOffices); err != nil {
		return done, err
	}
	if err := inBatches(ctx, d, actor, county.privacy, &done.Privacy, keepPrivacy); err != nil {
		return done, err
	}
	if county.tells {
		err := d.loading(ctx, actor, func(tx *store.Tx) (err error) {
			done.Duties, err = keepDuties(tx, county.duties)
			return err
		})
		if err != nil {
			return done, err
		}
	}
	ids, err := d.officeIDs(ctx)
	if err != nil {
		return done, err
	}
	for batch := range slices.Chunk(county.staff, perWrite) {
		var persons, posts int
		err := d.loading(ctx, actor, func(tx *store.Tx) (err error) {
			persons, posts, err = d.keepStaff(tx, batch, ids, from.Demo)
			return err
		})
		if err != nil {
			return done, err
		}
		done.Persons, done.Posts = done.Persons+persons, done.Posts+posts
	}
	return done, nil
}

// loading is a transaction of a program that may start beside others, each of which loads the same files.
func (d *Desk) loading(ctx context.Context, actor access.Actor, keep func(*store.Tx) error) error {
	return d.write(ctx, actor, func(tx *store.Tx) error { return tx.Again(keep(tx)) })
}

func inBatches[T any](ctx context.Context, d *Desk, actor access.Actor, listed []T, done *int, keep func(*store.Tx, []T) (int, error)) error {
	for batch := range slices.Chunk(listed, perWrite) {
		var changed int
		err := d.loading(ctx, actor, func(tx *store.Tx) (err error) {
			changed, err = keep(tx, batch)
			return err
		})
		if err != nil {
			return err
		}
		*done += changed
	}
	return nil
}

// create inserts all rows at once, if there are any.
func create[T any](tx *store.Tx, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	return tx.Create(&rows).Error
}

// pluck lists one value of each.
func pluck[T, V any](list []T, of func(T) V) []V {
	values := make([]V, 0, len(list))
	for _, one := range list {
		values = append(values, of(one))
	}
	return values
}

func keepAreas(tx *store.Tx, listed []Area) (changed int, err error) {
	if listed, err = areasAsCalled(tx.DB, listed); err != nil {
		return 0, err
	}
	var stored, fresh []Area
	if err := tx.Where("code IN ?", pluck(listed, func(a Area) access.Area { return a.Code })).Find(&stored).Error; err != nil {
		return 0, err
	}
	known := map[access.Area]Area{}
	for _, a := range stored {
		known[a.Code] = a
	}
	for _, a := range listed {
		old, found := known[a.Code]
		if old == a {
			continue
		}
		if !found {
			fresh = append(fresh, a)
		} else if err := tx.Table("areas").Where("code = ?", a.Code).UpdateColumns(map[string]any{"name": a.Name, "sort": a.Sort}).Error; err != nil {
			return 0, err
		}
		changed++
		tx.Trail(store.Entry{Act: "area.load", Kind: "area", Object: string(a.Code), Area: wide(a.Code)})
	}
	return changed, create(tx, fresh)
}

// wide is the chain to which a division's trail belongs: of a grid its village's.
func wide(a access.Area) access.Area {
	if v := a.Village(); v != "" {
		return v
	}
	return a
}

func keepOffices(tx *store.Tx, listed []Office) (changed int, err error) {
	if listed, err = officesAsCalled(tx.DB, listed); err != nil {
		return 0, err
	}
	var stored, fresh []Office
	if err := tx.Where("code IN ?", pluck(listed, func(o Office) string { return o.Code })).Find(&stored).Error; err != nil {
		return 0, err
	}
	known := map[string]Office{}
	for _, o := range stored {
		known[o.Code] = o
	}
	for _, o := range listed {
		old, found := known[o.Code]
		o.ID, o.CreatedAt, o.UpdatedAt = old.ID, old.CreatedAt, old.UpdatedAt
		if old == o {
			continue
		}
		if !found {
			o.ID, o.CreatedAt, o.UpdatedAt = tx.NewID(), tx.Now, tx.Now
			fresh = append(fresh, o)
		} else {
			err := tx.Table("offices").Where("id = ?", o.ID).UpdateColumns(map[string]any{
				"name": o.Name, "kind": o.Kind, "area": o.Area, "county": o.County, "town": o.Town, "village": o.Village,
				"address": o.Address, "hours": o.Hours, "phone": o.Phone, "updated_at": tx.Now,
			}).Error
			if err != nil {
				return 0, err
			}
		}
		changed++
		tx.Trail(store.Entry{Act: "office.load", Kind: "office", Object: o.ID, Area: o.Area})
	}
	return changed, create(tx, fresh)
}

// officeIDs are the ids of all offices by their codes.
func (d *Desk) officeIDs(ctx context.Context) (map[string]string, error) {
	var stored []Office
	if err := d.store.Read(ctx).Select("id, code").Find(&stored).Error; err != nil {
		return nil, err
	}
	ids := make(map[string]string, len(stored))
	for _, o := range stored {
		ids[o.Code] = o.ID
	}
	return ids, nil
}
