package api

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/clock"
)

// onCase makes the handler of an act on a case from the desk's method; read turns the body into the desk's own input. The
// version in a body is what the client saw: when the case was moved since, the act is refused and the answer tells how it stands.
func onCase[B, T any](do func(context.Context, access.Actor, string, T) (casework.Seen, error), read func(B) T) func(context.Context, *actIn[B]) (*reply[CaseView], error) {
	return func(ctx context.Context, in *actIn[B]) (*reply[CaseView], error) {
		return answer(ctx, viewCase, func(ctx context.Context) (casework.Seen, error) {
			return do(ctx, access.From(ctx), string(in.ID), read(in.Body))
		})
	}
}

type editCaseBody struct {
	Version  int         `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	Answers  answersIn   `json:"answers,omitempty" doc:"不写就不变"`
	Papers   []paperBody `json:"papers,omitempty" maxItems:"60" doc:"有变化的材料"`
	OnBehalf ID          `json:"on_behalf_of_resident_id,omitempty" doc:"您替哪位亲友办；本人办不填"`
}

// editCaseIn: the version that the client saw stands in the body, or in a header as HTTP has it (RFC 9110, 13.1.1).
type editCaseIn struct {
	ID   ID     `path:"id"`
	Seen string `header:"If-Match" pattern:"^\"[1-9][0-9]{0,8}\"$" patternDescription:"带引号的版本号" doc:"您看到的版本，如 \"3\"；正文里写了 version 就不用"`
	Body editCaseBody
}

func (s *Server) editCase(ctx context.Context, in *editCaseIn) (*reply[CaseView], error) {
	if seen, err := strconv.Atoi(strings.Trim(in.Seen, `"`)); err == nil {
		in.Body.Version = cmp.Or(in.Body.Version, seen)
	}
	return onCase(s.Cases.Edit, edited)(ctx, &actIn[editCaseBody]{in.ID, in.Body})
}

func edited(b editCaseBody) casework.Editing {
	in := casework.Editing{Version: b.Version, Papers: papersOf(b.Papers), OnBehalf: string(b.OnBehalf)}
	if b.Answers != nil {
		in.Answers = b.Answers.chosen()
	}
	return in
}

// sideBody is the body of acts of the applicant's side that say nothing.
type sideBody struct {
	Version  int `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	OnBehalf ID  `json:"on_behalf_of_resident_id,omitempty" doc:"您替哪位亲友办；本人办不填"`
}

func discarded(b *sideBody) casework.Discarding {
	b = orZero(b)
	return casework.Discarding{Version: b.Version, OnBehalf: string(b.OnBehalf)}
}

func plain(b *seenBody) casework.Plain { return casework.Plain(*orZero(b)) }

type noteBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Note    string `json:"note,omitempty" maxLength:"16000" doc:"给同事看的"`
}

func taken(b *noteBody) casework.Acceptance { return casework.Acceptance(*orZero(b)) }

type defectBody struct {
	Material string `json:"material" maxLength:"64" doc:"哪份材料"`
	Reason   string `json:"reason" maxLength:"40" doc:"原因代码"`
	Text     string `json:"text" maxLength:"4000" doc:"一句话说清怎么补"`
}

type askCorrectionBody struct {
	Version int          `json:"version,omitempty" minimum:"0"`
	Defects []defectBody `json:"defects" maxItems:"50" doc:"所有问题，一次列全"`
}

func corrected(b askCorrectionBody) casework.CorrectionRequest {
	return casework.CorrectionRequest{Version: b.Version, Defects: views(b.Defects, func(d defectBody) casework.Defect { return casework.Defect(d) })}
}

type remedyBody struct {
	Defect ID     `json:"defect" doc:"补正告知书里的哪一条"`
	Text   string `json:"text" maxLength:"4000" doc:"怎么回事"`
}

type correctBody struct {
	Version  int          `json:"version,omitempty" minimum:"0"`
	Papers   []paperBody  `json:"papers,omitempty" maxItems:"60" doc:"补来的材料"`
	Remedies []remedyBody `json:"remedies,omitempty" maxItems:"50" doc:"没有新材料、只用话说明的"`
	OnBehalf ID           `json:"on_behalf_of_resident_id,omitempty" doc:"您替哪位亲友办；本人办不填"`
}

func remedied(b correctBody) casework.Correction {
	return casework.Correction{
		Version: b.Version, Papers: papersOf(b.Papers), OnBehalf: string(b.OnBehalf),
		Remedies: views(b.Remedies, func(r remedyBody) casework.Remedy { return casework.Remedy{Defect: string(r.Defect), Text: r.Text} }),
	}
}

type supplementPapersBody struct {
	Version  int         `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	Papers   []paperBody `json:"papers" maxItems:"60" doc:"补交来的材料，只能是容缺后补的"`
	OnBehalf ID          `json:"on_behalf_of_resident_id,omitempty" doc:"您替哪位亲友办；本人办不填"`
}

func papersSupplemented(b supplementPapersBody) casework.Supplement {
	return casework.Supplement{Version: b.Version, Papers: papersOf(b.Papers), OnBehalf: string(b.OnBehalf)}
}

type permitBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Text    string `json:"text" maxLength:"16000" doc:"为什么同意再次补正"`
}

func permitted(b permitBody) casework.Permission { return casework.Permission(b) }

type reasonBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Reason  string `json:"reason" maxLength:"40" doc:"原因代码"`
	Text    string `json:"text" maxLength:"16000" doc:"告诉申请人的话；不予受理要写明该去哪里"`
}

func reasoned(b reasonBody) casework.Reasoned { return casework.Reasoned(b) }

type suspendBody struct {
	Version   int        `json:"version,omitempty" minimum:"0"`
	Procedure string     `json:"procedure" maxLength:"40" doc:"哪种特别程序"`
	UntilOn   clock.Date `json:"until_on" doc:"预计到哪一天"`
	Text      string     `json:"text" maxLength:"16000" doc:"告诉申请人的话"`
}

func suspended(b suspendBody) casework.Suspension { return casework.Suspension(b) }

func goneOn(b *sayBody) casework.Resumption { return casework.Resumption(*orZero(b)) }

type grantBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Text    string `json:"text,omitempty" maxLength:"16000"`
	Waived  string `json:"deferred_waived,omitempty" maxLength:"16000" doc:"容缺后补的材料还没有补交也准予的，写明为什么不用补了；给同事看的"`
}

func granted(b *grantBody) casework.Granting { return casework.Granting(*orZero(b)) }

type extendCaseBody struct {
	Version  int    `json:"version,omitempty" minimum:"0"`
	Days     int    `json:"days" doc:"工作日；事项另有规定的按事项的单位"`
	Approver string `json:"approver" maxLength:"320" doc:"批准延长的本机关负责人"`
	Text     string `json:"text" maxLength:"16000" doc:"告诉申请人为什么延长"`
}

func lengthened(b extendCaseBody) casework.Extension { return casework.Extension(b) }

type denyBody struct {
	Version  int    `json:"version,omitempty" minimum:"0"`
	Reason   string `json:"reason" maxLength:"40" doc:"原因代码"`
	Text     string `json:"text" maxLength:"16000" doc:"理由"`
	Remedies string `json:"remedies,omitempty" maxLength:"16000" doc:"不服怎么办；不写就是通常的复议和诉讼"`
}

func denied(b denyBody) casework.Denial { return casework.Denial(b) }

func takenBack(b *voiceBody) casework.Saying {
	b = orZero(b)
	return casework.Saying{Version: b.Version, Text: b.Text, OnBehalf: string(b.OnBehalf)}
}

type countyNumberBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Number  string `json:"number,omitempty" maxLength:"64" doc:"县级平台上的办件编号"`
	Because string `json:"because,omitempty" maxLength:"16000" doc:"办件已经结束、不用再报送时：不填编号，写明为什么"`
}

func numbered(b countyNumberBody) casework.CountyNumber { return casework.CountyNumber(b) }

type deliverBody struct {
	Version     int        `json:"version,omitempty" minimum:"0"`
	Method      string     `json:"method" maxLength:"40" doc:"怎么送达的"`
	Relation    string     `json:"relation" maxLength:"40" doc:"由谁签收"`
	Receiver    string     `json:"receiver,omitempty" maxLength:"320" doc:"签收人姓名；本人签收不用写"`
	At          *time.Time `json:"at,omitempty" doc:"不写就是现在"`
	Proof       string     `json:"proof,omitempty" maxLength:"4000" doc:"凭据，如签字、邮件号；或附照片"`
	Attachments []ID       `json:"attachments,omitempty" maxItems:"6"`
}

func handedOver(b deliverBody) casework.Delivery {
	return casework.Delivery{
		Version: b.Version, Method: b.Method, Relation: b.Relation, Receiver: b.Receiver, At: b.At, Proof: b.Proof, Attachments: texts(b.Attachments),
	}
}
