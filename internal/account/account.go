// Package account knows the people and where they belong: divisions and grids (行政区划、网格), offices (机构), staff with
// their posts (岗位; one person with several is 一肩挑), residents (群众), log-in and tokens.
//
// Personal values rest sealed; sessions, not tokens, are the truth about who is logged in.
//
// In the order of reading: who there is in person.go, sealed.go, register.go, resident.go, seen.go; where they belong in area*.go, office*.go;
// staff in staff.go, post.go, powers.go, duty.go, disable.go, import.go; log-in in login*.go, password*.go, totp.go, lockout.go, sms_code.go,
// bind*.go; what comes of it in session.go, token.go, refresh.go, identify.go, known.go; one client at a time in serving.go; consent in
// consent*.go, privacy*.go, age.go; rights in reveal.go, copy.go, correct.go, close.go; the county's folder in load*.go, demo.go.
package account

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"tongban/internal/access"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// WeChat exchanges the code of wx.login for the user's openid, and the code of the phone button for his number;
// internal/wechat does. A code works once.
type WeChat interface {
	CodeToSession(ctx context.Context, code string) (openID, unionID string, err error)
	Phone(ctx context.Context, code string) (secret.Phone, error)
}

// Options of a desk; the zero value will do for everything but log-in by WeChat.
type Options struct {
	WeChat      WeChat // nil: no log-in by WeChat
	SMS         SMS    // nil: no log-in by SMS
	Issuer      string // iss of the tokens; "tongban" when empty
	MinPassword int    // characters of a new password at least; 12 when zero
	// Staff and Resident are how long their sessions last; what is zero is as StaffLife and ResidentLife.
	Staff, Resident Life
	// SecondFactor are the roles that log in with a one-time code as well; whoever else has one is asked for it too.
	SecondFactor []access.Role
	// EasyPasswords are hashed at next to no cost. Only tests may ask for it: the layers test looks.
	EasyPasswords bool
}

// Desk is where people are registered, log in and are looked up.
type Desk struct {
	store     *store.Store
	wechat    WeChat
	sms       SMS
	issuer    string
	passwords *passwords
	guarded   []access.Role // demand a second factor
	lives     struct{ staff, resident Life }
	parser    *jwt.Parser
	// checked are tokens whose signature was found right; standing is how sessions stood in the database lately.
	checked  *recent[tokenKey, claims]
	standing *recent[string, standing]
	uses     []officeUse
	carriers []Carrier
	leaves   []Leave
	// followed are the areas that ended, as they stood when this replica last looked.
	followed atomic.Pointer[followed]
}

// remembered bounds each of the two memories, in entries.
const remembered = 10_000

// New opens the desk.
func New(s *store.Store, o Options) *Desk {
	if o.Issuer == "" {
		o.Issuer = "tongban"
	}
	if o.MinPassword == 0 {
		o.MinPassword = 12
	}
	d := &Desk{
		store: s, wechat: o.WeChat, sms: o.SMS, issuer: o.Issuer,
		passwords: newPasswords(o.MinPassword, costOf(o.EasyPasswords)), guarded: o.SecondFactor,
		parser:   newParser(o.Issuer, s.Clock()),
		checked:  newRecent[tokenKey, claims](remembered),
		standing: newRecent[string, standing](remembered),
	}
	d.lives.staff, d.lives.resident = o.Staff.or(StaffLife), o.Resident.or(ResidentLife)
	return d
}

func (d *Desk) now() time.Time { return d.store.Clock().Now() }

// write runs fn without the request's idempotency key: log-in and token calls are exempt from it, and reading that is
// trailed is no act of the request.
func (d *Desk) write(ctx context.Context, actor access.Actor, fn func(*store.Tx) error) error {
	return d.store.Write(store.WithClaim(ctx, nil), actor, fn)
}
