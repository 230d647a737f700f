package casework

import (
	"context"
	"strings"

	"tongban/internal/docket"
	"tongban/internal/store"
)

// Track answers without log-in. The address is the asker's, of which only a keyed hash is kept. A wrong code, an unknown
// number and a locked one are the same answer.
func (d *Desk) Track(ctx context.Context, address, number, queryCode string) (docket.Tracked, error) {
	letters, normal := store.NumberKind(number)
	db := d.store.Read(ctx)
	var found []Case
	if letters == Letters {
		if err := db.Where("number = ?", normal).Limit(1).Find(&found).Error; err != nil {
			return docket.Tracked{}, err
		}
	} else {
		normal = "unknown" // the same work is done, and nothing typed is stored
	}
	kept := ""
	if len(found) > 0 {
		kept = found[0].QueryMAC
	}
	if err := d.store.CheckCode(ctx, address, normal, kept, strings.TrimSpace(queryCode)); err != nil {
		return docket.Tracked{}, err
	}
	c := &found[0]
	due := c.dues().Binding()
	t := docket.Tracked{
		Number: c.number(), Status: c.Status, StatusText: Flow.Text(c.Status), DueOn: due.On, Provisional: c.awaited().Provisional,
		Light: c.LightAt(d.store.Clock().Now()), Stands: c.LateAt == nil || c.Status == Received, Closed: Flow.IsFinal(c.Status), History: []docket.Milestone{},
	}
	if c.Status == Correcting {
		t.CorrectOn = c.CorrectOn
	}
	if !due.At.IsZero() {
		t.DueAt = &due.At
	}
	var events []Event
	if err := db.Select("at, act").Where("case_id = ? AND visible", c.ID).Order("version, id").Find(&events).Error; err != nil {
		return t, err
	}
	for _, e := range events {
		t.History = append(t.History, docket.Milestone{At: e.At, Text: tellings[e.Act].Said})
	}
	return t, nil
}

// Letters begin the number of a case.
const Letters = "BJ"
