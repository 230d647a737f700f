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
	deleted    relation = "of something that has ended"
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
	aGuardian   thing = "guardianship, over"
	aHousehold  thing = "household"
	aConsent    thing = "consent to registration"
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
	aCorrection thing = "correction, over"
	aLeaver     thing = "resident who wants to be no resident"
	anOffice    thing = "office"
	aCase       thing = "submitted case"
	aDraft      thing = "draft of a case"
	anErrand    thing = "errand"
	aCasePhoto  thing = "photo of a paper of a case"
	aCaseSlip   thing = "case, by number and the caller's query code"
	aStored     thing = "paper in the locker"
	aSpare      thing = "another paper in the locker"
	aPage       thing = "page of a paper in the locker"
	aDocument   thing = "document of a case, by the code on it"
	aLetter     thing = "letter of the outbox"
	aReceipt    thing = "document of a case, by its id"
)

// relations in which a thing is met. For another village and an unknown id the answer must be the very same.
var relations = map[thing][]relation{
	anAppeal:    {his, neighbours, elsewhere, faraway, ofHim, ofOffice, deleted, unknown},
	aPhoto:      {his, neighbours, elsewhere, faraway, ofHim, ofOffice, deleted, unknown},
	aLoosePhoto: {his, neighbours, elsewhere, faraway, deleted, unknown},
	aMessage:    {his, neighbours, elsewhere, faraway, deleted, unknown},
	aPost:       {his, neighbours, elsewhere, faraway, deleted, unknown},
	aResident:   {his, neighbours, elsewhere, faraway, unplaced, deleted, unknown},
	aRegistered: {his, neighbours, elsewhere, faraway, unplaced, deleted, unknown},
	anApplicant: {his, neighbours, elsewhere, faraway, unplaced, deleted, unknown},
	aPhone:      {his, neighbours, elsewhere, faraway, deleted, unknown},
	anActing:    {his, neighbours, elsewhere, faraway, deleted, unknown},
	aGuardian:   {his, neighbours, elsewhere, faraway, deleted, unknown},
	aHousehold:  {his, neighbours, elsewhere, faraway, deleted, unknown},
	aConsent:    {his, neighbours, elsewhere, faraway, deleted, unknown},
	aVillage:    {his, elsewhere, faraway, deleted, unknown},
	aNotice:     {his, neighbours, unknown},
	aSlip:       {his, neighbours, elsewhere, faraway, deleted, unknown},
	aCode:       {his, unknown},
	anItem:      {his, unknown},
	aPaper:      {his, unknown},
	aStaff:      {neighbours, unplaced, deleted, unknown},
	aTerm:       {neighbours, deleted, unknown},
	aSession:    {his, neighbours, deleted, unknown},
	aDivision:   {his, deleted, unknown},
	aCorrection: {his, neighbours, elsewhere, faraway, deleted, unknown},
	aLeaver:     {neighbours, elsewhere, faraway, unplaced, deleted, unknown},
	anOffice:    {his, deleted, unknown},
	aCase:       {his, neighbours, elsewhere, faraway, deleted, unknown},
	aDraft:      {his, neighbours, elsewhere, faraway, deleted, unknown},
	anErrand:    {his, neighbours, elsewhere, faraway, unknown},
	aCasePhoto:  {his, neighbours, elsewhere, faraway, deleted, unknown},
	aCaseSlip:   {his, neighbours, elsewhere, faraway, deleted, unknown},
	aDocument:   {his, unknown},
	aStored:     {his, neighbours, elsewhere, faraway, deleted, unknown},
	aSpare:      {his, neighbours, elsewhere, faraway, deleted, unknown},
	aPage:       {his, neighbours, elsewhere, faraway, deleted, unknown},
	aLetter:     {his, faraway, unknown},
}

// town is who works in one: of his own village or not, it is his; so is what somebody left behind who closed his account.
var town = []relation{his, neighbours, elsewhere, deleted}

// stays is what everybody is still told of when it is over.
var stays = []thing{aDivision, anOffice}

// seenBy is who sees what. What is not here is seen by nobody.
var seenBy = map[thing]map[access.Role][]relation{
	anAppeal: {
		villager: {his, ofHim, ofOffice}, clerk: {his}, gridWorker: {his},
		dispatcher: town, supervisor: town, followUp: town, officer: {his},
	},
	aResident: {
		clerk: {his, neighbours}, gridWorker: {his}, access.SystemAdmin: {his, neighbours, elsewhere, faraway},
	},
	aVillage:    {clerk: {his}},
	aStaff:      {access.SystemAdmin: {neighbours, deleted}, access.SecurityAdmin: {neighbours, deleted}},
	aTerm:       {access.SystemAdmin: {neighbours, deleted}, access.SecurityAdmin: {neighbours, deleted}},
	anActing:    {villager: {his}, clerk: {his, neighbours}},
	aHousehold:  {villager: {his}, clerk: {his, neighbours, deleted}},
	aConsent:    {villager: {his}, clerk: {his, neighbours}},
	aCorrection: {villager: {his}, clerk: {his, neighbours}},
	// The faraway one is handled by its town's centre, the others by the county's hall.
	aCase: {
		villager: {his}, clerk: {his}, access.Window: town, access.Reviewer: town, access.Decider: town, supervisor: town,
	},
	aDraft:   {villager: {his}, clerk: {his}},
	aStored:  {villager: {his}, clerk: {his, neighbours}},
	aLetter:  {access.SystemAdmin: {his}},
	anErrand: {villager: {his}, clerk: {his, neighbours}, supervisor: {his, neighbours, elsewhere}},
}

// sameAs are things that whoever sees another thing sees.
var sameAs = map[thing]thing{aPhoto: anAppeal, aPhone: aResident, aRegistered: aResident, aLeaver: aResident, aCasePhoto: aCase, aSpare: aStored, aPage: aStored, aGuardian: anActing}

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
		return rel == his || rel == deleted && slices.Contains(stays, of)
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
