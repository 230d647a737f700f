package rights_test

import (
	"errors"
	"strings"
	"testing"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/family"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/rights"
	"tongban/internal/store"
)

func (c *county) ask(field account.Field, value string) rights.Correction {
	c.t.Helper()
	asked, err := c.rights.AskCorrection(c.t.Context(), c.resident, field, value, "登记时写错了")
	must(c.t, err)
	return asked
}

// shown is the resident's row as his clerk gets it.
func (c *county) shown() account.Shown {
	c.t.Helper()
	s, err := c.people.Reveal(c.t.Context(), clerk, c.resident.Person, account.Look{Fields: []string{"name", "phone", "id_number"}, Cause: account.ToCorrect, Note: "核对"})
	must(c.t, err)
	return s
}

func TestCorrectionFlow(t *testing.T) {
	if err := rights.CorrectionFlow.Check([]flow.Act{rights.Agree, rights.Refuse, rights.Withdraw}); err != nil {
		t.Error(err)
	}
}

func TestTheClerkAgreesToWhatHisEyesSee(t *testing.T) {
	c := open(t)
	asked := c.ask(account.NameField, "田顺")
	if asked.Status != rights.Asked || asked.Value != "田*" || asked.FieldText != "姓名" || len(asked.Offers) != 1 || asked.Offers[0].Do != rights.Withdraw {
		t.Errorf("asked: %+v", asked)
	}
	if c.rows("corrections", "value IS NULL OR reason IS NULL") != 0 || c.rows("trail", "body LIKE '%田顺%' OR body LIKE '%写错了%'") != 0 {
		t.Error("the words are not where they belong")
	}
	_, err := c.rights.AskCorrection(t.Context(), c.resident, account.NameField, "田大顺", "还是这个")
	want(t, err, rights.ErrAskedAlready)
	list, err := c.rights.Corrections(t.Context(), clerk, true, "", 20)
	must(t, err)
	if len(list) != 1 || list[0].ID != asked.ID || list[0].Reason != "登记时写错了" || list[0].PersonName.String() != "田**" || len(list[0].Offers) != 2 {
		t.Fatalf("the clerk sees %+v", list)
	}
	_, err = c.rights.AgreeCorrection(t.Context(), clerk, asked.ID, "田舜", "看了身份证")
	want(t, err, rights.ErrPapersDiffer)
	if c.shown().Name != "田𠮷顺" {
		t.Error("it was written nevertheless")
	}
	done, err := c.rights.AgreeCorrection(t.Context(), clerk, asked.ID, "田　顺", "看了身份证") // another way to write the same
	must(t, err)
	if done.Status != rights.Agreed || done.Value != "" || c.shown().Name != "田顺" {
		t.Errorf("agreed: %+v, %+v", done, c.shown())
	}
	if c.rows("trail", "act = 'person.correct' AND object = ? AND body LIKE '%看了身份证%' AND body LIKE '%\"fields\":[\"name\"]%'", c.resident.Person) != 1 {
		t.Error("the trail does not tell")
	}
	_, err = c.rights.AgreeCorrection(t.Context(), clerk, asked.ID, "田顺", "看了身份证")
	want(t, err, flow.NotNow)
	if n := len(c.listed(clerk, true)); n != 0 {
		t.Errorf("%d still wait", n)
	}
}

func (c *county) listed(actor access.Actor, open bool) []rights.Correction {
	c.t.Helper()
	list, err := c.rights.Corrections(c.t.Context(), actor, open, "", 20)
	must(c.t, err)
	return list
}

func TestARefusalHasItsReason(t *testing.T) {
	c := open(t)
	asked := c.ask(account.IDNumberField, "110105194912310038")
	if !strings.HasSuffix(asked.Value, "0038") || !strings.HasPrefix(asked.Value, "****") {
		t.Errorf("shown as %s", asked.Value)
	}
	_, err := c.rights.RefuseCorrection(t.Context(), clerk, asked.ID, " ")
	want(t, err, fault.BadField)
	must(t, errOf(c.rights.RefuseCorrection(t.Context(), clerk, asked.ID, "身份证上是另一个号码，请再看看")))
	mine := c.listed(c.resident, false)
	if len(mine) != 1 || mine[0].Status != rights.Refused || mine[0].Answer != "身份证上是另一个号码，请再看看" || len(mine[0].Offers) != 0 {
		t.Errorf("the resident is told %+v", mine)
	}
	if c.shown().IDNumber != number || c.rows("corrections", "value IS NOT NULL") != 0 {
		t.Error("a refused value was written, or kept")
	}
	again := c.ask(account.IDNumberField, "110105194912310038") // the field is free again
	must(t, errOf(c.rights.WithdrawCorrection(t.Context(), c.resident, again.ID)))
	_, err = c.rights.RefuseCorrection(t.Context(), clerk, again.ID, "已经撤回的")
	want(t, err, flow.NotNow)
}

func TestWhoCorrects(t *testing.T) {
	c := open(t)
	asked := c.ask(account.NameField, "田顺")
	ctx := t.Context()
	for name, try := range map[string]struct{ err, want error }{
		"another village's clerk agrees":  {errOf(c.rights.AgreeCorrection(ctx, foreign, asked.ID, "田顺", "看了")), fault.NotFound},
		"another village's clerk refuses": {errOf(c.rights.RefuseCorrection(ctx, foreign, asked.ID, "不同意")), fault.NotFound},
		"the grid worker agrees":          {errOf(c.rights.AgreeCorrection(ctx, gridWorker, asked.ID, "田顺", "看了")), fault.NotFound},
		"the resident agrees himself":     {errOf(c.rights.AgreeCorrection(ctx, c.resident, asked.ID, "田顺", "看了")), flow.NotByYou},
		"the neighbour withdraws":         {errOf(c.rights.WithdrawCorrection(ctx, c.helper, asked.ID)), fault.NotFound},
		"the clerk withdraws":             {errOf(c.rights.WithdrawCorrection(ctx, clerk, asked.ID)), flow.NotByYou},
		"the clerk asks":                  {errOf(c.rights.AskCorrection(ctx, clerk, account.NameField, "田顺", "错了")), fault.NotYours},
		"a field that is none":            {errOf(c.rights.AskCorrection(ctx, c.resident, "password", "田顺", "错了")), fault.BadField},
		"a phone that is none":            {errOf(c.rights.AskCorrection(ctx, c.resident, account.PhoneField, "123", "错了")), fault.BadField},
		"no name":                         {errOf(c.rights.AskCorrection(ctx, c.resident, account.NameField, "", "错了")), fault.BadField},
		"no reason":                       {errOf(c.rights.AskCorrection(ctx, c.resident, account.PhoneField, "13900000018", "")), fault.BadField},
		"another's clerk at the counter":  {errOf(c.rights.CorrectFor(ctx, foreign, c.resident.Person, account.NameField, "田顺", "看了身份证")), fault.NotFound},
		"the grid worker at the counter":  {errOf(c.rights.CorrectFor(ctx, gridWorker, c.resident.Person, account.NameField, "田顺", "看了身份证")), fault.NotYours},
		"himself at the counter":          {errOf(c.rights.CorrectFor(ctx, c.resident, c.resident.Person, account.NameField, "田顺", "看了身份证")), fault.NotYours},
		"without papers":                  {errOf(c.rights.CorrectFor(ctx, clerk, c.resident.Person, account.NameField, "田顺", " ")), fault.BadField},
		"what is so already":              {errOf(c.rights.CorrectFor(ctx, clerk, c.resident.Person, account.PhoneField, phone, "看了身份证")), account.ErrSame},
		"a village that is none":          {errOf(c.rights.CorrectFor(ctx, clerk, c.resident.Person, account.VillageField, "219901101299", "看了户口本")), fault.BadField},
	} {
		if !errors.Is(try.err, try.want) {
			t.Errorf("%s: %v", name, try.err)
		}
	}
	if c.shown() != (account.Shown{Name: "田𠮷顺", Phone: phone, IDNumber: number}) {
		t.Errorf("it is %+v now", c.shown())
	}
}

func TestAtTheCounter(t *testing.T) {
	c := open(t)
	ctx := t.Context()
	must(t, errOf(c.rights.CorrectFor(ctx, clerk, c.resident.Person, account.PhoneField, "13900000018", "本人当面说的")))
	must(t, errOf(c.rights.CorrectFor(ctx, clerk, c.resident.Person, account.IDNumberField, "", "本人不想登记了")))
	if got := c.shown(); got != (account.Shown{Name: "田𠮷顺", Phone: "13900000018"}) {
		t.Errorf("it is %+v now", got)
	}
	found, err := c.people.Residents(ctx, clerk, account.Search{Phone: "13900000018", Limit: 10})
	must(t, err)
	if len(found) != 1 {
		t.Errorf("%d are found by the new phone", len(found))
	}
	c.register("田二", "", number)
	_, err = c.rights.CorrectFor(ctx, clerk, c.resident.Person, account.IDNumberField, number, "看了身份证")
	want(t, err, account.ErrAlreadyHere)
	asked := c.ask(account.NameField, "田顺")
	must(t, errOf(c.rights.CorrectFor(ctx, clerk, c.resident.Person, account.VillageField, string(hewan)+"01", "看了户口本")))
	if n := len(c.listed(clerk, false)); n != 0 {
		t.Errorf("the old village sees %d", n)
	}
	must(t, errOf(c.rights.AgreeCorrection(ctx, foreign, asked.ID, "田顺", "看了身份证")))
}

// TestTheVillageIsCorrectedAtTheCounter: what the resident asked for himself is decided by his new clerk, the village too.
func TestTheVillageIsCorrectedAtTheCounter(t *testing.T) {
	c := open(t)
	asked := c.ask(account.VillageField, string(hewan))
	must(t, errOf(c.rights.CorrectFor(t.Context(), clerk, c.resident.Person, account.VillageField, string(hewan)+"01", "看了户口本")))
	if n := len(c.listed(clerk, true)); n != 0 {
		t.Errorf("%d wait for the clerk of a village where he does not live", n)
	}
	must(t, errOf(c.rights.AgreeCorrection(t.Context(), foreign, asked.ID, string(hewan), "看了户口本")))
}

// TestAChildsNumberIsCorrected: guardians stay until the corrected child is eighteen, and who had his number taken away stays a child.
func TestAChildsNumberIsCorrected(t *testing.T) {
	c := open(t)
	ctx, today := t.Context(), clock.DateOf(c.store.Clock().Now())
	mother, court, short := c.register("田母", "", ""), c.register("田叔", "", ""), c.register("田姑", "", "")
	signed := account.Consent{TextVersion: "2026-01", How: account.Signed}
	byMother := account.Consent{TextVersion: "2026-01", How: account.Signed, GivenBy: mother.Person}
	child, err := c.people.RegisterResident(ctx, clerk, account.Registration{
		Name: "田小", IDNumber: numberOf(today.AddYears(-10)), Village: xinglin, Consent: byMother,
	})
	must(t, err)
	guard := func(g family.Guardianship, by access.Actor) family.Acting {
		g.Guardian, g.Consent = by.Person, signed
		a, err := c.families.SetGuardian(ctx, clerk, child.ID, g)
		must(t, err)
		return a
	}
	until := map[string]clock.Date{
		guard(family.Guardianship{Relation: "mother", Proof: "household_register"}, mother).ID:                today.AddYears(7).AddDays(-1),
		guard(family.Guardianship{Relation: "other", Proof: "court"}, court).ID:                               today.AddYears(7).AddDays(-1),
		guard(family.Guardianship{Relation: "other", Proof: "appointed", Until: today.AddYears(1)}, short).ID: today.AddYears(1),
	}
	guards := func() {
		t.Helper()
		list, err := c.families.Actings(ctx, clerk, "", 20)
		must(t, err)
		for _, a := range list {
			if a.ValidUntil != until[a.ID] {
				t.Errorf("%s by %s until %s, want %s", a.Relation, a.Proof, a.ValidUntil, until[a.ID])
			}
		}
	}
	must(t, errOf(c.rights.CorrectFor(ctx, clerk, child.ID, account.IDNumberField, numberOf(today.AddYears(-11)), "看了户口本")))
	guards()
	must(t, errOf(c.rights.CorrectFor(ctx, clerk, child.ID, account.IDNumberField, "", "监护人不想登记了")))
	guards()
	_, err = c.families.RecordConsent(ctx, clerk, child.ID, signed)
	want(t, err, account.ErrGuardianMust)
	// It is an adult after all: nobody guards it any more.
	must(t, errOf(c.rights.CorrectFor(ctx, clerk, child.ID, account.IDNumberField, numberOf(today.AddYears(-19)), "看了身份证")))
	err = c.store.Write(ctx, mother, func(tx *store.Tx) error { return errOf(family.ActsFor(tx, child.ID, xinglin)) })
	want(t, err, fault.NotFound)
}

// numberOf is an ID number of somebody who was born that day.
func numberOf(born clock.Date) string {
	body := "110105" + strings.ReplaceAll(born.String(), "-", "") + "002"
	weights, sum := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}, 0
	for i, w := range weights {
		sum += w * int(body[i]-'0')
	}
	return body + string("10X98765432"[sum%11])
}

// TestAClosedAccountKeepsNoCorrection: neither values nor words.
func TestAClosedAccountKeepsNoCorrection(t *testing.T) {
	c := open(t)
	done := c.ask(account.PhoneField, "13900000018")
	must(t, errOf(c.rights.RefuseCorrection(t.Context(), clerk, done.ID, "先打个电话核对")))
	c.ask(account.NameField, "田顺")
	must(t, errOf(c.rights.CloseMine(t.Context(), c.resident, rights.Word)))
	if n := c.rows("corrections", "value IS NOT NULL OR reason IS NOT NULL OR answer IS NOT NULL OR status = 'asked'"); n != 0 {
		t.Errorf("%d corrections say something still", n)
	}
	if n := len(c.listed(clerk, false)); n != 0 {
		t.Errorf("the clerk sees %d", n)
	}
}

// TestCorrectionsGoAlong: when the village ends, the clerk of the one after it decides.
func TestCorrectionsGoAlong(t *testing.T) {
	c := open(t)
	asked := c.ask(account.NameField, "田顺")
	n, err := c.rights.Carry(t.Context(), xinglin, hewan)
	must(t, err)
	if n != 1 || len(c.listed(clerk, true)) != 0 || len(c.listed(foreign, true)) != 1 {
		t.Errorf("%d were carried", n)
	}
	if n, err := c.rights.Carry(t.Context(), xinglin, hewan); n != 0 || err != nil {
		t.Errorf("done again it finds %d, %v", n, err)
	}
	if c.rows("trail", "act = 'correction.carry' AND object = ?", asked.ID) != 1 {
		t.Error("the trail does not tell")
	}
}

func TestAsksAreCounted(t *testing.T) {
	c := open(t)
	for range 10 {
		must(t, errOf(c.rights.WithdrawCorrection(t.Context(), c.resident, c.ask(account.NameField, "田顺").ID)))
	}
	_, err := c.rights.AskCorrection(t.Context(), c.resident, account.NameField, "田顺", "登记时写错了")
	want(t, err, rights.ErrAskedOften)
}
