package catalog

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Rule is one of the publisher's rules (发布检查).
type Rule struct {
	Number int
	Text   string // Chinese, with the law it comes from
	check  func(*lint)
}

// Rules lists the eight publisher's rules. What a machine cannot decide (whether a paper has to do with the matter) it
// makes visible: no paper without its basis.
func Rules() []Rule {
	return []Rule{
		{1, "承诺时限不超过法定时限", (*lint).promisedWithinLegal},
		{2, "即办件承诺时限为0；承诺件大于0或按批次", (*lint).limitFitsCase},
		{3, "每份材料写明依据、来源、形式、份数、必要性，不要与事项无关的材料（行政许可法第三十一条）", (*lint).materialsComplete},
		{4, "数据共享能查到的不再要（国务院令第716号第七条）", (*lint).sharedNotAsked},
		{5, "不要村委会开具清单所列二十种证明（民发〔2020〕20号）", (*lint).noVillageCertificates},
		{6, "依据写明法律条款或文号，不写“有关规定”“其他材料”", (*lint).basisCited},
		{7, "收费须有法律、行政法规依据，表格免费（行政许可法第五十八条）", (*lint).feeLawful},
		{8, "公开条件、流程、时限、全部材料、示范文本和办理地点（行政许可法第三十条）", (*lint).everythingPublic},
	}
}

// lint is one file under check.
type lint struct {
	file  *File
	item  *Item
	demo  bool
	rule  int
	found []Finding
	// unnumbered are the bases that demonstration data openly leaves to the county: told together.
	unnumbered []Finding
}

type at []any // path inside a file

func (l *lint) say(path at, warning bool, format string, args ...any) {
	l.found = append(l.found, Finding{
		File: l.file.Name, Line: l.file.line(path...), Rule: l.rule, Message: fmt.Sprintf(format, args...), Warning: warning,
	})
}

func (l *lint) refuse(path at, format string, args ...any) { l.say(path, false, format, args...) }

// Lint checks a folder: the form of each item, the publisher's rules, and what the files must not have in common.
// With demo a basis that the county has yet to complete is a warning (rule 6); published data must have it.
func Lint(f Folder, demo bool) []Finding {
	var found, unnumbered []Finding
	for i := range f.Files {
		l := &lint{file: &f.Files[i], item: f.Files[i].Item, demo: demo}
		l.form()
		for _, rule := range Rules() {
			l.rule = rule.Number
			rule.check(l)
		}
		found = append(found, l.found...)
		unnumbered = append(unnumbered, l.unnumbered...)
	}
	found = append(found, lintShared(f)...)
	found = append(found, lintTogether(f)...)
	if n := len(unnumbered); n > 0 {
		first := unnumbered[0]
		first.Message = fmt.Sprintf("写着“%s”的依据共%d处，这是第一处；正式发布前都要补上条款或文号", leftToCounty, n)
		found = append(found, first)
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule))
	})
	return found
}

// lintTogether finds what only shows when all files are seen.
func lintTogether(f Folder) []Finding {
	var found []Finding
	ids, seqs, names, steps := map[string]string{}, map[int]string{}, map[string]string{}, map[string]string{}
	for i := range f.Files {
		file := &f.Files[i]
		twice := func(first, key, what string) {
			if first != "" {
				found = append(found, Finding{File: file.Name, Line: file.line(key), Message: what + "与 " + first + " 相同"})
			}
		}
		it := file.Item
		twice(ids[it.ID], "id", "id ")
		twice(seqs[it.Seq], "seq", "序号")
		twice(names[it.Name], "name", "名称")
		ids[it.ID], seqs[it.Seq], names[it.Name] = file.Name, file.Name, file.Name
		if len(it.Steps) > 0 {
			walk := stepsText(it)
			twice(steps[walk], "steps", "办理步骤")
			steps[walk] = file.Name
		}
	}
	meanings, codes := map[Code]string{}, map[string]bool{}
	for _, c := range f.Codes {
		where := Finding{File: codesFile, Line: c.Line}
		meaning := c.Code
		meaning.Code = ""
		if codes[c.Code.Code] {
			where.Message = "同一个码写了两次"
			found = append(found, where)
		} else if first := meanings[meaning]; first != "" {
			where.Message = "同一事项同一村已有码 " + first
			found = append(found, where)
		}
		if c.Kind == CodeItem && ids[c.ID] == "" {
			where.Message = "没有这个 id 的事项文件"
			found = append(found, where)
		}
		codes[c.Code.Code], meanings[meaning] = true, c.Code.Code
	}
	return found
}

// stepsText is the procedure as a reader sees it: two items that say the same are a template, not a guide.
func stepsText(it *Item) string {
	var b strings.Builder
	for _, s := range it.Steps {
		for _, r := range s.Title + "\n" + s.Text {
			if !strings.ContainsRune(" \t\n，。；：、,.;:", r) {
				b.WriteRune(r)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

var (
	uuidShape = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	nameShape = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
)

// oneOf refuses a value that is not on a closed list.
func (l *lint) oneOf(path at, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		l.refuse(path, "只能是 %s", strings.Join(allowed, "、"))
	}
}

// some refuses an empty text.
func (l *lint) some(path at, value, what string) {
	if strings.TrimSpace(value) == "" {
		l.refuse(path, "没有写%s", what)
	}
}

// known refuses a condition that names a question or an option that is not among those asked.
func (l *lint) known(path at, when When, asked []Situation) {
	for _, question := range slices.Sorted(maps.Keys(when)) {
		here := append(slices.Clone(path), question)
		i := slices.IndexFunc(asked, func(s Situation) bool { return s.ID == question })
		if i < 0 {
			l.refuse(here, "when 里的问题 %s 不存在，或者排在后面", question)
			continue
		}
		if len(when[question]) == 0 {
			l.refuse(here, "when 里的问题 %s 没有写选项", question)
		}
		for _, option := range when[question] {
			if asked[i].Option(option) == nil {
				l.refuse(here, "问题 %s 没有选项 %s", question, option)
			}
		}
	}
}
