package api

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/account"
)

type importStaffIn struct {
	DryRun bool `query:"dry_run" default:"true" doc:"true（不写也是）只说会怎样，什么都不改；false 才办，有一行不能办就一行也不办"`
}

// importView is what happened, or would happen, line by line.
type importView struct {
	DryRun    bool             `json:"dry_run"`
	Created   int              `json:"created" doc:"新开的账号"`
	Given     int              `json:"given" doc:"给已有账号加的岗位"`
	Unchanged int              `json:"unchanged" doc:"本来就是这样"`
	Refused   int              `json:"refused" doc:"不能办的行"`
	Lines     []importLineView `json:"lines"`
}

type importLineView struct {
	Line     int    `json:"line" doc:"第几行，列名是第 1 行"`
	Username string `json:"username" doc:"认出的用户名；认不出为空"`
	Outcome  string `json:"outcome" enum:"created,given,unchanged,refused"`
	Reason   string `json:"reason,omitempty" doc:"为什么不能办"`
	ID       string `json:"id,omitempty" doc:"账号编号；还没有开的没有"`
	Password string `json:"password,omitempty" doc:"临时密码，只在这里说一次；本人第一次登录要改"`
}

func viewImport(i account.Import) importView {
	return importView{
		DryRun: i.DryRun, Created: i.Count(account.LineCreated), Given: i.Count(account.LineGiven),
		Unchanged: i.Count(account.LineUnchanged), Refused: i.Count(account.LineRefused),
		Lines: views(i.Lines, func(l account.ImportLine) importLineView {
			return importLineView{l.Line, l.Username, string(l.Outcome), l.Reason, l.Person, l.Password}
		}),
	}
}

func (s *Server) importStaff(ctx context.Context, in *importStaffIn, file []byte) (*reply[importView], error) {
	return answer(ctx, viewImport, func(ctx context.Context) (account.Import, error) {
		return s.Accounts.ImportStaff(ctx, access.From(ctx), file, in.DryRun)
	})
}
