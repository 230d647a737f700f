package workday

import "testing"

func TestSuspensionCountsWholeWorkingDaysOnce(t *testing.T) {
	c := county(t)
	due := c.Due(moment(t, "2026-03-02 09:00"), Limit{20, Workdays}) // 2026-03-30
	for _, v := range []struct {
		name  string
		spans [][2]string
		want  string
	}{
		{"none", nil, "2026-03-30"},
		{"within a day", [][2]string{{"2026-03-09 00:01", "2026-03-10 00:00"}}, "2026-03-30"},
		{"a whole day to the minute", [][2]string{{"2026-03-09 00:00", "2026-03-10 00:00"}}, "2026-03-31"},
		{"one minute short", [][2]string{{"2026-03-09 00:00", "2026-03-09 23:59"}}, "2026-03-30"},
		{"a weekend moves nothing", [][2]string{{"2026-03-06 18:00", "2026-03-09 00:00"}}, "2026-03-30"},
		{"overlapping", [][2]string{{"2026-03-09 10:00", "2026-03-12 10:00"}, {"2026-03-10 10:00", "2026-03-13 15:00"}}, "2026-04-02"},
		{"one inside the other, given last first", [][2]string{{"2026-03-11 00:00", "2026-03-12 00:00"}, {"2026-03-09 10:00", "2026-03-13 15:00"}}, "2026-04-02"},
		{"touching halves make a whole", [][2]string{{"2026-03-09 00:00", "2026-03-09 12:00"}, {"2026-03-09 12:00", "2026-03-10 00:00"}}, "2026-03-31"},
		{"a gap spoils the day", [][2]string{{"2026-03-09 00:00", "2026-03-09 12:00"}, {"2026-03-09 12:01", "2026-03-10 00:00"}}, "2026-03-30"},
		{"apart", [][2]string{{"2026-03-03 00:00", "2026-03-04 00:00"}, {"2026-03-09 00:00", "2026-03-11 00:00"}}, "2026-04-02"},
		{"backward and empty ones fall out", [][2]string{{"2026-03-12 00:00", "2026-03-09 00:00"}, {"2026-03-09 00:00", "2026-03-09 00:00"}}, "2026-03-30"},
		{"through the due date", [][2]string{{"2026-03-25 10:00", "2026-04-01 15:00"}}, "2026-04-03"},
	} {
		var spans []Span
		for _, s := range v.spans {
			spans = append(spans, Span{moment(t, s[0]), moment(t, s[1])})
		}
		if got := c.Suspend(due, spans...); got != (Due{On: date(t, v.want)}) {
			t.Errorf("%s: %v, want %s", v.name, got, v.want)
		}
	}
}

func TestSuspensionIntoAYearWithoutNotice(t *testing.T) {
	c := county(t)
	due := c.Due(moment(t, "2026-12-21 09:00"), Limit{8, Workdays}) // 2026-12-31
	got := c.Suspend(due, Span{moment(t, "2026-12-23 00:00"), moment(t, "2026-12-24 00:00")})
	if got.On != date(t, "2027-01-04") || !got.Provisional {
		t.Errorf("got %v", got)
	}
	// The covered days are off as far as is known, but the notice may make one of them up.
	got = c.Suspend(due, Span{moment(t, "2026-12-31 10:00"), moment(t, "2027-01-04 09:00")})
	if got.On != date(t, "2026-12-31") || !got.Provisional {
		t.Errorf("covered days off: %v", got)
	}
}

func TestMergeLeavesItsInputAlone(t *testing.T) {
	spans := []Span{
		{moment(t, "2026-03-11 00:00"), moment(t, "2026-03-12 00:00")},
		{moment(t, "2026-03-09 00:00"), moment(t, "2026-03-11 12:00")},
	}
	first := spans[0]
	merge(spans)
	if spans[0] != first {
		t.Error("the caller's spans were reordered")
	}
}
