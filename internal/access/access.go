// Package access says who is asking: an Actor with one role, at one office, in one area.
//
// It knows no HTTP and no database. Which rows an actor sees is each desk's seenBy; which acts are his is the flow table's By.
package access

import (
	"context"
	"fmt"
	"slices"

	"tongban/internal/fault"
)

// Role is one of the closed list of roles. Titles of posts (四员, 第一书记, 网格长) are data that map to a role.
type Role string

const (
	Resident      Role = "resident"
	Clerk         Role = "clerk"
	GridWorker    Role = "grid_worker"
	Window        Role = "window"
	Reviewer      Role = "reviewer"
	Decider       Role = "decider"
	Dispatcher    Role = "dispatcher"
	Officer       Role = "officer"
	FollowUp      Role = "follow_up"
	Supervisor    Role = "supervisor"
	Editor        Role = "editor"
	Publisher     Role = "publisher"
	SystemAdmin   Role = "system_admin"
	SecurityAdmin Role = "security_admin"
	AuditAdmin    Role = "audit_admin"
	System        Role = "system" // the program's own rounds; no person
	County        Role = "county" // the county's platform through its connector; no person
)

var labels = map[Role]string{
	Resident: "群众", Clerk: "村办事员", GridWorker: "网格员", Window: "窗口人员", Reviewer: "审查员", Decider: "决定人",
	Dispatcher: "派单员", Officer: "承办人", FollowUp: "回访员", Supervisor: "督办员", Editor: "事项编辑", Publisher: "事项发布人",
	SystemAdmin: "系统管理员", SecurityAdmin: "安全管理员", AuditAdmin: "审计管理员", System: "系统", County: "县级平台",
}

// Roles lists the roles that a person can hold.
func Roles() []Role {
	return []Role{Resident, Clerk, GridWorker, Window, Reviewer, Decider, Dispatcher, Officer, FollowUp, Supervisor, Editor, Publisher, SystemAdmin, SecurityAdmin, AuditAdmin}
}

// Label is the role's Chinese name.
func (r Role) Label() string { return labels[r] }

// Known reports whether r is on the closed list, the two actors that are no persons included.
func (r Role) Known() bool { _, ok := labels[r]; return ok }

// Staff reports whether r is held by way of a post.
func (r Role) Staff() bool { return r.Known() && r != Resident && r != System && r != County }

// Actor is who asks. A staff member with several posts (一肩挑) acts in one of them at a time.
type Actor struct {
	Person  string // id; empty for System, County and a stranger
	Post    string // id of the post he acts in; empty for a resident
	Role    Role
	Office  string // id; staff only
	Area    Area   // of the post; for a resident his village
	Session string // id
}

// Round is the actor of the program's own rounds.
func Round(area Area) Actor { return Actor{Role: System, Area: area} }

// Stranger is somebody who did not log in: a villager at a public page.
func Stranger() Actor { return Actor{} }

// Signed reports whether the actor logged in.
func (a Actor) Signed() bool { return a.Person != "" }

// Must answers request.forbidden unless the actor holds one of the roles.
func (a Actor) Must(roles ...Role) error {
	if slices.Contains(roles, a.Role) {
		return nil
	}
	return fault.NotYours
}

// Scope is the condition that keeps the actor inside his area: a column comparison and its value.
// An actor without an area has no scope: that is a mistake in the program, so it panics with NoScope, which a desk's test shows
// and the api's recovery turns into a refusal.
func (a Actor) Scope() (condition string, code string) {
	level := a.Area.Level()
	if level == "" {
		panic(NoScope{a.Role})
	}
	return string(level) + " = ?", string(a.Area)
}

// NoScope is why Scope panics.
type NoScope struct{ Role Role }

func (n NoScope) Error() string { return fmt.Sprintf("access: %s has no area", n.Role) }

type actorKey struct{}

// With puts the actor into the context, for the api's handlers.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, actorKey{}, a) }

// From is the actor that With put there, a Stranger when nobody logged in.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}
