package api

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/retention"
)

// retentionView is a rule of how long something is kept, and how much is over it.
type retentionView struct {
	Code      string     `json:"code" doc:"类别，例如 notice.made"`
	Text      string     `json:"text"`
	Keep      string     `json:"keep" doc:"保存多久：180d 天、6m 月、3y 年，forever 永久"`
	Since     string     `json:"since" enum:"made,over,used,done,concluded"`
	SinceText string     `json:"since_text" doc:"从什么时候算起"`
	Do        string     `json:"do" enum:"delete,clear" doc:"到期后：delete 删除，clear 只清除个人信息"`
	Basis     string     `json:"basis" doc:"依据"`
	Least     string     `json:"least" doc:"最短保存多久"`
	LeastWhy  string     `json:"least_why" doc:"为什么不能更短"`
	Due       int64      `json:"due" doc:"现在已经到期的条数"`
	Oldest    clock.Date `json:"oldest,omitzero" doc:"到期的里最早的一条是哪天的；没有到期的为空"`
}

func viewRetention(s retention.Standing) retentionView {
	least, why := retention.Least(s.Code)
	v := retentionView{
		Code: s.Code, Text: s.Text, Keep: s.Keep.String(), Since: s.Since, SinceText: s.SinceText, Do: s.Do, Basis: s.Basis,
		Least: least.String(), LeastWhy: why, Due: s.Due,
	}
	if s.Oldest != nil {
		v.Oldest = clock.DateOf(*s.Oldest)
	}
	return v
}

type retentionIn struct{ Paging }

func (s *Server) listRetention(ctx context.Context, in *retentionIn) (*reply[list[retentionView]], error) {
	all, err := s.Retention.Rules(ctx, access.From(ctx))
	if err != nil {
		return nil, err
	}
	code := func(s retention.Standing) string { return s.Code }
	return paged(ctx, s, in.Paging, portion(all, code), code, viewRetention)
}
