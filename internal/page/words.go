package page

import (
	"fmt"
	"strings"
	"time"

	"tongban/internal/catalog"
	"tongban/internal/clock"
)

// Words that people read instead of the codes of the standards.
var (
	stateWords = map[catalog.State]string{
		catalog.Have: "有了，带上", catalog.Bring: "要带", catalog.VillageIssues: "村里可开", catalog.CountyLooksUp: "县里能查",
	}
	// optionalWord marks a paper to bring that nobody is sent home for. For the API it stays one to bring.
	optionalWord = "有就带"
	clerkWords   = map[catalog.Extent]string{
		catalog.Full: "村办事员可以从头到尾替您办", catalog.Part: "村办事员可以先帮您收材料、填表", catalog.None: "村里办不了，要到窗口办",
	}
	personWords = map[catalog.Extent]string{
		catalog.Full: "要本人来", catalog.Part: "有的步骤要本人来", catalog.None: "不用本人跑，可以托人办",
	}
	caseWords = map[catalog.CaseType]string{catalog.Instant: "即办件（当场办）", catalog.Committed: "承诺件（按承诺的时间办）"}
	// needWords tell what is not simply demanded.
	needWords = map[string]string{"optional": "没有也能办", "deferrable": "一时没有可以后补"}
	// levelWords are 行使层级 and typeWords 事项类型 of GB/T 39046-2020.
	levelWords = map[string]string{"1": "国家级", "2": "省级", "3": "市级", "4": "县级", "5": "乡镇级", "6": "村级", "7": "分级"}
	typeWords  = map[string]string{
		"00": "行政权力", "01": "行政许可", "02": "行政处罚", "03": "行政强制", "04": "行政征收", "05": "行政给付", "06": "行政检查",
		"07": "行政确认", "08": "行政奖励", "09": "行政裁决", "10": "其他行政权力", "20": "公共服务",
	}
	sensitiveWords = map[string]string{
		"id_number": "身份证号", "financial_account": "银行账号", "household_finance": "家庭收入和财产", "disability": "残疾情况",
		"health": "病情", "face": "面部照片", "fingerprint": "指纹", "minor": "孩子的信息", "kinship": "亲属关系", "property": "房产土地",
		"reproductive": "婚育情况", "specific_identity": "困难、优抚等特定身份", "legal_case": "案情",
	}
)

func optional(m catalog.Needed) bool { return m.State == catalog.Bring && m.Necessity == "optional" }

// wordOf is the mark on a paper, which also counts it.
func wordOf(m catalog.Needed) string {
	if optional(m) {
		return optionalWord
	}
	return stateWords[m.State]
}

// formOf says in what form a paper is handed in, such as 原件1份，复印件1份.
func formOf(m catalog.Material) string {
	if m.CountyLooksUp {
		if strings.Contains(m.Hint, "不用带") { // the hint says it already
			return ""
		}
		return "不用带，县里联网查"
	}
	var parts []string
	if m.Originals > 0 && m.Copies > 0 && m.Kind == "either" {
		parts = append(parts, fmt.Sprintf("原件%d份，或复印件%d份", m.Originals, m.Copies))
	} else {
		if m.Originals > 0 {
			parts = append(parts, fmt.Sprintf("原件%d份", m.Originals))
		}
		if m.Copies > 0 {
			parts = append(parts, fmt.Sprintf("复印件%d份", m.Copies))
		}
	}
	switch m.Form {
	case "either":
		parts = append(parts, "电子版也行")
	case "electronic":
		parts = append(parts, "电子版")
	case "both":
		parts = append(parts, "纸质和电子版都要")
	}
	return strings.Join(parts, "，")
}

// limitOf writes a limit with its remark; nothing for none.
func limitOf(l *catalog.Limit) string {
	if l == nil {
		return ""
	}
	text := l.Plain().Text()
	if l.Value == 0 && strings.HasPrefix(l.Note, "当场") {
		return l.Note
	}
	if l.Note == "" || strings.TrimRight(l.Note, "。") == text {
		return text
	}
	return text + "（" + strings.TrimRight(l.Note, "。") + "）"
}

// grouped writes a public number in groups that people can read out: GZ101201 261123 0015.
func grouped(number string) string {
	if len(number) < 18 {
		return number
	}
	return number[:8] + " " + number[8:14] + " " + number[14:]
}

// hoursOf keeps the two ends of a time together: a line does not break at this hyphen.
func hoursOf(hours string) string { return strings.ReplaceAll(hours, "-", "\u2011") }

// dial keeps of a telephone number what can be dialled.
func dial(phone string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, phone)
}

// dayOf writes a date as people say it; nothing for none.
func dayOf(d clock.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d年%d月%d日", d.Year, d.Month, d.Day)
}

// momentOf writes a moment on Shanghai's clock.
func momentOf(t time.Time) string {
	t = t.In(clock.Shanghai)
	return fmt.Sprintf("%s %02d:%02d", dayOf(clock.DateOf(t)), t.Hour(), t.Minute())
}

// worded translates codes; what has no word is left out.
func worded(codes []string, words map[string]string) string {
	var known []string
	for _, code := range codes {
		if word := words[code]; word != "" {
			known = append(known, word)
		}
	}
	return strings.Join(known, "、")
}
