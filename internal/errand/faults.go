package errand

import "tongban/internal/fault"

// The faults of the errand desk. Those of kind Conflict carry how the errand stands now.
var (
	// ErrNotNow tells the loser of a race, or whoever saw an old state, how the errand stands now.
	ErrNotNow = fault.New(fault.Conflict, "errand.not_now", "这件代办的状态已经变了，请看最新情况再办")

	ErrNotDraft      = fault.New(fault.Conflict, "errand.case_not_draft", "这件办件已经不是草稿，不能再委托或报送")
	ErrEntrusted     = fault.New(fault.Conflict, "errand.entrusted_already", "这件办件已经委托代办了")
	ErrByErrand      = fault.New(fault.Conflict, "errand.file_only", "这件办件已经委托代办，请在代办里报送；要自己提交，请先撤销委托")
	ErrNoEntrustment = fault.New(fault.Conflict, "errand.entrustment_over", "委托已经撤销或终止，请重新委托，或者由本人提交")
	ErrUnentrusted   = fault.New(fault.Forbidden, "errand.not_entrusted", "先登记委托，再在代办里报送；没有委托，由本人或者替他办的亲友提交")
	ErrGuardian      = fault.New(fault.Invalid, "errand.guardian_needed", "不满十四周岁的，要由登记过的监护人委托，请选监护人并写明是哪一位")
	ErrIdentity      = fault.New(fault.Conflict, "errand.identity_unchecked", "还没有核验委托人的身份")
	ErrIdentityOver  = fault.New(fault.Conflict, "errand.identity_lapsed", "委托人的身份是在另一次接待里核验的，请重新核验")
	ErrNotAgent      = fault.New(fault.Forbidden, "errand.not_the_agent", "只有受托的村办事员才能报送")
	ErrTooEarly      = fault.New(fault.Conflict, "errand.not_yet_valid", "委托期限还没有开始")
	ErrExpired       = fault.New(fault.Conflict, "errand.expired", "委托期限已过，请先终止这件代办，再重新委托")
	ErrOutOfScope    = fault.New(fault.Conflict, "errand.out_of_scope", "委托权限里没有报送申请")
	ErrNoResult      = fault.New(fault.Conflict, "errand.no_result", "县里还没有作出决定")
	ErrPapersOut     = fault.New(fault.Conflict, "errand.papers_not_returned", "还有收来的原件没有退还，请先退还并签收")
	ErrReceiver      = fault.New(fault.Forbidden, "errand.not_the_receiver", "只有受托的村办事员才能代领结果；委托人可以自己领取，签收人选本人")
	ErrReceiveLate   = fault.New(fault.Conflict, "errand.receive_expired", "委托期限已过，不能再代领结果；请委托人自己领取，签收人选本人")
	ErrReceiveScope  = fault.New(fault.Conflict, "errand.receive_out_of_scope", "委托权限里没有领取结果；请委托人自己领取，签收人选本人")
	ErrReceiveOver   = fault.New(fault.Conflict, "errand.receive_over", "委托已经撤销或终止，不能再代领结果；请委托人自己领取，签收人选本人")
	ErrActAgent      = fault.New(fault.Forbidden, "errand.act_not_agent", "这件办件委托给了别的村办事员，请由受托的人办；申请人本人到场的，先接待并核验身份，再替他写")
	ErrActLate       = fault.New(fault.Forbidden, "errand.act_expired", "委托期限已过，不能再代办；请申请人自己办，或者本人到场，先接待并核验身份，再替他写")
	ErrActScope      = fault.New(fault.Forbidden, "errand.act_out_of_scope", "委托权限里没有这一项；请申请人自己办，或者本人到场，先接待并核验身份，再替他写")
	ErrActOver       = fault.New(fault.Forbidden, "errand.act_over", "委托已经撤销或终止，不能再代办；请申请人自己办，或者本人到场，先接待并核验身份，再替他写")
	ErrOwnErrand     = fault.New(fault.Forbidden, "errand.follow_up_own", "经手过这件代办的人不能回访，请由村里另一位办事员或者督办员回访")
	ErrTooMany       = fault.New(fault.Conflict, "errand.papers_exceed", "退还的份数比手里的多")
	ErrSelfRevoke    = fault.New(fault.Forbidden, "errand.through_another", "撤销委托要由本人办，或者由另一位村办事员代办")
	ErrLedgerLarge   = fault.New(fault.Conflict, "errand.ledger_too_large", "这个月的代办太多，一张表放不下，请按乡镇或村分别导出")
	ErrLedgerQuota   = fault.New(fault.TooMany, "errand.ledger_quota", "您今天导出完整姓名台账的次数已经用完，请明天再导出，或导出不显示全名的台账")
	ErrNotYet        = fault.New(fault.Conflict, "errand.too_early", "还没有到自动归档的时候")
)
