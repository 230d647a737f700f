package api

import (
	"context"
	"fmt"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/errand"
	"tongban/internal/fault"
)

// firstOf is the first day of a month written 2026-11.
func firstOf(field, month string) (clock.Date, error) {
	day, err := clock.ParseDate(month + "-01")
	if err != nil {
		return day, fault.Wrong(field, "月份写成 2026-11")
	}
	return day, nil
}

type exportErrandsIn struct {
	Body struct {
		Month string      `json:"month" pattern:"^20[0-9]{2}-(0[1-9]|1[0-2])$" doc:"登记的月份，如 2026-11"`
		Area  access.Area `json:"area,omitempty" maxLength:"14" doc:"乡镇或村；不写就是您管的全部"`
		Names string      `json:"names,omitempty" enum:"masked,full" doc:"姓名只写姓（masked，不写就是它），或写全名（full，只有本村的村办事员，要写理由）"`
		Cause string      `json:"cause,omitempty" enum:"contact,file,verify,correct" doc:"写全名时：联系本人、代填申请、核对身份、核对登记"`
		Note  string      `json:"note,omitempty" maxLength:"400" doc:"写全名时的理由，会留痕；不要写电话、证件号码"`
	}
}

func (s *Server) exportErrands(ctx context.Context, in *exportErrandsIn) (book, error) {
	b := in.Body
	month, err := firstOf("body.month", b.Month)
	if err != nil {
		return book{}, err
	}
	order := errand.LedgerOrder{Month: month, Area: b.Area}
	if b.Names == "full" {
		order.Names = &account.Look{Fields: []string{"name"}, Cause: account.Cause(b.Cause), Note: b.Note}
	}
	l, err := s.Errands.Ledger(ctx, access.From(ctx), order)
	if err != nil {
		return book{}, err
	}
	return book{fmt.Sprintf("%s代办台账%s", l.AreaName, b.Month), l.Pages()}, nil
}

// figureView is what the errands of an office, a village or a month add up to: registered = stopped + open + decided.
type figureView struct {
	Key        string      `json:"key" doc:"机构编号（还没有报送为空）、村的区划代码，或月份"`
	Name       string      `json:"name"`
	Registered int         `json:"registered" doc:"登记"`
	Stopped    int         `json:"stopped" doc:"没有结果就终止或撤销的，不算在率里"`
	Open       int         `json:"open" doc:"在办，不算在率里"`
	Decided    int         `json:"decided" doc:"办结"`
	AtOnce     int         `json:"at_once" doc:"办结的里面，没有要求补正过的"`
	Rate       *float64    `json:"rate,omitempty" doc:"一次提交通过率 = at_once / decided；没有办结的没有这一项"`
	Workdays   *spreadView `json:"workdays,omitempty" doc:"从报送到办结用了几个工作日；当天为 0"`
	Minutes    *spreadView `json:"minutes,omitempty" doc:"从报送到办结用了多少分钟，不扣夜里和节假日"`
}

// spreadView is how long people waited.
type spreadView struct {
	Median int `json:"median" doc:"一半不超过"`
	P90    int `json:"p90" doc:"九成不超过"`
}

func viewSpread(s *errand.Spread) *spreadView {
	if s == nil {
		return nil
	}
	return &spreadView{s.Median, s.P90}
}

func viewFigure(f errand.Figure) figureView {
	v := figureView{
		Key: f.Key, Name: f.Name, Registered: f.Registered, Stopped: f.Stopped, Open: f.Open, Decided: f.Decided, AtOnce: f.AtOnce,
		Workdays: viewSpread(f.Workdays), Minutes: viewSpread(f.Minutes),
	}
	if f.Decided > 0 {
		rate := float64(f.AtOnce) / float64(f.Decided)
		v.Rate = &rate
	}
	return v
}

type figuresView struct {
	Items []figureView `json:"items"`
}

type countErrandsIn struct {
	From    string      `query:"from" required:"true" pattern:"^20[0-9]{2}-(0[1-9]|1[0-2])$" doc:"从哪个月登记的，如 2026-10"`
	Through string      `query:"through" required:"true" pattern:"^20[0-9]{2}-(0[1-9]|1[0-2])$" doc:"到哪个月；最多 12 个月"`
	By      string      `query:"by" required:"true" enum:"office,village,month" doc:"按受理单位、村或月份"`
	Area    access.Area `query:"area" maxLength:"14" doc:"乡镇或村；不写就是您管的全部"`
}

func (s *Server) countErrands(ctx context.Context, in *countErrandsIn) (*reply[figuresView], error) {
	from, err := firstOf("query.from", in.From)
	if err != nil {
		return nil, err
	}
	through, err := firstOf("query.through", in.Through)
	if err != nil {
		return nil, err
	}
	list, err := s.Errands.Figures(ctx, access.From(ctx), errand.FiguresOrder{From: from, Through: through, Area: in.Area, By: in.By})
	if err != nil {
		return nil, err
	}
	return show(figuresView{views(list, viewFigure)}), nil
}
