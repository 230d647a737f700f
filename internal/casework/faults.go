package casework

import "tongban/internal/fault"

// The faults of the case desk. Those of kind Conflict carry how the case stands now.
var (
	// ErrNotNow tells the loser of a race, or whoever saw an old state, how the case stands now.
	ErrNotNow = fault.New(fault.Conflict, "case.not_now", "这件办件的状态已经变了，请看最新情况再办")

	ErrNoVillage      = fault.New(fault.Invalid, "case.no_village", "请先填写住在哪个村，再申请")
	ErrNotEligible    = fault.New(fault.Invalid, "case.not_eligible", "按您的回答，这件事现在还办不了")
	ErrInPerson       = fault.New(fault.Invalid, "case.in_person", "这件事要本人到场办，不能网上提交，请看办事指南上的办理地点")
	ErrClerkCannot    = fault.New(fault.Invalid, "case.clerk_cannot_file", "这件事不能由村办事员代办，请本人办理")
	ErrNoOffice       = fault.New(fault.Invalid, "case.no_office", "县里还没有办这件事的单位，请到村便民服务站问一问")
	ErrMaterials      = fault.New(fault.Invalid, "case.materials_missing", "材料还没有交齐，请补上再提交")
	ErrUncorrected    = fault.New(fault.Invalid, "case.uncorrected", "还有问题没有补正，请一次补齐")
	ErrNoNotice       = fault.New(fault.Invalid, "case.notice_unknown", "没有这张告知单，请核对单子上的码")
	ErrQuota          = fault.New(fault.TooMany, "case.too_many_today", "您今天提交的办件太多了，请明天再提交")
	ErrTooEarly       = fault.New(fault.Conflict, "case.too_early", "还没有到自动办理的时候")
	ErrOnlyInstant    = fault.New(fault.Conflict, "case.only_instant", "只有即办件可以当场决定，其他办件要先受理、审查")
	ErrTwoPersons     = fault.New(fault.Forbidden, "case.two_persons", "这类事项审查和决定不能是同一个人")
	ErrNeedPermit     = fault.New(fault.Conflict, "case.permit_needed", "上次就能看出的问题，第一次没有一并告知，再次要求补正须由督办员说明理由同意")
	ErrPermitted      = fault.New(fault.Conflict, "case.permitted_already", "督办员已经同意过了")
	ErrNoPermit       = fault.New(fault.Conflict, "case.permit_pointless", "还没有告知过补正，不需要督办员同意")
	ErrExtended       = fault.New(fault.Conflict, "case.extended", "只能延长一次")
	ErrExtendLate     = fault.New(fault.Conflict, "case.extend_late", "已经过了办理期限，不能延长")
	ErrNothingToMove  = fault.New(fault.Conflict, "case.no_limit", "这件事没有办理期限，不用延长")
	ErrNotSubmitted   = fault.New(fault.Conflict, "case.not_submitted", "还没有提交的办件没有县级平台的编号")
	ErrOnItsWay       = fault.New(fault.Conflict, "case.on_its_way", "系统正在向县级平台报送，不用手工填；三天送不到会提醒人工处理")
	ErrNumberGiven    = fault.New(fault.Conflict, "case.number_given", "县级平台已经给了编号，不能改填")
	ErrNotYetRateable = fault.New(fault.Conflict, "case.not_yet_rateable", "县里还没有作出决定，不能评价")
	ErrRatingOver     = fault.New(fault.Conflict, "case.rating_over", "评价期限已过")
	ErrNeverLapses    = fault.New(fault.Conflict, "case.never_lapses", "这个事项没有规定逾期不补正就结束")
	ErrClaimed        = fault.New(fault.Conflict, "case.claimed", "同事已经认领了这件办件，请办别的，或请他放回")
	ErrUnclaimed      = fault.New(fault.Conflict, "case.unclaimed", "这件办件没有人认领，不用放回")
	ErrQueueEmpty     = fault.New(fault.Missing, "case.queue_empty", "没有等着办的办件了")
	ErrNoRegisters    = fault.New(fault.Conflict, "case.no_registers", "县里的数据查询还没有接通。这份材料提交以后由大厅核查，也可以直接交来")
	ErrNoIDNumber     = fault.New(fault.Invalid, "case.no_id_number", "申请人还没有登记证件号码，县里查不了。请先到村便民服务站登记，或者交这份材料")
	ErrAskedOften     = fault.New(fault.TooMany, "case.looked_up_often", "今天替这位群众查得太多了，请明天再查，或者交这份材料")
	ErrLentOver       = fault.New(fault.Invalid, "case.locker_paper_over", "复用的材料现在已经不能用了，请重新交这份材料再提交")
)
