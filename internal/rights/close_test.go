package rights_test

import (
	"errors"
	"strings"
	"testing"

	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/family"
	"tongban/internal/fault"
	"tongban/internal/rights"
	"tongban/internal/store"
)

var asked = account.Closing{Cause: account.ClosedAsked, How: "本人带身份证来村站提出"}

// until is within a year of the tests' day.
var until = clock.Date{Year: 2027, Month: 6, Day: 30}

// full is the resident with everything that hangs on an account.
func full(t *testing.T) *county {
	t.Helper()
	c := open(t)
	must(t, errOf(c.families.SetHelper(t.Context(), clerk, c.resident.Person, family.HelperAsked{
		Helper: c.helper.Person, Scope: family.ScopeAll, Until: until, Consent: account.Consent{TextVersion: "2026-01", How: account.Spoken},
	})))
	must(t, errOf(c.people.MakeBindCode(t.Context(), clerk, c.resident.Person)))
	c.tell()
	return c
}

// left counts what is left of the resident.
func (c *county) left() map[string]int64 {
	c.t.Helper()
	id := c.resident.Person
	return map[string]int64{
		"values":   c.rows("persons", "id = ? AND (name IS NOT NULL OR phone IS NOT NULL OR id_number IS NOT NULL)", id),
		"indexes":  c.rows("persons", "id = ? AND (phone_index IS NOT NULL OR id_index IS NOT NULL OR wechat_index IS NOT NULL)", id),
		"place":    c.rows("persons", "id = ? AND (county <> '' OR town <> '' OR village <> '' OR grid <> '')", id),
		"actings":  c.rows("actings", "(principal = ? OR helper = ?) AND status <> 'ended'", id, id),
		"consents": c.rows("consents", "person = ? AND withdrawn_at IS NULL", id),
		"codes":    c.rows("bind_codes", "person = ?", id),
		"messages": c.rows("inbox", "person = ?", id),
		"open":     c.rows("persons", "id = ? AND closed_at IS NULL", id),
	}
}

func TestNothingOfHimIsLeft(t *testing.T) {
	c := full(t)
	for what, n := range c.left() {
		if n == 0 {
			t.Errorf("%s: there was nothing to forget", what)
		}
	}
	done, err := c.rights.CloseFor(t.Context(), clerk, c.resident.Person, asked)
	must(t, err)
	if done.ID != c.resident.Person || !done.At.Equal(c.store.Clock().Now()) {
		t.Errorf("told %+v", done)
	}
	for what, n := range c.left() {
		if n != 0 {
			t.Errorf("%s: %d are left", what, n)
		}
	}
	if n := c.rows("trail", "act = 'person.close' AND object = ? AND area = ? AND body LIKE '%本人要求：本人带身份证来村站提出%'", c.resident.Person, xinglin); n != 1 {
		t.Errorf("%d rows in the trail", n)
	}
	if n := c.rows("persons", "id = ? AND kind = 'resident'", c.resident.Person); n != 1 {
		t.Error("the stub is gone")
	}
	_, err = c.rights.CloseFor(t.Context(), clerk, c.resident.Person, asked)
	want(t, err, fault.NotFound) // to his clerk too
	_, err = c.rights.CloseMine(t.Context(), c.resident, rights.Word)
	want(t, err, account.ErrClosed) // a session that another replica still believes in
	again := c.register("田𠮷顺", phone, number)
	if again.Person == c.resident.Person {
		t.Error("he came back into the closed row")
	}
}

func TestWhoCloses(t *testing.T) {
	c := full(t)
	other := asked
	for name, try := range map[string]struct {
		err  error
		want error
	}{
		"another village's clerk":  {errOf(c.rights.CloseFor(t.Context(), foreign, c.resident.Person, asked)), fault.NotFound},
		"the grid worker":          {errOf(c.rights.CloseFor(t.Context(), gridWorker, c.resident.Person, asked)), fault.NotYours},
		"the dispatcher":           {errOf(c.rights.CloseFor(t.Context(), dispatcher, c.resident.Person, asked)), fault.NotFound},
		"his neighbour":            {errOf(c.rights.CloseFor(t.Context(), c.helper, c.resident.Person, asked)), fault.NotFound},
		"the clerk as himself":     {errOf(c.rights.CloseMine(t.Context(), clerk, rights.Word)), fault.NotYours},
		"without the word":         {errOf(c.rights.CloseMine(t.Context(), c.resident, "注")), fault.BadField},
		"without a cause":          {errOf(c.rights.CloseFor(t.Context(), clerk, c.resident.Person, account.Closing{How: other.How})), fault.BadField},
		"as if he did it himself":  {errOf(c.rights.CloseFor(t.Context(), clerk, c.resident.Person, account.Closing{Cause: account.ClosedSelf, How: other.How})), fault.BadField},
		"without saying how":       {errOf(c.rights.CloseFor(t.Context(), clerk, c.resident.Person, account.Closing{Cause: account.ClosedDied})), fault.BadField},
		"with a number in the how": {errOf(c.rights.CloseFor(t.Context(), clerk, c.resident.Person, account.Closing{Cause: account.ClosedDied, How: "家属电话" + phone})), account.ErrNumberInReason},
	} {
		if !errors.Is(try.err, try.want) {
			t.Errorf("%s: %v", name, try.err)
		}
	}
	if c.left()["values"] != 1 || c.rows("trail", "act = 'person.close'") != 0 {
		t.Error("somebody closed it")
	}
}

// TestOpenAppealsKeepItOpen: but a clerk is told only of those that he sees, and the dead take nothing back.
func TestOpenAppealsKeepItOpen(t *testing.T) {
	c := full(t)
	own, err := c.hand(c.resident)
	must(t, err)
	_, err = c.rights.CloseMine(t.Context(), c.resident, rights.Word)
	want(t, err, rights.ErrStillOpen)
	if f := fault.Of(err).Fields; len(f) != 1 || f[0].Location != "appeals/"+own || !strings.Contains(f[0].Message, "已提交") {
		t.Errorf("told %+v", f)
	}
	filed, err := c.hand(clerk)
	must(t, err)
	_, err = c.rights.CloseFor(t.Context(), clerk, c.resident.Person, asked)
	want(t, err, rights.ErrStillOpen)
	if f := fault.Of(err).Fields; len(f) != 1 || f[0].Location != "appeals/"+filed {
		t.Errorf("the clerk is told %+v", f)
	}
	if c.left()["values"] != 1 {
		t.Fatal("a refusal forgot something")
	}
	must(t, errOf(c.rights.CloseFor(t.Context(), clerk, c.resident.Person, account.Closing{Cause: account.ClosedDied, How: "村委会死亡登记"})))
	seen, err := c.appeals.Get(t.Context(), dispatcher, own)
	must(t, err)
	if seen.Petitioner == nil || seen.Petitioner.Name.String() != "已注销" || seen.Petitioner.Phone.String() != "" {
		t.Errorf("the dispatcher sees %+v", seen.Petitioner)
	}
}

func TestHisOwnAppealsAreNotToldToTheClerk(t *testing.T) {
	c := full(t)
	own, err := c.hand(c.resident)
	must(t, err)
	must(t, errOf(c.rights.CloseFor(t.Context(), clerk, c.resident.Person, asked)))
	must(t, errOf(c.appeals.Get(t.Context(), dispatcher, own)))
}

func TestAfterTheEndNothingBeginsInHisName(t *testing.T) {
	c := full(t)
	must(t, errOf(c.rights.CloseMine(t.Context(), c.resident, rights.Word)))
	_, err := c.hand(c.resident) // by a session that another replica still believes in
	want(t, err, account.ErrClosed)
	_, err = c.families.AskHelper(t.Context(), c.resident, family.HelperAsked{Phone: "13900000018", Scope: family.ScopeAll, Until: until, Consent: account.Consent{TextVersion: "2026-01"}})
	want(t, err, account.ErrClosed)
	_, err = c.people.UpdateMe(t.Context(), c.resident, account.Told{Phone: "13900000018", Name: "田𠮷顺", Village: xinglin, TextVersion: "2026-01"})
	if err == nil {
		t.Error("he filled the closed row again")
	}
	if c.left()["values"] != 0 {
		t.Error("something personal is in the closed row")
	}
}

// TestAFailureInTheMiddleForgetsNothing lets the last desk fail.
func TestAFailureInTheMiddleForgetsNothing(t *testing.T) {
	c := full(t)
	broken := errors.New("no disk")
	c.rights.ForgottenBy(func(*store.Tx, string) error { return broken })
	before := c.left()
	_, err := c.rights.CloseMine(t.Context(), c.resident, rights.Word)
	want(t, err, broken)
	for what, n := range c.left() {
		if n != before[what] {
			t.Errorf("%s: %d, before %d", what, n, before[what])
		}
	}
	if c.rows("trail", "act = 'person.close'") != 0 {
		t.Error("the trail says that it was closed")
	}
}

// TestClosingWhileHandingIn: whichever comes first, no appeal waits for somebody who has gone.
func TestClosingWhileHandingIn(t *testing.T) {
	c := open(t)
	for range 8 {
		c.resident = c.register("田𠮷顺", "", "")
		handed := make(chan error, 1)
		go func() { _, err := c.hand(c.resident); handed <- err }()
		_, closing := c.rights.CloseMine(t.Context(), c.resident, rights.Word)
		handing := <-handed
		waiting := c.rows("appeals", "applicant = ? AND status = 'submitted'", c.resident.Person)
		closed := c.rows("persons", "id = ? AND closed_at IS NOT NULL", c.resident.Person)
		switch {
		case closing == nil && errors.Is(handing, account.ErrClosed) && closed == 1 && waiting == 0:
		case handing == nil && errors.Is(closing, rights.ErrStillOpen) && closed == 0 && waiting == 1:
		default:
			t.Errorf("closing %v, handing in %v: %d closed, %d waiting", closing, handing, closed, waiting)
		}
	}
}
