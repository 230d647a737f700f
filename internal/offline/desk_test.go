package offline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog/catalogtest"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/notice"
	"tongban/internal/store"
)

const (
	xinglin access.Area = "219901101201"
	hewan   access.Area = "219901101202"
	pension             = "01932f00-4c00-7000-8000-000000000001"
)

var clerk = access.Actor{Person: "a-clerk", Role: access.Clerk, Area: xinglin}

// house is a desk, with notices to be made.
type house struct {
	*Desk
	notices *notice.Desk
}

var demo = catalogtest.Of(os.DirFS("../../config/county"))

func open(t *testing.T) *house {
	t.Helper()
	s := demo.Open(t)
	people := account.New(s, account.Options{EasyPasswords: true})
	folder, err := file.OpenFolder(t.TempDir(), s.Clock())
	must(t, err)
	t.Cleanup(func() { must(t, folder.Close()) })
	return &house{New(s, UsualRules(), file.New(s, folder), people), notice.New(s, demo.Items(t, s), people)}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// act makes a notice, in its place of a line.
func (h *house) act(line string, seq int) Act {
	return Act{Key: fmt.Sprintf("%s-%d", line, seq), Line: line, Seq: seq, Name: "makeNotice", Content: []byte("{}"), Run: func(ctx context.Context, _ With) error {
		_, err := h.notices.Make(ctx, clerk, notice.Request{ItemID: pension, Village: xinglin})
		return err
	}}
}

func (h *house) take(t *testing.T, who access.Actor, acts ...Act) []Result {
	t.Helper()
	results, err := h.Take(t.Context(), who, acts)
	must(t, err)
	return results
}

func (h *house) notes(t *testing.T) (n int64) {
	t.Helper()
	must(t, h.store.Read(t.Context()).Table("notices").Count(&n).Error)
	return n
}

// TestManySendersOfOneAct: it is done once, and all are told the same.
func TestManySendersOfOneAct(t *testing.T) {
	h := open(t)
	const senders = 20
	var results [senders][]Result
	var running sync.WaitGroup
	for i := range senders {
		running.Go(func() { results[i] = h.take(t, clerk, h.act("one", 1), h.act("one", 2)) })
	}
	running.Wait()
	created := 0
	for _, both := range results {
		for i, r := range both {
			switch {
			case r.Outcome == Created:
				created++
			case r.Outcome == Waits && (r.Why == ForLater || r.Why == ForEarlier): // it met a server in a hurry
				continue
			case r.Outcome != Same:
				t.Errorf("came out as %+v", r)
			}
			if kept := h.take(t, clerk, h.act("one", i+1))[0]; kept.Done != r.Done {
				t.Errorf("told %+v, and then %+v", r.Done, kept.Done)
			}
		}
	}
	if n := h.notes(t); created != 2 || n != 2 {
		t.Errorf("done %d times, %d notices", created, n)
	}
}

// TestAFailingVerbLeavesNothing: no row, and those behind it are not tried.
func TestAFailingVerbLeavesNothing(t *testing.T) {
	h := open(t)
	broken := h.act("line", 1)
	broken.Run = func(ctx context.Context, _ With) error {
		return h.store.Write(ctx, clerk, func(tx *store.Tx) error {
			tx.Trail(store.Entry{Act: "notice.make", Kind: "notice", Object: "x", Area: xinglin})
			return errors.New("the disk is full")
		})
	}
	results := h.take(t, clerk, broken, h.act("line", 2))
	if results[0].Why != ForLater || results[0].Fault.Code != fault.Internal.Code || results[1].Why != ForEarlier || h.notes(t) != 0 {
		t.Errorf("came out as %+v", results)
	}
	silent := h.act("line", 1)
	silent.Run = func(context.Context, With) error { return nil }
	if r := h.take(t, clerk, silent)[0]; r.Why != ForLater {
		t.Errorf("a verb that wrote nothing came out as %+v", r)
	}
	if results := h.take(t, clerk, h.act("line", 2), h.act("line", 1)); results[0].Outcome != Created || results[1].Outcome != Created {
		t.Errorf("came out as %+v", results)
	}
}

// TestAFilledPlaceStopsNobody: an act that was counted into a place which another one has is refused; those behind go on.
func TestAFilledPlaceStopsNobody(t *testing.T) {
	h := open(t)
	twice := h.act("line", 1)
	twice.Key = "twice"
	again := h.act("line", 1)
	again.Content = []byte("[]")
	results := h.take(t, clerk, h.act("line", 1), twice, again, h.act("line", 2))
	if results[0].Outcome != Created || results[1].Outcome != Invalid || results[1].Fault.Code != ErrPlaceTaken.Code ||
		results[2].Outcome != Invalid || results[2].Fault.Code != store.ErrOtherContent.Code || results[3].Outcome != Created || h.notes(t) != 2 {
		t.Errorf("came out as %+v", results)
	}
}

// TestAClerkWhoWasMoved is told nothing of the village that he left, and does nothing twice; where a village goes on, its acts do too.
func TestAClerkWhoWasMoved(t *testing.T) {
	h := open(t)
	first := h.take(t, clerk, h.act("line", 1))[0]
	moved := clerk
	moved.Area = hewan
	if r := h.take(t, moved, h.act("line", 1))[0]; r.Outcome != Invalid || r.Fault.Code != store.ErrOtherContent.Code || r.Done != (Done{}) {
		t.Errorf("in another village it came out as %+v", r)
	}
	for _, role := range []access.Role{access.Resident, access.Window, access.Supervisor} {
		if _, err := h.Take(t.Context(), access.Actor{Person: clerk.Person, Role: role, Area: xinglin}, []Act{h.act("line", 1)}); !errors.Is(err, fault.NotYours) {
			t.Errorf("%s: %v", role, err)
		}
	}
	n, err := h.Carry(t.Context(), xinglin, hewan)
	must(t, err)
	if r := h.take(t, moved, h.act("line", 1))[0]; n != 1 || r.Outcome != Same || r.Done != first.Done {
		t.Errorf("%d rows went along, and it came out as %+v", n, r)
	}
	if n, err := h.Carry(t.Context(), xinglin, hewan); n != 0 || err != nil {
		t.Errorf("%d went along again: %v", n, err)
	}
	if n := h.notes(t); n != 1 {
		t.Errorf("%d notices", n)
	}
}

// TestACallThatIsCutOff does no more acts, and says so.
func TestACallThatIsCutOff(t *testing.T) {
	h := open(t)
	ctx, cut := context.WithCancel(t.Context())
	cutting := h.act("line", 1)
	run := cutting.Run
	cutting.Run = func(c context.Context, with With) error {
		defer cut()
		return run(c, with)
	}
	results, err := h.Take(ctx, clerk, []Act{cutting, h.act("line", 2)})
	must(t, err)
	if results[0].Outcome != Created || results[1].Why != ForLater || h.notes(t) != 1 {
		t.Errorf("came out as %+v", results)
	}
}

// TestWhatIsAskedBelongsToThePost: the answer of one post is never that of another one of the same person.
func TestWhatIsAskedBelongsToThePost(t *testing.T) {
	h := open(t)
	moved, here := clerk, clerk
	here.Post, moved.Post = "here", "there"
	if h.content(here, here.Person, "openCase", nil) == h.content(moved, moved.Person, "openCase", nil) {
		t.Error("two posts ask the same")
	}
	if h.content(here, "open:makeNotice", "makeNotice", nil) != h.content(moved, "open:makeNotice", "makeNotice", nil) {
		t.Error("what is asked without login depends on who asks")
	}
}
