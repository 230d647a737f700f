package contract

import (
	"slices"
	"testing"
	"time"

	"tongban/internal/county"
)

// Hall is who decides on cases, seen from the case: the desk of this program, or a platform elsewhere with all that lies between.
type Hall struct {
	// Submit hands a case of a committed item in for an applicant, and answers its id.
	Submit func(t *testing.T) string
	// Correct answers all that was asked of the applicant.
	Correct func(t *testing.T, id string) error
	// Withdraw takes the case back for the applicant.
	Withdraw func(t *testing.T, id string) error
	// Act lets the county do something, and the case learn of it; an error when it is not its turn.
	Act func(t *testing.T, id string, act county.Act) error
	// Stands tells how the case stands here.
	Stands func(t *testing.T, id string) Case
	// Agrees checks that nobody else has the case in another state, when all news have come.
	Agrees  func(t *testing.T, id string)
	Advance func(d time.Duration)
}

// Case is how a case stands for the applicant.
type Case struct {
	State    county.State
	Acts     []string             // all that was done, oldest first
	Times    map[string]time.Time // applied, received, accepted, decided, delivered: those that there are
	Messages map[county.Act]int   // how many letters tell the applicant of each act
}

// RunHall tests who decides. An end for want of a correction is not in it: it is the calendar's here, and the county's there.
func RunHall(t *testing.T, h Hall) {
	for name, test := range map[string]func(*testing.T, Hall){
		"each act leads where the flow says, and is told once": hallMainLine,
		"a correction is asked for and answered once":          hallCorrections,
		"the applicant takes back what is not decided":         hallWithdrawals,
		"a case ends once":                    hallEndings,
		"what is out of turn changes nothing": hallOutOfTurn,
	} {
		t.Run(name, func(t *testing.T) { test(t, h) })
	}
}

// acts lets the county do what it may.
func (h Hall) acts(t *testing.T, id string, acts ...county.Act) {
	t.Helper()
	for _, act := range acts {
		h.Advance(time.Hour)
		if err := h.Act(t, id, act); err != nil {
			t.Fatalf("%s: %v", act, err)
		}
	}
}

// is demands the state, on both sides where there are two.
func (h Hall) is(t *testing.T, id string, want county.State) {
	t.Helper()
	if got := h.Stands(t, id).State; got != want {
		t.Errorf("the case is %s, not %s", got, want)
	}
	h.Agrees(t, id)
}

func hallMainLine(t *testing.T, h Hall) {
	id := h.Submit(t)
	h.is(t, id, county.Submitted)
	line := []struct {
		act county.Act
		to  county.State
	}{
		{county.Receive, county.Received}, {county.Accept, county.Accepted}, {county.Review, county.Reviewing}, {county.Suspend, county.Suspended},
		{county.Resume, county.Reviewing}, {county.Extend, county.Reviewing}, {county.Grant, county.Granted}, {county.Deliver, county.Delivered},
	}
	want := []string{"open", "submit"}
	for _, step := range line {
		h.acts(t, id, step.act)
		h.is(t, id, step.to)
		want = append(want, string(step.act))
	}
	c := h.Stands(t, id)
	if !slices.Equal(c.Acts, want) {
		t.Errorf("the history is %v, want %v", c.Acts, want)
	}
	for _, step := range line {
		if c.Messages[step.act] != 1 {
			t.Errorf("%d letters tell of %s", c.Messages[step.act], step.act)
		}
	}
	var last time.Time
	for _, name := range []string{"applied", "received", "accepted", "decided", "delivered"} {
		at := c.Times[name]
		if !at.After(last) {
			t.Errorf("%s at %v, and before it %v", name, at, last)
		}
		last = at
	}
}

func hallCorrections(t *testing.T, h Hall) {
	id := h.Submit(t)
	h.acts(t, id, county.Receive)
	if err := h.Correct(t, id); err == nil {
		t.Error("corrected without being asked")
	}
	h.acts(t, id, county.AskCorrection)
	h.is(t, id, county.Correcting)
	if err := h.Act(t, id, county.Accept); err == nil {
		t.Error("accepted before the answer")
	}
	h.Advance(time.Hour)
	if err := h.Correct(t, id); err != nil {
		t.Fatal(err)
	}
	h.is(t, id, county.Received)
	if err := h.Correct(t, id); err == nil {
		t.Error("corrected twice")
	}
	h.acts(t, id, county.Accept)
	h.is(t, id, county.Accepted)
}

func hallWithdrawals(t *testing.T, h Hall) {
	for _, before := range [][]county.Act{nil, {county.Receive}, {county.Receive, county.AskCorrection}, {county.Receive, county.Accept},
		{county.Receive, county.Accept, county.Review}, {county.Receive, county.Accept, county.Review, county.Suspend}} {
		id := h.Submit(t)
		h.acts(t, id, before...)
		if err := h.Withdraw(t, id); err != nil {
			t.Fatalf("after %v: %v", before, err)
		}
		h.is(t, id, county.Withdrawn)
		if err := h.Withdraw(t, id); err == nil {
			t.Error("withdrawn twice")
		}
		if err := h.Act(t, id, county.Receive); err == nil {
			t.Errorf("received after %v and the withdrawal", before)
		}
		h.is(t, id, county.Withdrawn)
	}
	id := h.Submit(t)
	h.acts(t, id, county.Receive, county.Accept, county.Review, county.Grant)
	if err := h.Withdraw(t, id); err == nil {
		t.Error("what was granted was taken back")
	}
	h.is(t, id, county.Granted)
}

func hallEndings(t *testing.T, h Hall) {
	for to, acts := range map[county.State][]county.Act{
		county.Refused: {county.Receive, county.Refuse}, county.NotRequired: {county.Receive, county.Dismiss},
		county.Denied:     {county.Receive, county.Accept, county.Review, county.Deny},
		county.Granted:    {county.Receive, county.Accept, county.Review, county.Grant},
		county.Terminated: {county.Receive, county.Accept, county.Terminate},
	} {
		id := h.Submit(t)
		h.acts(t, id, acts...)
		end := acts[len(acts)-1]
		for _, again := range []county.Act{end, county.Deny, county.Accept} {
			if err := h.Act(t, id, again); err == nil {
				t.Errorf("%s after %s", again, end)
			}
		}
		h.is(t, id, to)
		if n := h.Stands(t, id).Messages[end]; n != 1 {
			t.Errorf("%d letters tell of %s", n, end)
		}
	}
}

func hallOutOfTurn(t *testing.T, h Hall) {
	for _, before := range [][]county.Act{nil, {county.Receive}, {county.Receive, county.Accept}} {
		id := h.Submit(t)
		h.acts(t, id, before...)
		was := h.Stands(t, id)
		for _, act := range []county.Act{county.Grant, county.Resume, county.Deliver, county.Lapse} {
			if len(before) > 0 && act == county.Grant { // a platform may have items that are granted at once
				continue
			}
			if err := h.Act(t, id, act); err == nil {
				t.Errorf("%s after %v", act, before)
			}
		}
		if now := h.Stands(t, id); now.State != was.State || len(now.Acts) != len(was.Acts) {
			t.Errorf("after %v it became %s by %v", before, now.State, now.Acts)
		}
		h.Agrees(t, id)
	}
}
