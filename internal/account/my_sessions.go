package account

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// LiveSession is one log-in of somebody that has not ended, as he himself is told of it.
type LiveSession struct {
	ID      string
	Begun   time.Time
	Seen    time.Time // lately: not each request is written down
	Ends    time.Time // when it is not used any more
	Device  bool      // the client named its device
	Current bool      // the one that asks
}

// Sessions lists where the actor is logged in, the newest first.
func (d *Desk) Sessions(ctx context.Context, actor access.Actor) ([]LiveSession, error) {
	if !actor.Signed() {
		return nil, fault.NeedLogin
	}
	db := d.store.Read(ctx)
	p, err := personByID(db, actor.Person)
	if err != nil {
		return nil, err
	}
	var rows []sessionRow
	err = db.Where("person = ? AND ended_at IS NULL AND ver = ? AND idle_until > ?", p.ID, p.TokenVersion, d.now().UTC()).
		Order("id DESC").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	list := make([]LiveSession, 0, len(rows))
	for _, s := range rows {
		list = append(list, LiveSession{s.ID, s.CreatedAt, s.SeenAt, s.IdleUntil, s.Device != "", s.ID == actor.Session})
	}
	return list, nil
}

// EndSession (退出另一处) ends one of the actor's own log-ins, on every replica within five seconds; a second time nothing happens.
func (d *Desk) EndSession(ctx context.Context, actor access.Actor, id string) error {
	return d.endOwn(ctx, actor, func(s sessionRow) bool { return s.ID == id }, fault.NotFound)
}

// EndOtherSessions (退出其他各处) ends all of them but the one that asks.
func (d *Desk) EndOtherSessions(ctx context.Context, actor access.Actor) error {
	return d.endOwn(ctx, actor, func(s sessionRow) bool { return s.ID != actor.Session }, nil)
}

func (d *Desk) endOwn(ctx context.Context, actor access.Actor, chosen func(sessionRow) bool, none error) error {
	if !actor.Signed() {
		return fault.NeedLogin
	}
	defer d.standing.forget()
	return d.write(ctx, actor, func(tx *store.Tx) error {
		var mine []sessionRow
		if err := tx.Where("person = ?", actor.Person).Order("id").Find(&mine).Error; err != nil {
			return err
		}
		found := none
		for _, s := range mine {
			if !chosen(s) {
				continue
			}
			found = nil
			ended, err := endSession(tx, s.ID, "ended by himself")
			if err != nil {
				return err
			}
			if ended {
				tx.Trail(store.Entry{Act: "person.end_session", Kind: "person", Object: actor.Person, Area: actor.Area, From: s.ID})
			}
		}
		return found
	})
}
