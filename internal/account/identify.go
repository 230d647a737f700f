package account

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// fresh is how long what the database said of a session is believed: log-out, disabling and change of post hold after it.
const fresh = 5 * time.Second

// standing is how a session, its person and the post of a token stood when the database was asked.
type standing struct {
	Session    sessionRow `gorm:"embedded"`
	Found      bool
	Kind       string
	Current    int // the person's token version
	DisabledAt *time.Time
	Village    string
	Held       Post `gorm:"embedded;embeddedPrefix:held_"`
	asked      time.Time
}

// Identify says who a bearer token is. A forged one is refused without asking the database; a good one is asked for at most every
// five seconds.
func (d *Desk) Identify(ctx context.Context, token string) (access.Actor, error) {
	c, err := d.check(token)
	if err != nil {
		return access.Actor{}, err
	}
	s, err := d.stands(ctx, c.Session, c.Post)
	if err != nil {
		return access.Actor{}, err
	}
	now := d.now()
	p := personRow{ID: c.Subject, Kind: s.Kind, TokenVersion: s.Current, DisabledAt: s.DisabledAt, Village: s.Village}
	switch {
	case !s.Found, s.Session.Ver != c.Version, !s.Session.alive(p, now):
		return access.Actor{}, ErrToken.Because(ErrOver)
	case p.Kind == staffKind && !s.Held.On(clock.DateOf(now)):
		return access.Actor{}, ErrToken.Because(ErrOver) // no post of his, or lost; refreshing gives another one, if there is one
	}
	return actorOf(p, s.Held, c.Session), nil
}

func (d *Desk) stands(ctx context.Context, session, post string) (standing, error) {
	key := session + "|" + post
	now := d.now()
	if s, known := d.standing.get(key); known && now.Sub(s.asked) < fresh && !now.Before(s.asked) {
		return s, nil
	}
	var s standing
	found := d.store.Read(ctx).Table("sessions AS s").
		Select("s.id, s.person, s.post, s.ver, s.seen_at, s.idle_until, s.ends_at, s.ended_at,"+
			" p.kind, p.token_version AS current, p.disabled_at, p.village,"+
			" t.id AS held_id, t.person AS held_person, t.role AS held_role, t.office AS held_office, t.area AS held_area,"+
			" t.valid_from AS held_valid_from, t.valid_until AS held_valid_until").
		Joins("JOIN persons p ON p.id = s.person").
		Joins("LEFT JOIN posts t ON t.id = ? AND t.person = s.person", post).
		Where("s.id = ?", session).Limit(1).Scan(&s)
	if found.Error != nil {
		return s, fault.Busy.Because(found.Error)
	}
	s.Found, s.asked = found.RowsAffected == 1, now // not before: Scan empties what it fills
	d.standing.put(key, s)                          // at once, so that of many requests together only one touches
	if touched := d.touch(ctx, s, now); touched.Session != s.Session {
		s = touched
		d.standing.put(key, s)
	}
	return s, nil
}

// touchTime bounds a touch: a read must not wait for whoever is writing.
const touchTime = 150 * time.Millisecond

// touch moves the end of an idle session, after a tenth of the idle time and not at each request. It may fail:
// the next request tries again.
func (d *Desk) touch(ctx context.Context, s standing, now time.Time) standing {
	life, row := d.lifeOf(s.Kind), s.Session
	if !s.Found || row.EndedAt != nil || !now.Before(row.IdleUntil) || now.Sub(row.SeenAt) < life.Idle/10 {
		return s
	}
	now = now.Truncate(time.Second)
	until := row.idleUntil(life, now)
	ctx, cancel := context.WithTimeout(ctx, touchTime)
	defer cancel()
	err := d.write(ctx, access.Stranger(), func(tx *store.Tx) error {
		return tx.Table("sessions").Where("id = ? AND ended_at IS NULL AND idle_until > ? AND idle_until < ?", row.ID, tx.Now, until).
			UpdateColumns(map[string]any{"seen_at": tx.Now, "idle_until": until}).Error
	})
	if err == nil {
		s.Session.IdleUntil, s.Session.SeenAt = until, now
	}
	return s
}
