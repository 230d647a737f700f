package casework

import (
	"slices"

	"tongban/internal/flow"
)

// The states of an errand.
const (
	Entrusted      flow.State = "entrusted"
	Checked        flow.State = "checked"
	Filed          flow.State = "filed"
	Paused         flow.State = "paused"
	ResultReceived flow.State = "result_received"
	HandedOver     flow.State = "handed_over"
	Archived       flow.State = "archived"
	Stopped        flow.State = "terminated"
	Revoked        flow.State = "revoked"
)

// The acts on an errand.
const (
	Check      flow.Act = "check"
	File       flow.Act = "file"
	Pause      flow.Act = "pause"
	GoOn       flow.Act = "resume"
	TakeResult flow.Act = "take_result"
	HandOver   flow.Act = "hand_over"
	Archive    flow.Act = "archive"
	Stop       flow.Act = "terminate"
	Revoke     flow.Act = "revoke"
)

// beforeResult are the states in which an errand may still be given up.
var beforeResult = []flow.State{Entrusted, Checked, Filed, Paused}

// ErrandFlow is the life of an errand (帮办代办), the village's own machine beside the case: it never moves the county's states,
// but for submitting the case when it is filed.
var ErrandFlow = &flow.Table{
	Name: "errand", Title: "帮办代办", Start: Entrusted,
	Final: []flow.State{Archived, Stopped, Revoked},
	Rows: slices.Concat(
		[]flow.Row{
			{From: Entrusted, Do: Check, To: Checked, By: by(clerk)},
			{From: Checked, Do: File, To: Filed, By: by(clerk)},
			{From: Filed, Do: Pause, To: Paused, By: by(clerk)},
			{From: Paused, Do: GoOn, To: Filed, By: by(clerk)},
			{From: Filed, Do: TakeResult, To: ResultReceived, By: by(clerk, system)},
			{From: ResultReceived, Do: HandOver, To: HandedOver, By: by(clerk)},
			{From: HandedOver, Do: Archive, To: Archived, By: by(clerk, system)},
		},
		flow.From(beforeResult, Stop, Stopped, clerk, supervisor),
		flow.From(append(slices.Clone(beforeResult), ResultReceived), Revoke, Revoked, resident),
	),
	States: []flow.Label[flow.State]{
		{Name: Entrusted, Text: "已委托"}, {Name: Checked, Text: "已核对材料"}, {Name: Filed, Text: "已报送"}, {Name: Paused, Text: "已中止"},
		{Name: ResultReceived, Text: "已取得结果"}, {Name: HandedOver, Text: "已送达签收"}, {Name: Archived, Text: "已归档"},
		{Name: Stopped, Text: "已终止"}, {Name: Revoked, Text: "已撤销委托"},
	},
	Acts: []flow.Label[flow.Act]{
		{Name: Check, Text: "核对材料"}, {Name: File, Text: "报送"}, {Name: Pause, Text: "中止"}, {Name: GoOn, Text: "续办"},
		{Name: TakeResult, Text: "取得结果"}, {Name: HandOver, Text: "送达签收"}, {Name: Archive, Text: "归档"},
		{Name: Stop, Text: "终止"}, {Name: Revoke, Text: "撤销委托"},
	},
}
