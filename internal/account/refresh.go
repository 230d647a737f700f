package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"github.com/google/uuid"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// A refresh token is session (16 bytes), generation (4) and a MAC of both (32), in base64url: each follows from the one
// before, and a forged one is refused without asking the database.

const (
	refreshBytes = 16 + 4 + 32
	// lost is how long the same device may ask again after an answer that never reached it (RFC 9700 leaves this open).
	lost = 10 * time.Second
)

func (d *Desk) refreshToken(session string, generation int) string {
	id := uuid.MustParse(session)
	head := binary.BigEndian.AppendUint32(id[:], uint32(generation)) // counts log-ins' renewals from 1
	return base64.RawURLEncoding.EncodeToString(append(head, d.store.Keys().MAC("refresh", head)...))
}

func refreshHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// readRefresh answers what a refresh token of ours says.
func (d *Desk) readRefresh(token string) (session string, generation int, ok bool) {
	if len(token) != base64.RawURLEncoding.EncodedLen(refreshBytes) {
		return "", 0, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != refreshBytes || !hmac.Equal(raw[20:], d.store.Keys().MAC("refresh", raw[:20])) {
		return "", 0, false
	}
	return uuid.UUID(raw[:16]).String(), int(binary.BigEndian.Uint32(raw[16:20])), true
}

// Refresh (续期) answers a new pair of tokens for a refresh token, which is used up by it. One that is used a second time was
// stolen from somebody: the whole session ends. Only the same device may ask again within ten seconds, and gets the same answer.
func (d *Desk) Refresh(ctx context.Context, token, device string) (Tokens, error) {
	session, generation, ok := d.readRefresh(token)
	if !ok {
		return Tokens{}, ErrToken
	}
	mark, err := d.deviceMark(device)
	if err != nil {
		return Tokens{}, err
	}
	var tokens Tokens
	var refused bool
	err = d.write(ctx, access.Stranger(), func(tx *store.Tx) error {
		refused = false
		var err error
		// A second look when another renewal of the same token came first.
		for range 2 {
			tokens, err = d.renew(tx, session, generation, mark)
			if !errors.Is(err, errOvertaken) {
				break
			}
		}
		if errors.Is(err, ErrToken) {
			refused, err = true, nil // what was found out stays written
		}
		return err
	})
	switch {
	case err != nil:
		return Tokens{}, err
	case refused:
		d.standing.forget() // the session may have been ended
		return Tokens{}, ErrToken
	}
	return tokens, nil
}

var errOvertaken = errors.New("account: the token was renewed meanwhile")

func (d *Desk) renew(tx *store.Tx, session string, generation int, mark string) (Tokens, error) {
	var list []sessionRow
	if err := tx.Where("id = ?", session).Limit(1).Find(&list).Error; err != nil {
		return Tokens{}, err
	}
	if len(list) == 0 {
		return Tokens{}, ErrToken
	}
	s := list[0]
	p, err := personByID(tx.DB, s.Person)
	if errors.Is(err, fault.NotFound) {
		return Tokens{}, ErrToken
	}
	if err != nil {
		return Tokens{}, err
	}
	if !s.alive(p, tx.Now) {
		return Tokens{}, ErrToken
	}
	held, err := postsOn(tx.DB, p.ID, clock.DateOf(tx.Now))
	if err != nil {
		return Tokens{}, err
	}
	post := chosen(held, s.Post)
	if p.Kind == staffKind && post.ID == "" {
		return Tokens{}, ErrToken // log-in says why
	}
	if err := d.guard(tx.DB, p.ID, post); errors.Is(err, ErrOTPEnrol) {
		return Tokens{}, ErrToken // log-in says why
	} else if err != nil {
		return Tokens{}, err
	}
	was := s
	s.Post = post.ID

	switch {
	case generation == s.Generation:
		if refreshHash(d.refreshToken(session, generation)) != s.RefreshHash {
			return Tokens{}, ErrToken
		}
		if s, err = d.rotate(tx, p, was, post.ID); err != nil {
			return Tokens{}, err
		}
	case generation == s.Generation-1 && mark == s.Device && !tx.Now.After(s.RotatedAt.Add(lost)):
		// The answer never arrived: the same one again.
	case generation < s.Generation:
		return Tokens{}, d.stolen(tx, p, s, post)
	default:
		return Tokens{}, ErrToken
	}
	// Made from the moment of rotation, so that asking again gives the same bytes.
	tokens, err := d.tokens(p, s, held, s.RotatedAt)
	tokens.Refresh = d.refreshToken(s.ID, s.Generation)
	return tokens, err
}

// rotate renews the session as it was read: who chose another post meanwhile keeps it.
func (d *Desk) rotate(tx *store.Tx, p personRow, was sessionRow, post string) (sessionRow, error) {
	s := was
	s.Generation, s.Post = was.Generation+1, post
	s.RefreshHash = refreshHash(d.refreshToken(s.ID, s.Generation))
	s.RotatedAt, s.SeenAt, s.IdleUntil = tx.Now, tx.Now, s.idleUntil(d.lifeOf(p.Kind), tx.Now)
	done := tx.Table("sessions").Where("id = ? AND generation = ? AND post = ? AND ended_at IS NULL", s.ID, was.Generation, was.Post).UpdateColumns(map[string]any{
		"generation": s.Generation, "refresh_hash": s.RefreshHash, "post": s.Post,
		"rotated_at": s.RotatedAt, "seen_at": s.SeenAt, "idle_until": s.IdleUntil,
	})
	if done.Error == nil && done.RowsAffected != 1 {
		return s, errOvertaken
	}
	return s, done.Error
}

func (d *Desk) stolen(tx *store.Tx, p personRow, s sessionRow, post Post) error {
	ended, err := endSession(tx, s.ID, "reuse")
	if err != nil {
		return err
	}
	if ended {
		tx.Actor = actorOf(p, post, s.ID)
		tx.Trail(store.Entry{Act: "person.token_reuse", Kind: "person", Object: p.ID, Area: tx.Actor.Area, From: s.ID})
	}
	return ErrToken
}
