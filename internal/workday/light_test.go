package workday

import (
	"testing"
)

func TestLightTurnsAtItsMoment(t *testing.T) {
	c := county(t)
	for _, v := range []struct {
		name, start string
		limit       Limit
		amber, red  string
	}{
		// Due 2026-03-30; a fifth of 20 is 4: with four working days after today it turns.
		{"20 working days", "2026-03-02 09:00", Limit{20, Workdays}, "2026-03-24 00:00", "2026-03-31 00:00"},
		// Due 2026-05-11; a fifth of 5 is one; 05-10 is a Sunday, 05-09 is worked.
		{"5 working days over a make-up day", "2026-04-30 09:00", Limit{5, Workdays}, "2026-05-09 00:00", "2026-05-12 00:00"},
		// A fifth of 3 is less than one working day: one day it is.
		{"3 working days", "2026-11-23 09:00", Limit{3, Workdays}, "2026-11-25 00:00", "2026-11-27 00:00"},
		{"1 working day is amber at once", "2026-11-23 09:00", Limit{1, Workdays}, "2026-11-23 00:00", "2026-11-25 00:00"},
		// Accepted before the Spring Festival, due on the first day after it: the working day before was 02-14.
		{"the last working day lies before the holidays", "2026-02-11 09:00", Limit{4, Workdays}, "2026-02-14 00:00", "2026-02-25 00:00"},
		// 24 hours: the last 4 h 48 min.
		{"24 hours", "2026-09-30 20:00", Limit{24, Hours}, "2026-10-01 15:12", "2026-10-01 20:00"},
		{"2 hours", "2026-11-23 09:00", Limit{2, Hours}, "2026-11-23 10:36", "2026-11-23 11:00"},
	} {
		start, amber, red := moment(t, v.start), moment(t, v.amber), moment(t, v.red)
		due := c.Due(start, v.limit)
		if got := c.Warning(start, due); !got.Equal(amber) {
			t.Errorf("%s: amber from %v, want %v", v.name, got, amber)
		}
		if got := c.Light(start, due, amber.Add(-1)); got != Green {
			t.Errorf("%s: %s just before it turns amber", v.name, got)
		}
		if got := c.Light(start, due, amber); got != Amber {
			t.Errorf("%s: %s when it turns amber", v.name, got)
		}
		if got := c.Light(start, due, red.Add(-1)); got != Amber {
			t.Errorf("%s: %s just before it is overdue", v.name, got)
		}
		if got := c.Light(start, due, red); got != Red {
			t.Errorf("%s: %s when it is overdue", v.name, got)
		}
	}
}

func TestLightWithoutDueDate(t *testing.T) {
	c := county(t)
	now := moment(t, "2026-11-23 09:00")
	if got := c.Light(now, Due{}, now.AddDate(50, 0, 0)); got != Green {
		t.Errorf("%s without a due date", got)
	}
	if got := c.Warning(now, Due{}); !got.IsZero() {
		t.Errorf("warning at %v without a due date", got)
	}
}

func TestLightsAreSaidInWords(t *testing.T) {
	said := map[string]Light{}
	for _, l := range []Light{Green, Amber, Red} {
		if l.Label() == "" || said[l.Label()] != "" {
			t.Errorf("%s is said as %q", l, l.Label())
		}
		said[l.Label()] = l
	}
	if Light("blue").Label() != "" {
		t.Error("an unknown light has a label")
	}
}
