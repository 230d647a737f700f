package rights_test

import (
	"testing"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/store/storetest"
)

// TestRightsWaitForTheirClient: nobody's record is corrected or closed while another one stands at the counter, and what he asked for is not decided.
func TestRightsWaitForTheirClient(t *testing.T) {
	c := open(t)
	ctx, by := t.Context(), clerk
	wish := c.ask(account.NameField, "田顺")
	by.Session = storetest.Session(t, c.store, by.Person, by.Post, c.helper.Person)
	acts := []struct {
		name string
		do   func() error
	}{
		{"refuse", func() error {
			return errOf(c.rights.RefuseCorrection(ctx, by, wish.ID, "身份证上是另一个名字"))
		}},
		{"correct", func() error {
			return errOf(c.rights.CorrectFor(ctx, by, c.resident.Person, account.NameField, "田顺", "看了身份证"))
		}},
		{"close", func() error { return errOf(c.rights.CloseFor(ctx, by, c.resident.Person, asked)) }},
	}
	want(t, errOf(c.rights.AgreeCorrection(ctx, by, wish.ID, "田顺", "看了身份证")), account.ErrOtherClient)
	for _, a := range acts {
		t.Log(a.name)
		want(t, a.do(), account.ErrOtherClient)
	}
	must(t, errOf(c.people.Serve(ctx, by, c.resident.Person)))
	for _, a := range acts {
		t.Log(a.name)
		must(t, a.do())
	}
}

// TestACopyHasWhatAColleagueHandedInInSecret: the clerk who prints it may not know by the appeal whose it is, and cannot open it while he serves
// anybody; the copy is of whom he serves.
func TestACopyHasWhatAColleagueHandedInInSecret(t *testing.T) {
	c := open(t)
	ctx, by := t.Context(), clerk
	by.Session = storetest.Session(t, c.store, by.Person, by.Post, c.resident.Person)
	colleague := access.Actor{Person: "colleague", Post: "q", Role: access.Clerk, Office: "station", Area: xinglin}
	in := appeal.Submission{Class: appeal.Help, Text: "村东头的水压一直上不来。", Identity: appeal.DispatcherOnly, Village: xinglin, Applicant: c.resident.Person}
	receipt, err := c.appeals.Submit(ctx, colleague, in)
	must(t, err)
	want(t, errOf(c.appeals.Get(ctx, by, receipt.Appeal.ID)), account.ErrOtherClient)
	copied, err := c.rights.CopyFor(ctx, by, c.resident.Person, "老人要核对")
	must(t, err)
	n := 0
	for m, err := range copied.Appeals {
		must(t, err)
		if n++; m.ID != receipt.Appeal.ID {
			t.Errorf("%+v", m)
		}
	}
	if n != 1 {
		t.Errorf("%d appeals", n)
	}
}
