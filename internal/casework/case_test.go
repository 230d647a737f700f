package casework

import (
	"testing"

	"tongban/internal/flow"
)

func TestTheCaseFlowIsSoundAndEveryActHasAVerb(t *testing.T) {
	if err := Flow.Check(Verbs()); err != nil {
		t.Error(err)
	}
}

func TestTheErrandFlowIsSound(t *testing.T) {
	acts := []flow.Act{Check, File, Pause, GoOn, TakeResult, HandOver, Archive, Stop, Revoke}
	if err := ErrandFlow.Check(acts); err != nil {
		t.Error(err)
	}
}
