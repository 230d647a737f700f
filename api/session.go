package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
)

// sessionView is one place where somebody is logged in.
type sessionView struct {
	ID      string    `json:"id" format:"uuid"`
	Begun   time.Time `json:"begun_at"`
	Seen    time.Time `json:"seen_at" doc:"最近一次用，不是每次都记"`
	Ends    time.Time `json:"ends_at" doc:"一直不用的话，到这时退出"`
	Device  bool      `json:"device" doc:"客户端报过设备标识"`
	Current bool      `json:"current" doc:"就是现在这一处"`
}

func viewSession(l account.LiveSession) sessionView {
	return sessionView{l.ID, l.Begun, l.Seen, l.Ends, l.Device, l.Current}
}

type sessionsIn struct{ Paging }

func (s *Server) listSessions(ctx context.Context, in *sessionsIn) (*reply[list[sessionView]], error) {
	all, err := s.Accounts.Sessions(ctx, access.From(ctx))
	if err != nil {
		return nil, err
	}
	id := func(l account.LiveSession) string { return l.ID }
	return paged(ctx, s, in.Paging, portion(all, id), id, viewSession)
}

type oneSessionIn struct {
	ID ID `path:"id"`
}

func (s *Server) endSession(ctx context.Context, in *oneSessionIn) error {
	return s.Accounts.EndSession(ctx, access.From(ctx), string(in.ID))
}

func (s *Server) endOtherSessions(ctx context.Context, _ *noInput) error {
	return s.Accounts.EndOtherSessions(ctx, access.From(ctx))
}

type beginTOTPIn struct {
	Body struct {
		Username string `json:"username" maxLength:"256"`
		Password string `json:"password" maxLength:"1024"`
		Device   string `json:"device,omitempty" maxLength:"128"`
	}
}

// enrolmentView tells the secret once.
type enrolmentView struct {
	Secret string `json:"secret" doc:"手工输入到口令程序里的密钥，只在这里说一次"`
	URL    string `json:"url" doc:"otpauth 地址，做成二维码给口令程序扫"`
}

func viewEnrolment(e account.Enrolment) enrolmentView { return enrolmentView(e) }

// beginTOTP needs no token: whose post demands a second factor gets none before he has it.
func (s *Server) beginTOTP(ctx context.Context, in *beginTOTPIn) (*reply[enrolmentView], error) {
	return answer(ctx, viewEnrolment, func(ctx context.Context) (account.Enrolment, error) {
		return s.Accounts.BeginTOTP(ctx, in.Body.Username, in.Body.Password, in.Body.Device)
	})
}

type confirmTOTPIn struct {
	Body struct {
		Username string `json:"username" maxLength:"256"`
		Password string `json:"password" maxLength:"1024"`
		OTP      string `json:"otp" maxLength:"16" doc:"口令程序现在显示的六位数字"`
		Device   string `json:"device,omitempty" maxLength:"128"`
	}
}

// enrolledView is a log-in, with the codes for a lost phone told once.
type enrolledView struct {
	Login         tokensView `json:"login" doc:"和密码登录的回答一样"`
	RecoveryCodes []string   `json:"recovery_codes" doc:"手机丢了时代替口令用，每个只能用一次；只在这里说一次"`
}

func viewEnrolled(e account.Enrolled) enrolledView {
	return enrolledView{viewTokens(e.Tokens), e.Recovery}
}

func (s *Server) confirmTOTP(ctx context.Context, in *confirmTOTPIn) (*reply[enrolledView], error) {
	return answer(ctx, viewEnrolled, func(ctx context.Context) (account.Enrolled, error) {
		return s.Accounts.ConfirmTOTP(ctx, in.Body.Username, in.Body.Password, in.Body.OTP, in.Body.Device)
	})
}
