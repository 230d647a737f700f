package appeal

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v4"

	"tongban/internal/workday"
)

const limitsFile = "limits.yaml"

// ReadLimits reads limits.yaml in a county's folder. Unknown and repeated keys, missing and senseless numbers are all
// named at once, each with file and line.
func ReadLimits(folder fs.FS) (Limits, error) {
	var l Limits
	text, err := fs.ReadFile(folder, limitsFile)
	if err != nil {
		return l, err
	}
	r := limitsReader{}
	if err := yaml.Load(text, &r.root); err != nil {
		return l, unreadable(err)
	}
	if err := yaml.Load(text, &l, yaml.WithKnownFields()); err != nil {
		return l, unreadable(err)
	}
	r.check(l)
	return l, errors.Join(r.wrong...)
}

// limitsReader holds the nodes, which know their lines, and what was found wrong.
type limitsReader struct {
	root  yaml.Node
	wrong []error
}

func (r *limitsReader) check(l Limits) {
	for _, class := range classes() {
		for _, urgency := range urgencies() {
			clock := l.clock(class, urgency)
			r.limit(clock.Contact, "clocks", string(class), string(urgency), "contact")
			r.limit(clock.Result, "clocks", string(class), string(urgency), "result")
		}
	}
	for class, byUrgency := range l.Clocks {
		if !slices.Contains(classes(), class) {
			r.fault("没有这一类诉求", "clocks", string(class))
		}
		for urgency := range byUrgency {
			if !slices.Contains(urgencies(), urgency) {
				r.fault("没有这种紧急程度", "clocks", string(class), string(urgency))
			}
		}
	}
	r.limit(l.SendBack.Within, "send_back", "within")
	r.limit(l.FollowUp.Opens, "follow_up", "opens")
	r.limit(l.FollowUp.Closes, "follow_up", "closes")
	r.number(l.SendBack.Times, 10, "send_back", "times")
	r.number(l.Extension.Most, 60, "extension", "most")
	r.number(l.Shelving.MostDays, 730, "shelving", "most_days")
	r.number(l.Redo.Times, 10, "redo", "times")
	r.number(l.FollowUp.Attempts, 10, "follow_up", "attempts")
	r.number(l.Rating.Days, 365, "rating", "days")
	r.number(l.Reopening.Days, 365, "reopening", "days")
}

func (r *limitsReader) limit(l workday.Limit, path ...string) {
	switch err := l.Check(); {
	case err != nil:
		r.fault(err.Error(), path...)
	case l.Unit == "" || l.Unit == workday.Batch || l.Value < 1:
		r.fault("要写明时限，如 {value: 3, unit: workday}，至少为 1", path...)
	}
}

func (r *limitsReader) number(n, most int, path ...string) {
	if n < 1 || n > most {
		r.fault(fmt.Sprintf("要填 1 到 %d 的整数", most), path...)
	}
}

// fault names the line of the path, or of the nearest key around it when it is missing.
func (r *limitsReader) fault(message string, path ...string) {
	node, last := &r.root, ""
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	for _, key := range path {
		next := under(node, key)
		last += "." + key
		if next == nil {
			continue
		}
		node = next
	}
	r.wrong = append(r.wrong, fmt.Errorf("%s:%d: %s %s", limitsFile, max(node.Line, 1), last[1:], message))
}

func under(node *yaml.Node, key string) *yaml.Node {
	if node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				return node.Content[i+1]
			}
		}
	}
	return nil
}

var unknownKey = regexp.MustCompile(`^field (.+) not found in type`)

// unreadable gives the YAML reader's own errors our shape.
func unreadable(err error) error {
	var list []*yaml.LoadError
	if many, ok := errors.AsType[*yaml.LoadErrors](err); ok {
		list = many.Errors
	} else if one, ok := errors.AsType[*yaml.LoadError](err); ok {
		list = append(list, one)
	} else {
		return fmt.Errorf("%s:1: %w", limitsFile, err)
	}
	var wrong []error
	for _, e := range list {
		message := "写法不对（" + e.Message + "）"
		if key := unknownKey.FindStringSubmatch(e.Message); key != nil {
			message = "没有 " + key[1] + " 这个键，请核对拼写"
		}
		wrong = append(wrong, fmt.Errorf("%s:%d: %s", limitsFile, max(e.Mark.Line, 1), message))
	}
	return errors.Join(wrong...)
}
