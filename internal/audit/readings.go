package audit

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Reading is that somebody else looked at a personal value of a resident. Who it was by name is not told, in which office and
// role he did it is: behind them stands the county, which knows the rest.
type Reading struct {
	ID     string // of the trail's row
	At     time.Time
	Role   access.Role
	Office string // id; empty for somebody without one
	Area   access.Area
	Field  string // name, phone, id_number
	Reason string
}

// readAct is the row that store.Tx.Read leaves for each value that was revealed.
const readAct = "person.read"

// ReadingsOfMe (谁查过我) lists who looked at the resident's own personal values, the newest first; when he looked himself is
// left out. That he asks is no row: what is his own is told to nobody else.
func (d *Desk) ReadingsOfMe(ctx context.Context, actor access.Actor, after string, limit int) ([]Reading, error) {
	if !actor.Signed() {
		return nil, fault.NeedLogin
	}
	if err := actor.Must(access.Resident); err != nil {
		return nil, err
	}
	var rows []store.TrailRow
	err := store.Page(d.store.Read(ctx).Where("object = ? AND act = ? AND person <> ?", actor.Person, readAct, actor.Person), after, limit).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	list := make([]Reading, 0, len(rows))
	for _, row := range rows {
		body, err := row.Text()
		if err != nil {
			return nil, err
		}
		r := Reading{ID: row.ID, At: row.At, Role: access.Role(body.Role), Office: body.Office, Area: access.Area(body.Area), Reason: body.Why}
		if len(body.Fields) > 0 {
			r.Field = body.Fields[0]
		}
		list = append(list, r)
	}
	return list, nil
}
