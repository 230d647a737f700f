package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/clock"
)

// actIn is the input of every act on one appeal: what the act itself wants is its body.
type actIn[B any] struct {
	ID   ID `path:"id"`
	Body B
}

// verb makes the handler of an act from the desk's method; read turns the body into the desk's own input. The version in a
// body is what the client saw: when the appeal was moved since, the act is refused and the answer tells how it stands.
func verb[B, T any](do func(context.Context, access.Actor, string, T) (appeal.Seen, error), read func(B) T) func(context.Context, *actIn[B]) (*reply[appealView], error) {
	return func(ctx context.Context, in *actIn[B]) (*reply[appealView], error) {
		return answer(ctx, viewAppeal, func(ctx context.Context) (appeal.Seen, error) {
			return do(ctx, access.From(ctx), string(in.ID), read(in.Body))
		})
	}
}

// sayBody is the body of acts that need no more than words, or not even those.
type sayBody struct {
	Version int    `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	Text    string `json:"text,omitempty" maxLength:"16000"`
}

func said(b *sayBody) appeal.Saying {
	b = orZero(b)
	return appeal.Saying{Version: b.Version, Text: b.Text}
}

// voiceBody is what the petitioner says, or his helper for him.
type voiceBody struct {
	Version  int    `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	Text     string `json:"text,omitempty" maxLength:"16000"`
	OnBehalf ID     `json:"on_behalf_of_resident_id,omitempty" doc:"您替哪位亲友办；本人办不填"`
}

func voiced(b *voiceBody) appeal.Saying {
	b = orZero(b)
	return appeal.Saying{Version: b.Version, Text: b.Text, OnBehalf: string(b.OnBehalf)}
}

// orZero is an optional body; one that was not sent says nothing.
func orZero[T any](b *T) *T {
	if b == nil {
		return new(T)
	}
	return b
}

func resumed(b *sayBody) appeal.Resumption     { return appeal.Resumption(*orZero(b)) }
func answered(b *sayBody) appeal.InstantAnswer { return appeal.InstantAnswer(*orZero(b)) }

// seenBody is the body of acts that take nothing but the version.
type seenBody struct {
	Version int `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
}

func acknowledged(b *seenBody) appeal.Acknowledgement { return appeal.Acknowledgement(*orZero(b)) }
func followed(b *seenBody) appeal.FollowUpStart       { return appeal.FollowUpStart(*orZero(b)) }

type acceptBody struct {
	Version int            `json:"version,omitempty" minimum:"0"`
	Urgency appeal.Urgency `json:"urgency,omitempty" enum:"normal,urgent,critical" doc:"派单员认定的紧急程度；不写照旧"`
	Note    string         `json:"note,omitempty" maxLength:"16000" doc:"给同事看的"`
}

func accepted(b *acceptBody) appeal.Acceptance { return appeal.Acceptance(*orZero(b)) }

type divertBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Channel string `json:"channel" maxLength:"40" doc:"该走的渠道"`
	Text    string `json:"text" maxLength:"16000" doc:"告诉群众怎么走"`
}

func diverted(b divertBody) appeal.Diversion { return appeal.Diversion(b) }

type declineBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Reason  string `json:"reason" maxLength:"40" doc:"不予受理的原因代码"`
	Text    string `json:"text" maxLength:"16000" doc:"告诉群众的话"`
}

func declined(b declineBody) appeal.Refusal { return appeal.Refusal(b) }

type mergeBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Master  ID     `json:"master" doc:"并入哪件"`
	Note    string `json:"note,omitempty" maxLength:"16000"`
}

func merged(b mergeBody) appeal.Merger {
	return appeal.Merger{Version: b.Version, Master: string(b.Master), Note: b.Note}
}

type orderBody struct {
	Version       int    `json:"version,omitempty" minimum:"0"`
	Office        ID     `json:"office" doc:"主办单位"`
	CoOffices     []ID   `json:"co_offices,omitempty" maxItems:"5" doc:"协办单位"`
	VillageAffair bool   `json:"village_affair,omitempty" doc:"是村内事务，可以由村里主办"`
	Note          string `json:"note,omitempty" maxLength:"16000" doc:"给承办单位看的"`
}

func ordered(b orderBody) appeal.Order {
	return appeal.Order{Version: b.Version, Office: string(b.Office), CoOffices: texts(b.CoOffices), VillageAffair: b.VillageAffair, Note: b.Note}
}

type askSendBackBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Reason  string `json:"reason" maxLength:"40" doc:"退单的原因代码"`
	Text    string `json:"text" maxLength:"16000"`
}

func asked(b askSendBackBody) appeal.SendBackRequest { return appeal.SendBackRequest(b) }

type decideSendBackBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Office  ID     `json:"office,omitempty" doc:"县督办员裁定由谁承办"`
	Text    string `json:"text,omitempty" maxLength:"16000"`
}

func decided(b *decideSendBackBody) appeal.SendBackDecision {
	b = orZero(b)
	return appeal.SendBackDecision{Version: b.Version, Office: string(b.Office), Text: b.Text}
}

type contactBody struct {
	Version int        `json:"version,omitempty" minimum:"0"`
	How     string     `json:"how" maxLength:"40" doc:"怎么联系上的"`
	At      *time.Time `json:"at,omitempty" doc:"什么时候；不写就是现在"`
	Note    string     `json:"note,omitempty" maxLength:"16000"`
}

func contacted(b contactBody) appeal.FirstContact { return appeal.FirstContact(b) }

type extendBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Days    int    `json:"days" minimum:"1" maximum:"60" doc:"延几个工作日"`
	Text    string `json:"text" maxLength:"16000" doc:"告诉群众为什么"`
}

func extended(b extendBody) appeal.Extension { return appeal.Extension(b) }

type shelveBody struct {
	Version  int        `json:"version,omitempty" minimum:"0"`
	ReviewOn clock.Date `json:"review_on" doc:"哪天再看"`
	Text     string     `json:"text" maxLength:"16000" doc:"原因和打算，群众看得到"`
}

func shelved(b shelveBody) appeal.Shelving { return appeal.Shelving(b) }

type replyBody struct {
	Version     int    `json:"version,omitempty" minimum:"0"`
	Text        string `json:"text" maxLength:"16000" doc:"给群众的答复"`
	Evidence    string `json:"evidence,omitempty" maxLength:"16000" doc:"做了什么；不写就要附照片"`
	Attachments []ID   `json:"attachments,omitempty" maxItems:"6"`
}

func replied(b replyBody) appeal.Response {
	return appeal.Response{Version: b.Version, Text: b.Text, Evidence: b.Evidence, Attachments: texts(b.Attachments)}
}

type attemptBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Result  string `json:"result" maxLength:"40" doc:"回访电话打得怎么样"`
	Note    string `json:"note,omitempty" maxLength:"16000"`
}

func attempted(b attemptBody) appeal.Try { return appeal.Try(b) }

type concludeBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Solved  *bool  `json:"solved,omitempty" doc:"群众说解决了没有"`
	Text    string `json:"text,omitempty" maxLength:"16000"`
}

func concluded(b concludeBody) appeal.Conclusion { return appeal.Conclusion(b) }

type redoBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Office  ID     `json:"office,omitempty" doc:"哪个单位没办好；不写就是主办单位"`
	Text    string `json:"text" maxLength:"16000" doc:"哪里没办好"`
}

func redone(b redoBody) appeal.Redoing {
	return appeal.Redoing{Version: b.Version, Office: string(b.Office), Text: b.Text}
}

type superviseBody struct {
	Version int        `json:"version,omitempty" minimum:"0"`
	DueOn   clock.Date `json:"due_on" doc:"督办期限"`
	Text    string     `json:"text" maxLength:"16000"`
}

func supervised(b superviseBody) appeal.Supervision { return appeal.Supervision(b) }

type supplementBody struct {
	Version     int    `json:"version,omitempty" minimum:"0"`
	Text        string `json:"text" maxLength:"16000"`
	Attachments []ID   `json:"attachments,omitempty" maxItems:"6"`
	OnBehalf    ID     `json:"on_behalf_of_resident_id,omitempty" doc:"您替哪位亲友办；本人办不填"`
}

func supplemented(b supplementBody) appeal.Addition {
	return appeal.Addition{Version: b.Version, Text: b.Text, Attachments: texts(b.Attachments), OnBehalf: string(b.OnBehalf)}
}
