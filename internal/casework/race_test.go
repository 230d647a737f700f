package casework

import (
	"errors"
	"flag"
	"sync"
	"testing"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/flow"
)

var raceRounds = flag.Int("casework.rounds", 12, "how often each race of acts is run")

// rival is somebody who acts at the same moment as others.
type rival struct {
	do flow.Act
	by access.Actor
}

// race lets all of them act at once on the case as it is now: exactly one wins, the others are told how it stands, and the history has one
// line more.
func (h *house) race(id string, rivals ...rival) flow.State {
	h.t.Helper()
	before := h.row(id)
	h.version = before.Version
	defer func() { h.version = 0 }()
	told := make([]error, len(rivals))
	start := make(chan struct{})
	var running sync.WaitGroup
	for i, r := range rivals {
		running.Go(func() {
			<-start
			told[i] = h.do(r.do, r.by, id)
		})
	}
	close(start)
	running.Wait()
	after := h.row(id)
	won := 0
	for i, err := range told {
		if err == nil {
			won++
			if to, _ := Flow.Next(before.Status, rivals[i].do, rivals[i].by.Role); to != after.Status {
				h.t.Errorf("%s won, and the case is %s", rivals[i].do, after.Status)
			}
			continue
		}
		if now := fault.Of(err).Current; !errors.Is(err, ErrNotNow) || now == nil || now.Status != string(after.Status) || now.Version != after.Version {
			h.t.Errorf("%s: %s, told %+v; it is %s", rivals[i].do, detailed(err), now, after.Status)
		}
	}
	var events int64
	if err := h.store.Read(h.t.Context()).Model(&Event{}).Where("case_id = ? AND version > ?", id, before.Version).Count(&events).Error; err != nil {
		h.t.Fatal(err)
	}
	if won != 1 || events != 1 || after.Version != before.Version+1 {
		h.t.Errorf("%d won, %d lines of history, version %d to %d", won, events, before.Version, after.Version)
	}
	return after.Status
}

// Of simultaneous decisions exactly one wins.
func TestOneDecisionWins(t *testing.T) {
	h := open(t)
	another := in(decider, "219901", h.decider().Office)
	another.Person = h.reviewer().Person
	ends := map[flow.State]int{}
	for range *raceRounds {
		id := h.to(Reviewing, h.file(claim))
		ends[h.race(id, rival{Grant, h.decider()}, rival{Deny, another}, rival{Withdraw, h.clerk()}, rival{Grant, h.county()}, rival{Deny, h.county()}, rival{Terminate, h.decider()})]++
	}
	t.Log(ends)
	h.sound()
}

// Between receipt and acceptance the county's window, its platform, the applicant's side and the clock race.
func TestOneAnswerWins(t *testing.T) {
	h := open(t)
	ends := map[flow.State]int{}
	for range *raceRounds {
		id := h.to(Received, h.file(claim))
		h.store.Clock().Set(h.row(id).NoticeOn.End())
		ends[h.race(id, rival{Accept, h.window()}, rival{AskCorrection, h.county()}, rival{Withdraw, h.clerk()}, rival{Accept, h.system()}, rival{Refuse, h.window()})]++

		corrected := h.to(Correcting, h.file(legalAid))
		h.store.Clock().Set(h.row(corrected).CorrectOn.End())
		ends[h.race(corrected, rival{Correct, h.clerk()}, rival{Withdraw, h.clerk()}, rival{Lapse, h.system()}, rival{Lapse, h.county()})]++
	}
	t.Log(ends)
	h.sound()
}

// Where nobody says what he saw, several may win one after the other: each at a moment when the table allowed it.
func TestRacesFollowTheTable(t *testing.T) {
	h := open(t)
	for range *raceRounds {
		id := h.to(Received, h.file(claim))
		var running sync.WaitGroup
		for _, r := range []rival{{Accept, h.window()}, {AskCorrection, h.county()}, {Correct, h.clerk()}, {Withdraw, h.clerk()}, {Refuse, h.window()}, {Review, h.reviewer()}} {
			running.Go(func() {
				if err := h.do(r.do, r.by, id); err != nil && fault.Of(err).Kind != fault.Conflict {
					t.Errorf("%s: %s", r.do, detailed(err))
				}
			})
		}
		running.Wait()
	}
	h.sound()
}

// Many rounds at once do each thing once.
func TestRoundsOfManyReplicas(t *testing.T) {
	h := open(t)
	var ids []string
	for range *raceRounds {
		ids = append(ids, h.to(Submitted, h.file(claim)))
	}
	for range 2 { // received, then accepted by silence
		var running sync.WaitGroup
		for range 4 {
			running.Go(func() {
				for changed := 1; changed > 0; { // each does but so many
					var err error
					if changed, err = h.Rounds(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		running.Wait()
		h.pass(20 * 24 * 3600 * 1e9)
	}
	for _, id := range ids {
		if n := h.letters("case.receive", id); n != 1 {
			t.Errorf("received %d times", n)
		}
		if row := h.row(id); row.Status != Accepted || h.letters("case.accept", id) != 1 {
			t.Errorf("%s, accepted %d times", row.Status, h.letters("case.accept", id))
		}
	}
	h.sound()
}
