package catalog

import (
	"slices"
	"strings"

	"tongban/internal/workday"
)

// toBeConfirmed is what an item says whose facts the county has still to confirm (confidence L).
const toBeConfirmed = "以县公示为准"

// form checks that the file is a whole item whose parts fit together.
func (l *lint) form() {
	it := l.item
	if !uuidShape.MatchString(it.ID) {
		l.refuse(at{"id"}, "id 要写成小写 UUID")
	}
	if it.Seq < 1 {
		l.refuse(at{"seq"}, "序号从1开始")
	}
	l.some(at{"name"}, it.Name, "名称")
	l.some(at{"theme"}, it.Theme, "主题")
	l.some(at{"department"}, it.Department, "实施主体")
	for i, alias := range it.Aliases {
		l.some(at{"aliases", i}, alias, "别名")
	}
	l.oneOf(at{"level"}, it.Level, "1", "2", "3", "4", "5", "6", "7")
	l.oneOf(at{"item_type"}, it.Type, "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "20")
	l.oneOf(at{"case_type"}, string(it.CaseType), string(Instant), string(Committed))
	l.oneOf(at{"clerk_can_file"}, string(it.ClerkCanFile), string(None), string(Part), string(Full))
	l.oneOf(at{"in_person"}, string(it.InPerson), string(None), string(Part), string(Full))
	l.oneOf(at{"confidence"}, it.Confidence, "H", "M", "L")
	if it.TwoPersons && it.Type != "01" {
		l.refuse(at{"two_persons"}, "只有行政许可（01）要求审查人与决定人分开")
	}
	l.joint(it)
	for i, kind := range it.Sensitive {
		if !nameShape.MatchString(kind) {
			l.refuse(at{"sensitive", i}, "敏感信息的种类用小写英文")
		}
	}
	l.limit("promised_limit", it.PromisedLimit)
	if it.LegalLimit != nil {
		l.limit("legal_limit", *it.LegalLimit)
	}
	l.countable("extension", it.Extension)
	l.countable("correction_limit", it.CorrectionLimit)
	l.oneOf(at{"result", "kind"}, it.Result.Kind, "license", "approval", "other", "none")
	for i, q := range it.FAQ {
		l.some(at{"faq", i, "q"}, q.Q, "问题")
		l.some(at{"faq", i, "a"}, q.A, "回答")
	}
	if it.CheckedOn.IsZero() {
		l.refuse(at{"checked_on"}, "没有写核对日期")
	}
	if it.Confidence == "L" && !strings.Contains(it.openText(), toBeConfirmed) {
		l.refuse(at{"confidence"}, "待县确认的事项要在说明、条件或时限里写“%s”", toBeConfirmed)
	}
	l.situations()
	l.parts()
}

// openText is where an item may say that the county has the last word.
func (it *Item) openText() string {
	text := it.Summary + strings.Join(it.Conditions, "") + it.PromisedLimit.Note
	if it.LegalLimit != nil {
		text += it.LegalLimit.Note
	}
	return text
}

// countable is a limit that may be left out, and must be some days when it is there.
func (l *lint) countable(key string, limit *Limit) {
	if limit == nil {
		return
	}
	l.limit(key, *limit)
	if limit.Unit != workday.Workdays && limit.Unit != workday.CalendarDays || limit.Value < 1 {
		l.refuse(at{key}, "写成若干个工作日或自然日，至少1天")
	}
}

func (l *lint) limit(key string, limit Limit) {
	if limit.Unit == "" {
		l.refuse(at{key}, "没有写时限的单位")
	} else if err := limit.Plain().Check(); err != nil {
		l.refuse(at{key, "unit"}, "%v", err)
	} else if limit.Unit == workday.Batch && limit.Value != 0 {
		l.refuse(at{key, "value"}, "按批次办理的不写数")
	}
}

// parts checks materials and steps: ids and conditions.
func (l *lint) parts() {
	it := l.item
	seen := map[string]bool{}
	for i, m := range it.Materials {
		path := at{"materials", i}
		if !nameShape.MatchString(m.ID) {
			l.refuse(append(path, "id"), "材料 id 用小写英文和下划线")
		} else if seen[m.ID] {
			l.refuse(append(path, "id"), "材料 %s 写了两次", m.ID)
		}
		seen[m.ID] = true
		l.some(append(path, "name"), m.Name, "材料名称")
		l.some(append(path, "hint"), m.Hint, "给群众的提示")
		l.known(append(path, "when"), m.When, it.Situations)
	}
	for i, s := range it.Steps {
		path := at{"steps", i}
		l.some(append(path, "title"), s.Title, "步骤标题")
		l.some(append(path, "text"), s.Text, "步骤说明")
		l.known(append(path, "when"), s.When, it.Situations)
	}
}

// situations checks the questions: each has a choice, refers to earlier ones only, and makes a difference somewhere.
func (l *lint) situations() {
	it := l.item
	seen := map[string]bool{}
	for i, s := range it.Situations {
		path := at{"situations", i}
		if !nameShape.MatchString(s.ID) {
			l.refuse(append(path, "id"), "问题 id 用小写英文和下划线")
		} else if seen[s.ID] {
			l.refuse(append(path, "id"), "问题 %s 写了两次", s.ID)
		}
		seen[s.ID] = true
		l.some(append(path, "question"), s.Question, "问题")
		l.oneOf(append(path, "type"), s.Type, One, Many)
		if len(s.Options) < 2 && !(s.Type == Many && len(s.Options) == 1) {
			l.refuse(append(path, "options"), "问题 %s 的选项太少", s.ID)
		}
		options := map[string]bool{}
		for j, o := range s.Options {
			if !nameShape.MatchString(o.ID) {
				l.refuse(append(path, "options", j), "选项 id 用小写英文和下划线")
			} else if options[o.ID] {
				l.refuse(append(path, "options", j), "选项 %s 写了两次", o.ID)
			}
			options[o.ID] = true
			l.some(append(path, "options", j), o.Text, "选项文字")
		}
		l.known(append(path, "when"), s.When, it.Situations[:i])
		if !it.uses(s) {
			l.refuse(path, "问题 %s 问了没有用：没有材料、步骤或后面的问题取决于它", s.ID)
		}
	}
}

func (it *Item) uses(s Situation) bool {
	names := func(w When) bool { _, ok := w[s.ID]; return ok }
	return slices.ContainsFunc(s.Options, func(o Option) bool { return o.Stop != "" }) ||
		slices.ContainsFunc(it.Materials, func(m Material) bool { return names(m.When) }) ||
		slices.ContainsFunc(it.Steps, func(s Step) bool { return names(s.When) }) ||
		slices.ContainsFunc(it.Situations, func(other Situation) bool { return names(other.When) })
}
