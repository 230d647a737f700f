package errand

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/catalog/catalogtest"
	"tongban/internal/clock"
	"tongban/internal/family"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/locker"
	"tongban/internal/notice"
	"tongban/internal/store"
	"tongban/internal/workday"
)

const (
	xinglin access.Area = "219901101201"

	enrolment = "01932f00-4c00-7000-8000-000000000001" // instant
)

// house is a desk with the demo county's people and catalogue, and a resident of 杏林村 who cannot write.
type house struct {
	*Desk
	locker   *locker.Desk
	t        *testing.T
	resident access.Actor
	posts    map[string]access.Actor
}

var demo = catalogtest.Of(os.DirFS(filepath.Join("..", "..", "config", "county")))

func open(t *testing.T) *house {
	t.Helper()
	s, county := demo.Open(t), demo.FS
	people := account.New(s, account.Options{EasyPasswords: true})
	rules, err := casework.ReadRules(county)
	must(t, err)
	folder, err := file.OpenFolder(t.TempDir(), s.Clock())
	must(t, err)
	t.Cleanup(func() { must(t, folder.Close()) })
	items := demo.Items(t, s)
	f, err := county.Open("holidays.csv")
	must(t, err)
	defer f.Close()
	calendar, err := workday.ReadCalendar(f)
	must(t, err)
	files := file.New(s, folder)
	cases := casework.New(s, calendar, rules, files, people, items, notice.New(s, items, people))
	families := family.New(s, people)
	store := locker.New(s, files, people, families)
	kinds, err := locker.ReadKinds(county)
	must(t, err)
	must(t, store.Load(t.Context(), kinds))
	cases.LentBy(store)
	h := &house{locker: store, Desk: New(s, rules, files, people, families, cases), t: t, posts: map[string]access.Actor{}}
	r, err := people.RegisterResident(t.Context(), access.Actor{Person: "a-clerk", Role: access.Clerk, Area: xinglin}, account.Registration{
		Name: "田𠮷顺", Village: xinglin, Grid: xinglin + "01", Consent: account.Consent{TextVersion: "2026-01", How: account.Signed},
	})
	must(t, err)
	h.resident = access.Actor{Person: r.ID, Role: access.Resident, Area: xinglin}
	return h
}

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

func (h *house) clerk() access.Actor { return h.as("clerk-xinglin", access.Clerk) }

// deputy is another clerk of the village.
func (h *house) deputy() access.Actor {
	return access.Actor{Person: "deputy", Post: "post", Role: access.Clerk, Area: xinglin}
}

func (h *house) with(role access.Role, do flow.Act) access.Actor {
	switch role {
	case access.Resident:
		return h.resident
	case access.Clerk:
		if do == Revoke {
			return h.deputy()
		}
		return h.clerk()
	case access.Supervisor:
		return h.as("supervisor", role)
	case access.System:
		return access.Round(xinglin)
	}
	return access.Actor{Person: "somebody", Post: "post", Role: role, Office: "office", Area: "219901"}
}

// draft begins a case by the clerk, for the resident.
func (h *house) draft() string {
	h.t.Helper()
	seen, err := h.cases.Open(h.t.Context(), h.clerk(), casework.Opening{
		Item: enrolment, Applicant: h.resident.Person, Answers: map[string][]string{"who": {"self"}, "hukou": {"here"}, "job": {"never"}, "aid": {"no"}, "pay": {"self"}},
	})
	must(h.t, err)
	return seen.ID
}

func (h *house) today() clock.Date { return clock.DateOf(h.store.Clock().Now()) }

// entrustment is by fingerprint, for thirty days.
func (h *house) entrustment(id string) Entrustment {
	return Entrustment{
		Case: id, Scope: "代我办理参保登记", Powers: []string{MayFile, "papers", "receive"}, Until: h.today().AddDays(30),
		Method: fingerprint, Witnesses: []string{"王见证", "李见证"},
	}
}

func (h *house) entrust() Seen {
	h.t.Helper()
	seen, err := h.Entrust(h.t.Context(), h.clerk(), h.entrustment(h.draft()))
	must(h.t, err)
	return seen
}

func (h *house) identified() Seen {
	h.t.Helper()
	seen, err := h.Identify(h.t.Context(), h.clerk(), h.entrust().ID, Identity{How: "in_person", Document: "id_card"})
	must(h.t, err)
	return seen
}

func (h *house) papers(id string) (papers []casework.Paper) {
	h.t.Helper()
	c, err := h.cases.Get(h.t.Context(), h.clerk(), h.row(id).CaseID)
	must(h.t, err)
	for _, m := range c.Materials {
		if m.State != casework.LookedUp {
			papers = append(papers, casework.Paper{Material: m.ID})
		}
	}
	return papers
}

// grant leads the case of an errand to its decision.
func (h *house) grant(id string) {
	h.t.Helper()
	c, ctx := h.row(id).CaseID, h.t.Context()
	_, err := h.cases.Receive(ctx, h.as("window-hall", access.Window), c, casework.Plain{})
	must(h.t, err)
	_, err = h.cases.Grant(ctx, h.as("decider", access.Decider), c, casework.Granting{})
	must(h.t, err)
}

// to leads a new errand to a state.
func (h *house) to(state flow.State) string {
	h.t.Helper()
	id := h.identified().ID
	ways := map[flow.State][]flow.Act{
		Entrusted: {}, Checked: {Check}, SentIn: {Check, File}, Paused: {Check, File, Pause}, HandedOver: {Check, File, HandOver},
		ResultReceived: {Check, File}, Archived: {Check, File, HandOver, Archive}, Stopped: {Stop}, Revoked: {Revoke},
	}
	for _, do := range ways[state] {
		if do == HandOver {
			h.grant(id)
		}
		must(h.t, h.do(do, h.with(access.Clerk, do), id))
	}
	if state == ResultReceived {
		h.grant(id)
	}
	if now := h.row(id).Status; now != state {
		h.t.Fatalf("%s, not %s", now, state)
	}
	return id
}

func (h *house) do(do flow.Act, actor access.Actor, id string) (err error) {
	ctx := h.t.Context()
	switch do {
	case Check:
		_, err = h.Check(ctx, actor, id, Said{})
	case File:
		_, err = h.File(ctx, actor, id, Filing{Papers: h.papers(id)})
	case Pause:
		_, err = h.Pause(ctx, actor, id, Said{Text: "委托人住院了。"})
	case GoOn:
		_, err = h.GoOn(ctx, actor, id, Said{})
	case TakeResult:
		_, err = h.TakeResult(ctx, actor, id, Plain{})
	case HandOver:
		_, err = h.HandOver(ctx, actor, id, Handing{Relation: "family", Receiver: "田家人", Proof: "签字"})
	case Archive:
		_, err = h.Archive(ctx, actor, id, Plain{})
	case Stop:
		_, err = h.Stop(ctx, actor, id, Stopping{Reason: "papers_missing", Text: "户口簿找不到了。"})
	case Revoke:
		_, err = h.Revoke(ctx, actor, id, Said{})
	}
	return err
}

// lend takes two originals in, and answers the row by which they came.
func (h *house) lend(id string) string {
	h.t.Helper()
	seen, err := h.TakePapers(h.t.Context(), h.clerk(), id, Papers{Name: "户口簿", Form: original, Count: 2, Signer: "田家人", Signature: signed})
	must(h.t, err)
	return seen.Papers[len(seen.Papers)-1].ID
}

// giveBack gives one of them back.
func (h *house) giveBack(id, paper string) {
	h.t.Helper()
	_, err := h.ReturnPapers(h.t.Context(), h.clerk(), id, Return{Paper: paper, Count: 1, Signer: "田家人", Signature: signed})
	must(h.t, err)
}

// endCase takes the case of an errand back, or gives its draft up.
func (h *house) endCase(id string) (err error) {
	e, ctx := h.row(id), h.t.Context()
	if e.FiledAt == nil {
		_, err = h.cases.Discard(ctx, h.resident, e.CaseID, casework.Discarding{})
	} else {
		_, err = h.cases.Withdraw(ctx, h.resident, e.CaseID, casework.Saying{Text: "先不办了，明年再办。"})
	}
	return err
}

func (h *house) row(id string) Errand {
	h.t.Helper()
	var e Errand
	must(h.t, h.store.Read(h.t.Context()).Where("id = ?", id).Take(&e).Error)
	return e
}

// set puts a fact into the row.
func (h *house) set(id string, columns map[string]any) {
	h.t.Helper()
	must(h.t, h.store.Write(h.t.Context(), access.Round(xinglin), func(tx *store.Tx) error {
		return tx.Table("errands").Where("id = ?", id).UpdateColumns(columns).Error
	}))
}

func (h *house) pass(wait time.Duration) { h.store.Clock().Advance(wait) }

func (h *house) sound() {
	h.t.Helper()
	faults, err := h.store.Fsck(h.t.Context(), append(Checks(), casework.Checks()...))
	must(h.t, err)
	if len(faults) > 0 {
		h.t.Errorf("fsck: %v", faults)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		if e, ok := errors.AsType[*fault.Error](err); ok {
			t.Fatalf("%v %s %v", e, e.Detail, e.Fields)
		}
		t.Fatal(err)
	}
}

func want(t testing.TB, err error, is error) {
	t.Helper()
	if !errors.Is(err, is) {
		t.Errorf("got %v, want %v", err, is)
	}
}
