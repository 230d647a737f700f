package errand

import (
	"strings"
	"testing"

	"tongban/internal/casework"
	"tongban/internal/sheet"
)

// sum is what one office's or village's errands add up to.
type sum struct{ registered, stopped, open, decided int }

// countedBy adds up the first page of a ledger by a column, with nothing but what stands there: whoever prints it can do the same.
func countedBy(p sheet.Page, column string) map[string]sum {
	at := map[string]int{}
	for i, c := range p.Columns {
		at[c.Title] = i
	}
	sums := map[string]sum{}
	for _, row := range p.Rows {
		s := sums[row[at[column]]]
		s.registered++
		switch {
		case row[at["办结日期"]] != "":
			s.decided++
		case strings.HasPrefix(row[at["代办状态"]], "已终止"), strings.HasPrefix(row[at["代办状态"]], "已撤销"):
			s.stopped++
		default:
			s.open++
		}
		sums[row[at[column]]] = s
	}
	return sums
}

// TestFiguresAgainstTheirErrands makes errands in every state and beyond, and knows of each where it belongs.
func TestFiguresAgainstTheirErrands(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, s := range Flow.States {
		h.to(s.Name)
	}
	withResult := h.to(ResultReceived)
	must(t, h.do(Revoke, h.resident, withResult))
	tooLate := h.to(SentIn) // revoked while the county works on it: the decision is not the errand's
	must(t, h.do(Revoke, h.resident, tooLate))
	h.grant(tooLate)
	byHimself := h.to(Revoked) // he files and gets it without the errand
	_, err := h.cases.Submit(t.Context(), h.resident, h.row(byHimself).CaseID, casework.Submission{Papers: h.papers(byHimself)})
	must(t, err)
	h.grant(byHimself)

	// Filed were: filed, paused, result received, handed over, archived, withResult and tooLate. The others stand at no office.
	filed, unfiled, all := sum{7, 1, 2, 4}, sum{5, 3, 2, 0}, sum{12, 4, 4, 4}
	figures := func(by string) (sums []sum, keys []string) {
		list, err := h.Figures(t.Context(), h.clerk(), FiguresOrder{From: november, Through: november, By: by})
		must(t, err)
		for _, f := range list {
			sums, keys = append(sums, sum{f.Registered, f.Stopped, f.Open, f.Decided}), append(keys, f.Key)
		}
		return sums, keys
	}
	if got, keys := figures(ByOffice); len(got) != 2 || got[0] != unfiled || got[1] != filed || keys[0] != "" {
		t.Errorf("by office: %+v of %q", got, keys)
	}
	for _, by := range []string{ByVillage, ByMonth} {
		if got, _ := figures(by); len(got) != 1 || got[0] != all {
			t.Errorf("by %s: %+v", by, got)
		}
	}
	l, err := h.Ledger(t.Context(), h.clerk(), LedgerOrder{Month: november})
	must(t, err)
	page := l.Pages()[0]
	if got := countedBy(page, "村"); len(got) != 1 || got["杏林村"] != all {
		t.Errorf("counted on the page by village: %+v", got)
	}
	offices := countedBy(page, "受理单位")
	if len(offices) != 2 || offices[""] != unfiled {
		t.Errorf("counted on the page by office: %+v", offices)
	}
	for _, f := range l.Offices {
		if told := (sum{f.Registered, f.Stopped, f.Open, f.Decided}); told != offices[f.Name] {
			t.Errorf("the second page has %+v for %q, and the first %+v", told, f.Name, offices[f.Name])
		}
	}
	for _, e := range l.Entries {
		if (e.ID == byHimself || e.ID == tooLate) && e.Waited >= 0 || e.ID == byHimself && (e.OfficeName != "" || e.Case.DecidedAt != nil) {
			t.Errorf("of what the errand did not bring it says %+v", e)
		}
		if e.ID == withResult && e.Waited != 0 {
			t.Errorf("the result was there, and it waited %d", e.Waited)
		}
	}
}
