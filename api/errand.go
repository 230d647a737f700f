package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/errand"
	"tongban/internal/flow"
)

// ErrandView is an errand as its reader may know it. Names of agent and principal are masked; what is typed on the entrustment
// is shown to its parties; to a supervisor names by their masks, and no photos.
type ErrandView struct {
	ID         string       `json:"id" format:"uuid"`
	Number     string       `json:"number" doc:"代办编号"`
	Status     flow.State   `json:"status"`
	StatusText string       `json:"status_text"`
	Version    int          `json:"version"`
	CaseID     string       `json:"case_id" format:"uuid"`
	CaseNumber string       `json:"case_number" doc:"办件编号；报送以后才有，列表里不查"`
	ItemID     string       `json:"item_id" format:"uuid"`
	ItemName   string       `json:"item_name"`
	Village    access.Area  `json:"village"`
	FiledBy    *filerView   `json:"filed_by,omitempty" doc:"受托的村办事员"`
	Deputy     *filerView   `json:"deputy,omitempty" doc:"委托书写明的替岗人：受托人请他替班的日子由他办"`
	FiledFor   *filerView   `json:"filed_for,omitempty" doc:"委托人，即申请人"`
	Powers     []string     `json:"powers" doc:"代理权限"`
	ValidFrom  clock.Date   `json:"valid_from"`
	ValidUntil clock.Date   `json:"valid_until" doc:"最后一天"`
	CreatedAt  time.Time    `json:"created_at" doc:"委托"`
	FiledAt    *time.Time   `json:"filed_at,omitempty" doc:"报送"`
	ResultAt   *time.Time   `json:"result_at,omitempty" doc:"取得结果"`
	HandedAt   *time.Time   `json:"handed_at,omitempty" doc:"送达签收"`
	UpdatedAt  time.Time    `json:"updated_at"`
	Offers     []flow.Offer `json:"offers" doc:"您现在能办的"`

	OriginalsHeld bool `json:"originals_held" doc:"还有收来的原件没有退还"`

	Scope            string                `json:"scope" doc:"委托办什么事；从这里起列表里都为空"`
	Relation         string                `json:"relation" doc:"签委托书的人与申请人的关系"`
	Entruster        string                `json:"entruster" doc:"替申请人签的人；监督人员看到的姓名都不是全名"`
	Method           string                `json:"method" doc:"签字或按手印"`
	SignatureSHA256  string                `json:"signature_sha256" doc:"签了字的委托书照片的校验值"`
	Witnesses        []string              `json:"witnesses" doc:"按手印的见证人"`
	IdentityHow      string                `json:"identity_how" doc:"怎么核验身份的；没有核验为空"`
	IdentityDocument string                `json:"identity_document" doc:"核验用的证件；不存号码"`
	IdentityAt       *time.Time            `json:"identity_at,omitempty"`
	ReceiverRelation string                `json:"receiver_relation" doc:"由谁签收结果"`
	Receiver         string                `json:"receiver" doc:"签收人；本人为空"`
	Receipt          string                `json:"receipt" doc:"签收凭据"`
	Refusal          string                `json:"refusal" doc:"没有签收、当面留下的：为什么；签收了为空"`
	RefusalWitnesses []string              `json:"refusal_witnesses" doc:"留下时的见证人"`
	Fee              string                `json:"fee" doc:"有没有交规定的费用、票据给了没有；没有写为空"`
	FollowUp         string                `json:"follow_up" doc:"最近一次回访的结果；没有回访为空"`
	FollowedUpAt     *time.Time            `json:"followed_up_at,omitempty" doc:"最近一次回访"`
	Papers           []errandPaperView     `json:"papers" doc:"收和退的材料"`
	History          []errandHappeningView `json:"history"`
}

func (v ErrandView) location() string { return "/errands/" + v.ID }

type errandPaperView struct {
	ID        string     `json:"id" format:"uuid"`
	Returns   string     `json:"returns" doc:"退的是哪一笔；收进来的为空"`
	Name      string     `json:"name"`
	Form      string     `json:"form" enum:"original,copy"`
	Count     int        `json:"count"`
	Signer    string     `json:"signer" doc:"谁签的"`
	Signature string     `json:"signature" enum:"signed,fingerprint"`
	At        time.Time  `json:"at"`
	DoneAt    *time.Time `json:"done_at,omitempty" doc:"后来补报的：办的人说是什么时候收退的"`
}

type errandHappeningView struct {
	At     time.Time   `json:"at"`
	DoneAt *time.Time  `json:"done_at,omitempty" doc:"后来补报的，或上门：办的人说是什么时候办的。期限照 at 算"`
	Act    flow.Act    `json:"act"`
	Text   string      `json:"text"`
	From   flow.State  `json:"from"`
	To     flow.State  `json:"to"`
	Role   access.Role `json:"role"`
	Actor  string      `json:"actor" doc:"工作人员可见"`
	For    string      `json:"for" doc:"替哪位同事办的（AB岗），工作人员可见"`
	Stead  bool        `json:"stead" doc:"不是受托人自己，是替岗人替他办的"`
	Words  string      `json:"words" doc:"当时写的话"`
	Code   string      `json:"code" doc:"原因代码"`
	Files  []fileView  `json:"files"`
}

func viewErrand(e errand.Seen) ErrandView {
	return ErrandView{
		ID: e.ID, Number: e.Number, Status: e.Status, StatusText: e.StatusText, Version: e.Version, CaseID: e.Case, CaseNumber: e.CaseNumber,
		ItemID: e.Item, ItemName: e.ItemName, Village: e.Village, FiledBy: viewFiler(e.FiledBy), Deputy: viewFiler(e.Deputy), FiledFor: viewFiler(e.FiledFor), Powers: e.Powers,
		ValidFrom: e.ValidFrom, ValidUntil: e.ValidUntil, CreatedAt: e.CreatedAt, FiledAt: e.FiledAt, ResultAt: e.ResultAt, HandedAt: e.HandedAt,
		UpdatedAt: e.UpdatedAt, Offers: e.Offers, OriginalsHeld: e.OriginalsHeld, Scope: e.Scope, Relation: e.Relation, Entruster: e.Entruster, Method: e.Method,
		SignatureSHA256: e.SignatureSHA256, Witnesses: e.Witnesses, IdentityHow: e.IdentityHow, IdentityDocument: e.IdentityDocument,
		IdentityAt: e.IdentityAt, ReceiverRelation: e.ReceiverRelation, Receiver: e.Receiver, Receipt: e.Receipt,
		Refusal: e.Refusal, RefusalWitnesses: e.RefusalWitnesses, Fee: e.Fee, FollowUp: e.FollowUp, FollowedUpAt: e.FollowedUpAt,
		Papers: views(e.Papers, func(p errand.Paper) errandPaperView { return errandPaperView(p) }),
		History: views(e.History, func(h errand.Happening) errandHappeningView {
			return errandHappeningView{h.At, h.DoneAt, h.Act, h.Text, h.From, h.To, h.Role, h.Actor, h.For, h.Stead, h.Words, h.Code, viewFiles(h.Files)}
		}),
	}
}

type entrustIn struct {
	Body struct {
		Case        ID         `json:"case" doc:"村办事员起草的办件"`
		Scope       string     `json:"scope" maxLength:"16000" doc:"委托办什么事"`
		Powers      []string   `json:"powers" maxItems:"10" doc:"代理权限"`
		From        clock.Date `json:"valid_from,omitzero" doc:"不写就是委托当天"`
		Until       clock.Date `json:"valid_until" doc:"最后一天"`
		Deputy      ID         `json:"deputy,omitempty" doc:"替岗人：委托书里写明的本村另一位村办事员，受托人请他替班时由他办；见 /deputies/colleagues"`
		Relation    string     `json:"relation,omitempty" maxLength:"40" doc:"谁签的；不写就是申请人本人"`
		Entruster   string     `json:"entruster,omitempty" maxLength:"320" doc:"替申请人签的人的姓名；本人不用写"`
		Guardian    ID         `json:"guardian,omitempty" doc:"不满十四周岁的：哪位登记过的监护人委托的"`
		Method      string     `json:"method" maxLength:"40" doc:"签字或按手印"`
		Witnesses   []string   `json:"witnesses,omitempty" maxItems:"2" doc:"按手印的两名见证人的姓名"`
		Attachments []ID       `json:"attachments,omitempty" maxItems:"6" doc:"签了字的委托书的照片"`
	}
}

func entrustment(in *entrustIn) errand.Entrustment {
	b := in.Body
	return errand.Entrustment{
		Case: string(b.Case), Scope: b.Scope, Powers: b.Powers, From: b.From, Until: b.Until, Deputy: string(b.Deputy), Relation: b.Relation, Entruster: b.Entruster,
		Guardian: string(b.Guardian),
		Method:   b.Method, Witnesses: b.Witnesses, Attachments: texts(b.Attachments),
	}
}

func (s *Server) entrustErrand(ctx context.Context, in *entrustIn) (*made[ErrandView], error) {
	return created(ctx, viewErrand, func(ctx context.Context) (errand.Seen, error) {
		return s.Errands.Entrust(ctx, access.From(ctx), entrustment(in))
	})
}

type errandsIn struct {
	Paging
	Status []flow.State `query:"status" maxItems:"20" doc:"几个状态用逗号隔开"`
	Case   ID           `query:"case" doc:"哪件办件的"`
	Mine   bool         `query:"mine" doc:"村办事员：委托给我的"`
	Queue  string       `query:"queue" enum:"to_collect,to_file,to_hand_over,to_return,paused,mine,office,due_today,red" doc:"工作列表：等材料、待报送、待送达签收、待退还原件、已中止、委托给我的、本村在办的、委托今天到期、委托已经过期；各角色有哪些见 /errands/queues"`
}

func (s *Server) listErrands(ctx context.Context, in *errandsIn) (*reply[list[ErrandView]], error) {
	find := func(after string, limit int) ([]errand.Seen, error) {
		return s.Errands.List(ctx, access.From(ctx), errand.Filter{Status: in.Status, Case: string(in.Case), Mine: in.Mine, Queue: in.Queue, After: after, Limit: limit})
	}
	return paged(ctx, s, in.Paging, find, func(e errand.Seen) string { return e.ID }, viewErrand)
}

func (s *Server) listErrandQueues(ctx context.Context, _ *struct{}) (*reply[queuesOut], error) {
	list, err := s.Errands.Queues(ctx, access.From(ctx))
	if err != nil {
		return nil, err
	}
	return show(viewQueues(list)), nil
}

type errandIn struct {
	ID ID `path:"id"`
}

func (s *Server) readErrand(ctx context.Context, in *errandIn) (*reply[ErrandView], error) {
	e, err := s.Errands.Get(ctx, access.From(ctx), string(in.ID))
	if err != nil {
		return nil, err
	}
	return show(viewErrand(e)), nil
}

// errandWordsView are the codes that acts on errands ask for, with their Chinese text.
type errandWordsView struct {
	Relations    []wordView `json:"relations" doc:"委托 relation"`
	Powers       []wordView `json:"powers" doc:"委托 powers"`
	Methods      []wordView `json:"methods" doc:"委托 method"`
	IdentityWays []wordView `json:"identity_ways" doc:"核验身份 how"`
	Documents    []wordView `json:"documents" doc:"核验身份 document"`
	Forms        []wordView `json:"forms" doc:"收材料 form"`
	Signatures   []wordView `json:"signatures" doc:"收退材料 signature"`
	StopReasons  []wordView `json:"terminate_reasons" doc:"终止 reason"`
	Receivers    []wordView `json:"receivers" doc:"送达签收 relation"`
	Fees         []wordView `json:"fees" doc:"送达签收 fee"`
	FollowUps    []wordView `json:"follow_up_results" doc:"回访 result"`
}

func (s *Server) listErrandWords(context.Context, *struct{}) (*reply[errandWordsView], error) {
	words := func(list []errand.Word) []wordView {
		return views(list, func(w errand.Word) wordView { return wordView(w) })
	}
	return show(errandWordsView{
		words(errand.Relations), words(errand.Powers), words(errand.Methods), words(errand.IdentityWays), words(errand.Documents),
		words(errand.Forms), words(errand.Signatures), words(errand.StopReasons),
		views(casework.Relations, func(w casework.Word) wordView { return wordView(w) }),
		words(errand.Fees), words(errand.FollowUpResults),
	}), nil
}

// onErrand makes the handler of an act on an errand from the desk's method, as onCase does.
func onErrand[B, T any](do func(context.Context, access.Actor, string, T) (errand.Seen, error), read func(B) T) func(context.Context, *actIn[B]) (*reply[ErrandView], error) {
	return func(ctx context.Context, in *actIn[B]) (*reply[ErrandView], error) {
		return answer(ctx, viewErrand, func(ctx context.Context) (errand.Seen, error) {
			return do(ctx, access.From(ctx), string(in.ID), read(in.Body))
		})
	}
}

func plainErrand(b *seenBody) errand.Plain { return errand.Plain(*orZero(b)) }

func saidErrand(b *sayBody) errand.Said { return errand.Said(*orZero(b)) }

type identityBody struct {
	Version  int    `json:"version,omitempty" minimum:"0"`
	How      string `json:"how" maxLength:"40" doc:"怎么核验的"`
	Document string `json:"document" maxLength:"40" doc:"看的什么证件；不要写号码"`
}

func identified(b identityBody) errand.Identity { return errand.Identity(b) }

type takePapersBody struct {
	Version   int    `json:"version,omitempty" minimum:"0"`
	Name      string `json:"name" maxLength:"800" doc:"什么材料"`
	Form      string `json:"form" maxLength:"40" doc:"原件或复印件"`
	Count     int    `json:"count" doc:"几份"`
	Signer    string `json:"signer" maxLength:"320" doc:"交材料的人，由他签"`
	Signature string `json:"signature" maxLength:"40" doc:"签字或按手印"`
	Photos    []ID   `json:"attachments,omitempty" maxItems:"6"`
}

func papersTaken(b takePapersBody) errand.Papers {
	return errand.Papers{Version: b.Version, Name: b.Name, Form: b.Form, Count: b.Count, Signer: b.Signer, Signature: b.Signature, Photos: texts(b.Photos)}
}

type returnPapersBody struct {
	Version   int    `json:"version,omitempty" minimum:"0"`
	Paper     ID     `json:"paper" doc:"退的是哪一笔"`
	Count     int    `json:"count" doc:"几份"`
	Signer    string `json:"signer" maxLength:"320" doc:"收回材料的人，由他签"`
	Signature string `json:"signature" maxLength:"40" doc:"签字或按手印"`
	Photos    []ID   `json:"attachments,omitempty" maxItems:"6"`
}

func papersReturned(b returnPapersBody) errand.Return {
	return errand.Return{Version: b.Version, Paper: string(b.Paper), Count: b.Count, Signer: b.Signer, Signature: b.Signature, Photos: texts(b.Photos)}
}

type visitBody struct {
	Version     int        `json:"version,omitempty" minimum:"0"`
	At          *time.Time `json:"at,omitempty" doc:"不写就是现在"`
	Text        string     `json:"text" maxLength:"16000" doc:"上门做了什么"`
	Attachments []ID       `json:"attachments,omitempty" maxItems:"6"`
}

func visited(b visitBody) errand.Visit {
	return errand.Visit{Version: b.Version, At: b.At, Text: b.Text, Attachments: texts(b.Attachments)}
}

type fileErrandBody struct {
	Version int         `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	Papers  []paperBody `json:"papers,omitempty" maxItems:"60" doc:"办件里先前没有登记的材料"`
}

// filedView also tells the case's query code, this once.
type filedView struct {
	ErrandView
	QueryCode string `json:"query_code" doc:"办件的查询码，只告诉这一次，请记下来"`
}

func viewFiled(f errand.Filed) filedView { return filedView{viewErrand(f.Errand), f.QueryCode} }

func errandFiled(b *fileErrandBody) errand.Filing {
	b = orZero(b)
	return errand.Filing{Version: b.Version, Papers: papersOf(b.Papers)}
}

func (s *Server) fileErrand(ctx context.Context, in *actIn[*fileErrandBody]) (*reply[filedView], error) {
	return answer(ctx, viewFiled, func(ctx context.Context) (errand.Filed, error) {
		return s.Errands.File(ctx, access.From(ctx), string(in.ID), errandFiled(in.Body))
	})
}

type handOverBody struct {
	Version     int        `json:"version,omitempty" minimum:"0"`
	Relation    string     `json:"relation" maxLength:"40" doc:"由谁签收"`
	Receiver    string     `json:"receiver,omitempty" maxLength:"320" doc:"签收人姓名；本人签收不用写"`
	At          *time.Time `json:"at,omitempty" doc:"不写就是现在"`
	Proof       string     `json:"proof,omitempty" maxLength:"4000" doc:"凭据，如签字；或附照片"`
	Attachments []ID       `json:"attachments,omitempty" maxItems:"6"`

	Refusal *refusalBody `json:"refusal,omitempty" doc:"对方不肯签收、结果当面留下的才写；写了就不用凭据"`
	Fee     string       `json:"fee,omitempty" maxLength:"40" doc:"委托人有没有交规定的费用，票据给了没有"`
}

type refusalBody struct {
	Reason    string   `json:"reason" maxLength:"4000" doc:"为什么不肯签收"`
	Witnesses []string `json:"witnesses" maxItems:"2" doc:"两名见证人的姓名"`
}

func broughtHome(b handOverBody) errand.Handing {
	return errand.Handing{
		Version: b.Version, Relation: b.Relation, Receiver: b.Receiver, At: b.At, Proof: b.Proof, Attachments: texts(b.Attachments),
		Refusal: (*errand.Refusal)(b.Refusal), Fee: b.Fee,
	}
}

type followUpBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Result  string `json:"result" maxLength:"40" doc:"联系上没有，满意不满意"`
	Text    string `json:"text,omitempty" maxLength:"16000" doc:"他说了什么；不满意的要写"`
}

func calledAfter(b followUpBody) errand.FollowUp { return errand.FollowUp(b) }

type stopErrandBody struct {
	Version int    `json:"version,omitempty" minimum:"0"`
	Reason  string `json:"reason" maxLength:"40" doc:"原因代码"`
	Text    string `json:"text" maxLength:"16000" doc:"告诉委托人的话"`
}

func stoppedErrand(b stopErrandBody) errand.Stopping { return errand.Stopping(b) }
