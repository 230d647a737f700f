package casework

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog/catalogtest"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/notice"
	"tongban/internal/store"
	"tongban/internal/workday"
)

const (
	xinglin access.Area = "219901101201"
	hewan   access.Area = "219901101202"

	enrolment = "01932f00-4c00-7000-8000-000000000001" // 参保登记, instant
	claim     = "01932f00-4c00-7000-8000-000000000003" // 待遇申领, committed, ten working days, no legal limit
	idCard    = "01932f00-4c00-7000-8000-000000000026" // in person
	felling   = "01932f00-4c00-7000-8000-000000000029" // 采伐许可: reviewer and decider are two persons
	subsidy   = "01932f00-4c00-7000-8000-000000000031" // in batches
	legalAid  = "01932f00-4c00-7000-8000-000000000036" // lapses without its correction
)

// house is a desk with the demo county's people and catalogue, and two residents of 杏林村.
type house struct {
	*Desk
	t        *testing.T
	resident access.Actor
	other    access.Actor
	posts    map[string]access.Actor
	version  int // that whoever acts has seen; 0 when he does not say
}

func countyFolder() string { return filepath.Join("..", "..", "config", "county") }

func countyFS() fs.FS { return os.DirFS(countyFolder()) }

var demo = catalogtest.Of(countyFS())

func open(t *testing.T) *house {
	t.Helper()
	s := demo.Open(t)
	h := &house{t: t, posts: map[string]access.Actor{}}
	h.Desk = desk(t, s, account.New(s, account.Options{EasyPasswords: true}), holidays(t))
	h.resident = h.register("田𠮷顺", "13800138000", xinglin)
	h.other = h.register("田𡈽顺", "", xinglin)
	return h
}

// desk opens one over a store, as a replica does.
func desk(t *testing.T, s *store.Store, people *account.Desk, calendar *workday.Calendar) *Desk {
	t.Helper()
	rules, err := ReadRules(os.DirFS(countyFolder()))
	must(t, err)
	folder, err := file.OpenFolder(t.TempDir(), s.Clock())
	must(t, err)
	t.Cleanup(func() { must(t, folder.Close()) })
	items := demo.Items(t, s)
	return New(s, calendar, rules, file.New(s, folder), people, items, notice.New(s, items, people))
}

func holidays(t *testing.T) *workday.Calendar {
	t.Helper()
	text, err := fs.ReadFile(os.DirFS(countyFolder()), "holidays.csv")
	must(t, err)
	return calendarOf(t, string(text))
}

func calendarOf(t *testing.T, text string) *workday.Calendar {
	t.Helper()
	calendar, err := workday.ReadCalendar(strings.NewReader(text))
	must(t, err)
	return calendar
}

// as is a demo staff member in the post of that role.
func (h *house) as(username string, role access.Role) access.Actor {
	h.t.Helper()
	key := username + "/" + string(role)
	if known, found := h.posts[key]; found {
		return known
	}
	var p account.Post
	must(h.t, h.store.Read(h.t.Context()).Where("role = ? AND person IN (SELECT id FROM persons WHERE username = ?)", role, username).Take(&p).Error)
	h.posts[key] = p.Actor("")
	return h.posts[key]
}

func (h *house) clerk() access.Actor      { return h.as("clerk-xinglin", clerk) }
func (h *house) window() access.Actor     { return h.as("window-hall", window) }
func (h *house) reviewer() access.Actor   { return h.as("reviewer", reviewer) }
func (h *house) decider() access.Actor    { return h.as("decider", decider) }
func (h *house) supervisor() access.Actor { return h.as("supervisor", supervisor) }
func (h *house) system() access.Actor     { return access.Round(xinglin) }
func (h *house) county() access.Actor     { return access.Actor{Role: county, Area: "219901"} }

// with is somebody of that role who has to do with a case that the clerk of 杏林村 files.
func (h *house) with(role access.Role) access.Actor {
	switch role {
	case resident:
		return h.resident
	case clerk:
		return h.clerk()
	case window:
		return h.window()
	case reviewer:
		return h.reviewer()
	case decider:
		return h.decider()
	case supervisor:
		return h.supervisor()
	case system:
		return h.system()
	case county:
		return h.county()
	}
	return access.Actor{Person: "somebody", Post: "post", Role: role, Office: h.window().Office, Area: "219901"}
}

func (h *house) register(name, phone string, village access.Area) access.Actor {
	h.t.Helper()
	by := access.Actor{Person: "clerk-of-" + string(village), Role: clerk, Area: village}
	r, err := h.people.RegisterResident(h.t.Context(), by, account.Registration{
		Name: name, Phone: phone, Village: village, Grid: village + "01", Consent: account.Consent{TextVersion: "2026-01", How: account.Signed},
	})
	must(h.t, err)
	return access.Actor{Person: r.ID, Role: resident, Area: village}
}

// answers keep the lists of the demo's items short.
var answers = map[string]map[string][]string{
	enrolment: {"who": {"self"}, "hukou": {"here"}, "job": {"never"}, "aid": {"no"}, "pay": {"self"}},
	claim:     {"age": {"yes"}, "other": {"none"}, "years": {"full"}, "card": {"making"}},
	felling:   {"spot": {"hill"}, "kind": {"timber"}, "amount": {"small"}},
	legalAid:  {"who": {"self"}, "matter": {"wage"}},
}

// file begins a case for the resident by the clerk.
func (h *house) file(item string) string {
	h.t.Helper()
	seen, err := h.Open(h.t.Context(), h.clerk(), Opening{Item: item, Answers: answers[item], Applicant: h.resident.Person})
	must(h.t, err)
	return seen.ID
}

// own begins a case by the resident himself.
func (h *house) own(item string) string {
	h.t.Helper()
	seen, err := h.Open(h.t.Context(), h.resident, Opening{Item: item, Answers: answers[item]})
	must(h.t, err)
	return seen.ID
}

// ways lead to each state, for an ordinary item.
var ways = map[flow.State][]flow.Act{
	Draft: {}, Discarded: {Discard}, Submitted: {Submit}, Received: {Submit, Receive}, Correcting: {Submit, Receive, AskCorrection},
	Accepted: {Submit, Receive, Accept}, Reviewing: {Submit, Receive, Accept, Review}, Suspended: {Submit, Receive, Accept, Review, Suspend},
	Granted: {Submit, Receive, Accept, Review, Grant}, Denied: {Submit, Receive, Accept, Review, Deny},
	Delivered: {Submit, Receive, Accept, Review, Grant, Deliver}, Concluded: {Submit, Receive, Accept, Review, Grant, Deliver, Conclude},
	Refused: {Submit, Receive, Refuse}, NotRequired: {Submit, Receive, Dismiss}, Terminated: {Submit, Receive, Accept, Terminate},
	Withdrawn: {Submit, Withdraw}, Lapsed: {Submit, Receive, AskCorrection, Lapse},
}

// to walks a case along the shortest way to a state.
func (h *house) to(state flow.State, id string) string {
	h.t.Helper()
	for _, do := range ways[state] {
		if do == Lapse {
			h.pass(40 * 24 * time.Hour)
		}
		actor := h.usual(do)
		if actor.Role == clerk && h.row(id).Agent == "" {
			actor = h.resident
		}
		must(h.t, h.do(do, actor, id))
	}
	return id
}

// usual is who does the act in the demo county.
func (h *house) usual(do flow.Act) access.Actor {
	for _, r := range Flow.Rows {
		if r.Do == do {
			return h.with(r.By[0])
		}
	}
	return access.Actor{}
}

// allPapers gives everything that the case asks for.
func (h *house) allPapers(id string) (papers []Paper) {
	h.t.Helper()
	rows, err := h.materials(h.store.Read(h.t.Context()), id)
	must(h.t, err)
	for _, m := range rows {
		if m.State != LookedUp {
			papers = append(papers, Paper{Material: m.Material})
		}
	}
	return papers
}

// first is the case's first paper.
func (h *house) first(id string) string { return h.allPapers(id)[0].Material }

// do does the act with an input that is right for an ordinary case.
func (h *house) do(do flow.Act, actor access.Actor, id string) error {
	ctx := h.t.Context()
	today := clock.DateOf(h.store.Clock().Now())
	reasoned := func(words []Word) Reasoned {
		return Reasoned{Version: h.version, Reason: words[0].Code, Text: "详见办事指南，可到县民政局窗口咨询。"}
	}
	verbs := map[flow.Act]func() (Seen, error){
		Submit: func() (Seen, error) {
			r, err := h.Submit(ctx, actor, id, Submission{Version: h.version, Papers: h.allPapers(id)})
			return r.Case, err
		},
		Discard: func() (Seen, error) { return h.Discard(ctx, actor, id, Discarding{Version: h.version}) },
		Receive: func() (Seen, error) { return h.Receive(ctx, actor, id, Plain{h.version}) },
		Accept:  func() (Seen, error) { return h.Accept(ctx, actor, id, Acceptance{Version: h.version}) },
		AskCorrection: func() (Seen, error) {
			return h.AskCorrection(ctx, actor, id, CorrectionRequest{Version: h.version, Defects: []Defect{{h.first(id), "illegible", "请重新拍清楚身份证正反面。"}}})
		},
		Correct: func() (Seen, error) {
			return h.Correct(ctx, actor, id, Correction{Version: h.version, Papers: []Paper{{Material: h.first(id)}}})
		},
		Refuse:  func() (Seen, error) { return h.Refuse(ctx, actor, id, reasoned(RefuseReasons)) },
		Dismiss: func() (Seen, error) { return h.Dismiss(ctx, actor, id, reasoned(DismissReasons)) },
		Lapse:   func() (Seen, error) { return h.Lapse(ctx, actor, id, Plain{h.version}) },
		Review:  func() (Seen, error) { return h.Review(ctx, actor, id, Plain{h.version}) },
		Suspend: func() (Seen, error) {
			return h.Suspend(ctx, actor, id, Suspension{Version: h.version, Procedure: "testing", UntilOn: today.AddDays(7), Text: "要到县里鉴定。"})
		},
		Resume: func() (Seen, error) { return h.Resume(ctx, actor, id, Resumption{Version: h.version}) },
		Extend: func() (Seen, error) {
			return h.Extend(ctx, actor, id, Extension{Version: h.version, Days: 5, Approver: "县局负责人", Text: "要到外县核实情况。"})
		},
		Grant: func() (Seen, error) { return h.Grant(ctx, actor, id, Granting{Version: h.version}) },
		Deny: func() (Seen, error) {
			return h.Deny(ctx, actor, id, Denial{Version: h.version, Reason: "conditions_not_met", Text: "还没有满六十周岁。"})
		},
		Terminate: func() (Seen, error) { return h.Terminate(ctx, actor, id, reasoned(TerminateReasons)) },
		Withdraw: func() (Seen, error) {
			return h.Withdraw(ctx, actor, id, Saying{Version: h.version, Text: "先不办了，明年再办。"})
		},
		Deliver: func() (Seen, error) {
			return h.Deliver(ctx, actor, id, Delivery{Version: h.version, Method: "in_person", Relation: "self", Proof: "本人签字"})
		},
		Conclude: func() (Seen, error) { return h.Conclude(ctx, actor, id, Plain{h.version}) },
	}
	_, err := verbs[do]()
	return err
}

// row is the case as stored.
func (h *house) row(id string) Case {
	h.t.Helper()
	var c Case
	must(h.t, h.store.Read(h.t.Context()).Where("id = ?", id).Take(&c).Error)
	return c
}

// set puts a fact into the row that no demo item has.
func (h *house) set(id string, columns map[string]any) {
	h.t.Helper()
	must(h.t, h.store.Write(h.t.Context(), h.system(), func(tx *store.Tx) error {
		return tx.Table("cases").Where("id = ?", id).UpdateColumns(columns).Error
	}))
}

func (h *house) pass(wait time.Duration) { h.store.Clock().Advance(wait) }

// shanghai sets the clock.
func (h *house) shanghai(moment string) {
	h.t.Helper()
	h.store.Clock().Set(at(h.t, moment))
}

func at(t *testing.T, moment string) time.Time {
	t.Helper()
	then, err := time.ParseInLocation("2006-01-02 15:04", moment, clock.Shanghai)
	must(t, err)
	return then
}

func (h *house) rounds() int {
	h.t.Helper()
	n, err := h.Rounds(h.t.Context())
	must(h.t, err)
	return n
}

func (h *house) letters(topic, id string) int {
	h.t.Helper()
	var n int64
	must(h.t, h.store.Read(h.t.Context()).Table("outbox").Where("topic = ? AND object = ?", topic, id).Count(&n).Error)
	return int(n)
}

// sound runs fsck with this desk's checks, and follows every history along the flow.
func (h *house) sound() {
	h.t.Helper()
	faults, err := h.store.Fsck(h.t.Context(), Checks())
	must(h.t, err)
	if len(faults) > 0 {
		h.t.Errorf("fsck: %v", faults)
	}
	var events []Event
	must(h.t, h.store.Read(h.t.Context()).Order("case_id, version, id").Find(&events).Error)
	last := map[string]flow.State{}
	for _, e := range events {
		if e.FromStatus != last[e.CaseID] {
			h.t.Errorf("%s: %s comes from %q, the line before led to %q", e.CaseID, e.Act, e.FromStatus, last[e.CaseID])
		}
		last[e.CaseID] = e.ToStatus
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(detailed(err))
	}
}

func detailed(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return fmt.Sprintf("%v %s %v", e, e.Detail, e.Fields)
	}
	return err.Error()
}

func want(t testing.TB, err error, is error) {
	t.Helper()
	if !errors.Is(err, is) {
		t.Errorf("got %v, want %v", err, is)
	}
}

// wrongField: the fault names the field.
func wrongField(t testing.TB, err error, field string) {
	t.Helper()
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || len(e.Fields) == 0 || e.Fields[0].Location != field {
		t.Errorf("got %v, want a fault of %s", err, field)
	}
}

func shanghai(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(clock.Shanghai).Format("2006-01-02 15:04")
}
