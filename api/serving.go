package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
)

// servingView is whom the clerk serves at the counter in this session. Names are masked.
type servingView struct {
	Client string       `json:"client" doc:"正在接待的群众；没有在接待谁为空"`
	Name   string       `json:"name" doc:"遮住的姓名"`
	Since  *time.Time   `json:"since,omitempty" doc:"从什么时候起"`
	Former string       `json:"former" doc:"这一次换下来的是谁；没有换为空"`
	Parked []parkedView `json:"parked" doc:"换下来的群众还没有办完的事，等再接待他时接着办"`
}

type parkedView struct {
	Kind string `json:"kind" enum:"case,errand"`
	ID   string `json:"id" format:"uuid"`
	Text string `json:"text"`
}

func viewServing(s account.Serving) servingView {
	return servingView{s.Client, s.Name.String(), s.Since, s.Former, views(s.Parked, func(p account.Parked) parkedView { return parkedView(p) })}
}

// serveResident: from now on this session does only what concerns him.
func (s *Server) serveResident(ctx context.Context, in *residentIn) (*reply[servingView], error) {
	return answer(ctx, viewServing, func(ctx context.Context) (account.Serving, error) {
		return s.Accounts.Serve(ctx, access.From(ctx), string(in.ID))
	})
}

func (s *Server) stopServing(ctx context.Context, _ *noInput) (*reply[servingView], error) {
	return answer(ctx, viewServing, func(ctx context.Context) (account.Serving, error) {
		return s.Accounts.StopServing(ctx, access.From(ctx))
	})
}

func (s *Server) readServing(ctx context.Context, _ *noInput) (*reply[servingView], error) {
	now, err := s.Accounts.NowServing(ctx, access.From(ctx))
	if err != nil {
		return nil, err
	}
	return show(viewServing(now)), nil
}
