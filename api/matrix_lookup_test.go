package api

func init() {
	const body = `{"version":` + staleVersion + `,"material":"id_card",` + spoken + `}`
	rules["lookUpPaper"] = []rule{
		{who: person, of: aDraft, by: roles(villager, clerk), deny: notForYou, want: staleCase, body: body},
		{who: person, of: aCase, by: roles(villager, clerk), deny: notForYou, want: staleCase, body: body},
	}
}
