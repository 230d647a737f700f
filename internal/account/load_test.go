package account

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
)

func TestDemoCountyHasEveryRole(t *testing.T) {
	d := open(t)
	accounts, err := d.DemoAccounts(t.Context())
	must(t, err)
	holders := map[access.Role][]string{}
	several := 0
	for _, a := range accounts {
		if a.Name == "" || strings.Contains(a.Name, "*") {
			t.Errorf("%s is printed as %q", a.Username, a.Name)
		}
		if len(a.Posts) > 1 {
			several++
		}
		for _, p := range a.Posts {
			holders[p.Role] = append(holders[p.Role], p.Office)
		}
	}
	for _, r := range access.Roles() {
		if r.Staff() && len(holders[r]) == 0 {
			t.Errorf("nobody is %s", r)
		}
	}
	offices := slices.Compact(slices.Sorted(slices.Values(holders[access.Officer])))
	if len(holders[access.Clerk]) < 2 || len(offices) < 2 || several == 0 {
		t.Errorf("%d clerks, officers in %d offices, %d people with several posts", len(holders[access.Clerk]), len(offices), several)
	}
	if demo, err := d.HasDemo(t.Context()); err != nil || !demo {
		t.Errorf("HasDemo = %v, %v", demo, err)
	}
}

func TestLoadTwiceChangesNothing(t *testing.T) {
	d := open(t)
	before := []int{rows(t, d, "trail"), rows(t, d, "persons"), rows(t, d, "posts"), rows(t, d, "areas"), rows(t, d, "offices")}
	var hash string
	must(t, d.store.Read(t.Context()).Table("persons").Select("password").Where("username = ?", "dispatcher").Scan(&hash).Error)
	done, err := d.Load(t.Context(), access.Round(""), demoCounty())
	must(t, err)
	must(t, d.SetDemoPasswords(t.Context()))
	if done != (Loaded{}) {
		t.Errorf("the second time changed %+v", done)
	}
	after := []int{rows(t, d, "trail"), rows(t, d, "persons"), rows(t, d, "posts"), rows(t, d, "areas"), rows(t, d, "offices")}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	var again string
	must(t, d.store.Read(t.Context()).Table("persons").Select("password").Where("username = ?", "dispatcher").Scan(&again).Error)
	if again != hash || hash == "" {
		t.Error("the demo password was set twice, or never")
	}
	verified(t, d)
}

const (
	someAreas   = "code,name\n219901,青禾县\n219901101,柳泉镇\n219901101201,杏林村\n21990110120101,第一网格\n"
	someOffices = "code,name,kind,area,address,hours,phone\nhall,大厅,county_hall,219901,,,\nstation,服务站,village_station,219901101201,,,\n"
	staffHead   = "username,name,role,title,office,area,valid_from,valid_until\n"
)

func folder(areas, offices, staff string) fstest.MapFS {
	return fstest.MapFS{"areas.csv": {Data: []byte(areas)}, "offices.csv": {Data: []byte(offices)}, "staff.csv": {Data: []byte(staff)}}
}

func TestLoadFollowsTheFiles(t *testing.T) {
	d := open(t)
	first := folder(someAreas, someOffices, staffHead+"wang,王一,clerk,办事员,station,219901101201,2026-01-01,\n")
	must(t, errOf(d.Load(t.Context(), access.Round(""), Source{FS: first})))
	id := personOf(t, d, "wang")
	second := folder(strings.Replace(someAreas, "杏林村", "杏花村", 1), strings.Replace(someOffices, "服务站", "新服务站", 1),
		staffHead+"Ｗang ,王二,clerk,老办事员,station,219901101201,2026-01-01,2026-11-30\nwang,王二,grid_worker,网格员,station,21990110120101,2026-01-01,\n")
	done, err := d.Load(t.Context(), access.Round(""), Source{FS: second})
	must(t, err)
	if diff := cmp.Diff(Loaded{Areas: 1, Offices: 1, Persons: 1, Posts: 2}, done); diff != "" {
		t.Error(diff)
	}
	if personOf(t, d, "wang") != id {
		t.Error("the id changed")
	}
	name, err := d.StaffName(t.Context(), id)
	if err != nil || name != "王二" {
		t.Errorf("name is %q, %v", name, err)
	}
	held, err := postsOn(d.store.Read(t.Context()), id, clock.Date{Year: 2026, Month: 12, Day: 1})
	must(t, err)
	if len(held) != 1 || held[0].Role != access.GridWorker {
		t.Errorf("after the clerk's term he holds %+v", held)
	}
	village, err := d.Area(t.Context(), xinglin)
	if err != nil || village.Name != "杏花村" || village.Level != access.VillageLevel || village.Parent != "219901101" {
		t.Errorf("village is %+v, %v", village, err)
	}
	verified(t, d)
}

func personOf(t *testing.T, d *Desk, username string) string {
	t.Helper()
	p, err := onePerson(d.store.Read(t.Context()).Where("username = ?", username))
	must(t, err)
	return p.ID
}

func TestLoadNamesFileAndLine(t *testing.T) {
	ok := "wang,王一,clerk,办事员,station,219901101201,2026-01-01,\n"
	for name, c := range map[string]struct {
		areas, offices, staff string
		says                  string
	}{
		"level":        {someAreas + "2199011,某地\n", someOffices, staffHead, "areas.csv:6: code"},
		"twice":        {someAreas + "219901101,又一个\n", someOffices, staffHead, "areas.csv:6: code 和第 3 行重复"},
		"parent":       {someAreas + "219901301,某镇\n219901302201,某村\n", someOffices, staffHead, "areas.csv:7: 上一级 219901302"},
		"two counties": {someAreas + "219902,又一县\n", someOffices, staffHead, "areas.csv:6: 只能有一个县"},
		"columns":      {"name,code\n", someOffices, staffHead, "areas.csv:1: 第一行"},
		"empty file":   {"", someOffices, staffHead, "areas.csv:1: 第一行"},
		"GBK":          {"code,name\n219901,\xc7\xe0\xba\xcc\n", someOffices, staffHead, "areas.csv:1: 不是 UTF-8"},
		"cells":        {someAreas + "219901101202\n", someOffices, staffHead, "areas.csv:6: 应有 2 列"},
		"kind":         {someAreas, someOffices + "x1,某处,shop,219901,,,\n", staffHead, "offices.csv:4: kind"},
		"office level": {someAreas, someOffices + "x1,某处,village_station,219901,,,\n", staffHead, "offices.csv:4: 这种机构不在这一级"},
		"slug":         {someAreas, someOffices + "X1,某处,department,219901,,,\n", staffHead, "offices.csv:4: code"},
		"office area":  {someAreas, someOffices + "x1,某处,department,219909,,,\n", staffHead, "offices.csv:4: area"},
		"two powers":   {someAreas, someOffices, staffHead + "wang,王一,system_admin,王,hall,219901,2026-01-01,\nwang,王一,audit_admin,王,hall,219901,2026-02-01,\n", "staff.csv:3: 系统、安全、审计"},
		"role":         {someAreas, someOffices, staffHead + "wang,王一,king,王,hall,219901,2026-01-01,\n", "staff.csv:2: role"},
		"no staff":     {someAreas, someOffices, staffHead + "wang,王一,resident,群众,hall,219901,2026-01-01,\n", "staff.csv:2: role"},
		"office":       {someAreas, someOffices, staffHead + ok + "li,李一,clerk,办事员,nowhere,219901101201,2026-01-01,\n", "staff.csv:3: office"},
		"too wide":     {someAreas, someOffices, staffHead + "li,李一,officer,承办人,station,219901,2026-01-01,\n", "staff.csv:2: area 不在这个机构"},
		"clerk above":  {someAreas, someOffices, staffHead + "li,李一,clerk,办事员,hall,219901,2026-01-01,\n", "staff.csv:2: area 和角色对不上"},
		"term":         {someAreas, someOffices, staffHead + "li,李一,clerk,办事员,station,219901101201,2026-01-02,2026-01-01\n", "staff.csv:2: valid_until"},
		"date":         {someAreas, someOffices, staffHead + "li,李一,clerk,办事员,station,219901101201,2026-02-30,\n", "staff.csv:2: valid_from"},
		"two names":    {someAreas, someOffices, staffHead + ok + "WANG,王二,grid_worker,网格员,station,21990110120101,2026-01-01,\n", "staff.csv:3: 同一个用户名在第 2 行"},
		"same post":    {someAreas, someOffices, staffHead + ok + ok, "staff.csv:3: 这个岗位"},
		"username":     {someAreas, someOffices, staffHead + "a b,王一,clerk,办事员,station,219901101201,2026-01-01,\n", "staff.csv:2: username"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readCounty(folder(c.areas, c.offices, c.staff))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error is %v, want %q in it", err, c.says)
			}
		})
	}
	if _, err := readCounty(fstest.MapFS{}); err == nil {
		t.Error("a folder without files was read")
	}
	if _, err := readCounty(folder("\ufeff"+someAreas, someOffices, staffHead+"# 村\n"+ok)); err != nil {
		t.Errorf("with a byte order mark and a remark: %v", err)
	}
}

func TestAreasAndOffices(t *testing.T) {
	d := open(t)
	names := func(list []Area, err error) []string {
		t.Helper()
		must(t, err)
		var all []string
		for _, a := range list {
			all = append(all, a.Name)
		}
		return all
	}
	for _, c := range []struct {
		parent access.Area
		want   []string
	}{
		{"", []string{"青禾县"}},
		{"219901", []string{"柳泉镇", "石桥乡"}},
		{"219901101", []string{"杏林村", "河湾村"}},
		{xinglin, []string{"杏林村第一网格", "杏林村第二网格"}},
		{"999999", nil},
	} {
		if diff := cmp.Diff(c.want, names(d.Areas(t.Context(), c.parent))); diff != "" {
			t.Errorf("in %q: %s", c.parent, diff)
		}
	}
	if diff := cmp.Diff([]string{"杏林村", "河湾村"}, names(d.Villages(t.Context(), "219901101"))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"松岭村"}, names(d.Villages(t.Context(), songling))); diff != "" {
		t.Error(diff)
	}
	want(t, errOf(d.Area(t.Context(), "219901101299")), fault.NotFound)

	codes := func(list []Office, err error) []string {
		t.Helper()
		must(t, err)
		var all []string
		for _, o := range list {
			all = append(all, o.Code)
		}
		return all
	}
	near := codes(d.OfficesFor(t.Context(), xinglin, VillageStation, TownshipCentre, CountyHall))
	if diff := cmp.Diff([]string{"xinglin-station", "liuquan-centre", "county-hall"}, near); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"hewan-station", "xinglin-station"}, codes(d.Offices(t.Context(), "219901101", VillageStation))); diff != "" {
		t.Error(diff)
	}
	hall, err := d.OfficeByCode(t.Context(), "county-hall")
	must(t, err)
	again, err := d.Office(t.Context(), hall.ID)
	if err != nil || again != hall {
		t.Errorf("%+v is not %+v, %v", again, hall, err)
	}
	want(t, errOf(d.Office(t.Context(), "nowhere")), fault.NotFound)
}
