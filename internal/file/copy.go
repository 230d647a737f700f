package file

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Sent are the photos that the actor has sent and that are still kept, the newest first.
func (d *Desk) Sent(ctx context.Context, actor access.Actor, after string, limit int) ([]File, error) {
	if !actor.Signed() {
		return nil, fault.NeedLogin
	}
	var rows []File
	err := store.Page(d.store.Read(ctx).Where("owner = ?", actor.Person), after, limit).Find(&rows).Error
	return rows, err
}
