package account

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
	"tongban/internal/fault"
)

func TestLoginAnswersWhoHeIs(t *testing.T) {
	d := open(t)
	got := login(t, d, "dispatcher", "pc")
	if got.Person.Name != "谷知路" || got.ExpiresIn != 15*time.Minute || got.Refresh == "" || len(got.Posts) != 1 || got.Post != got.Posts[0].ID {
		t.Errorf("login answers %+v", got)
	}
	actor := who(t, d, got)
	if actor.Role != access.Dispatcher || actor.Area != "219901" || actor.Person != got.Person.ID || actor.Office == "" || actor.Session == "" {
		t.Errorf("he is %+v", actor)
	}
	if trailed(t, d, "person.login", got.Person.ID) != 1 {
		t.Error("the log-in is not in the trail")
	}
	verified(t, d)
}

func TestFormsOfAUsernameLogInAsOne(t *testing.T) {
	d := open(t)
	id := login(t, d, "dispatcher", "").Person.ID
	for _, typed := range []string{"Ｄispatcher", "dispatcher ", "DISPATCHER"} {
		if got := login(t, d, typed, "").Person.ID; got != id {
			t.Errorf("%q is another person", typed)
		}
	}
}

func TestUnknownUserAndWrongPasswordAnswerTheSame(t *testing.T) {
	d := open(t)
	for _, username := range []string{"dispatcher", "nobody", "", "bad\xff", "a b"} {
		before := d.passwords.spent.Load()
		_, err := d.LoginPassword(t.Context(), username, "wrong", "", "")
		want(t, err, ErrWrong)
		if diff := cmp.Diff(fault.Of(ErrWrong), fault.Of(err)); diff != "" {
			t.Errorf("%q: %s", username, diff)
		}
		if d.passwords.spent.Load() != before+1 {
			t.Errorf("%q: other work was done", username)
		}
		// the lock, too, falls the same way
		for range 4 {
			_, err = d.LoginPassword(t.Context(), username, "wrong", "", "")
			want(t, err, ErrWrong)
		}
		_, err = d.LoginPassword(t.Context(), username, "wrong", "", "")
		want(t, err, ErrLocked)
	}
}

func TestGuessingIsLockedButTheRightPersonIsNot(t *testing.T) {
	d := open(t)
	login(t, d, "dispatcher", "his pc")
	before := d.passwords.spent.Load()
	for i := range 40 {
		want(t, errOf(d.LoginPassword(t.Context(), "dispatcher", fmt.Sprint("guess", i), "", fmt.Sprint("device", i))), map[bool]*fault.Fault{true: ErrWrong, false: ErrLocked}[i < 5])
	}
	if n := d.passwords.spent.Load() - before; n != 5 {
		t.Errorf("%d guesses reached the hash", n)
	}
	_, err := d.LoginPassword(t.Context(), "dispatcher", d.password(), "", "a stranger's")
	want(t, err, ErrLocked)
	if wait := fault.Of(err).Wait; wait <= 0 || wait > 15*time.Minute {
		t.Errorf("come again in %s", wait)
	}
	login(t, d, "dispatcher", "his pc")
	login(t, d, "supervisor", "") // somebody else is not touched
	_, err = d.LoginPassword(t.Context(), "dispatcher", d.password(), "", "a stranger's")
	want(t, err, ErrLocked) // his log-in does not open the door for the stranger
	pass(d, 15*time.Minute)
	login(t, d, "dispatcher", "a stranger's")
}

func TestGuessingFromManyKnownDevicesReachesTheHashTenTimes(t *testing.T) {
	d := open(t)
	for i := range 4 {
		login(t, d, "dispatcher", fmt.Sprint("pc", i))
	}
	before := d.passwords.spent.Load()
	for i := range 40 {
		if _, err := d.LoginPassword(t.Context(), "dispatcher", "wrong", "", []string{"", "pc0", "pc1", "pc2", "pc3"}[i%5]); err == nil {
			t.Fatal("a guess was right")
		}
	}
	if n := d.passwords.spent.Load() - before; n != 10 {
		t.Errorf("%d guesses reached the hash", n)
	}
}

func TestDeviceIsKnownToItsPersonOnly(t *testing.T) {
	d := open(t)
	login(t, d, "supervisor", "shared")
	for range 5 {
		want(t, errOf(d.LoginPassword(t.Context(), "dispatcher", "wrong", "", "")), ErrWrong)
	}
	want(t, errOf(d.LoginPassword(t.Context(), "dispatcher", d.password(), "", "shared")), ErrLocked)
	want(t, errOf(d.LoginPassword(t.Context(), "dispatcher", d.password(), "", string(make([]byte, 129)))), fault.BadField)
}

func TestSuccessfulLoginsAreNoGuesses(t *testing.T) {
	d := open(t)
	for range 12 {
		login(t, d, "dispatcher", "")
		login(t, d, "dispatcher", "pc")
	}
}

func TestDisabledAndWithoutPost(t *testing.T) {
	d := open(t)
	admin := as(t, d, "system-admin")
	id := personOf(t, d, "dispatcher")
	want(t, errOf(d.Disable(t.Context(), as(t, d, "supervisor"), id, "调离")), fault.NotYours)
	want(t, errOf(d.Disable(t.Context(), admin, admin.Person, "调离")), ErrOwnPost)
	want(t, errOf(d.Disable(t.Context(), admin, "nobody", "调离")), fault.NotFound)
	want(t, errOf(d.Disable(t.Context(), admin, id, " ")), fault.BadField)
	for range 2 { // a second time nothing happens
		now, err := d.Disable(t.Context(), admin, id, "调离")
		if err != nil || !now.Disabled || now.Version != 3 {
			t.Errorf("disabled: %+v, %v", now, err)
		}
	}
	if trailed(t, d, "person.disable", id) != 1 {
		t.Error("the trail does not say so once")
	}
	want(t, errOf(d.LoginPassword(t.Context(), "dispatcher", "wrong", "", "")), ErrWrong) // a guesser learns nothing
	want(t, errOf(d.LoginPassword(t.Context(), "dispatcher", d.password(), "", "")), ErrDisabled)
	want(t, errOf(d.ChangePassword(t.Context(), "dispatcher", d.password(), "kettle-7-orchard", "", "")), ErrDisabled)
	must(t, errOf(d.Enable(t.Context(), admin, id, "回来了")))
	login(t, d, "dispatcher", "")

	must(t, d.store.Write(t.Context(), access.Round(""), endOfTerm(id, "2026-11-22")))
	want(t, errOf(d.LoginPassword(t.Context(), "dispatcher", d.password(), "", "")), ErrNoPost)
}

func TestPasswordFromTheAdministratorMustBeChanged(t *testing.T) {
	d := open(t)
	want(t, errOf(d.RenewPassword(t.Context(), as(t, d, "supervisor"), personOf(t, d, "dispatcher"), "忘了")), fault.NotYours)
	want(t, errOf(d.IssuePassword(t.Context(), as(t, d, "system-admin"), "dispatcher")), fault.NotYours) // by name only at the machine
	want(t, errOf(d.IssuePassword(t.Context(), access.Round(""), "nobody")), fault.NotFound)
	old := as(t, d, "dispatcher")
	given, err := d.RenewPassword(t.Context(), as(t, d, "system-admin"), personOf(t, d, "dispatcher"), "忘了密码")
	must(t, err)
	want(t, d.Logout(t.Context(), access.Actor{}), fault.NeedLogin)
	want(t, errOf(d.SwitchPost(t.Context(), old, old.Post)), ErrToken) // his sessions have ended
	want(t, errOf(d.LoginPassword(t.Context(), "dispatcher", d.password(), "", "")), ErrWrong)
	want(t, errOf(d.LoginPassword(t.Context(), "dispatcher", given, "", "")), ErrMustChange)
	want(t, errOf(d.ChangePassword(t.Context(), "dispatcher", "wrong", "kettle-7-orchard", "", "")), ErrWrong)
	want(t, errOf(d.ChangePassword(t.Context(), "dispatcher", given, "password1234", "", "")), ErrWeakPassword)
	want(t, errOf(d.ChangePassword(t.Context(), "dispatcher", given, given, "", "")), ErrWeakPassword)
	tokens, err := d.ChangePassword(t.Context(), "dispatcher", given, "kettle-7-orchard", "", "pc")
	must(t, err)
	who(t, d, tokens)
	must(t, errOf(d.LoginPassword(t.Context(), "dispatcher", "kettle-7-orchard", "", "")))
	want(t, errOf(d.LoginPassword(t.Context(), "dispatcher", given, "", "")), ErrWrong)
	verified(t, d)
}

func TestLoginByWeChat(t *testing.T) {
	d := open(t)
	first, err := d.LoginWeChat(t.Context(), WeChatLogin{Code: "code-1", Device: "phone"})
	must(t, err)
	actor := who(t, d, first)
	if actor.Role != access.Resident || actor.Post != "" || actor.Area != "" || first.Person.Name != "" || len(first.Posts) != 0 {
		t.Errorf("he is %+v by %+v", actor, first)
	}
	again, err := d.LoginWeChat(t.Context(), WeChatLogin{Code: "code-1-again", Device: "phone"})
	must(t, err)
	other, err := d.LoginWeChat(t.Context(), WeChatLogin{Code: "code-2", Device: "phone"})
	must(t, err)
	if again.Person.ID != first.Person.ID || other.Person.ID == first.Person.ID {
		t.Error("an openid is not one person")
	}
	want(t, errOf(d.LoginWeChat(t.Context(), WeChatLogin{Code: "unknown", Device: "phone"})), errUsedCode)
	want(t, errOf(New(d.store, Options{}).LoginWeChat(t.Context(), WeChatLogin{Code: "code-1"})), errNoWeChat)
	verified(t, d)
}

func TestFirstLoginsByWeChatAtOnceAreOnePerson(t *testing.T) {
	d := open(t)
	var all sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		all.Go(func() {
			tokens, err := d.LoginWeChat(t.Context(), WeChatLogin{Code: "code-1"})
			if err != nil {
				t.Error(err)
			}
			ids[i] = tokens.Person.ID
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] || id == "" {
			t.Fatalf("they are %v", ids)
		}
	}
}
