package account

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
)

// codeFor has the system administrator make a code for a member of the staff.
func codeFor(t *testing.T, d *Desk, username string) string {
	t.Helper()
	made, err := d.MakeStaffCode(t.Context(), as(t, d, "system-admin"), personOf(t, d, username))
	must(t, err)
	return made.Code
}

func bindTo(t *testing.T, d *Desk, username, wx string) {
	t.Helper()
	must(t, errOf(d.BindStaff(t.Context(), wx, codeFor(t, d, username), "", "192.0.2.7")))
}

func asStaff(wx string) WeChatLogin { return WeChatLogin{Code: wx, As: AsStaff} }

func TestStaffLogsInByWeChat(t *testing.T) {
	d := open(t)
	id := personOf(t, d, "clerk-xinglin")
	want(t, errOf(d.LoginWeChat(t.Context(), asStaff("code-1"))), ErrNotBound)
	older := codeFor(t, d, "clerk-xinglin")
	code := codeFor(t, d, "clerk-xinglin")
	want(t, errOf(d.BindStaff(t.Context(), "code-1", older, "", "")), ErrStaffBindCode) // the newer one replaced it
	got, err := d.BindStaff(t.Context(), "code-1", " "+code[:4]+code[5:]+" ", "phone", "")
	must(t, err)
	if got.Username != "clerk-xinglin" || got.MustChange || trailed(t, d, "staff.bind_wechat", id) != 1 || trailed(t, d, "staff.wechat_code", id) != 2 {
		t.Errorf("bound %+v", got)
	}
	mark, err := d.deviceMark("phone")
	must(t, err)
	if known, err := d.knowsDevice(t.Context(), id, mark); err != nil || !known {
		t.Errorf("strangers' guesses shut his phone out: %v", err)
	}
	must(t, errOf(d.BindStaff(t.Context(), "code-1", code, "", ""))) // the answer got lost
	want(t, errOf(d.BindStaff(t.Context(), "code-2", code, "", "")), ErrStaffBindCode)
	want(t, errOf(d.MakeStaffCode(t.Context(), as(t, d, "system-admin"), id)), ErrStaffHasWeChat)

	for _, l := range []WeChatLogin{asStaff("code-1"), {Code: "code-1"}} {
		tokens, err := d.LoginWeChat(t.Context(), l)
		must(t, err)
		if me := who(t, d, tokens); me.Person != id || me.Role != access.Clerk || len(tokens.Posts) != 2 || tokens.As != AsStaff || tokens.Both {
			t.Errorf("as %q: %+v, %+v", l.As, me, tokens)
		}
	}
	// He is a villager too, from the day when he says so; staff is what he must ask for then.
	for n, c := range []struct{ as, want string }{{AsResident, AsResident}, {"", AsResident}, {AsStaff, AsStaff}} {
		tokens, err := d.LoginWeChat(t.Context(), WeChatLogin{Code: "code-1", As: c.as})
		must(t, err)
		if me := who(t, d, tokens); (me.Person == id) != (c.want == AsStaff) || tokens.As != c.want || !tokens.Both {
			t.Errorf("%d: as %q he is %+v, %+v", n, c.as, me, tokens)
		}
	}
	verified(t, d)
}

// A resident's code opens no account of the staff, and the other way round.
func TestCodesOfTwoKindsDoNotMeet(t *testing.T) {
	d := open(t)
	there := elder(t, d, "王淑芬")
	of, err := d.MakeBindCode(t.Context(), as(t, d, "clerk-xinglin"), there.ID)
	must(t, err)
	want(t, errOf(d.BindStaff(t.Context(), "code-1", of.Code, "", "")), ErrStaffBindCode)
	want(t, errOf(d.BindByCode(t.Context(), resident(t, d, "code-2"), codeFor(t, d, "clerk-hewan"), "")), ErrBindCode)
	want(t, errOf(d.MakeStaffCode(t.Context(), as(t, d, "system-admin"), there.ID)), fault.NotFound)
}

func TestWhoMakesStaffCodes(t *testing.T) {
	d := open(t)
	clerk, auditor := personOf(t, d, "clerk-xinglin"), personOf(t, d, "audit-admin")
	want(t, errOf(d.MakeStaffCode(t.Context(), as(t, d, "security-admin"), clerk)), fault.NotYours)
	want(t, errOf(d.MakeStaffCode(t.Context(), as(t, d, "clerk-hewan"), clerk)), fault.NotYours)
	want(t, errOf(d.MakeStaffCode(t.Context(), as(t, d, "system-admin"), auditor)), fault.NotYours) // who is to watch him
	want(t, errOf(d.MakeStaffCode(t.Context(), as(t, d, "system-admin"), personOf(t, d, "system-admin"))), ErrOwnPost)
	must(t, errOf(d.MakeStaffCode(t.Context(), as(t, d, "security-admin"), auditor)))
}

func TestWhatRefusesABinding(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(*testing.T, *Desk)
		want *fault.Fault
	}{
		"too late":         {func(_ *testing.T, d *Desk) { pass(d, staffBindLife) }, ErrStaffBindCode},
		"disabled":         {func(t *testing.T, d *Desk) { shutOut(t, d, "clerk-hewan") }, ErrStaffBindCode},
		"no post any more": {func(t *testing.T, d *Desk) { retire(t, d, "clerk-hewan") }, ErrNoPost},
		"taken":            {func(t *testing.T, d *Desk) { bindTo(t, d, "grid-hewan", "code-1") }, ErrWeChatTaken},
		"unbound meanwhile": {func(t *testing.T, d *Desk) {
			must(t, errOf(d.UnbindStaff(t.Context(), as(t, d, "security-admin"), personOf(t, d, "clerk-hewan"), "可疑")))
		}, ErrStaffBindCode},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			code := codeFor(t, d, "clerk-hewan")
			c.set(t, d)
			want(t, errOf(d.BindStaff(t.Context(), "code-1", code, "", "")), c.want)
			if n := trailed(t, d, "staff.bind_wechat", personOf(t, d, "clerk-hewan")); n != 0 {
				t.Errorf("%d bindings", n)
			}
		})
	}
}

func shutOut(t *testing.T, d *Desk, username string) {
	t.Helper()
	must(t, errOf(d.Disable(t.Context(), as(t, d, "system-admin"), personOf(t, d, username), "离职")))
}

func retire(t *testing.T, d *Desk, username string) {
	t.Helper()
	m, err := d.StaffMember(t.Context(), as(t, d, "system-admin"), personOf(t, d, username))
	must(t, err)
	for _, p := range m.Posts {
		must(t, errOf(d.EndPost(t.Context(), as(t, d, "system-admin"), p.ID, Ending{Why: "调整"})))
	}
}

// Guesses are counted in the database before the code is looked at: the right one comes too late, also at another replica.
func TestGuessesAtStaffCodesAreCounted(t *testing.T) {
	d, o := openFresh(t)
	code := codeFor(t, d, "clerk-hewan")
	for n := range staffBindTries.Most {
		want(t, errOf(d.BindStaff(t.Context(), "code-1", fmt.Sprintf("ABCD-EFG%d", n), "", "192.0.2.1")), ErrStaffBindCode)
	}
	want(t, errOf(replica(t, o).BindStaff(t.Context(), "code-1", code, "", "192.0.2.2")), ErrStaffBindTries)
	want(t, errOf(d.BindStaff(t.Context(), "code-1", "12", "", "192.0.2.2")), fault.BadField)
	must(t, errOf(d.BindStaff(t.Context(), "code-2", code, "", "192.0.2.2"))) // another phone is not shut out

	var wait sync.WaitGroup
	refused := make(chan error, 2*bindAddresses.Most)
	for range cap(refused) {
		wait.Go(func() { refused <- errOf(d.BindStaff(t.Context(), "used up", "ABCD-EFGH", "", "192.0.2.9")) })
	}
	wait.Wait()
	close(refused)
	admitted := 0
	for err := range refused {
		if fault.Of(err).Fault == errUsedCode {
			admitted++
		}
	}
	if admitted > bindAddresses.Most {
		t.Errorf("one address got %d tries", admitted)
	}
	pass(d, 24*time.Hour)
	want(t, errOf(d.BindStaff(t.Context(), "code-1", "ABCDEFGH", "", "192.0.2.9")), ErrStaffBindCode)
}

// Two phones type the same code at once, and one code goes to one of them.
func TestOneCodeBindsOnePhone(t *testing.T) {
	d := open(t)
	code := codeFor(t, d, "clerk-hewan")
	var wait sync.WaitGroup
	done := make([]error, 3)
	for i, wx := range []string{"code-1", "code-2", "code-3"} {
		wait.Go(func() { done[i] = errOf(d.BindStaff(t.Context(), wx, code, "", "")) })
	}
	wait.Wait()
	bound := 0
	for _, err := range done {
		if err == nil {
			bound++
		}
	}
	if bound != 1 || trailed(t, d, "staff.bind_wechat", personOf(t, d, "clerk-hewan")) != 1 {
		t.Errorf("%v", done)
	}
}

func TestWeChatIsNoWayAroundAPassword(t *testing.T) {
	d := open(t)
	made, err := d.CreateStaff(t.Context(), as(t, d, "system-admin"), Newcomer{Username: "new.one", Name: "新来人", Post: termOf(t, d, access.Decider)})
	must(t, err)
	got, err := d.BindStaff(t.Context(), "code-1", codeFor(t, d, "new.one"), "", "")
	must(t, err)
	if !got.MustChange {
		t.Error("he is not told to change his password")
	}
	want(t, errOf(d.LoginWeChat(t.Context(), asStaff("code-1"))), ErrMustChange)
	const own = "井水清清-石桥弯弯-42"
	must(t, errOf(d.ChangePassword(t.Context(), "new.one", made.Password, own, "", "")))
	must(t, errOf(d.LoginWeChat(t.Context(), asStaff("code-1"))))

	d.guarded = SecondFactor("deciders")
	want(t, errOf(d.LoginWeChat(t.Context(), asStaff("code-1"))), ErrOTPEnrol)
	begun, err := d.BeginTOTP(t.Context(), "new.one", own, "")
	must(t, err)
	must(t, errOf(d.ConfirmTOTP(t.Context(), "new.one", own, codeAt(t, begun.Secret, d.now()), "")))
	login := func(code string) error {
		return errOf(d.LoginWeChat(t.Context(), WeChatLogin{Code: "code-1", As: AsStaff, OTP: code}))
	}
	want(t, login(""), ErrOTPNeeded)
	pass(d, 2*otpStep)
	must(t, login(codeAt(t, begun.Secret, d.now())))
	for range strangers.Most {
		want(t, login("000000"), ErrWrong)
	}
	pass(d, otpStep)
	want(t, login(codeAt(t, begun.Secret, d.now())), ErrLocked) // the right one comes too late
	want(t, errOf(d.LoginPassword(t.Context(), "new.one", own, "000000", "")), ErrLocked)
	verified(t, d)
}

func TestWhatEndsAWeChatLogin(t *testing.T) {
	d := open(t)
	id := personOf(t, d, "clerk-hewan")
	enter := func() (Tokens, error) { return d.LoginWeChat(t.Context(), asStaff("code-1")) }
	bindTo(t, d, "clerk-hewan", "code-1")
	first, err := enter()
	must(t, err)
	want(t, errOf(d.UnbindStaff(t.Context(), as(t, d, "system-admin"), id, "手机丢了")), fault.NotYours)
	now, err := d.UnbindStaff(t.Context(), as(t, d, "security-admin"), id, "手机丢了")
	must(t, err)
	if now.WeChat || trailed(t, d, "staff.unbind_wechat", id) != 1 {
		t.Errorf("%+v", now)
	}
	want(t, errOf(d.Identify(t.Context(), first.Access)), ErrToken)
	want(t, errOf(enter()), ErrNotBound)

	bindTo(t, d, "clerk-hewan", "code-1") // the same phone was found again
	tokens, err := enter()
	must(t, err)
	me := who(t, d, tokens)
	about, err := d.Me(t.Context(), me)
	if err != nil || !about.WeChat {
		t.Errorf("%+v, %v", about, err)
	}
	must(t, d.UnbindMyWeChat(t.Context(), me))
	want(t, errOf(d.Identify(t.Context(), tokens.Access)), ErrToken)
	want(t, errOf(enter()), ErrNotBound)
	must(t, d.UnbindMyWeChat(t.Context(), as(t, d, "clerk-hewan"))) // nothing is left to do
	if trailed(t, d, "staff.unbind_wechat", id) != 2 {
		t.Error("the trail is wrong")
	}

	bindTo(t, d, "clerk-hewan", "code-2")
	shutOut(t, d, "clerk-hewan")
	want(t, errOf(d.LoginWeChat(t.Context(), asStaff("code-2"))), ErrDisabled)
	bindTo(t, d, "clerk-songling", "code-3")
	retire(t, d, "clerk-songling")
	want(t, errOf(d.LoginWeChat(t.Context(), asStaff("code-3"))), ErrNoPost)
	verified(t, d)
}
