package account

import (
	"tongban/internal/store"
)

// Reason checks a look and says it as the trail does: the cause, and the note.
func (l Look) Reason() (string, error) { return l.reason() }

// NamesInFull are the names of several people, each a read in the trail, for a desk that has already decided who may know them,
// such as on a ledger. Of a closed account it tells that it is closed; who is not there is left out.
func (d *Desk) NamesInFull(tx *store.Tx, reason string, ids ...string) (map[string]string, error) {
	var list []personRow
	if err := tx.Where("id IN ?", ids).Order("id").Find(&list).Error; err != nil {
		return nil, err
	}
	names := make(map[string]string, len(list))
	for _, p := range list {
		name, err := plainName(d.store.Keys(), tx, p, reason)
		if err != nil {
			return nil, err
		}
		names[p.ID] = name
	}
	return names, nil
}
