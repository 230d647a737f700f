package appeal

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

func TestExtensionOnceBeforeDue(t *testing.T) {
	h := open_(t)
	id := h.to(Handling, h.submit().ID) // due on Thursday 11-26
	extend := func(days int) (Seen, error) {
		return h.Extend(t.Context(), h.supervisor(), id, Extension{Days: days, Text: "配件要从外地运来。"})
	}
	for _, days := range []int{0, -1, 11} {
		_, err := extend(days)
		wrongField(t, err, "body.days")
	}
	h.shanghai("2026-11-26 23:59")
	seen, err := extend(10)
	must(t, err)
	if seen.DueOn.String() != "2026-12-10" || seen.Light != workday.Green || seen.Extensions != 1 {
		t.Errorf("due on %s, %s", seen.DueOn, seen.Light)
	}
	_, err = extend(1)
	want(t, err, ErrExtended)

	late := h.to(Handling, h.submit().ID) // due on Tuesday 12-01
	h.shanghai("2026-12-02 00:00")
	err = h.do(Extend, h.supervisor(), late)
	want(t, err, ErrExtendLate)
	mine, err := h.Get(t.Context(), h.resident, id)
	must(t, err)
	last := mine.History[len(mine.History)-1]
	if last.Act != Extend || last.Words != "配件要从外地运来。" || last.Detail.Days != 10 {
		t.Errorf("the petitioner is told %+v", last)
	}
}

func TestShelvingStopsTheClock(t *testing.T) {
	h := open_(t)
	shelve := func(id string, on string) (Seen, error) {
		day, err := clock.ParseDate(on)
		must(t, err)
		return h.Shelve(t.Context(), h.supervisor(), id, Shelving{ReviewOn: day, Text: "等春天化冻再挖沟。"})
	}
	id := h.to(Handling, h.submit().ID) // Monday; due on Thursday 11-26
	for _, on := range []string{"2026-11-23", "2026-11-01", "2027-11-23"} {
		_, err := shelve(id, on)
		wrongField(t, err, "body.review_on")
	}
	h.shanghai("2026-11-24 10:00")
	_, err := shelve(id, "2026-12-07")
	must(t, err)
	h.shanghai("2026-12-06 23:00")
	if moved := h.rounds(); moved != 0 {
		t.Errorf("%d moved while the clock stands", moved)
	}
	want(t, h.do(Resume, h.system(), id), ErrTooEarly)
	want(t, h.do(Resume, h.as("officer-water", officer), id), fault.NotFound)
	h.shanghai("2026-12-07 08:00")
	h.rounds()
	// 11-24 is covered in part and counts as used; the eight working days from 11-25 to 12-04 are covered wholly.
	row := h.row(id)
	if row.Status != Handling || row.DueOn.String() != "2026-12-08" || row.ShelvedAt != nil || !row.ReviewOn.IsZero() || row.NextAt != nil {
		t.Errorf("%s, due on %s", row.Status, row.DueOn)
	}

	// What was late before stays late.
	late := h.to(Handling, h.submit().ID) // due on 12-10
	h.shanghai("2026-12-11 09:00")
	h.rounds()
	_, err = shelve(late, "2026-12-14")
	must(t, err)
	h.shanghai("2026-12-14 09:00")
	h.rounds()
	if row := h.row(late); row.DueOn.String() != "2026-12-10" || row.Light != workday.Red || row.LightAt(h.store.Clock().Now()) != workday.Red {
		t.Errorf("shelving made a late appeal due on %s, %s", row.DueOn, row.Light)
	}
	if n := h.letters("appeal.escalate", late); n != 1 {
		t.Errorf("escalated %d times", n)
	}
	h.sound()
}

// A light is seen at once and told once, whoever looks how often.
func TestEachLightIsToldOnce(t *testing.T) {
	h := open_(t)
	id := h.to(Handling, h.submit().ID) // due on Thursday 11-26: amber from Wednesday on
	look := func(want workday.Light) {
		t.Helper()
		seen, err := h.Get(t.Context(), h.dispatcher(), id)
		must(t, err)
		if seen.Light != want {
			t.Errorf("%s, want %s", seen.Light, want)
		}
		for _, light := range []workday.Light{workday.Green, workday.Amber, workday.Red} {
			list, err := h.List(t.Context(), h.dispatcher(), Filter{Light: light, Limit: 10})
			must(t, err)
			if (len(list) == 1) != (light == want) {
				t.Errorf("the list of %s has %d while it is %s", light, len(list), want)
			}
		}
	}
	told := func(n int) {
		t.Helper()
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				if _, err := h.Rounds(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		h.rounds()
		if got := h.letters("appeal.light", id); got != n {
			t.Errorf("told %d times, want %d", got, n)
		}
	}
	h.shanghai("2026-11-24 23:59")
	look(workday.Green)
	told(0)
	h.shanghai("2026-11-25 00:00")
	look(workday.Amber)
	told(1)
	h.shanghai("2026-11-26 23:59")
	look(workday.Amber)
	told(1)
	h.shanghai("2026-11-27 00:00")
	look(workday.Red)
	told(2)
	if n := h.letters("appeal.escalate", id); n != 1 {
		t.Errorf("escalated %d times", n)
	}
	must(t, h.do(Reply, h.officer(), id))
	h.shanghai("2026-12-24 00:00")
	look(workday.Red)
	told(2)
	h.sound()
}

func TestRepliedInTimeStaysGreen(t *testing.T) {
	h := open_(t)
	id := h.to(Replied, h.submit().ID)
	h.pass(90 * 24 * time.Hour)
	seen, err := h.Get(t.Context(), h.resident, id)
	must(t, err)
	if seen.Light != workday.Green {
		t.Errorf("%s", seen.Light)
	}
}

// A due date counted through a year without its notice is counted again when the notice is loaded.
func TestAProvisionalDueDateIsCountedAgain(t *testing.T) {
	h := open_(t)
	h.shanghai("2026-12-24 09:00")
	id := h.to(Handling, h.submit(func(s *Submission) { s.Class = Complaint }).ID)
	must(t, h.do(Extend, h.supervisor(), id))
	before := h.row(id)
	if !before.DueProvisional || before.DueOn.String() != "2027-01-15" {
		t.Fatalf("due on %s", before.DueOn)
	}
	if moved := h.rounds(); moved != 0 {
		t.Error("counted again without a notice")
	}
	table, err := os.ReadFile(countyFolder() + "/holidays.csv")
	must(t, err)
	text := string(table)
	text = text[:strings.Index(text, "2027-")] + "2027-01-01,off,元旦,示例通知\n2027-01-04,off,元旦,示例通知\n"
	calendar, err := workday.ReadCalendar(strings.NewReader(text))
	must(t, err)
	later, _ := desk(t, h.store, calendar)
	for range 2 {
		_, err = later.Rounds(t.Context())
		must(t, err)
	}
	after := h.row(id)
	if after.DueProvisional || after.DueOn.String() != "2027-01-18" || after.Version != before.Version+1 {
		t.Errorf("due on %s, provisional %v, version %d", after.DueOn, after.DueProvisional, after.Version)
	}
	var letter store.Letter // the petitioner is told the new day, and it stands in his history
	must(t, h.store.Read(t.Context()).Where("topic = 'appeal.move_day' AND object = ?", id).Take(&letter).Error)
	if _, told, err := later.Told(t.Context(), letter); err != nil || !strings.Contains(told, "最晚2027年1月18日给您结果") {
		t.Errorf("%q, %v", told, err)
	}
	mine, err := later.Get(t.Context(), h.resident, id)
	must(t, err)
	if last := mine.History[len(mine.History)-1]; last.Act != moveDayAct || last.Text != tellings[moveDayAct].Said {
		t.Errorf("%+v", last)
	}
	h.sound()
}

func TestTheProgramOpensAndEndsTheFollowUp(t *testing.T) {
	h := open_(t)
	id := h.to(Replied, h.submit().ID) // Monday
	h.shanghai("2026-11-24 23:59")
	h.rounds()
	want(t, h.do(StartFollowUp, h.system(), id), ErrTooEarly)
	h.shanghai("2026-11-25 00:00")
	h.rounds()
	if row := h.row(id); row.Status != FollowingUp {
		t.Fatalf("%s", row.Status)
	}
	want(t, h.do(Conclude, h.system(), id), ErrTooEarly)
	h.shanghai("2026-12-02 23:59")
	h.rounds()
	if row := h.row(id); row.Status != FollowingUp {
		t.Fatalf("%s too early", row.Status)
	}
	h.shanghai("2026-12-03 00:00")
	h.rounds()
	if row := h.row(id); row.Status != Concluded || row.Solved != nil || row.ConcludedAt == nil {
		t.Fatalf("%s", row.Status)
	}

	anonymous := h.anonymousReplied()
	h.rounds()
	if row := h.row(anonymous); row.Status != Concluded {
		t.Errorf("an anonymous appeal is %s", row.Status)
	}
	unreachable := h.to(FollowingUp, h.submit().ID)
	for range 2 {
		must(t, h.do(Attempt, h.followUp(), unreachable))
	}
	_, err := h.Attempt(t.Context(), h.followUp(), unreachable, Try{Result: "reached"})
	must(t, err)
	if h.rounds(); h.row(unreachable).Status != FollowingUp {
		t.Error("concluded after two failed attempts")
	}
	must(t, h.do(Attempt, h.followUp(), unreachable))
	if h.rounds(); h.row(unreachable).Status != Concluded {
		t.Error("not concluded after three failed attempts")
	}
	h.sound()
}

// One appeal that cannot be moved keeps no other waiting.
func TestARoundPassesOverWhatFails(t *testing.T) {
	h := open_(t)
	broken, good := h.to(Replied, h.submit().ID), h.to(Replied, h.submit().ID)
	must(t, h.store.Write(t.Context(), h.system(), func(tx *store.Tx) error {
		return tx.Table("appeals").Where("id = ?", broken).UpdateColumn("text", []byte("damaged")).Error
	}))
	h.pass(7 * 24 * time.Hour)
	moved, err := h.Rounds(t.Context())
	if err == nil || moved != 1 {
		t.Errorf("%d moved, error %v", moved, err)
	}
	if states := [2]flow.State{h.row(broken).Status, h.row(good).Status}; states != [2]flow.State{Replied, FollowingUp} {
		t.Errorf("%v", states)
	}
}
