package rights_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/audit"
	"tongban/internal/casework"
	"tongban/internal/catalog/catalogtest"
	"tongban/internal/courier"
	"tongban/internal/errand"
	"tongban/internal/family"
	"tongban/internal/file"
	"tongban/internal/locker"
	"tongban/internal/notice"
	"tongban/internal/rating"
	"tongban/internal/rights"
	"tongban/internal/store"
	"tongban/internal/workday"
)

const (
	xinglin   access.Area = "219901101201"
	hewan     access.Area = "219901101202"
	phone                 = "13900000017"
	number                = "11010519491231002X"
	enrolment             = "01932f00-4c00-7000-8000-000000000001" // 参保登记
)

// county is the demo county with a resident who has everything on file, and one who helps him.
type county struct {
	t        *testing.T
	store    *store.Store
	people   *account.Desk
	families *family.Desk
	appeals  *appeal.Desk
	cases    *casework.Desk
	errands  *errand.Desk
	locker   *locker.Desk
	files    *file.Desk
	rights   *rights.Desk
	resident access.Actor
	helper   access.Actor
}

var (
	clerk      = access.Actor{Person: "clerk", Post: "p", Role: access.Clerk, Office: "station", Area: xinglin}
	foreign    = access.Actor{Person: "foreign", Post: "p", Role: access.Clerk, Office: "station-2", Area: hewan}
	gridWorker = access.Actor{Person: "grid", Post: "p", Role: access.GridWorker, Office: "station", Area: xinglin}
	dispatcher = access.Actor{Person: "dispatcher", Post: "p", Role: access.Dispatcher, Office: "centre", Area: "219901"}
)

var demo = catalogtest.Of(os.DirFS(filepath.Join("..", "..", "config", "county")))

func open(t *testing.T) *county {
	t.Helper()
	s, folder := demo.Open(t), demo.FS
	c := &county{t: t, store: s, people: account.New(s, account.Options{EasyPasswords: true})}
	limits, err := appeal.ReadLimits(folder)
	must(t, err)
	days, err := folder.Open("holidays.csv")
	must(t, err)
	defer days.Close()
	calendar, err := workday.ReadCalendar(days)
	must(t, err)
	photos, err := file.OpenFolder(t.TempDir(), s.Clock())
	must(t, err)
	t.Cleanup(func() { must(t, photos.Close()) })
	files := file.New(s, photos)
	c.files = files
	c.appeals = appeal.New(s, calendar, limits, files, c.people)
	items := demo.Items(t, s)
	rules, err := casework.ReadRules(folder)
	must(t, err)
	c.cases = casework.New(s, calendar, rules, files, c.people, items, notice.New(s, items, c.people))
	c.families = family.New(s, c.people)
	clocks, err := rating.ReadRules(folder)
	must(t, err)
	c.locker = locker.New(s, files, c.people, c.families)
	kinds, err := locker.ReadKinds(folder)
	must(t, err)
	must(t, c.locker.Load(t.Context(), kinds))
	c.cases.LentBy(c.locker)
	c.errands = errand.New(s, rules, files, c.people, c.families, c.cases)
	c.rights = rights.New(s, rights.Parts{People: c.people, Families: c.families, Appeals: c.appeals, Cases: c.cases, Errands: c.errands, Locker: c.locker, Ratings: rating.New(s, calendar, clocks, c.people, c.appeals, c.cases), Files: files, Trail: audit.New(s)})
	c.rights.ForgottenBy(courier.NewInbox(s).Forget)
	c.rights.MessagesBy(courier.NewInbox(s).Copied)
	c.resident = c.register("田𠮷顺", phone, number)
	c.helper = c.register("田桂花", "", "")
	return c
}

func (c *county) register(name, phone, number string) access.Actor {
	c.t.Helper()
	r, err := c.people.RegisterResident(c.t.Context(), clerk, account.Registration{
		Name: name, Phone: phone, IDNumber: number, Village: xinglin, Consent: account.Consent{TextVersion: "2026-01", How: account.Signed},
	})
	must(c.t, err)
	return access.Actor{Person: r.ID, Role: access.Resident, Area: xinglin}
}

// hand hands an appeal in as somebody; a clerk does it for the resident.
func (c *county) hand(actor access.Actor) (id string, err error) {
	in := appeal.Submission{Class: appeal.Help, Text: "村东头的水压一直上不来。", Identity: appeal.Public, Village: xinglin}
	if actor.Role == access.Clerk {
		in.Applicant = c.resident.Person
	}
	receipt, err := c.appeals.Submit(c.t.Context(), actor, in)
	return receipt.Appeal.ID, err
}

// draft begins a case for the resident, by himself or by his clerk.
func (c *county) draft(actor access.Actor) (casework.Seen, error) {
	in := casework.Opening{Item: enrolment, Answers: map[string][]string{"who": {"self"}, "hukou": {"here"}, "job": {"never"}, "aid": {"no"}, "pay": {"self"}}}
	if actor.Role == access.Clerk {
		in.Applicant = c.resident.Person
	}
	return c.cases.Open(c.t.Context(), actor, in)
}

// apply hands a case in, with all that it asks for.
func (c *county) apply(actor access.Actor) string {
	c.t.Helper()
	seen, err := c.draft(actor)
	must(c.t, err)
	must(c.t, c.submit(actor, seen))
	return seen.ID
}

// submit hands it in; a clerk does so by the errand.
func (c *county) submit(actor access.Actor, seen casework.Seen) error {
	var papers []casework.Paper
	for _, m := range seen.Materials {
		if m.State != casework.LookedUp {
			papers = append(papers, casework.Paper{Material: m.ID})
		}
	}
	ctx := c.t.Context()
	if actor.Role != access.Clerk {
		return errOf(c.cases.Submit(ctx, actor, seen.ID, casework.Submission{Papers: papers}))
	}
	id := c.entrustsWith(seen.ID)
	must(c.t, errOf(c.errands.Identify(ctx, actor, id, errand.Identity{How: "in_person", Document: "id_card"})))
	must(c.t, errOf(c.errands.Check(ctx, actor, id, errand.Said{})))
	return errOf(c.errands.File(ctx, actor, id, errand.Filing{Papers: papers}))
}

// tell puts a message into the resident's inbox.
func (c *county) tell() {
	c.t.Helper()
	must(c.t, c.store.Write(c.t.Context(), access.Round(xinglin), func(tx *store.Tx) error {
		id := tx.NewID()
		return tx.Create(&courier.Message{ID: id, Letter: id, Person: c.resident.Person, Kind: "appeal", Object: id, Text: "已受理。", CreatedAt: tx.Now}).Error
	}))
}

func (c *county) rows(table, condition string, args ...any) (n int64) {
	c.t.Helper()
	must(c.t, c.store.Read(c.t.Context()).Table(table).Where(condition, args...).Count(&n).Error)
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func errOf[T any](_ T, err error) error { return err }

func want(t testing.TB, err error, is error) {
	t.Helper()
	if !errors.Is(err, is) {
		t.Errorf("got %v, want %v", err, is)
	}
}
