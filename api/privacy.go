package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
)

// privacyView is the privacy notice in one version. A consent names the version.
type privacyView struct {
	Version  string     `json:"version" doc:"同意时填在 text_version 里"`
	InForce  clock.Date `json:"in_force" doc:"施行日期"`
	Title    string     `json:"title"`
	Text     string     `json:"text" doc:"普通话文本，## 开头的行是小标题，可以念给人听"`
	Versions []string   `json:"versions" doc:"施行过的各版，新的在前"`
}

type privacyIn struct {
	Version string `query:"version" maxLength:"32" doc:"看哪一版；不写就是现行的"`
}

func (s *Server) readPrivacy(ctx context.Context, in *privacyIn) (*reply[privacyView], error) {
	text, err := s.Accounts.PrivacyText(ctx, in.Version)
	if err != nil {
		return nil, err
	}
	all, err := s.Accounts.PrivacyTexts(ctx)
	if err != nil {
		return nil, err
	}
	versions := views(all, func(t account.PrivacyText) string { return t.Version })
	return show(privacyView{text.Version, text.InForce, text.Title, text.Text, versions}), nil
}

// consentView is a consent of the reader's own.
type consentView struct {
	ID           string     `json:"id" format:"uuid"`
	Person       string     `json:"person" format:"uuid" doc:"是谁的信息"`
	GivenBy      string     `json:"given_by" format:"uuid" doc:"谁同意的：本人，或替孩子同意的监护人"`
	Kind         string     `json:"kind" enum:"registration,acting,guardian,locker,look_up"`
	KindText     string     `json:"kind_text" doc:"同意了什么"`
	TextVersion  string     `json:"text_version" doc:"告知书是哪一版"`
	How          string     `json:"how" enum:"signed,fingerprint,spoken,on_screen" doc:"签字、按手印、口头、在手机上勾选"`
	At           time.Time  `json:"at"`
	WithdrawnAt  *time.Time `json:"withdrawn_at,omitempty"`
	WithdrawnHow string     `json:"withdrawn_how,omitempty" enum:"signed,fingerprint,spoken,on_screen" doc:"本人怎样表示撤回；在自己手机上撤回的可以没有"`
	Lapsed       bool       `json:"lapsed" doc:"孩子已满十四周岁，监护人的同意到此为止，要本人自己同意"`
	Follows      string     `json:"follows" doc:"撤回以后会怎样；到期的，要做什么"`
}

func viewConsent(c account.Given) consentView {
	return consentView(c)
}

type consentsIn struct{ Paging }

func (s *Server) listConsents(ctx context.Context, in *consentsIn) (*reply[list[consentView]], error) {
	find := func(after string, limit int) ([]account.Given, error) {
		return s.Accounts.Consents(ctx, access.From(ctx), after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(c account.Given) string { return c.ID }, viewConsent)
}

type residentConsentsIn struct {
	Paging
	ID ID `path:"id"`
}

func (s *Server) listResidentConsents(ctx context.Context, in *residentConsentsIn) (*reply[list[consentView]], error) {
	find := func(after string, limit int) ([]account.Given, error) {
		return s.Accounts.ResidentConsents(ctx, access.From(ctx), string(in.ID), after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(c account.Given) string { return c.ID }, viewConsent)
}

type agreeIn struct {
	Body struct {
		Consent tickedConsent `json:"consent"`
	}
}

func (s *Server) agree(ctx context.Context, in *agreeIn) (*reply[consentView], error) {
	return answer(ctx, viewConsent, func(ctx context.Context) (account.Given, error) {
		return s.Families.Agree(ctx, access.From(ctx), account.Consent{TextVersion: in.Body.Consent.TextVersion})
	})
}

type recordConsentIn struct {
	ID   ID `path:"id"`
	Body struct {
		Consent givenConsent `json:"consent"`
	}
}

func (s *Server) recordConsent(ctx context.Context, in *recordConsentIn) (*reply[consentView], error) {
	return answer(ctx, viewConsent, func(ctx context.Context) (account.Given, error) {
		return s.Families.RecordConsent(ctx, access.From(ctx), string(in.ID), in.Body.Consent.consent())
	})
}

type withdrawIn struct {
	ID ID `path:"id"`
}

func (s *Server) withdrawConsent(ctx context.Context, in *withdrawIn) (*reply[consentView], error) {
	return answer(ctx, viewConsent, func(ctx context.Context) (account.Given, error) {
		return s.Families.Withdraw(ctx, access.From(ctx), string(in.ID))
	})
}

type withdrawForIn struct {
	ID      ID `path:"id"`
	Consent ID `path:"consent_id"`
	Body    struct {
		How string `json:"how" enum:"signed,fingerprint,spoken" doc:"本人怎样表示撤回：签字、按手印、口头"`
	}
}

func (s *Server) withdrawConsentFor(ctx context.Context, in *withdrawForIn) (*reply[consentView], error) {
	return answer(ctx, viewConsent, func(ctx context.Context) (account.Given, error) {
		return s.Families.WithdrawFor(ctx, access.From(ctx), string(in.ID), string(in.Consent), in.Body.How)
	})
}
