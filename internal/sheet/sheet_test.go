package sheet

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// whatPeopleType begins like a formula, or would be taken for a number or a date, or is hard to write down.
var whatPeopleType = []string{
	"=1+1", `=HYPERLINK("http://evil.example","看这里")`, "+8613800000001", "-2", "@SUM(A1)", "\t=1+1", "\r=1+1", "'=1+1", `=cmd|'/C calc'!A0`,
	"219901194912310021", "0012", "2026-11-23", "1e5", "TRUE", "<b>&\"'</b>", "李𠮷 买买提·艾力", "一行\n又一行", " 前后有空格 ", "",
}

func TestEveryCellStaysText(t *testing.T) {
	var file bytes.Buffer
	columns := []Column{{"序号", 6}, {"=标题", 20}}
	var rows [][]string
	for i, v := range whatPeopleType {
		rows = append(rows, []string{strings.Repeat("1", i+1), v})
	}
	if err := Write(&file, Page{"台账", "=表头", columns, rows}, Page{"统计", "第二张", columns, nil}); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	if names := book.GetSheetList(); !slices.Equal(names, []string{"台账", "统计"}) {
		t.Fatalf("the pages are %q", names)
	}
	want := append([][]string{{"=表头"}, {"序号", "=标题"}}, rows...)
	for r, row := range want {
		for c, value := range row {
			at, _ := excelize.CoordinatesToCellName(c+1, r+1)
			kind, err := book.GetCellType("台账", at)
			formula, errFormula := book.GetCellFormula("台账", at)
			got, errValue := book.GetCellValue("台账", at)
			value = strings.ReplaceAll(value, "\r", "\n") // XML knows one end of a line
			if err != nil || errFormula != nil || errValue != nil || kind != excelize.CellTypeInlineString || formula != "" || strings.ReplaceAll(got, "\r", "\n") != value {
				t.Errorf("%s: type %d, formula %q, %q; want the text %q", at, kind, formula, got, value)
			}
		}
	}
	style, err := book.GetCellStyle("台账", "B3")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := book.GetStyle(style); err != nil || s.NumFmt != asText {
		t.Errorf("cells are formatted as %d, %v: whoever edits one would make a formula of it", s.NumFmt, err)
	}
}

// A heading is longer than the first column is wide: it stands in one line over the columns beside it, whose titles wrap.
func TestTheHeadingIsNotSqueezedIntoItsColumn(t *testing.T) {
	var file bytes.Buffer
	if err := Write(&file, Page{"台账", "河湾村办件台账（2026年11月）", []Column{{"序号", 6}, {"事项", 20}}, nil}); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	for at, wraps := range map[string]bool{"A1": false, "A2": true, "B2": true} {
		id, err := book.GetCellStyle("台账", at)
		if err != nil {
			t.Fatal(err)
		}
		s, err := book.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		if s.NumFmt != asText || s.Font == nil || !s.Font.Bold || s.Alignment == nil || s.Alignment.WrapText != wraps {
			t.Errorf("%s is written with %+v", at, s)
		}
	}
	if beside, err := book.GetCellValue("台账", "B1"); err != nil || beside != "" {
		t.Errorf("beside the heading stands %q, %v: it would be cut off there", beside, err)
	}
}
