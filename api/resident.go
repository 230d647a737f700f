package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
)

// residentView shows the name to whoever serves the resident; phone and ID number stay masked.
type residentView struct {
	ID        string      `json:"id" format:"uuid"`
	Name      string      `json:"name"`
	Phone     string      `json:"phone" doc:"遮住中间几位；没有为空"`
	IDNumber  string      `json:"id_number" doc:"只留末四位；没有为空"`
	Village   access.Area `json:"village" doc:"没填过为空"`
	Grid      access.Area `json:"grid" doc:"不知道为空"`
	WeChat    bool        `json:"wechat" doc:"本人能用微信登录"`
	Child     bool        `json:"under_14" doc:"不满十四周岁：他的信息都按敏感个人信息对待，要监护人同意"`
	Version   int         `json:"version"`
	CreatedAt time.Time   `json:"created_at"`
}

func (v residentView) location() string { return "/residents/" + v.ID }

func viewResident(r account.Resident) residentView {
	return residentView{
		ID: r.ID, Name: r.Name, Phone: r.Phone.String(), IDNumber: r.IDNumber.String(),
		Village: r.Village, Grid: r.Grid, WeChat: r.WeChat, Child: r.Child, Version: r.Version, CreatedAt: r.CreatedAt,
	}
}

type registerIn struct {
	Body struct {
		Name     string       `json:"name" maxLength:"120" doc:"照证件写"`
		Phone    string       `json:"phone,omitempty" maxLength:"40" doc:"手机，或带区号的座机"`
		IDNumber string       `json:"id_number,omitempty" maxLength:"40"`
		Born     clock.Date   `json:"birth_date,omitzero" doc:"没有证件号码的填，知道就填；不满十四周岁的要监护人同意"`
		Village  string       `json:"village" pattern:"^[0-9]{12}$" patternDescription:"12位村码"`
		Grid     string       `json:"grid,omitempty" pattern:"^[0-9]{14}$" patternDescription:"14位网格码"`
		Consent  givenConsent `json:"consent"`
	}
}

// givenConsent is what the clerk saw the resident agree to.
type givenConsent struct {
	TextVersion string `json:"text_version" maxLength:"32" doc:"给他看过（念过）的告知书是哪一版"`
	How         string `json:"how" enum:"signed,fingerprint,spoken" doc:"签字、按手印、口头"`
	GivenBy     ID     `json:"given_by,omitempty" doc:"不满十四周岁的孩子，由哪位监护人同意的；监护人先在本村登记"`
}

func (c givenConsent) consent() account.Consent {
	return account.Consent{TextVersion: c.TextVersion, How: c.How, GivenBy: string(c.GivenBy)}
}

func (s *Server) registerResident(ctx context.Context, in *registerIn) (*made[residentView], error) {
	b := in.Body
	r := account.Registration{
		Name: b.Name, Phone: b.Phone, IDNumber: b.IDNumber, Village: access.Area(b.Village), Grid: access.Area(b.Grid),
		BirthDate: b.Born, Consent: b.Consent.consent(),
	}
	return created(ctx, viewResident, func(ctx context.Context) (account.Resident, error) {
		return s.Accounts.RegisterResident(ctx, access.From(ctx), r)
	})
}

type residentsIn struct{ Paging }

func (s *Server) listResidents(ctx context.Context, in *residentsIn) (*reply[list[residentView]], error) {
	return s.findBy(ctx, in.Paging, account.Search{})
}

// findIn asks by exact values. It is a POST, because numbers in an address would stand in the logs of every proxy.
type findIn struct {
	Paging
	Body struct {
		Phone    string `json:"phone,omitempty" maxLength:"40"`
		IDNumber string `json:"id_number,omitempty" maxLength:"40"`
	}
}

func (s *Server) findResidents(ctx context.Context, in *findIn) (*reply[list[residentView]], error) {
	if in.Body.Phone == "" && in.Body.IDNumber == "" {
		return nil, fault.Wrong("body", "请填写电话或证件号码")
	}
	return s.findBy(ctx, in.Paging, account.Search{Phone: in.Body.Phone, IDNumber: in.Body.IDNumber})
}

func (s *Server) findBy(ctx context.Context, page Paging, q account.Search) (*reply[list[residentView]], error) {
	find := func(after string, limit int) ([]account.Resident, error) {
		q.After, q.Limit = after, limit
		return s.Accounts.Residents(ctx, access.From(ctx), q)
	}
	return paged(ctx, s, page, find, func(r account.Resident) string { return r.ID }, viewResident)
}

type residentIn struct {
	ID ID `path:"id"`
}

func (s *Server) readResident(ctx context.Context, in *residentIn) (*reply[residentView], error) {
	r, err := s.Accounts.Resident(ctx, access.From(ctx), string(in.ID))
	if err != nil {
		return nil, err
	}
	return show(viewResident(r)), nil
}

type tellMeIn struct {
	Body struct {
		Name    string        `json:"name,omitempty" maxLength:"120"`
		Phone   string        `json:"phone,omitempty" maxLength:"40"`
		Village string        `json:"village,omitempty" pattern:"^[0-9]{12}$" patternDescription:"12位村码"`
		Grid    string        `json:"grid,omitempty" pattern:"^[0-9]{14}$" patternDescription:"14位网格码"`
		Born    clock.Date    `json:"birth_date,omitzero" doc:"愿意填就填；不满十四周岁的，请监护人到村便民服务站登记"`
		Consent tickedConsent `json:"consent"`
	}
}

// tickedConsent is what a resident agreed to on his own screen.
type tickedConsent struct {
	TextVersion string `json:"text_version" maxLength:"32" doc:"在屏幕上同意的告知书是哪一版"`
}

// tellMe lets a resident complete what a first log-in by WeChat does not say; what was told once, a clerk corrects.
func (s *Server) tellMe(ctx context.Context, in *tellMeIn) (*reply[residentView], error) {
	b := in.Body
	told := account.Told{
		Name: b.Name, Phone: b.Phone, Village: access.Area(b.Village), Grid: access.Area(b.Grid), TextVersion: b.Consent.TextVersion,
		BirthDate: b.Born,
	}
	return answer(ctx, viewResident, func(ctx context.Context) (account.Resident, error) {
		return s.Accounts.UpdateMe(ctx, access.From(ctx), told)
	})
}
