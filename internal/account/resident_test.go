package account

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// number gives an ID number of the demo county the check digit it needs.
func number(body string) string {
	sum := 0
	for i := range body {
		sum = (sum + int(body[i]-'0')) * 2 % 11
	}
	return body + string("0123456789X"[(12-sum)%11])
}

func registration(name string) Registration {
	return Registration{Name: name, Village: xinglin, Consent: Consent{TextVersion: "2026-01", How: Fingerprint}}
}

func TestClerkRegistersAResidentWithoutPhone(t *testing.T) {
	d := open(t)
	clerk := as(t, d, "clerk-xinglin")
	r := registration("王 淑芬")
	r.IDNumber, r.Grid = number("21990119500101001"), "21990110120102"
	got, err := d.RegisterResident(t.Context(), clerk, r)
	must(t, err)
	if got.Name != "王淑芬" || got.Village != xinglin || got.Grid != r.Grid || got.WeChat || !got.Phone.IsZero() || got.Version != 1 {
		t.Errorf("registered %+v", got)
	}
	var consent consentRow
	must(t, d.store.Read(t.Context()).Where("person = ?", got.ID).Take(&consent).Error)
	if consent.GivenBy != got.ID || consent.RecordedBy != clerk.Person || consent.How != Fingerprint || consent.TextVersion != "2026-01" || consent.WithdrawnAt != nil {
		t.Errorf("consent is %+v", consent)
	}
	if trailed(t, d, "person.register", got.ID) != 1 || trailed(t, d, "person.read", got.ID) != 0 {
		t.Error("the trail is wrong")
	}
	read, err := d.Resident(t.Context(), clerk, got.ID)
	must(t, err)
	if diff := cmp.Diff(got, read, cmp.AllowUnexported(secret.Phone{}, secret.IDNumber{}), cmp.Comparer(secret.IDNumber.Equal), cmp.Comparer(secret.Phone.Equal)); diff != "" {
		t.Error(diff)
	}
	if trailed(t, d, "person.read", got.ID) != 1 {
		t.Error("nobody wrote down that the name was read")
	}
	verified(t, d)
}

func TestRegistrationIsChecked(t *testing.T) {
	d := open(t)
	clerk := as(t, d, "clerk-xinglin")
	for name, c := range map[string]struct {
		actor  access.Actor
		change func(*Registration)
		is     *fault.Fault
	}{
		"not a clerk":          {as(t, d, "officer-civil"), func(*Registration) {}, fault.NotYours},
		"a resident":           {resident(t, d, "code-1"), func(*Registration) {}, fault.NotYours},
		"nobody":               {access.Stranger(), func(*Registration) {}, fault.NotYours},
		"another village":      {clerk, func(r *Registration) { r.Village = hewan }, fault.NotYours},
		"no village":           {clerk, func(r *Registration) { r.Village = "" }, fault.BadField},
		"a town":               {clerk, func(r *Registration) { r.Village = "219901101" }, fault.BadField},
		"another grid":         {clerk, func(r *Registration) { r.Grid = "21990110120201" }, fault.BadField},
		"an unknown grid":      {clerk, func(r *Registration) { r.Grid = xinglin + "99" }, fault.BadField},
		"no consent":           {clerk, func(r *Registration) { r.Consent = Consent{} }, fault.BadField},
		"consent on no screen": {clerk, func(r *Registration) { r.Consent.How = OnScreen }, fault.BadField},
		"no name":              {clerk, func(r *Registration) { r.Name = " " }, secret.ErrNameEmpty},
		"no phone number":      {clerk, func(r *Registration) { r.Phone = "12" }, secret.ErrPhone},
		"no ID number":         {clerk, func(r *Registration) { r.IDNumber = "12" }, secret.ErrIDNumber},
	} {
		r := registration("王淑芬")
		c.change(&r)
		if _, err := d.RegisterResident(t.Context(), c.actor, r); fault.Of(err).Fault != c.is {
			t.Errorf("%s: %v, want %v", name, err, c.is)
		}
	}
	if n := rows(t, d, "consents"); n != 0 {
		t.Errorf("%d consents were kept", n)
	}
}

func TestOneIDNumberIsOneResidentOfAVillage(t *testing.T) {
	d := open(t)
	clerk := as(t, d, "clerk-xinglin")
	r := registration("王淑芬")
	r.IDNumber = number("21990119500101001")
	first, err := d.RegisterResident(t.Context(), clerk, r)
	must(t, err)
	r.Name = "王淑芳"
	there, err := d.RegisterResident(t.Context(), clerk, r)
	want(t, err, ErrAlreadyHere)
	if there.ID != first.ID || there.Name != "王**" || fault.Of(err).Detail != "已登记的是王**" {
		t.Errorf("the conflict shows %+v, %q", there, fault.Of(err).Detail)
	}
	// In another village nobody is told of it.
	r.Village = hewan
	second, err := d.RegisterResident(t.Context(), as(t, d, "clerk-hewan"), r)
	if err != nil || second.ID == first.ID {
		t.Errorf("in the other village: %+v, %v", second, err)
	}
	if n := rows(t, d, "consents"); n != 2 {
		t.Errorf("%d consents were kept", n)
	}
	verified(t, d)
}

func TestRareNamesStayTwoPeople(t *testing.T) {
	d := open(t)
	clerk := as(t, d, "clerk-xinglin")
	ids := map[string]string{}
	for _, name := range []string{"𠮷云山", "𡈽云山", "吉云山", "买买提·艾力"} {
		got, err := d.RegisterResident(t.Context(), clerk, registration(name))
		must(t, err)
		ids[name] = got.ID
	}
	for name, id := range ids {
		if got, err := d.Resident(t.Context(), clerk, id); err != nil || got.Name != name {
			t.Errorf("%s came back as %q, %v", name, got.Name, err)
		}
	}
	if len(ids) != 4 {
		t.Errorf("there are %d people", len(ids))
	}
}

func TestWhoSeesWhichResidents(t *testing.T) {
	d := open(t)
	r := registration("王淑芬")
	r.IDNumber, r.Phone, r.Grid = number("21990119500101001"), "138 0000 1234", "21990110120102"
	here, err := d.RegisterResident(t.Context(), as(t, d, "clerk-xinglin"), r)
	must(t, err)
	r.Village, r.Grid, r.Name = hewan, "", "李桂兰"
	there, err := d.RegisterResident(t.Context(), as(t, d, "clerk-hewan"), r)
	must(t, err)
	own := resident(t, d, "code-1")
	grid := login(t, d, "clerk-xinglin", "pc") // as worker of the other grid
	otherGrid, err := d.SwitchPost(t.Context(), who(t, d, grid), grid.Posts[1].ID)
	must(t, err)

	sees := map[string][]string{
		"clerk-xinglin": {here.ID}, "grid-xinglin": {here.ID}, "clerk-hewan": {there.ID}, "grid-hewan": nil, "clerk-songling": nil,
		"system-admin":  {there.ID, here.ID},
		"officer-civil": nil, "window-hall": nil, "reviewer": nil, "decider": nil, "dispatcher": nil, "follow-up": nil, "supervisor": nil,
		"editor": nil, "publisher": nil, "security-admin": nil, "audit-admin": nil,
	}
	actors := map[string]access.Actor{"other grid": who(t, d, otherGrid), "resident": own, "nobody": access.Stranger()}
	sees["other grid"], sees["resident"], sees["nobody"] = nil, []string{own.Person}, nil
	for username := range sees {
		if _, made := actors[username]; !made {
			actors[username] = as(t, d, username)
		}
	}
	// Who works with nobody there has still learnt whose number it is.
	admin := actors["system-admin"]
	must(t, errOf(d.Residents(t.Context(), admin, Search{Limit: 10})))
	must(t, errOf(d.Residents(t.Context(), admin, Search{Phone: "13800009999", Limit: 10})))
	if n := trailed(t, d, "person.find", here.ID); n != 0 {
		t.Errorf("a list, and a number of nobody's, are in the trail %d times", n)
	}
	must(t, errOf(d.Residents(t.Context(), admin, Search{IDNumber: r.IDNumber, Limit: 10})))
	if trailed(t, d, "person.find", here.ID) != 1 || trailed(t, d, "person.find", there.ID) != 1 {
		t.Error("looking somebody up by his number is not in the trail")
	}
	for name, actor := range actors {
		for _, q := range []Search{{Limit: 10}, {Phone: "138-0000-1234", Limit: 10}, {IDNumber: strings.ToLower(r.IDNumber), Limit: 10}} {
			list, err := d.Residents(t.Context(), actor, q)
			must(t, err)
			expected := sees[name]
			if name == "resident" && (q.Phone != "" || q.IDNumber != "") {
				expected = nil
			}
			if diff := cmp.Diff(asSet(expected), asSet(idsOf(list))); diff != "" {
				t.Errorf("%s, %+v: %s", name, q, diff)
			}
		}
		for _, id := range []string{here.ID, there.ID, own.Person, actors["dispatcher"].Person, "unknown"} {
			got, err := d.Resident(t.Context(), actor, id)
			if asSet(sees[name])[id] != (err == nil) {
				t.Errorf("%s reads %s: %v", name, id, err)
			}
			if err != nil {
				want(t, err, fault.NotFound)
			} else if full := !strings.Contains(got.Name, "*"); full == (name == "system-admin") {
				t.Errorf("%s sees the name %q", name, got.Name)
			}
		}
	}
}

func TestStaffAreNoResidentsToAClerk(t *testing.T) {
	d := open(t)
	var staff int64
	db := seenBy(as(t, d, "clerk-xinglin"))(d.store.Read(t.Context()).Table("persons"))
	must(t, db.Where("kind = ?", staffKind).Count(&staff).Error)
	if staff != 0 {
		t.Errorf("a clerk sees %d colleagues", staff)
	}
}

func idsOf(list []Resident) []string {
	var ids []string
	for _, r := range list {
		ids = append(ids, r.ID)
	}
	return ids
}

func asSet(ids []string) map[string]bool {
	set := map[string]bool{}
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func TestListInPages(t *testing.T) {
	d := open(t)
	clerk := as(t, d, "clerk-xinglin")
	made := map[string]bool{}
	for i := range 5 {
		got, err := d.RegisterResident(t.Context(), clerk, registration([]string{"赵一", "钱二", "孙三", "李四", "周五"}[i]))
		must(t, err)
		made[got.ID] = true
	}
	after, found := "", map[string]bool{}
	for {
		page, err := d.Residents(t.Context(), clerk, Search{After: after, Limit: 2})
		must(t, err)
		if len(page) == 0 {
			break
		}
		if len(page) > 2 {
			t.Fatalf("a page of %d", len(page))
		}
		for _, r := range page {
			if found[r.ID] || after != "" && r.ID >= after {
				t.Fatalf("%s is out of order", r.ID)
			}
			after, found[r.ID] = r.ID, true
		}
	}
	if diff := cmp.Diff(made, found); diff != "" {
		t.Error(diff)
	}
}

func TestResidentTellsOfHimselfOnce(t *testing.T) {
	d := open(t)
	me := resident(t, d, "code-1")
	told := Told{Name: "周五福", Phone: "13900005678", Village: xinglin, TextVersion: "2026-01"}
	for name, change := range map[string]func(*Told){
		"no consent":   func(t *Told) { t.TextVersion = "" },
		"no name":      func(t *Told) { t.Name = "" },
		"no village":   func(t *Told) { t.Village = "" },
		"no such area": func(t *Told) { t.Village = "219901101299" },
	} {
		bad := told
		change(&bad)
		if _, err := d.UpdateMe(t.Context(), me, bad); fault.Of(err).Fault != fault.BadField {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, err := d.UpdateMe(t.Context(), me, told)
	must(t, err)
	if got.Name != "周五福" || got.Phone.String() != "139****5678" || got.Village != xinglin || !got.WeChat || got.Version != 2 {
		t.Errorf("he is %+v", got)
	}
	tokens, err := d.LoginWeChat(t.Context(), WeChatLogin{Code: "code-1-again"})
	must(t, err)
	if now := who(t, d, tokens); now.Area != xinglin || tokens.Person.Name != "周五福" {
		t.Errorf("he is %+v, %q", now, tokens.Person.Name)
	}
	again, err := d.UpdateMe(t.Context(), me, told) // the same once more changes nothing
	if err != nil || again.Version != 2 || rows(t, d, "consents") != 1 {
		t.Errorf("again: %+v, %v", again, err)
	}
	told.Grid = "21990110120101" // not told yet
	if again, err = d.UpdateMe(t.Context(), me, told); err != nil || again.Grid != told.Grid {
		t.Errorf("with the grid: %+v, %v", again, err)
	}
	for name, change := range map[string]func(*Told){
		"name":    func(t *Told) { t.Name = "周五禄" },
		"phone":   func(t *Told) { t.Phone = "13900005679" },
		"village": func(t *Told) { t.Village, t.Grid = hewan, "" },
		"grid":    func(t *Told) { t.Grid = "21990110120102" },
	} {
		other := told
		change(&other)
		if _, err := d.UpdateMe(t.Context(), me, other); fault.Of(err).Fault != ErrAlreadyTold {
			t.Errorf("another %s: %v", name, err)
		}
	}
	want(t, errOf(d.UpdateMe(t.Context(), as(t, d, "clerk-xinglin"), told)), fault.NotYours)
	mine, err := d.Me(t.Context(), me)
	if err != nil || mine.Staff || mine.Name != "周五福" || mine.Resident.Name != "周五福" || mine.Resident.Village != xinglin {
		t.Errorf("me: %+v, %v", mine, err)
	}
	if clerks, err := d.Residents(t.Context(), as(t, d, "clerk-xinglin"), Search{Limit: 5}); err != nil || len(clerks) != 1 || clerks[0].ID != me.Person {
		t.Errorf("his clerk sees %+v, %v", clerks, err)
	}
	want(t, errOf(d.Me(t.Context(), access.Stranger())), fault.NeedLogin)
	verified(t, d)
}

func TestNameAndPhoneForOtherDesks(t *testing.T) {
	d := open(t)
	r := registration("王淑芬")
	r.Phone = "13800001234"
	got, err := d.RegisterResident(t.Context(), as(t, d, "clerk-xinglin"), r)
	must(t, err)
	name, err := d.PersonName(t.Context(), got.ID)
	must(t, err)
	phone, err := d.PersonPhone(t.Context(), got.ID)
	must(t, err)
	if said := fmt.Sprint(name, phone); said != "王** 138****1234" {
		t.Errorf("they show %q", said)
	}
	officer := as(t, d, "officer-civil")
	must(t, d.store.Write(t.Context(), officer, func(tx *store.Tx) error {
		full, err := phone.Reveal(tx, "person", got.ID, "phone", "回访")
		if err == nil && full != r.Phone {
			t.Errorf("it is %q", full)
		}
		return err
	}))
	if trailed(t, d, "person.read", got.ID) != 1 {
		t.Error("nobody wrote it down")
	}
	want(t, errOf(d.PersonName(t.Context(), "unknown")), fault.NotFound)
	want(t, errOf(d.PersonPhone(t.Context(), "unknown")), fault.NotFound)
	want(t, errOf(d.StaffName(t.Context(), got.ID)), fault.NotFound)
	if full, err := d.StaffName(t.Context(), officer.Person); err != nil || full != "安惠民" {
		t.Errorf("the officer is %q, %v", full, err)
	}
}

func TestNothingPlainIsStored(t *testing.T) {
	d, o := openFresh(t)
	clerk := as(t, d, "clerk-xinglin")
	r := registration("欧阳金丝雀")
	r.Phone, r.IDNumber = "13712345678", number("21990119500101001")
	got, err := d.RegisterResident(t.Context(), clerk, r)
	must(t, err)
	must(t, errOf(d.Residents(t.Context(), clerk, Search{Phone: r.Phone, Limit: 1})))
	must(t, errOf(d.LoginWeChat(t.Context(), WeChatLogin{Code: "code-1", Device: "the-device-name"})))
	text, err := json.Marshal(got.Phone)
	must(t, err)
	if strings.Contains(string(text)+fmt.Sprintf("%+v %#v", got.Phone, got.IDNumber), "1234567") {
		t.Error("a view prints more than the mask")
	}
	stored := everything(t, d, o)
	for _, canary := range []string{r.Name, r.Phone, r.IDNumber, "openid-1", "the-device-name", d.password()} {
		if strings.Contains(stored, canary) {
			t.Errorf("%q is stored as it is", canary)
		}
	}
	if !strings.Contains(stored, got.ID) {
		t.Error("the wrong bytes were looked at")
	}
}

// everything is the database's content: its files, or its rows as text.
func everything(t *testing.T, d *Desk, o store.Options) string {
	t.Helper()
	var all strings.Builder
	if !storetest.OnMySQL() {
		for _, ending := range []string{"", "-wal"} {
			content, err := os.ReadFile(storetest.File(o.Database) + ending)
			must(t, err)
			all.Write(content)
		}
		return all.String()
	}
	for _, table := range []string{"persons", "sessions", "devices", "consents", "bind_codes", "phone_proofs", "sms_codes", "tries", "trail", "outbox", "idempotency"} {
		var list []map[string]any
		must(t, d.store.Read(t.Context()).Table(table).Find(&list).Error)
		fmt.Fprintf(&all, "%s", list)
	}
	return all.String()
}
