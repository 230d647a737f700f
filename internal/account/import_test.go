package account

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/simplifiedchinese"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

const importHead = "username,name,role,title,office,area,valid_from,valid_until\n"

// outcomes are the lines in short: 2 new.one created.
func outcomes(i Import) (short []string) {
	for _, l := range i.Lines {
		short = append(short, strings.TrimSpace(fmt.Sprint(l.Line, " ", l.Username, " ", l.Outcome, " ", l.Reason)))
	}
	return short
}

func TestStaffIsImported(t *testing.T) {
	d := open(t)
	admin := as(t, d, "system-admin")
	table := "\ufeff" + importHead[:len(importHead)-1] + ",duties\r\n# 村\r\n" +
		"New.One,新来人,clerk,村办事员,hewan-station,219901101202,2026/1/1,,appeals；disputes\r\n" +
		"ｎｅｗ．ｏｎｅ,新来人,grid_worker,网格员,hewan-station,21990110120201,2026-01-01,2026-12-31,\r\n" +
		"clerk-hewan,江河清,window,窗口,hewan-station,219901101202,2026-01-01,\r\n" +
		"clerk-hewan,江河清,clerk,帮办代办员,hewan-station,219901101202,2025-01-01,,policy-telling;insurance;assisted-filing\r\n" +
		"audit-admin,鉴秋毫,audit_admin,审计管理员,county-hall,219901,2025-01-01,,\r\n,,,,,,,,\r\n"
	want := []string{"3 new.one created", "4 new.one given", "5 clerk-hewan given", "6 clerk-hewan unchanged", "7 audit-admin unchanged"}
	before := []int{rows(t, d, "persons"), rows(t, d, "posts"), rows(t, d, "trail"), rows(t, d, "post_duties")}
	tried, err := d.ImportStaff(t.Context(), admin, []byte(table), true)
	must(t, err)
	if got := outcomes(tried); !slices.Equal(got, want) || !tried.DryRun || tried.Lines[0].Password != "" || tried.Lines[0].Person != "" {
		t.Errorf("tried: %q, %+v", got, tried)
	}
	if after := []int{rows(t, d, "persons"), rows(t, d, "posts"), rows(t, d, "trail"), rows(t, d, "post_duties")}; !slices.Equal(before, after) {
		t.Errorf("trying changed %v to %v", before, after)
	}

	done, err := d.ImportStaff(t.Context(), admin, []byte(table), false)
	must(t, err)
	if got := outcomes(done); !slices.Equal(got, want) || done.Count(LineCreated) != 1 || done.Count(LineGiven) != 2 {
		t.Errorf("done: %q", got)
	}
	made, err := d.StaffMember(t.Context(), admin, done.Lines[0].Person)
	must(t, err)
	if made.Name != "新来人" || len(made.Posts) != 2 || !made.MustChange || made.Area != hewan || len(made.Duties) == 0 || made.Posts[0].ValidFrom.String() != "2026-01-01" {
		t.Errorf("made %+v", made)
	}
	if trailed(t, d, "staff.create", made.ID) != 1 || trailed(t, d, "post.give", made.Posts[1].ID) != 1 || done.Lines[1].Password != "" || done.Lines[2].Password != "" {
		t.Errorf("the trail is wrong, or a password is told of somebody who has one: %+v", done)
	}
	wantErr := errOf(d.LoginPassword(t.Context(), "new.one", done.Lines[0].Password, "", ""))
	if fault.Of(wantErr).Fault != ErrMustChange {
		t.Errorf("the temporary password: %v", wantErr)
	}
	tokens, err := d.ChangePassword(t.Context(), "new.one", done.Lines[0].Password, "井水清清-石桥弯弯-42", "", "pc")
	must(t, err)
	if who(t, d, tokens).Area.Village() != hewan {
		t.Errorf("he acts in %+v", tokens.Posts)
	}
	login(t, d, "clerk-hewan", "pc") // his password is his own still

	again, err := d.ImportStaff(t.Context(), admin, []byte(table), false)
	must(t, err)
	if again.Count(LineUnchanged) != 5 {
		t.Errorf("again: %q", outcomes(again))
	}
	// The county's folder does not undo it at the next start.
	if loaded, err := d.Load(t.Context(), access.Round(""), demoCounty()); err != nil || loaded != (Loaded{}) {
		t.Errorf("loaded %+v, %v", loaded, err)
	}
	verified(t, d)
}

// One wrong line, and nothing is done; every wrong line is told, with its number and why.
func TestAWrongLineStopsTheImport(t *testing.T) {
	d := open(t)
	admin := as(t, d, "system-admin")
	const good = "good.one,好人,clerk,办事员,hewan-station,219901101202,2026-01-01,\n"
	for name, c := range map[string]struct{ line, says string }{
		"an administrator's post": {"boss,王一,security_admin,安全,county-hall,219901,2026-01-01,", errImportRole.Title},
		"his own":                 {"system-admin,管守恒,window,窗口,county-hall,219901,2026-01-01,", ErrOwnPost.Title},
		"taken by another":        {"clerk-hewan,王一,window,窗口,county-hall,219901,2026-01-01,", ErrUsernameTaken.Title},
		"taken in another form":   {"ＣＬＥＲＫ-hewan,王一,window,窗口,county-hall,219901,2026-01-01,", ErrUsernameTaken.Title},
		"another term":            {"clerk-hewan,江河清,clerk,帮办代办员,hewan-station,219901101202,2025-02-01,", ErrPostTaken.Title},
		"no username":             {"a b,王一,window,窗口,county-hall,219901,2026-01-01,", "username 应是"},
		"no name":                 {"boss,,window,窗口,county-hall,219901,2026-01-01,", "name 写法不对"},
		"a villager's role":       {"boss,王一,resident,群众,county-hall,219901,2026-01-01,", "role 不是工作人员的角色"},
		"no such role":            {"boss,王一,king,王,county-hall,219901,2026-01-01,", "role 不是工作人员的角色"},
		"no such office":          {"boss,王一,window,窗口,nowhere,219901,2026-01-01,", "office 没有代码是它的机构"},
		"area as a number":        {"boss,王一,window,窗口,county-hall,2.19901E+05,2026-01-01,", "area"},
		"clerk of a county":       {"boss,王一,clerk,窗口,county-hall,219901,2026-01-01,", "area 和角色对不上"},
		"elsewhere":               {"boss,王一,clerk,窗口,hewan-station,219901101201,2026-01-01,", "area 不在这个机构所管的区划里"},
		"no date":                 {"boss,王一,window,窗口,county-hall,219901,明天,", "valid_from 要写成"},
		"over before it began":    {"boss,王一,window,窗口,county-hall,219901,2026-01-02,2026-01-01", "valid_until 早于"},
		"a formula":               {"boss,王一,window,=cmd(),county-hall,219901,2026-01-01,", "title 不能以 = + - @ 开头"},
		"a full-width formula":    {"boss,＠王,window,窗口,county-hall,219901,2026-01-01,", "name 不能以 = + - @ 开头"},
		"the same line twice":     {good[:len(good)-1], "这个岗位（角色、机构、区划）上面已经写过"},
		"one user, two names":     {"Good.one,坏人,window,窗口,county-hall,219901,2026-01-01,", "同一个用户名在第 2 行是另一个姓名"},
		"few cells":               {"boss,王一,window", "应有 8 列"},
	} {
		t.Run(name, func(t *testing.T) {
			before := []int{rows(t, d, "persons"), rows(t, d, "posts"), rows(t, d, "trail")}
			table := []byte(importHead + good + c.line + "\n")
			tried, err := d.ImportStaff(t.Context(), admin, table, true)
			must(t, err)
			if len(tried.Lines) != 2 || tried.Lines[0].Outcome != LineCreated || tried.Lines[1].Outcome != LineRefused || !strings.Contains(tried.Lines[1].Reason, c.says) {
				t.Errorf("tried: %q", outcomes(tried))
			}
			refused := fault.Of(errOf(d.ImportStaff(t.Context(), admin, table, false)))
			if refused.Fault != ErrImport || len(refused.Fields) != 1 || refused.Fields[0].Location != "body.file[3]" || !strings.Contains(refused.Fields[0].Message, c.says) {
				t.Errorf("refused: %+v", refused)
			}
			if after := []int{rows(t, d, "persons"), rows(t, d, "posts"), rows(t, d, "trail")}; !slices.Equal(before, after) {
				t.Errorf("it changed %v to %v", before, after)
			}
		})
	}
}

func TestWhatIsNoTable(t *testing.T) {
	d := open(t)
	admin := as(t, d, "system-admin")
	line := "new%d,新来人,clerk,办事员,hewan-station,219901101202,2026-01-01,\n"
	many := strings.Builder{}
	for n := range mostImported + 1 {
		fmt.Fprintf(&many, line, n)
	}
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(importHead + fmt.Sprintf(line, 1))
	must(t, err)
	done, err := d.ImportStaff(t.Context(), admin, []byte(gbk), true)
	must(t, err)
	if done.Count(LineCreated) != 1 {
		t.Errorf("as Excel saves it: %q", outcomes(done))
	}
	for name, c := range map[string]struct{ file, says string }{
		"nothing":       {"", "第 1 行：第一行应是列名"},
		"no lines":      {importHead, "除了列名，一行也没有"},
		"other columns": {"姓名,角色\n王一,clerk\n", "第 1 行：第一行应是列名"},
		"a quote":       {importHead + "\"new1,新来人\n", "引号要成对"},
		"UTF-16":        {"\xff\xfeu\x00s\x00e\x00r\x00", "另存为"},
		"a workbook":    {"PK\x03\x04\x14\x00\xff\xff\x80", "另存为"},
		"too many":      {importHead + many.String(), "一次最多 500 行"},
	} {
		_, err := d.ImportStaff(t.Context(), admin, []byte(c.file), true)
		if e := fault.Of(err); len(e.Fields) != 1 || e.Fields[0].Location != "body.file" || !strings.Contains(e.Fields[0].Message, c.says) {
			t.Errorf("%s: %+v", name, err)
		}
	}
	for _, who := range []string{"security-admin", "audit-admin", "clerk-xinglin"} {
		want(t, errOf(d.ImportStaff(t.Context(), as(t, d, who), []byte(importHead), true)), fault.NotYours)
	}
}

// The longest list goes in at once, with a chain of the trail in each of 200 villages. What a password costs is not asked here.
func TestFiveHundredAtOnce(t *testing.T) {
	defer func(was cost) { ourCost = was }(ourCost)
	d := open(t)
	ourCost = cost{memory: 64, passes: 1, threads: 1}
	admin := as(t, d, "system-admin")
	places := large()
	places["staff.csv"] = &fstest.MapFile{Data: []byte(staffHead)}
	must(t, errOf(d.Load(t.Context(), access.Round(""), Source{FS: places})))
	table := strings.Builder{}
	table.WriteString(importHead)
	for n := range mostImported {
		fmt.Fprintf(&table, "new%d,新来人,clerk,村办事员,hall,219901%03d%03d,2026-01-01,\n", n, n%10+101, n/10%20+201)
	}
	done, err := d.ImportStaff(t.Context(), admin, []byte(table.String()), false)
	must(t, err)
	if done.Count(LineCreated) != mostImported {
		t.Errorf("%d accounts", done.Count(LineCreated))
	}
	passwords := map[string]bool{}
	for _, l := range done.Lines {
		passwords[l.Password] = true
	}
	if len(passwords) != mostImported {
		t.Errorf("%d different passwords", len(passwords))
	}
	verified(t, d)
}

// Two administrators send the same table at once: each account is made once.
func TestTheSameTableTwiceAtOnce(t *testing.T) {
	d := open(t)
	admin := as(t, d, "system-admin")
	table := []byte(importHead + "new1,新来人,officer,承办人,county-hall,219901,2026-01-01,\nnew2,新来人,officer,承办人,county-hall,219901,2026-01-01,\n")
	results := make(chan error, 3)
	made := make(chan int, 3)
	for range cap(results) {
		go func() {
			done, err := d.ImportStaff(t.Context(), admin, table, false)
			made <- done.Count(LineCreated)
			results <- err
		}()
	}
	sum := 0
	for range cap(results) {
		sum += <-made
		if err := <-results; err != nil && fault.Of(err).Fault != store.ErrLost {
			t.Error(err)
		}
	}
	if sum != 2 {
		t.Errorf("%d accounts were told of", sum)
	}
}

// A table is held to what a call is: nothing at an office that was closed, nothing beyond the administrator's own area.
func TestTheImportGivesNoMoreThanACall(t *testing.T) {
	d := open(t)
	ctx, admin, security := t.Context(), as(t, d, "system-admin"), as(t, d, "security-admin")
	order := Order{Day: clock.DateOf(d.now()), Document: "青政发〔2026〕12号"}
	_, err := d.MakeOffice(ctx, admin, OfficeAsked{Code: "old-hall", Name: "旧大厅", Kind: CountyHall, Area: "219901"}, order)
	must(t, err)
	ids, err := d.officeIDs(ctx)
	must(t, err)
	_, err = d.CloseOffice(ctx, admin, ids["old-hall"], order)
	must(t, err)
	must(t, d.store.Write(ctx, access.Round(""), func(tx *store.Tx) error {
		return tx.Create(&Office{ID: tx.NewID(), Code: "other-hall", Name: "邻县大厅", Kind: CountyHall, Area: "219902", County: "219902", CreatedAt: tx.Now, UpdatedAt: tx.Now}).Error
	}))
	made, err := d.CreateStaff(ctx, security, Newcomer{Username: "town.admin", Name: "镇管理", Post: Term{
		Role: access.SystemAdmin, Title: "镇系统管理员", Office: ids["county-hall"], Area: xinglin.Town(),
	}})
	must(t, err)
	of := made.Posts[0].Actor("")
	for name, c := range map[string]struct {
		by         access.Actor
		line, says string
	}{
		"at a closed office":         {admin, "boss,王一,window,窗口,old-hall,219901,2026-01-01,", "office 没有代码是它的机构"},
		"at another county's":        {admin, "boss,王一,window,窗口,other-hall,219901,2026-01-01,", "office 没有代码是它的机构"},
		"another town":               {of, "boss,王一,clerk,办事员,songling-station," + string(songling) + ",2026-01-01,", "area"},
		"the county":                 {of, "boss,王一,dispatcher,派单员,county-hall,219901,2026-01-01,", "area"},
		"who belongs to the county":  {of, "dispatcher,谷知路,window,窗口,county-hall," + string(hewan) + ",2026-01-01,", ErrUsernameTaken.Title},
		"who acts in another town":   {of, "clerk-both,王两,window,窗口,hewan-station," + string(hewan) + ",2026-01-01,", fault.NotYours.Title},
		"and his own town he may do": {of, "boss,王一,clerk,办事员,hewan-station," + string(hewan) + ",2026-01-01,", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if c.line[:10] == "clerk-both" {
				both := importHead + "clerk-both,王两,clerk,办事员,hewan-station," + string(hewan) + ",2026-01-01,\n" +
					"clerk-both,王两,officer,承办人,county-hall,219901,2026-01-01,\n"
				must(t, errOf(d.ImportStaff(ctx, admin, []byte(both), false)))
			}
			tried, err := d.ImportStaff(ctx, c.by, []byte(importHead+c.line+"\n"), true)
			must(t, err)
			if refused := tried.Lines[0].Outcome == LineRefused; refused != (c.says != "") || !strings.Contains(tried.Lines[0].Reason, c.says) {
				t.Errorf("%q", outcomes(tried))
			}
		})
	}
}
