package appeal

import (
	"tongban/internal/flow"
	"tongban/internal/store"
)

// Pending is an appeal that somebody can still take back.
type Pending struct {
	ID, Number string
	Status     flow.State
	StatusText string
}

// mostPending bounds the list: who reads of twenty has enough to do.
const mostPending = 20

// Pending are the petitioner's appeals that are not replied to yet, as far as the actor sees them, the newest first. What a
// clerk does not see is not told to him in this way either.
func (d *Desk) Pending(tx *store.Tx, person string) ([]Pending, error) {
	var rows []Appeal
	err := store.Page(d.seenBy(tx.Actor)(tx.DB).Where("applicant = ? AND status IN ?", person, beforeReply), "", mostPending).
		Select("id, number, status").Find(&rows).Error
	list := make([]Pending, 0, len(rows))
	for _, a := range rows {
		list = append(list, Pending{a.ID, a.Number, a.Status, Flow.Text(a.Status)})
	}
	return list, err
}
