package api

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/account"
)

type revealResidentIn struct {
	ID   ID `path:"id"`
	Body struct {
		Fields []string `json:"fields" minItems:"1" maxItems:"3" nullable:"false" enum:"name,phone,id_number" doc:"要看哪几项"`
		Cause  string   `json:"cause" enum:"contact,file,verify,correct" doc:"联系本人、代填申请、核对身份、核对登记"`
		Note   string   `json:"note" maxLength:"400" doc:"理由，会留痕；不要写电话、证件号码"`
	}
}

// shownView is the one answer that holds a resident's numbers in full: it is never stored, and each look leaves a trail.
type shownView struct {
	Name     string `json:"name" doc:"没有看，或者没有登记，为空"`
	Phone    string `json:"phone" doc:"同上"`
	IDNumber string `json:"id_number" doc:"同上"`
}

func (s *Server) revealResident(ctx context.Context, in *revealResidentIn) (*reply[shownView], error) {
	b := in.Body
	shown, err := s.Accounts.Reveal(ctx, access.From(ctx), string(in.ID), account.Look{Fields: b.Fields, Cause: account.Cause(b.Cause), Note: b.Note})
	if err != nil {
		return nil, err
	}
	return show(shownView(shown)), nil
}
