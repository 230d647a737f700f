package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
)

// StaffView is an account as its administrators see it.
type StaffView struct {
	ID           string      `json:"id" format:"uuid"`
	Username     string      `json:"username"`
	Name         string      `json:"name"`
	Area         access.Area `json:"area" doc:"第一个岗位所管的区划"`
	Disabled     bool        `json:"disabled"`
	MustChange   bool        `json:"must_change" doc:"用的是临时密码，第一次登录要改"`
	SecondFactor bool        `json:"second_factor" doc:"绑定了动态口令"`
	WeChat       bool        `json:"wechat" doc:"绑定了微信"`
	Posts        []termView  `json:"posts" doc:"现在、以前和以后的岗位"`
	Version      int         `json:"version"`
	CreatedAt    time.Time   `json:"created_at"`
}

// termView is a post with its time.
type termView struct {
	PostView
	Title      string     `json:"title"`
	ValidFrom  clock.Date `json:"valid_from"`
	ValidUntil string     `json:"valid_until" doc:"最后一天；没有期限的为空"`
	Duties     []DutyView `json:"duties" doc:"承担的职责"`
}

func viewStaff(m account.Staff) StaffView {
	v := StaffView{
		ID: m.ID, Username: m.Username, Name: m.Name, Area: m.Area, Disabled: m.Disabled, MustChange: m.MustChange,
		SecondFactor: m.SecondFactor, WeChat: m.WeChat, Posts: []termView{}, Version: m.Version, CreatedAt: m.CreatedAt,
	}
	for _, p := range m.Posts {
		v.Posts = append(v.Posts, termView{viewPost(p), p.Title, p.ValidFrom, p.ValidUntil.String(), views(m.Duties[p.ID], viewDuty)})
	}
	return v
}

type staffIn struct {
	Paging
	Username string `query:"username" maxLength:"256" doc:"只找这个用户名"`
}

func (s *Server) listStaff(ctx context.Context, in *staffIn) (*reply[list[StaffView]], error) {
	find := func(after string, limit int) ([]account.Staff, error) {
		return s.Accounts.StaffList(ctx, access.From(ctx), in.Username, after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(m account.Staff) string { return m.ID }, viewStaff)
}

type oneStaffIn struct {
	ID ID `path:"id"`
}

func (s *Server) readStaff(ctx context.Context, in *oneStaffIn) (*reply[StaffView], error) {
	m, err := s.Accounts.StaffMember(ctx, access.From(ctx), string(in.ID))
	if err != nil {
		return nil, err
	}
	return show(viewStaff(m)), nil
}

// givenPost is a post that is to be given.
type givenPost struct {
	Role       string     `json:"role" maxLength:"32" doc:"角色，如 clerk、officer"`
	Title      string     `json:"title" maxLength:"120" doc:"县里对这个岗位的叫法"`
	Office     ID         `json:"office" doc:"机构编号"`
	Area       string     `json:"area" pattern:"^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{14})$" patternDescription:"行政区划码" doc:"管哪里"`
	ValidFrom  clock.Date `json:"valid_from,omitempty" doc:"第一天；不写就是今天（调岗是前一个岗位结束的次日）"`
	ValidUntil clock.Date `json:"valid_until,omitempty" doc:"最后一天；不写就是没有期限"`
	Duties     []string   `json:"duties,omitempty" maxItems:"100" doc:"承担的职责，写代码"`
}

func (g givenPost) term() account.Term {
	return account.Term{
		Role: access.Role(g.Role), Title: g.Title, Office: string(g.Office), Area: access.Area(g.Area), From: g.ValidFrom, Until: g.ValidUntil,
		Duties: g.Duties,
	}
}

type newStaffIn struct {
	Body struct {
		Username string    `json:"username" maxLength:"256" doc:"2 到 32 个字母、数字或 . _ -；不分大小写和全角半角"`
		Name     string    `json:"name" maxLength:"120"`
		Post     givenPost `json:"post" doc:"第一个岗位"`
	}
}

// newStaffView tells the password once.
type newStaffView struct {
	StaffView
	Password string `json:"password" doc:"临时密码，只在这里说一次；本人第一次登录要改"`
}

func (v newStaffView) location() string { return "/staff/" + v.ID }

func viewNewStaff(m account.NewStaff) newStaffView {
	return newStaffView{viewStaff(m.Staff), m.Password}
}

func (s *Server) createStaff(ctx context.Context, in *newStaffIn) (*made[newStaffView], error) {
	b := in.Body
	return created(ctx, viewNewStaff, func(ctx context.Context) (account.NewStaff, error) {
		return s.Accounts.CreateStaff(ctx, access.From(ctx), account.Newcomer{Username: b.Username, Name: b.Name, Post: b.Post.term()})
	})
}

type whyIn struct {
	ID   ID `path:"id"`
	Body struct {
		Why string `json:"why" maxLength:"800" doc:"原因，会留痕"`
	}
}

// manage makes the handler of an act of an administrator upon an account.
func manage(do func(context.Context, access.Actor, string, string) (account.Staff, error)) func(context.Context, *whyIn) (*reply[StaffView], error) {
	return func(ctx context.Context, in *whyIn) (*reply[StaffView], error) {
		return answer(ctx, viewStaff, func(ctx context.Context) (account.Staff, error) {
			return do(ctx, access.From(ctx), string(in.ID), in.Body.Why)
		})
	}
}

// passwordView tells a temporary password once.
type passwordView struct {
	Password string `json:"password" doc:"临时密码，只在这里说一次；本人第一次登录要改"`
}

func viewPassword(p string) passwordView { return passwordView{p} }

func (s *Server) issuePassword(ctx context.Context, in *whyIn) (*reply[passwordView], error) {
	return answer(ctx, viewPassword, func(ctx context.Context) (string, error) {
		return s.Accounts.RenewPassword(ctx, access.From(ctx), string(in.ID), in.Body.Why)
	})
}

type givePostIn struct {
	ID   ID `path:"id"`
	Body struct {
		Post givenPost `json:"post"`
	}
}

func (s *Server) givePost(ctx context.Context, in *givePostIn) (*reply[StaffView], error) {
	return answer(ctx, viewStaff, func(ctx context.Context) (account.Staff, error) {
		return s.Accounts.GivePost(ctx, access.From(ctx), string(in.ID), in.Body.Post.term())
	})
}

type endPostIn struct {
	ID   ID `path:"id"`
	Body struct {
		LastDay clock.Date `json:"last_day,omitempty" doc:"最后一天；不写就是立刻结束"`
		Why     string     `json:"why" maxLength:"800" doc:"原因，会留痕"`
	}
}

func (s *Server) endPost(ctx context.Context, in *endPostIn) (*reply[StaffView], error) {
	return answer(ctx, viewStaff, func(ctx context.Context) (account.Staff, error) {
		return s.Accounts.EndPost(ctx, access.From(ctx), string(in.ID), account.Ending{Last: in.Body.LastDay, Why: in.Body.Why})
	})
}

type transferIn struct {
	ID   ID `path:"id"`
	Body struct {
		LastDay clock.Date `json:"last_day,omitempty" doc:"原岗位的最后一天；不写就是立刻结束"`
		Why     string     `json:"why" maxLength:"800" doc:"原因，会留痕"`
		Post    givenPost  `json:"post" doc:"新岗位"`
	}
}

func (s *Server) transferPost(ctx context.Context, in *transferIn) (*reply[StaffView], error) {
	return answer(ctx, viewStaff, func(ctx context.Context) (account.Staff, error) {
		ending := account.Ending{Last: in.Body.LastDay, Why: in.Body.Why}
		return s.Accounts.TransferPost(ctx, access.From(ctx), string(in.ID), ending, in.Body.Post.term())
	})
}
