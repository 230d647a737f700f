package account

import (
	"testing"

	"tongban/internal/access"
	"tongban/internal/store"
)

// A password that somebody else knows binds nobody's phone: he could bind his own, and the recovery codes would be told to nobody.
func TestATemporaryPasswordBindsNoPhone(t *testing.T) {
	d := open(t)
	someone, own := hire(t, d, "someone", access.Window)
	begun, err := d.BeginTOTP(t.Context(), "someone", own, "pc")
	must(t, err)
	given, err := d.RenewPassword(t.Context(), as(t, d, "system-admin"), someone.ID, "忘了")
	must(t, err)
	want(t, errOf(d.BeginTOTP(t.Context(), "someone", given, "pc")), ErrMustChange)
	want(t, errOf(d.ConfirmTOTP(t.Context(), "someone", given, codeAt(t, begun.Secret, d.now()), "pc")), ErrMustChange)
	must(t, errOf(d.ChangePassword(t.Context(), "someone", given, own, "", "pc")))
	must(t, errOf(d.LoginPassword(t.Context(), "someone", own, "", "pc"))) // nothing was bound
	must(t, errOf(d.ConfirmTOTP(t.Context(), "someone", own, codeAt(t, begun.Secret, d.now()), "pc")))
}

// Somebody begins anew while a code of the older secret is looked at: the newer one, of which nobody showed a code, is not in force.
func TestWhatIsConfirmedIsWhatWasShown(t *testing.T) {
	d := open(t)
	pw := d.password()
	must(t, errOf(d.BeginTOTP(t.Context(), "decider", pw, "pc")))
	p, err := onePerson(d.store.Read(t.Context()).Where("username = ?", "decider"))
	must(t, err)
	older, err := d.totpOf(d.store.Read(t.Context()), p.ID)
	must(t, err)
	must(t, errOf(d.BeginTOTP(t.Context(), "decider", pw, "pc")))
	want(t, d.confirm(t.Context(), p, older.ID, 1, newRecovery()), store.ErrLost)
	newer, err := d.totpOf(d.store.Read(t.Context()), p.ID)
	must(t, err)
	if newer.ConfirmedAt != nil {
		t.Error("the newer secret is in force")
	}
}
