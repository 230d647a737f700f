package rights

import (
	"tongban/internal/access"
	"tongban/internal/flow"
)

// States and acts of a correction (更正).
const (
	Asked     flow.State = "asked"
	Agreed    flow.State = "agreed"
	Refused   flow.State = "refused"
	Withdrawn flow.State = "withdrawn"

	Agree    flow.Act = "agree"
	Refuse   flow.Act = "refuse"
	Withdraw flow.Act = "withdraw"
)

// CorrectionFlow is its whole life: the clerk of the village decides, the resident may take it back before.
var CorrectionFlow = &flow.Table{
	Name: "correction", Title: "更正个人信息", Start: Asked, Final: []flow.State{Agreed, Refused, Withdrawn},
	Rows: []flow.Row{
		{From: Asked, Do: Agree, To: Agreed, By: []access.Role{access.Clerk}},
		{From: Asked, Do: Refuse, To: Refused, By: []access.Role{access.Clerk}},
		{From: Asked, Do: Withdraw, To: Withdrawn, By: []access.Role{access.Resident}},
	},
	States: []flow.Label[flow.State]{
		{Name: Asked, Text: "等村里核对"}, {Name: Agreed, Text: "已更正"}, {Name: Refused, Text: "没有同意"}, {Name: Withdrawn, Text: "已撤回"},
	},
	Acts: []flow.Label[flow.Act]{{Name: Agree, Text: "同意更正"}, {Name: Refuse, Text: "不同意"}, {Name: Withdraw, Text: "撤回"}},
}
