package flow

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Check finds what is wrong with a table: a state that cannot be reached or left, a doubled row, a missing or doubled label.
// verbs are the acts that the desk can do; each act needs one and each verb an act.
func (t *Table) Check(verbs []Act) error {
	var faults []error
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(t.Name+": "+format, args...)) }
	t.checkStates(bad)
	t.checkRows(bad, verbs)
	t.checkActs(bad, verbs)
	return errors.Join(faults...)
}

type badly func(format string, args ...any)

func (t *Table) checkStates(bad badly) {
	for _, s := range append([]State{t.Start}, t.Final...) {
		if t.Text(s) == "" {
			bad("start or final state %q is not declared", s)
		}
	}
	reached := t.reachable()
	for i, s := range t.States {
		if slices.ContainsFunc(t.States[:i], func(l Label[State]) bool { return l.Name == s.Name }) {
			bad("state %s is declared twice", s.Name)
		}
		switch {
		case s.Text == "":
			bad("state %s has no Chinese name", s.Name)
		case !reached[s.Name]:
			bad("state %s cannot be reached", s.Name)
		case !t.IsFinal(s.Name) && !t.leaves(s.Name):
			bad("state %s has no way out and is not final", s.Name)
		case t.IsFinal(s.Name) && t.leaves(s.Name):
			bad("final state %s has a way out", s.Name)
		}
	}
}

func (t *Table) checkRows(bad badly, verbs []Act) {
	seen := map[string]bool{}
	for _, r := range t.Rows {
		key := string(r.From) + "/" + string(r.Do)
		if seen[key] {
			bad("two rows for %s", key)
		}
		seen[key] = true
		if t.Text(r.From) == "" || t.Text(r.To) == "" {
			bad("row %s names an undeclared state", key)
		}
		if len(r.By) == 0 {
			bad("row %s is done by nobody", key)
		}
		for _, role := range r.By {
			if !role.Known() {
				bad("row %s is done by an unknown role %q", key, role)
			}
		}
		if !slices.Contains(verbs, r.Do) {
			bad("act %s has no verb on the desk", r.Do)
		}
	}
}

func (t *Table) checkActs(bad badly, verbs []Act) {
	for i, a := range t.Acts {
		if slices.ContainsFunc(t.Acts[:i], func(l Label[Act]) bool { return l.Name == a.Name }) {
			bad("act %s is declared twice", a.Name)
		}
		if a.Text == "" {
			bad("act %s has no Chinese name", a.Name)
		}
		if !slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Do == a.Name }) {
			bad("act %s stands in no row", a.Name)
		}
	}
	for _, v := range verbs {
		if t.ActText(v) == "" {
			bad("verb %s is not an act of the table", v)
		}
	}
}

func (t *Table) reachable() map[State]bool {
	reached := map[State]bool{t.Start: true}
	for grew := true; grew; {
		grew = false
		for _, r := range t.Rows {
			if reached[r.From] && !reached[r.To] {
				reached[r.To], grew = true, true
			}
		}
	}
	return reached
}

func (t *Table) leaves(s State) bool {
	return slices.ContainsFunc(t.Rows, func(r Row) bool { return r.From == s && r.To != s })
}

// Mermaid draws the table. Acts that leave the state as it is are left out of the drawing.
func (t *Table) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range t.States {
		fmt.Fprintf(&b, "    %s: %s %s\n", s.Name, s.Text, s.Name)
	}
	fmt.Fprintf(&b, "    [*] --> %s\n", t.Start)
	for _, r := range t.Rows {
		if r.From != r.To {
			fmt.Fprintf(&b, "    %s --> %s: %s\n", r.From, r.To, t.ActText(r.Do))
		}
	}
	for _, s := range t.Final {
		fmt.Fprintf(&b, "    %s --> [*]\n", s)
	}
	return b.String()
}

// Markdown writes the table row by row for docs/states.md.
func (t *Table) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s (%s)\n\n```mermaid\n%s```\n\n| from | do | to | by |\n|---|---|---|---|\n", t.Title, t.Name, t.Mermaid())
	for _, r := range t.Rows {
		var roles []string
		for _, role := range r.By {
			roles = append(roles, role.Label())
		}
		final := ""
		if t.IsFinal(r.To) {
			final = " \\*"
		}
		fmt.Fprintf(&b, "| %s `%s` | %s `%s` | %s `%s`%s | %s |\n", t.Text(r.From), r.From, t.ActText(r.Do), r.Do, t.Text(r.To), r.To, final, strings.Join(roles, "、"))
	}
	return b.String()
}
