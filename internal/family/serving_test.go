package family

import (
	"strings"
	"testing"

	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/store/storetest"
)

func errOf[T any](_ T, err error) error { return err }

// TestFamiliesWaitForTheirClient: what binds two is either's matter, a household that of all who live in it, a consent his who gives it. While
// somebody else stands at the counter nothing of it is done.
func TestFamiliesWaitForTheirClient(t *testing.T) {
	d := open(t)
	ctx, by := t.Context(), d.staff["clerk-xinglin"]
	zhang, mate, li := d.settle(t, "张杏花", xinglin), d.settle(t, "张大山", xinglin), d.settle(t, "李四", xinglin)
	day := clock.DateOf(d.now())
	home, err := d.MakeHousehold(ctx, by, "12", zhang.Person)
	must(t, err)
	helps := HelperAsked{Helper: mate.Person, Scope: ScopeAll, Until: day, Consent: agreed}
	guards := Guardianship{Guardian: mate.Person, Relation: "spouse", Proof: "court", Until: day, Consent: agreed}
	helped, err := d.SetHelper(ctx, by, zhang.Person, helps)
	must(t, err)
	kept, err := d.SetGuardian(ctx, by, zhang.Person, guards)
	must(t, err)
	given, err := d.people.Consents(ctx, zhang, "", 10)
	must(t, err)
	by.Session = storetest.Session(t, d.store, by.Person, by.Post, "")
	acts := []struct {
		name   string
		others bool // mate's matter as well
		do     func() error
	}{
		{"add to the household", true, func() error { return errOf(d.AddMember(ctx, by, home.ID, mate.Person, "10")) }},
		{"remove from it", true, func() error { return errOf(d.RemoveMember(ctx, by, home.ID, mate.Person, "mistake")) }},
		{"end it", false, func() error { return errOf(d.EndHousehold(ctx, by, home.ID, "mistake")) }},
		{"make one", false, func() error { return errOf(d.MakeHousehold(ctx, by, "13", zhang.Person)) }},
		{"end the help", true, func() error { return errOf(d.EndHelping(ctx, by, helped.ID)) }},
		{"name a helper", false, func() error { return errOf(d.SetHelper(ctx, by, zhang.Person, helps)) }},
		{"end the guardianship", true, func() error { return errOf(d.EndGuardian(ctx, by, kept.ID, "mistake")) }},
		{"name a guardian", true, func() error { return errOf(d.SetGuardian(ctx, by, zhang.Person, guards)) }},
		{"record a consent", false, func() error { return errOf(d.RecordConsent(ctx, by, zhang.Person, agreed)) }},
	}
	serve := func(id string) { must(t, errOf(d.people.Serve(ctx, by, id))) }
	for _, a := range acts {
		t.Log(a.name)
		serve(li.Person)
		want(t, a.do(), account.ErrOtherClient)
		serve(mate.Person)
		if !a.others {
			want(t, a.do(), account.ErrOtherClient)
			serve(zhang.Person)
		}
		must(t, a.do())
	}
	serve(li.Person)
	withdrawn := func() error {
		return errOf(d.WithdrawFor(ctx, by, zhang.Person, given[0].ID, account.Spoken))
	}
	want(t, withdrawn(), account.ErrOtherClient)
	seen := map[string]string{}
	list, err := d.Households(ctx, by, "", 10)
	must(t, err)
	for _, h := range list {
		one, err := d.Household(ctx, by, h.ID)
		must(t, err)
		seen[h.ID] = h.HeadName + one.HeadName
	}
	if len(seen) != 2 || strings.Contains(seen[home.ID], "杏花") || !strings.Contains(seen[home.ID], "*") {
		t.Errorf("while li is served the heads are %v", seen)
	}
	serve(zhang.Person)
	if one, err := d.Household(ctx, by, home.ID); err != nil || one.HeadName != "张杏花" {
		t.Errorf("while she is served the head is %s, %v", one.HeadName, err)
	}
	must(t, errOf(d.people.StopServing(ctx, by)))
	must(t, errOf(d.SetHelper(ctx, by, li.Person, helps)))
}
