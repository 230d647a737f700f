package api

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/family"
)

type setGuardianIn struct {
	ID   ID `path:"id"`
	Body struct {
		Guardian ID              `json:"guardian" doc:"监护人，先在本村登记"`
		Relation family.Relation `json:"relation" enum:"father,mother,grandparent,maternal_grandparent,sibling,spouse,child,other" doc:"监护人是他的什么人：父亲、母亲、祖父母、外祖父母、兄姐；成年人的可以是配偶、成年子女；其他（经村委会同意）"`
		Proof    family.Proof    `json:"proof" enum:"household_register,birth_certificate,court,appointed" doc:"凭户口簿、出生医学证明、法院文书、指定监护的文书"`
		Born     clock.Date      `json:"birth_date,omitzero" doc:"孩子的出生日期；登记过证件号码或出生日期的不用填"`
		Until    clock.Date      `json:"valid_until,omitzero" doc:"成年人的监护到哪天为止，最长五年；孩子的不用填，到十八周岁前一天"`
		Consent  givenConsent    `json:"consent" doc:"监护人怎样同意的"`
	}
}

func (s *Server) setGuardian(ctx context.Context, in *setGuardianIn) (*made[actingView], error) {
	b := in.Body
	g := family.Guardianship{
		Guardian: string(b.Guardian), Relation: b.Relation, Proof: b.Proof, BirthDate: b.Born, Until: b.Until, Consent: b.Consent.consent(),
	}
	return created(ctx, viewActing, func(ctx context.Context) (family.Acting, error) {
		return s.Families.SetGuardian(ctx, access.From(ctx), string(in.ID), g)
	})
}

type endGuardianIn struct {
	ID   ID `path:"id" doc:"监护关系，在代办关系里"`
	Body struct {
		Why family.Change `json:"why" enum:"changed,court,death,mistake" doc:"监护变更、法院撤销或变更、死亡、登记有误"`
	}
}

func (s *Server) endGuardian(ctx context.Context, in *endGuardianIn) (*reply[actingView], error) {
	return answer(ctx, viewActing, func(ctx context.Context) (family.Acting, error) {
		return s.Families.EndGuardian(ctx, access.From(ctx), string(in.ID), in.Body.Why)
	})
}
