package account

import (
	"errors"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/secret"
)

// county is what the files say, once nothing is wrong in them.
type county struct {
	areas   []Area
	privacy []PrivacyText
	offices []Office
	staff   []member
	duties  []Duty
	tells   bool // there is a list of duties
}

var staffColumns = layout{
	columns: []string{"username", "name", "role", "title", "office", "area", "valid_from", "valid_until"},
	further: []string{"duties"},
}

func readCounty(folder fs.FS) (county, error) {
	areas := readTable(folder, "areas.csv", "code", "name")
	offices := readTable(folder, "offices.csv", "code", "name", "kind", "area", "address", "hours", "phone")
	staff := readLayout(folder, "staff.csv", staffColumns)
	duties, told, dutiesWrong := readDuties(folder)
	privacy, privacyWrong := readPrivacy(folder)
	c := county{areas: areas.areas(), privacy: privacy, duties: duties, tells: told}
	known := map[access.Area]bool{}
	for _, a := range c.areas {
		known[a.Code] = true
	}
	// A file that could not be read at all makes no further mistakes in those that name its lines.
	if len(areas.wrong) == 0 {
		c.offices = offices.offices(known)
		if len(offices.wrong) == 0 {
			c.staff = staff.staff(placesOf(known, c.offices, duties))
		}
	}
	return c, errors.Join(slices.Concat(areas.wrong, offices.wrong, staff.wrong, privacyWrong, dutiesWrong)...)
}

// ErrNoPrivacy is why a program does not start on a new database.
var ErrNoPrivacy = errors.New("the county's folder needs a privacy notice in force (privacy/2026-01.md): nobody can agree to nothing")

// ReadOffices checks areas, offices, staff, duties and privacy notices of a folder as Load would, and gives the offices.
func ReadOffices(folder fs.FS) ([]Office, error) {
	c, err := readCounty(folder)
	return c.offices, err
}

// HasPrivacyOn tells whether a privacy notice of the folder is in force on that day. In a database an earlier one may be.
func HasPrivacyOn(folder fs.FS, day clock.Date) bool {
	list, _ := readPrivacy(folder) // what is wrong with it says ReadOffices
	return slices.ContainsFunc(list, func(t PrivacyText) bool { return !day.Before(t.InForce) })
}

// areas reads the divisions; level and parent follow from the code.
func (t *table) areas() []Area {
	var list []Area
	seen := map[access.Area]int{} // line
	children := map[access.Area]int{}
	for _, l := range t.lines {
		code := access.Area(l.cells["code"])
		a := Area{Code: code, Name: t.text(l, "name", 64, false), Level: code.Level(), Parent: code.Parent()}
		switch {
		case a.Level == "":
			t.fault(l.at, "code 应是 6 位（县）、9 位（乡镇）、12 位（村）或 14 位（网格）数字")
			continue
		case seen[code] > 0:
			t.fault(l.at, "code 和第 %d 行重复", seen[code])
			continue
		case a.Parent == "" && children[""] > 0:
			t.fault(l.at, "只能有一个县")
		}
		seen[code] = l.at
		children[a.Parent]++
		a.Sort = children[a.Parent]
		list = append(list, a)
	}
	for _, a := range list {
		if a.Parent != "" && seen[a.Parent] == 0 {
			t.fault(seen[a.Code], "上一级 %s 不在本文件里", a.Parent)
		}
	}
	if len(list) == 0 && len(t.wrong) == 0 {
		t.fault(1, "一个区划也没有")
	}
	return list
}

var codeShape = regexp.MustCompile(`^[a-z][a-z0-9-]{1,31}$`)

func (t *table) offices(areas map[access.Area]bool) []Office {
	var list []Office
	seen := map[string]int{}
	for _, l := range t.lines {
		o := Office{
			Code: l.cells["code"], Name: t.text(l, "name", 64, false), Kind: OfficeKind(l.cells["kind"]), Area: access.Area(l.cells["area"]),
			Address: t.text(l, "address", 120, true), Hours: t.text(l, "hours", 120, true), Phone: t.text(l, "phone", 32, true),
		}
		o.County, o.Town, o.Village = string(o.Area.County()), string(o.Area.Town()), string(o.Area.Village())
		levels, known := officeLevels[o.Kind]
		switch {
		case !codeShape.MatchString(o.Code):
			t.fault(l.at, "code 应是小写字母开头，只有小写字母、数字和 -，2 到 32 个")
		case seen[o.Code] > 0:
			t.fault(l.at, "code 和第 %d 行重复", seen[o.Code])
		case !known:
			t.fault(l.at, "kind 应是其中一个：%v", slices.Sorted(maps.Keys(officeLevels)))
		case !areas[o.Area]:
			t.fault(l.at, "area 不在 areas.csv 里")
		case !slices.Contains(levels, o.Area.Level()):
			t.fault(l.at, "这种机构不在这一级：area 应是 %v 的代码", levels)
		}
		seen[o.Code] = l.at
		list = append(list, o)
	}
	return list
}

// places are what a line of staff may name.
type places struct {
	areas   map[access.Area]bool
	offices map[string]access.Area // by code
	duties  map[string]Duty
}

func placesOf(areas map[access.Area]bool, offices []Office, duties []Duty) places {
	known := places{areas, map[string]access.Area{}, map[string]Duty{}}
	for _, o := range offices {
		known.offices[o.Code] = o.Area
	}
	for _, duty := range duties {
		known.duties[duty.Code] = duty
	}
	return known
}

// staff gathers the lines of each person: several lines are several posts.
func (t *table) staff(known places) []member {
	var order []string
	people := map[string]*member{}
	for _, l := range t.lines {
		t.noFormula(l, "username", "name", "title")
		username, name, post := t.person(l), t.name(l), t.post(l, known)
		if username == "" {
			continue
		}
		m := people[username]
		if m == nil {
			m = &member{username: username, name: name, line: l.at}
			people[username] = m
			order = append(order, username)
		}
		if !m.name.Equal(name) {
			t.fault(l.at, "同一个用户名在第 %d 行是另一个姓名", m.line)
		}
		if slices.ContainsFunc(m.posts, func(p postLine) bool { return p.role == post.role && p.office == post.office && p.area == post.area }) {
			t.fault(l.at, "这个岗位（角色、机构、区划）上面已经写过")
		}
		if apart(pluck(m.posts, bare), bare(post)) != nil {
			t.fault(l.at, "系统、安全、审计三种管理员要由不同的人担任")
		}
		m.posts = append(m.posts, post)
	}
	list := make([]member, 0, len(order))
	for _, username := range order {
		list = append(list, *people[username])
	}
	return list
}

func bare(l postLine) Post { return l.post("", "") }

func (t *table) person(l line) string {
	username := normalUsername(l.cells["username"])
	if username == "" {
		t.fault(l.at, "username 应是 2 到 32 个字母、数字或 . _ -")
	}
	return username
}

func (t *table) name(l line) secret.Name {
	name, err := secret.ParseName(l.cells["name"])
	if err != nil {
		t.fault(l.at, "name 写法不对")
	}
	return name
}

func (t *table) post(l line, known places) postLine {
	p := postLine{
		role: access.Role(l.cells["role"]), title: t.text(l, "title", 40, false), office: l.cells["office"], area: access.Area(l.cells["area"]),
		from: t.date(l, "valid_from", false), until: t.date(l, "valid_until", true), line: l.at,
	}
	place, found := known.offices[p.office]
	part, sentence := misplaced(p.role, place, p.area, p.from, p.until)
	switch {
	case part == "role":
		t.fault(l.at, "role %s", sentence)
	case !found:
		t.fault(l.at, "office 没有代码是它的机构")
	case !known.areas[p.area]:
		t.fault(l.at, "area 没有代码是它的区划；如果成了 2.2E+11 这样的，请在表格软件里把这一列设成文本再填")
	case part != "":
		t.fault(l.at, "%s %s", part, sentence)
	}
	cell, told := l.cells["duties"]
	p.told = told
	p.duties = strings.FieldsFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(";；、,，", r) })
	if sentence := unfit(p.role, p.duties, known.duties); sentence != "" {
		t.fault(l.at, "duties %s", sentence)
	}
	return p
}
