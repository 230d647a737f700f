package api

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/account"
)

type areaView struct {
	Code  access.Area  `json:"code" doc:"县6位、乡镇9位、村12位、网格14位"`
	Name  string       `json:"name"`
	Level access.Level `json:"level" enum:"county,town,village,grid"`
}

func viewArea(a account.Area) areaView { return areaView{a.Code, a.Name, a.Level} }

type areasIn struct {
	Paging
	Parent string `query:"parent" pattern:"^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{14})$" patternDescription:"行政区划码" doc:"里面有哪些；不写就是县"`
}

func (s *Server) listAreas(ctx context.Context, in *areasIn) (*reply[list[areaView]], error) {
	all, err := s.Accounts.Areas(ctx, access.Area(in.Parent))
	if err != nil {
		return nil, err
	}
	code := func(a account.Area) string { return string(a.Code) }
	return paged(ctx, s, in.Paging, portion(all, code), code, viewArea)
}

type officeView struct {
	ID      string             `json:"id" format:"uuid"`
	Name    string             `json:"name"`
	Kind    account.OfficeKind `json:"kind" enum:"county_hall,township_centre,village_station,department,police_station"`
	Area    access.Area        `json:"area"`
	Address string             `json:"address"`
	Hours   string             `json:"hours"`
	Phone   string             `json:"phone"`
}

func viewOffice(o account.Office) officeView {
	return officeView{o.ID, o.Name, o.Kind, o.Area, o.Address, o.Hours, o.Phone}
}

type officesIn struct {
	Paging
	Area string `query:"area" required:"true" pattern:"^([0-9]{6}|[0-9]{9}|[0-9]{12})$" patternDescription:"县、乡镇或村的区划码" doc:"这里和下面的机构"`
	Kind string `query:"kind" enum:"county_hall,township_centre,village_station,department,police_station"`
}

func (s *Server) listOffices(ctx context.Context, in *officesIn) (*reply[list[officeView]], error) {
	var kinds []account.OfficeKind
	if in.Kind != "" {
		kinds = append(kinds, account.OfficeKind(in.Kind))
	}
	all, err := s.Accounts.Offices(ctx, access.Area(in.Area), kinds...)
	if err != nil {
		return nil, err
	}
	id := func(o account.Office) string { return o.ID }
	return paged(ctx, s, in.Paging, portion(all, id), id, viewOffice)
}
