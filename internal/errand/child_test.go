package errand

import (
	"errors"
	"testing"

	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/family"
	"tongban/internal/fault"
)

// TestAChildEntrustsThroughItsGuardian: under fourteen who entrusts is a guardian who is written down; from then on everybody is asked as before.
func TestAChildEntrustsThroughItsGuardian(t *testing.T) {
	t.Parallel()
	h := open(t)
	agreed := account.Consent{TextVersion: "2026-01", How: account.Signed}
	register := func(name string, years int, consent account.Consent) string {
		t.Helper()
		r, err := h.people.RegisterResident(t.Context(), h.clerk(), account.Registration{
			Name: name, Village: xinglin, BirthDate: h.today().AddYears(-years).AddDays(-1), Consent: consent,
		})
		must(t, err)
		return r.ID
	}
	mother, stranger := register("田妈妈", 35, agreed), register("钱路人", 40, agreed)
	byMother := agreed
	byMother.GivenBy = mother
	entrust := func(whose string, say func(*Entrustment)) error {
		t.Helper()
		c, err := h.cases.Open(t.Context(), h.clerk(), casework.Opening{
			Item: enrolment, Applicant: whose, Answers: map[string][]string{"who": {"self"}, "hukou": {"here"}, "job": {"never"}, "aid": {"no"}, "pay": {"self"}},
		})
		must(t, err)
		in := h.entrustment(c.ID)
		say(&in)
		seen, err := h.Entrust(t.Context(), h.clerk(), in)
		if err == nil && h.row(seen.ID).Guardian != in.Guardian {
			t.Errorf("%q entrusted, and kept is %q", in.Guardian, h.row(seen.ID).Guardian)
		}
		return err
	}
	as := func(relation, name, guardian string) func(*Entrustment) {
		return func(e *Entrustment) { e.Relation, e.Entruster, e.Guardian = relation, name, guardian }
	}
	child, grown := register("田宝宝", 13, byMother), register("田哥哥", 14, agreed)
	for field, say := range map[string]func(*Entrustment){
		"body.relation": as("", "", ""), "body.guardian": as(guardian, "田妈妈", ""),
	} {
		err := entrust(child, say)
		want(t, err, ErrGuardian)
		if e, ok := errors.AsType[*fault.Error](err); !ok || len(e.Fields) != 1 || e.Fields[0].Location != field {
			t.Errorf("got %v, want a fault of %s", err, field)
		}
	}
	want(t, entrust(child, as("family", "田妈妈", mother)), ErrGuardian)
	want(t, entrust(child, as(guardian, "田妈妈", mother)), ErrGuardian) // nobody saw that she is
	_, err := h.families.SetGuardian(t.Context(), h.clerk(), child, family.Guardianship{Guardian: mother, Relation: "mother", Proof: "household_register", Consent: agreed})
	must(t, err)
	want(t, entrust(child, as(guardian, "钱路人", stranger)), ErrGuardian)
	must(t, entrust(child, as(guardian, "田妈妈", mother)))

	must(t, entrust(grown, as("", "", "")))
	want(t, entrust(grown, as(guardian, "田妈妈", mother)), fault.BadField)
	must(t, entrust(h.resident.Person, as(guardian, "田家人", ""))) // whose birth date nobody knows
}
