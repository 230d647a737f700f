package locker

import (
	"context"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/store"
)

// Copied are a person's papers for a copy of his data, each with its use log, the newest first; only those that the actor sees. Who had
// the copy made is in the trail already.
func (d *Desk) Copied(ctx context.Context, actor access.Actor, person, after string, limit int) ([]Paper, error) {
	db := d.store.Read(ctx)
	var rows []paperRow
	if err := store.Page(seenBy(actor)(db).Where("locker_papers.person = ?", person), after, limit).Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	list, err := d.shown(db, rows...)
	if err != nil {
		return nil, err
	}
	return list, usesOf(db, list)
}

// usesOf adds to papers what they were used for.
func usesOf(db *gorm.DB, list []Paper) error {
	ids, at := make([]string, len(list)), make(map[string]int, len(list))
	for i, p := range list {
		ids[i], at[p.ID] = p.ID, i
	}
	var uses []useRow
	if err := db.Where("paper IN ?", ids).Order("id").Find(&uses).Error; err != nil {
		return err
	}
	for _, u := range uses {
		used := Use{Case: u.CaseID, Material: u.Material, Role: u.Role, At: u.UsedAt}
		if u.Role.Staff() {
			used.By = u.UsedBy
		}
		list[at[u.Paper]].Uses = append(list[at[u.Paper]].Uses, used)
	}
	return nil
}
