package errand

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/store"
)

// Copied are what a person entrusted for a copy of his data, whole and as he may know it himself, the newest first. Only what the actor
// sees: he himself all, his clerk what his village does.
func (d *Desk) Copied(ctx context.Context, actor access.Actor, person, after string, limit int) ([]Seen, error) {
	db := d.store.Read(ctx)
	var rows []Errand
	if err := store.Page(seenBy(actor)(db).Where("errands.principal = ?", person), after, limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	himself := access.Actor{Person: person, Role: access.Resident}
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
