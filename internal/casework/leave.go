package casework

import (
	"context"

	"tongban/internal/account"
	"tongban/internal/store"
)

// leave tells of the drafts that the clerk began for a client whom he does not serve any longer. They stay as they are, answers and all,
// and can be touched and read by him when he serves that client again.
func (d *Desk) leave(_ context.Context, tx *store.Tx, client string) (parked []account.Parked, err error) {
	var rows []Case
	if err := tx.Select("id", "item_name").Where("applicant = ? AND agent = ? AND status = ?", client, tx.Actor.Person, string(Draft)).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, c := range rows {
		parked = append(parked, account.Parked{Kind: kind, ID: c.ID, Text: c.ItemName + "，" + Flow.Text(Draft)})
	}
	return parked, nil
}
