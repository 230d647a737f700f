package api

import "tongban/internal/access"

func init() {
	const body = `{"version":` + staleVersion + `,"papers":[{"material":"card_receipt"}]}`
	rules["supplementPapersCase"] = []rule{
		{who: person, of: aDraft, by: roles(villager, clerk), deny: notForYou, want: staleCase, body: body},
		{who: person, of: aCase, by: roles(villager, clerk, access.Window, access.Reviewer), deny: notForYou, want: staleCase, body: body},
	}
}
