package casework

import (
	"context"

	"gorm.io/gorm"

	"tongban/internal/flow"
	"tongban/internal/store"
)

// Pending is a case that is under way for somebody.
type Pending struct {
	ID, Number string
	Status     flow.State
	StatusText string
}

// mostPending bounds the list: who reads of twenty has enough to do.
const mostPending = 20

// Pending are the applicant's cases that wait for the county, or whose paper waits for him, as far as the actor sees them, the newest
// first. What a clerk does not see is not told to him in this way either.
func (d *Desk) Pending(tx *store.Tx, person string) ([]Pending, error) {
	waiting := append([]flow.State{Granted, Denied}, beforeDecision...)
	var rows []Case
	err := store.Page(d.seenBy(tx.Actor)(tx.DB).Where("cases.applicant = ? AND cases.status IN ?", person, waiting), "", mostPending).
		Select("cases.id, cases.number, cases.status").Find(&rows).Error
	list := make([]Pending, 0, len(rows))
	for _, c := range rows {
		list = append(list, Pending{c.ID, c.number(), c.Status, Flow.Text(c.Status)})
	}
	return list, err
}

// DiscardDrafts ends what somebody whose account is closed began and never handed in, whoever wrote it, and forgets what he answered.
// The caller holds his row, so that none is handed in meanwhile.
func (d *Desk) DiscardDrafts(ctx context.Context, tx *store.Tx, person string) error {
	var rows []Case
	if err := tx.Where("applicant = ? AND status = ?", person, string(Draft)).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		c := &rows[i]
		s := &step{desk: d, ctx: ctx, tx: tx, row: c, now: tx.Now, set: map[string]any{"answers": gorm.Expr("''")}}
		if err := s.move(Discard); err != nil {
			return err
		}
	}
	return nil
}
