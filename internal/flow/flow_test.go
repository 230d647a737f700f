package flow

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
)

// paperTable is a small life: a paper is drafted, sent, answered; a note may be added while it is open.
func paperTable() *Table {
	open := []State{"draft", "sent"}
	return &Table{
		Name: "paper", Title: "文书", Start: "draft", Final: []State{"answered", "dropped"},
		Rows: slices.Concat(
			[]Row{
				{"draft", "send", "sent", []access.Role{access.Clerk, access.Resident}},
				{"sent", "answer", "answered", []access.Role{access.Window}},
			},
			From(open, "drop", "dropped", access.Clerk),
			Every(open, "note", access.Clerk, access.Window),
		),
		States: []Label[State]{{"draft", "草稿"}, {"sent", "已送出"}, {"answered", "已答复"}, {"dropped", "已作废"}},
		Acts:   []Label[Act]{{"send", "送出"}, {"answer", "答复"}, {"drop", "作废"}, {"note", "记录"}},
	}
}

var verbs = []Act{"send", "answer", "drop", "note"}

func TestNext(t *testing.T) {
	table := paperTable()
	for _, v := range []struct {
		name string
		from State
		do   Act
		by   access.Role
		want State
		err  error
	}{
		{"allowed", "draft", "send", access.Clerk, "sent", nil},
		{"allowed to the second role", "draft", "send", access.Resident, "sent", nil},
		{"stays", "sent", "note", access.Window, "sent", nil},
		{"from each of several states", "sent", "drop", access.Clerk, "dropped", nil},
		{"possible, but not for him", "sent", "answer", access.Clerk, "", NotByYou},
		{"his act, in another state", "sent", "send", access.Clerk, "", NotNow},
		{"never his act", "draft", "answer", access.Resident, "", NotByYou},
		{"over", "answered", "note", access.Clerk, "", NotNow},
		{"an unknown act", "draft", "fly", access.Clerk, "", NotByYou},
		{"an unknown state", "lost", "send", access.Clerk, "", NotNow},
		{"nobody", "draft", "send", "", "", NotByYou},
	} {
		got, err := table.Next(v.from, v.do, v.by)
		if got != v.want || !errors.Is(err, v.err) {
			t.Errorf("%s: %q, %v; want %q, %v", v.name, got, err, v.want, v.err)
		}
	}
}

// He does this act, but from this state it is another's: he looks at an old page, and is told how things stand now.
func TestNextWhereTheActIsAnothers(t *testing.T) {
	table := paperTable()
	table.Rows = append(table.Rows, Row{"draft", "answer", "answered", []access.Role{access.Reviewer}})
	if _, err := table.Next("draft", "answer", access.Window); !errors.Is(err, NotNow) {
		t.Errorf("got %v", err)
	}
}

// What is offered is exactly what Next allows.
func TestOffersAreWhatNextAllows(t *testing.T) {
	table := paperTable()
	want := []Offer{{"send", "送出"}, {"drop", "作废"}, {"note", "记录"}}
	if diff := cmp.Diff(want, table.Offers("draft", access.Clerk)); diff != "" {
		t.Error(diff)
	}
	for _, s := range table.States {
		for _, role := range append(access.Roles(), access.System, access.County, "") {
			offers := table.Offers(s.Name, role)
			if offers == nil {
				t.Errorf("offers of %s in %s are null in JSON", role, s.Name)
			}
			for _, act := range verbs {
				_, err := table.Next(s.Name, act, role)
				offered := slices.ContainsFunc(offers, func(o Offer) bool { return o.Do == act })
				if offered != (err == nil) {
					t.Errorf("%s in %s: %s offered %t, but Next says %v", role, s.Name, act, offered, err)
				}
			}
		}
	}
}

func TestOpenAndTexts(t *testing.T) {
	table := paperTable()
	if diff := cmp.Diff([]State{"draft", "sent"}, table.Open()); diff != "" {
		t.Error(diff)
	}
	if table.Text("sent") != "已送出" || table.ActText("send") != "送出" || table.Text("lost") != "" || table.ActText("fly") != "" {
		t.Error("a label is wrong")
	}
}

func TestCheckFindsEachPlantedMistake(t *testing.T) {
	if err := paperTable().Check(verbs); err != nil {
		t.Fatal("the table is sound, but:", err)
	}
	clerk := []access.Role{access.Clerk}
	for _, v := range []struct {
		name  string
		plant func(*Table) []Act // answers the verbs of the desk
		want  string
	}{
		{"a state without a name", func(p *Table) []Act { p.States[1].Text = ""; return verbs }, "paper: state sent has no Chinese name"},
		{"a state out of reach", func(p *Table) []Act {
			p.States = append(p.States, Label[State]{"island", "孤岛"})
			p.Rows = append(p.Rows, Row{"island", "drop", "dropped", clerk})
			return verbs
		}, "paper: state island cannot be reached"},
		{"a dead end", func(p *Table) []Act { p.Final = []State{"answered"}; return verbs }, "paper: state dropped has no way out and is not final"},
		{"only itself is no way out", func(p *Table) []Act {
			p.Final = []State{"answered"}
			p.Rows = append(p.Rows, Row{"dropped", "note", "dropped", clerk})
			return verbs
		}, "paper: state dropped has no way out and is not final"},
		{"a way out of the end", func(p *Table) []Act {
			p.Rows = append(p.Rows, Row{"answered", "send", "sent", clerk})
			return verbs
		}, "paper: final state answered has a way out"},
		{"a doubled row", func(p *Table) []Act {
			p.Rows = append(p.Rows, Row{"draft", "send", "dropped", []access.Role{access.Window}})
			return verbs
		}, "paper: two rows for draft/send"},
		{"an undeclared state in a row", func(p *Table) []Act {
			p.Rows = append(p.Rows, Row{"sent", "send", "limbo", clerk})
			return verbs
		}, "paper: row sent/send names an undeclared state"},
		{"an undeclared start", func(p *Table) []Act { p.Start = "born"; return verbs }, `paper: start or final state "born" is not declared`},
		{"an undeclared end", func(p *Table) []Act { p.Final = append(p.Final, "burnt"); return verbs }, `paper: start or final state "burnt" is not declared`},
		{"nobody", func(p *Table) []Act { p.Rows[0].By = nil; return verbs }, "paper: row draft/send is done by nobody"},
		{"an unknown role", func(p *Table) []Act { p.Rows[0].By = []access.Role{"mayor"}; return verbs }, `paper: row draft/send is done by an unknown role "mayor"`},
		{"an act without a verb", func(*Table) []Act { return verbs[:3] }, "paper: act note has no verb on the desk"},
		{"a verb without an act", func(*Table) []Act { return append(slices.Clone(verbs), "fly") }, "paper: verb fly is not an act of the table"},
		{"an act without a name", func(p *Table) []Act { p.Acts[0].Text = ""; return verbs }, "paper: act send has no Chinese name"},
		{"an act without a row", func(p *Table) []Act {
			p.Acts = append(p.Acts, Label[Act]{"fly", "飞"})
			return append(slices.Clone(verbs), "fly")
		}, "paper: act fly stands in no row"},
		{"a state declared twice", func(p *Table) []Act { p.States = append(p.States, p.States[0]); return verbs }, "paper: state draft is declared twice"},
		{"an act declared twice", func(p *Table) []Act { p.Acts = append(p.Acts, p.Acts[0]); return verbs }, "paper: act send is declared twice"},
	} {
		table := paperTable()
		err := table.Check(v.plant(table))
		if err == nil {
			t.Errorf("%s: not found", v.name)
		} else if !slices.Contains(strings.Split(err.Error(), "\n"), v.want) {
			t.Errorf("%s: found %q, want %q", v.name, err, v.want)
		}
	}
}

func TestMermaid(t *testing.T) {
	want := `stateDiagram-v2
    draft: 草稿 draft
    sent: 已送出 sent
    answered: 已答复 answered
    dropped: 已作废 dropped
    [*] --> draft
    draft --> sent: 送出
    sent --> answered: 答复
    draft --> dropped: 作废
    sent --> dropped: 作废
    answered --> [*]
    dropped --> [*]
`
	if diff := cmp.Diff(want, paperTable().Mermaid()); diff != "" {
		t.Error(diff)
	}
}

func TestMarkdown(t *testing.T) {
	table := paperTable()
	text := table.Markdown()
	for _, want := range []string{
		"## 文书 (paper)\n", "```mermaid\n" + table.Mermaid() + "```\n",
		"| 草稿 `draft` | 送出 `send` | 已送出 `sent` | 村办事员、群众 |\n",
		"| 已送出 `sent` | 答复 `answer` | 已答复 `answered` \\* | 窗口人员 |\n",
		"| 已送出 `sent` | 记录 `note` | 已送出 `sent` | 村办事员、窗口人员 |\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %q in\n%s", want, text)
		}
	}
	if got := strings.Count(text, "\n| "); got != len(table.Rows)+1 {
		t.Errorf("%d lines of table for %d rows", got, len(table.Rows))
	}
}
