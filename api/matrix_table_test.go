package api

import (
	"net/http"
	"slices"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/flow"
)

// rule says who gets an answer from a line of routes.go. It repeats nothing of the code: audience and roles stand here a
// second time, so that loosening either shows. Who sees which object stands in sees.
type rule struct {
	who    Audience
	of     thing         // what the call names; empty for nothing
	at     []flow.State  // of the appeals, when it is called; nothing means at the end
	by     []access.Role // among those who see the object; nobody means everybody of the audience
	deny   told          // what the others among them get
	first  []access.Role // who is asked for his role before the object is looked for; the others get deny at whatever they name
	unseen told          // what those get who do not see the object; request.not_found if not said
	want   told          // what who gets through gets
	gone   told          // the same at what has ended, if it differs
	query  string        // behind the path, with {variables}
	body   string
	form   bool   // the body is a form
	photo  bool   // the body is a photo
	table  string // the body is a table
	signed bool   // the call bears a signature of the county's, forged
	alien  bool   // what stands in the object is another one's
	always bool   // another line rests on it, so that no sample leaves it out
	proof  proof
}

// told is the answer: a status and, of a problem, the code.
type told struct {
	status int
	code   string
}

var (
	ok        = told{200, ""}
	madeIt    = told{201, ""}
	needLogin = told{401, "token.missing"}
	badToken  = told{401, "token.bad"}
	notForYou = told{403, "request.forbidden"}
	notByYou  = told{403, "flow.not_by_you"}
	notFound  = told{404, "request.not_found"}
	noMatch   = told{404, "track.no_match"}
	// stale is how a call is stopped that got through: it names a version that is not the present one. So no call of the
	// matrix moves an appeal, and all roles meet the same ones.
	stale       = told{409, "appeal.not_now"}
	staleCase   = told{409, "case.not_now"}
	staleErrand = told{409, "errand.not_now"}
)

// byDocument is on whose authority a division changes.
const byDocument = `"day":"2026-11-23","document":"青政发〔2026〕12号"`

// sameOffice is an office as it stands.
const sameOffice = `"name":"石桥乡便民服务中心","kind":"township_centre",` + byDocument

// overAlready: what is over is neither confirmed nor ended, so all roles meet the same ones.
var overAlready = told{409, "flow.not_now"}

// meansClosing: the consent to registration is not withdrawn by itself.
var meansClosing = told{409, "consent.means_closing"}

// areaClosed: a division that has ended changes no more.
var areaClosed = told{409, "area.closed"}

// Neither does a household nor an office.
var (
	householdEnded = told{409, "household.ended"}
	officeClosed   = told{409, "office.closed"}
)

const staleVersion = "9999"

var throughout = []flow.State{
	appeal.Submitted, appeal.Accepted, appeal.Dispatched, appeal.SendBackAsked, appeal.Acknowledged,
	appeal.Handling, appeal.Shelved, appeal.Replied, appeal.FollowingUp,
}

const (
	villager   = access.Resident
	clerk      = access.Clerk
	gridWorker = access.GridWorker
	dispatcher = access.Dispatcher
	officer    = access.Officer
	followUp   = access.FollowUp
	supervisor = access.Supervisor
)

// rules of every route, by name.
var rules = map[string][]rule{
	"resolveCode":   openTo(ok, rule{of: aCode, unseen: told{404, "catalog.code_unknown"}}),
	"listItems":     openTo(ok),
	"readGuide":     openTo(ok, rule{of: anItem, unseen: told{404, "catalog.item_unknown"}}),
	"makeChecklist": openTo(ok, rule{of: anItem, unseen: told{404, "catalog.item_unknown"}, body: `{"answers":{}}`}),
	"makeNotice":    openTo(madeIt, rule{body: `{"item_id":"` + pension + `","village":"` + xinglin + `"}`}),
	"readNotice":    openTo(ok, rule{of: aNotice, unseen: noMatch, query: "?query_code={notice_code}"}),
	"track": append(openTo(ok, rule{of: aSlip, unseen: noMatch, body: `{"number":"{object}","query_code":"{slip_code}"}`}),
		openTo(ok, rule{of: aCaseSlip, unseen: noMatch, body: `{"number":"{object}","query_code":"{case_code}"}`})...),
	"listAreas":   openTo(ok),
	"listOffices": openTo(ok, rule{query: "?area=219901"}),
	"readPrivacy": openTo(ok),

	"loginPassword":  openTo(ok, rule{body: `{"username":"decider","password":"{password}"}`}),
	"loginWeChat":    openTo(ok, rule{body: `{"code":"{wechat}"}`}),
	"bindStaff":      openTo(told{422, "staff.bind_code"}, rule{body: `{"code":"{wechat}","bind_code":"ABCD-EFGH"}`}),
	"sendSMSCode":    openTo(ok, rule{body: `{"phone":"{mobile}"}`}),
	"loginSMS":       openTo(told{422, "login.sms_wrong"}, rule{body: `{"phone":"{mobile}","code":"000000"}`}),
	"chooseSMS":      openTo(told{422, "login.sms_choice"}, rule{body: `{"choice":"{n}","person":"` + someID + `"}`}),
	"changePassword": openTo(told{422, "login.wrong"}, rule{body: `{"username":"nobody{n}","old":"wrong","new":"井水清清流过门前石桥一二三"}`}),
	"beginTOTP":      openTo(told{422, "login.wrong"}, rule{body: `{"username":"nobody{n}","password":"wrong"}`}),
	"confirmTOTP":    openTo(told{422, "login.wrong"}, rule{body: `{"username":"nobody{n}","password":"wrong","otp":"123456"}`}),
	"refreshTokens":  openTo(badToken, rule{body: `{"refresh_token":"{n}"}`}),

	"readMe":           {{who: person, want: ok, proof: isMe}},
	"logout":           {{who: person, want: told{204, ""}, proof: logsInAgain}},
	"listSessions":     {{who: person, of: aSession, want: ok, query: "?limit=100", proof: lists}},
	"endOtherSessions": {{who: person, want: told{204, ""}}},
	"endSession":       {{who: person, of: aSession, want: told{204, ""}}},
	"unbindMyWeChat":   {{who: staff, want: told{204, ""}}},
	"keepPhoto":        {{who: person, want: madeIt, photo: true}},
	"readPhoto": {{who: person, of: aPhoto, at: []flow.State{appeal.Accepted, appeal.Handling, appeal.FollowingUp}, want: ok}, {who: person, of: aLoosePhoto, want: ok},
		{who: person, of: aCasePhoto, want: ok}, {who: person, of: aPage, want: ok}},
	"listMessages": {{who: person, of: aMessage, want: ok, proof: lists}},
	"markRead":     {{who: person, of: aMessage, want: ok, body: `{}`}},

	"openCase": {{who: person, of: anApplicant, by: roles(villager, clerk), deny: notForYou, unseen: told{422, "request.invalid"}, want: madeIt,
		body: `{"item_id":"` + pension + `"{applicant}}`}},
	"listCases":          {{who: person, of: aCase, want: ok, query: "?limit=100", proof: lists}, {who: person, of: aDraft, want: ok, query: "?limit=100", proof: lists}},
	"countCases":         {{who: person, of: aCase, want: ok, proof: countsCases}},
	"listCaseWords":      {{who: person, want: ok}},
	"listReturns":        {{who: staff, by: roles(supervisor), deny: notForYou, want: ok}},
	"readCase":           {{who: person, of: aCase, want: ok}, {who: person, of: aDraft, want: ok}},
	"listCaseDocuments":  {{who: person, of: aCase, want: ok}, {who: person, of: aDraft, want: ok}},
	"readCaseDocument":   {{who: person, of: aCase, want: ok}, {who: person, of: aCase, alien: true, want: notFound}},
	"printCaseDocuments": {{who: person, of: aCase, want: ok}, {who: person, of: aDraft, want: ok}},
	"editCase": {
		{who: person, of: aDraft, by: roles(villager, clerk), deny: notForYou, want: staleCase, body: `{"version":` + staleVersion + `}`},
		{who: person, of: aCase, by: roles(villager, clerk), deny: notForYou, want: staleCase, body: `{"version":` + staleVersion + `}`},
	},
	"usePaper": append(handingIn(aDraft), handingIn(aCase)...),
	"keepPaperOfCase": {{who: person, of: aCase, by: roles(villager, clerk), deny: notForYou, want: told{422, "request.invalid"}, // it has no photo
		body: `{"material":"hukou_book","consent_until":"2027-06-30",` + spoken + `}`}},
	"submitCase":        actingOn(casework.Submit, aDraft, villager, clerk),
	"discardCase":       actingOn(casework.Discard, aDraft, villager, clerk),
	"receiveCase":       actingOn(casework.Receive, aCase, access.Window),
	"acceptCase":        actingOn(casework.Accept, aCase, access.Window),
	"askCorrectionCase": actingOn(casework.AskCorrection, aCase, access.Window),
	"correctCase":       actingOn(casework.Correct, aCase, villager, clerk),
	"refuseCase":        actingOn(casework.Refuse, aCase, access.Window),
	"dismissCase":       actingOn(casework.Dismiss, aCase, access.Window),
	"reviewCase":        actingOn(casework.Review, aCase, access.Reviewer, access.Decider),
	"suspendCase":       actingOn(casework.Suspend, aCase, access.Reviewer, access.Decider),
	"resumeCase":        actingOn(casework.Resume, aCase, access.Reviewer, access.Decider),
	"extendCase":        actingOn(casework.Extend, aCase, access.Decider),
	"grantCase":         actingOn(casework.Grant, aCase, access.Decider),
	"denyCase":          actingOn(casework.Deny, aCase, access.Decider),
	"terminateCase":     actingOn(casework.Terminate, aCase, access.Decider),
	"withdrawCase":      actingOn(casework.Withdraw, aCase, villager, clerk),
	"deliverCase":       actingOn(casework.Deliver, aCase, access.Window, clerk),
	"concludeCase":      actingOn(casework.Conclude, aCase, access.Window),
	"rateCase": {{who: person, of: aCase, by: roles(villager, clerk), deny: notForYou, want: told{409, "case.not_yet_rateable"}, gone: told{409, "case.not_yet_rateable"},
		body: `{"level":1{consent}}`}},
	"permitCorrectionCase": {{who: staff, of: aCase, by: roles(supervisor), deny: notForYou, want: staleCase,
		body: `{"version":` + staleVersion + `,"text":"窗口漏看了户口簿。"}`}},
	"listDifferences": {{who: staff, by: roles(supervisor), deny: notForYou, want: ok, query: "?limit=100", proof: listsDifferences}},
	"typeCountyNumber": {{who: staff, of: aCase, by: roles(clerk, access.Window), deny: notForYou, want: staleCase,
		body: `{"version":` + staleVersion + `,"number":"XZ-1"}`}},

	"entrustErrand": {{who: staff, of: aDraft, first: roles(clerk), deny: notForYou, unseen: told{422, "request.invalid"}, want: madeIt,
		body: `{"case":"{object}",` + entrusted + `}`}},
	"listErrands":        {{who: person, of: anErrand, want: ok, query: "?limit=100", proof: lists}},
	"listErrandWords":    {{who: person, want: ok}},
	"readErrand":         {{who: person, of: anErrand, want: ok}},
	"identifyErrand":     notingErrand(`{"how":"in_person","document":"id_card"}`),
	"takeErrandPapers":   notingErrand(`{"name":"户口簿","form":"original","count":1,"signer":"张杏花","signature":"signed"}`),
	"returnErrandPapers": notingErrand(`{"paper":"` + someID + `","count":1,"signer":"张杏花","signature":"signed"}`),
	"visitErrand":        notingErrand(`{"text":"上门收材料"}`),
	"checkErrand":        onAnErrand(`{}`, clerk),
	"fileErrand":         onAnErrand(`{}`, clerk),
	"pauseErrand":        onAnErrand(`{"text":"委托人住院了。"}`, clerk),
	"resumeErrand":       onAnErrand(`{}`, clerk),
	"takeErrandResult":   onAnErrand(`{}`, clerk),
	"handOverErrand":     onAnErrand(`{"relation":"self","proof":"本人签字"}`, clerk),
	"followUpErrand": {{who: staff, of: anErrand, by: roles(clerk, supervisor), deny: notForYou, want: staleErrand,
		body: atVersion(staleVersion, `{"result":"content"}`)}},
	"archiveErrand":   onAnErrand(`{}`, clerk),
	"terminateErrand": onAnErrand(`{"reason":"other","text":"群众说不办了。"}`, clerk, supervisor),
	"revokeErrand":    onAnErrand(`{}`, villager, clerk),

	"submitAppeal": {{who: optional, of: anApplicant, by: roles(villager, clerk, ""), deny: notForYou, unseen: told{422, "request.invalid"}, want: madeIt,
		body: `{"class":"report","text":"有人夜里往河沟倒废油。","identity":"{identity}","village":"` + xinglin + `"{applicant}}`}},
	"listAppeals": {
		{who: person, of: anAppeal, at: throughout, want: ok, query: "?limit=100", proof: lists},
		{who: person, of: anAppeal, at: throughout, want: ok, query: "?limit=100&status={state}", proof: lists}, // found by another way
	},
	"countAppeals": {{who: person, of: anAppeal, at: throughout, want: ok, proof: counts}},
	"listWords":    {{who: person, want: ok}},
	"readAppeal":   {{who: person, of: anAppeal, at: throughout, want: ok}},

	"acceptAppeal":         acting(appeal.Accept, appeal.Submitted, dispatcher),
	"divertAppeal":         acting(appeal.Divert, appeal.Submitted, dispatcher),
	"declineAppeal":        acting(appeal.Decline, appeal.Submitted, dispatcher),
	"mergeAppeal":          acting(appeal.Merge, appeal.Submitted, dispatcher),
	"answerAppeal":         acting(appeal.Answer, appeal.Accepted, dispatcher),
	"dispatchAppeal":       acting(appeal.Dispatch, appeal.Accepted, dispatcher),
	"reassignAppeal":       acting(appeal.Reassign, appeal.Dispatched, dispatcher, supervisor),
	"acknowledgeAppeal":    acting(appeal.Acknowledge, appeal.Dispatched, officer),
	"askSendBackAppeal":    acting(appeal.AskSendBack, appeal.Dispatched, officer),
	"agreeSendBackAppeal":  acting(appeal.AgreeSendBack, appeal.SendBackAsked, dispatcher, supervisor),
	"refuseSendBackAppeal": acting(appeal.RefuseSendBack, appeal.SendBackAsked, dispatcher, supervisor),
	"contactAppeal":        acting(appeal.Contact, appeal.Acknowledged, officer),
	"extendAppeal":         acting(appeal.Extend, appeal.Handling, supervisor),
	"shelveAppeal":         acting(appeal.Shelve, appeal.Handling, supervisor),
	"resumeAppeal":         acting(appeal.Resume, appeal.Shelved, officer, supervisor),
	"replyAppeal":          acting(appeal.Reply, appeal.Handling, officer),
	"startFollowUpAppeal":  acting(appeal.StartFollowUp, appeal.Replied, followUp),
	"attemptAppeal":        acting(appeal.Attempt, appeal.FollowingUp, followUp),
	"concludeAppeal":       acting(appeal.Conclude, appeal.FollowingUp, followUp),
	"redoAppeal":           acting(appeal.Redo, appeal.FollowingUp, followUp, supervisor),
	"withdrawAppeal":       acting(appeal.Withdraw, appeal.Shelved, villager, clerk),
	"urgeAppeal":           acting(appeal.Urge, appeal.Replied, villager, clerk, supervisor),
	"superviseAppeal":      acting(appeal.Supervise, appeal.Replied, supervisor),
	"supplementAppeal":     acting(appeal.Supplement, appeal.Replied, villager, clerk, gridWorker),
	"noteAppeal":           acting(appeal.Note, appeal.Replied, officer, dispatcher),
	"rateAppeal": {{who: person, of: anAppeal, at: []flow.State{appeal.Replied}, by: roles(villager, clerk), deny: notForYou, want: stale,
		body: `{"version":` + staleVersion + `,"level":1{consent}}`}},
	"revealContact": {
		{who: staff, of: anAppeal, at: []flow.State{appeal.Handling}, by: roles(clerk, officer), deny: told{403, "appeal.contact_not_yours"}, want: ok, body: `{"reason":"电话联系"}`},
		{who: staff, of: anAppeal, at: []flow.State{appeal.FollowingUp}, by: roles(clerk, followUp), deny: told{403, "appeal.contact_not_yours"}, want: ok, gone: told{409, "appeal.contact_closed"}, body: `{"reason":"电话回访"}`},
	},

	"tellMe":           {{who: resident, want: ok, body: `{"phone":"{phone}","consent":{"text_version":"` + consentVersion + `"}}`}},
	"provePhone":       {{who: resident, want: ok, body: `{"code":"phone.13800000001.{n}"}`}},
	"bindMe":           {{who: resident, want: told{409, "person.not_empty"}, body: `{"bind_code":"ABCD-EFGH"}`}},
	"bindMeByPhone":    {{who: resident, want: told{409, "person.not_empty"}, body: `{"name":"张杏花","village":"` + xinglin + `"}`}},
	"listConsents":     {{who: resident, of: aConsent, want: ok, query: "?limit=100", proof: lists}},
	"agree":            {{who: resident, want: ok, body: `{"consent":{"text_version":"` + consentVersion + `"}}`}},
	"withdrawConsent":  {{who: resident, of: aConsent, want: meansClosing}},
	"askHelper":        {{who: resident, want: madeIt, body: `{"phone":"13911110000","scope":"all","valid_until":"2027-06-30","consent":{"text_version":"` + consentVersion + `"}}`}},
	"listActings":      {{who: person, of: anActing, by: roles(villager, clerk), deny: notForYou, want: ok, query: "?limit=100", proof: lists}},
	"confirmActing":    {{who: resident, of: anActing, want: overAlready}},
	"endActing":        {{who: person, of: anActing, want: overAlready}},
	"setHelper":        {{who: staff, of: aResident, by: roles(clerk), deny: notForYou, want: madeIt, body: `{"helper":"{helper}","scope":"all","valid_until":"2027-06-30",` + spoken + `}`}},
	"switchPost":       {{who: staff, of: aPost, want: ok, body: `{"post":"{object}"}`}},
	"registerResident": {{who: staff, of: aVillage, by: roles(clerk), deny: notForYou, unseen: notForYou, want: madeIt, body: `{"name":"王五","village":"{object}",` + spoken + `}`}},
	"listResidents":    {{who: staff, of: aResident, want: ok, query: "?limit=100", proof: lists}},
	"findResidents":    {{who: staff, of: aPhone, want: ok, unseen: ok, body: `{"phone":"{object}"}`, proof: findsOne}},
	"readResident":     {{who: staff, of: aResident, want: ok}},
	"makeBindCode":     {{who: staff, of: aRegistered, by: roles(clerk), deny: notForYou, want: ok}},

	// the locker; nobody agrees to what lies there, until somebody does
	"listPaperKinds": {{who: person, want: ok}},
	"listMyLocker":   {{who: resident, of: aStored, want: ok, query: "?limit=100", proof: lists}},
	"putPaper": {{who: staff, of: aRegistered, first: roles(clerk), deny: notForYou, want: told{422, "request.invalid"},
		body: `{"kind":"id_card","files":["` + someID + `"],"consent_until":"2027-06-30",` + spoken + `}`}},
	"readLockerPaper":     {{who: person, of: aStored, want: ok}},
	"withdrawLockerPaper": {{who: person, of: aStored, first: roles(villager, clerk), deny: notForYou, want: told{409, "consent.withdrawn"}, body: `{"how":"spoken"}`}},
	"agreeLockerPaper":    {{who: person, of: aStored, first: roles(villager, clerk), deny: notForYou, want: ok, body: `{"consent_until":"2027-06-30",` + spoken + `}`}},
	"removeLockerPaper":   {{who: person, of: aSpare, first: roles(villager, clerk), deny: notForYou, want: ok, body: `{"why":"asked"}`}},

	// rights over one's own data
	"copyMine":           {{who: resident, want: ok, proof: isMyCopy}},
	"copyMinePage":       {{who: resident, want: ok}},
	"askCorrection":      {{who: resident, want: madeIt, body: `{"field":"name","value":"张杏华","reason":"登记时写错了"}`}},
	"listCorrections":    {{who: person, of: aCorrection, by: roles(villager, clerk), deny: notForYou, want: ok, query: "?limit=100", proof: lists}},
	"agreeCorrection":    {{who: staff, of: aCorrection, want: overAlready, body: `{"value":"张杏华","evidence":"看了身份证"}`}},
	"refuseCorrection":   {{who: staff, of: aCorrection, want: overAlready, body: `{"reason":"身份证上不是这样写的"}`}},
	"withdrawCorrection": {{who: person, of: aCorrection, by: roles(villager), deny: notByYou, want: overAlready}},
	"correctResident":    {{who: staff, of: aLeaver, by: roles(clerk), deny: notForYou, want: ok, body: `{"field":"name","value":"要走的好人","evidence":"看了身份证"}`}},
	"closeMe":            {{who: resident, want: told{409, "rights.still_open"}, body: `{"confirm":"注销"}`}}, // some appeals of his are always open here
	"closeResident":      {{who: staff, of: aLeaver, by: roles(clerk), deny: notForYou, want: ok, body: `{"cause":"asked","how":"本人到村站提出"}`}},

	"setGuardian": {{who: staff, of: aResident, by: roles(clerk), deny: notForYou, want: madeIt,
		body: `{"guardian":"{helper}","relation":"other","proof":"court","valid_until":"2027-06-30",` + spoken + `}`}},
	"endGuardian":          {{who: staff, of: aGuardian, want: overAlready, body: `{"why":"changed"}`}},
	"listResidentConsents": {{who: staff, of: aResident, by: roles(clerk), deny: notForYou, want: ok}},
	"recordConsent":        {{who: staff, of: aRegistered, by: roles(clerk), deny: notForYou, want: ok, body: `{` + spoken + `}`}},
	"withdrawConsentFor":   {{who: staff, of: aResident, by: roles(clerk), deny: notForYou, want: meansClosing, body: `{"how":"spoken"}`}},
	"listHouseholds":       {{who: person, of: aHousehold, by: roles(villager, clerk), deny: notForYou, want: ok, query: "?limit=100", proof: lists}},
	"readHousehold":        {{who: person, of: aHousehold, want: ok}},
	"makeHousehold":        {{who: staff, of: aRegistered, first: roles(clerk), deny: notForYou, unseen: told{422, "request.invalid"}, want: madeIt, body: `{"number":"M{n}","head":"{object}"}`}},
	// None of these moves anybody but the last.
	"addMember":    {{who: staff, of: aHousehold, want: told{422, "request.invalid"}, gone: householdEnded, body: `{"person":"` + someID + `","relation":"99"}`}},
	"removeMember": {{who: staff, of: aHousehold, want: told{422, "request.invalid"}, gone: householdEnded, body: `{"person":"` + someID + `","why":"moved"}`}},
	"changeHead":   {{who: staff, of: aHousehold, want: told{422, "request.invalid"}, gone: householdEnded, body: `{"head":"` + someID + `","relations":[]}`}},
	"endHousehold": {{who: staff, of: aHousehold, want: ok, gone: householdEnded, body: `{"why":"moved"}`}},

	"readArea":          openTo(ok, rule{of: aDivision}),
	"listAreaDuties":    openTo(ok, rule{of: aDivision}),
	"listDuties":        openTo(ok),
	"listAreaHistory":   openTo(ok, rule{of: aDivision}),
	"readOffice":        openTo(ok, rule{of: anOffice}),
	"listOfficeHistory": openTo(ok, rule{of: anOffice}),
	"makeOffice":        {{who: staff, by: roles(access.SystemAdmin), deny: notForYou, want: told{409, "office.known"}, body: `{"code":"shiqiao-centre","area":"219901201",` + sameOffice + `}`}},
	"changeOffice":      {{who: staff, of: anOffice, by: roles(access.SystemAdmin), deny: notForYou, want: ok, gone: officeClosed, body: `{` + sameOffice + `}`}},
	"closeOffice":       {{who: staff, of: anOffice, by: roles(access.SystemAdmin), deny: notForYou, want: told{409, "office.in_use"}, gone: officeClosed, body: `{` + byDocument + `}`}},
	// None of these moves anything: the code is taken, and the village can be merged neither into itself nor move to where it is.
	"makeArea":   {{who: staff, by: roles(access.SystemAdmin), deny: notForYou, want: told{409, "area.known"}, body: `{"code":"` + hewan + `","name":"河湾村",` + byDocument + `}`}},
	"renameArea": {{who: staff, of: aDivision, by: roles(access.SystemAdmin), deny: notForYou, want: ok, gone: areaClosed, body: `{"name":"河湾村",` + byDocument + `}`}},
	"mergeArea":  {{who: staff, of: aDivision, by: roles(access.SystemAdmin), deny: notForYou, want: told{422, "request.invalid"}, gone: areaClosed, body: `{"into":"` + hewan + `",` + byDocument + `}`}},
	"moveArea":   {{who: staff, of: aDivision, by: roles(access.SystemAdmin), deny: notForYou, want: told{422, "request.invalid"}, gone: areaClosed, body: `{"to":"` + hewan + `",` + byDocument + `}`}},

	"revealResident": {{who: staff, of: aResident, by: roles(clerk), deny: notForYou, want: ok, body: `{"fields":["phone"],"cause":"contact","note":"通知参保"}`}},

	"listRetention": {{who: staff, by: roles(access.SystemAdmin), deny: notForYou, want: ok}},

	"readTrail": {
		{who: staff, by: roles(access.AuditAdmin), deny: notForYou, want: ok, query: "?limit=100&kind=appeal", proof: tellsNothingOfHim},
		{who: staff, by: roles(access.AuditAdmin), deny: notForYou, want: ok, query: "?limit=100&kind=toy", proof: tellsOfHisCounty},
	},
	"listHeads": {{who: staff, by: roles(access.AuditAdmin), deny: notForYou, want: ok, query: "?limit=100"}},

	// for administrators
	"listStaff":   {{who: staff, of: aStaff, want: ok, query: "?limit=100", proof: lists}},
	"readStaff":   {{who: staff, of: aStaff, want: ok}},
	"createStaff": {{who: staff, by: roles(access.SystemAdmin), deny: notForYou, want: madeIt, body: `{"username":"new{n}","name":"新来人",` + aPostFor("window") + `}`}},
	"importStaff": {{who: staff, by: roles(access.SystemAdmin), deny: notForYou, want: ok, query: "?dry_run=false",
		table: "username,name,role,title,office,area,valid_from,valid_until\nin{n},新来人,window,岗位,county-hall,219901,2026-01-01,\n"}},
	"disableStaff":     always(managing(access.SystemAdmin, `{"why":"调离"}`)),
	"enableStaff":      always(managing(access.SystemAdmin, `{"why":"回来"}`)), // so that who had ended gets a code
	"issuePassword":    managing(access.SystemAdmin, `{"why":"忘了"}`),
	"endStaffSessions": managing(access.SecurityAdmin, `{"why":"手机丢了"}`),
	"resetTOTP":        managing(access.SecurityAdmin, `{"why":"手机丢了"}`),
	"makeStaffCode":    managing(access.SystemAdmin, ""),
	"unbindStaff":      managing(access.SecurityAdmin, `{"why":"手机丢了"}`),
	"givePost":         managing(access.SystemAdmin, "{"+aPostFor("reviewer")+"}"),
	"setDuties":        ending(ok, `{"duties":[]}`),
	"endPost":          always(ending(ok, `{"why":"调离"}`)),
	"transferPost":     ending(told{409, "post.ended"}, `{"why":"调离",`+aPostFor("decider")+`}`), // it has ended by now

	"greetPush": openTo(notFound), // it is off there; push_test.go has it on
	"takePush":  openTo(notFound),

	// the county's platform
	"takeCallback":     openTo(told{401, "county.signature"}, rule{body: countyNews, signed: true}),
	"listCountyEvents": {{who: staff, by: roles(access.SystemAdmin), deny: notForYou, want: ok, query: "?limit=100", proof: tellsTheNews}},

	"listLetters":   {{who: staff, by: roles(access.SystemAdmin), deny: notForYou, want: ok, query: "?limit=100", proof: listsStuck}},
	"releaseLetter": {{who: staff, of: aLetter, first: roles(access.SystemAdmin), by: roles(access.SystemAdmin), deny: notForYou, want: told{409, "letter.not_stuck"}}},

	"readKeys":     openTo(ok),
	"health":       openTo(ok),
	"ready":        openTo(ok),
	"readDocument": openTo(ok),
	"readDocs":     openTo(ok),
	"readPaper":    openTo(ok, rule{of: aPaper}),
	// the program's pages
	"showHome":      openTo(ok),
	"scanCode":      openTo(ok, rule{of: aCode, unseen: told{404, "catalog.code_unknown"}}),
	"checkDocument": openTo(ok, rule{of: aDocument, unseen: notFound}),
	"showGuide":     openTo(ok, rule{of: anItem, unseen: told{404, "catalog.item_unknown"}}),
	"showList":      openTo(ok, rule{of: anItem, unseen: told{404, "catalog.item_unknown"}, form: true, body: "village=" + xinglin + "&have=id_card"}),
	"writeNotice":   openTo(madeIt, rule{of: anItem, unseen: told{404, "catalog.item_unknown"}, form: true, body: "village=" + xinglin + "&key={uuid}"}),
	"askTrack":      openTo(ok),
	"showPrivacy":   openTo(ok),
	"showTrack":     openTo(ok, rule{of: aSlip, unseen: noMatch, form: true, body: "number={object}&query_code={slip_code}"}),
}

// expected is what somebody is told at an object that stands to him as rel does.
func (r rule) expected(c caller, rel relation, at flow.State) told {
	refusal, outside := r.outside(c)
	switch {
	case outside:
		return refusal
	case len(r.first) > 0 && !slices.Contains(r.first, c.role):
		return r.deny
	case rel != "" && !sees(r.of, c.role, rel, at):
		if r.unseen.status == 0 {
			return notFound
		}
		return r.unseen
	case len(r.by) > 0 && !slices.Contains(r.by, c.role):
		return r.deny
	case rel == deleted && r.gone.status != 0:
		return r.gone
	}
	return r.want
}

// outside is what those get for whom the line is not at all.
func (r rule) outside(c caller) (refusal told, outside bool) {
	switch {
	case r.who == open:
		return told{}, false
	case c.forged:
		return badToken, true
	case c.role == "" && r.who != optional:
		return needLogin, true
	case r.who == resident && c.role != access.Resident, r.who == staff && c.role == access.Resident:
		return notForYou, true
	}
	return told{}, false
}

// refuses: nothing may have changed after it.
func (a told) refuses() bool { return a.status >= http.StatusBadRequest }
