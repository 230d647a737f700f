package api

import (
	"slices"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/flow"
)

// relation is how an object stands to whoever calls.
type relation string

const (
	his        relation = "his own"
	neighbours relation = "another person's of the village"
	elsewhere  relation = "of another village"
	faraway    relation = "of another town"
	ofHim      relation = "complains of himself"
	ofOffice   relation = "complains of an office of his"
	unplaced   relation = "of somebody who has not said where he lives"
	unknown    relation = "unknown"
)

// thing is a kind of object that a call may name.
type thing string

const (
	anAppeal    thing = "appeal"
	aPhoto      thing = "photo of an appeal"
	aLoosePhoto thing = "photo of nothing yet"
	aMessage    thing = "message"
	aPost       thing = "post"
	aResident   thing = "resident"
	aRegistered thing = "resident whom a clerk has registered"
	anApplicant thing = "resident for whom a clerk files"
	aPhone      thing = "phone of a resident"
	anActing    thing = "acting for somebody, over"
	aVillage    thing = "village"
	aNotice     thing = "notice, by number and the caller's query code"
	aSlip       thing = "appeal, by number and the caller's query code"
	aCode       thing = "code on a wall"
	anItem      thing = "item"
	aPaper      thing = "paper"
	aStaff      thing = "member of the staff"
	aTerm       thing = "post of a member of the staff"
	aSession    thing = "session"
	aDivision   thing = "division"
	aCase       thing = "submitted case"
	aDraft      thing = "draft of a case"
	aCasePhoto  thing = "photo of a paper of a case"
	aCaseSlip   thing = "case, by number and the caller's query code"
)

// relations in which a thing is met. For another village and an unknown id the answer must be the very same.
var relations = map[thing][]relation{
	anAppeal:    {his, neighbours, elsewhere, faraway, ofHim, ofOffice, unknown},
	aPhoto:      {his, neighbours, elsewhere, faraway, ofHim, ofOffice, unknown},
	aLoosePhoto: {his, neighbours, elsewhere, faraway, unknown},
	aMessage:    {his, neighbours, elsewhere, faraway, unknown},
	aPost:       {his, neighbours, elsewhere, faraway, unknown},
	aResident:   {his, neighbours, elsewhere, faraway, unplaced, unknown},
	aRegistered: {his, neighbours, elsewhere, faraway, unplaced, unknown},
	anApplicant: {his, neighbours, elsewhere, faraway, unplaced, unknown},
	aPhone:      {his, neighbours, elsewhere, faraway, unknown},
	anActing:    {his, neighbours, elsewhere, faraway, unknown},
	aVillage:    {his, elsewhere, faraway, unknown},
	aNotice:     {his, neighbours, unknown},
	aSlip:       {his, neighbours, elsewhere, faraway, unknown},
	aCode:       {his, unknown},
	anItem:      {his, unknown},
	aPaper:      {his, unknown},
	aStaff:      {neighbours, unplaced, unknown},
	aTerm:       {neighbours, unknown},
	aSession:    {his, neighbours, unknown},
	aDivision:   {his, unknown},
	aCase:       {his, neighbours, elsewhere, faraway, unknown},
	aDraft:      {his, neighbours, elsewhere, faraway, unknown},
	aCasePhoto:  {his, neighbours, elsewhere, faraway, unknown},
	aCaseSlip:   {his, neighbours, elsewhere, faraway, unknown},
}

// town is who works in one: of his own village or not, it is his.
var town = []relation{his, neighbours, elsewhere}

// seenBy is who sees what. What is not here is seen by nobody.
var seenBy = map[thing]map[access.Role][]relation{
	anAppeal: {
		villager: {his, ofHim, ofOffice}, clerk: {his}, gridWorker: {his},
		dispatcher: town, supervisor: town, followUp: town, officer: {his},
	},
	aResident: {
		clerk: {his, neighbours}, gridWorker: {his}, access.SystemAdmin: {his, neighbours, elsewhere, faraway},
	},
	aVillage: {clerk: {his}},
	aStaff:   {access.SystemAdmin: {neighbours}, access.SecurityAdmin: {neighbours}},
	aTerm:    {access.SystemAdmin: {neighbours}, access.SecurityAdmin: {neighbours}},
	anActing: {villager: {his}, clerk: {his, neighbours}},
	// The faraway one is handled by its town's centre, the others by the county's hall.
	aCase: {
		villager: {his}, clerk: {his}, access.Window: town, access.Reviewer: town, access.Decider: town, supervisor: town,
	},
	aDraft: {villager: {his}, clerk: {his}},
}

// sameAs are things that whoever sees another thing sees.
var sameAs = map[thing]thing{aPhoto: anAppeal, aPhone: aResident, aRegistered: aResident, aCasePhoto: aCase}

// sees says whether it is there for him. What a role works on exists for it from a certain state on.
func sees(of thing, role access.Role, rel relation, at flow.State) bool {
	if other, found := sameAs[of]; found {
		of = other
	}
	if of == anApplicant { // of the clerk; the other roles may not name anybody
		return role != clerk || slices.Contains(seenBy[aResident][clerk], rel)
	}
	byRole, scoped := seenBy[of]
	if !scoped { // what is one's own, and nobody else's in no role
		return rel == his
	}
	if states, some := meetsIn[role]; some && of == anAppeal && !slices.Contains(states, at) {
		return false
	}
	return slices.Contains(byRole[role], rel)
}

// meetsIn are the states in which alone a role meets appeals.
var meetsIn = map[access.Role][]flow.State{
	officer: {
		appeal.Dispatched, appeal.SendBackAsked, appeal.Acknowledged, appeal.Handling, appeal.Shelved,
		appeal.Replied, appeal.FollowingUp, appeal.Concluded,
	},
	followUp: {appeal.Replied, appeal.FollowingUp, appeal.Concluded},
}
