package account

import (
	"strings"
	"testing"

	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// TestAPersonsOwnActsWaitForHim: who stands at the counter is bound, corrected, closed and told of his consents, and nobody else is; and of the
// names that another desk shows he hears his own.
func TestAPersonsOwnActsWaitForHim(t *testing.T) {
	d := open(t)
	ctx, by := t.Context(), as(t, d, "clerk-xinglin")
	here, err := d.RegisterResident(ctx, by, registration("王淑芬"))
	must(t, err)
	there, err := d.RegisterResident(ctx, by, registration("李桂兰"))
	must(t, err)
	right, err := d.ReadCorrection(NameField, "王淑芳")
	must(t, err)
	acts := map[string]func(*store.Tx) error{
		"correct": func(tx *store.Tx) error { return errOf(d.Correct(tx, here.ID, right, "看了身份证")) },
		"close":   func(tx *store.Tx) error { return errOf(d.Leaving(tx, here.ID, Closing{ClosedAsked, "本人要求"})) },
	}
	tried := func() map[string]error {
		got := map[string]error{
			"bind":     errOf(d.MakeBindCode(ctx, by, here.ID)),
			"consents": errOf(d.ResidentConsents(ctx, by, here.ID, "", 10)),
		}
		for name, do := range acts {
			got[name] = d.store.Write(ctx, by, do)
		}
		return got
	}
	named := func() (name string) {
		must(t, d.store.Write(ctx, by, func(tx *store.Tx) (err error) {
			name, err = d.NameFor(tx.DB, by, tx, here.ID, "查看户的信息")
			return err
		}))
		return name
	}
	must(t, errOf(d.Serve(ctx, by, there.ID)))
	for name, err := range tried() {
		t.Log(name)
		want(t, err, ErrOtherClient)
	}
	reads := trailed(t, d, "person.read", here.ID)
	if name := named(); name == "王淑芬" || !strings.Contains(name, "*") || trailed(t, d, "person.read", here.ID) != reads {
		t.Errorf("while another one is served it is %s", name)
	}
	must(t, errOf(d.Serve(ctx, by, here.ID)))
	if name := named(); name != "王淑芬" {
		t.Errorf("while he is served it is %s", name)
	}
	for name, err := range tried() {
		t.Log(name)
		must(t, err)
	}
	must(t, errOf(d.StopServing(ctx, by)))
	must(t, errOf(d.MakeBindCode(ctx, by, here.ID))) // who serves nobody is not bound
	if name := named(); name != "王淑芳" {
		t.Errorf("while nobody is served it is %s", name)
	}
	elsewhere := as(t, d, "clerk-hewan") // what he does not see is not there, whomever he serves
	elsewhere.Session = storetest.Session(t, d.store, elsewhere.Person, elsewhere.Post, "somebody")
	if err := errOf(d.MakeBindCode(ctx, elsewhere, here.ID)); err == nil || strings.Contains(err.Error(), ErrOtherClient.Code) {
		t.Errorf("another village's clerk: %v", err)
	}
}
