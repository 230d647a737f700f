package errand

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/sheet"
)

var (
	ledgerColumns = []sheet.Column{
		{Title: "序号", Width: 6}, {Title: "代办编号", Width: 24}, {Title: "登记日期", Width: 12}, {Title: "村", Width: 12}, {Title: "委托人（申请人）", Width: 14},
		{Title: "签委托书的人", Width: 14}, {Title: "代办事项", Width: 26}, {Title: "委托方式", Width: 12}, {Title: "委托期限", Width: 24}, {Title: "核验身份", Width: 14},
		{Title: "代办员", Width: 10}, {Title: "收材料（份）", Width: 8}, {Title: "退材料（份）", Width: 8}, {Title: "报送日期", Width: 12}, {Title: "办件编号", Width: 24},
		{Title: "受理单位", Width: 20}, {Title: "补正次数", Width: 8}, {Title: "办理结果", Width: 12}, {Title: "办结日期", Width: 12}, {Title: "用时（工作日）", Width: 8},
		{Title: "送达日期", Width: 12}, {Title: "签收人", Width: 14}, {Title: "代办状态", Width: 12},
	}
	figureColumns = []sheet.Column{
		{Title: "按什么统计", Width: 12}, {Title: "名称", Width: 24}, {Title: "登记", Width: 8}, {Title: "终止或撤销", Width: 8}, {Title: "在办", Width: 8}, {Title: "办结", Width: 8},
		{Title: "一次提交通过", Width: 10}, {Title: "一次提交通过率", Width: 10}, {Title: "用时中位数（工作日）", Width: 12}, {Title: "九成不超过（工作日）", Width: 12},
	}
)

// addUp adds the figures of the entries, by office and by village: what the second page says can be counted on the first.
func (d *Desk) addUp(ctx context.Context, l *Ledger) (err error) {
	offices, villages := tally{}, tally{}
	for _, e := range l.Entries {
		f := e.fact()
		offices.add(d, keyOf(ByOffice, f), f)
		villages.add(d, keyOf(ByVillage, f), f)
	}
	if l.Offices, err = offices.figures(ctx, d, ByOffice, l.Area); err != nil {
		return err
	}
	l.Villages, err = villages.figures(ctx, d, ByVillage, l.Area)
	return err
}

// Pages are the ledger as a workbook has it.
func (l Ledger) Pages() []sheet.Page {
	month := fmt.Sprintf("%d年%d月", l.Month.Year, l.Month.Month)
	made := "制表时间 " + l.MadeAt.In(clock.Shanghai).Format("2006-01-02 15:04")
	entries := sheet.Page{Name: "代办台账", Heading: l.AreaName + month + "帮办代办台账，" + made, Columns: ledgerColumns}
	for i, e := range l.Entries {
		entries.Rows = append(entries.Rows, e.cells(i+1))
	}
	figures := sheet.Page{Name: "统计", Heading: l.AreaName + month + "登记的代办，办结的里面没有补正过的算一次提交通过；" + made, Columns: figureColumns}
	for _, f := range l.Offices {
		figures.Rows = append(figures.Rows, f.cells("受理单位"))
	}
	for _, f := range l.Villages {
		figures.Rows = append(figures.Rows, f.cells("村"))
	}
	return []sheet.Page{entries, figures}
}

func (e Entry) cells(number int) []string {
	waited, decidedOn, receiver := "", "", ""
	if e.fact().decided() {
		waited, decidedOn = strconv.Itoa(e.Waited), dayOf(e.Case.DecidedAt)
	}
	if e.ReceiverRelation != "" {
		receiver = named(casework.WordText(casework.Relations, e.ReceiverRelation), e.ReceiverName)
		if len(e.Refusal) > 0 {
			receiver += "（拒收，留置送达）"
		}
	}
	caseNumber, outcome, corrections := "", "", ""
	if e.FiledAt != nil {
		outcome, corrections = e.Case.StatusText(), strconv.Itoa(e.Case.Corrections)
		if e.Case.Number != nil {
			caseNumber = *e.Case.Number
		}
	}
	return []string{
		strconv.Itoa(number), e.Number, told(&e.CreatedAt, e.Said[entrustAct]), e.VillageName, e.PrincipalName, named(docket.TextOf(Relations, e.Relation), e.EntrusterName), e.ItemName,
		docket.TextOf(Methods, e.Method), e.ValidFrom.String() + "至" + e.ValidUntil.String(), docket.TextOf(IdentityWays, e.IdentityHow), agents(e.AgentName, e.DeputyName),
		strconv.Itoa(e.Taken), strconv.Itoa(e.Returned), told(e.FiledAt, e.Said[File]), caseNumber, e.OfficeName, corrections, outcome, decidedOn, waited,
		dayOf(e.HandedAt), receiver, Flow.Text(e.Status),
	}
}

// agents are who did it: the agent, and who stood in for him.
func agents(agent, deputy string) string {
	if deputy == "" {
		return agent
	}
	return agent + "（替岗：" + deputy + "）"
}

func (f Figure) cells(by string) []string {
	name := f.Name
	if name == "" {
		name = "还没有报送"
	}
	row := []string{by, name, strconv.Itoa(f.Registered), strconv.Itoa(f.Stopped), strconv.Itoa(f.Open), strconv.Itoa(f.Decided), strconv.Itoa(f.AtOnce), "", "", ""}
	if f.Decided > 0 {
		row[7] = fmt.Sprintf("%.1f%%", 100*float64(f.AtOnce)/float64(f.Decided))
		row[8], row[9] = strconv.Itoa(f.Workdays.Median), strconv.Itoa(f.Workdays.P90)
	}
	return row
}

func dayOf(at *time.Time) string {
	if at == nil {
		return ""
	}
	return clock.DateOf(*at).String()
}

// told is the day on which something was told, and the day on which it was done, where the clerk says that this was another one.
func told(at, done *time.Time) string {
	day := dayOf(at)
	if said := dayOf(done); said != "" && said != day {
		return day + "（" + said + "办，后补报）"
	}
	return day
}

// named puts a name behind what somebody is.
func named(what, name string) string {
	if name == "" {
		return what
	}
	return what + "：" + name
}
