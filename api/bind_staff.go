package api

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/account"
)

// makeStaffCode answers a code that the administrator reads to the member of the staff; it is told once.
func (s *Server) makeStaffCode(ctx context.Context, in *oneStaffIn) (*reply[bindCodeView], error) {
	return answer(ctx, viewBindCode, func(ctx context.Context) (account.BindCode, error) {
		return s.Accounts.MakeStaffCode(ctx, access.From(ctx), string(in.ID))
	})
}

type bindStaffIn struct {
	Body struct {
		Code     string `json:"code" minLength:"1" maxLength:"256" doc:"wx.login 得到的 code，只能用一次"`
		BindCode string `json:"bind_code" minLength:"1" maxLength:"64" doc:"管理员给的8位绑定码，大小写和横线不要紧"`
		Device   string `json:"device,omitempty" maxLength:"128"`
	}
}

// boundStaffView answers the right code.
type boundStaffView struct {
	Username   string `json:"username" doc:"绑定的是这个账号；以后微信登录时写 as: staff"`
	MustChange bool   `json:"must_change" doc:"用的还是临时密码：先改密码，才能用微信登录"`
}

func viewBoundStaff(b account.BoundStaff) boundStaffView { return boundStaffView(b) }

// bindStaff needs no token: who has none yet gets in by it.
func (s *Server) bindStaff(ctx context.Context, in *bindStaffIn) (*reply[boundStaffView], error) {
	return answer(ctx, viewBoundStaff, func(ctx context.Context) (account.BoundStaff, error) {
		return s.Accounts.BindStaff(ctx, in.Body.Code, in.Body.BindCode, in.Body.Device, addressOf(ctx))
	})
}

func (s *Server) unbindMyWeChat(ctx context.Context, _ *noInput) error {
	return s.Accounts.UnbindMyWeChat(ctx, access.From(ctx))
}
