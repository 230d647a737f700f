// Package flow is a state machine written as a table: who may do what, when, and what it becomes.
//
// A table decides legality and role. Whether an act makes sense now (due date passed, all materials there) is for the desk's verb.
package flow

import (
	"slices"

	"tongban/internal/access"
	"tongban/internal/fault"
)

// State of a thing, as stored in its status column.
type State string

// Act is what somebody does; the API's verb is the same in kebab case.
type Act string

// Row of a table: from From, doing Do leads to To, and By may do it. From == To is an act that leaves the state as it is.
type Row struct {
	From State
	Do   Act
	To   State
	By   []access.Role
}

// Label names a state or an act in Chinese.
type Label[T ~string] struct {
	Name T
	Text string
}

// Table is one thing's whole life.
type Table struct {
	Name   string // such as appeal; also the file name of its drawing
	Title  string // Chinese
	Start  State
	Final  []State
	Rows   []Row
	States []Label[State]
	Acts   []Label[Act]
}

// Offer is an act that a reader may do now, for a client to draw as a button.
type Offer struct {
	Do    Act    `json:"do"`
	Label string `json:"label"`
}

var (
	// NotNow means that the state forbids the act to everybody.
	NotNow = fault.New(fault.Conflict, "flow.not_now", "现在不能办这一步，请刷新后再看")
	// NotByYou means that the act is possible now, but not for this role.
	NotByYou = fault.New(fault.Forbidden, "flow.not_by_you", "这一步不由您办理")
)

// Every puts one row per state: the same act from each of them, staying where it is.
func Every(states []State, do Act, by ...access.Role) []Row {
	rows := make([]Row, 0, len(states))
	for _, s := range states {
		rows = append(rows, Row{s, do, s, by})
	}
	return rows
}

// From puts one row per state: the same act from each of them, leading to to.
func From(states []State, do Act, to State, by ...access.Role) []Row {
	rows := make([]Row, 0, len(states))
	for _, s := range states {
		rows = append(rows, Row{s, do, to, by})
	}
	return rows
}

// Next is where the act leads. It fails with NotByYou for a role that never does this act, and with NotNow for one that does
// it, but not from this state.
func (t *Table) Next(from State, do Act, by access.Role) (State, error) {
	for _, r := range t.Rows {
		if r.From == from && r.Do == do && slices.Contains(r.By, by) {
			return r.To, nil
		}
	}
	if t.everBy(do, by) {
		return "", NotNow
	}
	return "", NotByYou
}

func (t *Table) everBy(do Act, by access.Role) bool {
	return slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Do == do && slices.Contains(r.By, by) })
}

// Offers lists the acts that a role may do from a state, in the table's order.
func (t *Table) Offers(from State, by access.Role) []Offer {
	offers := []Offer{}
	for _, r := range t.Rows {
		if r.From == from && slices.Contains(r.By, by) {
			offers = append(offers, Offer{r.Do, t.ActText(r.Do)})
		}
	}
	return offers
}

// IsFinal reports whether nothing comes after the state.
func (t *Table) IsFinal(s State) bool { return slices.Contains(t.Final, s) }

// Open lists the states that are not final.
func (t *Table) Open() []State {
	open := []State{}
	for _, s := range t.States {
		if !t.IsFinal(s.Name) {
			open = append(open, s.Name)
		}
	}
	return open
}

// Under reports whether all of these are states under way; false for none.
func (t *Table) Under(states []State) bool {
	return len(states) > 0 && !slices.ContainsFunc(states, t.IsFinal)
}

// Text is the state's Chinese name.
func (t *Table) Text(s State) string { return text(t.States, s) }

// ActText is the act's Chinese name.
func (t *Table) ActText(a Act) string { return text(t.Acts, a) }

func text[T ~string](labels []Label[T], name T) string {
	for _, l := range labels {
		if l.Name == name {
			return l.Text
		}
	}
	return ""
}
