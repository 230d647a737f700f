package retention

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"tongban/internal/store"
)

// File is the name of the rules in a county's folder.
const File = "retention.yaml"

// Rule (保存期限) is one class as the county's file says it.
type Rule struct {
	Text  string // what it is, in Chinese
	Keep  Keep
	Basis string // the law or standard
	class store.Perishable
}

// The words of the file for the moment from which time counts, and for what is done.
var (
	moments = map[string]string{
		"made": "从产生时算起", "over": "从失效时算起", "used": "从最后一次使用算起", "done": "从送达时算起", "concluded": "从办结时算起",
	}
	deeds = map[bool]string{true: "delete", false: "clear"}
)

var fields = []string{"code", "text", "keep", "from", "do", "basis"}

// Read reads retention.yaml in a county's folder for these classes. Each class has one entry; whatever is wrong is named at once, with
// file and line. A term below the least one (Least) is wrong too.
func Read(folder fs.FS, classes []store.Perishable) ([]Rule, error) {
	text, err := fs.ReadFile(folder, File)
	if err != nil {
		return nil, err
	}
	var root yaml.Node
	if err := yaml.Load(text, &root); err != nil {
		return nil, unreadable(err)
	}
	r := reader{classes: classes, seen: map[string]int{}, rules: map[string]Rule{}}
	list := &root
	if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
		list = root.Content[0]
	}
	if list.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("%s:%d: 要写成列表，每类一条，以 - code: 开头", File, max(list.Line, 1))
	}
	for _, node := range list.Content {
		r.entry(node)
	}
	ordered := r.ordered()
	return ordered, errors.Join(r.wrong...)
}

type reader struct {
	classes []store.Perishable
	seen    map[string]int // line
	rules   map[string]Rule
	wrong   []error
}

func (r *reader) fault(line int, format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Errorf("%s:%d: %s", File, max(line, 1), fmt.Sprintf(format, args...)))
}

func (r *reader) entry(node *yaml.Node) {
	if node.Kind != yaml.MappingNode {
		r.fault(node.Line, "每类要写明 %s", strings.Join(fields, "、"))
		return
	}
	cells := map[string]*yaml.Node{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch {
		case !slices.Contains(fields, key.Value):
			r.fault(key.Line, "没有 %s 这个键，请核对拼写", key.Value)
		case cells[key.Value] != nil:
			r.fault(key.Line, "%s 写了两次", key.Value)
		case value.Kind != yaml.ScalarNode || strings.TrimSpace(value.Value) == "":
			r.fault(key.Line, "%s 没有写", key.Value)
		}
		cells[key.Value] = value
	}
	whole := true
	for _, name := range fields {
		if cells[name] == nil {
			r.fault(node.Line, "缺 %s", name)
			whole = false
		}
	}
	if whole {
		r.class(cells)
	}
}

func (r *reader) class(cells map[string]*yaml.Node) {
	code := cells["code"]
	at := slices.IndexFunc(r.classes, func(p store.Perishable) bool { return p.Code == code.Value })
	switch {
	case at < 0:
		r.fault(code.Line, "没有 %s 这一类", code.Value)
		return
	case r.seen[code.Value] > 0:
		r.fault(code.Line, "%s 和第 %d 行重复", code.Value, r.seen[code.Value])
		return
	}
	r.seen[code.Value] = code.Line
	class := r.classes[at]
	if from := cells["from"]; from.Value != class.Since {
		r.fault(from.Line, "%s 的 from 是 %s（%s），程序就是这样算的", class.Code, class.Since, moments[class.Since])
	}
	if do := cells["do"]; do.Value != deeds[class.Deletes()] {
		r.fault(do.Line, "%s 的 do 是 %s，程序就是这样做的", class.Code, deeds[class.Deletes()])
	}
	keep, ok := ParseKeep(cells["keep"].Value)
	if !ok {
		r.fault(cells["keep"].Line, "keep 要写成 180d、6m、3y 或 forever")
		return
	}
	if least, why := Least(class.Code); keep.shorterThan(least) {
		r.fault(cells["keep"].Line, "%s 不能少于 %s：%s", class.Code, least, why)
	}
	r.rules[class.Code] = Rule{Text: cells["text"].Value, Keep: keep, Basis: cells["basis"].Value, class: class}
}

// ordered are the rules in the order of the classes, which is the order of the work.
func (r *reader) ordered() (list []Rule) {
	for _, class := range r.classes {
		rule, ok := r.rules[class.Code]
		if !ok {
			if r.seen[class.Code] == 0 {
				r.fault(1, "缺 %s 这一类；永久保存也要写明 keep: forever", class.Code)
			}
			continue
		}
		if other, ok := r.rules[class.ToldBy]; ok && other.Keep.shorterThan(rule.Keep) {
			r.fault(r.seen[class.Code], "%s 不能比 %s 保存得久：要靠后者知道什么时候到期", class.Code, class.ToldBy)
		}
		list = append(list, rule)
	}
	return list
}

// unreadable gives the YAML reader's own error our shape.
func unreadable(err error) error {
	line, message := 1, err.Error()
	if many, ok := errors.AsType[*yaml.LoadErrors](err); ok && len(many.Errors) > 0 {
		line, message = many.Errors[0].Mark.Line, many.Errors[0].Message
	} else if one, ok := errors.AsType[*yaml.LoadError](err); ok {
		line, message = one.Mark.Line, one.Message
	}
	return fmt.Errorf("%s:%d: 写法不对（%s）", File, max(line, 1), message)
}
