package account

import (
	"context"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// ErrOtherClient refuses what a clerk does in one resident's matter while his session serves another one.
var ErrOtherClient = fault.New(fault.Conflict, "session.other_client", "您正在接待另一位群众，这件事是别人的。请先换成这位群众再办")

// ErrServing refuses many people's names in full while somebody stands at the counter.
var ErrServing = fault.New(fault.Conflict, "session.serving", "您正在接待群众，写有许多人全名的名单请在接待结束以后再取")

// Serving (接待) is the resident whom a clerk serves at the counter in this session.
type Serving struct {
	Client string      // id; empty: nobody
	Name   secret.Name // masked
	Since  *time.Time
	Former string   // whom this call took the place of, or ended; empty when it read or changed nothing
	Parked []Parked // what of the former stays behind until he is served again
}

// Parked is a matter that is not finished.
type Parked struct{ Kind, ID, Text string }

// Leave closes in tx what the actor has open for a client whom he does not serve any longer, and tells what stays unfinished.
type Leave func(ctx context.Context, tx *store.Tx, client string) ([]Parked, error)

// LeftBy registers another desk's. Call it while the program is put together.
func (d *Desk) LeftBy(l Leave) { d.leaves = append(d.leaves, l) }

// Serve begins to serve a resident of the clerk's village, in the place of whoever was served before.
func (d *Desk) Serve(ctx context.Context, actor access.Actor, id string) (Serving, error) {
	return d.serve(ctx, actor, func(tx *store.Tx) (string, error) {
		p, err := servable(tx.DB, actor, id)
		return p.ID, err
	})
}

// StopServing ends it; when nobody is served nothing happens.
func (d *Desk) StopServing(ctx context.Context, actor access.Actor) (Serving, error) {
	return d.serve(ctx, actor, func(*store.Tx) (string, error) { return "", actor.Must(access.Clerk) })
}

func (d *Desk) serve(ctx context.Context, actor access.Actor, whom func(*store.Tx) (string, error)) (s Serving, err error) {
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		client, err := whom(tx)
		if err != nil {
			return err
		}
		// The row is held before it is read, so that of two calls one comes after the other.
		held := tx.Table("sessions").Where("id = ? AND ended_at IS NULL", actor.Session).UpdateColumn("client", gorm.Expr("client"))
		if held.Error != nil {
			return held.Error
		}
		if held.RowsAffected != 1 {
			return ErrToken
		}
		former, _, err := served(tx.DB, actor.Session)
		if err != nil {
			return err
		}
		parked := []Parked{}
		if former != client {
			if parked, err = d.leave(ctx, tx, former); err != nil {
				return err
			}
			if err := take(tx, client); err != nil {
				return err
			}
		}
		if s, err = d.serving(tx.DB, actor); err != nil {
			return err
		}
		if former != client {
			s.Former = former
		}
		s.Parked = parked
		tx.Answer(s)
		return nil
	})
	return s, err
}

// leave asks the desks to close what they have open for the former client.
func (d *Desk) leave(ctx context.Context, tx *store.Tx, former string) (parked []Parked, err error) {
	parked = []Parked{}
	if former == "" {
		return parked, nil
	}
	for _, l := range d.leaves {
		more, err := l(ctx, tx, former)
		if err != nil {
			return nil, err
		}
		parked = append(parked, more...)
	}
	tx.Trail(store.Entry{Act: "person.serve_end", Kind: "person", Object: former, Area: tx.Actor.Area, From: tx.Actor.Session})
	return parked, nil
}

// take puts the client into the session; empty for nobody.
func take(tx *store.Tx, client string) error {
	since := any(nil)
	if client != "" {
		since = tx.Now
		tx.Trail(store.Entry{Act: "person.serve", Kind: "person", Object: client, Area: tx.Actor.Area, To: tx.Actor.Session})
	}
	return tx.Table("sessions").Where("id = ?", tx.Actor.Session).UpdateColumns(map[string]any{
		"client": client, "client_since": since, "sitting": gorm.Expr("sitting + 1"),
	}).Error
}

// Sitting (一次接待) names what the actor's session does between two changes of its client, log-in and end of the session included: what was
// looked at in one sitting is looked at again in the next. Empty outside a session.
func Sitting(db *gorm.DB, actor access.Actor) (string, error) {
	if actor.Session == "" {
		return "", nil
	}
	var n []int
	if err := db.Table("sessions").Where("id = ?", actor.Session).Limit(1).Pluck("sitting", &n).Error; err != nil {
		return "", err
	}
	if len(n) == 0 {
		return "", ErrToken
	}
	return actor.Session + "/" + strconv.Itoa(n[0]), nil
}

// NowServing is whom the actor's session serves.
func (d *Desk) NowServing(ctx context.Context, actor access.Actor) (Serving, error) {
	if err := actor.Must(access.Clerk); err != nil {
		return Serving{}, err
	}
	return d.serving(d.store.Read(ctx), actor)
}

func (d *Desk) serving(db *gorm.DB, actor access.Actor) (s Serving, err error) {
	s.Parked = []Parked{}
	if s.Client, s.Since, err = served(db, actor.Session); err != nil || s.Client == "" {
		return s, err
	}
	p, err := personByID(db, s.Client)
	if err != nil {
		return s, err
	}
	s.Name, err = p.name(d.store.Keys())
	return s, err
}

// served is the client of a session, read fresh: what was believed of it a moment ago is not good enough here.
func served(db *gorm.DB, session string) (client string, since *time.Time, err error) {
	if session == "" {
		return "", nil, nil
	}
	var rows []struct {
		Client      string
		ClientSince *time.Time
	}
	if err := db.Table("sessions").Select("client, client_since").Where("id = ?", session).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return "", nil, err
	}
	return rows[0].Client, rows[0].ClientSince, nil
}

// Attends refuses a clerk whose session serves another resident than the one whose matter it is, or than any of those whose it is; whoever
// serves nobody is not bound. Each desk asks where it finds a row for the actor, so that nothing of one client is shown or moved while another
// one stands at the counter.
func Attends(db *gorm.DB, actor access.Actor, residents ...string) error {
	if !slices.ContainsFunc(residents, func(id string) bool { return id != "" }) {
		return nil
	}
	client, err := Client(db, actor)
	if err == nil && client != "" && !slices.Contains(residents, client) {
		err = ErrOtherClient
	}
	return err
}

// Client is whom the session of a clerk serves; empty for nobody, and for everybody who is no clerk.
func Client(db *gorm.DB, actor access.Actor) (string, error) {
	if actor.Role != access.Clerk {
		return "", nil
	}
	client, _, err := served(db, actor.Session)
	return client, err
}

// Serves says whether that resident is served in the actor's session.
func Serves(db *gorm.DB, actor access.Actor, resident string) (bool, error) {
	client, _, err := served(db, actor.Session)
	return client != "" && client == resident, err
}

// ServesNobody refuses a clerk whose session serves a resident, whoever that is: for what names many at once.
func ServesNobody(db *gorm.DB, actor access.Actor) error {
	client, _, err := served(db, actor.Session)
	if err == nil && client != "" {
		err = ErrServing
	}
	return err
}
