package account

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

const elderPhone = "13800001234"

// elder is registered by the clerk of xinglin with a phone.
func elder(t *testing.T, d *Desk, name string) Resident {
	t.Helper()
	r := registration(name)
	r.Phone = elderPhone
	got, err := d.RegisterResident(t.Context(), as(t, d, "clerk-xinglin"), r)
	must(t, err)
	return got
}

func prove(t *testing.T, d *Desk, actor access.Actor, phone string) Proven {
	t.Helper()
	got, err := d.ProvePhone(t.Context(), actor, "phone."+phone)
	must(t, err)
	return got
}

func TestProvenPhoneReplacesATypedOne(t *testing.T) {
	d := open(t)
	me := resident(t, d, "code-1")
	must(t, errOf(d.UpdateMe(t.Context(), me, Told{Name: "周五福", Phone: "13900005678", Village: xinglin, TextVersion: "2026-01"})))
	got := prove(t, d, me, "13900009999")
	if got.Phone.String() != "139****9999" || got.Version != 3 || got.MayBind || got.Name != "周五福" {
		t.Errorf("%+v", got)
	}
	if again := prove(t, d, me, "13900009999"); again.Version != 3 || rows(t, d, "phone_proofs") != 1 {
		t.Errorf("again %+v", again)
	}
	list, err := d.Residents(t.Context(), as(t, d, "clerk-xinglin"), Search{Phone: "13900009999", Limit: 5})
	if err != nil || len(list) != 1 {
		t.Errorf("the clerk finds %v, %v", list, err)
	}
	want(t, errOf(d.ProvePhone(t.Context(), as(t, d, "clerk-xinglin"), "phone.13900009999")), fault.NotYours)
	want(t, errOf(d.ProvePhone(t.Context(), me, "other")), errUsedCode)
	d.wechat = nil
	want(t, errOf(d.ProvePhone(t.Context(), me, "phone.13900009999")), errNoWeChat)
	if trailed(t, d, "person.prove_phone", me.Person) != 2 {
		t.Error("the trail is wrong")
	}
	verified(t, d)
}

// What the log-in did while it waited to be bound keeps its owner: whichever of the two comes later sees the other.
func TestBindingAndDoingBusinessAtOnce(t *testing.T) {
	d := open(t)
	there := elder(t, d, "王淑芬")
	me := resident(t, d, "code-1")
	prove(t, d, me, elderPhone)
	business := func() error {
		return d.store.Write(t.Context(), me, func(tx *store.Tx) error {
			if err := StillHimself(tx); err != nil {
				return err
			}
			tx.Trail(store.Entry{Act: "toy.make", Kind: "toy", Object: "a", Area: xinglin})
			return nil
		})
	}
	var wait sync.WaitGroup
	var made, bound error
	wait.Go(func() { made = business() })
	wait.Go(func() { bound = errOf(d.BindByPhone(t.Context(), me, "王淑芬", xinglin, "192.0.2.1")) })
	wait.Wait()
	if made == nil {
		want(t, bound, ErrNotEmpty)
		return
	}
	want(t, made, ErrToken)
	must(t, bound)
	if now := resident(t, d, "code-1"); now.Person != there.ID {
		t.Errorf("he logs in as %+v", now)
	}
}

func TestBindByProvenPhoneAndName(t *testing.T) {
	d := open(t)
	there := elder(t, d, "王淑芬")
	me := resident(t, d, "code-1")
	tokens, err := d.LoginWeChat(t.Context(), WeChatLogin{Code: "code-1-again"})
	must(t, err)
	if !prove(t, d, me, elderPhone).MayBind {
		t.Error("he is not told that he may bind")
	}
	got, err := d.BindByPhone(t.Context(), me, " 王 淑芬", xinglin, "192.0.2.1")
	must(t, err)
	if got.ID != there.ID || !got.WeChat || strings.Contains(got.Name, "淑芬") {
		t.Errorf("bound to %+v", got)
	}
	want(t, errOf(d.Identify(t.Context(), tokens.Access)), ErrToken)
	want(t, errOf(d.Refresh(t.Context(), tokens.Refresh, "")), ErrToken)
	now := resident(t, d, "code-1")
	if now.Person != there.ID || now.Area != xinglin {
		t.Errorf("he logs in as %+v", now)
	}
	if _, proven, err := proofOf(d.store.Read(t.Context()), there.ID); err != nil || !proven || rows(t, d, "phone_proofs") != 1 {
		t.Errorf("the proof did not move: %v", err)
	}
	if trailed(t, d, "person.bind", there.ID) != 1 {
		t.Error("the trail does not say so")
	}
	// His clerk sees one resident with that phone, not two.
	list, err := d.Residents(t.Context(), as(t, d, "system-admin"), Search{Phone: elderPhone, Limit: 5})
	if err != nil || len(list) != 1 || list[0].ID != there.ID {
		t.Errorf("found %v, %v", list, err)
	}
	verified(t, d)
}

// Nobody gets at another's record: each of these has all but one of what is asked for.
func TestBindByPhoneAsksForAll(t *testing.T) {
	for name, c := range map[string]struct {
		typed   string
		village access.Area
		set     func(*testing.T, *Desk, access.Actor)
	}{
		"another name":       {"王淑芳", xinglin, func(t *testing.T, d *Desk, me access.Actor) { prove(t, d, me, elderPhone) }},
		"another village":    {"王淑芬", hewan, func(t *testing.T, d *Desk, me access.Actor) { prove(t, d, me, elderPhone) }},
		"another phone":      {"王淑芬", xinglin, func(t *testing.T, d *Desk, me access.Actor) { prove(t, d, me, "13800009999") }},
		"no phone":           {"王淑芬", xinglin, func(*testing.T, *Desk, access.Actor) {}},
		"two of that name":   {"王淑芬", xinglin, func(t *testing.T, d *Desk, me access.Actor) { elder(t, d, "王淑芬"); prove(t, d, me, elderPhone) }},
		"bound to another":   {"王淑芬", xinglin, func(t *testing.T, d *Desk, me access.Actor) { bindOther(t, d); prove(t, d, me, elderPhone) }},
		"disabled meanwhile": {"王淑芬", xinglin, func(t *testing.T, d *Desk, me access.Actor) { disableElder(t, d); prove(t, d, me, elderPhone) }},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			elder(t, d, "王淑芬")
			me := resident(t, d, "code-1")
			c.set(t, d, me)
			if _, err := d.BindByPhone(t.Context(), me, c.typed, c.village, ""); fault.Of(err).Fault != ErrNoBinding {
				t.Errorf("%v", err)
			}
			if resident(t, d, "code-1-again") == me || resident(t, d, "code-2").Person == me.Person {
				t.Error("the wrong person logs in")
			}
		})
	}
}

func bindOther(t *testing.T, d *Desk) {
	t.Helper()
	other := resident(t, d, "code-2")
	prove(t, d, other, elderPhone)
	must(t, errOf(d.BindByPhone(t.Context(), other, "王淑芬", xinglin, "")))
}

func disableElder(t *testing.T, d *Desk) {
	t.Helper()
	admin := as(t, d, "system-admin")
	list, err := d.Residents(t.Context(), admin, Search{Phone: elderPhone, Limit: 1})
	must(t, err)
	must(t, d.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Table("persons").Where("id = ?", list[0].ID).UpdateColumn("disabled_at", tx.Now).Error
	}))
}

func TestWhoHasARecordOfHisOwnDoesNotBind(t *testing.T) {
	d := open(t)
	there := elder(t, d, "王淑芬")
	me := resident(t, d, "code-1")
	prove(t, d, me, elderPhone)
	must(t, errOf(d.UpdateMe(t.Context(), me, Told{Name: "王淑芬", Village: xinglin, TextVersion: "2026-01"})))
	code, err := d.MakeBindCode(t.Context(), as(t, d, "clerk-xinglin"), there.ID)
	must(t, err)
	for range 7 { // and none of it counts as a guess
		want(t, errOf(d.BindByPhone(t.Context(), me, "王淑芬", xinglin, "")), ErrNotEmpty)
		want(t, errOf(d.BindByCode(t.Context(), me, code.Code, "")), ErrNotEmpty)
	}
	want(t, errOf(d.BindByCode(t.Context(), as(t, d, "clerk-xinglin"), code.Code, "")), fault.NotYours)
	want(t, errOf(d.BindByPhone(t.Context(), as(t, d, "clerk-xinglin"), "王淑芬", xinglin, "")), fault.NotYours)
}

func TestBindByCode(t *testing.T) {
	d := open(t)
	there := elder(t, d, "王淑芬")
	clerk := as(t, d, "clerk-xinglin")
	old, err := d.MakeBindCode(t.Context(), clerk, there.ID)
	must(t, err)
	code, err := d.MakeBindCode(t.Context(), clerk, there.ID)
	must(t, err)
	if len(code.Code) != 9 || code.ExpiresAt.Sub(d.now()) != 72*time.Hour || rows(t, d, "bind_codes") != 1 {
		t.Errorf("%+v", code)
	}
	me := resident(t, d, "code-1")
	want(t, errOf(d.BindByCode(t.Context(), me, old.Code, "")), ErrBindCode) // replaced
	for _, typed := range []string{"", "ABC", "ABCD-EFG!", strings.Repeat("A", 65), "中文中文中文中文"} {
		want(t, errOf(d.BindByCode(t.Context(), me, typed, "")), fault.BadField)
	}
	got, err := d.BindByCode(t.Context(), me, " "+strings.ToLower(code.Code), "")
	must(t, err)
	if got.ID != there.ID || resident(t, d, "code-1-again").Person != there.ID {
		t.Errorf("bound to %+v", got)
	}
	want(t, errOf(d.BindByCode(t.Context(), resident(t, d, "code-2"), code.Code, "")), ErrBindCode) // used
	want(t, errOf(d.MakeBindCode(t.Context(), clerk, there.ID)), ErrHasWeChat)
	verified(t, d)
}

func TestBindCodesEnd(t *testing.T) {
	d := open(t)
	there := elder(t, d, "王淑芬")
	code, err := d.MakeBindCode(t.Context(), as(t, d, "clerk-xinglin"), there.ID)
	must(t, err)
	pass(d, 72*time.Hour)
	want(t, errOf(d.BindByCode(t.Context(), resident(t, d, "code-1"), code.Code, "")), ErrBindCode)
}

func TestWhoMakesBindCodes(t *testing.T) {
	d := open(t)
	there := elder(t, d, "王淑芬")
	for username, is := range map[string]*fault.Fault{
		"clerk-hewan": fault.NotFound, "grid-hewan": fault.NotFound, "officer-civil": fault.NotFound, "system-admin": fault.NotYours,
	} {
		want(t, errOf(d.MakeBindCode(t.Context(), as(t, d, username), there.ID)), is)
	}
	disableElder(t, d)
	want(t, errOf(d.MakeBindCode(t.Context(), as(t, d, "clerk-xinglin"), there.ID)), ErrDisabled)
	if rows(t, d, "bind_codes") != 0 {
		t.Error("a code was made")
	}
}

func TestGuessingBindCodesIsStopped(t *testing.T) {
	d := open(t)
	there := elder(t, d, "王淑芬")
	code, err := d.MakeBindCode(t.Context(), as(t, d, "clerk-xinglin"), there.ID)
	must(t, err)
	me := resident(t, d, "code-1")
	for range 5 {
		want(t, errOf(d.BindByCode(t.Context(), me, "ABCDEFGH", "192.0.2.1")), ErrBindCode)
	}
	want(t, errOf(d.BindByCode(t.Context(), me, code.Code, "192.0.2.1")), ErrBindTries)
	must(t, errOf(d.BindByCode(t.Context(), resident(t, d, "code-2"), code.Code, "192.0.2.1"))) // a neighbour is not shut out
}

func TestOneOfManyBindsByACode(t *testing.T) {
	d := open(t)
	there := elder(t, d, "王淑芬")
	code, err := d.MakeBindCode(t.Context(), as(t, d, "clerk-xinglin"), there.ID)
	must(t, err)
	actors := []access.Actor{resident(t, d, "code-1"), resident(t, d, "code-2"), resident(t, d, "code-3")}
	var won atomic.Int32
	var all sync.WaitGroup
	for _, me := range actors {
		all.Go(func() {
			switch _, err := d.BindByCode(t.Context(), me, code.Code, ""); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, ErrBindCode) && !errors.Is(err, ErrNoBinding):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 || trailed(t, d, "person.bind", there.ID) != 1 {
		t.Errorf("%d won", won.Load())
	}
	verified(t, d)
}

func TestBindCodeIsNotStored(t *testing.T) {
	d, o := openFresh(t)
	there := elder(t, d, "王淑芬")
	code, err := d.MakeBindCode(t.Context(), as(t, d, "clerk-xinglin"), there.ID)
	must(t, err)
	stored := everything(t, d, o)
	if strings.Contains(stored, code.Code) || strings.Contains(stored, strings.ReplaceAll(code.Code, "-", "")) {
		t.Error("the code is stored as it is")
	}
}
