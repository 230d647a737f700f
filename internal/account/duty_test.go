package account

import (
	"strings"
	"testing"
	"testing/fstest"

	"tongban/internal/access"
	"tongban/internal/fault"
)

const someDuties = `
- {code: visits, title: 网格长, roles: [clerk, grid_worker], text: 走访每一户}
- {code: papers, roles: [clerk], text: 开证明}
`

func withDuties(duties, staff string) fstest.MapFS {
	files := folder(someAreas, someOffices, staffHeadDuties+staff)
	if duties != "" {
		files["duties.yaml"] = &fstest.MapFile{Data: []byte(duties)}
	}
	return files
}

const staffHeadDuties = "username,name,role,title,office,area,valid_from,valid_until,duties\n"

func TestLoadNamesTheLineOfADuty(t *testing.T) {
	const wang = "wang,王一,grid_worker,网格员,station,219901101201,2026-01-01,,"
	for name, c := range map[string]struct{ duties, staff, says string }{
		"no yaml":       {"- {code: [", "", "duties.yaml: "},
		"unknown key":   {"- {code: visits, roles: [clerk], text: 走访, name: 王}\n", "", "duties.yaml: "},
		"code":          {"\n\n- {code: 走访, roles: [clerk], text: 走访}\n", "", "duties.yaml:3: code"},
		"twice":         {someDuties + "- {code: papers, roles: [clerk], text: 开证明}\n", "", "duties.yaml:4: code 和第 3 行重复"},
		"no role":       {"- {code: visits, text: 走访}\n", "", "duties.yaml:1: roles"},
		"not staff":     {"- {code: visits, roles: [resident], text: 走访}\n", "", "duties.yaml:1: roles 里的 resident"},
		"no text":       {"- {code: visits, roles: [clerk]}\n", "", "duties.yaml:1: text"},
		"long text":     {"- {code: visits, roles: [clerk], text: " + strings.Repeat("走", longestDuty+1) + "}\n", "", "duties.yaml:1: text"},
		"unknown duty":  {someDuties, wang + "visits；singing", "staff.csv:2: duties 没有这项职责：singing"},
		"another role":  {someDuties, wang + "papers", "staff.csv:2: duties 这个角色不承担 papers（开证明）"},
		"written twice": {someDuties, wang + "visits;visits", "staff.csv:2: duties visits 写了两次"},
		"no list":       {"", wang + "visits", "staff.csv:2: duties 没有这项职责"},
		"no code":       {someDuties, wang + "13800001234", "staff.csv:2: duties 没有这项职责：第 1 个代码"},
		"too many":      {someDuties, wang + strings.Repeat("visits;", mostDuties+1), "staff.csv:2: duties 一个岗位的职责太多了"},
		"formula":       {someDuties, "wang,=1+1,grid_worker,网格员,station,219901101201,2026-01-01,,", "staff.csv:2: name 不能以"},
		"cells":         {someDuties, wang + "visits,more", "staff.csv:2: 应有 9 列"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readCounty(withDuties(c.duties, c.staff))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error is %v, want %q in it", err, c.says)
			}
		})
	}
	c, err := readCounty(withDuties(someDuties, "wang,王一,clerk,办事员,station,219901101201,2026/1/2,,\"visits、papers\"\nli,李一,clerk,办事员,station,219901101201,2026-01-01,\n,,,,,,,,\n"))
	must(t, err)
	if p := c.staff[0].posts[0]; len(p.duties) != 2 || p.from.String() != "2026-01-02" || len(c.staff) != 2 || len(c.staff[1].posts[0].duties) != 0 {
		t.Errorf("read %+v", c.staff)
	}
}

// The file is followed from one start to the next; what an administrator said is not undone by it.
func TestDutiesFollowTheFile(t *testing.T) {
	d := open(t)
	load := func(duties, carried string) Loaded {
		t.Helper()
		done, err := d.Load(t.Context(), access.Round(""), Source{FS: withDuties(duties, "wang,王一,clerk,办事员,station,219901101201,2026-01-01,,"+carried+"\n")})
		must(t, err)
		return done
	}
	has := func() string {
		t.Helper()
		m, err := d.StaffMember(t.Context(), as(t, d, "system-admin"), personOf(t, d, "wang"))
		must(t, err)
		return strings.Join(pluck(m.Duties[m.Posts[0].ID], func(t Duty) string { return t.Code }), " ")
	}
	list := func() string {
		t.Helper()
		all, err := d.Duties(t.Context())
		must(t, err)
		return strings.Join(pluck(all, func(t Duty) string { return t.Code + ":" + t.Text }), " ")
	}
	if done := load(someDuties, "papers;visits"); done.Posts != 1 || done.Duties != 15 || has() != "visits papers" || list() != "visits:走访每一户 papers:开证明" {
		t.Errorf("%+v: %q of %q", done, has(), list())
	}
	if done := load(someDuties, "visits;papers"); done != (Loaded{}) {
		t.Errorf("the same again changed %+v", done)
	}
	if done := load(someDuties, "papers"); done.Posts != 1 || has() != "papers" {
		t.Errorf("%+v: %q", done, has())
	}
	less := "- {code: visits, roles: [clerk], text: 走访}\n"
	if done := load(less, "visits"); done.Duties != 2 || has() != "visits" || list() != "visits:走访" {
		t.Errorf("%+v: %q of %q", done, has(), list())
	}
	m, err := d.StaffMember(t.Context(), as(t, d, "system-admin"), personOf(t, d, "wang"))
	must(t, err)
	must(t, errOf(d.SetDuties(t.Context(), as(t, d, "system-admin"), m.Posts[0].ID, nil)))
	if done := load(less, "visits"); done != (Loaded{}) || has() != "" {
		t.Errorf("the file undoes a call: %+v, %q", done, has())
	}
	if done := load("", ""); done != (Loaded{}) || list() != "visits:走访" {
		t.Errorf("no file is no word: %+v, %q", done, list())
	}
	verified(t, d)
}

func TestDutiesByCall(t *testing.T) {
	d := open(t)
	admin := as(t, d, "system-admin")
	term := termOf(t, d, access.Clerk)
	station, err := d.OfficeByCode(t.Context(), "hewan-station")
	must(t, err)
	term.Office, term.Area, term.Duties = station.ID, hewan, []string{"appeals", "singing"}
	newcomer := Newcomer{Username: "new.one", Name: "新来人", Post: term}
	want(t, errOf(d.CreateStaff(t.Context(), admin, newcomer)), fault.BadField)
	newcomer.Post.Duties = []string{"household-visits"} // a grid worker's
	want(t, errOf(d.CreateStaff(t.Context(), admin, newcomer)), fault.BadField)
	newcomer.Post.Duties = []string{"disputes", "appeals"}
	made, err := d.CreateStaff(t.Context(), admin, newcomer)
	must(t, err)
	post := made.Posts[0].ID
	if len(made.Duties[post]) != 2 || made.Duties[post][0].Code != "appeals" {
		t.Errorf("carries %+v", made.Duties)
	}
	want(t, errOf(d.SetDuties(t.Context(), as(t, d, "security-admin"), post, nil)), fault.NotYours)
	want(t, errOf(d.SetDuties(t.Context(), as(t, d, "clerk-xinglin"), post, nil)), fault.NotYours)
	now, err := d.SetDuties(t.Context(), admin, post, []string{"insurance"})
	must(t, err)
	if len(now.Duties[post]) != 1 || now.Version != made.Version+1 || trailed(t, d, "post.duties", post) != 1 {
		t.Errorf("carries %+v", now.Duties)
	}
	there := func() (titles []string) {
		t.Helper()
		list, err := d.AreaDuties(t.Context(), hewan)
		must(t, err)
		for _, a := range list {
			titles = append(titles, a.Post.Title)
		}
		return titles
	}
	if got := strings.Join(there(), " "); got != "帮办代办员 岗位 网格员" {
		t.Errorf("the village is told of %s", got)
	}
	must(t, errOf(d.Disable(t.Context(), admin, personOf(t, d, "clerk-hewan"), "离职")))
	must(t, errOf(d.EndPost(t.Context(), admin, post, Ending{Why: "调整"})))
	want(t, errOf(d.SetDuties(t.Context(), admin, post, nil)), ErrPostEnded)
	if got := strings.Join(there(), " "); got != "网格员" {
		t.Errorf("the village is told of %s", got)
	}
	want(t, errOf(d.AreaDuties(t.Context(), "219901101299")), fault.NotFound)
	about, err := d.Me(t.Context(), as(t, d, "clerk-xinglin"))
	if err != nil || len(about.Duties[about.Posts[0].ID]) != 3 {
		t.Errorf("%+v, %v", about.Duties, err)
	}
	verified(t, d)
}
