package account

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// endOfTerm ends all posts of a person.
func endOfTerm(person, day string) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		last, err := clock.ParseDate(day)
		if err != nil {
			return err
		}
		return tx.Table("posts").Where("person = ?", person).UpdateColumn("valid_until", last).Error
	}
}

func refresh(t *testing.T, d *Desk, token, device string) Tokens {
	t.Helper()
	tokens, err := d.Refresh(t.Context(), token, device)
	must(t, err)
	return tokens
}

func TestRefreshRotates(t *testing.T) {
	d := open(t)
	first := login(t, d, "dispatcher", "pc")
	seen := map[string]bool{first.Refresh: true}
	now := first
	for range 3 {
		pass(d, 14*time.Minute)
		now = refresh(t, d, now.Refresh, "pc")
		if seen[now.Refresh] {
			t.Fatal("a refresh token came twice")
		}
		seen[now.Refresh] = true
		if actor := who(t, d, now); actor.Person != first.Person.ID {
			t.Errorf("he became %+v", actor)
		}
	}
	if now.Person != first.Person || now.Post != first.Post {
		t.Errorf("refreshed: %+v", now)
	}
	want(t, errOf(d.Identify(t.Context(), first.Access)), ErrToken) // expired
}

func TestReusedRefreshTokenEndsTheFamily(t *testing.T) {
	for name, c := range map[string]struct {
		after  time.Duration
		device string
		twice  bool // the token before the one before
	}{
		"late":             {after: 11 * time.Second, device: "pc"},
		"another device":   {after: time.Second, device: "thief"},
		"without a device": {after: time.Second},
		"older still":      {device: "pc", twice: true},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			first := login(t, d, "dispatcher", "pc")
			good := refresh(t, d, first.Refresh, "pc")
			if c.twice {
				good = refresh(t, d, good.Refresh, "pc")
			}
			who(t, d, good)
			pass(d, c.after)
			want(t, errOf(d.Refresh(t.Context(), first.Refresh, c.device)), ErrToken)
			want(t, errOf(d.Refresh(t.Context(), good.Refresh, "pc")), ErrToken)
			want(t, errOf(d.Identify(t.Context(), good.Access)), ErrToken)
			if trailed(t, d, "person.token_reuse", first.Person.ID) != 1 {
				t.Error("the trail does not say so once")
			}
			login(t, d, "dispatcher", "pc")
			verified(t, d)
		})
	}
}

func TestSameDeviceMayAskAgain(t *testing.T) {
	d := open(t)
	first := login(t, d, "dispatcher", "pc")
	pass(d, time.Minute)
	answer := refresh(t, d, first.Refresh, "pc")
	for range 2 {
		pass(d, 5*time.Second)
		if diff := cmp.Diff(answer, refresh(t, d, first.Refresh, "pc")); diff != "" {
			t.Error(diff)
		}
	}
	refresh(t, d, answer.Refresh, "pc")
}

func TestRefreshAtOnceGivesOneSuccessor(t *testing.T) {
	d := open(t)
	first := login(t, d, "dispatcher", "pc")
	var all sync.WaitGroup
	got := make([]Tokens, 8)
	for i := range got {
		all.Go(func() {
			var err error
			if got[i], err = d.Refresh(t.Context(), first.Refresh, "pc"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, tokens := range got {
		if tokens.Refresh != got[0].Refresh {
			t.Fatal("there are two successors")
		}
	}
	refresh(t, d, got[0].Refresh, "pc")
}

func TestForgedRefreshTokensAskNothing(t *testing.T) {
	d := open(t)
	good := login(t, d, "dispatcher", "pc").Refresh
	must(t, d.store.Close())
	flipped := []byte(good)
	flipped[3] ^= 1
	for _, token := range []string{"", "x", good[1:], good + "A", string(flipped), good[:len(good)-1] + "!"} {
		want(t, errOf(d.Refresh(t.Context(), token, "pc")), ErrToken)
	}
	if _, err := d.Refresh(t.Context(), good, "pc"); fault.Of(err).Kind == fault.Unauthenticated {
		t.Error("a good token was refused without asking")
	}
}

func TestLogoutAndDisablingHoldOnAllReplicas(t *testing.T) {
	here, o := openFresh(t)
	there := replica(t, o)
	admin := as(t, here, "system-admin")
	for name, end := range map[string]func(access.Actor) error{
		"logout":   func(a access.Actor) error { return here.Logout(t.Context(), a) },
		"disabled": func(a access.Actor) error { return errOf(here.Disable(t.Context(), admin, a.Person, "停用")) },
		"password": func(a access.Actor) error {
			must(t, errOf(here.Enable(t.Context(), admin, a.Person, "恢复")))
			return errOf(here.RenewPassword(t.Context(), admin, a.Person, "忘了密码"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := onePerson(here.store.Read(t.Context()).Where("username = ?", "dispatcher"))
			must(t, err)
			must(t, errOf(here.Enable(t.Context(), admin, p.ID, "恢复")))
			p, err = personByID(here.store.Read(t.Context()), p.ID)
			must(t, err)
			begun, err := here.begin(t.Context(), p, "pc")
			must(t, err)
			actor := who(t, here, begun)
			if actor != who(t, there, begun) {
				t.Fatal("he is somebody else there")
			}
			must(t, end(actor))
			want(t, errOf(here.Identify(t.Context(), begun.Access)), ErrToken)
			pass(here, 5*time.Second)
			want(t, errOf(there.Identify(t.Context(), begun.Access)), ErrToken)
			want(t, errOf(there.Refresh(t.Context(), begun.Refresh, "pc")), ErrToken)
			want(t, errOf(replica(t, o).Identify(t.Context(), begun.Access)), ErrToken) // after a restart
		})
	}
	must(t, here.Logout(t.Context(), admin))
	must(t, here.Logout(t.Context(), admin)) // a second time nothing happens
	if trailed(t, here, "person.logout", admin.Person) != 1 {
		t.Error("the log-out is not in the trail once")
	}
	verified(t, here)
}

// TestALogInUnderWayEndsWithTheSessions: between the password and the session lies the time of a hash.
func TestALogInUnderWayEndsWithTheSessions(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, d *Desk, person string) error{
		"all sessions": func(t *testing.T, d *Desk, id string) error {
			return errOf(d.EndSessions(t.Context(), as(t, d, "security-admin"), id, "手机丢了"))
		},
		"password": func(t *testing.T, d *Desk, id string) error {
			return errOf(d.RenewPassword(t.Context(), as(t, d, "system-admin"), id, "忘了密码"))
		},
		"disabled and back": func(t *testing.T, d *Desk, id string) error {
			admin := as(t, d, "system-admin")
			return errors.Join(errOf(d.Disable(t.Context(), admin, id, "停用")), errOf(d.Enable(t.Context(), admin, id, "恢复")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			shown, err := d.credentials(t.Context(), "dispatcher", d.password(), "", "pc")
			must(t, err)
			must(t, end(t, d, shown.ID))
			before := rows(t, d, "sessions")
			want(t, errOf(d.begin(t.Context(), shown, "pc")), store.ErrLost)
			if rows(t, d, "sessions") != before {
				t.Error("a session has begun")
			}
			now, err := personByID(d.store.Read(t.Context()), shown.ID)
			must(t, err)
			must(t, errOf(d.begin(t.Context(), now, "pc")))
		})
	}
}

// TestFirstLogInsFromOneDeviceAtOnce: a double tap.
func TestFirstLogInsFromOneDeviceAtOnce(t *testing.T) {
	d := open(t)
	p, err := onePerson(d.store.Read(t.Context()).Where("username = ?", "dispatcher"))
	must(t, err)
	begun := make([]error, 16)
	var all sync.WaitGroup
	for i := range begun {
		all.Go(func() { begun[i] = errOf(d.begin(t.Context(), p, "phone")) })
	}
	all.Wait()
	must(t, errors.Join(begun...))
	if rows(t, d, "devices") != 1 {
		t.Error("there is not one device")
	}
}

func TestAccountDisabledByHandIsShutOut(t *testing.T) {
	d := open(t)
	tokens := login(t, d, "dispatcher", "pc")
	who(t, d, tokens)
	must(t, d.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Table("persons").Where("id = ?", tokens.Person.ID).UpdateColumn("disabled_at", tx.Now).Error
	}))
	pass(d, 5*time.Second)
	want(t, errOf(d.Identify(t.Context(), tokens.Access)), ErrToken)
	want(t, errOf(d.Refresh(t.Context(), tokens.Refresh, "pc")), ErrToken)
	want(t, errOf(d.LoginPassword(t.Context(), "dispatcher", d.password(), "", "pc")), ErrDisabled)
}

func TestLostPostIsLostWithinFiveSeconds(t *testing.T) {
	d := open(t)
	tokens := login(t, d, "dispatcher", "pc")
	who(t, d, tokens)
	must(t, d.store.Write(t.Context(), access.Round(""), endOfTerm(tokens.Person.ID, "2026-11-22")))
	pass(d, 5*time.Second)
	want(t, errOf(d.Identify(t.Context(), tokens.Access)), ErrToken)
	want(t, errOf(d.Refresh(t.Context(), tokens.Refresh, "pc")), ErrToken)

	two := login(t, d, "clerk-xinglin", "pc") // loses one of two
	must(t, d.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Table("posts").Where("id = ?", two.Post).UpdateColumn("area", hewan).Error
	}))
	if actor := who(t, d, two); actor.Area != hewan {
		t.Errorf("after the transfer he is %+v", actor)
	}
	must(t, d.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Table("posts").Where("id = ?", two.Post).UpdateColumn("valid_until", clock.Date{Year: 2026, Month: 11, Day: 22}).Error
	}))
	pass(d, 5*time.Second)
	want(t, errOf(d.Identify(t.Context(), two.Access)), ErrToken)
	if left := refresh(t, d, two.Refresh, "pc"); len(left.Posts) != 1 || left.Post == two.Post || who(t, d, left).Role == "" {
		t.Errorf("what is left: %+v", left)
	}
}

func TestTermEndsAtMidnightInShanghai(t *testing.T) {
	d := open(t)
	id := personOf(t, d, "dispatcher")
	must(t, d.store.Write(t.Context(), access.Round(""), endOfTerm(id, "2026-11-23")))
	d.store.Clock().Set(time.Date(2026, 11, 23, 23, 59, 59, 0, clock.Shanghai))
	tokens := login(t, d, "dispatcher", "pc")
	who(t, d, tokens)
	pass(d, time.Second) // the post's end needs no question
	want(t, errOf(d.Identify(t.Context(), tokens.Access)), ErrToken)
}

func TestPostIsHeldFromItsFirstToItsLastDay(t *testing.T) {
	day := func(n int) clock.Date { return clock.Date{Year: 2026, Month: 11, Day: n} }
	term := Post{ID: "p", ValidFrom: day(10), ValidUntil: day(20)}
	open := Post{ID: "p", ValidFrom: day(10)}
	for n, held := range map[int][2]bool{9: {false, false}, 10: {true, true}, 20: {true, true}, 21: {false, true}} {
		if got := [2]bool{term.On(day(n)), open.On(day(n))}; got != held {
			t.Errorf("on the %dth: %v", n, got)
		}
	}
	if (Post{ValidFrom: day(1)}).On(day(2)) {
		t.Error("no post is held")
	}
}

func TestSwitchingPosts(t *testing.T) {
	d := open(t)
	tokens := login(t, d, "clerk-xinglin", "pc")
	clerk := who(t, d, tokens)
	if clerk.Role != access.Clerk || clerk.Area != xinglin || len(tokens.Posts) != 2 {
		t.Fatalf("he is %+v with %+v", clerk, tokens.Posts)
	}
	other := tokens.Posts[1]
	var read sessionRow // by a renewal that is under way
	must(t, d.store.Read(t.Context()).Where("id = ?", clerk.Session).Take(&read).Error)
	switched, err := d.SwitchPost(t.Context(), clerk, other.ID)
	must(t, err)
	err = d.write(t.Context(), clerk, func(tx *store.Tx) error { return errOf(d.rotate(tx, personRow{ID: clerk.Person}, read, read.Post)) })
	if !errors.Is(err, errOvertaken) {
		t.Errorf("the renewal takes the switch back: %v", err)
	}
	grid := who(t, d, switched)
	if grid.Role != access.GridWorker || grid.Area != other.Area || grid.Post != other.ID || grid.Session != clerk.Session {
		t.Errorf("after switching he is %+v", grid)
	}
	if switched.Refresh != "" || switched.Post != other.ID {
		t.Errorf("switching answers %+v", switched)
	}
	if who(t, d, tokens) != clerk {
		t.Error("the first token changed its post")
	}
	pass(d, time.Minute)
	if kept := who(t, d, refresh(t, d, tokens.Refresh, "pc")); kept.Post != other.ID {
		t.Errorf("after refreshing he is %+v", kept)
	}
	foreign := login(t, d, "dispatcher", "").Post
	want(t, errOf(d.SwitchPost(t.Context(), clerk, foreign)), fault.NotFound)
	want(t, errOf(d.SwitchPost(t.Context(), clerk, "")), fault.NotFound)
	want(t, errOf(d.SwitchPost(t.Context(), access.Stranger(), other.ID)), fault.NeedLogin)
	me, err := d.Me(t.Context(), grid)
	if err != nil || !me.Staff || me.Name != "苗杏芳" || len(me.Posts) != 2 || me.Post != other.ID {
		t.Errorf("me: %+v, %v", me, err)
	}
	verified(t, d)
}

// A session ends at the very second: without use, and at last.
func TestIdleAndAbsoluteEnd(t *testing.T) {
	staff := func(t *testing.T, d *Desk) Tokens { return login(t, d, "dispatcher", "pc") }
	resident := func(t *testing.T, d *Desk) Tokens {
		t.Helper()
		tokens, err := d.LoginWeChat(t.Context(), WeChatLogin{Code: "code-1", Device: "pc"})
		must(t, err)
		return tokens
	}
	for name, c := range map[string]struct {
		begin   func(*testing.T, *Desk) Tokens
		options Options
		Life
	}{
		"staff":             {begin: staff, Life: StaffLife},
		"resident":          {begin: resident, Life: ResidentLife},
		"staff as set":      {staff, Options{Staff: Life{10 * time.Minute, time.Hour}}, Life{10 * time.Minute, time.Hour}},
		"resident as set":   {resident, Options{Resident: Life{time.Hour, 24 * time.Hour}}, Life{time.Hour, 24 * time.Hour}},
		"one of two is set": {staff, Options{Staff: Life{Whole: 8 * time.Hour}}, Life{StaffLife.Idle, 8 * time.Hour}},
		"never idle":        {staff, Options{Staff: Life{Idle: 9 * time.Hour, Whole: 8 * time.Hour}}, Life{8 * time.Hour, 8 * time.Hour}},
		"the other's":       {staff, Options{Resident: Life{time.Hour, 2 * time.Hour}}, StaffLife},
	} {
		t.Run(name, func(t *testing.T) {
			c.options.WeChat = somePhones
			d := New(open(t).store, c.options)
			idle := c.begin(t, d)
			pass(d, c.Idle)
			want(t, errOf(d.Refresh(t.Context(), idle.Refresh, "pc")), ErrToken)

			idle = c.begin(t, d)
			pass(d, c.Idle-time.Second)
			refresh(t, d, idle.Refresh, "pc")
			busy := c.begin(t, d)
			started := d.now()
			for d.now().Sub(started)+c.Idle*9/10 < c.Whole {
				pass(d, c.Idle*9/10)
				busy = refresh(t, d, busy.Refresh, "pc")
			}
			d.store.Clock().Set(started.Add(c.Whole - time.Minute))
			last := refresh(t, d, busy.Refresh, "pc")
			if last.ExpiresIn != time.Minute {
				t.Errorf("the last token lives %s beyond the session", last.ExpiresIn)
			}
			pass(d, 59*time.Second)
			who(t, d, last)
			pass(d, time.Second)
			want(t, errOf(d.Identify(t.Context(), last.Access)), ErrToken)
			want(t, errOf(d.Refresh(t.Context(), last.Refresh, "pc")), ErrToken)
		})
	}
}

func TestUseKeepsASessionAlive(t *testing.T) {
	d := open(t)
	tokens := login(t, d, "dispatcher", "pc")
	for range 2 {
		pass(d, 7*time.Minute)
		who(t, d, tokens)
	}
	pass(d, 29*time.Minute) // 43 after the log-in, 29 after the last use
	refresh(t, d, tokens.Refresh, "pc")
	pass(d, 30*time.Minute)
	want(t, errOf(d.Identify(t.Context(), tokens.Access)), ErrToken)
}

// What the database said is believed for five seconds: it is not asked at each request.
func TestTheDatabaseIsAskedOnceInFiveSeconds(t *testing.T) {
	d := open(t)
	tokens := login(t, d, "dispatcher", "pc")
	asked := who(t, d, tokens)
	must(t, d.store.Close())
	pass(d, fresh-time.Second)
	if actor := who(t, d, tokens); actor != asked {
		t.Errorf("he became %+v", actor)
	}
	pass(d, time.Second)
	want(t, errOf(d.Identify(t.Context(), tokens.Access)), fault.Busy)
}
