package casework

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tongban/internal/workday"
)

func TestTheCountysRulesAreRead(t *testing.T) {
	r, err := ReadRules(os.DirFS(countyFolder()))
	must(t, err)
	if r.hours() != (workday.OfficeHours{Open: 8*time.Hour + 30*time.Minute, Close: 16*time.Hour + 30*time.Minute}) || r.Extension.Most != 10 || r.Conclude.Days != 30 || r.Delivery != days(10) {
		t.Errorf("%+v", r)
	}
	old, err := ReadRules(fstest.MapFS{})
	must(t, err)
	if !reflect.DeepEqual(old, usualRules) || old.Check() != nil || old.hours() != (workday.OfficeHours{}) {
		t.Errorf("a folder without the file: %+v", old)
	}
}

func TestSenselessRulesAreNamed(t *testing.T) {
	good, err := os.ReadFile(filepath.Join(countyFolder(), rulesFile))
	must(t, err)
	for name, c := range map[string][3]string{
		"closes before it opens": {`close: "16:30"`, `close: "8:00"`, "office_hours"},
		"no time of the day":     {`open: "8:30"`, `open: "25:00"`, "office_hours"},
		"no extension":           {"most: 10", "most: 0", "extension.most"},
		"a delivery in hours":    {"unit: workday}", "unit: hour}", "delivery"},
		"never filed away":       {"days: 30", "days: 0", "conclude.days"},
		"waits of no month":      {"months: 3", "months: 0", "waiting.months"},
		"waits of single people": {"least: 5", "least: 2", "waiting.least"},
		"an unknown key":         {"conclude:", "conclud:", rulesFile},
	} {
		text := strings.Replace(string(good), c[0], c[1], 1)
		if text == string(good) {
			t.Errorf("%s: nothing was changed", name)
		}
		if _, err := ReadRules(fstest.MapFS{rulesFile: {Data: []byte(text)}}); err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDecisionsCiteOpinions: a folder whose decisions would leave out what other offices said is refused, with the name of file and text. What
// an older version says does not matter.
func TestDecisionsCiteOpinions(t *testing.T) {
	good, err := os.ReadFile(filepath.Join(countyFolder(), textsFile))
	must(t, err)
	const cites = `"办理中征求了别的单位的意见：{opinions}。"`
	for name, c := range map[string]struct {
		instead string
		times   int
		wrong   []string
	}{
		"as it is":                       {cites, -1, nil},
		"in neither":                     {`"没有别的。"`, -1, []string{"documents.yaml: grant 2: ", "documents.yaml: denial 2: "}},
		"in the denial alone":            {`"没有别的。"`, 1, []string{"documents.yaml: grant 2: "}},
		"beside what may be missing":     {`"征求的意见：{opinions}。{text}"`, 1, []string{"documents.yaml: grant 2: "}},
		"beside what is always there":    {`"“{item}”征求的意见：{opinions}。"`, -1, nil},
		"a second time beside something": {cites + `, "另附：{opinions}{text}"`, 1, nil},
	} {
		text := strings.Replace(string(good), cites, c.instead, c.times)
		_, err := ReadRules(fstest.MapFS{textsFile: {Data: []byte(text)}})
		if (err == nil) != (c.wrong == nil) {
			t.Errorf("%s: %v", name, err)
		}
		for _, part := range c.wrong {
			if err == nil || !strings.Contains(err.Error(), part) || strings.Count(err.Error(), "opinions") != len(c.wrong) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
