package api

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/family"
	"tongban/internal/flow"
)

// actingView is a relation in which somebody acts for another; names are masked.
type actingView struct {
	ID            string       `json:"id" format:"uuid"`
	Kind          family.Kind  `json:"kind" enum:"friend,guardian" doc:"friend 亲友代办，guardian 监护"`
	Relation      string       `json:"relation,omitempty" doc:"监护人是孩子的什么人"`
	Proof         string       `json:"proof,omitempty" doc:"凭什么文书登记的监护"`
	Principal     string       `json:"principal" format:"uuid" doc:"替谁办；代办时填在 on_behalf_of_resident_id 里"`
	PrincipalName string       `json:"principal_name" doc:"只留姓"`
	Helper        string       `json:"helper" doc:"谁来办；还没人确认为空"`
	HelperName    string       `json:"helper_name" doc:"只留姓"`
	Scope         family.Scope `json:"scope" enum:"filed,all" doc:"filed 只看代办人提交的，all 他的全部诉求和办件"`
	Status        flow.State   `json:"status"`
	StatusText    string       `json:"status_text"`
	ValidFrom     clock.Date   `json:"valid_from"`
	ValidUntil    clock.Date   `json:"valid_until"`
	Offers        []flow.Offer `json:"offers" doc:"您现在能办的"`
}

func (v actingView) location() string { return "/actings/" + v.ID }

func viewActing(a family.Acting) actingView {
	return actingView{
		ID: a.ID, Kind: a.Kind, Relation: a.Relation.Text(), Proof: a.Proof.Text(), Principal: a.Principal, PrincipalName: a.PrincipalName.String(), Helper: a.Helper, HelperName: a.HelperName.String(),
		Scope: a.Scope, Status: a.Status, StatusText: a.StatusText, ValidFrom: a.ValidFrom, ValidUntil: a.ValidUntil, Offers: a.Offers,
	}
}

type askHelperIn struct {
	Body struct {
		Phone   string        `json:"phone,omitempty" maxLength:"40" doc:"请谁代办：他在这里证明过的电话"`
		Helper  ID            `json:"helper,omitempty" doc:"或者请自己户里的一个人，不用电话"`
		Scope   family.Scope  `json:"scope" enum:"filed,all" doc:"filed 只看代办人提交的，all 他的全部诉求和办件"`
		Until   clock.Date    `json:"valid_until" doc:"到哪天为止，最长一年"`
		Consent tickedConsent `json:"consent"`
	}
}

func (s *Server) askHelper(ctx context.Context, in *askHelperIn) (*made[actingView], error) {
	b := in.Body
	asked := family.HelperAsked{Phone: b.Phone, Helper: string(b.Helper), Scope: b.Scope, Until: b.Until, Consent: account.Consent{TextVersion: b.Consent.TextVersion}}
	return created(ctx, viewActing, func(ctx context.Context) (family.Acting, error) {
		return s.Families.AskHelper(ctx, access.From(ctx), asked)
	})
}

type setHelperIn struct {
	ID   ID `path:"id"`
	Body struct {
		Helper  ID           `json:"helper" doc:"代办人，先在本村登记"`
		Scope   family.Scope `json:"scope" enum:"filed,all"`
		Until   clock.Date   `json:"valid_until" doc:"到哪天为止，最长一年"`
		Consent givenConsent `json:"consent" doc:"被代办的人怎样同意的"`
	}
}

func (s *Server) setHelper(ctx context.Context, in *setHelperIn) (*made[actingView], error) {
	b := in.Body
	asked := family.HelperAsked{
		Helper: string(b.Helper), Scope: b.Scope, Until: b.Until, Consent: b.Consent.consent(),
	}
	return created(ctx, viewActing, func(ctx context.Context) (family.Acting, error) {
		return s.Families.SetHelper(ctx, access.From(ctx), string(in.ID), asked)
	})
}

type actingsIn struct{ Paging }

func (s *Server) listActings(ctx context.Context, in *actingsIn) (*reply[list[actingView]], error) {
	find := func(after string, limit int) ([]family.Acting, error) {
		return s.Families.Actings(ctx, access.From(ctx), after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(a family.Acting) string { return a.ID }, viewActing)
}

type actingIn struct {
	ID ID `path:"id"`
}

func (s *Server) confirmActing(ctx context.Context, in *actingIn) (*reply[actingView], error) {
	return answer(ctx, viewActing, func(ctx context.Context) (family.Acting, error) {
		return s.Families.ConfirmHelping(ctx, access.From(ctx), string(in.ID))
	})
}

func (s *Server) endActing(ctx context.Context, in *actingIn) (*reply[actingView], error) {
	return answer(ctx, viewActing, func(ctx context.Context) (family.Acting, error) {
		return s.Families.EndHelping(ctx, access.From(ctx), string(in.ID))
	})
}
