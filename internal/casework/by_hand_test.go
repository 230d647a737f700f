package casework

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	platform "tongban/internal/county"
	"tongban/internal/county/standin"
	"tongban/internal/store"
)

// byHandList are the cases that the clerk must tell the county of.
func (h *hall) byHandList() (ids []string) {
	h.t.Helper()
	seen, err := h.List(h.t.Context(), h.clerk(), Filter{Queue: "by_hand", Limit: 10})
	must(h.t, err)
	for _, s := range seen {
		ids = append(ids, s.ID)
	}
	return ids
}

// contents are how many sheets with people's names are kept.
func (h *hall) contents() (n int64) {
	h.t.Helper()
	must(h.t, h.store.Read(h.t.Context()).Table("case_handovers").Where("content IS NOT NULL").Count(&n).Error)
	return n
}

// TestThePlatformIsSwitchedOff while letters are on their way: they are people's at once, and in a county without one nothing is.
func TestThePlatformIsSwitchedOff(t *testing.T) {
	t.Parallel()
	h := connect(t)
	must(t, h.Play(standin.Script{Requests: []standin.Trouble{{Do: standin.Down, For: "1h"}}}))
	id, other := h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim))
	h.carry()
	to := h.Desk.platform
	h.Desk.platform = nil
	h.pass(2 * time.Hour)
	never := h.to(Submitted, h.file(claim))
	for h.carry() > 0 {
		h.pass(time.Hour)
	}
	if got := h.byHandList(); !slices.Equal(got, []string{other, id}) || h.letters(HandoverTopic, never) != 0 {
		t.Fatalf("to be told by hand: %v", got)
	}
	_, err := h.TypeCountyNumber(t.Context(), h.clerk(), id, CountyNumber{Number: "XZ2026-1"})
	must(t, err)
	h.Desk.platform = to // and the administrator releases the other one
	must(t, h.store.Write(t.Context(), h.system(), func(tx *store.Tx) error {
		return tx.Table("outbox").Where("topic = ? AND status = ?", HandoverTopic, store.LetterStuck).UpdateColumns(map[string]any{"status": store.LetterWaiting}).Error
	}))
	h.carry()
	if got := h.handings(other); !slices.Equal(got, []string{"submit sent"}) || len(h.Server.Standings()) != 1 {
		t.Errorf("%v, %d at the county", got, len(h.Server.Standings()))
	}
	h.sound()
}

// TestLostLettersAreFound: what counted as delivered while there was no platform is on the list for people after the migration.
func TestLostLettersAreFound(t *testing.T) {
	t.Parallel()
	h := connect(t)
	done := h.to(Submitted, h.file(claim))
	h.carry()
	lost := h.to(Submitted, h.file(claim))
	text, err := os.ReadFile(filepath.Join("..", "store", "migrations", "0063_lost_letters.sql"))
	must(t, err)
	must(t, h.store.Write(t.Context(), h.system(), func(tx *store.Tx) error {
		err := tx.Table("outbox").Where("kind = ?", handoverKind).UpdateColumns(map[string]any{"status": store.LetterDone, "done_at": tx.Now}).Error
		if err != nil {
			return err
		}
		return tx.Exec(string(text)).Error
	}))
	if got := h.byHandList(); !slices.Equal(got, []string{lost}) {
		t.Errorf("to be told by hand: %v, want %s and not %s", got, lost, done)
	}
	_, err = h.TypeCountyNumber(t.Context(), h.clerk(), lost, CountyNumber{Number: "XZ2026-1"})
	must(t, err)
	h.sound()
}

// TestWhoTypedOldNumbers is told from the history.
func TestWhoTypedOldNumbers(t *testing.T) {
	t.Parallel()
	h := connect(t)
	given := h.to(Submitted, h.file(claim))
	h.carry()
	to := h.Desk.platform
	h.Desk.platform = nil
	typed := h.to(Submitted, h.file(claim))
	h.Desk.platform = to
	_, err := h.TypeCountyNumber(t.Context(), h.clerk(), typed, CountyNumber{Number: "XZ2026-1"})
	must(t, err)
	h.set(typed, map[string]any{"number_typed": false})
	text, err := os.ReadFile(filepath.Join("..", "store", "migrations", "0064_numbers_typed.sql"))
	must(t, err)
	_, mark, found := strings.Cut(string(text), "UPDATE cases")
	if !found {
		t.Fatal("the migration marks no cases")
	}
	must(t, h.store.Write(t.Context(), h.system(), func(tx *store.Tx) error { return tx.Exec("UPDATE cases" + mark).Error }))
	if h.row(given).NumberTyped || !h.row(typed).NumberTyped {
		t.Errorf("typed: %t and %t", h.row(given).NumberTyped, h.row(typed).NumberTyped)
	}
}

// TestAnAnswerBringsItsOwnPhotos, and not those that were told to be wrong; where it brings none, nothing proves it.
func TestAnAnswerBringsItsOwnPhotos(t *testing.T) {
	t.Parallel()
	h := connect(t)
	answer := func(files ...string) (sent []string) {
		id := h.file(claim)
		papers := h.allPapers(id)
		for i := range papers {
			if papers[i].Material == "id_card" {
				papers[i].Files = []string{h.photo(h.clerk(), 10)}
			}
		}
		must(t, errOf(h.Submit(t.Context(), h.clerk(), id, Submission{Papers: papers})))
		h.carry()
		h.countyDoes(id, Receive, AskCorrection)
		must(t, errOf(h.Correct(t.Context(), h.clerk(), id, Correction{Papers: []Paper{{Material: "id_card", Files: files}}})))
		var row handoverRow
		must(t, h.store.Read(t.Context()).Where("case_id = ? AND act = 'correct'", id).Take(&row).Error)
		text, err := h.store.Keys().Open(sealedHandover(row.ID), row.Content)
		must(t, err)
		var told sheet
		must(t, json.Unmarshal(text, &told))
		for _, p := range told.Papers {
			sent = append(sent, p.ID)
		}
		h.carry()
		if got := h.standings()[h.numberOf(id)]; got != platform.Received {
			t.Errorf("after the answer the county has it as %s", got)
		}
		return sent
	}
	fresh := h.photo(h.clerk(), 200)
	if sent := answer(fresh); !slices.Equal(sent, []string{fresh}) {
		t.Errorf("%d photos went with the answer", len(sent))
	}
	if sent := answer(); len(sent) != 0 {
		t.Errorf("%d old photos went with an answer without any", len(sent))
	}
	h.sound()
}

// TestWhatIsOverNeedsNoNumber: a case that was taken back before it got to the county leaves the list with a reason, and what was to be told goes.
func TestWhatIsOverNeedsNoNumber(t *testing.T) {
	t.Parallel()
	h := connect(t)
	must(t, h.Play(standin.Script{Requests: []standin.Trouble{{Times: 99, Do: standin.Fail, Status: 422}}}))
	id := h.to(Submitted, h.file(claim))
	because := func(in CountyNumber) error {
		_, err := h.TypeCountyNumber(t.Context(), h.clerk(), id, in)
		return err
	}
	reason := CountyNumber{Because: "申请人已经撤回，不用再报。"}
	want(t, because(reason), ErrNotOver)
	h.carry()
	want(t, because(reason), ErrNotOver)
	must(t, h.do(Withdraw, h.clerk(), id))
	want(t, because(reason), ErrOnItsWay) // the withdrawal
	h.carry()
	if got := h.byHandList(); !slices.Equal(got, []string{id}) || h.contents() != 2 {
		t.Fatalf("the list is %v, and %d contents are kept", got, h.contents())
	}
	for name, in := range map[string]CountyNumber{"nothing": {}, "no reason": {Because: " "}, "both": {Number: "XZ2026-1", Because: reason.Because}} {
		if because(in) == nil {
			t.Errorf("%s is taken", name)
		}
	}
	must(t, because(reason))
	seen, err := h.Get(t.Context(), h.clerk(), id)
	must(t, err)
	last := seen.History[len(seen.History)-1]
	if seen.Handing != HandingNoNeed || seen.CountyNo != "" || last.Act != noNeedAct || last.Words != reason.Because || last.Text == "" {
		t.Errorf("%q, %q, %+v", seen.Handing, seen.CountyNo, last)
	}
	if got := h.byHandList(); len(got) != 0 || h.contents() != 0 || h.trailsOf("case.no_handover", id) != 1 {
		t.Errorf("the list is %v, and %d contents are kept", got, h.contents())
	}
	want(t, because(reason), ErrNoneStuck)
	h.pass(100 * time.Hour)
	h.carry()
	if len(h.Server.Standings()) != 0 {
		t.Error("it was told after all")
	}
	h.sound()
}
