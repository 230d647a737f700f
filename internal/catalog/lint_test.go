package catalog

import (
	"fmt"
	"strings"
	"testing"

	"tongban/internal/workday"
)

func lintText(t testing.TB, demo bool, files ...string) []Finding {
	t.Helper()
	folder, err := Load(folderOf(files...))
	if err != nil {
		t.Fatal(err)
	}
	return Lint(folder, demo)
}

func TestLintPassesAGoodFile(t *testing.T) {
	if found := lintText(t, false, "items/01.yaml", lowText(t), "items/02.yaml", oldText(t), "codes.csv", twoCodes); len(found) > 0 {
		t.Error(found)
	}
}

// Each rule is broken once: the finding names the file, the line and the rule, and there is no other.
func TestLintRefuses(t *testing.T) {
	good := lowText(t)
	for _, c := range []struct {
		rule     int
		old, new string
		mark     string
	}{
		{0, "promised_limit: {value: 25", "extension: {value: 24, unit: hour}\npromised_limit: {value: 25", "extension"},
		{0, "promised_limit: {value: 25", "correction_limit: {value: 0, unit: workday}\npromised_limit: {value: 25", "correction_limit"},
		{1, "promised_limit: {value: 25, unit: workday", "promised_limit: {value: 31, unit: workday", "value: 31"},
		{1, "promised_limit: {value: 25, unit: workday", "promised_limit: {value: 43, unit: calendar_day", "value: 43"},
		{1, "promised_limit: {value: 25, unit: workday", "promised_limit: {value: 1009, unit: hour", "value: 1009"},
		{2, "promised_limit: {value: 25,", "promised_limit: {value: 0,", "promised_limit"},
		{2, "case_type: committed", "case_type: instant", "promised_limit"},
		{3, "    basis: 《社会救助暂行办法》第十一条\n", "", "id: id_card"},
		{3, "source: other", "source: friends", "source: friends"},
		{3, "form: either", "form: clay", "form: clay"},
		{3, "    originals: 1\n", "    originals: 0\n", "id: id_card"},
		{3, "    necessity: optional\n", "    necessity: 必要\n", "necessity: 必要"},
		{3, "    issuer: 公安机关\n", "", "id: id_card"},
		{4, "source: other", "source: shared_license", "source: shared_license\n    issuer: 看病"},
		{4, "source: shared_license", "source: government", "source: government"},
		{4, "county_looks_up: true", "county_looks_up: true\n    why_brought: 以原件核验", "why_brought"},
		{5, "issuer: 接生的医院", "issuer: 村民委员会", "id: birth_certificate"},
		{5, "name: 病历", "name: 残疾状况证明\n    village_issues: true", "id: medical_record"},
		{6, "basis: 民发〔2021〕57号\n    hint: 空白", "basis: 国家有关规定\n    hint: 空白", "国家有关规定"},
		{6, "basis: 民发〔2021〕57号\n    hint: 空白", "basis: 救助办法\n    hint: 空白", "basis: 救助办法"},
		{6, "  - 《社会救助暂行办法》（国务院令第649号）第十一条", "  - 《社会救助暂行办法》", "  - 《社会救助暂行办法》\n"},
		{6, "name: 病历", "name: 其他相关材料", "name: 其他相关材料"},
		{7, `amount: "0"`, `amount: "20"`, `amount: "20"`},
		{7, `amount: "0", text: 不收费。, basis: ""`, `amount: "20", text: 工本费, basis: 县政府〔2020〕3号`, `amount: "20"`},
		{7, `amount: "0"`, `amount: 免费`, "amount: 免费"},
		{8, "conditions:\n  - 户口在本县\n", "conditions: []\n", "conditions: []"},
		{8, "places: [village_station, township_centre]", "places: []", "places: []"},
		{8, "unit: workday, note: 示例", `unit: workday, note: ""`, `note: ""`},
		{8, "kind: approval, name: 确认通知书", "kind: approval, name: ''", "kind: approval"},

		{0, "id: 01932f00-4c00-7000-8000-0000000000a1", "id: low", "id: low"},
		{0, "unit: workday, note: 法律规定", "unit: month, note: 法律规定", "unit: month"},
		{0, `level: "4"`, `level: "9"`, `level: "9"`},
		{0, "in_person: part", "in_person: maybe", "in_person: maybe"},
		{0, "two_persons: false", "two_persons: true", "two_persons: true"},
		{0, "legal_limit: {value: 30, unit: workday", "joint: true\nlegal_limit: {value: 46, unit: workday", "joint: true"},
		{0, "每月领补助。具体标准以县公示为准。", "每月领补助。", "confidence: L"},
		{0, "checked_on: 2026-11-02\n", "", "id: 01932f00"},
		{0, "  - id: promise\n", "  - id: id_card\n", "id: id_card\n    name: 诚信承诺书"},
		{0, "    hint: 有大病的带上。\n", "", "id: medical_record"},
		{0, "when: {who: [child]}", "when: {whom: [child]}", "{whom: [child]}"},
		{0, "when: {who: [child]}", "when: {who: [baby]}", "{who: [baby]}"},
		{0, "    type: one\n", "    type: one\n    when: {ill: [sick]}\n", "{ill: [sick]}\n    options"},
		{0, "    when: {ill: [sick], who: [self]}\n", "    when: {who: [self]}\n", ""},
		{0, "{id: sick, text: 有大病}", "{id: sick, text: 有大病}\n      - {id: sick, text: 又病}", "又病"},
		{0, "type: many", "type: any", "type: any"},
		{0, "{q: 多久有结果？,", `{q: "",`, `{q: "",`},
		{0, "aliases: [低保, 困难补助]", `aliases: [低保, ""]`, "aliases"},
	} {
		t.Run(fmt.Sprintf("rule %d %s", c.rule, c.new), func(t *testing.T) {
			text := strings.Replace(good, c.old, c.new, 1)
			if text == good {
				t.Fatal("the fault was not planted")
			}
			if c.mark == "" { // the question "ill" is then used by one material only: take that away too
				text = strings.Replace(text, "    when: {ill: [disabled]}\n", "", 1)
				c.mark = "- id: ill"
			}
			found := lintText(t, false, "items/01.yaml", text)
			if len(found) == 0 {
				t.Fatal("nothing was found")
			}
			want := Finding{File: "items/01.yaml", Line: lineOf(t, text, c.mark), Rule: c.rule}
			got := found[0]
			got.Message = ""
			if got != want || !strings.HasPrefix(found[0].String(), fmt.Sprintf("items/01.yaml:%d: ", want.Line)) {
				t.Errorf("got %v, want %v", found, want)
			}
			for _, f := range found[1:] {
				if f.Rule != c.rule {
					t.Errorf("also found %s", f)
				}
			}
		})
	}
}

// What the rules must let through.
func TestLintAllows(t *testing.T) {
	for name, edit := range map[string][2]string{
		"a fee that the law sets":        {`amount: "0", text: 不收费。, basis: ""`, `amount: "20-40", text: 工本费, basis: 《居民身份证法》第十八条`},
		"a form that costs nothing":      {"text: 不收费。", "text: 申请表免费，填表不收钱。证件工本费收不收，以县公示为准。"},
		"a batch in place of a promise":  {"promised_limit: {value: 25, unit: workday", "promised_limit: {unit: batch"},
		"fewer days of the other kind":   {"promised_limit: {value: 25, unit: workday", "promised_limit: {value: 42, unit: calendar_day"},
		"no legal limit":                 {"legal_limit: {value: 30, unit: workday, note: 法律规定}\n", ""},
		"a decree with its year":         {"basis: 民发〔2021〕57号", "basis: 农村土地承包合同管理办法（农业农村部令2023年第1号）"},
		"what the villager signs":        {"name: 诚信承诺书", "name: 收入和财产声明"},
		"the village's own business":     {"issuer: 看病的医院", "issuer: 村民委员会"},
		"an article beyond the thousand": {"《社会救助暂行办法》第十一条", "《民法典》第一千一百二十七条"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(lowText(t), edit[0], edit[1], 1)
			if text == lowText(t) {
				t.Fatal("nothing was edited")
			}
			if found := lintText(t, false, "items/01.yaml", text); len(found) > 0 {
				t.Error(found)
			}
		})
	}
}

// Demonstration data may lack a document's number; the county is told once how many. Nothing else is forgiven.
func TestLintWarnsOfDemonstrationData(t *testing.T) {
	text := strings.ReplaceAll(lowText(t), "民发〔2021〕57号", "民政部规定（文号由县补充）")
	found := lintText(t, true, "items/01.yaml", text)
	if len(found) != 1 || !found[0].Warning || found[0].Rule != 6 || refuse(found) != nil {
		t.Errorf("got %v, want one warning", found)
	}
	if text := found[0].String(); !strings.Contains(text, "规则6（提醒）") || !strings.Contains(text, "共1处") {
		t.Errorf("the warning reads %s", text)
	}
	if refuse(lintText(t, false, "items/01.yaml", text)) == nil {
		t.Error("passed as real data")
	}
	vague := strings.Replace(text, "民政部规定（文号由县补充）", "有关规定", 1)
	if refuse(lintText(t, true, "items/01.yaml", vague)) == nil {
		t.Error("有关规定 passed")
	}
}

func TestLintComparesFiles(t *testing.T) {
	low, old := lowText(t), oldText(t)
	for name, c := range map[string]struct{ second, codes, file, mark string }{
		"same id":       {strings.Replace(old, oldID, lowID, 1), "", "items/02.yaml", "id: 0"},
		"same place":    {strings.Replace(old, "seq: 2", "seq: 1", 1), "", "items/02.yaml", "seq: 1"},
		"same name":     {strings.Replace(old, "城乡居民养老保险待遇重新核定", "最低生活保障审核确认", 1), "", "items/02.yaml", "name: "},
		"equal steps":   {strings.NewReplacer("核对年限", "入户看一看", "带上存折", "到村站点，说情况").Replace(old), "", "items/02.yaml", "  - {title: 到村"},
		"code twice":    {old, twoCodes + "EQ4KX4RQB3,item," + lowID + ",219901101202\n", codesFile, ",219901101202"},
		"two for one":   {old, twoCodes + "WC3YR5KYYJ,item," + lowID + ",\n", codesFile, "WC3YR5KYYJ"},
		"unknown item":  {old, twoCodes + "WC3YR5KYYJ,item,01932f00-4c00-7000-8000-0000000000a9,\n", codesFile, "WC3YR5KYYJ"},
		"village twice": {old, twoCodes + "WC3YR5KYYJ,village,,219901101201\n", codesFile, "WC3YR5KYYJ"},
	} {
		t.Run(name, func(t *testing.T) {
			codes := c.codes
			if codes == "" {
				codes = "code,kind,id,village\n"
			}
			found := lintText(t, false, "items/01.yaml", low, "items/02.yaml", c.second, codesFile, codes)
			text := map[string]string{"items/02.yaml": c.second, codesFile: codes}[c.file]
			if len(found) != 1 || found[0].Warning || found[0].File != c.file || found[0].Line != lineOf(t, text, c.mark) {
				t.Errorf("got %v, want %s:%d", found, c.file, lineOf(t, text, c.mark))
			}
		})
	}
}

func TestRulesAreTheEight(t *testing.T) {
	for i, rule := range Rules() {
		if rule.Number != i+1 || rule.Text == "" {
			t.Errorf("rule %d is %+v", i+1, rule)
		}
	}
	if n := len(Rules()); n != 8 {
		t.Errorf("%d rules", n)
	}
	if n := len(twenty); n != 20 {
		t.Errorf("%d certificates on the list of twenty", n)
	}
	if share[workday.Workdays]*5 != share[workday.CalendarDays]*7 || share[workday.CalendarDays] != share[workday.Hours]*24 {
		t.Error("a week of five working days is seven days of 24 hours")
	}
}
