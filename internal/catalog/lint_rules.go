package catalog

import (
	"regexp"
	"strconv"
	"strings"

	"tongban/internal/workday"
)

// share compares limits of different units: in fifths of an hour, five working days being a week of seven days. It is an
// average; which of two limits ends first on a given calendar depends on the holidays in between.
var share = map[workday.Unit]int{workday.Workdays: 24 * 7, workday.CalendarDays: 24 * 5, workday.Hours: 5}

func (l *lint) promisedWithinLegal() {
	legal, promised := l.item.LegalLimit, l.item.PromisedLimit
	if legal == nil || share[legal.Unit] == 0 || share[promised.Unit] == 0 {
		return // no legal limit, or a batch without a clock per case
	}
	if promised.Value*share[promised.Unit] > legal.Value*share[legal.Unit] {
		l.refuse(at{"promised_limit", "value"}, "承诺时限（%s）比法定时限（%s）长", promised.Plain().Text(), legal.Plain().Text())
	}
}

func (l *lint) limitFitsCase() {
	promised := l.item.PromisedLimit
	switch l.item.CaseType {
	case Instant:
		if promised.Value != 0 || promised.Unit == workday.Batch {
			l.refuse(at{"promised_limit"}, "即办件的承诺时限是0")
		}
	case Committed:
		if promised.Value == 0 && promised.Unit != workday.Batch {
			l.refuse(at{"promised_limit"}, "承诺件的承诺时限要大于0，或者按批次")
		}
	}
}

func (l *lint) materialsComplete() {
	for i, m := range l.item.Materials {
		path := at{"materials", i}
		l.some(append(path, "basis"), m.Basis, "材料“"+m.Name+"”的依据")
		l.some(append(path, "issuer"), m.Issuer, "材料“"+m.Name+"”由谁出具")
		l.oneOf(append(path, "kind"), m.Kind, "original", "copy", "either", "both")
		l.oneOf(append(path, "form"), m.Form, "paper", "electronic", "either", "both")
		l.oneOf(append(path, "necessity"), m.Necessity, "required", "optional", "deferrable")
		l.oneOf(append(path, "source"), m.Source, "self", "government", "shared_license", "filled_online", "other")
		if m.Originals < 0 || m.Copies < 0 {
			l.refuse(path, "材料“%s”的份数小于0", m.Name)
		} else if m.Originals+m.Copies == 0 && !m.CountyLooksUp {
			l.refuse(path, "材料“%s”没有写份数", m.Name)
		}
	}
}

func (l *lint) sharedNotAsked() {
	for i, m := range l.item.Materials {
		path := at{"materials", i, "source"}
		switch shared := m.Source == "shared_license"; {
		case shared && !m.CountyLooksUp:
			l.refuse(path, "“%s”数据共享查得到，不要让群众带", m.Name)
		case m.CountyLooksUp && !shared:
			l.refuse(path, "“%s”由县里查，来源要写 shared_license", m.Name)
		case m.CountyLooksUp && m.WhyBrought != "":
			l.refuse(at{"materials", i, "why_brought"}, "“%s”由县里查，没有为什么要带", m.Name)
		}
	}
}

// Twenty are the certificates that a village committee may not be asked for (民发〔2020〕20号), with the words that tell them.
var twenty = []struct {
	number int
	name   string
	words  *regexp.Regexp
}{
	{1, "亲属关系证明", regexp.MustCompile(`亲属|亲子|父子|母子|夫妻|监护关系|关系证明`)},
	{2, "居民身份信息证明", regexp.MustCompile(`身份|同一人|居住证明`)},
	{3, "户口登记项目内容变更申请证明", regexp.MustCompile(`户口|户籍`)},
	{4, "居民养犬证明", regexp.MustCompile(`犬|养狗`)},
	{5, "无犯罪记录证明", regexp.MustCompile(`犯罪|无违法`)},
	{6, "社区戒毒、社区康复人员情况证明", regexp.MustCompile(`戒毒|社区康复`)},
	{7, "人员失踪证明", regexp.MustCompile(`失踪`)},
	{8, "婚姻状况证明", regexp.MustCompile(`婚姻|未婚|单身|结婚|离婚|丧偶`)},
	{9, "出生证明", regexp.MustCompile(`出生`)},
	{10, "健在证明", regexp.MustCompile(`健在|生存|在世`)},
	{11, "死亡证明", regexp.MustCompile(`死亡|去世`)},
	{12, "疾病状况证明", regexp.MustCompile(`疾病|患病|病情`)},
	{13, "残疾状况证明", regexp.MustCompile(`残疾`)},
	{14, "婚育状况证明", regexp.MustCompile(`婚育|生育`)},
	{15, "居民就业状况证明", regexp.MustCompile(`就业|失业|无业|没有工作`)},
	{16, "居民个人档案证明", regexp.MustCompile(`档案`)},
	{17, "居民财产证明", regexp.MustCompile(`财产|房产|收入|存款`)},
	{18, "遗产继承权证明", regexp.MustCompile(`遗产|继承`)},
	{19, "市场主体住所证明", regexp.MustCompile(`住所|经营场所|经营地址`)},
	{20, "证件遗失证明", regexp.MustCompile(`遗失|丢失|挂失`)},
}

var (
	villageCommittee = regexp.MustCompile(`村委|村民委员会|居委|居民委员会|村（居）|村\(居\)|社区|村便民服务站|^村|[本该所或及和、，；]村|村$`)
	// elsewhere are bodies whose names hold the words for a village and that are none of its committee: who certifies a birth,
	// a death or an illness is a clinic, who certifies an identity the police.
	elsewhere = regexp.MustCompile(`(村|社区)?(（[村居社区]+）|\([村居社区]+\))?(卫生[服务]*(中心|站|室|院|所)|医院|诊所|医务室|医疗|村?医生|警务室|民警)|农业农村`)
	// What a person writes and signs himself is no certificate, even if the village hands out the blank form.
	ownWord     = regexp.MustCompile(`承诺|声明|申请|授权|委托书|同意书|协商书`)
	certificate = regexp.MustCompile(`证明|证$`)
	inBrackets  = regexp.MustCompile(`（[^）]*）|\([^)]*\)`)
)

// ofVillage tells whether a village committee is among those who issue the paper.
func ofVillage(m Material) bool {
	issuer := elsewhere.ReplaceAllString(m.Issuer, "")
	return villageCommittee.MatchString(issuer) || m.VillageIssues && certificate.MatchString(m.Name)
}

// ownPaper tells whether a name is that of a person's own statement. What a paper is stands last in its name:
// 告知承诺书 is a promise, 变更申请证明 a certificate.
func ownPaper(name string) bool {
	name = inBrackets.ReplaceAllString(name, "")
	last := func(words *regexp.Regexp) int {
		found := words.FindAllStringIndex(name, -1)
		if len(found) == 0 {
			return -1
		}
		return found[len(found)-1][0]
	}
	return last(ownWord) > last(certificate)
}

// noVillageCertificates tests kind and issuer: a birth certificate from a hospital is fine, from the village it is not.
func (l *lint) noVillageCertificates() {
	for i, m := range l.item.Materials {
		if ownPaper(m.Name) || !ofVillage(m) {
			continue
		}
		for _, c := range twenty {
			if c.words.MatchString(m.Name) {
				l.refuse(at{"materials", i}, "“%s”属于村委会不应出具的第%d种：%s", m.Name, c.number, c.name)
				break
			}
		}
	}
}

// leftToCounty is what demonstration data says of a basis whose number the county supplies.
const leftToCounty = "文号由县补充"

var (
	cited  = regexp.MustCompile(`第[0-9一二三四五六七八九十百千零〇、至\-—–－]+条|〔(19|20)\d\d〕\d+号|令[^（）()，。]{0,8}\d+号`)
	vague  = regexp.MustCompile(`(有关|相关)(法律法规|法规|规定|政策|文件)`)
	open   = regexp.MustCompile(`(其他|其它)(有关|相关|需要的|必要)?(的)?(材料|证明|资料|证件)|等(有关|相关)?(材料|证明材料|资料)$|(需要|要求)的其他`)
	amount = regexp.MustCompile(`^\d+(\.\d{1,2})?(-\d+(\.\d{1,2})?)?$`)
	// Only a law (法) or an administrative regulation (条例, a decree of the State Council) may set a fee.
	feeLaw = regexp.MustCompile(`法|条例|国务院令`)
	// Nobody pays for a form (格式文本), whatever law sets the fee for the paper that he gets in the end.
	formWord = regexp.MustCompile(`表格|申请表|申请书|登记表|样表|空白表|格式文本|[领填印买]表`)
	charged  = regexp.MustCompile(`费|收取|[0-9一二两三四五六七八九十百]+(元|块|角|毛)|[要收]钱`)
	spared   = regexp.MustCompile(`不收|不要|不用|不许|不得|免`)
)

func (l *lint) basisCited() {
	// Demonstration data may still lack a number, which the county then supplies: once for each document.
	told := map[string]bool{}
	cite := func(path at, basis string) {
		switch {
		case vague.MatchString(basis):
			l.refuse(path, "依据不能写“有关规定”，要写条款或文号")
		case basis == "" || cited.MatchString(basis) || told[basis]:
		case l.demo && strings.Contains(basis, leftToCounty):
			told[basis] = true
			l.unnumbered = append(l.unnumbered, Finding{File: l.file.Name, Line: l.file.line(path...), Rule: l.rule, Warning: true})
		default:
			told[basis] = true
			l.say(path, l.demo, "依据“%s”没有条款或文号", basis)
		}
	}
	for i, basis := range l.item.Basis {
		cite(at{"basis", i}, basis)
	}
	for i, m := range l.item.Materials {
		cite(at{"materials", i, "basis"}, m.Basis)
		if open.MatchString(m.Name) {
			l.refuse(at{"materials", i, "name"}, "材料不能写“%s”，要一样一样写清楚", m.Name)
		}
	}
}

func (l *lint) feeLawful() {
	fee := l.item.Fee
	if !amount.MatchString(fee.Amount) {
		l.refuse(at{"fee", "amount"}, "收费写数字，如 0、20、20-40")
		return
	}
	for clause := range strings.FieldsFuncSeq(fee.Text, func(r rune) bool { return strings.ContainsRune("，。；！,;\n", r) }) {
		if formWord.MatchString(clause) && charged.MatchString(clause) && !spared.MatchString(clause) {
			l.say(at{"fee", "text"}, true, "“%s”：表格免费，不能收钱；不是这个意思就换个说法", clause)
		}
	}
	if most, _ := strconv.ParseFloat(fee.Amount[strings.LastIndex(fee.Amount, "-")+1:], 64); most == 0 {
		return
	}
	if !cited.MatchString(fee.Basis) || !feeLaw.MatchString(fee.Basis) {
		l.refuse(at{"fee", "basis"}, "收费要写法律或行政法规的条款")
	}
}

func (l *lint) everythingPublic() {
	it := l.item
	l.some(at{"summary"}, it.Summary, "说明")
	l.some(at{"fee", "text"}, it.Fee.Text, "收费说明")
	l.some(at{"promised_limit", "note"}, it.PromisedLimit.Note, "时限说明")
	for _, list := range []struct {
		key, what string
		length    int
	}{
		{"conditions", "受理条件", len(it.Conditions)}, {"steps", "办理步骤", len(it.Steps)}, {"materials", "申请材料", len(it.Materials)},
		{"basis", "设定依据", len(it.Basis)}, {"places", "办理地点", len(it.Offices)},
	} {
		if list.length == 0 {
			l.refuse(at{list.key}, "没有写%s", list.what)
		}
	}
	if it.Result.Kind != "none" {
		l.some(at{"result", "name"}, it.Result.Name, "办理结果")
	}
	for i, m := range it.Materials {
		if m.isForm() && m.Sample == "" {
			l.say(at{"materials", i}, true, "“%s”要群众自己填，没有写怎么填（sample）", m.Name)
		}
	}
}
