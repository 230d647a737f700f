package catalog

import (
	"encoding/csv"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/workday"
)

// leads are the rows where the demonstration county departs from its table: it names the leading office alone, since the table
// does not say what the other one does, and a reader would not know whom to ask.
var leads = map[string]string{
	"31": "县农业农村局", // and 县财政局, which pays
	"38": "县教育局",   // and 就读学校, where the steps of the guide send people
	"39": "乡镇政府",   // and 县农业农村局
}

// TestTheDemonstrationCountySaysWhatItsTableSays: the guides are written anew time and again, and a mark or a limit that
// slips then is a promise that nobody made. testdata/items39.csv is the table that they were written from,
// but for papers, bases and notes: these the guides spell out in words of their own.
func TestTheDemonstrationCountySaysWhatItsTableSays(t *testing.T) {
	folder, err := Load(os.DirFS("../../config/county"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("testdata/items39.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns, rows := table[0], table[1:]
	if len(rows) != 39 || len(folder.Files) != len(rows) {
		t.Fatalf("%d rows and %d guides", len(rows), len(folder.Files))
	}
	for i, cells := range rows {
		row := map[string]string{}
		for j, column := range columns {
			row[column] = cells[j]
		}
		row["fee"] = yuan(row["fee"])
		if lead, differs := leads[row["seq"]]; differs {
			if lead == row["lead_dept"] {
				t.Errorf("row %s: the county differs no longer", row["seq"])
			}
			row["lead_dept"] = lead
		}
		if diff := cmp.Diff(row, rowOf(folder.Files[i].Item)); diff != "" {
			t.Errorf("%s (- table, + guide):\n%s", folder.Files[i].Name, diff)
		}
	}
}

// rowOf is an item in the cells of the table.
func rowOf(it *Item) map[string]string {
	marks := map[Extent]string{None: "N", Part: "P", Full: "Y"}
	row := map[string]string{
		"seq": strconv.Itoa(it.Seq), "name": it.Name, "theme": it.Theme, "lead_dept": it.Department,
		"use_level": it.Level, "item_type_code": it.Type, "case_type": string(it.CaseType), "fee": yuan(it.Fee.Amount),
		"county_wide": "N", "clerk_can_file": marks[it.ClerkCanFile], "in_person": marks[it.InPerson],
		"sensitive_data": strings.Join(it.Sensitive, ";"), "confidence": it.Confidence,
	}
	if it.CountyWide {
		row["county_wide"] = "Y"
	}
	row["legal_limit"], row["legal_unit"] = "", ""
	if it.LegalLimit != nil {
		row["legal_limit"], row["legal_unit"] = limitCells(*it.LegalLimit)
	}
	row["promised_limit"], row["promised_unit"] = limitCells(it.PromisedLimit)
	return row
}

// limitCells leave the number of a batch empty, as the table does: no single case has a clock.
func limitCells(l Limit) (value, unit string) {
	if l.Unit == workday.Batch && l.Value == 0 {
		return "", string(l.Unit)
	}
	return strconv.Itoa(l.Value), string(l.Unit)
}

// yuan are the amounts that are asked for; the words around them differ.
func yuan(fee string) string {
	return strings.Join(regexp.MustCompile(`[1-9]\d*`).FindAllString(fee, -1), "-")
}

// TestEveryGuideOfTheDemonstrationCountyIsWrittenOut: a guide of another county may go without questions, these may not. The
// summary is what is read out to people: no law is cited in it, and no sentence is longer than a breath.
func TestEveryGuideOfTheDemonstrationCountyIsWrittenOut(t *testing.T) {
	folder, err := Load(os.DirFS("../../config/county"))
	if err != nil {
		t.Fatal(err)
	}
	cited := regexp.MustCompile(`[《〔]|第[一二三四五六七八九十百\d]+条`)
	for _, file := range folder.Files {
		it := file.Item
		if !slices.ContainsFunc(it.FAQ, func(q Question) bool { return q.Q != "" && q.A != "" }) {
			t.Errorf("%s answers no question", file.Name)
		}
		if !strings.HasSuffix(it.Summary, "。") || it.Summary == it.Name+"。" {
			t.Errorf("%s has no summary: %q", file.Name, it.Summary)
		}
		if m := cited.FindString(it.Summary); m != "" {
			t.Errorf("%s cites %s in its summary", file.Name, m)
		}
		for sentence := range strings.SplitSeq(it.Summary, "。") {
			if n := utf8.RuneCountInString(sentence); n > 50 {
				t.Errorf("%s: %d characters in one sentence: %s", file.Name, n, sentence)
			}
		}
	}
}
