package page

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"tongban/internal/catalog"
)

// A situation's answer is the form field "a." and its id. noneOfThese is the tick that answers a question of several choices
// with nothing: without it nobody could tell "none" from "not answered".
const (
	answerField = "a."
	noneOfThese = "-"
)

// answersOf reads the answers from a form. Fields that the item does not ask for are passed over; an option
// that a question does not have is left for the item to refuse.
func answersOf(it *catalog.Item, form url.Values) map[string][]string {
	answers := map[string][]string{}
	for _, s := range it.Situations {
		var chosen []string
		given := form[answerField+s.ID]
		for _, option := range given[:min(len(given), len(s.Options)+1)] {
			if option != "" && option != noneOfThese && !slices.Contains(chosen, option) {
				chosen = append(chosen, option)
			}
		}
		switch {
		case len(chosen) > 0:
			answers[s.ID] = chosen
		case s.Type == catalog.Many && slices.Contains(given, noneOfThese):
			answers[s.ID] = []string{}
		}
	}
	return answers
}

// hidden is a form field that carries on what was said before.
type hidden struct{ Name, Value string }

// carried writes the answers back as form fields.
func carried(it *catalog.Item, answers map[string][]string) []hidden {
	var fields []hidden
	for _, s := range it.Situations {
		chosen, given := answers[s.ID]
		for _, option := range chosen {
			fields = append(fields, hidden{answerField + s.ID, option})
		}
		if given && len(chosen) == 0 {
			fields = append(fields, hidden{answerField + s.ID, noneOfThese})
		}
	}
	return fields
}

// question is a situation as a form shows it. A page without script shows all of them at once, so a question that depends on
// another says so.
type question struct {
	Field, Text string
	Many        bool
	Only        string // who is to answer it; empty for everybody
	Options     []option
}

type option struct {
	Value, Text string
	Chosen      bool
}

func questionsOf(it *catalog.Item, answers map[string][]string) []question {
	var all []question
	for _, s := range it.Situations {
		chosen, given := answers[s.ID]
		q := question{Field: answerField + s.ID, Text: s.Question, Many: s.Type == catalog.Many, Only: only(it, s.When)}
		for _, o := range s.Options {
			q.Options = append(q.Options, option{o.ID, o.Text, slices.Contains(chosen, o.ID)})
		}
		if q.Many && s.Option("none") == nil {
			q.Options = append(q.Options, option{noneOfThese, "以上都没有", given && len(chosen) == 0})
		}
		all = append(all, q)
	}
	return all
}

// only says in words after which answers a question is meant. Where every answer that lets one go on leads to it, nothing
// need be said.
func only(it *catalog.Item, when catalog.When) string {
	var parts []string
	for i, s := range it.Situations {
		wanted, ok := when[s.ID]
		if !ok {
			continue
		}
		var texts []string
		all := true
		for _, o := range s.Options {
			if slices.Contains(wanted, o.ID) {
				texts = append(texts, "“"+o.Text+"”")
			} else if o.Stop == "" {
				all = false
			}
		}
		if !all {
			parts = append(parts, fmt.Sprintf("第%d题选了%s", i+1, strings.Join(texts, "或")))
		}
	}
	if parts == nil {
		return ""
	}
	return strings.Join(parts, "，并且") + "的人才答"
}
