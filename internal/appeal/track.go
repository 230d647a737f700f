package appeal

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/docket"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// standing are the open states in which nobody is late.
var standing = []flow.State{Shelved, Replied, FollowingUp}

// Track answers without log-in. The address is the asker's, of which only a keyed hash is kept. A wrong code, an unknown
// number and a locked one are the same answer.
func (d *Desk) Track(ctx context.Context, address, number, queryCode string) (docket.Tracked, error) {
	letters, normal := store.NumberKind(number)
	db := d.store.Read(ctx)
	var found []Appeal
	if letters == "SQ" {
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
	a := &found[0]
	closed := Flow.IsFinal(a.Status)
	t := docket.Tracked{
		Number: a.Number, Status: a.Status, StatusText: Flow.Text(a.Status), DueOn: a.DueOn, DueAt: a.DueAt, Provisional: a.DueProvisional,
		Light: a.LightAt(d.store.Clock().Now()), Stands: closed || slices.Contains(standing, a.Status), Closed: closed, History: []docket.Milestone{},
	}
	if a.Status == Merged {
		var master Appeal
		if err := db.Select("status").Where("id = ?", a.Master).Take(&master).Error; err != nil {
			return t, err
		}
		t.StatusText += "，一起办的那件：" + Flow.Text(master.Status)
	}
	var events []Event
	if err := db.Select("at, act").Where("appeal = ? AND visible", a.ID).Order("version, id").Find(&events).Error; err != nil {
		return t, err
	}
	for _, e := range events {
		t.History = append(t.History, docket.Milestone{At: e.At, Text: tellings[e.Act].Said})
	}
	return t, nil
}
