package page

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/fault"
)

// listView is what one villager needs, after his answers (办事清单), and the form that makes a notice of it.
type listView struct {
	frame
	Item      *catalog.Item
	Eligible  bool
	Reason    string // why not now, and what to do instead
	Count     string // how many papers, in a sentence
	Open      int    // questions that could still shorten the list
	Papers    []paper
	Steps     []step
	Questions []question
	Kept      []hidden // the answers, to be carried on
	Have      []string // ids of the papers at hand
	noticeForm
}

// noticeForm is the form at the end of the list. Key is made with the page: sent twice, the form makes one notice.
type noticeForm struct {
	Key   string
	Name  string            // as typed
	Towns []town            // to choose a village from, where none is known
	Wrong map[string]string // what is wrong with a field
}

// showList answers a guide's questions with what is left to bring. It only reads; it is a POST so that no answer stands in an address,
// which proxies log and a phone that several people use remembers.
func (p *Pages) showList(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	c, now, err := p.facts(r.Context())
	if err != nil {
		return err
	}
	guide, err := now.Guide(r.PathValue("id"))
	if err != nil {
		return err
	}
	view, err := c.list(guide.Item, c.villages[access.Area(form.Get("village"))], form)
	if err != nil {
		return err
	}
	view.Key = uuid.NewString()
	return p.show(w, r, http.StatusOK, "list", view)
}

func (c *county) list(it *catalog.Item, v *village, form url.Values) (listView, error) {
	answers := answersOf(it, form)
	have := haveOf(it, form)
	list, err := it.Prune(answers, have)
	if err != nil {
		return listView{}, err
	}
	maybe := hangsOn(list.Open)
	view := listView{
		frame: c.frame("要带什么："+it.Name, v), Item: it, Eligible: list.Eligible, Reason: list.Reason, Open: len(list.Open),
		Papers: papersOf(list, maybe), Steps: stepsOf(list, maybe),
		Questions: questionsOf(it, answers), Kept: carried(it, answers), Have: have,
	}
	view.Private = true
	view.Count = countOf(list.Materials)
	if v == nil {
		view.Towns = c.towns
	}
	return view, nil
}

// haveOf are the papers ticked as being at hand, as far as the item asks for them.
func haveOf(it *catalog.Item, form url.Values) []string {
	var have []string
	given := form["have"]
	for _, id := range given[:min(len(given), len(it.Materials))] {
		if it.Material(id) != nil {
			have = append(have, id)
		}
	}
	return have
}

// countOf says the whole list in one sentence.
func countOf(materials []catalog.Needed) string {
	n := map[string]int{}
	for _, m := range materials {
		n[wordOf(m)]++
	}
	var parts []string
	for _, word := range []string{
		stateWords[catalog.Bring], optionalWord, stateWords[catalog.Have], stateWords[catalog.VillageIssues], stateWords[catalog.CountyLooksUp],
	} {
		switch {
		case n[word] == 0:
		case word == stateWords[catalog.Have]: // it must not read as if it could stay at home
			parts = append(parts, fmt.Sprintf("已有%d样（去时带上）", n[word]))
		default:
			parts = append(parts, fmt.Sprintf("%s%d样", word, n[word]))
		}
	}
	if len(parts) == 0 {
		return "不用带材料"
	}
	return strings.Join(parts, "，")
}

// showWrong shows the list again with what was typed and what is wrong with it.
func (p *Pages) showWrong(w http.ResponseWriter, r *http.Request, c *county, it *catalog.Item, v *village, form url.Values, e *fault.Error) error {
	view, err := c.list(it, v, form)
	if err != nil {
		return err
	}
	view.Key, view.Name, view.Wrong = uuid.NewString(), form.Get("name"), map[string]string{}
	for _, f := range e.Fields {
		view.Wrong[f.Location[strings.LastIndexByte(f.Location, '.')+1:]] = f.Message
	}
	return p.show(w, r, p.Status(e.Fault), "list", view)
}
