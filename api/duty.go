package api

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/account"
)

// DutyView is one thing that somebody does.
type DutyView struct {
	Code  string `json:"code"`
	Title string `json:"title" doc:"县里对这类人的叫法，如网格长；可能为空"`
	Text  string `json:"text" doc:"管什么"`
}

func viewDuty(t account.Duty) DutyView { return DutyView{t.Code, t.Title, t.Text} }

type listedDutyView struct {
	DutyView
	Roles []access.Role `json:"roles" doc:"哪些角色可以承担"`
}

func viewListedDuty(t account.Duty) listedDutyView {
	return listedDutyView{viewDuty(t), t.CarriedBy()}
}

type dutiesIn struct{ Paging }

func (s *Server) listDuties(ctx context.Context, in *dutiesIn) (*reply[list[listedDutyView]], error) {
	all, err := s.Accounts.Duties(ctx)
	if err != nil {
		return nil, err
	}
	code := func(t account.Duty) string { return t.Code }
	return paged(ctx, s, in.Paging, portion(all, code), code, viewListedDuty)
}

// areaDutyView says what is done here and by what sort of person; not by whom.
type areaDutyView struct {
	Title    string      `json:"title" doc:"县里对这个岗位的叫法"`
	RoleName string      `json:"role_name"`
	Area     access.Area `json:"area" doc:"村或网格"`
	Office   string      `json:"office" doc:"机构编号"`
	Duties   []DutyView  `json:"duties"`
}

func viewAreaDuty(a account.AreaDuty) areaDutyView {
	return areaDutyView{a.Post.Title, a.Post.Role.Label(), a.Post.Area, a.Post.Office, views(a.Duties, viewDuty)}
}

type areaDutiesIn struct {
	Paging
	Code string `path:"code" maxLength:"14"`
}

func (s *Server) listAreaDuties(ctx context.Context, in *areaDutiesIn) (*reply[list[areaDutyView]], error) {
	all, err := s.Accounts.AreaDuties(ctx, access.Area(in.Code))
	if err != nil {
		return nil, err
	}
	post := func(a account.AreaDuty) string { return a.Post.ID }
	return paged(ctx, s, in.Paging, portion(all, post), post, viewAreaDuty)
}

type setDutiesIn struct {
	ID   ID `path:"id"`
	Body struct {
		Duties []string `json:"duties" maxItems:"100" doc:"全部职责的代码；空的就是一项也不承担"`
	}
}

func (s *Server) setDuties(ctx context.Context, in *setDutiesIn) (*reply[StaffView], error) {
	return answer(ctx, viewStaff, func(ctx context.Context) (account.Staff, error) {
		return s.Accounts.SetDuties(ctx, access.From(ctx), string(in.ID), in.Body.Duties)
	})
}
