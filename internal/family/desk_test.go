package family

import (
	"errors"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

const (
	xinglin access.Area = "219901101201"
	hewan   access.Area = "219901101202"
)

// town is a desk in the demo county, with its staff.
type town struct {
	*Desk
	staff map[string]access.Actor
}

func open(t *testing.T) town {
	t.Helper()
	s := storetest.Open(t)
	people := account.New(s, account.Options{EasyPasswords: true})
	_, err := people.Load(t.Context(), access.Round(""), account.Source{FS: os.DirFS("../../config/county"), Demo: true})
	must(t, err)
	accounts, err := people.DemoAccounts(t.Context())
	must(t, err)
	d := town{New(s, people), map[string]access.Actor{}}
	for _, a := range accounts {
		d.staff[a.Username] = a.Posts[0].Actor("")
	}
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, err error, is *fault.Fault) {
	t.Helper()
	if !errors.Is(err, is) {
		t.Fatalf("got %v, want %v", err, is)
	}
}

var agreed = account.Consent{TextVersion: "2026-01", How: account.Spoken}

// settle registers somebody in a village.
func (d town) settle(t *testing.T, name string, village access.Area) access.Actor {
	t.Helper()
	clerk := map[access.Area]string{xinglin: "clerk-xinglin", hewan: "clerk-hewan"}[village]
	r, err := d.people.RegisterResident(t.Context(), d.staff[clerk], account.Registration{Name: name, Village: village, Consent: agreed})
	must(t, err)
	return access.Actor{Person: r.ID, Role: access.Resident, Area: village}
}

// TestAMinorsGuardianshipEndsWithHisLastDay: whenever a minor was born and whatever day it is, the guardian's last day is the last on
// which he is a minor.
func TestAMinorsGuardianshipEndsWithHisLastDay(t *testing.T) {
	g := Guardianship{Guardian: "g", Relation: "mother", Proof: "household_register", Consent: agreed}
	rapid.Check(t, func(t *rapid.T) {
		today := clock.Date{Year: 2020, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 5000).Draw(t, "today"))
		eldest := today.AddYears(-account.FullAge).AddDays(2) // one day more for who was born on 29 February
		day := eldest.AddDays(rapid.IntRange(0, eldest.DaysUntil(today)).Draw(t, "day"))
		born, err := secret.NewBirthDate(day, today)
		if err != nil || !born.Under(account.FullAge, today) {
			t.Fatalf("%s is of age on %s (%v)", day, today, err)
		}
		last, err := g.until(account.Known{Born: born}, today)
		if err != nil || last.Before(today) || !born.Under(account.FullAge, last) || born.Under(account.FullAge, last.AddDays(1)) {
			t.Fatalf("born on %s, the last day is %s (%v)", day, last, err)
		}
	})
}

// TestHouseholdsFollowTheirVillage: after a merger the clerk of the village that stays has them all; a number that both used names its
// old village.
func TestHouseholdsFollowTheirVillage(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	here, there := d.settle(t, "周一", xinglin), d.settle(t, "吴一", hewan)
	other, gone := d.settle(t, "吴二", hewan), d.settle(t, "吴三", hewan)
	stays, err := d.MakeHousehold(ctx, d.staff["clerk-xinglin"], "12", here.Person)
	must(t, err)
	same, err := d.MakeHousehold(ctx, d.staff["clerk-hewan"], "12", there.Person)
	must(t, err)
	free, err := d.MakeHousehold(ctx, d.staff["clerk-hewan"], "13", other.Person)
	must(t, err)
	over, err := d.MakeHousehold(ctx, d.staff["clerk-hewan"], "14", gone.Person)
	must(t, err)
	_, err = d.EndHousehold(ctx, d.staff["clerk-hewan"], over.ID, "moved")
	must(t, err)

	order := account.Order{Day: clock.DateOf(d.now()), Document: "青政发〔2026〕12号"}
	_, err = d.people.MergeVillage(ctx, d.staff["system-admin"], hewan, xinglin, order)
	must(t, err)
	list, err := d.Households(ctx, d.staff["clerk-xinglin"], "", 100)
	must(t, err)
	numbers := map[string]string{}
	for _, h := range list {
		if h.Village != xinglin {
			t.Errorf("%+v", h)
		}
		numbers[h.ID] = h.Number
	}
	for id, number := range map[string]string{stays.ID: "12", same.ID: "219901101202-12", free.ID: "13", over.ID: "14"} {
		if numbers[id] != number {
			t.Errorf("%q has the number %q now, want %q", id, numbers[id], number)
		}
	}
	if _, err := d.Household(ctx, d.staff["clerk-hewan"], same.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("the clerk of the village that ended: %v", err)
	}
	if h, err := d.Household(ctx, there, same.ID); err != nil || len(h.Members) != 1 {
		t.Errorf("the family sees %+v, %v", h, err)
	}
	if n, err := d.Carry(ctx, hewan, xinglin); err != nil || n != 0 {
		t.Errorf("done again it carries %d, %v", n, err)
	}
	// The clerk goes on with them, and the number is taken.
	_, err = d.AddMember(ctx, d.staff["clerk-xinglin"], same.ID, gone.Person, "30")
	must(t, err)
	_, err = d.MakeHousehold(ctx, d.staff["clerk-xinglin"], "13", d.settle(t, "周二", xinglin).Person)
	want(t, err, ErrHouseholdNumber)
	_, err = d.store.Verify(ctx)
	must(t, err)
}

// TestOneHouseholdAtATime: of many that take somebody in at once, one gets him.
func TestOneHouseholdAtATime(t *testing.T) {
	d := open(t)
	ctx, clerk := t.Context(), d.staff["clerk-xinglin"]
	child := d.settle(t, "小山", xinglin)
	var homes []string
	for _, number := range []string{"1", "2", "3", "4"} {
		h, err := d.MakeHousehold(ctx, clerk, number, d.settle(t, "户主", xinglin).Person)
		must(t, err)
		homes = append(homes, h.ID)
	}
	faults := make([]error, len(homes))
	var all sync.WaitGroup
	for i, id := range homes {
		all.Go(func() { _, faults[i] = d.AddMember(ctx, clerk, id, child.Person, "20") })
	}
	all.Wait()
	won := 0
	for _, err := range faults {
		if err == nil {
			won++
		} else if !errors.Is(err, ErrInHousehold) {
			t.Error(err)
		}
	}
	var n int64
	must(t, d.store.Read(ctx).Model(&memberRow{}).Where("open_person = ?", child.Person).Count(&n).Error)
	if won != 1 || n != 1 {
		t.Errorf("%d households got the child, he is in %d", won, n)
	}
}

// TestTwoGuardiansOneEnd: a child may have several, and the end of one leaves the other, until the last day.
func TestTwoGuardiansOneEnd(t *testing.T) {
	d := open(t)
	ctx, clerk := t.Context(), d.staff["clerk-xinglin"]
	father, mother := d.settle(t, "周大", xinglin), d.settle(t, "吴秀", xinglin)
	child, err := d.people.RegisterResident(ctx, clerk, account.Registration{
		Name: "周小", Village: xinglin, BirthDate: clock.Date{Year: 2016, Month: 2, Day: 29},
		Consent: account.Consent{TextVersion: "2026-01", How: account.Signed, GivenBy: father.Person},
	})
	must(t, err)
	ids := map[string]string{}
	for who, relation := range map[string]Relation{father.Person: "father", mother.Person: "mother"} {
		a, err := d.SetGuardian(ctx, clerk, child.ID, Guardianship{Guardian: who, Relation: relation, Proof: "household_register", Consent: agreed})
		must(t, err)
		if a.ValidUntil != (clock.Date{Year: 2034, Month: 2, Day: 27}) {
			t.Errorf("until %s", a.ValidUntil)
		}
		ids[who] = a.ID
	}
	_, err = d.EndGuardian(ctx, clerk, ids[father.Person], "court")
	must(t, err)
	acts := func(who, whose string) error {
		return d.store.Write(ctx, access.Actor{Person: who, Role: access.Resident, Area: xinglin}, func(tx *store.Tx) error {
			_, err := ActsFor(tx, whose, xinglin)
			return err
		})
	}
	must(t, acts(mother.Person, child.ID))
	want(t, acts(father.Person, child.ID), fault.NotFound)
	want(t, acts(mother.Person, father.Person), fault.NotFound) // for nobody else
	// A renewed one finds the old one out of its way, once that is over.
	_, err = d.SetGuardian(ctx, clerk, child.ID, Guardianship{Guardian: mother.Person, Relation: "mother", Proof: "court", Consent: agreed})
	want(t, err, ErrGuardianTwice)
	d.store.Clock().Set(time.Date(2034, 2, 28, 12, 0, 0, 0, clock.Shanghai))
	want(t, acts(mother.Person, child.ID), fault.NotFound) // the day after the last one
}

// TestClosingEndsAllRelations: who closes his account helps nobody, guards nobody and lives with nobody any more; what is others' stays.
func TestClosingEndsAllRelations(t *testing.T) {
	d := open(t)
	ctx, clerk := t.Context(), d.staff["clerk-xinglin"]
	gone, wife, friend, alone := d.settle(t, "周大", xinglin), d.settle(t, "吴秀", xinglin), d.settle(t, "郑友", xinglin), d.settle(t, "王独", xinglin)
	home, err := d.MakeHousehold(ctx, clerk, "1", gone.Person)
	must(t, err)
	_, err = d.AddMember(ctx, clerk, home.ID, wife.Person, "10")
	must(t, err)
	single, err := d.MakeHousehold(ctx, clerk, "2", alone.Person)
	must(t, err)
	until := clock.DateOf(d.now()).AddDays(30)
	for _, pair := range [][2]access.Actor{{gone, friend}, {friend, gone}, {wife, friend}} {
		_, err = d.SetHelper(ctx, clerk, pair[0].Person, HelperAsked{Helper: pair[1].Person, Scope: ScopeAll, Until: until, Consent: agreed})
		must(t, err)
	}
	_, err = d.SetGuardian(ctx, clerk, wife.Person, Guardianship{Guardian: gone.Person, Relation: "spouse", Proof: "court", Until: until, Consent: agreed})
	must(t, err)
	for _, p := range []access.Actor{gone, alone} {
		must(t, d.store.Write(ctx, p, func(tx *store.Tx) error { return d.Forget(tx, p.Person) }))
	}
	left, err := d.Actings(ctx, clerk, "", 100)
	must(t, err)
	for _, a := range left {
		if involved := a.Principal == gone.Person || a.Helper == gone.Person; involved != (a.Status == ActingEnded) {
			t.Errorf("%s helps %s: %s", a.Helper, a.Principal, a.Status)
		}
	}
	if len(left) != 4 {
		t.Errorf("%d relations", len(left))
	}
	if h, err := d.Household(ctx, clerk, home.ID); err != nil || h.EndedAt != nil || len(h.Members) != 1 {
		t.Errorf("%+v, %v", h, err)
	}
	if h, err := d.Household(ctx, clerk, single.ID); err != nil || h.EndedAt == nil {
		t.Errorf("nobody is in it, and it goes on: %+v, %v", h, err)
	}
	if h, err := d.ChangeHead(ctx, clerk, home.ID, wife.Person, nil); err != nil || h.Head != wife.Person || h.Members[0].Relation != Head {
		t.Errorf("the widow is no head: %+v, %v", h, err)
	}
}

// TestAnUnansweredRequestIsStillWithdrawn: the request is given up after its time, the consent to it stays, and with it the right to
// take it back.
func TestAnUnansweredRequestIsStillWithdrawn(t *testing.T) {
	d := open(t)
	ctx, me := t.Context(), d.settle(t, "周一", xinglin)
	asked := HelperAsked{Phone: "13900000019", Scope: ScopeAll, Until: clock.DateOf(d.now()), Consent: account.Consent{TextVersion: "2026-01"}}
	_, err := d.AskHelper(ctx, me, asked)
	must(t, err)
	d.store.Clock().Advance(400 * 24 * time.Hour)
	unanswered := Perishables[0]
	must(t, d.store.Write(ctx, access.Round(""), func(tx *store.Tx) error {
		gone := unanswered.Due(tx.Table(unanswered.Table), d.now().AddDate(0, -6, 0)).Delete(nil)
		if gone.Error == nil && gone.RowsAffected != 1 {
			t.Fatalf("%d requests are given up", gone.RowsAffected)
		}
		return gone.Error
	}))
	consents, err := d.people.Consents(ctx, me, "", 10)
	must(t, err)
	helped := consents[slices.IndexFunc(consents, func(g account.Given) bool { return g.Kind == account.ToActing })].ID
	done, err := d.Withdraw(ctx, me, helped)
	must(t, err)
	if done.Kind != account.ToActing || done.WithdrawnAt == nil {
		t.Errorf("%+v", done)
	}
	_, err = d.Withdraw(ctx, me, helped)
	want(t, err, ErrWithdrawn)
}

// TestEveryWordIsKnown: what the API offers is on the closed lists, in words.
func TestEveryWordIsKnown(t *testing.T) {
	for _, k := range []Kin{Head, "10", "20", "28", "30", "38", "40", "50", "51", "52", "60", "70", "80", "97", "99"} {
		if k.Text() == "" {
			t.Errorf("the code %s has no word", k)
		}
	}
	for _, r := range append(ofWards, "father", "mother", "grandparent", "maternal_grandparent", "sibling", "other") {
		if r.Text() == "" {
			t.Errorf("%s has no word", r)
		}
	}
	for _, p := range append(forWards, "household_register", "birth_certificate") {
		if p.Text() == "" {
			t.Errorf("%s has no word", p)
		}
	}
	if len(kin) != 15 || len(relations) != 8 || len(proofs) != 4 || len(changes) != 4 || len(leavings) != 6 {
		t.Error("the lists of the API and of the desk differ in length")
	}
}
