package account

import (
	"slices"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
)

// Three powers apart (三权分立, GB/T 22239-2019 8.1.4.2): the system administrator makes accounts and gives the posts of daily
// work; the security administrator gives the administrators' own posts, and ends what was stolen; the audit administrator
// reads the trail and changes nothing. Nobody is two of them, and nobody changes his own posts.

// administrators are the roles that are kept apart.
var administrators = []access.Role{access.SystemAdmin, access.SecurityAdmin, access.AuditAdmin}

// giver is the role that gives and ends posts of a role.
func giver(of access.Role) access.Role {
	if slices.Contains(administrators, of) {
		return access.SecurityAdmin
	}
	return access.SystemAdmin
}

var (
	ErrOwnPost   = fault.New(fault.Forbidden, "post.own", "自己的岗位和账号不能自己改，请另一位管理员办")
	ErrTwoPowers = fault.New(fault.Conflict, "post.two_powers", "系统、安全、审计三种管理员要由不同的人担任")
	ErrLastOne   = fault.New(fault.Conflict, "post.last_administrator", "这是县里最后一位这种管理员，请先让别人接任")
	ErrPostTaken = fault.New(fault.Conflict, "post.taken", "他在这里已经有这个岗位，请看他的岗位记录")
	ErrPostEnded = fault.New(fault.Conflict, "post.ended", "这个岗位已经结束")
)

// mayGive: may the actor give or end a post of that role?
func mayGive(actor access.Actor, of access.Role) error { return actor.Must(giver(of)) }

// mayManage: may the actor shut out or let in somebody who holds these posts? An administrator's account is the security
// administrator's affair, so that the system administrator cannot silence who watches him.
func mayManage(actor access.Actor, held []Post) error {
	for _, p := range held {
		if slices.Contains(administrators, p.Role) {
			return actor.Must(access.SecurityAdmin)
		}
	}
	return actor.Must(access.SystemAdmin)
}

// apart fails when the post would make its holder two kinds of administrator at the same time.
func apart(held []Post, fresh Post) error {
	if !slices.Contains(administrators, fresh.Role) {
		return nil
	}
	for _, p := range held {
		if p.Role != fresh.Role && slices.Contains(administrators, p.Role) && p.overlaps(fresh) {
			return ErrTwoPowers
		}
	}
	return nil
}

// overlaps: there is a day on which both are held.
func (p Post) overlaps(other Post) bool {
	begins := func(a, b Post) bool { return a.ValidUntil.IsZero() || !a.ValidUntil.Before(b.ValidFrom) }
	return begins(p, other) && begins(other, p)
}

// over: nobody acts in the post on that day or later.
func (p Post) over(day clock.Date) bool { return !p.ValidUntil.IsZero() && p.ValidUntil.Before(day) }
