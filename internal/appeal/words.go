package appeal

import (
	"strings"

	"tongban/internal/flow"
	"tongban/internal/store"
)

// Words that clients choose from. Each code has its Chinese text, so that a client draws lists from data.
type Word struct{ Code, Text string }

// Channels to which an appeal is diverted (告知渠道): matters that the law keeps out of appeals.
var Channels = []Word{
	{"litigation", "诉讼，请到人民法院"}, {"arbitration", "仲裁，请到仲裁机构"}, {"discipline", "纪检监察举报，请到纪检监察机关"},
	{"reconsideration", "行政复议，请到复议机关"}, {"disclosure", "政府信息公开申请"}, {"petition", "信访事项，请到信访部门"},
	{"emergency", "紧急求助，请打110、119、120、122"}, {"hotline", "12345政务服务热线"}, {"other", "其他渠道"},
}

// DeclineReasons are the coded reasons for not accepting (不予受理).
var DeclineReasons = []Word{
	{"no_new_facts", "同一件事，没有新的情况"}, {"secret", "涉及国家秘密或商业秘密"}, {"privacy", "涉及他人隐私"},
	{"outside", "不属于本级职责"}, {"unlawful", "要求不合法"}, {"unclear", "内容不清，又联系不上"}, {"malicious", "恶意重复或捏造"},
}

// SendBackReasons are the coded reasons for asking to send back (申请退单).
var SendBackReasons = []Word{
	{"not_our_duty", "不属于本单位职责"}, {"other_area", "不属于本地"}, {"other_lead", "应由别的单位主办"}, {"unclear", "内容不清，无法办理"},
}

// ContactWays are how a petitioner was first contacted (首次联系).
var ContactWays = []Word{
	{"phone", "电话"}, {"visit", "上门"}, {"wechat", "微信"}, {"meeting", "当面"},
	{"through_dispatcher", "由派单员转达（群众要求保密）"}, {"none", "匿名，无法联系"},
}

// AttemptResults are how a follow-up attempt ended (回访记录).
var AttemptResults = []Word{{"reached", "已接通"}, {"no_answer", "无人接听"}, {"wrong_number", "号码不对"}, {"refused", "不愿接受回访"}}

// telling is how an act looks to the petitioner.
type telling struct {
	Said   string // in his history and on the tracking page; empty: the act is not shown to him
	Inbox  string // what his inbox says after the number; empty: no message
	Spoken bool   // what the actor typed is meant for the petitioner too
}

// tellings of the acts. What is missing is internal: send-backs, notes, supervision, attempts, escalation.
var tellings = map[flow.Act]telling{
	submitAct:     {Said: "诉求已提交", Inbox: "已收到，请记好编号和查询码", Spoken: true},
	Accept:        {Said: "已受理", Inbox: "已受理"},
	Divert:        {Said: "已告知办理渠道", Inbox: "不在这里办理，请看告知的渠道", Spoken: true},
	Decline:       {Said: "不予受理", Inbox: "不予受理，请看原因", Spoken: true},
	Merge:         {Said: "与同类诉求一起办理", Inbox: "已与同类诉求并在一起办理，有结果照样通知您"},
	Answer:        {Said: "已答复", Inbox: "已答复，请查看并评价", Spoken: true},
	Dispatch:      {Said: "已派给承办单位", Inbox: "已派给承办单位"},
	Reassign:      {Said: "已转给另一个承办单位", Inbox: "已转给另一个承办单位"},
	Acknowledge:   {Said: "承办单位已签收"},
	Contact:       {Said: "承办人已联系群众"},
	Extend:        {Said: "办理期限已延长", Inbox: "需要多些时间，期限已延长，请看原因", Spoken: true},
	Shelve:        {Said: "暂时办不了，已挂账并定下复核日期", Inbox: "暂时办不了，已挂账，请看原因和复核日期", Spoken: true},
	Resume:        {Said: "已恢复办理", Inbox: "已恢复办理"},
	Reply:         {Said: "承办单位已答复", Inbox: "已答复，请查看并评价", Spoken: true},
	StartFollowUp: {Said: "正在回访"},
	Conclude:      {Said: "已办结", Inbox: "已办结"},
	Redo:          {Said: "群众不满意，退回重办", Inbox: "已退回承办单位重办"},
	Withdraw:      {Said: "已撤回", Inbox: "已撤回", Spoken: true},
	Urge:          {Said: "已催办", Spoken: true},
	Supplement:    {Said: "已补充情况", Spoken: true},
	rateAct:       {Said: "群众已评价"},
	moveDayAct:    {Said: "放假安排公布了，期限重新算过，日期有变", Inbox: "按公布的放假安排重新算过期限，日期有变"},
}

// Acts in the history that are no rows of the flow.
const (
	submitAct  flow.Act = "submit"
	rateAct    flow.Act = "rate"
	recountAct flow.Act = "recount"  // the due date was counted again with a newly loaded calendar
	moveDayAct flow.Act = "move_day" // and is another day now
)

// actText is the label of an act in the history, also of those outside the flow.
func actText(act flow.Act) string {
	switch act {
	case submitAct:
		return "提交"
	case rateAct:
		return "评价"
	case recountAct:
		return "重算期限"
	case moveDayAct:
		return "期限改日"
	}
	return Flow.ActText(act)
}

// masterTopic is a message beside "appeal.<act>" and "appeal.light": it is followed by the act that the master went through; the object
// is the follower.
const masterTopic = "appeal.master_"

// passedOn are the acts of a master of which each follower is told.
var passedOn = []flow.Act{Divert, Decline, Answer, Reply, Conclude}

// quotedStates lists the states for SQL; they are words of the flow, not of people.
func quotedStates() string {
	var b strings.Builder
	for i, s := range Flow.States {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("'" + string(s.Name) + "'")
	}
	return b.String()
}

// Checks are what must never be found in the tables of this desk, for fsck.
func Checks() []store.Check {
	return []store.Check{
		{Name: "appeals without history", Count: "SELECT COUNT(1) FROM appeals WHERE NOT EXISTS (SELECT 1 FROM appeal_events e WHERE e.appeal = appeals.id)"},
		{Name: "appeals in a state that there is not", Count: "SELECT COUNT(1) FROM appeals WHERE status NOT IN (" + quotedStates() + ")"},
		{Name: "appeals that stand otherwise than their history", Count: "SELECT COUNT(1) FROM appeals a WHERE NOT EXISTS (SELECT 1 FROM appeal_events e" +
			" WHERE e.appeal = a.id AND e.version = a.version AND e.to_status = a.status)" +
			" OR EXISTS (SELECT 1 FROM appeal_events e WHERE e.appeal = a.id AND e.version > a.version)"},
		{Name: "history without an appeal", Count: "SELECT COUNT(1) FROM appeal_events e WHERE NOT EXISTS (SELECT 1 FROM appeals a WHERE a.id = e.appeal)"},
		{Name: "offices of no appeal", Count: "SELECT COUNT(1) FROM appeal_offices o WHERE NOT EXISTS (SELECT 1 FROM appeals a WHERE a.id = o.appeal)"},
		{Name: "appeals that lie with an office that there is not in their county", Count: "SELECT COUNT(1) FROM appeal_offices p JOIN appeals a ON a.id = p.appeal LEFT JOIN offices o ON o.id = p.office WHERE o.id IS NULL OR o.county <> a.county"},
		{Name: "ratings of no appeal", Count: "SELECT COUNT(1) FROM ratings r WHERE r.kind = 'appeal' AND NOT EXISTS (SELECT 1 FROM appeals a WHERE a.id = r.object)"},
		{Name: "appeals rated without a rating", Count: "SELECT COUNT(1) FROM appeals a WHERE a.rated_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ratings r WHERE r.kind = 'appeal' AND r.object = a.id)"},
		{Name: "appeals of applicants that there are not", Count: "SELECT COUNT(1) FROM appeals a WHERE a.applicant <> '' AND a.applicant NOT IN (SELECT id FROM persons)"},
		{Name: "appeals that the trail knows alone", Count: "SELECT COUNT(DISTINCT t.object) FROM trail t WHERE t.kind = 'appeal' AND NOT EXISTS (SELECT 1 FROM appeals a WHERE a.id = t.object)"},
		{Name: "appeals that nobody was told of", Count: "SELECT COUNT(1) FROM appeals a WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.object = a.id AND o.kind = 'appeal')"},
		{Name: "appeals without trail", Count: "SELECT COUNT(1) FROM appeals WHERE NOT EXISTS (SELECT 1 FROM trail t WHERE t.object = appeals.id)"},
		{Name: "anonymous appeals with a person", Count: "SELECT COUNT(1) FROM appeals WHERE identity = 'none' AND (applicant <> '' OR agent <> '')"},
		{Name: "appeals with an owner and no office", Count: "SELECT COUNT(1) FROM appeals WHERE owner <> '' AND office = ''"},
		{Name: "appeals in somebody's hands whose petitioner nobody contacted", Count: "SELECT COUNT(1) FROM appeals WHERE owner <> '' AND status = 'handling' AND contacted_at IS NULL"},
		{Name: "appeals dispatched to the office complained of", Count: "SELECT COUNT(1) FROM appeals JOIN appeal_offices o ON o.appeal = appeals.id WHERE about_office <> '' AND o.office = about_office"},
		{Name: "open appeals handled by whom they complain of", Count: "SELECT COUNT(1) FROM appeals c" +
			" JOIN appeals h ON h.id = CASE WHEN c.master = '' THEN c.id ELSE c.master END" +
			" WHERE (c.about_office <> '' OR c.about_person <> '')" +
			" AND h.status NOT IN ('diverted', 'declined', 'merged', 'concluded', 'withdrawn')" +
			" AND ((c.about_person <> '' AND h.owner = c.about_person) OR (c.about_office <> ''" +
			" AND (h.office = c.about_office OR EXISTS (SELECT 1 FROM appeal_offices o WHERE o.appeal = h.id AND o.office = c.about_office))))"},
		{Name: "complaints from which the trail keeps nobody", Count: "SELECT COUNT(1) FROM appeals a" +
			" WHERE (a.about_person <> '' OR a.about_office <> '') AND NOT EXISTS (SELECT 1 FROM appeal_about b" +
			" WHERE b.appeal = a.id AND b.person = a.about_person AND b.office = a.about_office)"},
		{Name: "complaints of no appeal", Count: "SELECT COUNT(1) FROM appeal_about b WHERE NOT EXISTS (SELECT 1 FROM appeals a" +
			" WHERE a.id = b.appeal AND a.about_person = b.person AND a.about_office = b.office)"},
		{Name: "appeals whose office differs from the lead", Count: "SELECT COUNT(1) FROM appeals WHERE office <> '' AND NOT EXISTS (SELECT 1 FROM appeal_offices o WHERE o.appeal = appeals.id AND o.office = appeals.office AND o.leads)"},
		{Name: "merged appeals without a master", Count: "SELECT COUNT(1) FROM appeals WHERE status = 'merged' AND (master = '' OR master NOT IN (SELECT id FROM appeals))"},
		{Name: "finished appeals whose clock runs", Count: "SELECT COUNT(1) FROM appeals WHERE status IN ('diverted', 'declined', 'merged', 'concluded', 'withdrawn', 'replied', 'following_up', 'shelved') AND late_at IS NOT NULL"},
	}
}
