package county

import (
	"cmp"
	"slices"
)

// Kind of a difference between the two sides.
type Kind string

// The kinds of differences (对账差异).
const (
	MissingThere  Kind = "missing_there"  // we handed it over, and the county does not list it
	MissingHere   Kind = "missing_here"   // the county lists a case with a number of ours that we do not know
	TwiceThere    Kind = "twice_there"    // the county has it under more than one of its numbers
	NumberDiffers Kind = "number_differs" // another number of the county's
	UnknownState  Kind = "unknown_state"  // the county's state is not in the mapping
	BehindHere    Kind = "behind_here"    // the county is further on: worth a fresh look at its standing
	BehindThere   Kind = "behind_there"   // we are further on
	StateDiffers  Kind = "state_differs"  // the states differ, and no count says who is further on
)

// Kinds lists them all.
func Kinds() []Kind {
	return []Kind{MissingThere, MissingHere, TwiceThere, NumberDiffers, UnknownState, BehindHere, BehindThere, StateDiffers}
}

// Difference is one thing that the two sides see differently. A zero Standing is none.
type Difference struct {
	Kind   Kind
	Ref    string
	Ours   Standing
	Theirs Standing
}

// Compare sets our list of cases at the county, each once, against the county's: what differs, by our number and then by kind. A case may differ in more than one way.
// It changes nothing and asks nobody. Who reconciles leaves out of ours what is still on its way.
func Compare(ours, theirs []Standing) []Difference {
	there := map[string][]Standing{}
	for _, s := range theirs {
		there[s.Ref] = append(there[s.Ref], s)
	}
	var found []Difference
	known := map[string]bool{}
	for _, o := range ours {
		known[o.Ref] = true
		found = append(found, compareOne(o, there[o.Ref])...)
	}
	for ref, list := range there {
		if !known[ref] {
			found = append(found, Difference{MissingHere, ref, Standing{}, newest(list)})
		}
	}
	slices.SortFunc(found, func(a, b Difference) int { return cmp.Or(cmp.Compare(a.Ref, b.Ref), cmp.Compare(a.Kind, b.Kind)) })
	return found
}

func compareOne(o Standing, list []Standing) (found []Difference) {
	if len(list) == 0 {
		return []Difference{{MissingThere, o.Ref, o, Standing{}}}
	}
	t := newest(list)
	add := func(k Kind) { found = append(found, Difference{k, o.Ref, o, t}) }
	if slices.ContainsFunc(list, func(s Standing) bool { return s.Number != t.Number }) {
		add(TwiceThere)
	}
	if o.Number != "" && t.Number != "" && o.Number != t.Number {
		add(NumberDiffers)
	}
	counted := o.Seq > 0 && t.Seq > 0
	switch {
	case t.State == "":
		add(UnknownState)
	case counted && t.Seq > o.Seq:
		add(BehindHere)
	case counted && t.Seq < o.Seq:
		add(BehindThere)
	case o.State != t.State && o.Untold != t.State:
		add(StateDiffers)
	}
	return found
}

// newest is what the county says last: a list that was read while things changed may name a case twice.
func newest(list []Standing) Standing {
	return slices.MaxFunc(list, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.Seq, b.Seq), a.At.Compare(b.At), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Raw, b.Raw), cmp.Compare(a.State, b.State))
	})
}
