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
	"tongban/internal/courier"
	"tongban/internal/family"
	"tongban/internal/file"
	"tongban/internal/rating"
	"tongban/internal/rights"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
	"tongban/internal/workday"
)

const (
	xinglin access.Area = "219901101201"
	hewan   access.Area = "219901101202"
	phone               = "13900000017"
	number              = "11010519491231002X"
)

// county is the demo county with a resident who has everything on file, and one who helps him.
type county struct {
	t        *testing.T
	store    *store.Store
	people   *account.Desk
	families *family.Desk
	appeals  *appeal.Desk
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

func open(t *testing.T) *county {
	t.Helper()
	s := storetest.Open(t)
	folder := os.DirFS(filepath.Join("..", "..", "config", "county"))
	c := &county{t: t, store: s, people: account.New(s, account.Options{})}
	must(t, errOf(c.people.Load(t.Context(), access.Round(""), account.Source{FS: folder, Demo: true})))
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
	c.appeals = appeal.New(s, calendar, limits, files, c.people)
	c.families = family.New(s, c.people)
	c.rights = rights.New(s, rights.Parts{People: c.people, Families: c.families, Appeals: c.appeals, Ratings: rating.New(s, c.appeals), Files: files, Trail: audit.New(s)})
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
