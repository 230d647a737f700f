package catalog

import (
	"maps"
	"regexp"
	"slices"

	"tongban/internal/fault"
)

// Checklist is what one applicant needs, after his answers (办事清单).
type Checklist struct {
	Item     *Item
	Eligible bool
	Reason   string // why he cannot apply now and what to do instead; only when not eligible
	// Materials and Steps are empty when he cannot apply: nobody shall gather papers for nothing.
	Materials []Needed
	Steps     []Step
	Open      []string // questions that could still shorten the list and have no answer
}

// Needed is a material with where it comes from.
type Needed struct {
	Material
	State State
}

// State says who brings a material.
type State string

const (
	Have          State = "have"           // the applicant says he has it
	Bring         State = "bring"          // he must bring it
	VillageIssues State = "village_issues" // the village station hands it out or fills it in
	CountyLooksUp State = "county_looks_up"
)

// verdict is how a condition stands while some questions may still be open.
type verdict int

const (
	no verdict = iota
	perhaps
	yes
)

// materialShape is wider than what a file may name today (nameShape): a client's drawer may hold papers of a later release.
var materialShape = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// Tidy keeps each chosen option once, so that a form sent with a thousand repetitions is stored like any other.
// What the item does not know stays in for the item to refuse.
func Tidy(answers map[string][]string) map[string][]string {
	clean := make(map[string][]string, len(answers))
	for question, chosen := range answers {
		once := []string{}
		for _, option := range chosen {
			if len(once) < mostOptions && !slices.Contains(once, option) {
				once = append(once, option)
			}
		}
		clean[question] = once
	}
	return clean
}

// mostOptions is more than any question offers: among so many different answers some are unknown anyway.
const mostOptions = 100

// Prune makes the checklist for the answers (question → options chosen) and the ids of the materials at hand.
//
// It errs on the safe side. A question without an answer keeps every material and step that one of its options would ask
// for: a paper too many costs less than a second journey. So each further answer can only shorten the list. An
// explicit empty list answers a question of several choices with "none of these". An answer to a question
// that his other answers make pointless counts for nothing, since a form without script shows every question.
// An id in have that this item does not ask for is passed over: a client may send all that lies in his drawer. What cannot
// be an id at all, such as a paper's name, is refused: passed over in silence it would leave a paper on the list for ever.
func (it *Item) Prune(answers map[string][]string, have []string) (Checklist, error) {
	if wrong := it.wrongAnswers(answers); len(wrong) > 0 {
		return Checklist{}, ErrAnswerUnknown.At(wrong...)
	}
	if slices.ContainsFunc(have, func(id string) bool { return !materialShape.MatchString(id) }) {
		return Checklist{}, fault.Wrong("body.have", "材料编号只用小写英文、数字和下划线，比如 id_card")
	}
	said := it.judge(answers)
	list := Checklist{Item: it, Eligible: true, Open: said.open}
	for _, s := range it.Situations {
		for _, o := range s.Options {
			if o.Stop != "" && list.Eligible && said.asked[s.ID] != no && slices.Contains(answers[s.ID], o.ID) {
				list.Eligible, list.Reason = false, o.Stop
			}
		}
	}
	if !list.Eligible {
		list.Open = nil
		return list, nil
	}
	for _, m := range it.Materials {
		if said.holds(m.When) != no {
			list.Materials = append(list.Materials, Needed{m, m.state(have)})
		}
	}
	for _, s := range it.Steps {
		if said.holds(s.When) != no {
			list.Steps = append(list.Steps, s)
		}
	}
	return list, nil
}

func (m Material) state(have []string) State {
	switch {
	case slices.Contains(have, m.ID):
		return Have
	case m.CountyLooksUp:
		return CountyLooksUp
	case m.VillageIssues:
		return VillageIssues
	}
	return Bring
}

// wrongAnswers names each question or option that the item does not know, and single choices with several answers.
func (it *Item) wrongAnswers(answers map[string][]string) []fault.Field {
	var wrong []fault.Field
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		s := it.Situation(id)
		if s == nil {
			// The key is the caller's own text: it is not repeated.
			wrong = append(wrong, fault.Field{Location: "body.answers", Message: "没有这个问题"})
			continue
		}
		where := "body.answers." + s.ID
		if s.Type == One && len(answers[id]) > 1 {
			wrong = append(wrong, fault.Field{Location: where, Message: "这个问题只能选一个"})
			continue
		}
		for _, option := range answers[id] {
			if s.Option(option) == nil {
				wrong = append(wrong, fault.Field{Location: where, Message: "没有这个选项"})
				break
			}
		}
	}
	return wrong
}

// said is what the answers mean for every question.
type said struct {
	answers map[string][]string
	asked   map[string]verdict // whether the question comes up at all
	done    map[string]bool    // whether it has an answer
	open    []string
}

// judge goes through the questions in order: each depends on earlier ones only.
func (it *Item) judge(answers map[string][]string) said {
	s := said{answers: answers, asked: map[string]verdict{}, done: map[string]bool{}}
	for _, q := range it.Situations {
		chosen, given := answers[q.ID]
		s.asked[q.ID] = s.holds(q.When)
		s.done[q.ID] = len(chosen) > 0 || given && q.Type == Many
		if s.asked[q.ID] != no && !s.done[q.ID] {
			s.open = append(s.open, q.ID)
		}
	}
	return s
}

func (s said) holds(when When) verdict {
	all := yes
	for question, options := range when {
		switch {
		case s.asked[question] == no:
			return no
		case !s.done[question]:
			all = perhaps
		case !slices.ContainsFunc(options, func(o string) bool { return slices.Contains(s.answers[question], o) }):
			return no
		}
	}
	return all
}
