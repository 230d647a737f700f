package api

import (
	"strings"

	"tongban/internal/access"
	"tongban/internal/flow"
)

// The shapes that many lines of the matrix have.

func roles(list ...access.Role) []access.Role { return list }

// acting is the rule of an act that these roles do in that state.
func acting(do flow.Act, at flow.State, by ...access.Role) []rule {
	return []rule{{who: person, of: anAppeal, at: []flow.State{at}, by: by, deny: notByYou, want: stale, body: atVersion(staleVersion, bodies[do])}}
}

// actingOn is the rule of an act on a case that these roles do. In whatever state it is: the present version is another.
func actingOn(do flow.Act, of thing, by ...access.Role) []rule {
	body := strings.ReplaceAll(strings.ReplaceAll(caseBodies[do], "{papers}", "[]"), "{soon}", "2026-12-24")
	return []rule{{who: person, of: of, by: by, deny: notByYou, want: staleCase, body: atVersion(staleVersion, body)}}
}

// atVersion says which version the client saw.
func atVersion(version, body string) string {
	return strings.Replace(`{"version":`+version+`,`+body[1:], ",}", "}", 1)
}

// openTo is a line for anybody.
func openTo(want told, more ...rule) []rule {
	r := rule{}
	if len(more) > 0 {
		r = more[0]
	}
	r.who, r.want = open, want
	return []rule{r}
}

// managing is what one kind of administrator does to a member of the staff; the other kind sees him, and may not.
func managing(by access.Role, body string) []rule {
	return []rule{{who: staff, of: aStaff, first: roles(access.SystemAdmin, access.SecurityAdmin), by: roles(by), deny: notForYou, want: ok, body: body}}
}

// ending is the same for a post. Who holds an unknown one is asked for first, so everybody who is no administrator gets 403.
func ending(want told, body string) []rule {
	r := managing(access.SystemAdmin, body)
	r[0].of, r[0].want, r[0].gone = aTerm, want, told{409, "post.ended"}
	return r
}

// always marks what another line rests on.
func always(rules []rule) []rule {
	for i := range rules {
		rules[i].always = true
	}
	return rules
}

// aPostFor is a post at the county's hall.
func aPostFor(role string) string {
	return `"post":{"role":"` + role + `","title":"岗位","office":"{hall}","area":"219901"}`
}
