package api

import "time"

// routes is the whole API. What is not here does not exist.
//
//	get     reads                         create  makes: Idempotency-Key, 201 and Location
//	ask     POST that stores nothing      act     moves: Idempotency-Key, 200 and the thing as it now is
//	remove  DELETE, 204                   upload  create with one file; sheet: act with one table
//	raw     outside huma, with its whole path
func (s *Server) routes() []Route {
	return []Route{
		// for anybody: what villagers read
		get("/codes/{code}", "resolveCode", "扫码：这个码指的是什么", open, reads, s.resolveCode, public),
		get("/items", "listItems", "事项列表和搜索", open, reads, s.listItems, public),
		raw("GET", base+"/items/{id}", "readGuide", "办事指南", open, reads, s.readGuide, documentGuide, ready),
		ask("/items/{id}/checklist", "makeChecklist", "按情形列出要带的材料", open, reads, s.makeChecklist),
		create("/notices", "makeNotice", "开一次性告知单", open, notices, s.makeNotice),
		get("/notices/{number}", "readNotice", "凭编号和查询码看告知单", open, guesses, s.readNotice),
		ask("/track", "track", "凭编号和查询码查进度", open, guesses, s.track),
		get("/areas", "listAreas", "县、乡镇、村、网格", open, reads, s.listAreas, public),
		get("/areas/{code}", "readArea", "一个区划；已撤并的说明并到了哪里", open, reads, s.readArea, public),
		get("/areas/{code}/history", "listAreaHistory", "区划沿革", open, reads, s.listAreaHistory),
		get("/areas/{code}/duties", "listAreaDuties", "这里谁管什么（不写姓名）", open, reads, s.listAreaDuties, public),
		get("/duties", "listDuties", "职责清单", open, reads, s.listDuties, public),
		get("/offices", "listOffices", "办事机构", open, reads, s.listOffices, public),
		get("/offices/{id}", "readOffice", "一个机构；已撤销的说明从哪天起", open, reads, s.readOffice, public),
		get("/offices/{id}/history", "listOfficeHistory", "机构沿革", open, reads, s.listOfficeHistory),
		get("/privacy-notice", "readPrivacy", "个人信息告知书", open, reads, s.readPrivacy, public),

		// for anybody: log-in. These ask for no Idempotency-Key: a repeated log-in is another log-in
		ask("/login/password", "loginPassword", "工作人员登录", open, logins, s.loginPassword, refuses(403)),
		ask("/login/wechat", "loginWeChat", "用微信登录", open, writes, s.loginWeChat, refuses(401, 403), reserved),
		ask("/login/wechat/bind-staff", "bindStaff", "工作人员用管理员给的绑定码绑定微信", open, guesses, s.bindStaff, refuses(401, 403)),
		ask("/login/sms/code", "sendSMSCode", "获取短信验证码", open, logins, s.sendSMSCode),
		ask("/login/sms", "loginSMS", "群众用短信验证码登录", open, logins, s.loginSMS, refuses(403)),
		ask("/login/sms/choose", "chooseSMS", "几位群众共用手机号时选一位", open, logins, s.chooseSMS, refuses(403)),
		ask("/password", "changePassword", "改密码", open, logins, s.changePassword, refuses(403)),
		ask("/totp", "beginTOTP", "绑定动态口令", open, logins, s.beginTOTP, refuses(403)),
		ask("/totp/confirm", "confirmTOTP", "确认动态口令并登录", open, logins, s.confirmTOTP, refuses(403)),
		ask("/token", "refreshTokens", "换新的令牌", open, writes, s.refreshTokens, refuses(401), reserved),

		// for whoever is logged in
		get("/me", "readMe", "我是谁", person, reads, s.readMe),
		remove("/session", "logout", "退出登录", person, writes, s.logout),
		get("/me/sessions", "listSessions", "我在哪里登录着", person, reads, s.listSessions),
		remove("/me/sessions", "endOtherSessions", "退出其他各处", person, writes, s.endOtherSessions),
		remove("/me/sessions/{id}", "endSession", "退出某一处", person, writes, s.endSession),
		remove("/me/wechat", "unbindMyWeChat", "工作人员解绑自己的微信，各处都退出", staff, writes, s.unbindMyWeChat),
		upload("/files", "keepPhoto", "上传一张照片", person, uploads, s.keepPhoto),
		raw("GET", base+"/files/{id}", "readPhoto", "看照片", person, reads, s.readPhoto, documentPhoto),

		get("/me/messages", "listMessages", "我的消息", person, reads, s.listMessages),
		act("/me/messages/{id}/read", "markRead", "消息已读", person, writes, s.markRead),

		// cases: the applicant's side drafts, submits and corrects, the county does the rest; who sees which is the desk's affair
		create("/cases", "openCase", "开一件办件（草稿）", person, writes, s.openCase),
		get("/cases", "listCases", "办件列表和待办", person, reads, s.listCases),
		get("/cases/counts", "countCases", "各状态的件数", person, reads, s.countCases),
		get("/cases/queues", "listCaseQueues", "我的工作列表和件数", person, reads, s.listCaseQueues),
		act("/cases/next", "nextCase", "取下一件：认领最急的", staff, writes, s.nextCase),
		act("/cases/grant-instant", "grantInstantCases", "批量办理即办件：受理并准予", staff, writes, s.grantInstant, lasting(uploadTime)),
		get("/cases/words", "listCaseWords", "办件用的原因代码", person, reads, s.listCaseWords),
		get("/cases/returns", "listReturns", "各单位告知补正的次数", staff, reads, s.listReturns),
		get("/cases/differences", "listDifferences", "和县级平台对账的差异", staff, reads, s.listDifferences),
		get("/cases/{id}", "readCase", "一件办件", person, reads, s.readCase),
		get("/cases/{id}/documents", "listCaseDocuments", "办件的文书", person, reads, s.listCaseDocuments),
		get("/cases/{id}/documents/{document}", "readCaseDocument", "办件的一份文书", person, reads, s.readCaseDocument),
		raw("GET", base+"/cases/{id}/documents.html", "printCaseDocuments", "办件的文书（网页，可打印）", person, reads, s.printCaseDocuments, documentSheets, lasting(copyTime)),
		act("/cases/{id}/edit", "editCase", "改草稿", person, writes, onCase(s.Cases.Edit, edited)),
		act("/cases/{id}/submit", "submitCase", "提交", person, writes, s.submitCase),
		act("/cases/{id}/use-paper", "usePaper", "用材料复用库里的材料", person, writes, onCase(s.Cases.UsePaper, reused)),
		create("/cases/{id}/keep-paper", "keepPaperOfCase", "把办件的材料存进材料复用库", person, writes, s.keepPaperOfCase),
		act("/cases/{id}/discard", "discardCase", "删稿", person, writes, onCase(s.Cases.Discard, discarded)),
		act("/cases/{id}/claim", "claimCase", "认领", staff, writes, onCase(s.Cases.Claim, plain)),
		act("/cases/{id}/release", "releaseCase", "放回", staff, writes, onCase(s.Cases.Release, released)),
		act("/cases/{id}/receive", "receiveCase", "收件", person, writes, onCase(s.Cases.Receive, plain)),
		act("/cases/{id}/accept", "acceptCase", "受理", person, writes, onCase(s.Cases.Accept, taken)),
		act("/cases/{id}/ask-correction", "askCorrectionCase", "补正告知", person, writes, onCase(s.Cases.AskCorrection, corrected)),
		act("/cases/{id}/permit-correction", "permitCorrectionCase", "同意再次补正", staff, writes, onCase(s.Cases.PermitCorrection, permitted)),
		act("/cases/{id}/county-number", "typeCountyNumber", "填县级平台的编号（手工报送以后）", staff, writes, onCase(s.Cases.TypeCountyNumber, numbered)),
		act("/cases/{id}/correct", "correctCase", "补正", person, writes, onCase(s.Cases.Correct, remedied)),
		act("/cases/{id}/refuse", "refuseCase", "不予受理", person, writes, onCase(s.Cases.Refuse, reasoned)),
		act("/cases/{id}/dismiss", "dismissCase", "不受理", person, writes, onCase(s.Cases.Dismiss, reasoned)),
		act("/cases/{id}/review", "reviewCase", "审查", person, writes, onCase(s.Cases.Review, plain)),
		act("/cases/{id}/suspend", "suspendCase", "特别程序", person, writes, onCase(s.Cases.Suspend, suspended)),
		act("/cases/{id}/resume", "resumeCase", "恢复", person, writes, onCase(s.Cases.Resume, goneOn)),
		act("/cases/{id}/extend", "extendCase", "延长", person, writes, onCase(s.Cases.Extend, lengthened)),
		act("/cases/{id}/grant", "grantCase", "准予", person, writes, onCase(s.Cases.Grant, granted)),
		act("/cases/{id}/deny", "denyCase", "不予", person, writes, onCase(s.Cases.Deny, denied)),
		act("/cases/{id}/terminate", "terminateCase", "终止", person, writes, onCase(s.Cases.Terminate, reasoned)),
		act("/cases/{id}/withdraw", "withdrawCase", "撤回", person, writes, onCase(s.Cases.Withdraw, takenBack)),
		act("/cases/{id}/deliver", "deliverCase", "送达", person, writes, onCase(s.Cases.Deliver, handedOver)),
		act("/cases/{id}/conclude", "concludeCase", "归档", person, writes, onCase(s.Cases.Conclude, plain)),
		act("/cases/{id}/rate", "rateCase", "评价", person, writes, s.rateCase),

		// deputies (AB岗): who stands in for whom at an office of the county
		create("/deputies", "nameDeputy", "请同事替班", staff, writes, s.nameDeputy),
		get("/deputies", "listDeputies", "谁替谁的班", staff, reads, s.listDeputies),
		get("/deputies/colleagues", "listColleagues", "可以替我班的同事", staff, reads, s.listColleagues),
		act("/deputies/{id}/end", "endDeputy", "提前结束替班", staff, writes, s.endDeputy),

		// redresses: what is done about poor ratings, by somebody who had no hand in what was rated
		get("/redresses", "listRedresses", "差评整改列表和待办", staff, reads, s.listRedresses),
		get("/redresses/words", "listRedressWords", "差评整改用的代码", staff, reads, s.listRedressWords),
		get("/redresses/{id}", "readRedress", "一件差评整改", staff, reads, s.readRedress),
		act("/redresses/{id}/confirm", "confirmRedress", "核实属实", staff, writes, onRedress(s.Ratings.Confirm, calledBack)),
		act("/redresses/{id}/find-unfounded", "unfoundedRedress", "核实不属实", staff, writes, onRedress(s.Ratings.FindUnfounded, foundOtherwise)),
		act("/redresses/{id}/correct", "correctRedress", "整改完成", staff, writes, onRedress(s.Ratings.Correct, saidOfRedress)),
		act("/redresses/{id}/answer", "answerRedress", "答复评价人", staff, writes, onRedress(s.Ratings.Answer, saidOfRedress)),
		act("/redresses/{id}/reopen", "reopenRedress", "重新整改", staff, writes, onRedress(s.Ratings.Reopen, saidOfRedress)),
		act("/redresses/{id}/close", "closeRedress", "复核结案", staff, writes, onRedress(s.Ratings.Close, closedRedress)),

		// errands: what is entrusted to the village's clerk; of the case they move the draft alone
		create("/errands", "entrustErrand", "委托代办", staff, writes, s.entrustErrand),
		get("/errands", "listErrands", "代办列表", person, reads, s.listErrands),
		workbook("/errands/ledger", "exportErrands", "代办台账（Excel，留痕）", staff, writes, s.exportErrands, lasting(copyTime)),
		get("/errands/figures", "countErrands", "代办的一次提交通过率和用时", staff, reads, s.countErrands),
		get("/errands/words", "listErrandWords", "代办用的代码", person, reads, s.listErrandWords),
		get("/errands/{id}", "readErrand", "一件代办", person, reads, s.readErrand),
		act("/errands/{id}/identify", "identifyErrand", "核验委托人身份", staff, writes, onErrand(s.Errands.Identify, identified)),
		act("/errands/{id}/take-papers", "takeErrandPapers", "收材料", staff, writes, onErrand(s.Errands.TakePapers, papersTaken)),
		act("/errands/{id}/return-papers", "returnErrandPapers", "退材料", staff, writes, onErrand(s.Errands.ReturnPapers, papersReturned)),
		act("/errands/{id}/visit", "visitErrand", "上门", staff, writes, onErrand(s.Errands.Visit, visited)),
		act("/errands/{id}/check", "checkErrand", "核对材料", person, writes, onErrand(s.Errands.Check, saidErrand)),
		act("/errands/{id}/file", "fileErrand", "报送：同时提交办件", person, writes, s.fileErrand),
		act("/errands/{id}/pause", "pauseErrand", "中止", person, writes, onErrand(s.Errands.Pause, saidErrand)),
		act("/errands/{id}/resume", "resumeErrand", "续办", person, writes, onErrand(s.Errands.GoOn, saidErrand)),
		act("/errands/{id}/take-result", "takeErrandResult", "取得结果", person, writes, onErrand(s.Errands.TakeResult, plainErrand)),
		act("/errands/{id}/hand-over", "handOverErrand", "送达签收", person, writes, onErrand(s.Errands.HandOver, broughtHome)),
		act("/errands/{id}/archive", "archiveErrand", "归档", person, writes, onErrand(s.Errands.Archive, plainErrand)),
		act("/errands/{id}/terminate", "terminateErrand", "终止", person, writes, onErrand(s.Errands.Stop, stoppedErrand)),
		act("/errands/{id}/revoke", "revokeErrand", "撤销委托", person, writes, onErrand(s.Errands.Revoke, saidErrand)),

		// what a clerk did without a network: each act has its own key, so the call needs none
		ask("/offline", "takeOffline", "离线补报：没有网络时办的，联网后一并补上", staff, batches, s.takeOffline, many),

		// appeals: anybody may hand one in; who sees which is the desk's affair, who does what the flow's
		create("/appeals", "submitAppeal", "提交诉求", optional, writes, s.submitAppeal, keep(7*24*time.Hour), strangers(voices)),
		get("/appeals", "listAppeals", "诉求列表和待办", person, reads, s.listAppeals),
		get("/appeals/counts", "countAppeals", "各状态的件数", person, reads, s.countAppeals),
		get("/appeals/queues", "listAppealQueues", "我的工作列表和件数", person, reads, s.listAppealQueues),
		get("/appeals/words", "listWords", "办理诉求用的原因代码", person, reads, s.listWords),
		get("/appeals/{id}", "readAppeal", "一件诉求", person, reads, s.readAppeal),
		act("/appeals/{id}/accept", "acceptAppeal", "受理", person, writes, verb(s.Appeals.Accept, accepted)),
		act("/appeals/{id}/divert", "divertAppeal", "告知渠道", person, writes, verb(s.Appeals.Divert, diverted)),
		act("/appeals/{id}/decline", "declineAppeal", "不予受理", person, writes, verb(s.Appeals.Decline, declined)),
		act("/appeals/{id}/merge", "mergeAppeal", "并单", person, writes, verb(s.Appeals.Merge, merged)),
		act("/appeals/{id}/answer", "answerAppeal", "即答", person, writes, verb(s.Appeals.Answer, answered)),
		act("/appeals/{id}/dispatch", "dispatchAppeal", "派单", person, writes, verb(s.Appeals.Dispatch, ordered)),
		act("/appeals/{id}/reassign", "reassignAppeal", "转派", person, writes, verb(s.Appeals.Reassign, ordered)),
		act("/appeals/{id}/acknowledge", "acknowledgeAppeal", "签收", person, writes, verb(s.Appeals.Acknowledge, acknowledged)),
		act("/appeals/{id}/ask-send-back", "askSendBackAppeal", "申请退单", person, writes, verb(s.Appeals.AskSendBack, asked)),
		act("/appeals/{id}/agree-send-back", "agreeSendBackAppeal", "同意退单", person, writes, verb(s.Appeals.AgreeSendBack, decided)),
		act("/appeals/{id}/refuse-send-back", "refuseSendBackAppeal", "驳回退单", person, writes, verb(s.Appeals.RefuseSendBack, decided)),
		act("/appeals/{id}/contact", "contactAppeal", "首次联系", person, writes, verb(s.Appeals.Contact, contacted)),
		act("/appeals/{id}/extend", "extendAppeal", "延期", person, writes, verb(s.Appeals.Extend, extended)),
		act("/appeals/{id}/shelve", "shelveAppeal", "挂账", person, writes, verb(s.Appeals.Shelve, shelved)),
		act("/appeals/{id}/resume", "resumeAppeal", "恢复办理", person, writes, verb(s.Appeals.Resume, resumed)),
		act("/appeals/{id}/reply", "replyAppeal", "答复", person, writes, verb(s.Appeals.Reply, replied)),
		act("/appeals/{id}/start-follow-up", "startFollowUpAppeal", "回访", person, writes, verb(s.Appeals.StartFollowUp, followed)),
		act("/appeals/{id}/attempt", "attemptAppeal", "回访记录", person, writes, verb(s.Appeals.Attempt, attempted)),
		act("/appeals/{id}/conclude", "concludeAppeal", "办结", person, writes, verb(s.Appeals.Conclude, concluded)),
		act("/appeals/{id}/redo", "redoAppeal", "重办", person, writes, verb(s.Appeals.Redo, redone)),
		act("/appeals/{id}/withdraw", "withdrawAppeal", "撤回", person, writes, verb(s.Appeals.Withdraw, voiced)),
		act("/appeals/{id}/urge", "urgeAppeal", "催办", person, writes, verb(s.Appeals.Urge, voiced)),
		act("/appeals/{id}/supervise", "superviseAppeal", "督办", person, writes, verb(s.Appeals.Supervise, supervised)),
		act("/appeals/{id}/supplement", "supplementAppeal", "补充", person, writes, verb(s.Appeals.Supplement, supplemented)),
		act("/appeals/{id}/note", "noteAppeal", "记录", person, writes, verb(s.Appeals.Note, said)),
		ask("/appeals/{id}/reveal-contact", "revealContact", "看联系方式（留痕）", staff, writes, s.revealContact, refuses(409)),
		act("/appeals/{id}/rate", "rateAppeal", "评价", person, writes, s.rateAppeal),

		// for residents
		act("/me", "tellMe", "补填姓名、电话和村", resident, writes, s.tellMe),
		act("/me/phone/wechat", "provePhone", "用微信的手机号按钮证明手机号", resident, writes, s.provePhone),
		act("/me/bind", "bindMe", "用办事员给的绑定码接上村里的登记", resident, guesses, s.bindMe),
		act("/me/bind/phone", "bindMeByPhone", "用证明过的手机号和姓名接上村里的登记", resident, guesses, s.bindMeByPhone),
		get("/me/consents", "listConsents", "我同意过什么", resident, reads, s.listConsents),
		act("/me/consents", "agree", "本人同意（满十四周岁后，或告知书有新版）", resident, writes, s.agree),
		act("/me/consents/{id}/withdraw", "withdrawConsent", "撤回同意", resident, writes, s.withdrawConsent),
		create("/me/helpers", "askHelper", "请亲友代办", resident, writes, s.askHelper),

		// the locker (材料复用库): for its owner and the clerk of his village, whose look is kept
		get("/locker/kinds", "listPaperKinds", "哪些材料可以存着再用", person, reads, s.listPaperKinds),
		get("/me/locker", "listMyLocker", "我存的材料", resident, reads, s.listMyLocker),
		create("/me/locker", "putMyPaper", "存一份自己的材料", resident, writes, s.putMyPaper),
		get("/residents/{id}/locker", "listLocker", "群众存的材料（留痕）", staff, reads, s.listLocker),
		create("/residents/{id}/locker", "putPaper", "替群众存一份材料", staff, writes, s.putPaper),
		get("/locker/{id}", "readLockerPaper", "一份存着的材料和使用记录（留痕）", person, reads, s.readLockerPaper),
		act("/locker/{id}/withdraw", "withdrawLockerPaper", "撤回再用这份材料的同意", person, writes, s.withdrawLockerPaper),
		act("/locker/{id}/consent", "agreeLockerPaper", "重新同意再用这份材料", person, writes, s.agreeLockerPaper),
		act("/locker/{id}/remove", "removeLockerPaper", "删除存着的材料", person, writes, s.removeLockerPaper),

		// rights over one's own data (PIPL 44–50)
		get("/me/reads", "listReads", "谁查看过我的信息", resident, reads, s.listReads),
		raw("GET", base+"/me/export", "copyMine", "我的信息副本", resident, reads, s.copyMine, documentCopy, lasting(copyTime)),
		raw("GET", base+"/me/export.html", "copyMinePage", "我的信息副本（网页，可打印）", resident, reads, s.copyMinePage, html, lasting(copyTime)),
		printed("/residents/{id}/export", "printCopy", "替群众打印副本（留痕）", staff, writes, s.printCopy, lasting(copyTime)),
		create("/me/corrections", "askCorrection", "申请更正", resident, writes, s.askCorrection),
		get("/corrections", "listCorrections", "更正申请", person, reads, s.listCorrections),
		act("/corrections/{id}/agree", "agreeCorrection", "同意更正", staff, writes, s.agreeCorrection),
		act("/corrections/{id}/refuse", "refuseCorrection", "不同意更正", staff, writes, s.refuseCorrection),
		act("/corrections/{id}/withdraw", "withdrawCorrection", "撤回更正申请", person, writes, s.withdrawCorrection),
		act("/residents/{id}/correct", "correctResident", "当面更正群众的登记", staff, writes, s.correctResident),
		act("/me/close", "closeMe", "注销", resident, writes, s.closeMe),
		act("/residents/{id}/close", "closeResident", "替群众注销", staff, writes, s.closeResident),

		// for a resident and his helper, and the clerk of somebody without a phone
		get("/actings", "listActings", "代办关系", person, reads, s.listActings),
		act("/actings/{id}/confirm", "confirmActing", "同意替人代办", resident, writes, s.confirmActing),
		act("/actings/{id}/end", "endActing", "结束代办", person, writes, s.endActing),

		// households: for their members and their clerk
		get("/households", "listHouseholds", "户：村里的，或自己的", person, reads, s.listHouseholds),
		get("/households/{id}", "readHousehold", "一户和户里的人", person, reads, s.readHousehold),

		// for staff
		ask("/session/post", "switchPost", "换一个岗位", staff, writes, s.switchPost),
		create("/residents", "registerResident", "登记群众", staff, writes, s.registerResident),
		get("/residents", "listResidents", "群众名单", staff, reads, s.listResidents),
		ask("/residents/find", "findResidents", "按电话或证件号码找群众", staff, reads, s.findResidents),
		create("/residents/{id}/helpers", "setHelper", "替没有手机的群众登记代办人", staff, writes, s.setHelper),
		create("/residents/{id}/guardians", "setGuardian", "登记监护人", staff, writes, s.setGuardian),
		act("/guardians/{id}/end", "endGuardian", "结束监护", staff, writes, s.endGuardian),
		get("/residents/{id}/consents", "listResidentConsents", "群众同意过什么", staff, reads, s.listResidentConsents),
		act("/residents/{id}/consents", "recordConsent", "登记群众（或孩子的监护人）的同意", staff, writes, s.recordConsent),
		act("/residents/{id}/consents/{consent_id}/withdraw", "withdrawConsentFor", "替没有手机的群众撤回同意", staff, writes, s.withdrawConsentFor),
		create("/households", "makeHousehold", "立户", staff, writes, s.makeHousehold),
		act("/households/{id}/add", "addMember", "入户", staff, writes, s.addMember),
		act("/households/{id}/remove", "removeMember", "移出户", staff, writes, s.removeMember),
		act("/households/{id}/head", "changeHead", "变更户主", staff, writes, s.changeHead),
		act("/households/{id}/end", "endHousehold", "销户", staff, writes, s.endHousehold),
		get("/residents/{id}", "readResident", "一位群众", staff, reads, s.readResident),
		act("/residents/{id}/bind-code", "makeBindCode", "给群众开绑定码", staff, writes, s.makeBindCode),
		ask("/residents/{id}/reveal", "revealResident", "看群众的完整信息（留痕）", staff, writes, s.revealResident),

		// for the county's system administrator: divisions
		create("/areas", "makeArea", "设立乡镇、村或网格", staff, writes, s.makeArea),
		act("/areas/{code}/rename", "renameArea", "区划更名", staff, writes, s.renameArea),
		act("/areas/{code}/merge", "mergeArea", "村撤并", staff, writes, s.mergeArea),
		create("/offices", "makeOffice", "设立机构", staff, writes, s.makeOffice),
		act("/offices/{id}/change", "changeOffice", "变更机构", staff, writes, s.changeOffice),
		act("/offices/{id}/close", "closeOffice", "撤销机构", staff, writes, s.closeOffice),
		act("/areas/{code}/move", "moveArea", "村划转到另一个乡镇", staff, writes, s.moveArea),

		get("/retention", "listRetention", "个人信息保存期限，和已经到期的条数", staff, reads, s.listRetention),

		// for the audit administrator
		get("/trail", "readTrail", "留痕（查看本身也留痕）", staff, reads, s.readTrail),
		get("/trail/heads", "listHeads", "各条留痕链的末端", staff, reads, s.listHeads),

		// for administrators: three powers apart
		get("/staff", "listStaff", "工作人员名单", staff, reads, s.listStaff),
		get("/staff/{id}", "readStaff", "一位工作人员和他的岗位", staff, reads, s.readStaff),
		create("/staff", "createStaff", "开账号", staff, writes, s.createStaff),
		sheet("/staff/import", "importStaff", "批量开账号（CSV）：先试一遍，再办", staff, uploads, s.importStaff),
		act("/staff/{id}/disable", "disableStaff", "停用账号", staff, writes, manage(s.Accounts.Disable)),
		act("/staff/{id}/enable", "enableStaff", "恢复账号", staff, writes, manage(s.Accounts.Enable)),
		act("/staff/{id}/password", "issuePassword", "给一个临时密码", staff, writes, s.issuePassword),
		act("/staff/{id}/end-sessions", "endStaffSessions", "强制退出", staff, writes, manage(s.Accounts.EndSessions)),
		act("/staff/{id}/reset-totp", "resetTOTP", "解除动态口令", staff, writes, manage(s.Accounts.ResetTOTP)),
		act("/staff/{id}/wechat-code", "makeStaffCode", "给工作人员开微信绑定码", staff, writes, s.makeStaffCode),
		act("/staff/{id}/unbind-wechat", "unbindStaff", "解绑工作人员的微信", staff, writes, manage(s.Accounts.UnbindStaff)),
		act("/staff/{id}/posts", "givePost", "任岗", staff, writes, s.givePost),
		act("/posts/{id}/duties", "setDuties", "定岗位的职责", staff, writes, s.setDuties),
		act("/posts/{id}/end", "endPost", "免岗", staff, writes, s.endPost),
		act("/posts/{id}/transfer", "transferPost", "调岗", staff, writes, s.transferPost),

		// the county's own platform, if there is one
		raw("POST", base+"/county/callbacks", "takeCallback", "县级平台的消息（凭签名）", open, callbacks, s.takeCallback, documentCallback, takesJSON, only(connected), refuses(401, 409)),
		get("/county/events", "listCountyEvents", "县级平台发来的消息", staff, reads, s.listCountyEvents),

		// what the courier could not deliver
		get("/letters", "listLetters", "卡住的消息", staff, reads, s.listLetters),
		act("/letters/{id}/release", "releaseLetter", "重新投递卡住的消息", staff, writes, s.releaseLetter),

		// for programs and operators
		raw("GET", "/.well-known/jwks.json", "readKeys", "验证令牌用的公钥", open, reads, s.readKeys, documentKeys, public),
		raw("GET", "/wechat/push", "greetPush", "微信检查消息推送的地址", open, pushes, s.greetPush, documentPush, refuses(403, 404)),
		raw("POST", "/wechat/push", "takePush", "微信推送的消息", open, pushes, s.takePush, documentPush, refuses(403, 404), bodyOfOwn),
		raw("GET", "/healthz", "health", "进程是否在运行", open, free, s.alive, documentHealth),
		raw("GET", "/readyz", "ready", "是否可以接待", open, free, s.ready, documentHealth),
		raw("GET", "/openapi.json", "readDocument", "接口文档（OpenAPI 3.1）", open, reads, s.readSpec, documentSpec, public),
		raw("GET", "/docs", "readDocs", "接口文档（网页）", open, reads, s.readDocs, html, public),
		raw("GET", "/docs/{name}", "readPaper", "说明文件（状态、错误、名词、部署）", open, reads, s.readPaper, documentPaper, public),
	}
}
