package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
)

// provenView answers the proof of a phone.
type provenView struct {
	Resident residentView `json:"resident"`
	MayBind  bool         `json:"may_bind" doc:"村里登记过用这个手机号、还没有微信的群众，可能就是本人：可以用姓名和村接上"`
}

func viewProven(p account.Proven) provenView { return provenView{viewResident(p.Resident), p.MayBind} }

type provePhoneIn struct {
	Body struct {
		Code string `json:"code" minLength:"1" maxLength:"256" doc:"手机号按钮（getPhoneNumber）给的 code，只能用一次"`
	}
}

func (s *Server) provePhone(ctx context.Context, in *provePhoneIn) (*reply[provenView], error) {
	return answer(ctx, viewProven, func(ctx context.Context) (account.Proven, error) {
		return s.Accounts.ProvePhone(ctx, access.From(ctx), in.Body.Code)
	})
}

type bindIn struct {
	Body struct {
		BindCode string `json:"bind_code" minLength:"1" maxLength:"64" doc:"村办事员给的8位绑定码，大小写和横线不要紧"`
	}
}

// bindMe ends the session: the next log-in by the same WeChat is the resident whom the clerk registered.
func (s *Server) bindMe(ctx context.Context, in *bindIn) (*reply[residentView], error) {
	return answer(ctx, viewResident, func(ctx context.Context) (account.Resident, error) {
		return s.Accounts.BindByCode(ctx, access.From(ctx), in.Body.BindCode, addressOf(ctx))
	})
}

type bindByPhoneIn struct {
	Body struct {
		Name    string `json:"name" maxLength:"120" doc:"和村里登记的一样"`
		Village string `json:"village" pattern:"^[0-9]{12}$" patternDescription:"12位村码"`
	}
}

func (s *Server) bindMeByPhone(ctx context.Context, in *bindByPhoneIn) (*reply[residentView], error) {
	return answer(ctx, viewResident, func(ctx context.Context) (account.Resident, error) {
		return s.Accounts.BindByPhone(ctx, access.From(ctx), in.Body.Name, access.Area(in.Body.Village), addressOf(ctx))
	})
}

// bindCodeView is printed for the resident, and told once.
type bindCodeView struct {
	BindCode  string    `json:"bind_code" doc:"打印给本人，只能用一次"`
	ExpiresAt time.Time `json:"expires_at"`
}

func viewBindCode(c account.BindCode) bindCodeView { return bindCodeView{c.Code, c.ExpiresAt} }

func (s *Server) makeBindCode(ctx context.Context, in *residentIn) (*reply[bindCodeView], error) {
	return answer(ctx, viewBindCode, func(ctx context.Context) (account.BindCode, error) {
		return s.Accounts.MakeBindCode(ctx, access.From(ctx), string(in.ID))
	})
}
