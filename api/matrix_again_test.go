package api

import (
	"tongban/internal/appeal"
	"tongban/internal/flow"
)

// A second rating is for whoever may give the first.
func init() {
	const body = `{"version":` + staleVersion + `,"level":1{consent}}`
	rules["rateCaseAgain"] = []rule{{who: person, of: aCase, by: roles(villager, clerk), deny: notForYou, want: staleCase, body: body}}
	rules["rateAppealAgain"] = []rule{{who: person, of: anAppeal, at: []flow.State{appeal.Replied}, by: roles(villager, clerk), deny: notForYou, want: stale, body: body}}
}
