package appeal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog/catalogtest"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

const (
	xinglin  access.Area = "219901101201"
	hewan    access.Area = "219901101202"
	songling access.Area = "219901201201"
)

// house is a desk with the demo county's people and two residents of 杏林村.
type house struct {
	*Desk
	t        *testing.T
	files    *file.Desk
	resident access.Actor // without a phone; the clerk registered him
	other    access.Actor
	master   string // for mergers
	posts    map[string]access.Actor
	offices  map[string]string
}

func countyFolder() string { return filepath.Join("..", "..", "config", "county") }

var demo = catalogtest.Of(os.DirFS(countyFolder()))

func open_(t *testing.T) *house {
	t.Helper()
	h, _ := fresh(t)
	return h
}

func fresh(t *testing.T) (*house, store.Options) {
	t.Helper()
	s, o := demo.Fresh(t)
	h := &house{t: t, posts: map[string]access.Actor{}, offices: map[string]string{}}
	h.Desk, h.files = desk(t, s, holidays(t))
	h.resident = h.register("田𠮷顺", "13800138000", xinglin)
	h.other = h.register("田𡈽顺", "", xinglin)
	return h, o
}

// desk opens one over a store, as a replica does.
func desk(t *testing.T, s *store.Store, calendar *workday.Calendar) (*Desk, *file.Desk) {
	t.Helper()
	limits, err := ReadLimits(os.DirFS(countyFolder()))
	must(t, err)
	folder, err := file.OpenFolder(t.TempDir(), s.Clock())
	must(t, err)
	t.Cleanup(func() { must(t, folder.Close()) })
	files := file.New(s, folder)
	return New(s, calendar, limits, files, account.New(s, account.Options{EasyPasswords: true})), files
}

func holidays(t *testing.T) *workday.Calendar {
	t.Helper()
	f, err := os.Open(filepath.Join(countyFolder(), "holidays.csv"))
	must(t, err)
	defer f.Close()
	calendar, err := workday.ReadCalendar(f)
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

func (h *house) dispatcher() access.Actor { return h.as("dispatcher", dispatcher) }
func (h *house) supervisor() access.Actor { return h.as("supervisor", supervisor) }
func (h *house) followUp() access.Actor   { return h.as("follow-up", followUp) }
func (h *house) officer() access.Actor    { return h.as("officer-civil", officer) }
func (h *house) clerk() access.Actor      { return h.as("clerk-xinglin", clerk) }
func (h *house) system() access.Actor     { return access.Round(xinglin) }

func (h *house) office(code string) string {
	h.t.Helper()
	if h.offices[code] == "" {
		o, err := h.people.OfficeByCode(h.t.Context(), code)
		must(h.t, err)
		h.offices[code] = o.ID
	}
	return h.offices[code]
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

// submission is a consultation that everybody may know, so that every role has something to do with it.
func submission() Submission {
	return Submission{Class: Consult, Category: "饮水", Text: "村东头的水压一直上不来，𠮷家也没水。", Place: "村东头井房", Identity: Public}
}

// submit hands in by the resident, with whatever is changed.
func (h *house) submit(change ...func(*Submission)) Seen {
	h.t.Helper()
	in := submission()
	for _, c := range change {
		c(&in)
	}
	receipt, err := h.Submit(h.t.Context(), h.resident, in)
	must(h.t, err)
	return receipt.Appeal
}

// file hands in by the clerk for the resident.
func (h *house) file() string {
	h.t.Helper()
	in := submission()
	in.Applicant = h.resident.Person
	receipt, err := h.Submit(h.t.Context(), h.clerk(), in)
	must(h.t, err)
	return receipt.Appeal.ID
}

func (h *house) anonymous() string {
	h.t.Helper()
	receipt, err := h.Submit(h.t.Context(), access.Stranger(), Submission{
		Class: Report, Text: "有人夜里往河沟倒废油，车停在桥头。", Village: xinglin, Identity: Anonymous,
	})
	must(h.t, err)
	return receipt.Appeal.ID
}

// to walks an appeal along the shortest way to a state.
func (h *house) to(state flow.State, id string) string {
	h.t.Helper()
	ways := map[flow.State][]flow.Act{
		Submitted: {}, Accepted: {Accept}, Dispatched: {Accept, Dispatch}, SendBackAsked: {Accept, Dispatch, AskSendBack},
		Acknowledged: {Accept, Dispatch, Acknowledge}, Handling: {Accept, Dispatch, Acknowledge, Contact},
		Shelved: {Accept, Dispatch, Acknowledge, Contact, Shelve}, Replied: {Accept, Dispatch, Acknowledge, Contact, Reply},
		FollowingUp: {Accept, Dispatch, Acknowledge, Contact, Reply, StartFollowUp},
		Concluded:   {Accept, Dispatch, Acknowledge, Contact, Reply, StartFollowUp, Conclude},
		Diverted:    {Divert}, Declined: {Decline}, Merged: {Merge}, Withdrawn: {Withdraw},
	}
	for _, do := range ways[state] {
		must(h.t, h.do(do, h.usual(do), id))
	}
	return id
}

// usual is who does the act in the demo county.
func (h *house) usual(do flow.Act) access.Actor {
	for _, r := range Flow.Rows {
		if r.Do == do && r.By[0] != system {
			return h.with(r.By[0])
		}
	}
	return access.Actor{}
}

// with is somebody of that role who has to do with a public appeal filed by the clerk of 杏林村.
func (h *house) with(role access.Role) access.Actor {
	switch role {
	case resident:
		return h.resident
	case clerk:
		return h.clerk()
	case gridWorker:
		return h.as("clerk-xinglin", gridWorker)
	case dispatcher:
		return h.dispatcher()
	case officer:
		return h.officer()
	case followUp:
		return h.followUp()
	case supervisor:
		return h.supervisor()
	case system:
		return h.system()
	}
	return access.Actor{Person: "somebody", Post: "post", Role: role, Office: h.office("county-hall"), Area: "219901"}
}

// do does the act with an input that is right for an ordinary appeal.
func (h *house) do(do flow.Act, actor access.Actor, id string) error {
	ctx, solved := h.t.Context(), true
	today := clock.DateOf(h.store.Clock().Now())
	saying := Saying{Text: "请抓紧办理这件事。"}
	order := Order{Office: h.office("civil-affairs")}
	verbs := map[flow.Act]func() (Seen, error){
		Accept: func() (Seen, error) { return h.Accept(ctx, actor, id, Acceptance{}) },
		Divert: func() (Seen, error) {
			return h.Divert(ctx, actor, id, Diversion{Channel: "petition", Text: "请到县信访局反映。"})
		},
		Decline: func() (Seen, error) {
			return h.Decline(ctx, actor, id, Refusal{Reason: "outside", Text: "不归县里管的事。"})
		},
		Merge: func() (Seen, error) { return h.Merge(ctx, actor, id, Merger{Master: h.master}) },
		Answer: func() (Seen, error) {
			return h.Answer(ctx, actor, id, InstantAnswer{Text: "水泵正在修，明天恢复。"})
		},
		Dispatch:    func() (Seen, error) { return h.Dispatch(ctx, actor, id, order) },
		Reassign:    func() (Seen, error) { return h.Reassign(ctx, actor, id, order) },
		Acknowledge: func() (Seen, error) { return h.Acknowledge(ctx, actor, id, Acknowledgement{}) },
		AskSendBack: func() (Seen, error) {
			return h.AskSendBack(ctx, actor, id, SendBackRequest{Reason: "not_our_duty", Text: "供水归水利局管。"})
		},
		AgreeSendBack: func() (Seen, error) { return h.AgreeSendBack(ctx, actor, id, SendBackDecision{}) },
		RefuseSendBack: func() (Seen, error) {
			return h.RefuseSendBack(ctx, actor, id, SendBackDecision{Text: "属于你单位职责。"})
		},
		Contact: func() (Seen, error) { return h.Contact(ctx, actor, id, FirstContact{How: "phone"}) },
		Extend: func() (Seen, error) {
			return h.Extend(ctx, actor, id, Extension{Days: 5, Text: "配件要从外地运来。"})
		},
		Shelve: func() (Seen, error) {
			return h.Shelve(ctx, actor, id, Shelving{ReviewOn: today.AddDays(7), Text: "等明年资金到位再修。"})
		},
		Resume: func() (Seen, error) { return h.Resume(ctx, actor, id, Resumption{}) },
		Reply: func() (Seen, error) {
			return h.Reply(ctx, actor, id, Response{Text: "水泵已经换好了。", Evidence: "现场试水正常。"})
		},
		StartFollowUp: func() (Seen, error) { return h.StartFollowUp(ctx, actor, id, FollowUpStart{}) },
		Conclude:      func() (Seen, error) { return h.Conclude(ctx, actor, id, Conclusion{Solved: &solved}) },
		Redo:          func() (Seen, error) { return h.Redo(ctx, actor, id, Redoing{Text: "还是没有水，请重办。"}) },
		Withdraw:      func() (Seen, error) { return h.Withdraw(ctx, actor, id, saying) },
		Urge:          func() (Seen, error) { return h.Urge(ctx, actor, id, saying) },
		Supervise: func() (Seen, error) {
			return h.Supervise(ctx, actor, id, Supervision{DueOn: today, Text: "请今天办完。"})
		},
		Supplement: func() (Seen, error) { return h.Supplement(ctx, actor, id, Addition{Text: "今天又停水了。"}) },
		Note:       func() (Seen, error) { return h.Note(ctx, actor, id, saying) },
		Attempt:    func() (Seen, error) { return h.Attempt(ctx, actor, id, Try{Result: "no_answer"}) },
		Escalate:   func() (Seen, error) { return h.Escalate(ctx, actor, id, Escalation{}) },
	}
	_, err := verbs[do]()
	return err
}

// row is the appeal as stored.
func (h *house) row(id string) Appeal {
	h.t.Helper()
	var a Appeal
	must(h.t, h.store.Read(h.t.Context()).Where("id = ?", id).Take(&a).Error)
	return a
}

func (h *house) pass(wait time.Duration) { h.store.Clock().Advance(wait) }

// shanghai sets the clock.
func (h *house) shanghai(moment string) {
	h.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", moment, clock.Shanghai)
	must(h.t, err)
	h.store.Clock().Set(at)
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
	must(h.t, h.store.Read(h.t.Context()).Order("appeal, version, id").Find(&events).Error)
	last := map[string]flow.State{}
	for _, e := range events {
		if e.FromStatus != last[e.Appeal] {
			h.t.Errorf("%s: %s comes from %q, the line before led to %q", e.Appeal, e.Act, e.FromStatus, last[e.Appeal])
		}
		last[e.Appeal] = e.ToStatus
	}
	for id, state := range last {
		if now := h.row(id).Status; now != state {
			h.t.Errorf("%s is %s, its history ends at %s", id, now, state)
		}
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
	if !ok || len(e.Fields) != 1 || e.Fields[0].Location != field {
		t.Errorf("got %v, want a fault of %s", err, field)
	}
}

func shanghai(at time.Time) string { return at.In(clock.Shanghai).Format("2006-01-02 15:04") }
