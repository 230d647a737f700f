package casework

import "testing"

func TestTheCaseFlowIsSoundAndEveryActHasAVerb(t *testing.T) {
	if err := Flow.Check(Verbs()); err != nil {
		t.Error(err)
	}
}
