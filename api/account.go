package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"tongban/internal/access"
	"tongban/internal/account"
)

// tokensView answers a log-in, a renewal and a change of post.
type tokensView struct {
	AccessToken  string     `json:"access_token" doc:"放在 Authorization: Bearer 里"`
	RefreshToken string     `json:"refresh_token,omitempty" doc:"用一次换一次；只换岗时没有"`
	ExpiresIn    int        `json:"expires_in" doc:"access_token 还有几秒有效"`
	Person       SelfView   `json:"person"`
	Posts        []PostView `json:"posts" doc:"现在在任的岗位；群众没有"`
	Post         string     `json:"post" doc:"正在用的岗位；群众为空"`
	As           string     `json:"as,omitempty" enum:"resident,staff" doc:"微信登录才有：这次登录的身份"`
	Both         bool       `json:"both,omitzero" doc:"微信登录才有：这个微信既是群众又是工作人员，可以换一个身份登录"`
}

type SelfView struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name" doc:"群众没填过姓名时为空"`
}

type PostView struct {
	ID     string      `json:"id" format:"uuid"`
	Role   access.Role `json:"role"`
	Office string      `json:"office" doc:"机构编号"`
	Area   access.Area `json:"area" doc:"管哪里：县6位、乡镇9位、村12位、网格14位"`
}

func viewTokens(t account.Tokens) tokensView {
	v := tokensView{
		AccessToken: t.Access, RefreshToken: t.Refresh, ExpiresIn: int(t.ExpiresIn / time.Second),
		Person: SelfView{t.Person.ID, t.Person.Name}, Post: t.Post, As: t.As, Both: t.Both,
	}
	for _, p := range t.Posts {
		v.Posts = append(v.Posts, viewPost(p))
	}
	return v
}

func viewPost(p account.Post) PostView { return PostView{p.ID, p.Role, p.Office, p.Area} }

type passwordLoginIn struct {
	Body struct {
		Username string `json:"username" maxLength:"256"`
		Password string `json:"password" maxLength:"1024"`
		OTP      string `json:"otp,omitempty" maxLength:"16" doc:"手机上的六位动态口令，或一个备用码；没有绑定的不填"`
		Device   string `json:"device,omitempty" maxLength:"128" doc:"客户端自己保存的随机标识，别人猜密码时不会连累这台设备"`
	}
}

func (s *Server) loginPassword(ctx context.Context, in *passwordLoginIn) (*reply[tokensView], error) {
	return answer(ctx, viewTokens, func(ctx context.Context) (account.Tokens, error) {
		return s.Accounts.LoginPassword(ctx, in.Body.Username, in.Body.Password, in.Body.OTP, in.Body.Device)
	})
}

type wechatLoginIn struct {
	Body struct {
		Code   string `json:"code" minLength:"1" maxLength:"256" doc:"wx.login 得到的 code，只能用一次；登录没成要再取一个"`
		As     string `json:"as,omitempty" enum:"resident,staff" doc:"以什么身份登录；不写时是群众，只绑定过工作人员账号的微信是工作人员"`
		OTP    string `json:"otp,omitempty" maxLength:"16" doc:"工作人员绑定了动态口令的要填"`
		Device string `json:"device,omitempty" maxLength:"128"`
	}
}

func (s *Server) loginWeChat(ctx context.Context, in *wechatLoginIn) (*reply[tokensView], error) {
	return answer(ctx, viewTokens, func(ctx context.Context) (account.Tokens, error) {
		return s.Accounts.LoginWeChat(ctx, account.WeChatLogin{Code: in.Body.Code, As: in.Body.As, OTP: in.Body.OTP, Device: in.Body.Device})
	})
}

type refreshIn struct {
	Body struct {
		RefreshToken string `json:"refresh_token" maxLength:"512"`
		Device       string `json:"device,omitempty" maxLength:"128"`
	}
}

func (s *Server) refreshTokens(ctx context.Context, in *refreshIn) (*reply[tokensView], error) {
	return answer(ctx, viewTokens, func(ctx context.Context) (account.Tokens, error) {
		return s.Accounts.Refresh(ctx, in.Body.RefreshToken, in.Body.Device)
	})
}

type newPasswordIn struct {
	Body struct {
		Username string `json:"username" maxLength:"256"`
		Old      string `json:"old" maxLength:"1024"`
		New      string `json:"new" maxLength:"1024" doc:"至少12个字符"`
		OTP      string `json:"otp,omitempty" maxLength:"16" doc:"绑定了动态口令的要填"`
		Device   string `json:"device,omitempty" maxLength:"128"`
	}
}

// changePassword needs no token: it is also how somebody with a password given by the administrator gets in.
func (s *Server) changePassword(ctx context.Context, in *newPasswordIn) (*reply[tokensView], error) {
	return answer(ctx, viewTokens, func(ctx context.Context) (account.Tokens, error) {
		return s.Accounts.ChangePassword(ctx, in.Body.Username, in.Body.Old, in.Body.New, in.Body.OTP, in.Body.Device)
	})
}

type noInput struct{}

func (s *Server) logout(ctx context.Context, _ *noInput) error {
	return s.Accounts.Logout(ctx, access.From(ctx))
}

type switchPostIn struct {
	Body struct {
		Post ID `json:"post" doc:"自己的另一个岗位"`
	}
}

func (s *Server) switchPost(ctx context.Context, in *switchPostIn) (*reply[tokensView], error) {
	return answer(ctx, viewTokens, func(ctx context.Context) (account.Tokens, error) {
		return s.Accounts.SwitchPost(ctx, access.From(ctx), string(in.Body.Post))
	})
}

// meView is what somebody is told about himself.
type meView struct {
	SelfView
	Kind     string        `json:"kind" enum:"resident,staff"`
	Posts    []heldView    `json:"posts"`
	Post     string        `json:"post"`
	WeChat   bool          `json:"wechat" doc:"工作人员：绑定了微信；群众的写在 resident 里"`
	Resident *residentView `json:"resident,omitempty" doc:"只有群众有"`
}

// heldView is a post with what a person chooses it by.
type heldView struct {
	PostView
	RoleName string     `json:"role_name" doc:"角色的中文名"`
	Title    string     `json:"title" doc:"县里对这个岗位的叫法"`
	Duties   []DutyView `json:"duties" doc:"承担的职责"`
}

func viewMe(m account.Me) meView {
	v := meView{SelfView: SelfView{m.ID, m.Name}, Kind: "staff", Post: m.Post, WeChat: m.WeChat}
	for _, p := range m.Posts {
		v.Posts = append(v.Posts, heldView{viewPost(p), p.Role.Label(), p.Title, views(m.Duties[p.ID], viewDuty)})
	}
	if !m.Staff {
		about := viewResident(m.Resident)
		v.Kind, v.Resident = "resident", &about
	}
	return v
}

func (s *Server) readMe(ctx context.Context, _ *noInput) (*reply[meView], error) {
	me, err := s.Accounts.Me(ctx, access.From(ctx))
	if err != nil {
		return nil, err
	}
	return show(viewMe(me)), nil
}

// readKeys answers the public keys, by which others verify our tokens without asking us.
func (s *Server) readKeys(c *gin.Context) error {
	body, err := encode(s.Accounts.JWKS())
	if err != nil {
		return err
	}
	return writePublic(c, "application/json", body)
}

func documentKeys(op *huma.Operation, schemas huma.Registry) { gives[account.KeySet](op, schemas) }
