package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
)

// namedOffice is an office with an address of its own. It may have ended: what names it is still understood.
type namedOffice struct {
	ID       string             `json:"id" format:"uuid"`
	Code     string             `json:"code" doc:"县里文件用的代码"`
	Name     string             `json:"name"`
	Kind     account.OfficeKind `json:"kind" enum:"county_hall,township_centre,village_station,department,police_station"`
	Area     access.Area        `json:"area"`
	Address  string             `json:"address"`
	Hours    string             `json:"hours"`
	Phone    string             `json:"phone"`
	ClosedOn clock.Date         `json:"closed_on,omitzero" doc:"从哪天起撤销；没有撤销的没有这一项"`
}

func (v namedOffice) location() string { return "/offices/" + v.ID }

func viewNamedOffice(o account.Office) namedOffice {
	return namedOffice{ID: o.ID, Code: o.Code, Name: o.Name, Kind: o.Kind, Area: o.Area, Address: o.Address, Hours: o.Hours, Phone: o.Phone}
}

// OfficeIn is what can be said of an office.
type OfficeIn struct {
	OrderIn
	Name    string             `json:"name" maxLength:"256"`
	Kind    account.OfficeKind `json:"kind" enum:"county_hall,township_centre,village_station,department,police_station"`
	Address string             `json:"address,omitempty" maxLength:"480"`
	Hours   string             `json:"hours,omitempty" maxLength:"480" doc:"办公时间"`
	Phone   string             `json:"phone,omitempty" maxLength:"128"`
}

func (o OfficeIn) asked() account.OfficeAsked {
	return account.OfficeAsked{Name: o.Name, Kind: o.Kind, Address: o.Address, Hours: o.Hours, Phone: o.Phone}
}

type makeOfficeIn struct {
	Body struct {
		OfficeIn
		Code string `json:"code" maxLength:"32" doc:"小写字母、数字和 -，例如 xinglin-station"`
		Area string `json:"area" pattern:"^([0-9]{6}|[0-9]{9}|[0-9]{12})$" patternDescription:"县、乡镇或村的区划码"`
	}
}

func (s *Server) makeOffice(ctx context.Context, in *makeOfficeIn) (*made[namedOffice], error) {
	asked := in.Body.asked()
	asked.Code, asked.Area = in.Body.Code, access.Area(in.Body.Area)
	return created(ctx, viewNamedOffice, func(ctx context.Context) (account.Office, error) {
		return s.Accounts.MakeOffice(ctx, access.From(ctx), asked, in.Body.order())
	})
}

type changeOfficeIn struct {
	ID   ID `path:"id"`
	Body OfficeIn
}

// changeOffice replaces what can be said of it: what is left out is empty afterwards.
func (s *Server) changeOffice(ctx context.Context, in *changeOfficeIn) (*reply[namedOffice], error) {
	return answer(ctx, viewNamedOffice, func(ctx context.Context) (account.Office, error) {
		return s.Accounts.ChangeOffice(ctx, access.From(ctx), string(in.ID), in.Body.asked(), in.Body.order())
	})
}

type closeOfficeIn struct {
	ID   ID `path:"id"`
	Body OrderIn
}

func (s *Server) closeOffice(ctx context.Context, in *closeOfficeIn) (*reply[namedOffice], error) {
	return answer(ctx, viewNamedOffice, func(ctx context.Context) (account.Office, error) {
		return s.Accounts.CloseOffice(ctx, access.From(ctx), string(in.ID), in.Body.order())
	})
}

type officeIn struct {
	ID ID `path:"id"`
}

func (s *Server) readOffice(ctx context.Context, in *officeIn) (*reply[namedOffice], error) {
	o, err := s.Accounts.Office(ctx, string(in.ID))
	if err != nil {
		return nil, err
	}
	v := viewNamedOffice(o)
	if v.ClosedOn, err = s.Accounts.OfficeClosedOn(ctx, o.ID); err != nil {
		return nil, err
	}
	return show(v), nil
}

// officeChangeView tells what happened, not who wrote it down: that stands in the trail.
type officeChangeView struct {
	Kind       string             `json:"kind" enum:"make,change,close" doc:"设立、变更、撤销"`
	Name       string             `json:"name" doc:"变更以前的，下同；新设立的是设立时的"`
	OfficeKind account.OfficeKind `json:"office_kind" enum:"county_hall,township_centre,village_station,department,police_station"`
	Address    string             `json:"address"`
	Hours      string             `json:"hours"`
	Phone      string             `json:"phone"`
	Day        clock.Date         `json:"day" doc:"从哪天起"`
	Document   string             `json:"document" doc:"文号"`
	CreatedAt  time.Time          `json:"created_at"`
}

func viewOfficeChange(c account.OfficeChange) officeChangeView {
	return officeChangeView{c.Kind, c.Name, c.OfficeKind, c.Address, c.Hours, c.Phone, c.Day, c.Document, c.CreatedAt}
}

type officeHistoryIn struct {
	Paging
	ID ID `path:"id"`
}

func (s *Server) listOfficeHistory(ctx context.Context, in *officeHistoryIn) (*reply[list[officeChangeView]], error) {
	find := func(after string, limit int) ([]account.OfficeChange, error) {
		return s.Accounts.OfficeHistory(ctx, string(in.ID), after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(c account.OfficeChange) string { return c.ID }, viewOfficeChange)
}
