package account

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
)

const wholeCounty access.Area = "219901"

func hall(t *testing.T, d *Desk) string {
	t.Helper()
	o, err := d.OfficeByCode(t.Context(), "county-hall")
	must(t, err)
	return o.ID
}

func termOf(t *testing.T, d *Desk, role access.Role) Term {
	t.Helper()
	return Term{Role: role, Title: "岗位", Office: hall(t, d), Area: wholeCounty}
}

// hire makes an account, and its owner's own password.
func hire(t *testing.T, d *Desk, username string, role access.Role) (Staff, string) {
	t.Helper()
	made, err := d.CreateStaff(t.Context(), as(t, d, "system-admin"), Newcomer{Username: username, Name: "新来人", Post: termOf(t, d, role)})
	must(t, err)
	const own = "井水清清-石桥弯弯-42"
	must(t, errOf(d.ChangePassword(t.Context(), username, made.Password, own, "", "pc")))
	return made.Staff, own
}

func postOf(m Staff, role access.Role) string {
	for _, p := range m.Posts {
		if p.Role == role {
			return p.ID
		}
	}
	return "none"
}

func TestAccountsAreMadeAndPostsGiven(t *testing.T) {
	d := open(t)
	admin := as(t, d, "system-admin")
	made, err := d.CreateStaff(t.Context(), admin, Newcomer{Username: " Ｎew.One ", Name: "新来人", Post: termOf(t, d, access.Window)})
	must(t, err)
	if made.Username != "new.one" || len(made.Posts) != 1 || !made.MustChange || made.Area != wholeCounty {
		t.Errorf("made %+v", made)
	}
	want(t, errOf(d.LoginPassword(t.Context(), "new.one", made.Password, "", "")), ErrMustChange)
	for _, form := range []string{"new.one", "NEW.ONE", "ｎｅｗ.ｏｎｅ", "new.one "} {
		want(t, errOf(d.CreateStaff(t.Context(), admin, Newcomer{Username: form, Name: "别人", Post: termOf(t, d, access.Window)})), ErrUsernameTaken)
	}

	more, err := d.GivePost(t.Context(), admin, made.ID, termOf(t, d, access.Reviewer))
	must(t, err)
	if len(more.Posts) != 2 {
		t.Errorf("posts %+v", more.Posts)
	}
	want(t, errOf(d.GivePost(t.Context(), admin, made.ID, termOf(t, d, access.Reviewer))), ErrPostTaken)
	ended, err := d.EndPost(t.Context(), admin, postOf(more, access.Window), Ending{Why: "调整"})
	must(t, err)
	if len(running(ended.Posts, d.today())) != 1 {
		t.Errorf("posts %+v", ended.Posts)
	}
	want(t, errOf(d.EndPost(t.Context(), admin, postOf(more, access.Window), Ending{Why: "调整"})), ErrPostEnded)
	moved, err := d.TransferPost(t.Context(), admin, postOf(more, access.Reviewer), Ending{Last: d.today(), Why: "调岗"}, termOf(t, d, access.Decider))
	must(t, err)
	for _, p := range moved.Posts {
		if p.Role == access.Decider && p.ValidFrom != d.today().AddDays(1) {
			t.Errorf("the new post begins on %s", p.ValidFrom)
		}
	}
	for act, n := range map[string]int{"staff.create": 1} {
		if trailed(t, d, act, made.ID) != n {
			t.Errorf("%s is not in the trail", act)
		}
	}
	verified(t, d)
}

func (d *Desk) today() clock.Date { return clock.DateOf(d.now()) }

func TestPostsThatCannotBe(t *testing.T) {
	d := open(t)
	admin := as(t, d, "system-admin")
	someone := personOf(t, d, "dispatcher")
	good := termOf(t, d, access.Window)
	for name, change := range map[string]func(*Term){
		"no role of the staff":   func(x *Term) { x.Role = access.Resident },
		"no role at all":         func(x *Term) { x.Role = "mayor" },
		"no office":              func(x *Term) { x.Office = "nowhere" },
		"no area":                func(x *Term) { x.Area = "219901109" },
		"another county":         func(x *Term) { x.Area = "219902" },
		"a clerk of a county":    func(x *Term) { x.Role = access.Clerk },
		"no title":               func(x *Term) { x.Title = " \u200b " },
		"ends before it begins":  func(x *Term) { x.From, x.Until = d.today(), d.today().AddDays(-1) },
		"an area out of reach":   func(x *Term) { x.Office, x.Area = stationOf(t, d), songling },
		"a role without a giver": func(x *Term) { x.Role = access.System },
	} {
		t.Run(name, func(t *testing.T) {
			term := good
			change(&term)
			want(t, errOf(d.GivePost(t.Context(), admin, someone, term)), fault.BadField)
		})
	}
}

func stationOf(t *testing.T, d *Desk) string {
	t.Helper()
	o, err := d.OfficeByCode(t.Context(), "xinglin-station")
	must(t, err)
	return o.ID
}

func TestThreePowersApart(t *testing.T) {
	d := open(t)
	system, security, audit := as(t, d, "system-admin"), as(t, d, "security-admin"), as(t, d, "audit-admin")
	someone, _ := hire(t, d, "someone", access.Window)
	for _, role := range administrators {
		want(t, errOf(d.GivePost(t.Context(), system, someone.ID, termOf(t, d, role))), fault.NotYours)
	}
	want(t, errOf(d.GivePost(t.Context(), security, someone.ID, termOf(t, d, access.Reviewer))), fault.NotYours)
	for name, err := range map[string]error{
		"gives":      errOf(d.GivePost(t.Context(), audit, someone.ID, termOf(t, d, access.Reviewer))),
		"makes":      errOf(d.CreateStaff(t.Context(), audit, Newcomer{Username: "else", Name: "别人", Post: termOf(t, d, access.Window)})),
		"disables":   errOf(d.Disable(t.Context(), audit, someone.ID, "调离")),
		"resets":     errOf(d.ResetTOTP(t.Context(), system, someone.ID, "手机丢了")),
		"ends":       errOf(d.EndSessions(t.Context(), system, someone.ID, "手机丢了")),
		"silences":   errOf(d.Disable(t.Context(), system, audit.Person, "多事")),
		"a password": errOf(d.RenewPassword(t.Context(), security, someone.ID, "忘了")),
	} {
		if !errors.Is(err, fault.NotYours) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// nobody changes his own posts or account
	want(t, errOf(d.GivePost(t.Context(), security, security.Person, termOf(t, d, access.AuditAdmin))), ErrOwnPost)
	want(t, errOf(d.EndPost(t.Context(), security, security.Post, Ending{Why: "走了"})), ErrOwnPost)

	// one is not two of them at the same time, but may be one after the other
	two, err := d.GivePost(t.Context(), security, someone.ID, termOf(t, d, access.AuditAdmin))
	must(t, err)
	want(t, errOf(d.GivePost(t.Context(), security, someone.ID, termOf(t, d, access.SystemAdmin))), ErrTwoPowers)
	must(t, errOf(d.EndPost(t.Context(), security, postOf(two, access.AuditAdmin), Ending{Why: "换岗"})))
	must(t, errOf(d.GivePost(t.Context(), security, someone.ID, termOf(t, d, access.SystemAdmin))))

	// the last one stays, by whichever way
	want(t, errOf(d.EndPost(t.Context(), security, audit.Post, Ending{Why: "走了"})), ErrLastOne)
	want(t, errOf(d.Disable(t.Context(), security, audit.Person, "走了")), ErrLastOne)
	must(t, errOf(d.EndPost(t.Context(), security, system.Post, Ending{Why: "有人接了"})))
	verified(t, d)
}

// The county's file is read at every start. It does not bring back what a call has ended.
func TestTheFileDoesNotUndoACall(t *testing.T) {
	d := open(t)
	actor := as(t, d, "officer-water")
	must(t, errOf(d.EndPost(t.Context(), as(t, d, "system-admin"), actor.Post, Ending{Why: "调离"})))
	done, err := d.Load(t.Context(), access.Round(""), demoCounty())
	must(t, err)
	if done.Posts != 0 {
		t.Errorf("the file changed %d posts", done.Posts)
	}
	want(t, errOf(d.LoginPassword(t.Context(), "officer-water", d.password(), "", "pc")), ErrNoPost)
}

// Two who end the last two administrators of a kind at the same time do not both succeed.
func TestTheLastTwoDoNotGoTogether(t *testing.T) {
	d := open(t)
	security := as(t, d, "security-admin")
	first, _ := hire(t, d, "first-one", access.Window)
	given, err := d.GivePost(t.Context(), security, first.ID, termOf(t, d, access.AuditAdmin))
	must(t, err)
	posts := []string{postOf(given, access.AuditAdmin), as(t, d, "audit-admin").Post}
	errs := make([]error, 2)
	var wait sync.WaitGroup
	for i, post := range posts {
		wait.Go(func() { errs[i] = errOf(d.EndPost(t.Context(), security, post, Ending{Why: "走了"})) })
	}
	wait.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("ended: %v", errs)
	}
}

// A lost post is lost within five seconds on the other replica too.
func TestEndAndTransferHoldOnAllReplicas(t *testing.T) {
	here, o := openFresh(t)
	there := replica(t, o)
	admin := as(t, here, "system-admin")
	for name, lose := range map[string]func(Staff) error{
		"ended": func(m Staff) error {
			return errOf(here.EndPost(t.Context(), admin, postOf(m, access.Window), Ending{Why: "免岗"}))
		},
		"transferred": func(m Staff) error {
			return errOf(here.TransferPost(t.Context(), admin, postOf(m, access.Window), Ending{Why: "调岗"}, termOf(t, here, access.Decider)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, own := hire(t, here, "mover-"+name, access.Window)
			tokens, err := here.LoginPassword(t.Context(), m.Username, own, "", "pc")
			must(t, err)
			if who(t, there, tokens).Role != access.Window {
				t.Fatal("he does not act in his post")
			}
			must(t, lose(m))
			pass(there, fresh)
			want(t, errOf(there.Identify(t.Context(), tokens.Access)), ErrToken)
			want(t, errOf(here.Identify(t.Context(), tokens.Access)), ErrToken)
		})
	}
}

// A post with a last day ends by itself.
func TestATermExpires(t *testing.T) {
	here, o := openFresh(t)
	there := replica(t, o)
	term := termOf(t, here, access.Window)
	term.Until = here.today()
	made, err := here.CreateStaff(t.Context(), as(t, here, "system-admin"), Newcomer{Username: "guest-one", Name: "借调人", Post: term})
	must(t, err)
	tokens, err := here.ChangePassword(t.Context(), "guest-one", made.Password, "井水清清-石桥弯弯-42", "", "pc")
	must(t, err)
	who(t, there, tokens)
	pass(here, 15*time.Hour+fresh) // from nine in the morning to midnight
	want(t, errOf(there.Refresh(t.Context(), tokens.Refresh, "pc")), ErrToken)
	want(t, errOf(here.LoginPassword(t.Context(), "guest-one", "井水清清-石桥弯弯-42", "", "pc")), ErrNoPost)
}

// codeAt is what a phone with that secret shows.
func codeAt(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCodeCustom(secret, at, totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	must(t, err)
	return code
}

func TestSecondFactor(t *testing.T) {
	d := open(t)
	pw := d.password()
	want(t, errOf(d.ConfirmTOTP(t.Context(), "decider", pw, "123456", "pc")), errOTPNotBegun)
	want(t, errOf(d.BeginTOTP(t.Context(), "decider", "wrong", "pc")), ErrWrong)
	void, err := d.BeginTOTP(t.Context(), "decider", pw, "pc")
	must(t, err)
	login(t, d, "decider", "pc") // begun is not in force
	e, err := d.BeginTOTP(t.Context(), "decider", pw, "pc")
	must(t, err)
	want(t, errOf(d.ConfirmTOTP(t.Context(), "decider", pw, codeAt(t, void.Secret, d.now()), "pc")), ErrWrong)
	enrolled, err := d.ConfirmTOTP(t.Context(), "decider", pw, codeAt(t, e.Secret, d.now()), "pc")
	must(t, err)
	if who(t, d, enrolled.Tokens).Role != access.Decider || len(enrolled.Recovery) != recoveryCodes {
		t.Errorf("enrolled: %d codes", len(enrolled.Recovery))
	}

	attempt := func(code string) error { return errOf(d.LoginPassword(t.Context(), "decider", pw, code, "pc")) }
	want(t, attempt(""), ErrOTPNeeded)
	want(t, attempt(codeAt(t, e.Secret, d.now())), ErrWrong) // used at the confirmation
	pass(d, time.Minute)
	want(t, attempt("000000"), ErrWrong)
	must(t, attempt(codeAt(t, e.Secret, d.now())))
	want(t, attempt(codeAt(t, e.Secret, d.now())), ErrWrong)
	want(t, attempt(codeAt(t, e.Secret, d.now().Add(-2*time.Minute))), ErrWrong)
	must(t, attempt(enrolled.Recovery[3]))
	want(t, attempt(enrolled.Recovery[3]), ErrWrong)
	want(t, errOf(d.ChangePassword(t.Context(), "decider", pw, "井水清清-石桥弯弯-42", "", "pc")), ErrOTPNeeded)
	want(t, errOf(d.BeginTOTP(t.Context(), "decider", pw, "pc")), ErrOTPNeeded)

	// the phone is gone
	must(t, errOf(d.ResetTOTP(t.Context(), as(t, d, "security-admin"), personOf(t, d, "decider"), "手机丢了")))
	want(t, errOf(d.Identify(t.Context(), enrolled.Access)), ErrToken)
	login(t, d, "decider", "pc")
	if n := rows(t, d, "recovery_codes"); n != 0 {
		t.Errorf("%d recovery codes are left", n)
	}
	verified(t, d)
}

// Of many log-ins with one code at the same time one succeeds: a code that is read over somebody's shoulder is worth nothing.
func TestACodeWorksOnceAmongMany(t *testing.T) {
	d := open(t)
	pw := d.password()
	e, err := d.BeginTOTP(t.Context(), "decider", pw, "pc")
	must(t, err)
	must(t, errOf(d.ConfirmTOTP(t.Context(), "decider", pw, codeAt(t, e.Secret, d.now()), "pc")))
	pass(d, time.Minute)
	p, err := onePerson(d.store.Read(t.Context()).Where("username = ?", "decider"))
	must(t, err)
	code := codeAt(t, e.Secret, d.now())
	errs := make([]error, 8)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() { errs[i] = d.secondFactor(t.Context(), p, code) })
	}
	wait.Wait()
	good := 0
	for _, err := range errs {
		if err == nil {
			good++
		} else {
			want(t, err, ErrWrong)
		}
	}
	if good != 1 {
		t.Errorf("one code opened %d times", good)
	}
}

// Whoever knows the password and guesses codes is stopped like any other guesser.
func TestCodesCannotBeGuessed(t *testing.T) {
	d := open(t)
	pw := d.password()
	e, err := d.BeginTOTP(t.Context(), "decider", pw, "pc")
	must(t, err)
	must(t, errOf(d.ConfirmTOTP(t.Context(), "decider", pw, codeAt(t, e.Secret, d.now()), "pc")))
	locked := 0
	for range 8 {
		if err := errOf(d.LoginPassword(t.Context(), "decider", pw, "000000", "")); errors.Is(err, ErrLocked) {
			locked++
		} else {
			want(t, err, ErrWrong)
		}
	}
	if locked != 3 {
		t.Errorf("%d of 8 guesses were stopped, want 3", locked)
	}
	pass(d, time.Minute)
	must(t, errOf(d.LoginPassword(t.Context(), "decider", pw, codeAt(t, e.Secret, d.now()), "pc"))) // on his own device
}

func TestWhoMustHaveASecondFactor(t *testing.T) {
	d := open(t)
	d.guarded = SecondFactor("deciders")
	login(t, d, "dispatcher", "pc")
	for _, username := range []string{"decider", "system-admin", "security-admin", "audit-admin"} {
		want(t, errOf(d.LoginPassword(t.Context(), username, d.password(), "", "pc")), ErrOTPEnrol)
	}
	e, err := d.BeginTOTP(t.Context(), "decider", d.password(), "pc")
	must(t, err)
	must(t, errOf(d.ConfirmTOTP(t.Context(), "decider", d.password(), codeAt(t, e.Secret, d.now()), "pc")))
	if list := SecondFactor("off"); list != nil {
		t.Errorf("off means %v", list)
	}
}

func TestMySessions(t *testing.T) {
	here, o := openFresh(t)
	there := replica(t, o)
	first := login(t, here, "dispatcher", "pc")
	pass(here, time.Second)
	second := login(t, here, "dispatcher", "phone")
	pass(here, time.Second)
	third := login(t, here, "dispatcher", "")
	me := who(t, here, first)
	list, err := here.Sessions(t.Context(), me)
	must(t, err)
	if len(list) != 3 || !list[2].Current || list[0].Current || list[0].Device || !list[1].Device {
		t.Errorf("sessions %+v", list)
	}
	who(t, there, second)
	must(t, here.EndSession(t.Context(), me, who(t, here, second).Session))
	pass(there, fresh)
	want(t, errOf(there.Identify(t.Context(), second.Access)), ErrToken)
	want(t, here.EndSession(t.Context(), me, as(t, here, "supervisor").Session), fault.NotFound)
	must(t, here.EndOtherSessions(t.Context(), me))
	want(t, errOf(here.Identify(t.Context(), third.Access)), ErrToken)
	who(t, here, first)
	if list, err = here.Sessions(t.Context(), me); err != nil || len(list) != 1 {
		t.Errorf("left: %+v %v", list, err)
	}
	verified(t, here)
}
