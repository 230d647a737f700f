package family

import (
	"tongban/internal/access"
	"tongban/internal/flow"
)

// States and acts of somebody's acting for another (亲友代办).
const (
	ActingAsked  flow.State = "asked"
	ActingActive flow.State = "active"
	ActingEnded  flow.State = "ended"

	ConfirmActing flow.Act = "confirm"
	EndActing     flow.Act = "end"
	CloseActing   flow.Act = "close" // with the account of one of the two
)

// GuardianFlow is a guardianship's: it holds until its last day, and only the clerk ends it before, with a paper in his hand; or it
// ends with an account.
var GuardianFlow = &flow.Table{
	Name: "guardianship", Title: "监护", Start: ActingActive, Final: []flow.State{ActingEnded},
	Rows: []flow.Row{
		{From: ActingActive, Do: EndActing, To: ActingEnded, By: []access.Role{access.Clerk}},
		{From: ActingActive, Do: CloseActing, To: ActingEnded, By: []access.Role{access.Resident, access.Clerk}},
	},
	States: []flow.Label[flow.State]{{Name: ActingActive, Text: "监护中"}, {Name: ActingEnded, Text: "已结束"}},
	Acts:   []flow.Label[flow.Act]{{Name: EndActing, Text: "结束监护"}, {Name: CloseActing, Text: "随账户注销"}},
}

func flowOf(k Kind) *flow.Table {
	if k == Guardian {
		return GuardianFlow
	}
	return ActingFlow
}

// ActingFlow is its whole life. Confirming is the helper's; ending is either's at any time, and the village clerk's for
// somebody without a phone.
var ActingFlow = &flow.Table{
	Name: "acting", Title: "亲友代办", Start: ActingAsked, Final: []flow.State{ActingEnded},
	Rows: []flow.Row{
		{From: ActingAsked, Do: ConfirmActing, To: ActingActive, By: []access.Role{access.Resident}},
		{From: ActingAsked, Do: EndActing, To: ActingEnded, By: []access.Role{access.Resident, access.Clerk}},
		{From: ActingActive, Do: EndActing, To: ActingEnded, By: []access.Role{access.Resident, access.Clerk}},
	},
	States: []flow.Label[flow.State]{{Name: ActingAsked, Text: "等对方确认"}, {Name: ActingActive, Text: "正在代办"}, {Name: ActingEnded, Text: "已结束"}},
	Acts:   []flow.Label[flow.Act]{{Name: ConfirmActing, Text: "同意代办"}, {Name: EndActing, Text: "结束代办"}},
}
