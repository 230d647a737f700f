package account

import (
	"errors"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// An administrator of a town gives nobody a post for the county, and gets at no account that acts for the county.
func TestAnAdministratorStaysInHisArea(t *testing.T) {
	d := open(t)
	const town access.Area = "219901101"
	system, security := as(t, d, "system-admin"), as(t, d, "security-admin")
	someone, _ := hire(t, d, "someone", access.Window)
	centre, err := d.OfficeByCode(t.Context(), "liuquan-centre")
	must(t, err)
	there := Term{Role: access.SystemAdmin, Title: "镇管理员", Office: centre.ID, Area: town}
	must(t, errOf(d.GivePost(t.Context(), security, someone.ID, there)))
	local := system
	local.Person, local.Area = someone.ID, town

	want(t, errOf(d.CreateStaff(t.Context(), local, Newcomer{Username: "too-much", Name: "别人", Post: termOf(t, d, access.Supervisor)})), fault.BadField)
	there.Role, there.Title = access.Supervisor, "镇督办员"
	made, err := d.CreateStaff(t.Context(), local, Newcomer{Username: "in-town", Name: "别人", Post: there})
	must(t, err)
	want(t, errOf(d.GivePost(t.Context(), local, made.ID, termOf(t, d, access.Supervisor))), fault.BadField)

	must(t, errOf(d.RenewPassword(t.Context(), local, made.ID, "忘了")))
	more, err := d.GivePost(t.Context(), system, made.ID, termOf(t, d, access.Decider)) // now he acts for the county as well
	must(t, err)
	for name, err := range map[string]error{
		"a password": errOf(d.RenewPassword(t.Context(), local, made.ID, "忘了")),
		"shuts out":  errOf(d.Disable(t.Context(), local, made.ID, "多事")),
		"ends":       errOf(d.EndPost(t.Context(), local, postOf(more, access.Decider), Ending{Why: "多事"})),
	} {
		if !errors.Is(err, fault.NotYours) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, errOf(d.EndPost(t.Context(), system, postOf(more, access.Decider), Ending{Why: "换岗"})))
	must(t, errOf(d.Disable(t.Context(), local, made.ID, "离职")))
	verified(t, d)
}

// TestATownsSecurityAdministrator sees the town's people, and nobody of another town or of the county.
func TestATownsSecurityAdministrator(t *testing.T) {
	d := open(t)
	local := as(t, d, "security-admin")
	local.Area = "219901101"
	ended := func(username string) error {
		return errOf(d.EndSessions(t.Context(), local, personOf(t, d, username), "手机丢了"))
	}
	must(t, ended("officer-liuquan"))
	must(t, ended("clerk-xinglin"))
	want(t, ended("officer-shiqiao"), fault.NotFound)
	want(t, ended("dispatcher"), fault.NotFound)
}

// TestAClerkLooksUpNoStaff: of his village he knows the residents, and not by their ids who works there.
func TestAClerkLooksUpNoStaff(t *testing.T) {
	d := open(t)
	clerk, db := as(t, d, "clerk-xinglin"), d.store.Read(t.Context())
	_, err := d.KnownTo(db, clerk, personOf(t, d, "grid-xinglin"))
	want(t, err, fault.NotFound)
	villager := resident(t, d, "code-1")
	must(t, d.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		var there personRow
		there.live(xinglin)
		return tx.Table("persons").Where("id = ?", villager.Person).
			UpdateColumns(map[string]any{"county": there.County, "town": there.Town, "village": there.Village}).Error
	}))
	must(t, errOf(d.KnownTo(db, clerk, villager.Person)))
}

// Nor one after the other: who goes on a day that is set ahead keeps nobody's place.
func TestTheLastTwoDoNotGoByDaysSetAhead(t *testing.T) {
	d := open(t)
	security := as(t, d, "security-admin")
	second, _ := hire(t, d, "second-one", access.Window)
	given, err := d.GivePost(t.Context(), security, second.ID, termOf(t, d, access.SecurityAdmin))
	must(t, err)
	other := security
	other.Person, other.Post = second.ID, postOf(given, access.SecurityAdmin)

	must(t, errOf(d.EndPost(t.Context(), other, security.Post, Ending{Last: d.today().AddDays(1), Why: "后天走"})))
	want(t, errOf(d.EndPost(t.Context(), security, other.Post, Ending{Why: "今天走"})), ErrLastOne)
	want(t, errOf(d.Disable(t.Context(), security, other.Person, "今天走")), ErrLastOne)

	// one of a town is none of the county
	audit := as(t, d, "audit-admin")
	centre, err := d.OfficeByCode(t.Context(), "liuquan-centre")
	must(t, err)
	local := Term{Role: access.AuditAdmin, Title: "镇审计", Office: centre.ID, Area: "219901101"}
	third, _ := hire(t, d, "third-one", access.Window)
	must(t, errOf(d.GivePost(t.Context(), security, third.ID, local)))
	want(t, errOf(d.EndPost(t.Context(), security, audit.Post, Ending{Why: "走了"})), ErrLastOne)

	// nor who is shut out
	fourth, _ := hire(t, d, "fourth-one", access.Window)
	must(t, errOf(d.GivePost(t.Context(), security, fourth.ID, termOf(t, d, access.AuditAdmin))))
	must(t, errOf(d.Disable(t.Context(), security, fourth.ID, "停职")))
	want(t, errOf(d.EndPost(t.Context(), security, audit.Post, Ending{Why: "走了"})), ErrLastOne)
	verified(t, d)
}

// An ending that comes later than the term would be a longer one, of which nobody asked whether it goes with the next.
func TestAnEndIsNoLongerTerm(t *testing.T) {
	d := open(t)
	security := as(t, d, "security-admin")
	someone, _ := hire(t, d, "someone", access.Window)
	short := termOf(t, d, access.AuditAdmin)
	short.Until = d.today()
	given, err := d.GivePost(t.Context(), security, someone.ID, short)
	must(t, err)
	next := termOf(t, d, access.SystemAdmin)
	next.From = d.today().AddDays(1)
	must(t, errOf(d.GivePost(t.Context(), security, someone.ID, next)))
	want(t, errOf(d.EndPost(t.Context(), security, postOf(given, access.AuditAdmin), Ending{Last: d.today().AddDays(30), Why: "再干一阵"})), fault.BadField)
}

// Taking over an administrator's account needs two: where a password is all that he has, neither of them gives another one.
func TestNoAdministratorTakesOverAnother(t *testing.T) {
	d := open(t)
	system, security := as(t, d, "system-admin"), as(t, d, "security-admin")
	for _, name := range []string{"security-admin", "audit-admin"} {
		id := personOf(t, d, name)
		want(t, errOf(d.RenewPassword(t.Context(), system, id, "忘了")), ErrNeedsOperator)
		want(t, errOf(d.RenewPassword(t.Context(), security, personOf(t, d, "audit-admin"), "忘了")), fault.NotYours)
		must(t, errOf(d.LoginPassword(t.Context(), name, d.password(), "", "pc")))

		e, err := d.BeginTOTP(t.Context(), name, d.password(), "pc")
		must(t, err)
		want(t, errOf(d.RenewPassword(t.Context(), system, id, "忘了")), ErrNeedsOperator) // begun is not in force
		must(t, errOf(d.ConfirmTOTP(t.Context(), name, d.password(), codeAt(t, e.Secret, d.now()), "pc")))
		given, err := d.RenewPassword(t.Context(), system, id, " 忘了 ")
		must(t, err)
		want(t, errOf(d.ChangePassword(t.Context(), name, given, "井水清清-石桥弯弯-42", "", "pc")), ErrOTPNeeded)
	}
	must(t, errOf(d.IssuePassword(t.Context(), access.Round(""), "security-admin")))
	must(t, errOf(d.RenewPassword(t.Context(), system, personOf(t, d, "decider"), "忘了")))
	verified(t, d)
}

// The trail keeps reasons for ever, and no numbers of anybody's in them, however they are written.
func TestNoNumbersInReasons(t *testing.T) {
	d := open(t)
	system, security := as(t, d, "system-admin"), as(t, d, "security-admin")
	someone, _ := hire(t, d, "someone", access.Window)
	for _, number := range []string{"13812345678", "138 1234 5678", "138.1234.5678", "138、1234、5678", "１３８/１２３４/５６７８", "一三八一二三四五六七八", "١٣٨١٢٣٤٥٦٧٨", "211224199001011234", "138\u200b1234\u200b5678"} {
		if err := Wordy("打" + number + "找他"); !errors.Is(err, ErrNumberInReason) {
			t.Errorf("%s is let through", number)
		}
	}
	for _, plain := range []string{"调离", "2026年11月25日起调到3楼12号窗口", "按县民〔2026〕9号文", "一人一岗，二人三岗"} {
		must(t, Wordy(plain))
	}
	const why = "电话138.1234.5678"
	want(t, errOf(d.Disable(t.Context(), system, someone.ID, why)), ErrNumberInReason)
	want(t, errOf(d.RenewPassword(t.Context(), system, someone.ID, why)), ErrNumberInReason)
	want(t, errOf(d.EndPost(t.Context(), system, postOf(someone, access.Window), Ending{Why: why})), ErrNumberInReason)
	want(t, errOf(d.EndSessions(t.Context(), security, someone.ID, why)), ErrNumberInReason)
}

// The code of a grid has two digits: a merger that would need a hundredth is refused whole.
func TestNoHundredthGrid(t *testing.T) {
	for _, last := range []string{"97", "98"} { // two come
		d := open(t)
		admin := as(t, d, "system-admin")
		old, into := as(t, d, "clerk-hewan").Area, as(t, d, "clerk-xinglin").Area
		order := Order{Day: d.today(), Document: "一号"}
		must(t, errOf(d.MakeArea(t.Context(), admin, into+access.Area(last), "最后的网格", order)))
		_, err := d.MergeVillage(t.Context(), admin, old, into, order)
		grids, failed := d.Areas(t.Context(), into)
		must(t, failed)
		live, failed := d.Live(t.Context(), old)
		end := grids[len(grids)-1].Code
		switch last {
		case "97":
			if err != nil || failed == nil || end != into+"99" {
				t.Errorf("up to the ninety-ninth: %v, the last is %s", err, end)
			}
		case "98":
			want(t, err, ErrGridsFull)
			if failed != nil || live.Code != old || end != into+"98" {
				t.Errorf("after the refusal the last is %s, and the old village is %+v (%v)", end, live, failed)
			}
		}
		verified(t, d)
	}
}

// Where a village ended nobody serves any more, or he would see what stayed filed there.
func TestNoPostWhereAVillageEnded(t *testing.T) {
	d := open(t)
	admin := as(t, d, "system-admin")
	old, into := as(t, d, "clerk-hewan"), as(t, d, "clerk-xinglin")
	must(t, errOf(d.MergeVillage(t.Context(), admin, old.Area, into.Area, Order{Day: d.today(), Document: "一号"})))
	there := termOf(t, d, access.Clerk)
	there.Area = old.Area
	want(t, errOf(d.GivePost(t.Context(), admin, personOf(t, d, "dispatcher"), there)), ErrAreaClosed)
	want(t, errOf(d.CreateStaff(t.Context(), admin, Newcomer{Username: "too-late", Name: "来晚了", Post: there})), ErrAreaClosed)
	there.Area = into.Area
	must(t, errOf(d.GivePost(t.Context(), admin, personOf(t, d, "dispatcher"), there)))
}

// Who is transferred away and comes back takes up his post again: the row that his old acts name, with a new term.
func TestAPostIsTakenUpAgain(t *testing.T) {
	d := open(t)
	admin := as(t, d, "system-admin")
	made, err := d.CreateStaff(t.Context(), admin, Newcomer{Username: "goes.and.comes", Name: "来回人", Post: termOf(t, d, access.Window)})
	must(t, err)
	post := made.Posts[0].ID
	began := made.Posts[0].ValidFrom
	pass(d, 10*24*time.Hour)
	admin = as(t, d, "system-admin")
	away, err := d.TransferPost(t.Context(), admin, post, Ending{Why: "调走"}, termOf(t, d, access.Reviewer))
	must(t, err)
	last := d.today().AddDays(-1)
	pass(d, 10*24*time.Hour)
	admin = as(t, d, "system-admin")
	early := termOf(t, d, access.Window)
	early.From = last
	want(t, errOf(d.GivePost(t.Context(), admin, made.ID, early)), ErrPostTaken) // he held it on that day
	back, err := d.TransferPost(t.Context(), admin, postOf(away, access.Reviewer), Ending{Why: "调回"}, termOf(t, d, access.Window))
	must(t, err)
	var rows []Post
	must(t, d.store.Read(t.Context()).Where("person = ? AND role = ?", made.ID, access.Window).Find(&rows).Error)
	if len(rows) != 1 || rows[0].ID != post || rows[0].ValidFrom != d.today() || !rows[0].ValidUntil.IsZero() || len(running(back.Posts, d.today())) != 1 {
		t.Errorf("%+v, %+v", rows, back.Posts)
	}
	want(t, errOf(d.GivePost(t.Context(), admin, made.ID, termOf(t, d, access.Window))), ErrPostTaken)
	var told int64
	term := `%"from":"` + began.String() + "/" + last.String() + `"%`
	must(t, d.store.Read(t.Context()).Table("trail").Where("act = ? AND object = ? AND body LIKE ?", "post.give", post, term).Count(&told).Error)
	if told != 1 {
		t.Errorf("the trail tells the term that is over %d times", told)
	}
	verified(t, d)
}
