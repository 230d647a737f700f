package appeal

import "tongban/internal/fault"

// The faults of the appeal desk. Those of kind Conflict carry how the appeal stands now.
var (
	// ErrNotNow tells the loser of a race, or whoever saw an old state, how the appeal stands now.
	ErrNotNow = fault.New(fault.Conflict, "appeal.not_now", "这件诉求的状态已经变了，请看最新情况再办")

	ErrCallEmergency  = fault.New(fault.Invalid, "appeal.call_emergency", "这是紧急情况，请马上打电话：报警110，火警119，急救120，交通事故122。这里不收单，以免耽误")
	ErrSignedIn       = fault.New(fault.Invalid, "appeal.anonymous_without_login", "您已登录，请先退出登录再匿名提交；不想让承办单位知道您是谁，可以选“要求保密”")
	ErrAnonymousKind  = fault.New(fault.Invalid, "appeal.anonymous_class", "匿名只能投诉和举报，其他诉求请登录后提交，或请村办事员代为提交")
	ErrAboutYourself  = fault.New(fault.Forbidden, "appeal.about_yourself", "这件诉求说的是您本人或您的单位，不能由您代办，请群众到乡镇便民服务中心提交")
	ErrNobodyToAccept = fault.New(fault.Invalid, "appeal.nobody_to_accept", "您反映的是负责派单的人或单位，他们都要回避，这里没有人能受理。请直接打县纪检监察举报电话12388，或打12345热线反映")
	ErrReopenLate     = fault.New(fault.Conflict, "appeal.reopen_late", "已经过了再次反映的期限，请作为新的诉求提交")
	ErrNotConcluded   = fault.New(fault.Conflict, "appeal.not_concluded", "原来那件诉求还没有办结，请在原单上补充")

	ErrOnlyConsult        = fault.New(fault.Conflict, "appeal.only_consult", "只有咨询可以即答，其他诉求请派单办理")
	ErrMaster             = fault.New(fault.Invalid, "appeal.master", "找不到要并入的主单，或主单已经办完、已并入别的单")
	ErrMasterComplainedOf = fault.New(fault.Invalid, "appeal.master_complained_of", "主单正由被反映的单位或被反映人办理，不能并入，请单独派单")
	ErrHasFollowers       = fault.New(fault.Conflict, "appeal.has_followers", "已有别的诉求并在这一件里，不能再并单或撤回")
	ErrComplainedOf       = fault.New(fault.Invalid, "appeal.complained_of", "不能派给被反映的单位或被反映人所在的单位")
	ErrVillageNotLead     = fault.New(fault.Invalid, "appeal.village_not_lead", "政府的事不能由村里主办；确属村里自己的事，请注明“村内事务”")
	ErrElsewhere          = fault.New(fault.Invalid, "appeal.office_elsewhere", "这个单位不管诉求所在的村")
	ErrOfficeDecided      = fault.New(fault.Conflict, "appeal.office_decided", "县督办员已经指定承办单位，只能派给指定的单位")
	ErrNotLead            = fault.New(fault.Forbidden, "appeal.not_lead", "这一步由主办单位办理")
	ErrNotOwner           = fault.New(fault.Forbidden, "appeal.not_owner", "这件诉求由别的承办人负责")
	ErrSendBackLate       = fault.New(fault.Conflict, "appeal.send_back_late", "已经过了申请退单的期限")
	ErrCountyDecides      = fault.New(fault.Forbidden, "appeal.county_decides", "退单次数已到上限，只能由县督办员裁定")
	ErrExtended           = fault.New(fault.Conflict, "appeal.extended", "只能延期一次")
	ErrExtendLate         = fault.New(fault.Conflict, "appeal.extend_late", "已经过了办理期限，不能延期")
	ErrOwnHandling        = fault.New(fault.Forbidden, "appeal.own_handling", "办过这件诉求的人不能回访")
	ErrNoFollowUp         = fault.New(fault.Conflict, "appeal.anonymous_no_follow_up", "匿名诉求不回访，由系统办结")
	ErrTooEarly           = fault.New(fault.Conflict, "appeal.too_early", "还没有到自动办理的时候")
	ErrContactClosed      = fault.New(fault.Conflict, "appeal.contact_closed", "这位群众已经注销，没有联系方式了")
	ErrContactHidden      = fault.New(fault.Forbidden, "appeal.contact_hidden", "这位群众要求保密或匿名，不能查看联系方式")
	ErrContactNotYours    = fault.New(fault.Forbidden, "appeal.contact_not_yours", "只有负责这一步的人可以查看联系方式")
	ErrRevealQuota        = fault.New(fault.TooMany, "appeal.reveal_quota", "您今天查看联系方式的次数已经用完，请明天再看；急事请找派单员")
	ErrQuotaPerson        = fault.New(fault.TooMany, "appeal.too_many_today", "您今天提交的诉求太多了，请明天再提交；急事请打村便民服务站的电话")
	ErrQuotaVillage       = fault.New(fault.TooMany, "appeal.too_many_anonymous", "今天匿名提交的诉求太多了，请登录后提交，或请村办事员代为提交")
	ErrUrgedEnough        = fault.New(fault.TooMany, "appeal.urged_enough", "这件诉求今天已经催办三次，承办单位都能看到，请明天再催；急事请打村便民服务站的电话")
	ErrSupplementedEnough = fault.New(fault.TooMany, "appeal.supplemented_enough", "这件诉求今天补充的次数太多了，请明天再补充；急事请打村便民服务站的电话")
	ErrNotYetRateable     = fault.New(fault.Conflict, "appeal.not_yet_rateable", "还没有答复，不能评价")
	ErrRatingOver         = fault.New(fault.Conflict, "appeal.rating_over", "评价期限已过")
)
