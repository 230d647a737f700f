package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// paperOf is the item with its medical record given another name and issuer.
func paperOf(t *testing.T, name, issuer string) string {
	t.Helper()
	return strings.NewReplacer("name: 病历", "name: "+name, "issuer: 看病的医院", "issuer: "+issuer).Replace(lowText(t))
}

// No village committee certifies any of the twenty, whatever it is called.
func TestNoneOfTheTwentyComesFromAVillage(t *testing.T) {
	for _, c := range twenty {
		for _, issuer := range []string{"村民委员会", "居民委员会", "社区居委会", "户口所在村", "派出所或村委会", "村民委员会、村卫生室"} {
			text := paperOf(t, c.name, issuer)
			found := lintText(t, false, "items/01.yaml", text)
			if len(found) != 1 || found[0].Rule != 5 || found[0].Warning || found[0].Line != lineOf(t, text, "id: medical_record") {
				t.Errorf("%s of %s: %v", c.name, issuer, found)
			} else if want := fmt.Sprintf("第%d种", c.number); !strings.Contains(found[0].Message, want) {
				t.Errorf("%s is told as %s", c.name, found[0].Message)
			}
		}
	}
}

// Who certifies a birth, a death or an illness lawfully is a clinic, which may stand in a village; and what a person says of
// himself is no certificate.
func TestClinicsAndOwnWordsPass(t *testing.T) {
	clinics := []string{"医院", "接生的医院", "社区卫生服务中心", "医院或社区卫生服务中心", "村卫生室", "村（社区）卫生室", "乡镇卫生院或村卫生室", "社区医院"}
	for _, name := range []string{"出生医学证明", "居民死亡医学证明（推断）书", "疾病诊断证明"} {
		for _, issuer := range clinics {
			if found := lintText(t, false, "items/01.yaml", paperOf(t, name, issuer)); len(found) > 0 {
				t.Errorf("%s of %s: %v", name, issuer, found)
			}
		}
	}
	for _, name := range []string{
		"户口登记项目内容变更申请", "户口登记变更申请表", "亲属关系个人承诺", "无犯罪记录证明告知承诺书", "婚姻状况声明", "承诺书（代替婚姻状况证明）", "遗产继承协商书",
	} {
		if found := lintText(t, false, "items/01.yaml", paperOf(t, name, "村民委员会（空白表）")); len(found) > 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// A paper that the county looks up for one item is not brought for another without a reason.
func TestLintComparesWhereAPaperComesFrom(t *testing.T) {
	low := lowText(t)
	brought := strings.NewReplacer("form: electronic\n    originals: 0\n    copies: 0", "form: paper\n    originals: 1\n    copies: 0",
		"source: shared_license", "source: self", "    county_looks_up: true\n", "").Replace(oldText(t))
	for order, files := range map[string][]string{
		"looked up first": {"items/01.yaml", low, "items/02.yaml", brought}, "brought first": {"items/01.yaml", brought, "items/02.yaml", low},
	} {
		found := lintText(t, false, files...)
		file := files[2*(slices.Index(files, brought)/2)]
		want := Finding{File: file, Line: lineOf(t, brought, "id: disability_card"), Rule: 4, Warning: true}
		if len(found) != 1 || !strings.Contains(found[0].Message, "why_brought") {
			t.Errorf("%s: %v", order, found)
			continue
		}
		if want.Message = found[0].Message; found[0] != want {
			t.Errorf("%s: %v, want %v", order, found, want)
		}
	}
	reason := strings.Replace(brought, "    name: 残疾人证\n", "    name: 残疾人证\n    why_brought: 旧证要收回\n", 1)
	if found := lintText(t, false, "items/01.yaml", low, "items/02.yaml", reason); len(found) > 0 {
		t.Errorf("with a reason: %v", found)
	}
}

// A form that the applicant fills needs a model of it; other papers need none.
func TestLintWarnsOfAFormWithoutASample(t *testing.T) {
	const sample = "    sample: 家里的收入和财产都是真的。签名、写日期。\n"
	for source, edit := range map[string]*strings.Replacer{
		"handed out by the village": strings.NewReplacer(sample, "", "name: 诚信承诺书", "name: 外伤经过说明"),
		"filled online":             strings.NewReplacer(sample, "", "    village_issues: true\n", "", "source: self\n    issuer: 本人填写", "source: filled_online\n    issuer: 本人打字"),
		"by its name":               strings.NewReplacer(sample, "", "    village_issues: true\n", ""),
	} {
		text := edit.Replace(lowText(t))
		found := lintText(t, false, "items/01.yaml", text)
		if len(found) != 1 || found[0].Rule != 8 || !found[0].Warning || found[0].Line != lineOf(t, text, "id: promise") {
			t.Errorf("%s: %v", source, found)
		}
	}
}

// A charge for a form is told of, and refuses nothing: words alone do not tell what is paid for.
func TestChargedFormsAreTold(t *testing.T) {
	const free = `amount: "0", text: 不收费。, basis: ""`
	for _, fee := range []string{
		`amount: "0", text: 办证不收费，表格工本费5元。, basis: ""`, `amount: "0", text: 领申请表要两块钱。, basis: ""`,
		`amount: "20", text: 样表另外收费。, basis: 《居民身份证法》第十八条`,
	} {
		text := strings.Replace(lowText(t), free, fee, 1)
		found := lintText(t, false, "items/01.yaml", text)
		if len(found) != 1 || found[0].Rule != 7 || !found[0].Warning || found[0].Line != lineOf(t, text, fee[:11]) {
			t.Errorf("%s: %v", fee, found)
		}
	}
}

// 农业农村 is a department, though its last character is a village's.
func TestADepartmentIsNoVillage(t *testing.T) {
	for issuer, refused := range map[string]bool{"县民政、农业农村": false, "户口所在村": true, "兴农村": true} {
		found := lintText(t, false, "items/01.yaml", paperOf(t, "居民身份信息证明", issuer))
		if (len(found) > 0) != refused {
			t.Errorf("%s: %v", issuer, found)
		}
	}
}
