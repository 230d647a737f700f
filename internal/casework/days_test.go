package casework

import (
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/docket"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// inbox are the sentences that the residents' inboxes get of such letters about the case, oldest first.
func (h *house) inbox(topic, id string) (said []string) {
	h.t.Helper()
	var letters []store.Letter
	must(h.t, h.store.Read(h.t.Context()).Where("topic = ? AND object = ?", topic, id).Order("id").Find(&letters).Error)
	for _, l := range letters {
		_, text, err := h.Told(h.t.Context(), l)
		must(h.t, err)
		said = append(said, text)
	}
	return said
}

// slip is how the case stands for whoever holds its slip.
func (h *house) slip(id string) docket.Tracked {
	h.t.Helper()
	number, code := *h.row(id).Number, ""
	must(h.t, h.store.Write(h.t.Context(), h.system(), func(tx *store.Tx) (err error) {
		var kept string
		if code, kept, err = tx.QueryCode(number); err != nil {
			return err
		}
		return tx.Table("cases").Where("id = ?", id).UpdateColumn("query_mac", kept).Error
	}))
	seen, err := h.Track(h.t.Context(), "192.0.2.9", number, code)
	must(h.t, err)
	return seen
}

// known replaces what the calendar guesses of 2027 by a notice with two days off.
func (h *house) known() *Desk {
	h.t.Helper()
	table, err := fs.ReadFile(countyFS(), "holidays.csv")
	must(h.t, err)
	text := string(table)
	text = text[:strings.Index(text, "2027-")] + "2027-01-01,off,元旦,示例通知\n2027-01-04,off,元旦,示例通知\n"
	return desk(h.t, h.store, h.people, calendarOf(h.t, text))
}

// Amber was told; a calendar that moves the day and leaves it amber is no news.
func TestAmberIsToldOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.shanghai("2026-12-30 09:00")
	id := h.to(Received, h.file(claim))
	h.store.Clock().Set(h.row(id).NoticeOn.Start().Add(9 * time.Hour))
	h.rounds()
	if h.row(id).Light != workday.Amber || h.letters("case.light", id) != 1 {
		t.Fatalf("%s after %d letters", h.row(id).Light, h.letters("case.light", id))
	}
	was, later := h.row(id).NoticeOn, h.known()
	for range 3 {
		_, err := later.Rounds(t.Context())
		must(t, err)
	}
	if now := h.row(id); now.NoticeOn == was || now.Light != workday.Amber || h.letters("case.light", id) != 1 {
		t.Errorf("from %s to %s it is %s after %d letters", was, now.NoticeOn, now.Light, h.letters("case.light", id))
	}
}

// A day in a year whose holidays are not published is told as what it is: on paper, to the holder of the slip and to the applicant.
func TestProvisionalDaysAreToldAsSuch(t *testing.T) {
	t.Parallel()
	h := open(t)
	says := func(id string, of DocumentKind) bool {
		t.Helper()
		list := h.documents(h.window(), id)
		at := slices.IndexFunc(list, func(d Document) bool { return d.Kind == of })
		if at < 0 {
			t.Fatalf("no %s", of)
		}
		h.genuine(list[at])
		return slices.Contains(list[at].Says.Paragraphs, provisionalPaper)
	}
	firm := h.to(Accepted, h.file(claim))
	for _, of := range []DocumentKind{ReceiptPaper, AcceptancePaper} {
		if says(firm, of) {
			t.Errorf("%s tells a firm day as provisional", of)
		}
	}
	if h.slip(firm).Provisional {
		t.Error("a firm day is provisional on the slip")
	}

	h.shanghai("2026-12-21 09:00")
	accepted := h.to(Reviewing, h.file(claim)) // ten working days
	if row := h.row(accepted); row.dues().Binding().On.Year != 2027 {
		t.Fatalf("due on %s", row.dues().Binding().On)
	}
	if says(accepted, ReceiptPaper) || !says(accepted, AcceptancePaper) || !h.slip(accepted).Provisional {
		t.Error("a provisional due day is told as firm, or a firm one as provisional")
	}
	must(t, h.do(Extend, h.decider(), accepted))
	if !says(accepted, ExtensionPaper) {
		t.Error("an extension tells a provisional day as firm")
	}
	correcting := h.to(Correcting, h.file(legalAid)) // fifteen working days
	slip := h.slip(correcting)
	if row := h.row(correcting); !row.CorrectProvisional || !says(correcting, CorrectionPaper) || !slip.Provisional || slip.CorrectOn != row.CorrectOn || slip.CorrectOn.IsZero() {
		t.Errorf("until %s, %+v", row.CorrectOn, slip)
	}
	told := h.inbox("case.ask_correction", correcting)
	if len(told) != 1 || !strings.Contains(told[0], "最晚2027年1月12日"+workday.ProvisionalText+"补齐") {
		t.Errorf("%v", told)
	}
	granted := h.to(Granted, h.file(claim))
	if seen, err := h.Get(t.Context(), h.resident, granted); err != nil || !seen.Provisional || !h.row(granted).DeliverProvisional {
		t.Errorf("delivery until %s is told as firm, %v", seen.DeliverOn, err)
	}
	h.sound()
}

// When the notice is loaded, whoever was told another day is told the new one; where the day stays, nobody is bothered.
func TestWhoWasToldAnotherDayIsToldTheNewOne(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.shanghai("2026-12-24 09:00")
	moved := map[string]string{
		h.to(Accepted, h.file(claim)):      "最晚2027年1月11日给您结果",
		h.to(Suspended, h.file(claim)):     "不算特别程序的时间，最晚2027年1月11日给您结果",
		h.to(Granted, h.file(claim)):       "最晚2027年1月11日把决定书送达给您",
		h.to(Correcting, h.file(legalAid)): "最晚2027年1月18日补齐",
	}
	stays := h.to(Received, h.file(claim)) // its five days end in a known year
	h.shanghai("2026-12-25 10:00")
	later := h.known()
	for range 2 {
		_, err := later.Rounds(t.Context())
		must(t, err)
	}
	for id, words := range moved {
		if told := h.inbox("case.move_day", id); len(told) != 1 || !strings.Contains(told[0], words) || strings.Contains(told[0], workday.ProvisionalText) {
			t.Errorf("%s: %v", words, told)
		}
		mine, err := later.Get(t.Context(), h.resident, id)
		must(t, err)
		last := mine.History[len(mine.History)-1]
		if last.Act != moveDayAct || last.Text != tellings[moveDayAct].Said || last.Detail.DueOn.IsZero() == last.Detail.UntilOn.IsZero() || mine.Provisional {
			t.Errorf("%s: %+v", words, last)
		}
		slip := h.slip(id)
		if line := slip.History[len(slip.History)-1]; line.Text != tellings[moveDayAct].Said || slip.Provisional {
			t.Errorf("%s: %+v", words, slip)
		}
	}
	if n := h.letters("case.move_day", stays); n != 0 {
		t.Errorf("%d letters of a day that stays", n)
	}
	if row := h.row(stays); *row.CountedWith != later.mark {
		t.Error("it was not looked at")
	}
	h.sound()
}

// The applicant's own last day is in the letter, in his clerk's lists, and he is reminded of it once, by whichever replica comes first.
func TestTheApplicantsOwnLastDay(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	id := h.to(Correcting, h.file(legalAid)) // Monday 11-23, fifteen working days: Monday 12-14
	if told := h.inbox("case.ask_correction", id); len(told) != 1 || !strings.Contains(told[0], "最晚2026年12月14日补齐") {
		t.Errorf("%v", told)
	}
	ruleless := h.to(Correcting, h.file(claim))
	if told := h.inbox("case.ask_correction", ruleless); len(told) != 1 || strings.Contains(told[0], "最晚") || h.row(ruleless).RemindAt != nil {
		t.Errorf("an item without the rule: %v", told)
	}
	answered := h.to(Correcting, h.file(legalAid))
	must(t, h.do(Correct, h.clerk(), answered))
	if row := h.row(answered); row.RemindAt != nil || !row.CorrectOn.IsZero() {
		t.Errorf("corrected, and to be reminded at %v", row.RemindAt)
	}
	must(t, h.do(Accept, h.window(), answered))
	away := h.to(Correcting, h.file(legalAid))
	must(t, h.do(Withdraw, h.clerk(), away))

	h.shanghai("2026-12-11 08:29")
	h.rounds()
	if n := h.letters("case.remind_correction", id); n != 0 {
		t.Error("reminded too early")
	}
	h.shanghai("2026-12-11 08:30") // Friday, as the offices open
	again := desk(t, h.store, h.people, holidays(t))
	var replicas sync.WaitGroup
	for _, d := range []*Desk{h.Desk, again, h.Desk, again} {
		replicas.Go(func() {
			if _, err := d.Rounds(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	replicas.Wait()
	h.rounds()
	for _, none := range []string{ruleless, answered, away} {
		if n := h.letters("case.remind_correction", none); n != 0 {
			t.Error("reminded of nothing")
		}
	}
	if told := h.inbox("case.remind_correction", id); len(told) != 1 || !strings.Contains(told[0], "最晚2026年12月14日补齐") {
		t.Errorf("%v", told)
	}
	// Another calendar, and what an upgrade leaves behind, count again: nobody is reminded twice.
	h.set(id, map[string]any{"counted_with": ""})
	h.rounds()
	if n := h.letters("case.remind_correction", id); n != 1 || h.row(id).RemindAt != nil {
		t.Errorf("reminded %d times", n)
	}

	listed := func(queue string) bool {
		t.Helper()
		list, err := h.List(ctx, h.clerk(), Filter{Queue: queue, Limit: 100})
		must(t, err)
		return slices.ContainsFunc(list, func(s Seen) bool { return s.ID == id })
	}
	for _, c := range []struct {
		moment     string
		today, red bool
	}{{"2026-12-13 23:59", false, false}, {"2026-12-14 00:00", true, false}, {"2026-12-14 23:59", true, false}, {"2026-12-15 00:00", false, true}} {
		h.shanghai(c.moment)
		if today, red := listed("due_today"), listed("red"); today != c.today || red != c.red {
			t.Errorf("%s: due today %t, red %t", c.moment, today, red)
		}
	}
	h.rounds()
	if row := h.row(id); row.Status != Lapsed {
		t.Errorf("%s", row.Status)
	}
	h.sound()
}

// A case that was given back before the program knew reminders is reminded too, and never after its last day.
func TestRemindersAfterAnUpgrade(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.to(Correcting, h.file(legalAid))
	h.set(id, map[string]any{"counted_with": "", "remind_at": nil})
	h.rounds()
	row := h.row(id)
	if shanghai(row.RemindAt) != "2026-12-11 08:30" {
		t.Errorf("to be reminded at %s", shanghai(row.RemindAt))
	}
	h.shanghai("2026-12-15 00:00")
	row = h.row(id)
	want(t, h.remind(t.Context(), &row), store.ErrStays)
	h.pass(time.Minute)
	h.rounds()
	if n := h.letters("case.remind_correction", id); n != 0 || h.row(id).Status != Lapsed {
		t.Error("reminded of a day that is over")
	}
	h.sound()
}

// A county's texts of an earlier release have no place for it: they serve, and are named.
func TestTextsWithoutAPlaceForProvisionalDaysAreNamed(t *testing.T) {
	rules, err := ReadRules(countyFS())
	must(t, err)
	if lacking := rules.Texts.Lacking(); len(lacking) != 0 {
		t.Errorf("%v", lacking)
	}
	older := slices.DeleteFunc(slices.Clone(rules.Texts), func(x Text) bool { return x.Kind == AcceptancePaper && x.Version == 2 })
	must(t, older.Check())
	if lacking := older.Lacking(); !slices.Equal(lacking, []string{"acceptance 1"}) {
		t.Errorf("%v", lacking)
	}
}
