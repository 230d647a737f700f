package deputy

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog/catalogtest"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// house is a desk with the demo county's staff, and one more reviewer at its hall.
type house struct {
	*Desk
	t      *testing.T
	people *account.Desk
}

var demo = catalogtest.Of(os.DirFS(filepath.Join("..", "..", "config", "county")))

func open(t *testing.T) *house {
	t.Helper()
	s := demo.Open(t)
	people := account.New(s, account.Options{EasyPasswords: true})
	h := &house{New(s, people), t, people}
	h.hire("reviewer-2", access.Reviewer, clock.Date{})
	return h
}

func (h *house) hire(username string, role access.Role, until clock.Date) {
	h.t.Helper()
	_, err := h.people.CreateStaff(h.t.Context(), h.as("system-admin"), account.Newcomer{
		Username: username, Name: "同事", Post: account.Term{Role: role, Title: "岗位", Office: h.as("reviewer").Office, Area: "219901", Until: until},
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// as is somebody in his post.
func (h *house) as(username string) access.Actor {
	h.t.Helper()
	var p account.Post
	if err := h.store.Read(h.t.Context()).Where("person IN (SELECT id FROM persons WHERE username = ?)", username).Order("id").Take(&p).Error; err != nil {
		h.t.Fatal(err)
	}
	return p.Actor("")
}

func (h *house) today() clock.Date { return clock.DateOf(h.store.Clock().Now()) }

func (h *house) name(by, deputy string, from, until int) (Seen, error) {
	h.t.Helper()
	return h.Name(h.t.Context(), h.as(by), Naming{Deputy: h.as(deputy).Person, FirstOn: h.today().AddDays(from), LastOn: h.today().AddDays(until)})
}

func field(err error) string {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || len(e.Fields) == 0 {
		return ""
	}
	return e.Fields[0].Location
}

func TestWhoMayBeNamed(t *testing.T) {
	h := open(t)
	h.hire("leaver", access.Reviewer, h.today().AddDays(3))
	h.hire("window-2", access.Window, clock.Date{})
	for name, c := range map[string]struct {
		by, deputy  string
		from, until int
		at          string
	}{
		"himself":                       {"reviewer", "reviewer", 0, 1, "body.deputy"},
		"another role":                  {"reviewer", "decider", 0, 1, "body.deputy"},
		"another office":                {"window-2", "window-liuquan", 0, 1, "body.deputy"},
		"who leaves before the end":     {"reviewer", "leaver", 0, 4, "body.deputy"},
		"yesterday":                     {"reviewer", "reviewer-2", -1, 1, "body.first_on"},
		"the last day before the first": {"reviewer", "reviewer-2", 2, 1, "body.last_on"},
		"for ever":                      {"reviewer", "reviewer-2", 0, longest, "body.last_on"},
	} {
		if _, err := h.name(c.by, c.deputy, c.from, c.until); field(err) != c.at {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.name("dispatcher", "reviewer-2", 0, 1); !errors.Is(err, fault.NotYours) {
		t.Errorf("a dispatcher: %v", err)
	}
	if _, err := h.people.Disable(t.Context(), h.as("system-admin"), h.as("reviewer-2").Person, "停用"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.name("reviewer", "reviewer-2", 0, 1); field(err) != "body.deputy" {
		t.Errorf("who is shut out: %v", err)
	}
	list, err := h.Colleagues(t.Context(), h.as("reviewer"))
	if err != nil || len(list) != 1 || list[0].Person != h.as("leaver").Person {
		t.Errorf("colleagues: %v %v", list, err)
	}
	if seen, err := h.name("reviewer", "leaver", 0, 3); err != nil || !seen.Now || seen.PersonName != "严知微" || seen.DeputyName != "同事" {
		t.Errorf("%+v %v", seen, err)
	}
}

// A clerk's deputy is another clerk of his village, wherever he sits.
func TestAClerkNamesAnotherOfHisVillage(t *testing.T) {
	h := open(t)
	centre := h.as("window-liuquan").Office
	for username, area := range map[string]access.Area{"clerk-2": h.as("clerk-xinglin").Area, "clerk-3": h.as("clerk-hewan").Area} {
		_, err := h.people.CreateStaff(t.Context(), h.as("system-admin"), account.Newcomer{
			Username: username, Name: "同事", Post: account.Term{Role: access.Clerk, Title: "代办员", Office: centre, Area: area},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, other := range []string{"clerk-3", "clerk-hewan", "reviewer"} {
		if _, err := h.name("clerk-xinglin", other, 0, 1); field(err) != "body.deputy" {
			t.Errorf("%s: %v", other, err)
		}
	}
	list, err := h.Colleagues(t.Context(), h.as("clerk-xinglin"))
	if err != nil || len(list) != 1 || list[0].Person != h.as("clerk-2").Person {
		t.Errorf("colleagues: %v %v", list, err)
	}
	if seen, err := h.name("clerk-xinglin", "clerk-2", 0, 1); err != nil || !seen.Now {
		t.Errorf("%+v %v", seen, err)
	}
	covered, err := Covered(h.store.Read(t.Context()), h.as("clerk-2"), h.today())
	if err != nil || len(covered) != 1 || covered[0].Person != h.as("clerk-xinglin").Person {
		t.Errorf("%v %v", covered, err)
	}
	if faults, err := h.store.Fsck(t.Context(), Checks()); err != nil || len(faults) > 0 {
		t.Errorf("fsck: %v %v", faults, err)
	}
}

// He stands in on the days that were named, for that post alone, and no longer than until it is ended.
func TestWhenADeputyStandsIn(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	named, err := h.name("reviewer", "reviewer-2", 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	covered := func(actor access.Actor, day clock.Date) bool {
		t.Helper()
		list, err := Covered(h.store.Read(ctx), actor, day)
		if err != nil {
			t.Fatal(err)
		}
		asked := PostIn("posts.id", actor, day)
		var n int64
		if err := h.store.Read(ctx).Table("posts").Where(asked.SQL, asked.Args...).Count(&n).Error; err != nil || int(n) != len(list) {
			t.Errorf("the condition finds %d, the list %d: %v", n, len(list), err)
		}
		return slices.ContainsFunc(list, func(d Deputy) bool { return d.Post == h.as("reviewer").Post })
	}
	b := h.as("reviewer-2")
	for day, want := range map[int]bool{0: false, 1: true, 2: true, 3: false} {
		if covered(b, h.today().AddDays(day)) != want {
			t.Errorf("on day %d: %t", day, !want)
		}
	}
	other := b
	other.Post = "another post of his"
	if covered(other, h.today().AddDays(1)) || covered(h.as("reviewer"), h.today().AddDays(1)) {
		t.Error("somebody else stands in")
	}
	for _, days := range [][2]int{{0, 1}, {1, 2}, {2, 5}, {0, 9}} {
		if _, err := h.name("reviewer", "reviewer-2", days[0], days[1]); !errors.Is(err, ErrNamed) {
			t.Errorf("named again for %v: %v", days, err)
		}
	}
	if _, err := h.name("reviewer", "reviewer-2", 3, 4); err != nil {
		t.Errorf("the days after: %v", err)
	}
	if _, err := h.End(ctx, h.as("decider"), named.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("ended by somebody else: %v", err)
	}
	if seen, err := h.End(ctx, b, named.ID); err != nil || seen.EndedAt == nil {
		t.Errorf("%+v %v", seen, err)
	}
	if covered(b, h.today().AddDays(1)) {
		t.Error("he stands in after the end")
	}
	if _, err := h.End(ctx, h.as("reviewer"), named.ID); !errors.Is(err, ErrOver) {
		t.Errorf("ended twice: %v", err)
	}
	if _, err := h.name("reviewer", "reviewer-2", 2, 2); err != nil {
		t.Errorf("a day that is free again: %v", err)
	}
	h.store.Clock().Advance(4 * 24 * time.Hour) // the second of two days; the first has passed
	second, err := Covered(h.store.Read(ctx), b, h.today())
	if err != nil || len(second) != 1 {
		t.Fatalf("%d cover the fourth day: %v", len(second), err)
	}
	if _, err := h.End(ctx, h.as("reviewer"), second[0].ID); err != nil {
		t.Fatal(err)
	}
	if covered(b, h.today()) || !covered(b, h.today().AddDays(-1)) {
		t.Error("what was ended early stood until the day before, and no longer")
	}
	if faults, err := h.store.Fsck(ctx, Checks()); err != nil || len(faults) > 0 {
		t.Errorf("fsck: %v %v", faults, err)
	}
}

// Of many that are named at once for one day one is kept: each would count before any of the others is there.
func TestOfManyNamedAtOnceOneIsKept(t *testing.T) {
	h := open(t)
	actor, today := h.as("reviewer"), h.today()
	var wait sync.WaitGroup
	errs := make([]error, 12)
	deputies := []string{h.as("reviewer-2").Person}
	h.hire("reviewer-3", access.Reviewer, clock.Date{})
	deputies = append(deputies, h.as("reviewer-3").Person)
	for i := range errs {
		wait.Go(func() {
			_, errs[i] = h.Name(t.Context(), actor, Naming{Deputy: deputies[i%len(deputies)], FirstOn: today.AddDays(i % 3), LastOn: today.AddDays(3)})
		})
	}
	wait.Wait()
	kept := 0
	for _, err := range errs {
		if err == nil {
			kept++
		} else if !errors.Is(err, ErrNamed) {
			t.Error(err)
		}
	}
	list, err := h.List(t.Context(), actor, "", 20)
	if err != nil || kept != 1 || len(list) != 1 {
		t.Errorf("%d are kept, %d are there: %v", kept, len(list), err)
	}
}

// Two for one day are found, though nothing of the program writes them.
func TestTwoForOneDayAreFound(t *testing.T) {
	h := open(t)
	for _, days := range [][2]int{{0, 1}, {2, 5}} {
		if _, err := h.name("reviewer", "reviewer-2", days[0], days[1]); err != nil {
			t.Fatal(err)
		}
	}
	for last, want := range map[int]int{1: 0, 2: 1} {
		err := h.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
			tx.Trail(store.Entry{Act: "test.prolong", Kind: kind})
			return tx.Model(&Deputy{}).Where("first_on = ?", h.today()).UpdateColumn("last_on", h.today().AddDays(last)).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		if faults, err := h.store.Fsck(t.Context(), Checks()); err != nil || len(faults) != want {
			t.Errorf("until day %d: %v %v", last, faults, err)
		}
	}
}

// A row is there for both sides in that post, and for the supervisor in whose area the office lies.
func TestWhoSeesDeputies(t *testing.T) {
	h := open(t)
	named, err := h.name("reviewer", "reviewer-2", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	town := h.as("supervisor")
	town.Area = "219901101"
	elsewhere := h.as("reviewer")
	elsewhere.Post = "another post of his"
	for name, c := range map[string]struct {
		actor access.Actor
		seen  bool
	}{
		"who is stood in for": {h.as("reviewer"), true}, "the deputy": {h.as("reviewer-2"), true}, "the county's supervisor": {h.as("supervisor"), true},
		"a town's supervisor": {town, false}, "in another post": {elsewhere, false}, "a decider of the office": {h.as("decider"), false},
		"a clerk": {h.as("clerk-hewan"), false}, "the audit administrator": {h.as("audit-admin"), false},
	} {
		list, err := h.List(context.WithoutCancel(t.Context()), c.actor, "", 10)
		if err != nil || (len(list) == 1 && list[0].ID == named.ID) != c.seen {
			t.Errorf("%s: %v %v", name, list, err)
		}
	}
	h.store.Clock().Advance(24 * time.Hour)
	if list, err := h.List(t.Context(), h.as("reviewer"), "", 10); err != nil || len(list) != 1 || list[0].Now {
		t.Errorf("the day after: %v %v", list, err)
	}
}
