package errand

import (
	"tongban/internal/casework"
	"tongban/internal/flow"
)

// Word is a code that clients choose from, with its Chinese text.
type Word struct{ Code, Text string }

// Relations are who entrusts (委托人与申请人的关系).
var Relations = []Word{{"self", "本人"}, {guardian, "监护人"}, {"family", "家人"}}

const guardian = "guardian"

// Powers are what the agent may do (代理权限).
var Powers = []Word{{MayFile, "报送申请"}, {MayHandle, "收送材料"}, {MayCorrect, "补正"}, {MayReceive, "领取结果"}}

// Without MayFile nothing is filed, and without MayReceive no clerk takes the result for the principal; see demands.
const (
	MayFile    = "file"
	MayHandle  = "papers"
	MayCorrect = "correct"
	MayReceive = "receive"
)

// Methods are how it is entrusted: signed, or by fingerprint before two witnesses where somebody cannot write.
var Methods = []Word{{signed, "签字"}, {fingerprint, "按手印，两名见证人在场"}}

const (
	signed      = "signed"
	fingerprint = "fingerprint"
)

// IdentityWays are how the identity was checked (身份核验方式).
var IdentityWays = []Word{{"in_person", "当面看原件"}, {"card_reader", "读卡器核验"}, {"home_visit", "上门核对"}}

// Documents are by which document.
var Documents = []Word{{"id_card", "居民身份证"}, {"hukou_book", "户口簿"}, {"social_card", "社会保障卡"}, {"other", "其他有照片的证件"}}

// Forms are what kind of paper it is.
var Forms = []Word{{original, "原件"}, {casework.AsCopy, "复印件"}}

const original = casework.AsOriginal

// Signatures are how papers are signed for.
var Signatures = []Word{{signed, "签字"}, {fingerprint, "按手印"}}

// StopReasons are why an errand is ended (终止原因).
var StopReasons = []Word{
	{"not_eligible", "不符合办理条件"}, {"papers_missing", "材料备不齐"}, {caseOver, "办件已经结束"}, {"cannot_reach", "联系不上委托人"}, {"other", "其他，见说明"},
}

// FollowUpResults are how a follow-up ended (回访结果).
var FollowUpResults = []Word{{"content", "联系上了，满意"}, {discontent, "联系上了，不满意"}, {"unreached", "没有联系上"}}

const discontent = "discontent"

// Fees are whether the principal paid what the law asks, and has the receipt (收费票据). Nobody pays for the errand itself.
var Fees = []Word{{"none", "没有收费"}, {"receipt_given", "委托人交了规定的费用，票据已交给他"}, {"receipt_due", "委托人交了规定的费用，票据还没有给他"}}

// caseOver is also why the program ends an errand whose case ended without a decision.
const caseOver = "case_over"

// Acts in the history that are no rows of the flow.
const (
	entrustAct  flow.Act = "entrust"
	identifyAct flow.Act = "identify"
	takeAct     flow.Act = "take_papers"
	returnAct   flow.Act = "return_papers"
	visitAct    flow.Act = "visit"
	followUpAct flow.Act = "follow_up"
	unproveAct  flow.Act = "void_identity" // of a time when a change of clients wrote it down
)

func actText(act flow.Act) string {
	switch act {
	case entrustAct:
		return "委托"
	case identifyAct:
		return "核验身份"
	case takeAct:
		return "收材料"
	case returnAct:
		return "退材料"
	case visitAct:
		return "上门"
	case followUpAct:
		return "回访"
	case unproveAct:
		return "换人接待，身份核验作废"
	}
	return Flow.ActText(act)
}

// inbox is what the principal's inbox says after the number; acts that are not here tell nobody.
var inbox = map[flow.Act]string{
	File: "已由村办事员替您报送", Pause: "已中止，请看原因", TakeResult: "已有结果，村办事员会送给您", HandOver: "结果已送达签收",
	Stop: "已终止，请看原因", Revoke: "委托已撤销",
}

// leftThere takes the place of a result that was signed for.
const leftThere = "结果已送到，没有签收，当面留下了"

// fetchYourself takes the place of a result that is brought, where the entrustment lets nobody take it.
const fetchYourself = "已有结果，请本人带证件领取"
