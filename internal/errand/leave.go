package errand

import (
	"context"

	"tongban/internal/account"
	"tongban/internal/store"
)

// leave is the clerk's turning to another client: what is not filed yet is told. That the identity was checked ends by itself, with the sitting.
func (d *Desk) leave(_ context.Context, tx *store.Tx, client string) (parked []account.Parked, err error) {
	var rows []Errand
	before := []string{string(Entrusted), string(Checked)}
	if err := tx.Where("principal = ? AND agent = ? AND status IN ?", client, tx.Actor.Person, before).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, e := range rows {
		parked = append(parked, account.Parked{Kind: kind, ID: e.ID, Text: e.ItemName + "，" + Flow.Text(e.Status)})
	}
	return parked, nil
}
