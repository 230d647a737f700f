// Package errand is assisted filing (帮办代办): a villager entrusts a case to the clerk of his village, who checks him and his
// papers, files the case, and brings the result home. It is free of charge and voluntary; the entrustment names the matter,
// the powers and the period, and is signed (民法典 165).
//
// It is the village's own machine beside the county's case. Of the case it moves two things: filing submits the draft, and handing the
// result over delivers the decision.
package errand

import (
	"slices"

	"tongban/internal/access"
	"tongban/internal/flow"
)

// The states of an errand.
const (
	Entrusted      flow.State = "entrusted"
	Checked        flow.State = "checked"
	SentIn         flow.State = "filed"
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
var beforeResult = []flow.State{Entrusted, Checked, SentIn, Paused}

// Flow is the life of an errand. Whoever revokes through a clerk does so through another one than his agent. The program ends one with its
// case alone.
var Flow = &flow.Table{
	Name: "errand", Title: "帮办代办", Start: Entrusted,
	Final: []flow.State{Archived, Stopped, Revoked},
	Rows: slices.Concat(
		[]flow.Row{
			{From: Entrusted, Do: Check, To: Checked, By: by(access.Clerk)},
			{From: Checked, Do: File, To: SentIn, By: by(access.Clerk)},
			{From: SentIn, Do: Pause, To: Paused, By: by(access.Clerk)},
			{From: Paused, Do: GoOn, To: SentIn, By: by(access.Clerk)},
			{From: SentIn, Do: TakeResult, To: ResultReceived, By: by(access.Clerk, access.System)},
			{From: ResultReceived, Do: HandOver, To: HandedOver, By: by(access.Clerk)},
			{From: HandedOver, Do: Archive, To: Archived, By: by(access.Clerk, access.System)},
		},
		flow.From(beforeResult, Stop, Stopped, access.Clerk, access.Supervisor, access.System),
		flow.From(append(slices.Clone(beforeResult), ResultReceived), Revoke, Revoked, access.Resident, access.Clerk),
	),
	States: []flow.Label[flow.State]{
		{Name: Entrusted, Text: "已委托"}, {Name: Checked, Text: "已核对材料"}, {Name: SentIn, Text: "已报送"}, {Name: Paused, Text: "已中止"},
		{Name: ResultReceived, Text: "已取得结果"}, {Name: HandedOver, Text: "已送达签收"}, {Name: Archived, Text: "已归档"},
		{Name: Stopped, Text: "已终止"}, {Name: Revoked, Text: "已撤销委托"},
	},
	Acts: []flow.Label[flow.Act]{
		{Name: Check, Text: "核对材料"}, {Name: File, Text: "报送"}, {Name: Pause, Text: "中止"}, {Name: GoOn, Text: "续办"},
		{Name: TakeResult, Text: "取得结果"}, {Name: HandOver, Text: "送达签收"}, {Name: Archive, Text: "归档"},
		{Name: Stop, Text: "终止"}, {Name: Revoke, Text: "撤销委托"},
	},
}

// by names the roles of a row.
func by(roles ...access.Role) []access.Role { return roles }

// Verbs are the acts that Desk can do; a test holds them against Flow.
func Verbs() []flow.Act {
	return []flow.Act{Check, File, Pause, GoOn, TakeResult, HandOver, Archive, Stop, Revoke}
}
