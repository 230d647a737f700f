// Package casework is the life of a case (办件): a villager's application for one service item, drafted and submitted by himself
// or by the village's clerk, received, accepted, reviewed and decided by the county, delivered and filed away.
//
// Flow below says who may do what, and when; the verbs of Desk say whether it makes sense now; seenBy says which rows
// exist for whom. The law behind it is 行政许可法 (2019), articles 29 to 45, which binds licences (许可); other items follow
// it as the county's practice. Limits come from the item's version under which the case was opened.
//
// In the order of reading: the flow here, the rows in rows.go, sight in seen.go, one act in desk.go; the applicant's side in draft.go, papers.go,
// submit.go, correction.go; the county's in receive.go, review.go, decide.go, deliver.go, bulk.go; time in clocks.go, recount.go, rounds.go,
// waiting.go; documents in document.go, texts.go; work lists in lists.go, queues.go, hall.go; other offices in asking.go, opinion*.go; the county's
// platform in handover.go, hear.go, pull.go, reconcile.go, number.go; the locker and the registers in lend.go, lookup.go; the errand in beside.go;
// what readers get in view.go, history.go, track.go, told.go, copy.go.
package casework

import (
	"slices"

	"tongban/internal/access"
	"tongban/internal/flow"
)

// The states of a case.
const (
	Draft       flow.State = "draft"
	Submitted   flow.State = "submitted"
	Received    flow.State = "received"
	Correcting  flow.State = "correcting"
	Accepted    flow.State = "accepted"
	Reviewing   flow.State = "reviewing"
	Suspended   flow.State = "suspended"
	Granted     flow.State = "granted"
	Denied      flow.State = "denied"
	Delivered   flow.State = "delivered"
	Discarded   flow.State = "discarded"
	Refused     flow.State = "refused"
	NotRequired flow.State = "not_required"
	Lapsed      flow.State = "lapsed"
	Terminated  flow.State = "terminated"
	Withdrawn   flow.State = "withdrawn"
	Concluded   flow.State = "concluded"
)

// The acts, which are also the API's verbs.
const (
	Submit        flow.Act = "submit"
	Discard       flow.Act = "discard"
	Receive       flow.Act = "receive"
	Accept        flow.Act = "accept"
	AskCorrection flow.Act = "ask_correction"
	Correct       flow.Act = "correct"
	Refuse        flow.Act = "refuse"
	Dismiss       flow.Act = "dismiss"
	Lapse         flow.Act = "lapse"
	Review        flow.Act = "review"
	Suspend       flow.Act = "suspend"
	Resume        flow.Act = "resume"
	Extend        flow.Act = "extend"
	Grant         flow.Act = "grant"
	Deny          flow.Act = "deny"
	Terminate     flow.Act = "terminate"
	Withdraw      flow.Act = "withdraw"
	Deliver       flow.Act = "deliver"
	Conclude      flow.Act = "conclude"
)

const (
	resident   = access.Resident
	clerk      = access.Clerk
	window     = access.Window
	reviewer   = access.Reviewer
	decider    = access.Decider
	supervisor = access.Supervisor
	system     = access.System
	county     = access.County
)

var (
	// beforeDecision are the states in which the applicant may still take a submitted case back.
	beforeDecision = []flow.State{Submitted, Received, Correcting, Accepted, Reviewing, Suspended}
	// handling are those between acceptance and decision: the limits run.
	handling = []flow.State{Accepted, Reviewing, Suspended}
)

// Flow is the whole life of a case, which is the county's machine: village roles draft, submit, correct, withdraw and hand
// over, and move nothing else.
var Flow = &flow.Table{
	Name: "case", Title: "办件", Start: Draft,
	Final: []flow.State{Discarded, Refused, NotRequired, Lapsed, Terminated, Withdrawn, Concluded},
	Rows: slices.Concat(
		[]flow.Row{
			{From: Draft, Do: Submit, To: Submitted, By: by(clerk, resident)},
			{From: Draft, Do: Discard, To: Discarded, By: by(clerk, resident)},
			{From: Submitted, Do: Receive, To: Received, By: by(window, system, county)},
			{From: Received, Do: Accept, To: Accepted, By: by(window, county, system)},
			{From: Received, Do: AskCorrection, To: Correcting, By: by(window, county)},
			{From: Received, Do: Refuse, To: Refused, By: by(window, county)},
			{From: Received, Do: Dismiss, To: NotRequired, By: by(window, county)},
			{From: Received, Do: Grant, To: Granted, By: by(decider, county)},
			{From: Received, Do: Deny, To: Denied, By: by(decider, county)},
			{From: Correcting, Do: Correct, To: Received, By: by(clerk, resident)},
			{From: Correcting, Do: Lapse, To: Lapsed, By: by(system, county)},
			{From: Accepted, Do: Review, To: Reviewing, By: by(reviewer, decider, county)},
			{From: Reviewing, Do: Suspend, To: Suspended, By: by(reviewer, decider, county)},
			{From: Suspended, Do: Resume, To: Reviewing, By: by(reviewer, decider, county)},
			{From: Reviewing, Do: Extend, To: Reviewing, By: by(decider, county)},
			{From: Reviewing, Do: Grant, To: Granted, By: by(decider, county)},
			{From: Reviewing, Do: Deny, To: Denied, By: by(decider, county)},
		},
		flow.From(handling, Terminate, Terminated, decider, county),
		flow.From(beforeDecision, Withdraw, Withdrawn, clerk, resident),
		flow.From([]flow.State{Granted, Denied}, Deliver, Delivered, window, clerk, county),
		[]flow.Row{{From: Delivered, Do: Conclude, To: Concluded, By: by(window, system)}},
	),
	States: []flow.Label[flow.State]{
		{Name: Draft, Text: "草稿"}, {Name: Submitted, Text: "已提交"}, {Name: Received, Text: "已收件"}, {Name: Correcting, Text: "待补正"},
		{Name: Accepted, Text: "已受理"}, {Name: Reviewing, Text: "审查中"}, {Name: Suspended, Text: "特别程序中"},
		{Name: Granted, Text: "准予"}, {Name: Denied, Text: "不予"}, {Name: Delivered, Text: "已送达"},
		{Name: Discarded, Text: "已删稿"}, {Name: Refused, Text: "不予受理"}, {Name: NotRequired, Text: "不受理"},
		{Name: Lapsed, Text: "逾期未补正"}, {Name: Terminated, Text: "已终止"}, {Name: Withdrawn, Text: "已撤回"}, {Name: Concluded, Text: "已归档"},
	},
	Acts: []flow.Label[flow.Act]{
		{Name: Submit, Text: "提交"}, {Name: Discard, Text: "删稿"}, {Name: Receive, Text: "收件"}, {Name: Accept, Text: "受理"},
		{Name: AskCorrection, Text: "补正告知"}, {Name: Correct, Text: "补正"}, {Name: Refuse, Text: "不予受理"}, {Name: Dismiss, Text: "不受理"},
		{Name: Lapse, Text: "逾期未补正"}, {Name: Review, Text: "审查"}, {Name: Suspend, Text: "特别程序"}, {Name: Resume, Text: "恢复"},
		{Name: Extend, Text: "延长"}, {Name: Grant, Text: "准予"}, {Name: Deny, Text: "不予"}, {Name: Terminate, Text: "终止"},
		{Name: Withdraw, Text: "撤回"}, {Name: Deliver, Text: "送达"}, {Name: Conclude, Text: "归档"},
	},
}

// by names the roles of a row.
func by(roles ...access.Role) []access.Role { return roles }

// Verbs are the acts that Desk can do; a test holds them against Flow.
func Verbs() []flow.Act {
	return []flow.Act{
		Submit, Discard, Receive, Accept, AskCorrection, Correct, Refuse, Dismiss, Lapse, Review, Suspend, Resume, Extend,
		Grant, Deny, Terminate, Withdraw, Deliver, Conclude,
	}
}
