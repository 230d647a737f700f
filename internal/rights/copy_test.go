package rights_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/fault"
	"tongban/internal/rights"
)

func TestWhoReadMe(t *testing.T) {
	c := open(t)
	look := account.Look{Fields: []string{"phone", "id_number"}, Cause: account.ToVerify, Note: "核对参保"}
	must(t, errOf(c.people.Reveal(t.Context(), clerk, c.resident.Person, look)))
	must(t, errOf(c.people.Reveal(t.Context(), clerk, c.helper.Person, account.Look{Fields: []string{"name"}, Cause: account.ToVerify, Note: "别人的事"})))
	must(t, errOf(c.rights.CopyMine(t.Context(), c.resident))) // his own looking is none of it
	list, err := c.rights.Reads(t.Context(), c.resident, "", 100)
	must(t, err)
	fields := map[string]bool{}
	for _, r := range list {
		fields[r.FieldText] = true
		if r.Role != access.Clerk || r.RoleText != "村办事员" || r.AreaName != "杏林村" || r.Reason != "核对身份：核对参保" || r.At.IsZero() {
			t.Errorf("%+v", r)
		}
	}
	if len(list) != 2 || !fields["电话"] || !fields["证件号码"] {
		t.Errorf("%+v", list)
	}
	older, err := c.rights.Reads(t.Context(), c.resident, list[0].ID, 100)
	must(t, err)
	if len(older) != 1 || older[0].ID != list[1].ID {
		t.Errorf("the page after the first: %+v", older)
	}
	for _, who := range []access.Actor{clerk, dispatcher, {}} {
		if _, err := c.rights.Reads(t.Context(), who, "", 100); err == nil {
			t.Errorf("%v is told who read his file", who.Role)
		}
	}
}

// TestACopyTurnsItsPages: more appeals than a batch come out once each.
func TestACopyTurnsItsPages(t *testing.T) {
	c := open(t)
	made := map[string]bool{}
	for i := range 45 {
		actor := c.resident
		if i%3 == 0 {
			actor = clerk
		}
		id, err := c.hand(actor)
		must(t, err)
		made[id] = true
	}
	other, err := c.hand(c.helper)
	must(t, err)
	mine, err := c.rights.CopyMine(t.Context(), c.resident)
	must(t, err)
	if mine.Record.Name != "田𠮷顺" || mine.Record.Phone != phone || mine.Record.IDNumber != number || mine.ByClerk {
		t.Errorf("the record is %+v", mine.Record)
	}
	for a, err := range mine.Appeals {
		must(t, err)
		if !made[a.ID] || !a.Mine {
			t.Errorf("%s is not his, or came twice (somebody else's: %t)", a.ID, a.ID == other)
		}
		delete(made, a.ID)
	}
	if len(made) > 0 {
		t.Errorf("%d are missing", len(made))
	}
	printed, err := c.rights.CopyFor(t.Context(), clerk, c.resident.Person, "老人要核对登记")
	must(t, err)
	n := 0
	for a, err := range printed.Appeals {
		must(t, err)
		if n++; !a.ByAgent {
			t.Error("the clerk is shown what the village did not file")
		}
	}
	if n != 15 || !printed.ByClerk {
		t.Errorf("the clerk prints %d appeals", n)
	}
	for range printed.Messages {
		t.Error("the clerk prints messages")
	}
}

func TestCopiesAreCounted(t *testing.T) {
	c := open(t)
	for range 5 {
		must(t, errOf(c.rights.CopyMine(t.Context(), c.resident)))
	}
	_, err := c.rights.CopyMine(t.Context(), c.resident)
	want(t, err, rights.ErrCopies)
	c.store.Clock().Advance(25 * time.Hour)
	must(t, errOf(c.rights.CopyMine(t.Context(), c.resident)))
	for range account.Looks.Most {
		must(t, errOf(c.rights.CopyFor(t.Context(), clerk, c.resident.Person, "老人要核对登记")))
	}
	_, err = c.rights.CopyFor(t.Context(), clerk, c.resident.Person, "老人要核对登记")
	want(t, err, account.ErrRevealQuota)
	_, err = c.people.Reveal(t.Context(), clerk, c.resident.Person, account.Look{Fields: []string{"name"}, Cause: account.ToVerify, Note: "核对"})
	want(t, err, account.ErrRevealQuota) // one quota
}

func TestWhoGetsACopy(t *testing.T) {
	c := open(t)
	for name, try := range map[string]struct{ err, want error }{
		"another village's clerk": {errOf(c.rights.CopyFor(t.Context(), foreign, c.resident.Person, "要核对")), fault.NotFound},
		"the grid worker":         {errOf(c.rights.CopyFor(t.Context(), gridWorker, c.resident.Person, "要核对")), fault.NotYours},
		"the dispatcher":          {errOf(c.rights.CopyFor(t.Context(), dispatcher, c.resident.Person, "要核对")), fault.NotFound},
		"his neighbour":           {errOf(c.rights.CopyFor(t.Context(), c.helper, c.resident.Person, "要核对")), fault.NotFound},
		"himself as a clerk":      {errOf(c.rights.CopyFor(t.Context(), c.resident, c.resident.Person, "要核对")), fault.NotYours},
		"a clerk of himself":      {errOf(c.rights.CopyMine(t.Context(), clerk)), fault.NotYours},
		"without a reason":        {errOf(c.rights.CopyFor(t.Context(), clerk, c.resident.Person, "")), fault.BadField},
		"a number in the reason":  {errOf(c.rights.CopyFor(t.Context(), clerk, c.resident.Person, fmt.Sprint("打", phone))), account.ErrNumberInReason},
	} {
		if !errors.Is(try.err, try.want) {
			t.Errorf("%s: %v", name, try.err)
		}
	}
	if c.rows("trail", "act IN ('person.copy', 'person.read')") != 0 || c.rows("tries", "kind IN ('reveal', 'copy')") != 0 {
		t.Error("a refusal left something")
	}
}
