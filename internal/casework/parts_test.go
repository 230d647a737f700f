package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	platform "tongban/internal/county"
	"tongban/internal/county/standin"
	"tongban/internal/flow"
)

// moody is a county that has no answer to some questions, and may get tired of them.
type moody struct {
	platform.Platform
	tires int              // after so many it thinks until nobody waits any more; 0 for never
	heard int              // since it was tired last
	bad   map[string]error // by our number
	asked []string

	unlisted error // what it says to whoever wants its list
}

func (m *moody) Changed(ctx context.Context, since time.Time, next string) (platform.Changes, error) {
	if m.unlisted != nil {
		return platform.Changes{}, m.unlisted
	}
	return m.Platform.Changed(ctx, since, next)
}

func (m *moody) Standing(ctx context.Context, ref string) (platform.Standing, error) {
	m.asked = append(m.asked, ref)
	if m.heard++; m.tires > 0 && m.heard > m.tires {
		m.heard = 0
		<-ctx.Done()
		return platform.Standing{}, platform.ErrAgain
	}
	if err := m.bad[ref]; err != nil {
		return platform.Standing{}, err
	}
	return m.Platform.Standing(ctx, ref)
}

// quiet are so many cases that the county has and does nothing with, by their ids; a first night has passed over them.
func (h *hall) quiet(n int) (ids []string, m *moody) {
	h.t.Helper()
	for range n {
		ids = append(ids, h.to(Submitted, h.file(claim)))
	}
	for h.carry() > 0 {
		h.pass(time.Minute)
	}
	m = &moody{Platform: h.Desk.platform, bad: map[string]error{}}
	h.Desk.platform = m
	h.night()
	return ids, m
}

// part is one call of the round in that night.
func (h *hall) part(within bounds) reconciliation {
	h.t.Helper()
	must(h.t, h.tries(within))
	return h.compared()
}

// tries is a part that may come to nothing.
func (h *hall) tries(within bounds) error {
	h.t.Helper()
	ctx, stop := context.WithTimeout(h.t.Context(), 5*time.Minute)
	defer stop()
	err := h.reconcileWithin(ctx, within)
	h.pass(time.Minute)
	return err
}

// nextNight is two in the morning.
func (h *hall) nextNight() {
	h.store.Clock().Set(dayOf(h.store.Clock().Now().Add(22 * time.Hour)).Add(26 * time.Hour))
}

// TestASlowCounty has more cases than one round can ask about: each part keeps what it found, the next goes on, and what was not asked about is not gone.
func TestASlowCounty(t *testing.T) {
	t.Parallel()
	h := connect(t)
	ids, m := h.quiet(40)
	first, last := h.numberOf(ids[0]), h.numberOf(ids[39])
	h.Server.Forget(first)
	h.Server.Forget(last)
	h.night()
	if got := h.differing(); len(got) != 2 {
		t.Fatalf("%v", got)
	}
	m.tires = 15
	m.asked = nil
	h.nextNight()
	within := bounds{asking: 2 * time.Second, pulling: time.Minute, most: 2000, inVain: 10}
	part := func() reconciliation {
		m.heard = 0
		if err := h.tries(within); !errors.Is(err, platform.ErrAgain) { // a busy machine had no time to read the list
			must(t, err)
		}
		return h.compared()
	}
	before, r, parts := h.compared().ID, part(), 1
	for ; r.ID == before && parts < 60; parts++ {
		r = part()
	}
	if r.ID == before || r.Stage == stageOver || r.Asked > 15 || len(h.differing()) != 2 {
		t.Fatalf("after a part %+v, %v", r, h.differing())
	}
	id := r.ID
	for ; r.Stage != stageOver && parts < 200; parts++ {
		r = part()
	}
	slices.Sort(m.asked)
	if r.ID != id || r.Asked < 40 || r.Found != 2 || len(slices.Compact(m.asked)) != 40 || len(h.differing()) != 2 {
		t.Errorf("after %d parts %+v: %d asked, %v", parts, r, len(m.asked), h.differing())
	}
	calls := len(m.asked)
	if h.part(within); h.compared().ID != id || len(m.asked) != calls {
		t.Error("it does not come to rest")
	}
	h.sound()
}

// TestTheNightEnds in the middle: the next one goes on from there, and begins again with what differs.
func TestTheNightEnds(t *testing.T) {
	t.Parallel()
	h := connect(t)
	ids, m := h.quiet(12)
	refs := make([]string, 0, len(ids))
	for _, id := range ids {
		refs = append(refs, h.numberOf(id))
	}
	slices.Sort(refs)
	h.Server.Forget(refs[10])
	h.Server.Forget(refs[11])
	h.night()
	within := nightly
	within.most = 5
	for n, want := range [][]string{
		{refs[10], refs[11], refs[0], refs[1], refs[2]}, {refs[10], refs[11], refs[3], refs[4], refs[5]}, {refs[10], refs[11], refs[6], refs[7], refs[8]}, {refs[10], refs[11], refs[9], refs[0], refs[1]},
	} {
		m.asked = nil
		h.nextNight()
		r := h.part(within)
		if !slices.Equal(m.asked, want) || r.Asked != 5 || len(h.differing()) != 2 {
			t.Errorf("night %d: %v instead of %v; %v", n, m.asked, want, h.differing())
		}
		if again := h.part(within); again.Asked != 5 {
			t.Errorf("night %d goes on: %+v", n, again)
		}
	}
	h.sound()
}

// TestAListThatCannotBeRead is left for the next night, which reads it from the same moment; the cases are asked about one by one all the same.
func TestAListThatCannotBeRead(t *testing.T) {
	t.Parallel()
	h := connect(t)
	ids, m := h.quiet(3)
	m.unlisted = platform.ErrHuman
	must(t, h.Server.Play(standin.Script{Callbacks: []standin.Trouble{{Do: standin.Withheld}}}))
	must(t, h.Server.Act(h.numberOf(ids[1]), platform.Receive))
	h.night()
	r := h.compared()
	if row := h.row(ids[1]); row.Status != Received || !r.Unlisted || r.Stage != stageOver || r.Asked != 3 || r.Pulled != 1 {
		t.Errorf("%s, %+v", row.Status, r)
	}
	for range 2 {
		if h.night(); !h.compared().Since.Equal(r.Since) {
			t.Errorf("since %v, and before since %v", h.compared().Since, r.Since)
		}
	}
	m.unlisted = nil
	if h.night(); h.compared().Unlisted || !h.compared().Since.Equal(r.Since) || h.compared().Listed == 0 {
		t.Errorf("%+v", h.compared())
	}
	if h.night(); h.compared().Since.Equal(r.Since) {
		t.Error("it reads the old list for ever")
	}
	m.unlisted = platform.ErrAgain
	h.nextNight()
	if err := h.Reconcile(t.Context()); err == nil {
		t.Error("what fails for a moment is not tried again")
	}
	h.pass(time.Hour)
	if must(t, h.Reconcile(t.Context())); !h.compared().Unlisted {
		t.Errorf("%+v", h.compared())
	}
	h.sound()
}

// That the county has a case twice is not gone because it names one when it is asked.
func TestTwiceThereShowsInTheListAlone(t *testing.T) {
	q := questions{answered: map[string]bool{"BJ1": true, "BJ2": true}, listed: map[string]bool{"BJ2": true}}
	for o, want := range map[differenceRow]bool{
		{Kind: platform.TwiceThere, Ref: "BJ1"}: false, {Kind: platform.TwiceThere, Ref: "BJ2"}: true, {Kind: platform.BehindHere, Ref: "BJ1"}: true,
	} {
		if q.settles(o) != want {
			t.Errorf("%+v: %v", o, !want)
		}
	}
}

// TestOneBadCase: whatever the platform says of one case, the others are compared; of that one nothing is found, and nothing is gone.
func TestOneBadCase(t *testing.T) {
	t.Parallel()
	h := connect(t)
	ids, m := h.quiet(6)
	differs, bad, lost := h.numberOf(ids[1]), h.numberOf(ids[2]), h.numberOf(ids[4])
	h.Server.Forget(differs)
	h.night()
	m.bad = map[string]error{differs: platform.ErrHuman, bad: platform.ErrAgain}
	h.Server.Forget(bad)
	h.Server.Forget(lost)
	h.night()
	got := h.differing()
	if r := h.compared(); r.Stage != stageOver || r.Skipped != 2 || r.Asked != 6 || len(got) != 2 || got[differs] != "missing_there" || got[lost] != "missing_there" {
		t.Errorf("%+v, %v", r, got)
	}
	m.bad = nil
	h.night()
	if got := h.differing(); len(got) != 3 {
		t.Errorf("the night after: %v", got)
	}
	h.sound()
}

// TestACaseThatCannotBePulled does not keep the others from it.
func TestACaseThatCannotBePulled(t *testing.T) {
	t.Parallel()
	h := connect(t)
	ids, m := h.quiet(3)
	must(t, h.Server.Play(standin.Script{Callbacks: []standin.Trouble{{Times: 99, Do: standin.Withheld}}}))
	for _, id := range ids {
		for _, do := range []flow.Act{Receive, Accept, Review, Grant} {
			must(t, h.Server.Act(h.numberOf(id), platform.Act(do)))
		}
	}
	m.bad[h.numberOf(ids[0])] = platform.ErrHuman
	h.night()
	var states []flow.State
	for _, id := range ids {
		states = append(states, h.row(id).Status)
	}
	if !slices.Equal(states[1:], []flow.State{Granted, Granted}) || states[0] == Granted || h.differing()[h.numberOf(ids[0])] == "" {
		t.Errorf("%v, %v", states, h.differing())
	}
	h.sound()
}

// TestACountyThatIsAway in the middle of the questions is left alone for that part, and asked about the rest later.
func TestACountyThatIsAway(t *testing.T) {
	t.Parallel()
	h := connect(t)
	ids, m := h.quiet(15)
	for _, id := range ids {
		m.bad[h.numberOf(id)] = platform.ErrAgain
	}
	m.asked = nil
	h.nextNight()
	within := nightly
	within.inVain = 4
	if r := h.part(within); r.Stage != stageCases || r.Skipped != 4 || len(m.asked) != 4 {
		t.Errorf("%+v", r)
	}
	m.bad = nil
	if r := h.part(within); r.Stage != stageOver || r.Skipped != 4 || r.Asked != 15 {
		t.Errorf("%+v", r)
	}
	h.sound()
}

// TestAround goes through all numbers once, wherever it begins and however often it stops.
func TestAround(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var refs []string
		for n := range rapid.IntRange(0, 12).Draw(t, "refs") {
			refs = append(refs, fmt.Sprintf("BJ%02d", 2*n+2))
		}
		from, upto := "", ""
		if rapid.Bool().Draw(t, "later") {
			from = fmt.Sprintf("BJ%02d", rapid.IntRange(1, 27).Draw(t, "from"))
		}
		var got []string
		for rest := around(refs, from, upto); len(rest) > 0; rest = around(refs, from, upto) {
			n := rapid.IntRange(1, len(rest)).Draw(t, "part")
			got, upto = append(got, rest[:n]...), rest[n-1]
		}
		if !slices.Equal(got, around(refs, from, "")) || len(got) != len(refs) {
			t.Fatalf("%v from %q: %v", refs, from, got)
		}
		slices.Sort(got)
		if !slices.Equal(got, refs) {
			t.Fatalf("%v from %q: %v", refs, from, got)
		}
	})
}
