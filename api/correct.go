package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/flow"
	"tongban/internal/rights"
)

// correctionView is what somebody asks to have corrected. The value is masked, also to him who typed it.
type correctionView struct {
	ID         string        `json:"id" format:"uuid"`
	Person     string        `json:"person" format:"uuid"`
	PersonName string        `json:"person_name" doc:"只留姓"`
	Field      account.Field `json:"field" enum:"name,phone,id_number,village"`
	FieldText  string        `json:"field_text"`
	Value      string        `json:"value" doc:"要改成什么；遮住一部分，村是代码。办完以后不再保存，为空"`
	Reason     string        `json:"reason"`
	Answer     string        `json:"answer" doc:"不同意的理由；没有为空"`
	Status     flow.State    `json:"status"`
	StatusText string        `json:"status_text"`
	Version    int           `json:"version"`
	CreatedAt  time.Time     `json:"created_at"`
	DecidedAt  *time.Time    `json:"decided_at,omitempty"`
	Offers     []flow.Offer  `json:"offers" doc:"您现在能办的"`
}

func (v correctionView) location() string { return "/corrections/" + v.ID }

func viewCorrection(c rights.Correction) correctionView {
	return correctionView{
		ID: c.ID, Person: c.Person, PersonName: c.PersonName.String(), Field: c.Field, FieldText: c.FieldText, Value: c.Value, Reason: c.Reason, Answer: c.Answer,
		Status: c.Status, StatusText: c.StatusText, Version: c.Version, CreatedAt: c.CreatedAt, DecidedAt: c.DecidedAt, Offers: c.Offers,
	}
}

type askCorrectionIn struct {
	Body struct {
		Field  account.Field `json:"field" enum:"name,phone,id_number,village" doc:"姓名、电话、证件号码、所在村"`
		Value  string        `json:"value" maxLength:"120" doc:"正确的是什么；村写村码或网格码；电话、证件号码写空就是不再登记"`
		Reason string        `json:"reason" maxLength:"800" doc:"为什么要改"`
	}
}

func (s *Server) askCorrection(ctx context.Context, in *askCorrectionIn) (*made[correctionView], error) {
	b := in.Body
	return created(ctx, viewCorrection, func(ctx context.Context) (rights.Correction, error) {
		return s.Rights.AskCorrection(ctx, access.From(ctx), b.Field, b.Value, b.Reason)
	})
}

type correctionsIn struct {
	Paging
	Open bool `query:"open" doc:"只看等着核对的"`
}

func (s *Server) listCorrections(ctx context.Context, in *correctionsIn) (*reply[list[correctionView]], error) {
	find := func(after string, limit int) ([]rights.Correction, error) {
		return s.Rights.Corrections(ctx, access.From(ctx), in.Open, after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(c rights.Correction) string { return c.ID }, viewCorrection)
}

type agreeCorrectionIn struct {
	ID   ID `path:"id"`
	Body struct {
		Value    string `json:"value" maxLength:"120" doc:"照证件填写；和群众申请的一样才会改"`
		Evidence string `json:"evidence" maxLength:"400" doc:"看了什么证件，会留痕；不要写电话、证件号码"`
	}
}

func (s *Server) agreeCorrection(ctx context.Context, in *agreeCorrectionIn) (*reply[correctionView], error) {
	return answer(ctx, viewCorrection, func(ctx context.Context) (rights.Correction, error) {
		return s.Rights.AgreeCorrection(ctx, access.From(ctx), string(in.ID), in.Body.Value, in.Body.Evidence)
	})
}

type refuseCorrectionIn struct {
	ID   ID `path:"id"`
	Body struct {
		Reason string `json:"reason" maxLength:"800" doc:"为什么不同意，告诉群众"`
	}
}

func (s *Server) refuseCorrection(ctx context.Context, in *refuseCorrectionIn) (*reply[correctionView], error) {
	return answer(ctx, viewCorrection, func(ctx context.Context) (rights.Correction, error) {
		return s.Rights.RefuseCorrection(ctx, access.From(ctx), string(in.ID), in.Body.Reason)
	})
}

type correctionIn struct {
	ID ID `path:"id"`
}

func (s *Server) withdrawCorrection(ctx context.Context, in *correctionIn) (*reply[correctionView], error) {
	return answer(ctx, viewCorrection, func(ctx context.Context) (rights.Correction, error) {
		return s.Rights.WithdrawCorrection(ctx, access.From(ctx), string(in.ID))
	})
}

type correctResidentIn struct {
	ID   ID `path:"id"`
	Body struct {
		Field    account.Field `json:"field" enum:"name,phone,id_number,village"`
		Value    string        `json:"value" maxLength:"120" doc:"照证件填写；电话、证件号码写空就是不再登记"`
		Evidence string        `json:"evidence" maxLength:"400" doc:"看了什么证件，会留痕；不要写电话、证件号码"`
	}
}

func (s *Server) correctResident(ctx context.Context, in *correctResidentIn) (*reply[residentView], error) {
	b := in.Body
	return answer(ctx, viewResident, func(ctx context.Context) (account.Resident, error) {
		return s.Rights.CorrectFor(ctx, access.From(ctx), string(in.ID), b.Field, b.Value, b.Evidence)
	})
}
