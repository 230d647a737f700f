package casework

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	platform "tongban/internal/county"
	"tongban/internal/county/standin"
	"tongban/internal/store"
)

// says carries one message of the county's in, as over the wire.
func (h *hall) says(e platform.Event) {
	h.t.Helper()
	keys, err := platform.ParseKeys("k1:0123456789abcdef0123456789abcdef")
	must(h.t, err)
	mapping, err := platform.ReadMapping(os.DirFS(countyFolder()))
	must(h.t, err)
	e.At = h.store.Clock().Now()
	body, err := mapping.EncodeEvent(e)
	must(h.t, err)
	m := platform.Message{Method: "POST", Target: "/callbacks", Body: body}
	_, err = h.inbox.Take(h.t.Context(), keys.Sign(h.store.Clock().Now(), m), m)
	must(h.t, err)
}

// TestANumberIsOneCases: a number cannot be typed in for two cases of the county, one after another or at once; the slip of the pen is put right first.
func TestANumberIsOneCases(t *testing.T) {
	t.Parallel()
	h := open(t)
	one, other := h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim))
	typed := func(id, number string) error {
		_, err := h.TypeCountyNumber(t.Context(), h.clerk(), id, CountyNumber{Number: number})
		return err
	}
	must(t, typed(one, "XZ2026-1"))
	want(t, typed(other, "XZ2026-1"), ErrNumberTaken)
	must(t, typed(one, "XZ2026-1")) // again
	must(t, typed(one, "XZ2026-2"))
	must(t, typed(other, "XZ2026-1"))
	want(t, typed(one, "XZ2026-1"), ErrNumberTaken)
	for n := range *raceRounds {
		number := "XZ-race-" + strings.Repeat("x", n+1)
		var errs [2]error
		var running sync.WaitGroup
		start := make(chan struct{})
		for i, id := range []string{one, other} {
			running.Go(func() {
				<-start
				errs[i] = typed(id, number)
			})
		}
		close(start)
		running.Wait()
		if lost := slices.IndexFunc(errs[:], func(err error) bool { return errors.Is(err, ErrNumberTaken) }); lost < 0 || errs[1-lost] != nil {
			t.Fatalf("%v", errs)
		}
	}
	h.sound()
}

// TestANumberThatTheCountyGivesTwice is kept twice, and a number typed for another case does not keep the letter from going.
func TestANumberThatTheCountyGivesTwice(t *testing.T) {
	t.Parallel()
	h := connect(t)
	platformOf := h.Desk.platform
	h.Desk.platform = nil
	typed := h.to(Submitted, h.file(claim))
	h.Desk.platform = platformOf
	_, err := h.TypeCountyNumber(t.Context(), h.clerk(), typed, CountyNumber{Number: "XZ00000001"}) // of the next case that comes there
	must(t, err)
	id := h.to(Submitted, h.file(claim))
	h.carry()
	if a, b := h.row(id), h.row(typed); a.CountyNumber != "XZ00000001" || b.CountyNumber != "XZ00000001" {
		t.Fatalf("%q and %q", a.CountyNumber, b.CountyNumber)
	}
	h.says(platform.Event{ID: "E1", Number: "XZ00000001", Act: platform.Receive, Seq: 2})
	if got := h.statuses()["receive"]; got != "waiting many_cases;" {
		t.Errorf("%q", got)
	}
	_, err = h.TypeCountyNumber(t.Context(), h.clerk(), typed, CountyNumber{Number: "XZ00000099"})
	must(t, err)
	h.pass(6 * time.Hour)
	must(t, h.inbox.Settle(t.Context()))
	if a, b := h.row(id), h.row(typed); a.Status != Received || b.Status != Submitted {
		t.Errorf("%s and %s; the inbox %v", a.Status, b.Status, h.statuses())
	}
	h.sound()
}

// TestAPullPutsNoNumberRight: what the county did is pulled; that a wrong number was typed in stays for people to see.
func TestAPullPutsNoNumberRight(t *testing.T) {
	t.Parallel()
	h := connect(t)
	id := h.to(Submitted, h.file(claim))
	h.carry()
	ref := h.numberOf(id)
	must(t, h.store.Write(t.Context(), h.system(), func(tx *store.Tx) error {
		return tx.Table("cases").Where("id = ?", id).UpdateColumns(map[string]any{"county_number": "XZ-typed", "number_key": "XZ-typed"}).Error
	}))
	must(t, h.Server.Play(standin.Script{Callbacks: []standin.Trouble{{Do: standin.Withheld}}}))
	must(t, h.Server.Act(ref, platform.Receive))
	for range 2 {
		h.night()
		if row := h.row(id); row.Status != Received || row.CountyNumber != "XZ-typed" {
			t.Fatalf("%s, %s", row.Status, row.CountyNumber)
		}
		if found := h.differing()[ref]; found != "number_differs" {
			t.Errorf("open: %q", found)
		}
	}
	h.sound()
}

// TestByEitherNumber: news counts for the case, by whichever number it names it.
func TestByEitherNumber(t *testing.T) {
	t.Parallel()
	h := connect(t)
	id := h.to(Submitted, h.file(claim))
	h.carry()
	row := h.row(id)
	ref, number := row.number(), row.CountyNumber
	h.says(platform.Event{ID: "E2", Number: number, Act: platform.Receive, Seq: 2})
	h.says(platform.Event{ID: "E3", Ref: ref, Number: number, Act: platform.Accept, Seq: 3})
	h.says(platform.Event{ID: "E5", Number: number, Act: platform.Suspend, Seq: 5, Special: "other"}) // too soon
	h.says(platform.Event{ID: "E4", Ref: ref, Number: number, Act: platform.Review, Seq: 4})          // wakes it
	if row := h.row(id); row.Status != Suspended {
		t.Fatalf("it is %s; the inbox %v", row.Status, h.statuses())
	}
	for n, do := range []platform.Act{platform.Resume, platform.Suspend, platform.Resume} {
		h.says(platform.Event{ID: fmt.Sprint("E", n+6), Ref: ref, Number: number, Act: do, Seq: n + 6, Special: "other"})
	}
	version := h.row(id).Version
	h.says(platform.Event{ID: "E6b", Number: number, Act: platform.Suspend, Seq: 6, Special: "other"}) // it would fit the state
	if row := h.row(id); row.Status != Reviewing || row.Version != version {
		t.Errorf("old news by the county's number made it %s; the inbox %v", row.Status, h.statuses())
	}
	counts, err := h.inbox.Reachings(t.Context(), ref)
	must(t, err)
	if counts[ref] != 8 {
		t.Errorf("%v", counts)
	}
	h.sound()
}
