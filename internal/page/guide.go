package page

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/fault"
)

// errAddress refuses an address that no form of ours makes.
var errAddress = fault.New(fault.Malformed, "page.address_unreadable", "这个网址不完整，请返回上一页重新选择")

// longestQuery in bytes: a search stays far below it.
const longestQuery = 4 << 10

func queryOf(r *http.Request) (url.Values, error) {
	if r.URL.RawQuery == "" {
		return nil, nil
	}
	if len(r.URL.RawQuery) > longestQuery {
		return nil, errAddress
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, errAddress
	}
	return query, nil
}

// guide answers /items/{id}: the whole guide.
func (p *Pages) guide(w http.ResponseWriter, r *http.Request) error {
	query, err := queryOf(r)
	if err != nil {
		return err
	}
	now := p.Catalog.Now()
	guide, err := now.Guide(r.PathValue("id"))
	if err != nil {
		return err
	}
	s, err := p.shelf(r.Context(), now)
	if err != nil {
		return err
	}
	return p.sendGuide(w, r, s, now, guide.Item, s.county.villages[access.Area(query.Get("village"))])
}

func (p *Pages) sendGuide(w http.ResponseWriter, r *http.Request, s *shelf, now *catalog.Snapshot, it *catalog.Item, v *village) error {
	ready, err := p.readyGuide(s, now, it, v)
	if err != nil {
		return err
	}
	sendReady(w, r, ready)
	return nil
}

// guideView is the guide before any question is answered.
type guideView struct {
	frame
	Item      *catalog.Item
	Tags      []string
	Facts     []fact
	Questions []question
	Papers    []paper
	Steps     []step
	Places    []catalog.Place
	More      []fact
}

// fact is a line of label and text.
type fact struct{ Label, Text string }

type step struct {
	catalog.Step
	Maybe bool // depends on an answer not given
}

// paper is a material as a list shows it.
type paper struct {
	catalog.Material
	No       int
	State    catalog.State
	Word     string // of the state
	Optional bool   // to bring, but only if there is one
	Form     string // 原件1份
	Need     string // what softens the demand; empty when it is simply needed
	Maybe    bool   // depends on an answer not given
}

func papersOf(list catalog.Checklist, maybe func(catalog.When) bool) []paper {
	papers := make([]paper, 0, len(list.Materials))
	for i, m := range list.Materials {
		papers = append(papers, paper{
			Material: m.Material, No: i + 1, State: m.State, Word: wordOf(m), Optional: optional(m), Form: formOf(m.Material),
			Need: needWords[m.Necessity], Maybe: maybe(m.When),
		})
	}
	return papers
}

func stepsOf(list catalog.Checklist, maybe func(catalog.When) bool) []step {
	steps := make([]step, 0, len(list.Steps))
	for _, s := range list.Steps {
		steps = append(steps, step{s, maybe(s.When)})
	}
	return steps
}

// hangsOn tells which conditions hang on a question that is still open.
func hangsOn(open []string) func(catalog.When) bool {
	return func(when catalog.When) bool {
		for question := range when {
			if slices.Contains(open, question) {
				return true
			}
		}
		return false
	}
}

func (c *county) guide(now *catalog.Snapshot, it *catalog.Item, v *village) guideView {
	whole := wholeList(it)
	maybe := hangsOn(whole.Open)
	g := guideView{
		frame: c.frame(it.Name, v), Item: it, Tags: tagsOf(it), Facts: factsOf(it), Questions: questionsOf(it, nil),
		Papers: papersOf(whole, maybe), Steps: stepsOf(whole, maybe), More: moreOf(it),
	}
	g.Places = now.PlacesIn(it, g.area())
	return g
}

// wholeList is the checklist of somebody who answered nothing: everything.
func wholeList(it *catalog.Item) catalog.Checklist {
	list, err := it.Prune(nil, nil)
	if err != nil {
		panic(err) // no answers cannot be wrong
	}
	return list
}

func (f frame) area() access.Area {
	if f.Village == nil {
		return ""
	}
	return f.Village.Code
}

func tagsOf(it *catalog.Item) []string {
	var tags []string
	if it.CaseType == catalog.Instant {
		tags = append(tags, "当场办完")
	}
	if it.Fee.Amount == "0" {
		tags = append(tags, "不收费")
	}
	if it.ClerkCanFile == catalog.Full {
		tags = append(tags, "村里能代办")
	}
	if it.CountyWide {
		tags = append(tags, "全县通办")
	}
	return tags
}

func factsOf(it *catalog.Item) []fact {
	facts := []fact{{"多久办好", limitOf(&it.PromisedLimit)}}
	if waited := it.Waiting.Text(); waited != "" {
		facts = append(facts, fact{"别人等了多久", waited})
	}
	if limit := limitOf(it.LegalLimit); limit != "" {
		facts = append(facts, fact{"最长多久", limit})
	}
	return append(facts,
		fact{"要花钱吗", it.Fee.Text},
		fact{"本人要来吗", personWords[it.InPerson]},
		fact{"谁能帮忙", clerkWords[it.ClerkCanFile]},
		fact{"能拿到", it.Result.Name},
	)
}

func moreOf(it *catalog.Item) []fact {
	more := []fact{
		{"归谁管", it.Department}, {"分类", it.Theme}, {"事项类型", typeWords[it.Type]}, {"哪一级办", levelWords[it.Level]},
		{"办件类型", caseWords[it.CaseType]}, {"收费依据", it.Fee.Basis},
		{"会用到的个人信息", worded(it.Sensitive, sensitiveWords)},
		{"指南版本", fmt.Sprintf("第%d版", it.Version)}, {"核对日期", dayOf(it.CheckedOn)},
	}
	if it.CountyWide {
		more = append(more, fact{"通办范围", "全县任何一个受理点都能办"})
	}
	if it.TwoPersons {
		more = append(more, fact{"审批", "审查和决定由两个人分别做"})
	}
	if it.Confidence == "L" {
		more = append(more, fact{"提醒", "有些内容各地不同，以县公示为准"})
	}
	return slices.DeleteFunc(more, func(f fact) bool { return f.Text == "" })
}

// facts are the county's and the catalogue in force, fitting together.
func (p *Pages) facts(ctx context.Context) (*county, *catalog.Snapshot, error) {
	now := p.Catalog.Now()
	s, err := p.shelf(ctx, now)
	if err != nil {
		return nil, nil, err
	}
	return s.county, now, nil
}
