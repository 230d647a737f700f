// Package appeal is the life of an appeal (诉求): submitted by a resident, accepted, dispatched (派单) to one office with one
// owner and one clock, handled, replied to, followed up (回访) by somebody else than the handler, rated and concluded.
//
// Flow below says who may do what, and when; the verbs of Desk say whether it makes sense now; seenBy says which rows
// exist for whom. 北京市接诉即办工作条例 (2021) was the model; every number stands in the county's limits.yaml.
package appeal

import (
	"slices"

	"tongban/internal/access"
	"tongban/internal/flow"
)

// The states of an appeal.
const (
	Submitted     flow.State = "submitted"
	Accepted      flow.State = "accepted"
	Dispatched    flow.State = "dispatched"
	SendBackAsked flow.State = "send_back_asked"
	Acknowledged  flow.State = "acknowledged"
	Handling      flow.State = "handling"
	Shelved       flow.State = "shelved"
	Replied       flow.State = "replied"
	FollowingUp   flow.State = "following_up"
	Diverted      flow.State = "diverted"
	Declined      flow.State = "declined"
	Merged        flow.State = "merged"
	Concluded     flow.State = "concluded"
	Withdrawn     flow.State = "withdrawn"
)

// The acts, which are also the API's verbs.
const (
	Accept         flow.Act = "accept"
	Divert         flow.Act = "divert"
	Decline        flow.Act = "decline"
	Merge          flow.Act = "merge"
	Answer         flow.Act = "answer"
	Dispatch       flow.Act = "dispatch"
	Reassign       flow.Act = "reassign"
	Acknowledge    flow.Act = "acknowledge"
	AskSendBack    flow.Act = "ask_send_back"
	AgreeSendBack  flow.Act = "agree_send_back"
	RefuseSendBack flow.Act = "refuse_send_back"
	Contact        flow.Act = "contact"
	Extend         flow.Act = "extend"
	Shelve         flow.Act = "shelve"
	Resume         flow.Act = "resume"
	Reply          flow.Act = "reply"
	StartFollowUp  flow.Act = "start_follow_up"
	Conclude       flow.Act = "conclude"
	Redo           flow.Act = "redo"
	Withdraw       flow.Act = "withdraw"
	Urge           flow.Act = "urge"
	Supervise      flow.Act = "supervise"
	Supplement     flow.Act = "supplement"
	Note           flow.Act = "note"
	Attempt        flow.Act = "attempt"
	Escalate       flow.Act = "escalate"
)

const (
	resident   = access.Resident
	clerk      = access.Clerk
	gridWorker = access.GridWorker
	dispatcher = access.Dispatcher
	officer    = access.Officer
	followUp   = access.FollowUp
	supervisor = access.Supervisor
	system     = access.System
)

var (
	// open are the states from which something can still happen.
	open = []flow.State{Submitted, Accepted, Dispatched, SendBackAsked, Acknowledged, Handling, Shelved, Replied, FollowingUp}
	// beforeReply are those in which the petitioner may still take the appeal back.
	beforeReply = []flow.State{Submitted, Accepted, Dispatched, SendBackAsked, Acknowledged, Handling, Shelved}
)

// Flow is the whole life of an appeal.
var Flow = &flow.Table{
	Name: "appeal", Title: "诉求", Start: Submitted,
	Final: []flow.State{Diverted, Declined, Merged, Concluded, Withdrawn},
	Rows: slices.Concat(
		[]flow.Row{
			{From: Submitted, Do: Accept, To: Accepted, By: by(dispatcher)},
			{From: Submitted, Do: Divert, To: Diverted, By: by(dispatcher)},
			{From: Submitted, Do: Decline, To: Declined, By: by(dispatcher)},
			{From: Submitted, Do: Merge, To: Merged, By: by(dispatcher)},
			{From: Accepted, Do: Merge, To: Merged, By: by(dispatcher)},
			{From: Accepted, Do: Answer, To: Replied, By: by(dispatcher)},
			{From: Accepted, Do: Dispatch, To: Dispatched, By: by(dispatcher)},
			{From: Dispatched, Do: Reassign, To: Dispatched, By: by(dispatcher, supervisor)},
			{From: Acknowledged, Do: Reassign, To: Dispatched, By: by(dispatcher, supervisor)},
			{From: Handling, Do: Reassign, To: Dispatched, By: by(dispatcher, supervisor)},
			{From: Dispatched, Do: Acknowledge, To: Acknowledged, By: by(officer)},
			{From: Dispatched, Do: AskSendBack, To: SendBackAsked, By: by(officer)},
			{From: SendBackAsked, Do: AgreeSendBack, To: Accepted, By: by(dispatcher, supervisor)},
			{From: SendBackAsked, Do: RefuseSendBack, To: Dispatched, By: by(dispatcher, supervisor)},
			{From: Acknowledged, Do: Contact, To: Handling, By: by(officer)},
			{From: Handling, Do: Extend, To: Handling, By: by(supervisor)},
			{From: Handling, Do: Shelve, To: Shelved, By: by(supervisor)},
			{From: Shelved, Do: Resume, To: Handling, By: by(officer, supervisor, system)},
			{From: Handling, Do: Reply, To: Replied, By: by(officer)},
			{From: Replied, Do: StartFollowUp, To: FollowingUp, By: by(followUp, system)},
			{From: Replied, Do: Conclude, To: Concluded, By: by(system)},
			{From: FollowingUp, Do: Conclude, To: Concluded, By: by(followUp, system)},
			{From: FollowingUp, Do: Redo, To: Handling, By: by(followUp, supervisor)},
		},
		flow.From(beforeReply, Withdraw, Withdrawn, resident, clerk),
		flow.Every(open, Urge, resident, clerk, supervisor),
		flow.Every(open, Supervise, supervisor),
		flow.Every(open, Supplement, resident, clerk, gridWorker),
		flow.Every(open, Note, officer, dispatcher),
		flow.Every([]flow.State{FollowingUp}, Attempt, followUp),
		flow.Every(open, Escalate, system),
	),
	States: []flow.Label[flow.State]{
		{Name: Submitted, Text: "已提交"}, {Name: Accepted, Text: "已受理"}, {Name: Dispatched, Text: "已派单"},
		{Name: SendBackAsked, Text: "退单审核中"}, {Name: Acknowledged, Text: "已签收"}, {Name: Handling, Text: "办理中"},
		{Name: Shelved, Text: "已挂账"}, {Name: Replied, Text: "已答复"}, {Name: FollowingUp, Text: "回访中"},
		{Name: Diverted, Text: "已告知渠道"}, {Name: Declined, Text: "不予受理"}, {Name: Merged, Text: "已并单"},
		{Name: Concluded, Text: "已办结"}, {Name: Withdrawn, Text: "已撤回"},
	},
	Acts: []flow.Label[flow.Act]{
		{Name: Accept, Text: "受理"}, {Name: Divert, Text: "告知渠道"}, {Name: Decline, Text: "不予受理"}, {Name: Merge, Text: "并单"},
		{Name: Answer, Text: "即答"}, {Name: Dispatch, Text: "派单"}, {Name: Reassign, Text: "转派"}, {Name: Acknowledge, Text: "签收"},
		{Name: AskSendBack, Text: "申请退单"}, {Name: AgreeSendBack, Text: "同意退单"}, {Name: RefuseSendBack, Text: "驳回退单"},
		{Name: Contact, Text: "首次联系"}, {Name: Extend, Text: "延期"}, {Name: Shelve, Text: "挂账"}, {Name: Resume, Text: "恢复办理"},
		{Name: Reply, Text: "答复"}, {Name: StartFollowUp, Text: "回访"}, {Name: Conclude, Text: "办结"}, {Name: Redo, Text: "重办"},
		{Name: Withdraw, Text: "撤回"}, {Name: Urge, Text: "催办"}, {Name: Supervise, Text: "督办"}, {Name: Supplement, Text: "补充"},
		{Name: Note, Text: "记录"}, {Name: Attempt, Text: "回访记录"}, {Name: Escalate, Text: "升级"},
	},
}

// by names the roles of a row.
func by(roles ...access.Role) []access.Role { return roles }

// Verbs are the acts that Desk can do; a test holds them against Flow.
func Verbs() []flow.Act {
	return []flow.Act{
		Accept, Divert, Decline, Merge, Answer, Dispatch, Reassign, Acknowledge, AskSendBack, AgreeSendBack, RefuseSendBack,
		Contact, Extend, Shelve, Resume, Reply, StartFollowUp, Conclude, Redo, Withdraw,
		Urge, Supervise, Supplement, Note, Attempt, Escalate,
	}
}

// Class of an appeal (诉求类别); with the urgency it decides the limits.
type Class string

const (
	Consult    Class = "consult"    // 咨询
	Help       Class = "help"       // 求助
	Complaint  Class = "complaint"  // 投诉
	Report     Class = "report"     // 举报
	Suggestion Class = "suggestion" // 建议
)

// classes lists all classes.
func classes() []Class { return []Class{Consult, Help, Complaint, Report, Suggestion} }

// Urgency of an appeal (紧急程度). Danger to life is none of these: it is never queued.
type Urgency string

const (
	Normal   Urgency = "normal"
	Urgent   Urgency = "urgent"   // water, power, gas, heat
	Critical Urgency = "critical" // grave, but nothing for 110, 119, 120 or 122
)

// urgencies lists all urgencies.
func urgencies() []Urgency { return []Urgency{Normal, Urgent, Critical} }

// Identity says who may know who the petitioner is. Anonymous (匿名) is not secret (要求保密): of an anonymous petitioner
// nothing is stored at all, of a secret one the handling office learns nothing.
type Identity string

const (
	Public         Identity = "public"
	ToHandler      Identity = "to_handler"
	DispatcherOnly Identity = "dispatcher_only" // 要求保密
	Anonymous      Identity = "none"            // 匿名
)

// identities lists all levels.
func identities() []Identity { return []Identity{Public, ToHandler, DispatcherOnly, Anonymous} }
