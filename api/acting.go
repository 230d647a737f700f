package api

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/flow"
)

// actingView is a relation in which somebody acts for another; names are masked.
type actingView struct {
	ID            string        `json:"id" format:"uuid"`
	Principal     string        `json:"principal" format:"uuid" doc:"替谁办；代办时填在 on_behalf_of_resident_id 里"`
	PrincipalName string        `json:"principal_name" doc:"只留姓"`
	Helper        string        `json:"helper" doc:"谁来办；还没人确认为空"`
	HelperName    string        `json:"helper_name" doc:"只留姓"`
	Scope         account.Scope `json:"scope" enum:"filed,all" doc:"filed 只看代办人提交的，all 他的全部诉求和办件"`
	Status        flow.State    `json:"status"`
	StatusText    string        `json:"status_text"`
	ValidFrom     clock.Date    `json:"valid_from"`
	ValidUntil    clock.Date    `json:"valid_until"`
	Offers        []flow.Offer  `json:"offers" doc:"您现在能办的"`
}

func (v actingView) location() string { return "/actings/" + v.ID }

func viewActing(a account.Acting) actingView {
	return actingView{
		ID: a.ID, Principal: a.Principal, PrincipalName: a.PrincipalName.String(), Helper: a.Helper, HelperName: a.HelperName.String(),
		Scope: a.Scope, Status: a.Status, StatusText: a.StatusText, ValidFrom: a.ValidFrom, ValidUntil: a.ValidUntil, Offers: a.Offers,
	}
}

type askHelperIn struct {
	Body struct {
		Phone   string        `json:"phone" maxLength:"40" doc:"请谁代办：他在这里填过的电话"`
		Scope   account.Scope `json:"scope" enum:"filed,all" doc:"filed 只看代办人提交的，all 他的全部诉求和办件"`
		Until   clock.Date    `json:"valid_until" doc:"到哪天为止，最长一年"`
		Consent tickedConsent `json:"consent"`
	}
}

func (s *Server) askHelper(ctx context.Context, in *askHelperIn) (*made[actingView], error) {
	b := in.Body
	asked := account.HelperAsked{Phone: b.Phone, Scope: b.Scope, Until: b.Until, Consent: account.Consent{TextVersion: b.Consent.TextVersion}}
	return created(ctx, viewActing, func(ctx context.Context) (account.Acting, error) {
		return s.Accounts.AskHelper(ctx, access.From(ctx), asked)
	})
}

type setHelperIn struct {
	ID   ID `path:"id"`
	Body struct {
		Helper  ID            `json:"helper" doc:"代办人，先在本村登记"`
		Scope   account.Scope `json:"scope" enum:"filed,all"`
		Until   clock.Date    `json:"valid_until" doc:"到哪天为止，最长一年"`
		Consent givenConsent  `json:"consent" doc:"被代办的人怎样同意的"`
	}
}

func (s *Server) setHelper(ctx context.Context, in *setHelperIn) (*made[actingView], error) {
	b := in.Body
	asked := account.HelperAsked{
		Helper: string(b.Helper), Scope: b.Scope, Until: b.Until, Consent: account.Consent{TextVersion: b.Consent.TextVersion, How: b.Consent.How},
	}
	return created(ctx, viewActing, func(ctx context.Context) (account.Acting, error) {
		return s.Accounts.SetHelper(ctx, access.From(ctx), string(in.ID), asked)
	})
}

type actingsIn struct{ Paging }

func (s *Server) listActings(ctx context.Context, in *actingsIn) (*reply[list[actingView]], error) {
	find := func(after string, limit int) ([]account.Acting, error) {
		return s.Accounts.Actings(ctx, access.From(ctx), after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(a account.Acting) string { return a.ID }, viewActing)
}

type actingIn struct {
	ID ID `path:"id"`
}

func (s *Server) confirmActing(ctx context.Context, in *actingIn) (*reply[actingView], error) {
	return answer(ctx, viewActing, func(ctx context.Context) (account.Acting, error) {
		return s.Accounts.ConfirmHelping(ctx, access.From(ctx), string(in.ID))
	})
}

func (s *Server) endActing(ctx context.Context, in *actingIn) (*reply[actingView], error) {
	return answer(ctx, viewActing, func(ctx context.Context) (account.Acting, error) {
		return s.Accounts.EndHelping(ctx, access.From(ctx), string(in.ID))
	})
}
