package account

import (
	"path/filepath"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/secret"
	"tongban/internal/store/storetest"
)

// openRotating gives two replicas whose key file the test changes.
func openRotating(t *testing.T) (here, there *Desk, keyFile string) {
	t.Helper()
	keyFile = filepath.Join(t.TempDir(), "keys.json")
	keys, err := secret.Make()
	must(t, err)
	must(t, keys.Save(keyFile))
	_, o := storetest.Fresh(t)
	replicaOf := func() *Desk {
		o.Keys, err = secret.Follow(keyFile)
		must(t, err)
		return replica(t, o)
	}
	here, there = replicaOf(), replicaOf()
	must(t, errOf(here.Load(t.Context(), access.Round(""), demoCounty())))
	must(t, here.SetDemoPasswords(t.Context()))
	return here, there, keyFile
}

func newSigningKey(t *testing.T, d *Desk, keyFile string) (kid string) {
	t.Helper()
	kid, err := secret.Add(keyFile, secret.Signing, secret.AES)
	must(t, err)
	must(t, secret.Switch(keyFile, kid, d.now()))
	return kid
}

// kids are those of the JWK set.
func kids(d *Desk) map[string]bool {
	all := map[string]bool{}
	for _, k := range d.JWKS().Keys {
		all[k.ID] = true
	}
	return all
}

// TestSigningKeyRotates: tokens signed before stay good until their end, on both replicas; new ones carry the new kid; the JWK
// set shows both, and the old key goes when nothing that it signed lives.
func TestSigningKeyRotates(t *testing.T) {
	here, there, file := openRotating(t)
	old, _ := here.store.Keys().Signing()
	before := login(t, here, "dispatcher", "pc")
	who(t, there, before)

	kid := newSigningKey(t, here, file)
	here.store.Keys().Verifier("look") // what Watch does in time; the other replica has not looked yet
	after := login(t, here, "dispatcher", "pc")
	c, err := here.check(after.Access)
	must(t, err)
	if c.kid != kid {
		t.Errorf("signed with %s, not with %s", c.kid, kid)
	}
	for _, d := range []*Desk{here, there} {
		who(t, d, after) // the replica that is behind learns of the key by the token
		who(t, d, before)
		if got := kids(d); len(got) != 2 || !got[old] || !got[kid] {
			t.Errorf("the JWK set: %v", got)
		}
	}

	early := secret.Retire(file, old, here.now().Add(accessLife), TokenLife)
	if early == nil {
		t.Fatal("the key is retired while its tokens live")
	}
	pass(here, accessLife-time.Second)
	who(t, there, before)
	pass(here, TokenLife)
	must(t, secret.Retire(file, old, here.now(), TokenLife))
	for _, d := range []*Desk{here, there} {
		d.store.Keys().Verifier("look")
		if got := kids(d); len(got) != 1 || !got[kid] {
			t.Errorf("the JWK set: %v", got)
		}
		want(t, errOf(d.Identify(t.Context(), before.Access)), ErrToken)
	}
	who(t, here, refresh(t, here, before.Refresh, "pc")) // the session goes on
}

// TestLeakedSigningKey: what it signed is refused though its time is not over, also where the signature was checked before.
func TestLeakedSigningKey(t *testing.T) {
	here, there, file := openRotating(t)
	old, _ := here.store.Keys().Signing()
	tokens := login(t, here, "dispatcher", "pc")
	who(t, here, tokens)
	who(t, there, tokens)
	kid := newSigningKey(t, here, file)
	must(t, secret.Retire(file, old, here.now(), 0))
	for _, d := range []*Desk{here, there} {
		d.store.Keys().Verifier("look")
		want(t, errOf(d.Identify(t.Context(), tokens.Access)), ErrToken)
	}
	again := refresh(t, there, tokens.Refresh, "pc")
	who(t, here, again)
	if c, err := here.check(again.Access); err != nil || c.kid != kid {
		t.Errorf("%+v %v", c, err)
	}
}

// TestSMInstallation: people are found by SM3 indexes and read back through SM4, and log in.
func TestSMInstallation(t *testing.T) {
	keys, err := secret.MakeFor(secret.SM)
	must(t, err)
	_, o := storetest.Fresh(t)
	o.Keys = keys
	d := New(storetest.Again(t, o), Options{EasyPasswords: true, WeChat: somePhones})
	must(t, errOf(d.Load(t.Context(), access.Round(""), demoCounty())))
	must(t, d.SetDemoPasswords(t.Context()))
	clerk := as(t, d, "clerk-xinglin")
	made, err := d.RegisterResident(t.Context(), clerk, Registration{
		Name: "张𠮷花", Phone: "13876543210", IDNumber: "219901198001010016", Village: xinglin, Consent: Consent{TextVersion: "2026-01", How: "signed"},
	})
	must(t, err)
	_, err = d.RegisterResident(t.Context(), clerk, Registration{
		Name: "张花", Phone: "13876543211", IDNumber: "219901198001010016", Village: xinglin, Consent: Consent{TextVersion: "2026-01", How: "signed"},
	})
	if err == nil {
		t.Error("one ID number, two people")
	}
	var p personRow
	must(t, d.store.Read(t.Context()).Where("id = ?", made.ID).Take(&p).Error)
	if p.IDNumber[0] != 2 || p.Name[0] != 2 || p.Phone[0] != 2 {
		t.Errorf("sealed by methods %d, %d and %d", p.IDNumber[0], p.Name[0], p.Phone[0])
	}
	name, err := p.name(keys)
	must(t, err)
	if parsed, err := secret.ParseName("张𠮷花"); err != nil || !name.Equal(parsed) {
		t.Errorf("%v %v", name, err)
	}
}
