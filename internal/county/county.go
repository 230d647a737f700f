// Package county connects to the county's own platform (县级平台): the port by which a case is handed over and its news
// come back, an adapter that speaks HTTP, the inbox of the county's callbacks, and the comparison of both sides.
//
// It knows no case of ours, only these plain types. The desk of cases hands over what it wants told, and registers what is to be
// done with news. docs/county.md is the contract for whoever connects a real platform.
package county

import (
	"context"
	"time"
)

// Platform is the county's system as the desk of cases knows it. Calls that change something carry a key, the id of the outbox
// letter: the same key again, with the same content, is the same act with the same answer, and never a second one.
//
// An error is ErrAgain (worth sending again later), ErrNoCase, or ErrHuman (a person must look): see Try.
type Platform interface {
	// Submit (提交) hands a new case over with its papers.
	Submit(ctx context.Context, key string, s Submission) (Standing, error)
	// Correct (补正) answers what the county found missing.
	Correct(ctx context.Context, key string, c Correction) (Standing, error)
	// Withdraw (撤回) takes a case back that is not decided.
	Withdraw(ctx context.Context, key string, w Withdrawal) (Standing, error)
	// Standing (查询) asks how a case stands, by our number.
	Standing(ctx context.Context, ref string) (Standing, error)
	// Changed (增量) lists the cases that changed at since or later, oldest change first; after is the Next of the page before.
	Changed(ctx context.Context, since time.Time, after string) (Changes, error)
}

// State is how a case stands, in the words of the case's flow.
type State string

// The states that both sides know.
const (
	Submitted   State = "submitted"
	Received    State = "received"
	Correcting  State = "correcting"
	Accepted    State = "accepted"
	Reviewing   State = "reviewing"
	Suspended   State = "suspended"
	Granted     State = "granted"
	Denied      State = "denied"
	Refused     State = "refused"
	NotRequired State = "not_required"
	Terminated  State = "terminated"
	Lapsed      State = "lapsed"
	Withdrawn   State = "withdrawn"
	Delivered   State = "delivered"
)

// States lists them all.
func States() []State {
	return []State{Submitted, Received, Correcting, Accepted, Reviewing, Suspended, Granted, Denied, Refused, NotRequired, Terminated, Lapsed, Withdrawn, Delivered}
}

// Act is what the county did, in the words of the case's flow: the acts of the actor county.
type Act string

// The acts of the county.
const (
	Receive       Act = "receive"        // 收件
	Accept        Act = "accept"         // 受理
	AskCorrection Act = "ask_correction" // 补正告知
	Refuse        Act = "refuse"         // 不予受理
	Dismiss       Act = "dismiss"        // 不受理
	Review        Act = "review"         // 审查
	Suspend       Act = "suspend"        // 特别程序开始
	Resume        Act = "resume"         // 特别程序结束
	Extend        Act = "extend"         // 延长
	Grant         Act = "grant"          // 准予
	Deny          Act = "deny"           // 不予
	Terminate     Act = "terminate"      // 终止
	Lapse         Act = "lapse"          // 逾期未补正
	Deliver       Act = "deliver"        // 送达
)

// Acts lists them all.
func Acts() []Act {
	return []Act{Receive, Accept, AskCorrection, Refuse, Dismiss, Review, Suspend, Resume, Extend, Grant, Deny, Terminate, Lapse, Deliver}
}

// Submission is a case that is handed over.
type Submission struct {
	Ref       string // our public number, such as BJ…: what both sides call the case
	Item      Item
	CaseType  string // instant, committed, other
	Channel   string // window, computer, phone, post, other: how it was applied for (办理形式)
	Summary   string // what it is about, without personal data
	Applicant Party
	Agent     Party  // who applies for him; zero when nobody does
	Area      string // code of the village
	Office    string // who hands it in, such as 杏林村便民服务站
	AppliedAt time.Time
	Papers    []Paper
}

// Item is the service item, by the codes that the national tables use (GB/T 39046). Their lengths differ from place to place and are not checked.
type Item struct {
	CatalogCode    string // 基本编码
	TaskCode       string // 实施编码
	HandleItemCode string // 业务办理项编码
	Name           string
	Version        int
}

// Party is a person as the county must know him. Whoever fills it in has revealed the values with a reason before.
type Party struct {
	Kind     string // person, company, institution, society, government, other (服务对象)
	Name     Private
	IDType   string // id_card, other
	IDNumber Private
	Phone    Private
}

// Paper is one paper of a case. The county fetches no file from us: the digest proves later which one was meant.
type Paper struct {
	ID     string // ours
	Name   string // of the material, such as 居民身份证
	Form   string // paper, electronic: how it was taken
	Copies int
	File   string // name of the file
	SHA256 string // of the file, hex
	Defect string // in a correction: the defect that it answers
}

// Correction answers a request for correction.
type Correction struct {
	Ref, Number string
	At          time.Time
	Papers      []Paper
	Answers     []Answer
}

// Answer is what is said to one defect, in words.
type Answer struct{ Defect, Text string }

// Withdrawal takes a case back.
type Withdrawal struct {
	Ref, Number string
	At          time.Time
	Reason      string // in words, without personal data
}

// Standing is how a case stands at the county.
type Standing struct {
	Ref    string // our number
	Number string // the county's own (办件编号)
	State  State  // empty when the county's word is not in the mapping
	Raw    string // the county's own word for it
	Seq    int    // the county's count of what happened to the case; 0 when it does not count
	At     time.Time
	Untold State // of ours: how the county may have it still, for what followed here is told to nobody; empty for none
}

// Changes is one page of cases that changed. Next asks for the next page and is empty on the last.
type Changes struct {
	List   []Standing
	Next   string
	Unread int // rows that cannot be read: what they are about is to be asked
}

// Event is news from the county. Opinion and the texts of defects may name people: they are kept sealed.
type Event struct {
	ID          string // the county's, unique for each of its platforms
	Ref, Number string
	Act         Act    // empty when the county's word is not in the mapping
	Raw         string // the county's own word for it
	Seq         int    // its place among the case's events, from 1; 0 when the county does not count
	At          time.Time
	Officer     string
	Opinion     string    // reason, or what is told to the applicant
	Defects     []Defect  // of AskCorrection
	Special     string    // of Suspend and Extend: extension, other (特别程序)
	Until       time.Time // of Suspend and Extend: until when; zero when not told
	Document    string    // number of the document that says so, such as a notice of acceptance
	Result      Result    // of Grant
}

// Defect is one thing that the county misses.
type Defect struct {
	ID       string // the county's
	Material string // name of the material
	Reason   string // coded
	Text     string // for people
}

// Result is what the applicant gets (结果).
type Result struct{ Name, Number string }
