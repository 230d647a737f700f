package account

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"tongban/internal/access"
	"tongban/internal/secret"
	"tongban/internal/store"
)

const dutiesFile = "duties.yaml"

// mostListed bounds the list: it is read on a phone, and kept in one transaction.
const mostListed = 100

// dutyLine is one entry of duties.yaml.
type dutyLine struct {
	Code  string        `yaml:"code"`
	Title string        `yaml:"title"`
	Text  string        `yaml:"text"`
	Roles []access.Role `yaml:"roles"`
}

// readDuties reads duties.yaml. A county without the file gives nobody a duty; told says whether it is there.
func readDuties(folder fs.FS) (list []Duty, told bool, wrong []error) {
	text, err := fs.ReadFile(folder, dutiesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	var lines []dutyLine
	var root yaml.Node
	if err == nil {
		err = yaml.Load(text, &root)
	}
	if err == nil {
		err = yaml.Load(text, &lines, yaml.WithKnownFields())
	}
	if err != nil {
		return nil, true, []error{fmt.Errorf("%s: %w", dutiesFile, err)}
	}
	fault := func(at int, format string, args ...any) {
		wrong = append(wrong, mistake{dutiesFile, at, fmt.Sprintf(format, args...)})
	}
	if len(lines) > mostListed {
		fault(1, "最多 %d 项职责", mostListed)
	}
	seen := map[string]int{}
	for i, l := range lines {
		at := 1
		if len(root.Content) == 1 && i < len(root.Content[0].Content) {
			at = root.Content[0].Content[i].Line
		}
		switch {
		case !codeShape.MatchString(l.Code):
			fault(at, "code 应是小写字母开头，只有小写字母、数字和 -，2 到 32 个")
		case seen[l.Code] > 0:
			fault(at, "code 和第 %d 行重复", seen[l.Code])
		case len(l.Roles) == 0:
			fault(at, "roles 要写明哪些角色可以承担")
		}
		seen[l.Code] = at
		for n, role := range l.Roles {
			if !role.Staff() || slices.Contains(l.Roles[:n], role) {
				fault(at, "roles 里的 %s 不是工作人员的角色，或者写了两次", role)
			}
		}
		title, text := l.Title, ""
		if title != "" {
			title, err = secret.CleanText(title, longestTitle)
		}
		if err == nil {
			text, err = secret.CleanText(l.Text, longestDuty)
		}
		if err != nil || strings.ContainsAny(title+text, "\n\t") {
			fault(at, "text 不能为空，最多 %d 个字；title 最多 %d 个字；都写在一行里", longestDuty, longestTitle)
		}
		err = nil
		list = append(list, Duty{l.Code, title, text, strings.Join(pluck(l.Roles, func(r access.Role) string { return string(r) }), ","), i + 1, true})
	}
	return list, true, wrong
}

// keepDuties follows the file. What it does not list any more is given to nobody, and stays with whoever has it.
func keepDuties(tx *store.Tx, listed []Duty) (changed int, err error) {
	known, err := knownDuties(tx.DB)
	if err != nil {
		return 0, err
	}
	var fresh []Duty
	note := func(code string) {
		changed++
		tx.Trail(store.Entry{Act: "duty.load", Kind: "duty", Object: code})
	}
	change := func(t Duty) error {
		note(t.Code)
		return tx.Table("duties").Where("code = ?", t.Code).UpdateColumns(map[string]any{
			"title": t.Title, "text": t.Text, "roles": t.Roles, "sort": t.Sort, "listed": t.Listed,
		}).Error
	}
	for _, t := range listed {
		old, found := known[t.Code]
		delete(known, t.Code)
		switch {
		case !found:
			note(t.Code)
			fresh = append(fresh, t)
		case old != t:
			if err := change(t); err != nil {
				return 0, err
			}
		}
	}
	for _, gone := range known {
		if !gone.Listed {
			continue
		}
		gone.Listed = false
		if err := change(gone); err != nil {
			return 0, err
		}
	}
	return changed, create(tx, fresh)
}
