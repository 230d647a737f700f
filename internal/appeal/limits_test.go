package appeal

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tongban/internal/workday"
)

func TestTheDemoCountysLimits(t *testing.T) {
	l, err := ReadLimits(os.DirFS(countyFolder()))
	must(t, err)
	for class, days := range map[Class]int{Consult: 3, Help: 5, Suggestion: 7, Complaint: 10, Report: 10} {
		if got := l.clock(class, Normal).Result; got != (workday.Limit{Value: days, Unit: workday.Workdays}) {
			t.Errorf("%s: %v", class, got)
		}
	}
	if got := l.clock(Help, Critical); got.Contact.Value != 2 || got.Contact.Unit != workday.Hours || got.Result.Value != 24 || got.Result.Unit != workday.Hours {
		t.Errorf("critical: %v", got)
	}
}

func TestLimitsNameFileAndLine(t *testing.T) {
	good, err := os.ReadFile(filepath.Join(countyFolder(), limitsFile))
	must(t, err)
	for name, c := range map[string]struct{ old, new, message string }{
		"unknown key":    {"extension: {most: 10}", "extension: {most: 10, least: 1}", "没有 least 这个键"},
		"missing number": {"redo: {times: 2}", "redo: {}", "redo.times"},
		"zero":           {"attempts: 3", "attempts: 0", "follow_up.attempts"},
		"unknown unit":   {"within: {value: 1, unit: workday}", "within: {value: 1, unit: week}", "send_back.within"},
		"batch":          {"closes: {value: 5, unit: workday}", "closes: {value: 5, unit: batch}", "follow_up.closes"},
		"unknown class":  {"  help:  ", "  halp:  ", "clocks.halp"},
		"wrong type":     {"days: 30}\n\n", "days: many}\n\n", ""},
		"twice":          {"redo: {times: 2}", "redo: {times: 2}\nredo: {times: 3}", ""},
		"no limit":       {"  report:       # 举报\n    normal:   {contact: {value: 2, unit: workday}, ", "  report:\n    normal:   {", "clocks.report.normal.contact"},
	} {
		text := strings.Replace(string(good), c.old, c.new, 1)
		if text == string(good) {
			t.Errorf("%s: nothing was changed", name)
			continue
		}
		_, err := ReadLimits(fstest.MapFS{limitsFile: {Data: []byte(text)}})
		line := 1 + strings.Count(text[:strings.Index(text, strings.SplitN(c.new, "\n", 2)[0])], "\n")
		switch {
		case err == nil:
			t.Errorf("%s passed", name)
		case !strings.Contains(err.Error(), c.message) || !strings.HasPrefix(err.Error(), limitsFile+":"):
			t.Errorf("%s: %v", name, err)
		case name == "zero" && !strings.HasPrefix(err.Error(), limitsFile+":"+strconv.Itoa(line)+":"):
			t.Errorf("%s: %v, not line %d", name, err, line)
		}
	}
}

func TestBothClocksStartAtSubmission(t *testing.T) {
	h := open_(t)
	// Monday 2026-11-23 09:00.
	for _, c := range []struct {
		class   Class
		urgency Urgency
		contact string
		dueOn   string
		dueAt   string
	}{
		{Consult, "", "2026-11-25 00:00", "2026-11-26", ""},
		{Help, Normal, "2026-11-25 00:00", "2026-11-30", ""},
		{Complaint, Normal, "2026-11-25 00:00", "2026-12-07", ""},
		{Help, Urgent, "2026-11-23 13:00", "2026-11-24", "2026-11-24 09:00"},
		{Help, Critical, "2026-11-23 11:00", "2026-11-24", "2026-11-24 09:00"},
	} {
		seen := h.submit(func(s *Submission) { s.Class, s.Urgency = c.class, c.urgency })
		at := ""
		if seen.DueAt != nil {
			at = shanghai(*seen.DueAt)
		}
		if shanghai(seen.ContactBy) != c.contact || seen.DueOn.String() != c.dueOn || at != c.dueAt || seen.DueProvisional || seen.Light != workday.Green {
			t.Errorf("%s %s: contact by %s, due on %s at %s", c.class, c.urgency, shanghai(seen.ContactBy), seen.DueOn, at)
		}
	}
}

func TestTheDispatchersUrgencyCountsFromSubmission(t *testing.T) {
	h := open_(t)
	id := h.submit().ID
	h.pass(time.Hour)
	seen, err := h.Accept(t.Context(), h.dispatcher(), id, Acceptance{Urgency: Critical})
	must(t, err)
	if seen.Urgency != Critical || seen.DueAt == nil || shanghai(*seen.DueAt) != "2026-11-24 09:00" || shanghai(seen.ContactBy) != "2026-11-23 11:00" {
		t.Errorf("%s, due %v, contact by %s", seen.Urgency, seen.DueAt, shanghai(seen.ContactBy))
	}
	_, err = h.Accept(t.Context(), h.dispatcher(), h.submit().ID, Acceptance{Urgency: "soon"})
	wrongField(t, err, "body.urgency")
}
