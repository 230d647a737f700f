package catalog

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tongban/internal/fault"
)

func materialIDs(list Checklist) []string {
	ids := []string{}
	for _, m := range list.Materials {
		ids = append(ids, m.ID)
	}
	return ids
}

func stepTitles(list Checklist) []string {
	titles := []string{}
	for _, s := range list.Steps {
		titles = append(titles, s.Title)
	}
	return titles
}

func TestPrune(t *testing.T) {
	it := lowItem(t)
	for name, c := range map[string]struct {
		answers   map[string][]string
		materials []string
		steps     int
		open      []string
	}{
		"nothing said keeps all that could apply": {
			nil, []string{"id_card", "birth_certificate", "promise", "disability_card", "medical_record"}, 3, []string{"who", "ill"},
		},
		"for himself": {
			map[string][]string{"who": {"self"}}, []string{"id_card", "promise", "disability_card", "medical_record"}, 3, []string{"ill"},
		},
		"for a child, who is ill": {
			map[string][]string{"who": {"child"}, "ill": {"sick"}}, []string{"id_card", "birth_certificate", "promise"}, 2, nil,
		},
		"both, in one answer": {
			map[string][]string{"who": {"self"}, "ill": {"disabled", "sick"}},
			[]string{"id_card", "promise", "disability_card", "medical_record"}, 3, nil,
		},
		"none of the choices": {
			map[string][]string{"who": {"self"}, "ill": {}}, []string{"id_card", "promise"}, 3, nil,
		},
		"an empty single choice is no answer": {
			map[string][]string{"who": {}, "ill": {}}, []string{"id_card", "birth_certificate", "promise"}, 3, []string{"who"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := it.Prune(c.answers, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !list.Eligible || list.Reason != "" || len(list.Steps) != c.steps {
				t.Errorf("eligible %t, reason %q, steps %v", list.Eligible, list.Reason, stepTitles(list))
			}
			if diff := cmp.Diff(c.materials, materialIDs(list)); diff != "" {
				t.Error(diff)
			}
			if !slices.Equal(c.open, list.Open) {
				t.Errorf("open questions %v, want %v", list.Open, c.open)
			}
		})
	}
}

func TestPruneStopsWhoCannotApply(t *testing.T) {
	list, err := lowItem(t).Prune(map[string][]string{"who": {"away"}}, []string{"id_card"})
	if err != nil {
		t.Fatal(err)
	}
	if list.Eligible || list.Reason != "请回户口所在地办。" || len(list.Materials)+len(list.Steps)+len(list.Open) > 0 {
		t.Errorf("got %+v", list)
	}
}

// A form without script shows all questions: an answer to one that does not come up counts for nothing.
func TestPruneIgnoresPointlessAnswers(t *testing.T) {
	it := *lowItem(t)
	it.Situations = slices.Clone(it.Situations)
	it.Situations[1].When = When{"who": {"child"}}
	it.Situations[1].Options = append(slices.Clone(it.Situations[1].Options), Option{ID: "stopped", Text: "停", Stop: "停办"})
	list, err := it.Prune(map[string][]string{"who": {"self"}, "ill": {"disabled", "stopped"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !list.Eligible || !slices.Equal(materialIDs(list), []string{"id_card", "promise"}) || len(list.Open) > 0 {
		t.Errorf("got %v, %v", list.Eligible, materialIDs(list))
	}
}

func TestPruneTellsWhoBringsWhat(t *testing.T) {
	list, err := lowItem(t).Prune(map[string][]string{"who": {"self"}}, []string{"medical_record", "from_another_item"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]State{}
	for _, m := range list.Materials {
		got[m.ID] = m.State
	}
	want := map[string]State{"id_card": Bring, "promise": VillageIssues, "disability_card": CountyLooksUp, "medical_record": Have}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPruneRefusesUnknownAnswers(t *testing.T) {
	_, err := lowItem(t).Prune(map[string][]string{"who": {"self", "child"}, "ill": {"sick", "bored"}, "<b>": {"x"}}, nil)
	got := wantFault(t, err, ErrAnswerUnknown).Fields
	want := []fault.Field{
		{Location: "body.answers", Message: "没有这个问题"},
		{Location: "body.answers.ill", Message: "没有这个选项"},
		{Location: "body.answers.who", Message: "这个问题只能选一个"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPruneRefusesWhatIsNoID(t *testing.T) {
	it := lowItem(t)
	for _, have := range []string{"", "居民身份证", "id card", "ID_CARD", "<x>", "1st", strings.Repeat("a", 65)} {
		_, err := it.Prune(nil, []string{"id_card", have})
		got := wantFault(t, err, fault.BadField).Fields
		if len(got) != 1 || got[0].Location != "body.have" || have != "" && strings.Contains(got[0].Message, have) {
			t.Errorf("%q: %v", have, got)
		}
	}
	if _, err := it.Prune(nil, []string{strings.Repeat("a", 64), "soil_test_2"}); err != nil {
		t.Error(err)
	}
}

// Over all 39 items and any answers: the list is a part of the whole, holds what always applies, and further answers
// only shorten it.
func TestPruneProperties(t *testing.T) {
	folder, err := Load(os.DirFS("../../config/county"))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		it := rapid.SampledFrom(folder.Files).Draw(r, "item").Item
		more := map[string][]string{}
		less := map[string][]string{}
		for _, s := range it.Situations {
			answer := drawAnswer(r, s)
			if rapid.Bool().Draw(r, "answer "+s.ID) {
				more[s.ID] = answer
				if rapid.Bool().Draw(r, "already "+s.ID) {
					less[s.ID] = answer
				}
			}
		}
		before, err := it.Prune(less, nil)
		if err != nil {
			r.Fatal(err)
		}
		after, err := it.Prune(more, nil)
		if err != nil {
			r.Fatal(err)
		}
		if after.Eligible == (after.Reason != "") {
			r.Errorf("eligible %t with the reason %q", after.Eligible, after.Reason)
		}
		for _, m := range after.Materials {
			if !cmp.Equal(m.Material, *it.Material(m.ID)) {
				r.Errorf("%s is not a material of the item", m.ID)
			}
			for question, options := range m.When {
				if chosen := more[question]; len(chosen) > 0 && !slices.ContainsFunc(chosen, func(o string) bool { return slices.Contains(options, o) }) {
					r.Errorf("%s is asked although no answer to %s allows it", m.ID, question)
				}
			}
			if before.Eligible && !slices.Contains(materialIDs(before), m.ID) {
				r.Errorf("a further answer added %s", m.ID)
			}
		}
		for _, m := range it.Materials {
			if after.Eligible && len(m.When) == 0 && !slices.Contains(materialIDs(after), m.ID) {
				r.Errorf("%s always applies and is missing", m.ID)
			}
		}
		for _, title := range stepTitles(after) {
			if before.Eligible && !slices.Contains(stepTitles(before), title) {
				r.Errorf("a further answer added the step %s", title)
			}
		}
		for _, id := range after.Open {
			if _, answered := more[id]; answered && len(more[id]) > 0 {
				r.Errorf("%s has an answer and is open", id)
			}
		}
	})
}

func drawAnswer(r *rapid.T, s Situation) []string {
	var ids []string
	for _, o := range s.Options {
		ids = append(ids, o.ID)
	}
	if s.Type == One {
		return []string{rapid.SampledFrom(ids).Draw(r, s.ID)}
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 0, len(ids), rapid.ID).Draw(r, s.ID)
}

// Each item of the demonstration lets somebody apply with every question answered, and then shows him what to do.
func TestEveryItemHasAWayThrough(t *testing.T) {
	folder, err := Load(os.DirFS("../../config/county"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range folder.Files {
		answers := map[string][]string{}
		for _, s := range file.Item.Situations {
			if i := slices.IndexFunc(s.Options, func(o Option) bool { return o.Stop == "" }); i >= 0 {
				answers[s.ID] = []string{s.Options[i].ID}
			}
		}
		list, err := file.Item.Prune(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !list.Eligible || len(list.Materials) == 0 || len(list.Steps) == 0 || len(list.Open) > 0 {
			t.Errorf("%s: eligible %t, %d materials, %d steps, open %v", file.Name, list.Eligible, len(list.Materials), len(list.Steps), list.Open)
		}
	}
}
