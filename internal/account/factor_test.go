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

// A post that demands a second factor is not acted in by a session that began without one, before the post was given.
func TestAnOlderSessionDoesNotPassBeforeTheSecondFactor(t *testing.T) {
	d := open(t)
	tokens := login(t, d, "dispatcher", "pc")
	actor := who(t, d, tokens)
	security := as(t, d, "security-admin")
	d.guarded = SecondFactor("admins")
	given, err := d.GivePost(t.Context(), security, actor.Person, termOf(t, d, access.AuditAdmin))
	must(t, err)
	post := postOf(given, access.AuditAdmin)
	want(t, errOf(d.SwitchPost(t.Context(), actor, post)), ErrOTPEnrol)

	tokens = refresh(t, d, tokens.Refresh, "pc") // in his old post he goes on
	if who(t, d, tokens).Role != access.Dispatcher {
		t.Error("the renewed token is for another post")
	}
	old := security
	old.Role = access.SystemAdmin
	must(t, errOf(d.EndPost(t.Context(), old, actor.Post, Ending{Why: "换岗"})))
	want(t, errOf(d.Refresh(t.Context(), tokens.Refresh, "pc")), ErrToken)

	e, err := d.BeginTOTP(t.Context(), "dispatcher", d.password(), "pc")
	must(t, err)
	enrolled, err := d.ConfirmTOTP(t.Context(), "dispatcher", d.password(), codeAt(t, e.Secret, d.now()), "pc")
	must(t, err)
	must(t, errOf(d.SwitchPost(t.Context(), who(t, d, enrolled.Tokens), post)))
}
