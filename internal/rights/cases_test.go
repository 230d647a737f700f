package rights_test

import (
	"errors"
	"strings"
	"testing"

	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/fault"
	"tongban/internal/rights"
)

// TestOpenCasesKeepItOpen: a clerk is told only of those that his village filed; the dead take nothing back; what was begun is discarded.
func TestOpenCasesKeepItOpen(t *testing.T) {
	c := full(t)
	own := c.apply(c.resident)
	_, err := c.rights.CloseMine(t.Context(), c.resident, rights.Word)
	want(t, err, rights.ErrStillOpen)
	if f := fault.Of(err).Fields; len(f) != 1 || f[0].Location != "cases/"+own || !strings.Contains(f[0].Message, "已提交") {
		t.Errorf("told %+v", f)
	}
	filed := c.apply(clerk)
	_, err = c.rights.CloseFor(t.Context(), clerk, c.resident.Person, asked)
	want(t, err, rights.ErrStillOpen)
	if f := fault.Of(err).Fields; len(f) != 1 || f[0].Location != "cases/"+filed {
		t.Errorf("the clerk is told %+v", f)
	}
	if c.left()["values"] != 1 || c.rows("cases", "status = 'discarded'") != 0 {
		t.Fatal("a refusal forgot something")
	}
	must(t, errOf(c.rights.CloseFor(t.Context(), clerk, c.resident.Person, account.Closing{Cause: account.ClosedDied, How: "村委会死亡登记"})))
	if n := c.rows("cases", "applicant = ? AND status = 'submitted'", c.resident.Person); n != 2 {
		t.Errorf("%d cases go on without him", n)
	}
}

func TestClosingAfterTheCaseWasTakenBack(t *testing.T) {
	c := full(t)
	own := c.apply(c.resident)
	must(t, errOf(c.cases.Withdraw(t.Context(), c.resident, own, casework.Saying{Text: "先不办了，明年再办。"})))
	must(t, errOf(c.rights.CloseMine(t.Context(), c.resident, rights.Word)))
}

// TestDraftsGoWithTheAccount: his and those that the clerk began for him; nobody else's.
func TestDraftsGoWithTheAccount(t *testing.T) {
	c := full(t)
	own, err := c.draft(c.resident)
	must(t, err)
	begun, err := c.draft(clerk)
	must(t, err)
	other, err := c.draft(c.helper)
	must(t, err)
	must(t, errOf(c.rights.CloseMine(t.Context(), c.resident, rights.Word)))
	if n := c.rows("cases", "id IN ? AND status = 'discarded' AND LENGTH(answers) = 0", []string{own.ID, begun.ID}); n != 2 {
		t.Errorf("%d drafts were discarded", n)
	}
	if n := c.rows("case_events", "case_id = ? AND act = 'discard' AND actor = ?", begun.ID, c.resident.Person); n != 1 {
		t.Errorf("%d lines of history", n)
	}
	if n := c.rows("cases", "id = ? AND status = 'draft' AND LENGTH(answers) > 0", other.ID); n != 1 {
		t.Error("somebody else's draft went")
	}
	if _, err := c.draft(c.resident); err == nil { // by a session that another replica still believes in
		t.Error("he began another")
	}
	faults, err := c.store.Fsck(t.Context(), casework.Checks())
	if err != nil || len(faults) > 0 {
		t.Errorf("%v %v", faults, err)
	}
	seen, err := c.cases.Get(t.Context(), clerk, begun.ID)
	if must(t, err); len(seen.Answers) != 0 {
		t.Errorf("the clerk reads %v", seen.Answers)
	}
}

// TestClosingWhileApplying: whichever comes first, no case waits for somebody who has gone.
func TestClosingWhileApplying(t *testing.T) {
	c := open(t)
	for range 8 {
		c.resident = c.register("田𠮷顺", "", "")
		draft, err := c.draft(c.resident)
		must(t, err)
		handed := make(chan error, 1)
		go func() { handed <- c.submit(c.resident, draft) }()
		_, closing := c.rights.CloseMine(t.Context(), c.resident, rights.Word)
		handing := <-handed
		waiting := c.rows("cases", "applicant = ? AND status = 'submitted'", c.resident.Person)
		closed := c.rows("persons", "id = ? AND closed_at IS NOT NULL", c.resident.Person)
		switch {
		case closing == nil && handing != nil && closed == 1 && waiting == 0:
		case handing == nil && errors.Is(closing, rights.ErrStillOpen) && closed == 0 && waiting == 1:
		default:
			t.Errorf("closing %v, handing in %v: %d closed, %d waiting", closing, handing, closed, waiting)
		}
	}
}

// TestClosingWhileBeginning: a draft that was begun at the same moment is discarded, or is never made.
func TestClosingWhileBeginning(t *testing.T) {
	c := open(t)
	for range 40 {
		c.resident = c.register("田𠮷顺", "", "")
		began := make(chan error, 1)
		go func() { began <- errOf(c.draft(clerk)) }() // who is nobody that the closing shuts out
		must(t, errOf(c.rights.CloseMine(t.Context(), c.resident, rights.Word)))
		beginning := <-began
		if n := c.rows("cases", "applicant = ? AND status = 'draft'", c.resident.Person); n != 0 {
			t.Errorf("%d drafts of somebody who has gone (%v)", n, beginning)
		}
	}
}

// TestACopyHasHisCases: more than a batch come out once each, with their history; a clerk prints those that the village filed.
func TestACopyHasHisCases(t *testing.T) {
	c := open(t)
	made := map[string]bool{}
	for i := range 24 {
		if i%4 == 0 {
			made[c.apply(clerk)] = true
		} else {
			made[c.apply(c.resident)] = true
		}
	}
	other, err := c.draft(c.helper)
	must(t, err)
	mine, err := c.rights.CopyMine(t.Context(), c.resident)
	must(t, err)
	for s, err := range mine.Cases {
		must(t, err)
		if !made[s.ID] || !s.Mine || len(s.History) == 0 || len(s.Answers) == 0 || len(s.Said) != len(s.Answers) || len(s.Materials) == 0 {
			t.Errorf("%s is not his, came twice or is not whole (somebody else's: %t)", s.ID, s.ID == other.ID)
		}
		delete(made, s.ID)
	}
	if len(made) > 0 {
		t.Errorf("%d are missing", len(made))
	}
	printed, err := c.rights.CopyFor(t.Context(), clerk, c.resident.Person, "老人要核对登记")
	must(t, err)
	n := 0
	for s, err := range printed.Cases {
		must(t, err)
		if n++; !s.ByAgent || s.Window != "" {
			t.Error("the clerk is shown what the village did not file, or who works on it")
		}
	}
	if n != 6 {
		t.Errorf("the clerk prints %d cases", n)
	}
}
