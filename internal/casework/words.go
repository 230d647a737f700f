package casework

import (
	"tongban/internal/docket"
	"tongban/internal/flow"
)

// Word is a code that clients choose from, with its Chinese text, so that a client draws lists from data.
type Word struct{ Code, Text string }

// DefectReasons are the coded reasons of a defect (补正原因).
var DefectReasons = []Word{
	{"missing", "没有交"}, {"incomplete", "不完整，缺页或缺项"}, {"illegible", "看不清"}, {"expired", "已过有效期"},
	{"mismatch", "与其他材料或登记信息不一致"}, {"not_signed", "没有签名、盖章或按手印"}, {"wrong_form", "不是规定的格式或原件"}, {"other", "其他，见说明"},
}

// RefuseReasons are the coded reasons for not accepting (不予受理).
var RefuseReasons = []Word{
	{"not_our_power", "不属于本机关职权"}, {"not_eligible", "不符合受理条件"}, {"not_corrected", "补正后仍不齐全或不合法定形式"}, {"duplicate", "同一事项已在办理"},
}

// DismissReasons are the coded reasons why nothing need be applied for (不受理).
var DismissReasons = []Word{{"not_required", "依法不需要办理这项手续"}, {"abolished", "事项已取消"}, {"automatic", "不用申请，由部门主动办理"}}

// Procedures are the special procedures whose time is not counted (特别程序, 行政许可法 45).
var Procedures = []Word{
	{"hearing", "听证"}, {"tender", "招标、拍卖"}, {"inspection", "检验、检疫"}, {"testing", "检测、鉴定"}, {"site_visit", "入户调查、现场核查"},
	{"publicity", "公示"}, {"expert_review", "专家评审"}, {"other", "法律规定的其他程序"},
}

// DenyReasons are the coded reasons of a denial (不予).
var DenyReasons = []Word{
	{"conditions_not_met", "不符合法定条件"}, {"untrue_materials", "材料不真实"}, {"enjoyed_already", "已享受同类待遇"}, {"quota_used_up", "数量限制已满"}, {"other", "其他法定理由"},
}

// TerminateReasons are the coded reasons for ending a case without a decision (终止).
var TerminateReasons = []Word{
	{"applicant_gone", "申请人死亡或丧失资格"}, {"basis_changed", "法律、政策已改变"}, {"impossible", "事项已无法办理"}, {"not_cooperating", "申请人拒不配合核查"},
}

// DeliveryMethods are how a decision is delivered (送达方式).
var DeliveryMethods = []Word{
	{InPerson, "当面领取"}, {ByClerk, "村办事员送到家"}, {"post", "邮寄"}, {"electronic", "电子送达（本人同意）"}, {LeftThere, "拒收，留置送达"},
}

// ByClerk is how the village's clerk brings it home, InPerson how somebody takes it where it lies, and LeftThere that he would not take it.
const (
	ByClerk   = "by_clerk"
	InPerson  = "in_person"
	LeftThere = "left"
)

// Self is the relation of an applicant who received it himself.
const Self = "self"

// Relations are who received it.
var Relations = []Word{{Self, "本人"}, {"family", "同住家人"}, {"agent", "委托代理人"}, {"guardian", "监护人"}, {"other", "其他人"}}

// TakenWays are how a paper was taken.
var TakenWays = []Word{{AsOriginal, "原件"}, {AsCopy, "复印件"}, {AsElectronic, "电子件"}}

// WordText is the Chinese text of a code among words; empty for none.
func WordText(words []Word, code string) string {
	if code == byCounty {
		return "见县级平台的说明"
	}
	return docket.TextOf(words, code)
}

// telling is how an act looks to the applicant.
type telling struct {
	Said   string // in his history and on the tracking page; empty: the act is not shown to him
	Inbox  string // what his inbox says after the number; empty: no message
	Day    bool   // his inbox also says what day counts for him now
	Spoken bool   // what the actor typed is meant for the applicant too
}

// tellings of the acts. What is missing is internal.
var tellings = map[flow.Act]telling{
	Submit:          {Said: "已提交申请", Inbox: "已提交，请记好编号和查询码"},
	Receive:         {Said: "县里已收件", Inbox: "已收件"},
	Accept:          {Said: "已受理", Inbox: "已受理"},
	AskCorrection:   {Said: "材料要补正，请一次补齐", Inbox: "要补正材料，请看补正告知书", Day: true},
	Correct:         {Said: "已交补正材料", Spoken: true},
	Refuse:          {Said: "不予受理", Inbox: "不予受理，请看原因和该去哪里办", Spoken: true},
	Dismiss:         {Said: "不用办理", Inbox: "不用办理，请看说明", Spoken: true},
	Lapse:           {Said: "过期没有补正，申请已结束", Inbox: "过期没有补正，申请已结束，需要时可以重新申请"},
	Review:          {Said: "正在审查"},
	Suspend:         {Said: "进入特别程序，这段时间不计入办理期限", Inbox: "进入特别程序，请看说明", Spoken: true},
	Resume:          {Said: "特别程序结束，继续审查", Inbox: "特别程序结束，继续审查", Spoken: true},
	Extend:          {Said: "办理期限已延长", Inbox: "需要多些时间，期限已延长，请看原因", Spoken: true},
	Grant:           {Said: "准予", Inbox: "已经批准", Spoken: true},
	Deny:            {Said: "不予", Inbox: "没有批准，请看理由和救济途径", Spoken: true},
	Terminate:       {Said: "已终止", Inbox: "已终止，请看原因", Spoken: true},
	Withdraw:        {Said: "已撤回", Inbox: "已撤回", Spoken: true},
	Deliver:         {Said: "结果已送达", Inbox: "结果已送达"},
	Conclude:        {Said: "已归档"},
	SupplementPaper: {Said: "已补交容缺后补的材料", Inbox: "补交的材料已登记"},
	askOpinionAct:   {Said: "已请其他单位提意见", Inbox: "要请其他单位提意见，请看办件里请了谁、等到哪一天"},
	moveDayAct:      {Said: "放假安排公布了，期限重新算过，日期有变", Inbox: "按公布的放假安排重新算过期限，日期有变", Day: true},
	remindAct:       {Inbox: "还没有补正材料，快到期了", Day: true},
}

// Acts in the history that are no rows of the flow.
const (
	openAct    flow.Act = "open"              // the draft was begun
	permitAct  flow.Act = "permit"            // a supervisor lets a second correction ask for what was visible before
	numberAct  flow.Act = "county_number"     // somebody typed in what the county's platform calls the case
	noNeedAct  flow.Act = "no_handover"       // or says why the county's platform need not hear of it any more
	recountAct flow.Act = "recount"           // the dates were counted again with another calendar
	moveDayAct flow.Act = "move_day"          // and the one that counts for the applicant is another now
	remindAct  flow.Act = "remind_correction" // he was reminded of his last day: a letter, and no line of the history

	waiveAct flow.Act = "waive_deferred" // whoever granted did without them, and says why

	askOpinionAct      flow.Act = "ask_opinions"     // other offices were asked for their opinion
	giveOpinionAct     flow.Act = "give_opinion"     // one of them gave it
	remindOpinionAct   flow.Act = "remind_opinion"   // it was reminded
	withdrawOpinionAct flow.Act = "withdraw_opinion" // the question was taken back
)

// actText is the label of an act in the history, also of those outside the flow.
func actText(act flow.Act) string {
	switch act {
	case openAct:
		return "起草"
	case permitAct:
		return "同意再次补正"
	case numberAct:
		return "填县级平台编号"
	case noNeedAct:
		return "不再向县级平台报送"
	case recountAct:
		return "重算期限"
	case moveDayAct:
		return "期限改日"
	case SupplementPaper:
		return "补交材料"
	case waiveAct:
		return "不再等补交的材料"
	case askOpinionAct:
		return "征求意见"
	case giveOpinionAct:
		return "提意见"
	case remindOpinionAct:
		return "催意见"
	case withdrawOpinionAct:
		return "撤回征求意见"
	}
	return Flow.ActText(act)
}
