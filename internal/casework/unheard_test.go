package casework

import (
	"slices"
	"testing"

	platform "tongban/internal/county"
	"tongban/internal/county/standin"
	"tongban/internal/flow"
)

func (h *hall) periods(id string) (kinds []string) {
	h.t.Helper()
	rows, err := periodsOf(h.store.Read(h.t.Context()), id)
	must(h.t, err)
	for _, p := range rows {
		kinds = append(kinds, string(p.Kind))
	}
	return kinds
}

// TestNothingIsSwallowed: what leaves the state as it was, an extension or a suspension that is over, is not seen in the county's standing. The case is left
// until the news comes, and is then due on the day on which one is due that heard it at once.
func TestNothingIsSwallowed(t *testing.T) {
	t.Parallel()
	for name, acts := range map[string][]flow.Act{
		"an extension": {Extend}, "a suspension that is over": {Suspend, Resume}, "an extension, and then suspended": {Extend, Suspend},
		"suspended again": {Suspend, Resume, Suspend}, "granted after an extension": {Extend, Grant},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := connect(t)
			id, twin := h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim))
			h.carry()
			h.countyDoes(id, Receive, Accept, Review)
			h.countyDoes(twin, Receive, Accept, Review)
			h.countyDoes(twin, acts...)
			must(t, h.Server.Play(standin.Script{Callbacks: []standin.Trouble{{Times: 9, Do: standin.Delayed}}}))
			for _, do := range acts {
				must(t, h.Server.Act(h.numberOf(id), platform.Act(do)))
			}
			h.night()
			if row := h.row(id); row.Status != Reviewing || h.differing()[h.numberOf(id)] != "behind_here" {
				t.Errorf("it is %s, %v", row.Status, h.differing())
			}
			h.tellNews()
			row, other := h.row(id), h.row(twin)
			if row.Status != other.Status || row.dues() != other.dues() || !slices.Equal(h.periods(id), h.periods(twin)) {
				t.Errorf("%s, due %+v; its twin %s, due %+v; the inbox %v", row.Status, row.dues(), other.Status, other.dues(), h.statuses())
			}
			h.night()
			if got := h.differing(); len(got) != 0 {
				t.Errorf("the night after: %v", got)
			}
			h.sound()
		})
	}
}

// TestReceivedHereBefore: what the program received by itself, the county counts too; it is pulled all the same, and more than that is not.
func TestReceivedHereBefore(t *testing.T) {
	t.Parallel()
	h := connect(t)
	told, silent, extended := h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim))
	h.rounds()
	h.carry()
	h.countyDoes(told, Receive) // done already
	must(t, h.Server.Play(standin.Script{Callbacks: []standin.Trouble{{Times: 99, Do: standin.Withheld}}}))
	for id, acts := range map[string][]flow.Act{told: {Accept, Review, Grant}, silent: {Receive, Accept, Review, Grant}, extended: {Receive, Accept, Review, Extend, Grant}} {
		for _, do := range acts {
			must(t, h.Server.Act(h.numberOf(id), platform.Act(do)))
		}
	}
	h.night()
	if a, b, c := h.row(told).Status, h.row(silent).Status, h.row(extended).Status; a != Granted || b != Granted || c != Received {
		t.Errorf("%s, %s and %s", a, b, c)
	}
	h.sound()
}

// TestTheCountyIsAhead: its answer to a submission tells that it has gone on already. What it did is still heard.
func TestTheCountyIsAhead(t *testing.T) {
	t.Parallel()
	h := connect(t)
	must(t, h.Server.Play(standin.Script{
		Requests: []standin.Trouble{{Do: standin.Ahead, Times: 2}}, Decisions: [][]platform.Act{{platform.Receive, platform.AskCorrection}, {platform.Receive, platform.Accept, platform.Review, platform.Grant}},
	}))
	asked, granted := h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim))
	h.carry()
	if got := h.standings(); got[h.numberOf(asked)] != platform.Correcting || got[h.numberOf(granted)] != platform.Granted {
		t.Fatalf("%v", got)
	}
	h.tellNews()
	seen, err := h.Get(t.Context(), h.clerk(), asked)
	must(t, err)
	if seen.Status != Correcting || len(seen.Notices) != 1 || seen.CountyNo == "" || h.row(granted).Status != Granted {
		t.Errorf("%s with %d notices, and %s; the inbox %v", seen.Status, len(seen.Notices), h.row(granted).Status, h.statuses())
	}
	h.sound()
}

// TestTheNewsOfACountyAhead may not come: it is pulled, if its own acts are all that happened.
func TestTheNewsOfACountyAhead(t *testing.T) {
	t.Parallel()
	h := connect(t)
	must(t, h.Server.Play(standin.Script{
		Requests: []standin.Trouble{{Do: standin.Ahead, Times: 2}}, Callbacks: []standin.Trouble{{Times: 99, Do: standin.Withheld}},
		Decisions: [][]platform.Act{{platform.Receive, platform.Accept, platform.Review}, {platform.Receive, platform.Accept, platform.Review, platform.Extend}},
	}))
	straight, extended := h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim))
	h.carry()
	h.night()
	if a, b := h.row(straight).Status, h.row(extended).Status; a != Reviewing || b == Reviewing {
		t.Errorf("%s and %s", a, b)
	}
	h.sound()
}

// TestCountedOnce: what was done here is counted by one pull, and not by the next one, which takes nothing else for it.
func TestCountedOnce(t *testing.T) {
	t.Parallel()
	h := connect(t)
	straight, extended := h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim))
	h.rounds() // received here
	h.carry()
	must(t, h.Server.Play(standin.Script{Callbacks: []standin.Trouble{{Times: 99, Do: standin.Withheld}}}))
	for _, id := range []string{straight, extended} {
		must(t, h.Server.Act(h.numberOf(id), platform.Receive))
	}
	h.night()
	if got := h.differing(); len(got) != 0 {
		t.Fatalf("the first night: %v", got)
	}
	for id, acts := range map[string][]flow.Act{straight: {Accept, Review}, extended: {Accept, Review, Extend}} {
		for _, do := range acts {
			must(t, h.Server.Act(h.numberOf(id), platform.Act(do)))
		}
	}
	h.night()
	if a, b := h.row(straight).Status, h.row(extended).Status; a != Reviewing || b != Received {
		t.Errorf("%s and %s, %v", a, b, h.differing())
	}
	h.sound()
}

// TestACorrectionAnsweredAhead: the county had gone on before it answered, and its news do not come. Its own acts are pulled, and no more than they.
func TestACorrectionAnsweredAhead(t *testing.T) {
	t.Parallel()
	h := connect(t)
	asks := []platform.Act{platform.Receive, platform.AskCorrection, platform.Accept, platform.Review}
	must(t, h.Server.Play(standin.Script{Decisions: [][]platform.Act{asks, append(slices.Clone(asks), platform.Extend)}}))
	straight, extended := h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim))
	h.carry()
	for range 2 {
		h.Server.Work()
		h.tellNews()
	}
	must(t, h.Server.Play(standin.Script{
		Requests: []standin.Trouble{{Times: 2, Do: standin.Ahead}}, Callbacks: []standin.Trouble{{Times: 99, Do: standin.Withheld}},
	}))
	for _, id := range []string{straight, extended} {
		h.remedy(id)
	}
	h.carry()
	if got := h.standings(); got[h.numberOf(straight)] != platform.Reviewing || got[h.numberOf(extended)] != platform.Reviewing {
		t.Fatalf("%v", got)
	}
	h.night()
	if a, b := h.row(straight).Status, h.row(extended).Status; a != Reviewing || b != Received {
		t.Errorf("%s and %s, %v", a, b, h.differing())
	}
	h.sound()
}
