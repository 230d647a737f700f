package catalog

import (
	"fmt"
	"strings"
)

// Finding is what a check has to say about one place in the county's folder.
type Finding struct {
	File    string
	Line    int
	Rule    int    // of Rules; 0 is the form of the file itself
	Message string // Chinese, for the publisher
	Warning bool   // listed only; an error refuses the folder
}

// String is one line as editors understand it: items/03-x.yaml:12: 规则5：…
func (f Finding) String() string {
	rule := "格式"
	if f.Rule > 0 {
		rule = fmt.Sprintf("规则%d", f.Rule)
	}
	if f.Warning {
		rule += "（提醒）"
	}
	return fmt.Sprintf("%s:%d: %s：%s", f.File, f.Line, rule, f.Message)
}

// Refusal is the error of a folder that cannot be published. It is a catalog.refused.
type Refusal struct{ Findings []Finding }

// Error lists every finding, one a line.
func (r *Refusal) Error() string {
	lines := []string{ErrRefused.Title}
	for _, f := range r.Findings {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets the refusal be answered as the fault it is.
func (r *Refusal) Unwrap() error { return ErrRefused }

// refuse makes the error of the findings that are none of the warnings; nil when there is none.
func refuse(found []Finding) error {
	var errs []Finding
	for _, f := range found {
		if !f.Warning {
			errs = append(errs, f)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return &Refusal{errs}
}
