package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
)

// OrderIn is on whose authority a division changes.
type OrderIn struct {
	Day      clock.Date `json:"day" doc:"从哪天起；还没到的日子不行"`
	Document string     `json:"document" maxLength:"240" doc:"文号"`
}

func (o OrderIn) order() account.Order { return account.Order{Day: o.Day, Document: o.Document} }

type makeAreaIn struct {
	Body struct {
		OrderIn
		Code string `json:"code" pattern:"^([0-9]{9}|[0-9]{12}|[0-9]{14})$" patternDescription:"乡镇、村或网格的区划码"`
		Name string `json:"name" maxLength:"256"`
	}
}

// namedArea is an area with an address of its own.
type namedArea struct {
	Code      access.Area  `json:"code"`
	Name      string       `json:"name"`
	Level     access.Level `json:"level" enum:"county,town,village,grid"`
	Successor access.Area  `json:"successor" doc:"撤并或划转到了哪里；没有为空"`
}

func (v namedArea) location() string { return "/areas/" + string(v.Code) }

func viewNamed(a account.Area) namedArea {
	return namedArea{Code: a.Code, Name: a.Name, Level: a.Level}
}

func (s *Server) makeArea(ctx context.Context, in *makeAreaIn) (*made[namedArea], error) {
	return created(ctx, viewNamed, func(ctx context.Context) (account.Area, error) {
		return s.Accounts.MakeArea(ctx, access.From(ctx), access.Area(in.Body.Code), in.Body.Name, in.Body.order())
	})
}

type renameAreaIn struct {
	Code string `path:"code" maxLength:"14"`
	Body struct {
		OrderIn
		Name string `json:"name" maxLength:"256"`
	}
}

func (s *Server) renameArea(ctx context.Context, in *renameAreaIn) (*reply[namedArea], error) {
	return answer(ctx, viewNamed, func(ctx context.Context) (account.Area, error) {
		return s.Accounts.RenameArea(ctx, access.From(ctx), access.Area(in.Code), in.Body.Name, in.Body.order())
	})
}

type mergeAreaIn struct {
	Code string `path:"code" maxLength:"14"`
	Body struct {
		OrderIn
		Into string `json:"into" pattern:"^[0-9]{12}$" patternDescription:"12位村码" doc:"并入哪个村"`
	}
}

// mergeArea answers the village in which this one goes on.
func (s *Server) mergeArea(ctx context.Context, in *mergeAreaIn) (*reply[namedArea], error) {
	return answer(ctx, viewNamed, func(ctx context.Context) (account.Area, error) {
		return s.Accounts.MergeVillage(ctx, access.From(ctx), access.Area(in.Code), access.Area(in.Body.Into), in.Body.order())
	})
}

type moveAreaIn struct {
	Code string `path:"code" maxLength:"14"`
	Body struct {
		OrderIn
		To string `json:"to" pattern:"^[0-9]{12}$" patternDescription:"12位村码" doc:"在另一个乡镇下的新代码"`
	}
}

// moveArea answers the village under its new code.
func (s *Server) moveArea(ctx context.Context, in *moveAreaIn) (*reply[namedArea], error) {
	return answer(ctx, viewNamed, func(ctx context.Context) (account.Area, error) {
		return s.Accounts.MoveVillage(ctx, access.From(ctx), access.Area(in.Code), access.Area(in.Body.To), in.Body.order())
	})
}

type areaIn struct {
	Code string `path:"code" maxLength:"14"`
}

func (s *Server) readArea(ctx context.Context, in *areaIn) (*reply[namedArea], error) {
	a, err := s.Accounts.Area(ctx, access.Area(in.Code))
	if err != nil {
		return nil, err
	}
	v := viewNamed(a)
	to, err := s.Accounts.Successor(ctx, a.Code)
	if err != nil {
		return nil, err
	}
	if to != a.Code {
		v.Successor = to
	}
	return show(v), nil
}

// areaChangeView tells what happened, not who wrote it down: that stands in the trail.
type areaChangeView struct {
	Kind      string      `json:"kind" enum:"make,rename,merge,move" doc:"设立、更名、撤并、划转"`
	Old       access.Area `json:"old" doc:"新设立的为空"`
	New       access.Area `json:"new"`
	NameOld   string      `json:"name_old" doc:"更名以前的名称；别的为空"`
	Day       clock.Date  `json:"day" doc:"从哪天起"`
	Document  string      `json:"document" doc:"文号"`
	CreatedAt time.Time   `json:"created_at"`
}

func viewAreaChange(c account.AreaChange) areaChangeView {
	return areaChangeView{c.Kind, c.Old, c.New, c.Name, c.Day, c.Document, c.CreatedAt}
}

type areaHistoryIn struct {
	Paging
	Code string `path:"code" maxLength:"14"`
}

func (s *Server) listAreaHistory(ctx context.Context, in *areaHistoryIn) (*reply[list[areaChangeView]], error) {
	find := func(after string, limit int) ([]account.AreaChange, error) {
		return s.Accounts.AreaHistory(ctx, access.Area(in.Code), after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(c account.AreaChange) string { return c.ID }, viewAreaChange)
}
