package account

import (
	"cmp"
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// sessionRow is a log-in, the family of all refresh tokens that follow from it. The database row is the truth:
// a token whose session has ended is worth nothing.
type sessionRow struct {
	ID          string `gorm:"primaryKey"`
	Person      string
	Post        string // the post that a refreshed token gets; empty for a resident
	Ver         int    // the person's token version at log-in
	Device      string // keyed MAC, empty for none
	Generation  int    // of the refresh token that is good now
	RefreshHash string
	RotatedAt   time.Time // when it was made
	CreatedAt   time.Time
	SeenAt      time.Time
	IdleUntil   time.Time
	EndsAt      time.Time
	EndedAt     *time.Time
	Why         string // logout, reuse
}

func (sessionRow) TableName() string { return "sessions" }

// Life is how long a session lasts without use, and in all.
type Life struct{ Idle, Whole time.Duration }

// The lives of sessions unless Options say otherwise. A workplace is left for lunch (GB/T 22239 asks for a log-out then); a
// villager's phone is his own.
var (
	StaffLife    = Life{Idle: 30 * time.Minute, Whole: 12 * time.Hour}
	ResidentLife = Life{Idle: 30 * 24 * time.Hour, Whole: 90 * 24 * time.Hour}
)

// or takes what was left zero from the usual life.
func (l Life) or(usual Life) Life {
	l.Idle, l.Whole = cmp.Or(l.Idle, usual.Idle), cmp.Or(l.Whole, usual.Whole)
	l.Idle = min(l.Idle, l.Whole)
	return l
}

func (d *Desk) lifeOf(kind string) Life {
	if kind == staffKind {
		return d.lives.staff
	}
	return d.lives.resident
}

// idleUntil is when a session that is used now ends unless it is used again.
func (s sessionRow) idleUntil(l Life, now time.Time) time.Time {
	if until := now.Add(l.Idle); until.Before(s.EndsAt) {
		return until
	}
	return s.EndsAt
}

// alive needs no look at EndsAt: IdleUntil never goes beyond it.
func (s sessionRow) alive(p personRow, now time.Time) bool {
	return s.EndedAt == nil && now.Before(s.IdleUntil) && s.Person == p.ID && s.Ver == p.TokenVersion && p.DisabledAt == nil
}

// begin starts a session for somebody who has shown who he is. by is he as he was then: if all his sessions were ended since, or his
// password was changed, what he showed counts no more.
func (d *Desk) begin(ctx context.Context, by personRow, device string) (Tokens, error) {
	mark, err := d.deviceMark(device)
	if err != nil {
		return Tokens{}, err
	}
	var tokens Tokens
	err = d.write(ctx, access.Stranger(), func(tx *store.Tx) error {
		p, err := personByID(tx.DB, by.ID)
		if err != nil {
			return err
		}
		if p.DisabledAt != nil {
			return ErrDisabled
		}
		if p.TokenVersion != by.TokenVersion {
			return store.ErrLost
		}
		held, err := postsOn(tx.DB, p.ID, clock.DateOf(tx.Now))
		if err != nil {
			return err
		}
		if p.Kind == staffKind && len(held) == 0 {
			return ErrNoPost
		}
		s := sessionRow{
			ID: tx.NewID(), Person: p.ID, Post: chosen(held, "").ID, Ver: by.TokenVersion, Device: mark, Generation: 1,
			RotatedAt: tx.Now, CreatedAt: tx.Now, SeenAt: tx.Now, EndsAt: tx.Now.Add(d.lifeOf(p.Kind).Whole),
		}
		s.IdleUntil = s.idleUntil(d.lifeOf(p.Kind), tx.Now)
		refresh := d.refreshToken(s.ID, s.Generation)
		s.RefreshHash = refreshHash(refresh)
		if err := tx.Create(&s).Error; err != nil {
			return err
		}
		if err := rememberDevice(tx, p.ID, mark); err != nil {
			return err
		}
		// Only now it is known who acts.
		tx.Actor = actorOf(p, chosen(held, s.Post), s.ID)
		tx.Trail(store.Entry{Act: "person.login", Kind: "person", Object: p.ID, Area: tx.Actor.Area, To: s.ID})
		tokens, err = d.tokens(p, s, held, s.RotatedAt)
		tokens.Refresh = refresh
		return err
	})
	return tokens, err
}

// actorOf is a person acting in a post; a resident has none and belongs to his village.
func actorOf(p personRow, post Post, session string) access.Actor {
	if p.Kind == staffKind {
		return post.Actor(session)
	}
	return access.Actor{Person: p.ID, Role: access.Resident, Area: access.Area(p.Village), Session: session}
}

// Logout (退出登录) ends the session; a second time nothing happens.
func (d *Desk) Logout(ctx context.Context, actor access.Actor) error {
	if actor.Session == "" {
		return fault.NeedLogin
	}
	defer d.standing.forget()
	return d.write(ctx, actor, func(tx *store.Tx) error {
		ended, err := endSession(tx, actor.Session, "logout")
		if ended {
			tx.Trail(store.Entry{Act: "person.logout", Kind: "person", Object: actor.Person, Area: actor.Area, From: actor.Session})
		}
		return err
	})
}

func endSession(tx *store.Tx, id, why string) (ended bool, err error) {
	done := tx.Table("sessions").Where("id = ? AND ended_at IS NULL", id).UpdateColumns(map[string]any{"ended_at": tx.Now, "why": why})
	return done.RowsAffected == 1, done.Error
}

// SwitchPost (换岗) answers an access token for another of the actor's posts, in the same session. There is no refresh token
// with it: whoever got hold of an access token must not make a lasting one of it.
func (d *Desk) SwitchPost(ctx context.Context, actor access.Actor, post string) (Tokens, error) {
	var tokens Tokens
	err := d.write(ctx, actor, func(tx *store.Tx) error {
		p, s, held, err := sessionOf(tx, actor)
		if err != nil {
			return err
		}
		to := chosen(held, post)
		if to.ID == "" || to.ID != post {
			return fault.NotFound
		}
		if err := d.guard(tx.DB, p.ID, to); err != nil {
			return err
		}
		err = tx.Table("sessions").Where("id = ? AND ended_at IS NULL", s.ID).UpdateColumn("post", to.ID).Error
		if err != nil {
			return err
		}
		s.Post = to.ID
		tx.Trail(store.Entry{Act: "person.switch_post", Kind: "person", Object: p.ID, Area: to.Area, From: actor.Post, To: to.ID})
		tokens, err = d.tokens(p, s, held, tx.Now)
		return err
	})
	return tokens, err
}

// sessionOf reads what the actor's token stands on, and refuses what has ended meanwhile.
func sessionOf(tx *store.Tx, actor access.Actor) (p personRow, s sessionRow, held []Post, err error) {
	if !actor.Signed() || actor.Session == "" {
		return p, s, nil, fault.NeedLogin
	}
	if p, err = personByID(tx.DB, actor.Person); err != nil {
		return p, s, nil, err
	}
	var list []sessionRow
	if err = tx.Where("id = ?", actor.Session).Limit(1).Find(&list).Error; err != nil {
		return p, s, nil, err
	}
	if len(list) == 0 || !list[0].alive(p, tx.Now) {
		return p, s, nil, ErrToken
	}
	held, err = postsOn(tx.DB, p.ID, clock.DateOf(tx.Now))
	return p, list[0], held, err
}
