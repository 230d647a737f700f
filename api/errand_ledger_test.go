package api

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"tongban/internal/casework"
	"tongban/internal/errand"
	"tongban/internal/store"
)

// pagesOf opens a workbook with a reader, and demands that each cell is text and no formula.
func pagesOf(t testing.TB, w *httptest.ResponseRecorder) map[string][][]string {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Header(), err)
	}
	defer func() { _ = book.Close() }()
	pages := map[string][][]string{}
	for _, name := range book.GetSheetList() {
		rows, err := book.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for r, row := range rows {
			for c := range row {
				at, _ := excelize.CoordinatesToCellName(c+1, r+1)
				kind, err := book.GetCellType(name, at)
				formula, errFormula := book.GetCellFormula(name, at)
				if err != nil || errFormula != nil || kind != excelize.CellTypeInlineString || formula != "" {
					t.Errorf("%s %s is no text: type %d, formula %q, %v %v", name, at, kind, formula, err, errFormula)
				}
			}
		}
		pages[name] = rows
	}
	return pages
}

// entriesOf are the lines of a ledger, each by the titles of the columns.
func entriesOf(t testing.TB, w *httptest.ResponseRecorder, page string) (entries []map[string]string) {
	t.Helper()
	rows := pagesOf(t, w)[page]
	if len(rows) < 2 {
		t.Fatalf("%s has no titles: %q", page, rows)
	}
	for _, row := range rows[2:] {
		entry := map[string]string{}
		for i, title := range rows[1] {
			if i < len(row) { // a reader drops empty cells at the end
				entry[title] = row[i]
			}
		}
		entries = append(entries, entry)
	}
	return entries
}

const thisMonth = `"month":"2026-11"`

func (h *house) ledger(t testing.TB, who, body string) *httptest.ResponseRecorder {
	t.Helper()
	return h.must(t, who, 200, "POST", "/errands/ledger", "{"+body+"}")
}

// TestTheLedgerOfAMonth follows four errands into the workbook that the village's clerk keeps.
func TestTheLedgerOfAMonth(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	done := h.errandAt(t, errand.SentIn) // handed over after two working days, with a correction on the way
	h.walkCase(t, done.matter, casework.Receive, casework.AskCorrection, casework.Correct, casework.Accept, casework.Review)
	h.clock.Advance(48 * time.Hour)
	h.walkCase(t, done.matter, casework.Grant)
	h.walkErrand(t, done, errand.HandOver)
	quick := h.errandAt(t, errand.ResultReceived)
	stopped := h.errandAt(t, errand.Stopped)
	begun := h.draft(t, filed())
	formula := read[ErrandView](t, h.must(t, begun.by, 201, "POST", "/errands", `{"case":"`+begun.id+`","scope":"代我申请待遇","powers":["file"],"valid_until":"2027-06-30",`+
		`"relation":"family","entruster":"=1+1","method":"fingerprint","witnesses":["王见证","李见证"]}`))

	w := h.ledger(t, "clerk-xinglin", thisMonth)
	if kind, name := w.Header().Get("Content-Type"), w.Header().Get("Content-Disposition"); !strings.HasPrefix(kind, "application/vnd.openxmlformats") || !strings.HasSuffix(name, ".xlsx") {
		t.Errorf("sent as %s, %s", kind, name)
	}
	entries := entriesOf(t, w, "代办台账")
	if len(entries) != 4 {
		t.Fatalf("%d entries", len(entries))
	}
	first := entries[0]
	for title, want := range map[string]string{
		"序号": "1", "代办编号": h.errandStands(t, done).Number, "登记日期": "2026-11-23", "村": "杏林村", "委托人（申请人）": "张**", "签委托书的人": "本人", "代办事项": "城乡居民基本养老保险待遇申领",
		"委托方式": "按手印，两名见证人在场", "委托期限": "2026-11-23至2027-06-30", "核验身份": "当面看原件", "收材料（份）": "0", "退材料（份）": "0", "报送日期": "2026-11-23",
		"办件编号": h.errandStands(t, done).CaseNumber, "补正次数": "1", "办理结果": "准予", "办结日期": "2026-11-25", "用时（工作日）": "2", "送达日期": "2026-11-25", "签收人": "同住家人", "代办状态": "已送达签收",
	} {
		if first[title] != want {
			t.Errorf("%s: %q, want %q", title, first[title], want)
		}
	}
	if first["代办员"] == "" || first["受理单位"] == "" {
		t.Errorf("who and where: %q", first)
	}
	if e := entries[1]; e["代办编号"] != h.errandStands(t, quick).Number || e["用时（工作日）"] != "0" || e["补正次数"] != "0" || e["送达日期"] != "" {
		t.Errorf("the quick one: %q", e)
	}
	if e := entries[2]; e["代办编号"] != h.errandStands(t, stopped).Number || e["代办状态"] != "已终止" || e["办件编号"] != "" || e["办理结果"] != "" {
		t.Errorf("the stopped one: %q", e)
	}
	if e := entries[3]; e["代办编号"] != formula.Number || e["签委托书的人"] != "家人" {
		t.Errorf("the one of today: %q", e)
	}
	figures := entriesOf(t, w, "统计")
	village := figures[len(figures)-1]
	for title, want := range map[string]string{
		"按什么统计": "村", "名称": "杏林村", "登记": "4", "终止或撤销": "1", "在办": "1", "办结": "2", "一次提交通过": "1", "一次提交通过率": "50.0%", "用时中位数（工作日）": "0", "九成不超过（工作日）": "2",
	} {
		if village[title] != want {
			t.Errorf("%s: %q, want %q", title, village[title], want)
		}
	}
	if rows := entriesOf(t, h.ledger(t, "clerk-xinglin", `"month":"2026-10"`), "代办台账"); len(rows) != 0 {
		t.Errorf("a month without errands has %d", len(rows))
	}
	h.namesInFull(t)
	h.figuresOf(t)
}

// namesInFull: only the village's clerk, with a reason that is kept, a read of each name, and thrice a day.
func (h *house) namesInFull(t *testing.T) {
	t.Helper()
	full := thisMonth + `,"names":"full","cause":"file","note":"月底造册"`
	h.play(t, nil,
		scenario{name: "without a reason", who: "clerk-xinglin", method: "POST", path: "/errands/ledger", body: "{" + thisMonth + `,"names":"full"}`, status: 422, code: "request.invalid", at: "body.cause"},
		scenario{name: "with a number in it", who: "clerk-xinglin", method: "POST", path: "/errands/ledger", body: "{" + thisMonth + `,"names":"full","cause":"file","note":"他的电话13800000001"}`, status: 422, code: "person.number_in_reason"},
		scenario{name: "a supervisor", who: "supervisor-liuquan", method: "POST", path: "/errands/ledger", body: "{" + full + "}", status: 403, code: "request.forbidden"},
		scenario{name: "no such month", who: "clerk-xinglin", method: "POST", path: "/errands/ledger", body: `{"month":"2026-13"}`, status: 422, code: "request.invalid", at: "body.month"},
	)
	before := h.exported(t)
	entries := entriesOf(t, h.ledger(t, "clerk-xinglin", full), "代办台账")
	if first, last := entries[0], entries[3]; first["委托人（申请人）"] != "张杏花" || first["签收人"] != "同住家人：张家人" || last["签委托书的人"] != "家人：=1+1" || strings.Contains(first["代办员"], "*") {
		t.Errorf("names in full: %q %q", first, last)
	}
	kept := h.exported(t)[len(before):]
	if len(kept) != 1 || kept[0].Why != "month=2026-11 rows=4 代填申请：月底造册" || !slices.Equal(kept[0].Fields, []string{"name"}) || kept[0].Area != xinglin {
		t.Errorf("the trail has %+v", kept)
	}
	reads := read[list[readView]](t, h.must(t, "zhang", 200, "GET", "/me/reads", "")).Items
	if !slices.ContainsFunc(reads, func(r readView) bool { return r.Field == "name" && r.Reason == "代填申请：月底造册" }) {
		t.Errorf("she is not told that her name was read: %+v", reads)
	}
	for range 2 {
		h.ledger(t, "clerk-xinglin", full)
	}
	h.play(t, nil, scenario{name: "a fourth time", who: "clerk-xinglin", method: "POST", path: "/errands/ledger", body: "{" + full + "}", status: 429, code: "errand.ledger_quota"})
	h.ledger(t, "clerk-xinglin", thisMonth) // masked as often as he likes
}

// exported are the rows of the trail that say who took a ledger.
func (h *house) exported(t *testing.T) (rows []store.TrailBody) {
	t.Helper()
	var found []store.TrailRow
	if err := h.Store.Read(t.Context()).Where("act = ?", "errand.export").Order("id").Find(&found).Error; err != nil {
		t.Fatal(err)
	}
	for _, r := range found {
		body, err := r.Text()
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, body)
	}
	return rows
}

// figuresOf: the same by the calls that a screen makes, and with a second village and month.
func (h *house) figuresOf(t *testing.T) {
	t.Helper()
	h.clock.Set(time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC))
	other := &matter{by: "clerk-hewan", whose: "wang", item: claim}
	h.draft(t, other)
	id := h.entrust(t, other).ID
	h.must(t, other.by, 200, "POST", "/errands/"+id+"/identify", `{"how":"in_person","document":"id_card"}`)
	h.must(t, other.by, 200, "POST", "/errands/"+id+"/check", `{}`)
	h.must(t, other.by, 200, "POST", "/errands/"+id+"/file", `{"papers":`+other.papers+`}`)
	const both = "/errands/figures?from=2026-11&through=2026-12&by="
	h.play(t, nil,
		scenario{name: "the village's months", who: "clerk-xinglin", method: "GET", path: both + "month", status: 200, fields: map[string]any{
			"items.#": 1, "items.0.key": "2026-11", "items.0.registered": 4, "items.0.stopped": 1, "items.0.open": 1, "items.0.decided": 2, "items.0.at_once": 1, "items.0.rate": 0.5,
			"items.0.workdays.median": 0, "items.0.workdays.p90": 2, "items.0.minutes.median": 0, "items.0.minutes.p90": 2880,
		}},
		scenario{name: "the town's months", who: "supervisor-liuquan", method: "GET", path: both + "month", status: 200, fields: map[string]any{
			"items.#": 2, "items.1.key": "2026-12", "items.1.registered": 1, "items.1.open": 1, "items.1.decided": 0,
		}},
		scenario{name: "the town's villages", who: "supervisor-liuquan", method: "GET", path: both + "village", status: 200, fields: map[string]any{
			"items.#": 2, "items.0.name": "杏林村", "items.1.name": "河湾村", "items.1.registered": 1,
		}},
		scenario{name: "one of them", who: "supervisor-liuquan", method: "GET", path: both + "village&area=" + hewan, status: 200, fields: map[string]any{"items.#": 1, "items.0.key": hewan}},
		scenario{name: "by office", who: "supervisor", method: "GET", path: both + "office", status: 200, fields: map[string]any{
			"items.#": 2, "items.0.key": "", "items.0.registered": 2, "items.0.stopped": 1, "items.0.open": 1, "items.0.decided": 0, "items.1.registered": 3, "items.1.decided": 2, "items.1.stopped": 0,
		}},
		scenario{name: "the wrong way round", who: "supervisor", method: "GET", path: "/errands/figures?from=2026-12&through=2026-11&by=month", status: 422, code: "request.invalid", at: "query.through"},
		scenario{name: "too many months", who: "supervisor", method: "GET", path: "/errands/figures?from=2025-12&through=2026-12&by=month", status: 422, code: "request.invalid", at: "query.through"},
		scenario{name: "another town", who: "supervisor-liuquan", method: "GET", path: both + "month&area=" + songling, status: 404, code: "request.not_found"},
	)
	var december struct{ Items []map[string]json.RawMessage }
	if err := json.Unmarshal(h.must(t, "clerk-hewan", 200, "GET", "/errands/figures?from=2026-12&through=2026-12&by=month", "").Body.Bytes(), &december); err != nil || len(december.Items) != 1 {
		t.Fatal(december, err)
	}
	for _, name := range []string{"rate", "workdays", "minutes"} {
		if value, there := december.Items[0][name]; there {
			t.Errorf("of nothing decided %s is %s", name, value)
		}
	}
	entries := entriesOf(t, h.ledger(t, "supervisor", `"month":"2026-12","area":"219901101"`), "代办台账")
	if len(entries) != 1 || entries[0]["村"] != "河湾村" || entries[0]["委托人（申请人）"] != "王**" {
		t.Errorf("the town's December: %q", entries)
	}
}
