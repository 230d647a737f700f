package family

import (
	"tongban/internal/flow"
	"tongban/internal/store"
)

// Forget ends what binds somebody whose account is closed, in the transaction of the closing: the relations in which he helps, is helped,
// or guards, and his place in a household. A household that he was alone in ends; another one whose head he was keeps its
// members until the clerk has written down a new head.
func (d *Desk) Forget(tx *store.Tx, person string) error {
	var rows []actingRow
	err := tx.Where("(principal = ? OR helper = ?)", person, person).Where("status <> ?", ActingEnded).Order("id").Find(&rows).Error
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := d.step(tx, row, leavingActs[row.Kind], endWith("")); err != nil {
			return err
		}
	}
	return leaveHousehold(tx, person)
}

// leavingActs end a relation of each kind together with an account.
var leavingActs = map[Kind]flow.Act{Friend: EndActing, Guardian: CloseActing}

func leaveHousehold(tx *store.Tx, person string) error {
	var mine []memberRow
	if err := tx.Where("open_person = ?", person).Limit(1).Find(&mine).Error; err != nil || len(mine) == 0 {
		return err
	}
	if err := leave(tx, closedAccount, mine[0]); err != nil {
		return err
	}
	var home []householdRow
	if err := tx.Where("id = ?", mine[0].Household).Limit(1).Find(&home).Error; err != nil || len(home) == 0 {
		return err
	}
	keep(tx, "remove", home[0], store.Entry{From: person, Why: string(closedAccount)})
	left, err := membersOf(tx.DB, home[0].ID)
	if err != nil {
		return err
	}
	set := map[string]any{"version": home[0].Version + 1, "updated_at": tx.Now}
	if len(left) == 0 {
		set["open_number"], set["ended_at"], set["why"] = nil, tx.Now, closedAccount
		keep(tx, "end", home[0], store.Entry{Why: string(closedAccount)})
	}
	done := tx.Model(&householdRow{}).Where("id = ? AND version = ?", home[0].ID, home[0].Version).UpdateColumns(set)
	if done.Error == nil && done.RowsAffected != 1 {
		return store.ErrLost
	}
	return done.Error
}
