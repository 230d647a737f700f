package catalog

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/workday"
)

func TestLoadReadsTheWholeItem(t *testing.T) {
	it := lowItem(t)
	if it.Name != "最低生活保障审核确认" || it.CaseType != Committed || it.ClerkCanFile != Full || it.CheckedOn.String() != "2026-11-02" {
		t.Errorf("basic elements are wrong: %+v", it)
	}
	if it.LegalLimit == nil || it.LegalLimit.Plain() != (workday.Limit{Value: 30, Unit: workday.Workdays}) {
		t.Errorf("legal limit is %+v", it.LegalLimit)
	}
	m := it.Material("medical_record")
	want := When{"ill": {"sick"}, "who": {"self"}}
	if m == nil || m.Copies != 1 || !cmp.Equal(m.When, want) {
		t.Errorf("medical_record is %+v", m)
	}
	if o := it.Situation("who").Option("away"); o == nil || o.Stop != "请回户口所在地办。" {
		t.Errorf("option is %+v", o)
	}
	if it.Material("x") != nil || it.Situation("x") != nil {
		t.Error("found what is not there")
	}
}

// Every fault of a file is named with file and line, and all of them together.
func TestLoadRefuses(t *testing.T) {
	good := lowText(t)
	for name, c := range map[string]struct {
		old, new string
		mark     string // first stands in the line that must be named
		says     string
	}{
		"unknown key":        {"    hint: 看过就还您。", "    hnit: 看过就还您。", "hnit", "没有 hnit 这个键"},
		"repeated key":       {"seq: 1\n", "seq: 1\nseq: 2\n", "seq: 2", "seq"},
		"wrong type":         {"seq: 1\n", "seq: eins\n", "eins", "eins"},
		"broken yaml":        {"conditions:\n", "conditions: [\n", "- 户口在本县", ""},
		"impossible date":    {"2026-11-02", "2026-02-30", "2026-02-30", "2026-02-30"},
		"second document":    {"checked_on: 2026-11-02\n", "checked_on: 2026-11-02\n---\nid: x\n", "id: 0", ""},
		"text for a list":    {"  - 户口在本县\n", "  户口: 本县\n", "户口: ", ""},
		"unknown key inside": {"text: 村务栏贴出来。", "text: 村务栏贴出来。, palce: 村口", "palce", "palce"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(good, c.old, c.new, 1)
			if text == good {
				t.Fatal("the fault was not planted")
			}
			_, err := Load(folderOf("items/01.yaml", text))
			refusal, ok := errors.AsType[*Refusal](err)
			if !ok {
				t.Fatalf("loaded: %v", err)
			}
			wantFault(t, err, ErrRefused)
			f := refusal.Findings[0]
			if f.File != "items/01.yaml" || f.Line != lineOf(t, text, c.mark) || !strings.Contains(f.Message, c.says) {
				t.Errorf("got %s, want line %d and %q", f, lineOf(t, text, c.mark), c.says)
			}
		})
	}
}

func TestLoadNamesAllFaultsAtOnce(t *testing.T) {
	text := strings.Replace(lowText(t), "seq: 1\n", "seq: eins\nodd: 1\n", 1)
	_, err := Load(folderOf("items/01.yaml", text, "items/02.yaml", "id: [", "codes.csv", "code,kind,id,village\nX,item,,\n"))
	refusal, ok := errors.AsType[*Refusal](err)
	if !ok || len(refusal.Findings) != 4 {
		t.Fatalf("want four findings, got %v", err)
	}
}

func TestLoadRefusesHugeFiles(t *testing.T) {
	_, err := Load(folderOf("items/01.yaml", lowText(t)+"#"+strings.Repeat("长", largestFile)))
	wantFault(t, err, ErrRefused)
}

func TestLoadCodes(t *testing.T) {
	const item = "01932f00-4c00-7000-8000-0000000000a1"
	for name, c := range map[string]struct{ line, says string }{
		"check character": {"EQ4KX4RQB4,item," + item + ",", "校验"},
		"lower case":      {"eq4kx4rqb3,item," + item + ",", "校验"},
		"too short":       {"EQ4KX4R,item," + item + ",", "9至12位"},
		"no id":           {"EQ4KX4RQB3,item,,", "事项 id"},
		"a grid's code":   {"EQ4KX4RQB3,item," + item + ",21990110120101", "12位村码"},
		"unknown kind":    {"EQ4KX4RQB3,poster," + item + ",", "kind"},
		"village with id": {"EQ4KX4RQB3,village," + item + ",219901101201", "不写 id"},
		"three columns":   {"EQ4KX4RQB3,item," + item, "四列"},
		"broken quote":    {`EQ4KX4RQB3,"item,` + item + ",", "四列"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(folderOf("items/01.yaml", lowText(t), "codes.csv", "code,kind,id,village\n"+c.line+"\n"))
			refusal, ok := errors.AsType[*Refusal](err)
			if !ok || len(refusal.Findings) != 1 {
				t.Fatalf("got %v", err)
			}
			if f := refusal.Findings[0]; f.File != "codes.csv" || f.Line != 2 || !strings.Contains(f.Message, c.says) {
				t.Errorf("got %s, want %q", f, c.says)
			}
		})
	}
}

// The demonstration county: the 39 items written out as guides.
func TestTheDemonstrationCounty(t *testing.T) {
	folder, err := Load(os.DirFS("../../config/county"))
	if err != nil {
		t.Fatal(err)
	}
	// One line tells of all bases that are left to the county; without it the folder were no longer demonstration data.
	found := Lint(folder, true)
	if len(found) != 1 || !found[0].Warning || found[0].Rule != 6 || !strings.Contains(found[0].Message, "文号由县补充") {
		t.Errorf("%d findings: %v", len(found), found)
	}
	if refuse(Lint(folder, false)) == nil {
		t.Error("demonstration data would pass as real")
	}
	var asking, wide, instant, batches, unsure int
	for i, file := range folder.Files {
		it := file.Item
		if it.Seq != i+1 {
			t.Errorf("%s has seq %d", file.Name, it.Seq)
		}
		if n := len(it.Situations); n >= 2 && n <= 5 {
			asking++
		}
		if it.CountyWide {
			wide++
		}
		if it.CaseType == Instant {
			instant++
		}
		if it.PromisedLimit.Unit == workday.Batch {
			batches++
		}
		if it.Confidence == "L" {
			unsure++
			if !strings.Contains(it.openText(), "以县公示为准") {
				t.Errorf("%s does not say 以县公示为准", file.Name)
			}
		}
	}
	if len(folder.Files) != 39 || asking < 20 || wide != 21 || instant != 11 || batches != 4 || unsure != 15 {
		t.Errorf("%d items, %d with questions, %d county-wide, %d instant, %d in batches, %d to be confirmed",
			len(folder.Files), asking, wide, instant, batches, unsure)
	}
	codes := map[string]int{}
	for _, c := range folder.Codes {
		codes[c.Kind+" "+string(c.Village)]++
	}
	want := map[string]int{
		"item ": 39, "item 219901101201": 39, "item 219901101202": 39, "item 219901201201": 39,
		"village 219901101201": 1, "village 219901101202": 1, "village 219901201201": 1,
	}
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Error(diff)
	}
}

// A wrong folder, or a misspelt ending, must not retire what is published.
func TestLoadRefusesWhatIsNoCountyFolder(t *testing.T) {
	_, err := Load(folderOf("readme.txt", "x"))
	wantFault(t, err, ErrRefused)
	_, err = Load(folderOf("items/01.yaml", lowText(t), "items/02.yml", oldText(t)))
	wantFault(t, err, ErrRefused)
}
