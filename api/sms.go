package api

import (
	"context"
	"time"

	"tongban/internal/account"
)

type smsCodeIn struct {
	Body struct {
		Phone string `json:"phone" maxLength:"40" doc:"手机号"`
	}
}

// smsCodeView says the same for every phone.
type smsCodeView struct {
	ExpiresIn int `json:"expires_in" doc:"验证码几秒内有效"`
}

func (s *Server) sendSMSCode(ctx context.Context, in *smsCodeIn) (*reply[smsCodeView], error) {
	if err := s.Accounts.SendSMSCode(ctx, in.Body.Phone, addressOf(ctx)); err != nil {
		return nil, err
	}
	return show(smsCodeView{int(account.SMSLife / time.Second)}), nil
}

type smsLoginIn struct {
	Body struct {
		Phone  string `json:"phone" maxLength:"40"`
		Code   string `json:"code" pattern:"^[0-9]{6}$" patternDescription:"6位数字" doc:"短信里的验证码"`
		Device string `json:"device,omitempty" maxLength:"128"`
	}
}

// smsLoginView has tokens, or asks who of those with this phone he is.
type smsLoginView struct {
	Tokens *tokensView `json:"tokens,omitempty"`
	Choice string      `json:"choice,omitempty" doc:"这个手机号有几位群众：凭它选一位，5分钟内有效，只能用一次"`
	People []SelfView  `json:"people,omitempty" doc:"姓名只露第一个字"`
}

func viewSMSLogin(l account.SMSLogin) smsLoginView {
	if l.Choice == "" {
		tokens := viewTokens(l.Tokens)
		return smsLoginView{Tokens: &tokens}
	}
	v := smsLoginView{Choice: l.Choice}
	for _, p := range l.People {
		v.People = append(v.People, SelfView{p.ID, p.Name})
	}
	return v
}

func (s *Server) loginSMS(ctx context.Context, in *smsLoginIn) (*reply[smsLoginView], error) {
	return answer(ctx, viewSMSLogin, func(ctx context.Context) (account.SMSLogin, error) {
		return s.Accounts.LoginSMS(ctx, in.Body.Phone, in.Body.Code, in.Body.Device)
	})
}

type smsChoiceIn struct {
	Body struct {
		Choice string `json:"choice" minLength:"1" maxLength:"64"`
		Person ID     `json:"person" doc:"选的是哪一位"`
		Device string `json:"device,omitempty" maxLength:"128"`
	}
}

func (s *Server) chooseSMS(ctx context.Context, in *smsChoiceIn) (*reply[tokensView], error) {
	return answer(ctx, viewTokens, func(ctx context.Context) (account.Tokens, error) {
		return s.Accounts.ChooseSMS(ctx, in.Body.Choice, string(in.Body.Person), in.Body.Device)
	})
}
