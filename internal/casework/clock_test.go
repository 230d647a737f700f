package casework

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/clock"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
	"tongban/internal/workday"
)

// accepted is a case in reviewing that was accepted at the moment, with limits that no demo item has.
func (h *house) accepted(moment time.Time, legal, promised workday.Limit) string {
	h.t.Helper()
	h.store.Clock().Set(moment)
	id := h.to(Received, h.file(claim))
	h.set(id, map[string]any{"legal_value": legal.Value, "legal_unit": legal.Unit, "promised_value": promised.Value, "promised_unit": promised.Unit})
	must(h.t, h.do(Accept, h.window(), id))
	must(h.t, h.do(Review, h.reviewer(), id))
	return id
}

func days(n int) workday.Limit         { return workday.Limit{Value: n, Unit: workday.Workdays} }
func calendarDays(n int) workday.Limit { return workday.Limit{Value: n, Unit: workday.CalendarDays} }

// The vectors of the domain's reference, through the desk.
func TestClockVectors(t *testing.T) {
	t.Parallel()
	h := open(t)
	due := func(what, id string, legal, promised, binding string, provisional bool) {
		t.Helper()
		seen, err := h.Get(t.Context(), h.window(), id)
		must(t, err)
		if got := [3]string{seen.Dues.Legal.On.String(), seen.Dues.Promised.On.String(), seen.DueOn.String()}; got != [3]string{legal, promised, binding} || seen.Provisional != provisional {
			t.Errorf("%s: legal, promised, binding %v, provisional %t", what, got, seen.Provisional)
		}
	}
	v8 := h.accepted(at(t, "2026-03-02 10:00"), days(20), days(20))
	due("V8", v8, "2026-03-30", "2026-03-30", "2026-03-30", false)
	_, err := h.Extend(t.Context(), h.decider(), v8, Extension{Days: 10, Approver: "局长", Text: "要到外县核实情况。"})
	must(t, err)
	due("V8 extended", v8, "2026-04-14", "2026-04-14", "2026-04-14", false)

	v9 := h.accepted(at(t, "2026-03-02 10:00"), days(20), days(20))
	h.shanghai("2026-03-09 10:00")
	must(t, h.do(Suspend, h.reviewer(), v9))
	h.shanghai("2026-03-13 15:00")
	must(t, h.do(Resume, h.reviewer(), v9))
	due("V9", v9, "2026-04-02", "2026-04-02", "2026-04-02", false)

	h.shanghai("2026-09-18 09:00")
	v10 := h.to(Received, h.file(claim))
	h.set(v10, map[string]any{"legal_value": 20, "legal_unit": "workday"})
	h.shanghai("2026-09-24 23:59")
	h.rounds()
	want(t, h.do(Accept, h.system(), v10), ErrTooEarly)
	h.shanghai("2026-09-25 00:00")
	h.rounds()
	row := h.row(v10)
	if row.Status != Accepted || !row.Deemed || shanghai(row.AcceptedAt) != "2026-09-18 09:00" || row.NextAt != nil {
		t.Errorf("V10: %s, deemed %t, accepted at %s", row.Status, row.Deemed, shanghai(row.AcceptedAt))
	}
	due("V10", v10, "2026-10-22", "2026-10-09", "2026-10-09", false)

	late := h.to(Received, h.file(enrolment)) // the window and the decider are a moment faster than the program, and too late all the same
	later := h.to(Received, h.file(claim))
	received := h.row(late).ReceivedAt
	h.store.Clock().Set(h.row(late).NoticeOn.End())
	must(t, h.do(Grant, h.decider(), late))
	must(t, h.do(Accept, h.window(), later))
	for _, id := range []string{late, later} {
		if row := h.row(id); !row.Deemed || !row.AcceptedAt.Equal(*received) {
			t.Errorf("accepted at %s, deemed %t", shanghai(row.AcceptedAt), row.Deemed)
		}
	}

	due("V11", h.accepted(at(t, "2026-12-21 09:00"), days(20), workday.Limit{}), "2027-01-19", "", "2027-01-19", true)
	due("V12", h.accepted(at(t, "2026-02-13 09:00"), calendarDays(7), days(3)), "2026-02-24", "2026-02-25", "2026-02-24", false)
	due("a batch", h.accepted(at(t, "2026-03-02 09:00"), workday.Limit{}, workday.Limit{Unit: workday.Batch}), "", "", "", false)
	h.sound()
}

// modelDays are the worked days from 2025 on as a sorted list of texts, made from the notices' spans, not from the csv.
func modelDays() (worked []string) {
	rest := [][2]string{
		{"2025-01-01", "2025-01-01"}, {"2025-01-28", "2025-02-04"}, {"2025-04-04", "2025-04-06"}, {"2025-05-01", "2025-05-05"},
		{"2025-05-31", "2025-06-02"}, {"2025-10-01", "2025-10-08"},
		{"2026-01-01", "2026-01-03"}, {"2026-02-15", "2026-02-23"}, {"2026-04-04", "2026-04-06"}, {"2026-05-01", "2026-05-05"},
		{"2026-06-19", "2026-06-21"}, {"2026-09-25", "2026-09-27"}, {"2026-10-01", "2026-10-07"},
		{"2027-01-01", "2027-01-01"}, {"2027-02-05", "2027-02-08"}, {"2027-04-05", "2027-04-05"}, {"2027-05-01", "2027-05-02"},
		{"2027-06-09", "2027-06-09"}, {"2027-09-15", "2027-09-15"}, {"2027-10-01", "2027-10-03"},
	}
	madeUp := []string{
		"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
		"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
	}
	for day := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2028; day = day.Add(24 * time.Hour) {
		text := day.Format(time.DateOnly)
		off := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		for _, span := range rest {
			off = off || span[0] <= text && text <= span[1]
		}
		if slices.Contains(madeUp, text) || !off {
			worked = append(worked, text)
		}
	}
	return worked
}

// model is a case as an accountant would follow it, day by day.
type model struct {
	worked   []string
	accepted time.Time
	moves    []Move
}

// nth is the nth worked day after a day, and for 0 the day itself or the next worked one.
func (m model) nth(after string, n int) string {
	if n == 0 {
		return m.worked[slices.IndexFunc(m.worked, func(d string) bool { return d >= after })]
	}
	return m.worked[slices.IndexFunc(m.worked, func(d string) bool { return d > after })+n-1]
}

func (m model) later(day string, n int) string {
	d, _ := time.Parse(time.DateOnly, day)
	return m.nth(d.AddDate(0, 0, n).Format(time.DateOnly), 0)
}

// covered: the whole day lies in the spans, which may touch each other.
func covered(day string, spans []workday.Span) bool {
	midnight, _ := time.ParseInLocation(time.DateOnly, day, clock.Shanghai)
	end := midnight.AddDate(0, 0, 1)
	for minute := midnight; minute.Before(end); minute = minute.Add(time.Minute) {
		if !slices.ContainsFunc(spans, func(s workday.Span) bool { return !minute.Before(s.Start) && !minute.Add(time.Minute).After(s.End) }) {
			return false
		}
	}
	return true
}

// due is the last day, or the moment of a limit in hours, as text; "" for none.
func (m model) due(limit workday.Limit) string {
	var spans []workday.Span
	extended, unit := 0, workday.Workdays
	for _, move := range m.moves {
		if move.Days > 0 {
			extended, unit = move.Days, move.Unit
		} else if !m.over(m.with(limit, spans, extended, unit), move.Start) {
			spans = append(spans, move.Span)
		}
	}
	return m.with(limit, spans, extended, unit)
}

func (m model) over(due string, now time.Time) bool {
	if len(due) > len(time.DateOnly) {
		return due <= now.UTC().Format(time.RFC3339)
	}
	return due != "" && due < now.In(clock.Shanghai).Format(time.DateOnly)
}

func (m model) with(limit workday.Limit, spans []workday.Span, extended int, unit workday.Unit) string {
	start := m.accepted.In(clock.Shanghai).Format(time.DateOnly)
	whole := 0
	for _, day := range m.worked {
		if covered(day, spans) {
			whole++
		}
	}
	switch limit.Unit {
	case workday.Workdays:
		return m.nth(m.nth(start, limit.Value), extended+whole)
	case workday.CalendarDays:
		day := m.later(start, limit.Value)
		if extended > 0 && unit == workday.CalendarDays {
			day = m.later(day, extended)
		} else {
			day = m.nth(day, extended)
		}
		return m.nth(day, whole)
	case workday.Hours:
		at := m.accepted.Add(time.Duration(limit.Value) * time.Hour)
		if extended > 0 { // it ends with a day then
			return m.nth(at.In(clock.Shanghai).Format(time.DateOnly), extended+whole)
		}
		for _, s := range spans {
			at = at.Add(s.End.Sub(s.Start))
		}
		return at.UTC().Format(time.RFC3339)
	}
	return ""
}

func said(due workday.Due) string {
	if !due.At.IsZero() {
		return due.At.UTC().Format(time.RFC3339)
	}
	return due.On.String()
}

// Two hundred cases go through the desk, across weekends, make-up days, Spring Festival and the end of the year, are suspended
// and extended, and stand as the slow model says after each step.
func TestGeneratedCasesAgreeWithTheSlowModel(t *testing.T) {
	t.Parallel()
	h := open(t)
	dice := rand.New(rand.NewPCG(20, 26))
	worked := modelDays()
	anchors := []string{"2025-01-24 09:00", "2025-09-26 15:00", "2025-12-29 10:00", "2026-02-10 09:00", "2026-04-30 16:00", "2026-09-18 09:00", "2026-12-21 11:00"}
	limits := []workday.Limit{days(0), days(1), days(3), days(10), days(20), calendarDays(7), calendarDays(30), calendarDays(60), {Value: 24, Unit: workday.Hours}, {Value: 72, Unit: workday.Hours}, {Unit: workday.Batch}, {}}
	suspended, extended, deemed, festivals := 0, 0, 0, 0
	for i := range storetest.Rounds(200) {
		moment := at(t, anchors[i%len(anchors)]).Add(time.Duration(dice.IntN(20*24*60)) * time.Minute)
		legal, promised := limits[dice.IntN(len(limits))], limits[dice.IntN(len(limits))]
		h.store.Clock().Set(moment)
		id := h.to(Received, h.file(claim))
		h.set(id, map[string]any{"legal_value": legal.Value, "legal_unit": legal.Unit, "promised_value": promised.Value, "promised_unit": promised.Unit})
		m := model{worked: worked, accepted: moment}
		if row := h.row(id); row.NoticeOn.String() != m.nth(clock.DateOf(moment).String(), 5) {
			t.Fatalf("received %s: the five days end on %s", moment, row.NoticeOn)
		}
		if dice.IntN(4) == 0 { // the county keeps silent
			h.store.Clock().Set(h.row(id).NoticeOn.End().Add(time.Duration(dice.IntN(48)) * time.Hour))
			must(t, h.do(Accept, h.system(), id))
			deemed++
		} else {
			must(t, h.do(Accept, h.window(), id))
		}
		must(t, h.do(Review, h.reviewer(), id))
		compare := func(step string) {
			t.Helper()
			row := h.row(id)
			both := row.dues()
			if got, model := [2]string{said(both.Legal), said(both.Promised)}, [2]string{m.due(legal), m.due(promised)}; got != model {
				t.Fatalf("case %d %s: accepted %s, limits %v %v, moves %v: %v, the model says %v", i, step, m.accepted, legal, promised, m.moves, got, model)
			}
			ends := []time.Time{}
			for _, due := range []workday.Due{both.Legal, both.Promised} {
				if !due.None() {
					ends = append(ends, due.Deadline())
				}
				if due.Provisional != (due.At.IsZero() && due.On.String() > "2026-12-31") {
					t.Fatalf("case %d %s: due on %s, provisional %t", i, step, due.On, due.Provisional)
				}
			}
			if row.Status != Suspended && len(ends) > 0 && !row.LateAt.Equal(slices.MinFunc(ends, time.Time.Compare)) {
				t.Fatalf("case %d %s: late at %s of %v", i, step, row.LateAt, ends)
			}
			if both.Binding().On.String() > "2026-02-14" && moment.Before(at(t, "2026-02-14 00:00")) {
				festivals++
			}
		}
		compare("accepted")
		for range dice.IntN(4) {
			h.pass(time.Duration(dice.IntN(9*24*60)) * time.Minute)
			if dice.IntN(2) == 0 && h.do(Extend, h.decider(), id) == nil {
				m.moves = append(m.moves, Move{Span: workday.Span{Start: h.store.Clock().Now()}, Days: 5, Unit: workday.Workdays})
				extended++
				compare("extended")
				continue
			}
			start := h.store.Clock().Now()
			must(t, h.do(Suspend, h.reviewer(), id))
			h.pass(time.Duration(dice.IntN(25*24*60)) * time.Minute)
			must(t, h.do(Resume, h.reviewer(), id))
			m.moves = append(m.moves, Move{Span: workday.Span{Start: start, End: h.store.Clock().Now()}})
			suspended++
			compare("resumed")
		}
	}
	t.Logf("%d suspensions, %d extensions, %d deemed, %d over Spring Festival", suspended, extended, deemed, festivals)
	if suspended < storetest.Rounds(100) || extended < storetest.Rounds(30) || deemed < storetest.Rounds(30) || festivals < storetest.Rounds(10) {
		t.Error("this tests too little")
	}
}

func TestExtensionInTheUnitOfTheItem(t *testing.T) {
	from := at(t, "2026-11-23 10:00")
	got := Count(holidays(t), from, calendarDays(60), []Move{{Span: workday.Span{Start: from.AddDate(0, 0, 30)}, Days: 30, Unit: workday.CalendarDays}})
	// 60 days end on Friday 2027-01-22, 30 more on Sunday 02-21: the next working day is the 22nd.
	if got.On.String() != "2027-02-22" || !got.Provisional {
		t.Errorf("%v", got)
	}
}

func TestReceiptInAndAfterOfficeHours(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, c := range [][3]string{
		{"2026-11-23 09:00", "2026-11-23 09:00", "2026-11-30"}, // Monday
		{"2026-11-23 07:10", "2026-11-23 08:30", "2026-11-30"},
		{"2026-11-23 16:30", "2026-11-24 08:30", "2026-12-01"},
		{"2026-11-27 20:00", "2026-11-30 08:30", "2026-12-07"}, // Friday evening
		{"2026-02-13 20:00", "2026-02-14 08:30", "2026-02-28"}, // into the make-up Saturday
		{"2026-02-16 12:00", "2026-02-24 08:30", "2026-03-02"}, // Spring Festival
	} {
		h.shanghai(c[0])
		id := h.to(Submitted, h.file(claim))
		received := at(t, c[1])
		if h.store.Clock().Now().Before(received) {
			want(t, h.do(Receive, h.system(), id), ErrTooEarly)
		}
		h.store.Clock().Set(received.Add(26 * time.Hour)) // the program was down, and the round comes late
		h.rounds()
		row := h.row(id)
		if shanghai(row.AppliedAt) != c[0] || shanghai(row.ReceivedAt) != c[1] || row.NoticeOn.String() != c[2] || row.Status != Received {
			t.Errorf("submitted %s: received %s, five days until %s, %s", c[0], shanghai(row.ReceivedAt), row.NoticeOn, row.Status)
		}
	}
}

// A light is seen at once and told once, and the deemed acceptance, which backdates, does not begin with a red one untold.
func TestEachLightIsToldOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.to(Accepted, h.file(claim)) // Monday; ten working days: due on 12-07, amber two days before
	told := func(n int) {
		t.Helper()
		for range 2 {
			h.rounds()
		}
		if got := h.letters("case.light", id); got != n {
			t.Errorf("told %d times, want %d", got, n)
		}
	}
	look := func(light workday.Light) {
		t.Helper()
		if got := h.row(id); got.LightAt(h.store.Clock().Now()) != light {
			t.Errorf("%s, want %s", got.LightAt(h.store.Clock().Now()), light)
		}
	}
	h.shanghai("2026-12-02 23:59")
	look(workday.Green)
	told(0)
	h.shanghai("2026-12-03 00:00")
	look(workday.Amber)
	told(1)
	h.shanghai("2026-12-08 00:00")
	look(workday.Red)
	told(2)
	must(t, h.do(Review, h.reviewer(), id))
	must(t, h.do(Suspend, h.reviewer(), id))
	h.shanghai("2026-12-15 09:00")
	look(workday.Red) // what was late stays late
	must(t, h.do(Resume, h.reviewer(), id))
	if row := h.row(id); row.PromisedOn.String() != "2026-12-07" {
		t.Errorf("a suspension after the due date moved it to %s", row.PromisedOn)
	}
	must(t, h.do(Grant, h.decider(), id))
	h.pass(300 * 24 * time.Hour)
	look(workday.Red)
	told(2)

	silent := h.to(Received, h.file(claim))
	h.set(silent, map[string]any{"promised_value": 1})
	h.pass(15 * 24 * time.Hour)
	h.rounds()
	row := h.row(silent)
	if row.Status != Accepted || row.LightAt(h.store.Clock().Now()) != workday.Red {
		t.Errorf("%s, %s", row.Status, row.LightAt(h.store.Clock().Now()))
	}
	h.rounds()
	if n := h.letters("case.light", silent); n != 1 {
		t.Errorf("told %d times", n)
	}
	h.sound()
}

// With another calendar every open date is counted again, once, with a row of the trail for each case that moved.
func TestAnotherCalendarCountsAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.shanghai("2026-12-24 09:00")
	ids := map[string]string{}
	for _, name := range []string{"received", "accepted", "suspended", "granted", "submitted"} {
		ids[name] = h.file(claim)
	}
	ids["correcting"] = h.file(legalAid)
	h.to(Received, ids["received"])
	h.to(Accepted, ids["accepted"])
	h.to(Suspended, ids["suspended"])
	h.to(Granted, ids["granted"])
	h.to(Correcting, ids["correcting"])
	h.shanghai("2026-12-31 18:00") // after hours: the next opening is in a year that is not known yet
	h.to(Submitted, ids["submitted"])
	finished := h.to(Refused, h.file(claim))
	before := map[string]Case{}
	for name, id := range ids {
		before[name] = h.row(id)
	}
	if got := [6]string{
		before["received"].NoticeOn.String(), before["accepted"].PromisedOn.String(), before["suspended"].PromisedOn.String(),
		before["granted"].DeliverOn.String(), before["correcting"].CorrectOn.String(), shanghai(before["submitted"].NextAt),
	}; got != [6]string{"2026-12-31", "2027-01-08", "2027-01-08", "2027-01-08", "2027-01-15", "2027-01-04 08:30"} {
		t.Fatalf("%v", got)
	}
	table, err := os.ReadFile(filepath.Join(countyFolder(), "holidays.csv"))
	must(t, err)
	text := string(table)
	known := text[:strings.Index(text, "2027-")] + "2027-01-01,off,元旦,示例通知\n2027-01-04,off,元旦,示例通知\n"
	later := desk(t, h.store, h.people, calendarOf(t, known))
	recount := func() {
		t.Helper()
		for range 2 {
			_, err = later.Rounds(t.Context())
			must(t, err)
		}
	}
	h.shanghai("2026-12-31 19:00")
	recount()
	after := map[string]Case{}
	for name, id := range ids {
		after[name] = h.row(id)
	}
	if got := [6]string{
		after["received"].NoticeOn.String(), after["accepted"].PromisedOn.String(), after["suspended"].PromisedOn.String(),
		after["granted"].DeliverOn.String(), after["correcting"].CorrectOn.String(), shanghai(after["submitted"].NextAt),
	}; got != [6]string{"2026-12-31", "2027-01-11", "2027-01-11", "2027-01-11", "2027-01-18", "2027-01-05 08:30"} {
		t.Fatalf("%v", got)
	}
	for name, id := range ids {
		var trail []store.TrailRow
		must(t, h.store.Read(t.Context()).Where("act = 'case.recount' AND object = ?", id).Find(&trail).Error)
		rows, versions := 1, 1
		if name == "received" { // its five days end in a known year
			rows, versions = 0, 0
		}
		if len(trail) != rows || after[name].Version != before[name].Version+versions {
			t.Errorf("%s: %d rows of trail, version %d to %d", name, len(trail), before[name].Version, after[name].Version)
		}
		if rows == 1 && !strings.Contains(trail[0].Body, `"from":"`) {
			t.Errorf("%s: the trail does not say what it was: %s", name, trail[0].Body)
		}
	}
	if row := h.row(finished); row.CountedWith != nil {
		t.Error("what is over is counted again")
	}
	if row := h.row(ids["accepted"]); row.PromisedProvisional || row.LateAt == nil || !row.LateAt.Equal(row.PromisedOn.End()) {
		t.Errorf("provisional %t, late at %v", row.PromisedProvisional, row.LateAt)
	}
	h.sound()
}
