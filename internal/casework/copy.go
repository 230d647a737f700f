package casework

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/store"
)

// Copied are a person's own cases for a copy of his data, whole and as he may know them himself, the newest first. Only those
// that the actor sees: he himself all, his clerk those that the village filed for him.
func (d *Desk) Copied(ctx context.Context, actor access.Actor, person, after string, limit int) ([]Seen, error) {
	db := d.store.Read(ctx)
	var rows []Case
	if err := store.Page(d.seenBy(actor)(db).Where("cases.applicant = ?", person), after, limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	himself := access.Actor{Person: person, Role: resident}
	list := make([]Seen, 0, len(rows))
	for i := range rows {
		s, err := d.whole(ctx, db, &rows[i], himself)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}
